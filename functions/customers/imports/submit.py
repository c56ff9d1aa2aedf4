"""Intake: what one request brings is written at once where it is little, and accepted as an import where it is much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import BaseModel, Field

from common.errors import FieldError, Invalid

from ..commands.record_activities import Arrival
from ..formats.json_rows import Given
from .jobs import Imports, Order
from .row_validation import Result, checked_activities, checked_customers
from .upload import Upload

MOST_AT_ONCE = 500
"""More rows than this are worked off in the background."""


class FieldProblem(BaseModel):
    field: str
    code: str
    message: str

    @classmethod
    def of(cls, errors: Sequence[FieldError]) -> list[FieldProblem]:
        return [cls(field=one.field, code=one.code, message=one.message) for one in errors]


class RowAnswer(BaseModel):
    row: int
    status: str
    id: str | None = Field(description="the customer's")
    errors: list[FieldProblem]


class Answer(BaseModel):
    """What became of each row, and how many of each there are."""

    results: list[RowAnswer] = Field(description="empty where the rows were accepted as an import")
    accepted: int = 0
    rejected: int = 0
    import_id: str | None = Field(default=None, description="where the rows are worked off: /api/imports/{import_id}")
    columns: dict[str, str] = Field(default={}, description="of a table: which field each column was taken for")


class CustomersAnswer(Answer):
    created: int = 0
    updated: int = 0
    unchanged: int = 0


class ActivitiesAnswer(Answer):
    counted: int = 0
    duplicate: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    imports: Imports

    async def take(self, order: Order, upload: Upload, *, background: bool) -> CustomersAnswer | ActivitiesAnswer:
        """Raises `Invalid` for what is not rows at all, and for a single object that is not right."""
        model = CustomersAnswer if order.what == "customers" else ActivitiesAnswer
        first = await upload.take(MOST_AT_ONCE + 1)
        if not first:
            empty = FieldError(field="body", code="empty", message="Send at least one row.")
            raise Invalid("There is nothing in the body.", fields=[empty])
        if background or len(first) > MOST_AT_ONCE:
            import_id, rows = await self.imports.accept(order, first, upload)
            return model(results=[], accepted=rows, import_id=import_id, columns=upload.columns)
        results = await self._results(order, first)
        if upload.single and results[0].errors:
            raise Invalid("The row is not valid.", fields=results[0].errors)
        counts = Counter(one.status for one in results)
        answers = [asdict(one) for one in results]
        return model.model_validate({"results": answers, "columns": upload.columns, **counts})

    async def _results(self, order: Order, rows: Sequence[Given]) -> list[Result]:
        if order.what == "customers":
            ingestion = self.imports.ingestion
            customers, finish = checked_customers(rows)
            written = (await ingestion.plan(customers, 1))[0] if order.dry_run else await ingestion.upsert(customers)
            return finish(written)
        counting = self.imports.activities
        activities, finish_activities = checked_activities(rows)
        if order.dry_run:
            counted, _ = await counting.plan([Arrival(one, order.unknown) for one in activities], 1)
            return finish_activities(counted)
        return finish_activities(await counting.record(activities, unknown=order.unknown))
