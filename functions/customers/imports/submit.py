"""Submission of rows: few rows are written immediately, more rows are accepted as an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import BaseModel, Field

from common.errors import FieldError, Invalid

from ..commands.record_activities import PendingActivity
from ..commands.upsert import PendingRow, UpsertResult
from ..formats.json_rows import ParsedRow
from ..model.customer import CustomerInput, TagChange
from .consent_answer import with_answer
from .jobs import ImportJobs, ImportSpec
from .row_validation import RowOutcome, validate_activities, validate_customers
from .upload import Upload

MAX_IMMEDIATE_ROWS = 500
"""More rows than this are processed in the background."""


class FieldErrorResponse(BaseModel):
    """What is wrong with one field."""

    field: str
    code: str
    message: str
    value: str | None = Field(default=None, description="what was there, of a cell that was left out")

    @classmethod
    def from_errors(cls, errors: Sequence[FieldError]) -> list[FieldErrorResponse]:
        return [cls(field=error.field, code=error.code, message=error.message, value=error.value) for error in errors]


class RowResult(BaseModel):
    """The result for one row."""

    row: int = Field(description="from 1; of a table, the number that a spreadsheet shows beside the row")
    status: str
    id: str | None = Field(description="the customer's id")
    errors: list[FieldErrorResponse]
    warnings: list[FieldErrorResponse] = Field(default=[], description="cells of a table that were left out, and why")


class ImportResponse(BaseModel):
    """The result for each row, and the number of rows per status."""

    results: list[RowResult] = Field(description="empty if the rows were accepted as an import")
    accepted: int = 0
    rejected: int = 0
    import_id: str | None = Field(
        default=None, description="the import that processes the rows: /api/imports/{import_id}"
    )
    columns: dict[str, str] = Field(default={}, description="for a CSV: the field of each column")


class UpsertCustomersResponse(ImportResponse):
    """The response for a body of customers."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


class RecordActivitiesResponse(ImportResponse):
    """The response for a body of activities."""

    counted: int = 0
    duplicate: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSubmission:
    """Writes a request's rows immediately, or hands them to an import."""

    import_jobs: ImportJobs

    async def submit(
        self,
        spec: ImportSpec,
        upload: Upload,
        *,
        background: bool,
        import_id: str | None = None,
        logged_by: str | None = None,
    ) -> UpsertCustomersResponse | RecordActivitiesResponse:
        """Submit the rows of the upload, as the import `import_id` if they are many.

        Rows that are written immediately are in the audit log if they are `logged_by` somebody.

        Raises `Invalid` if the body has no rows or cannot be read, and for a single object that is not valid.
        """
        model = UpsertCustomersResponse if spec.what == "customers" else RecordActivitiesResponse
        first = await upload.read_rows(MAX_IMMEDIATE_ROWS + 1)
        if not first:
            empty = FieldError(field="body", code="empty", message="Send at least one row.")
            raise Invalid("The body has no rows.", fields=[empty])
        if background or len(first) > MAX_IMMEDIATE_ROWS:
            import_id, rows = await self.import_jobs.accept(spec, first, upload, import_id=import_id)
            return model(results=[], accepted=rows, import_id=import_id, columns=upload.columns)
        results = await self._results(spec, first, logged_by)
        if upload.is_single_object and results[0].errors:
            raise Invalid("The row is not valid.", fields=results[0].errors)
        counts = Counter(result.status for result in results)
        row_results = [asdict(result) for result in results]
        return model.model_validate({"results": row_results, "columns": upload.columns, **counts})

    async def _results(self, spec: ImportSpec, rows: Sequence[ParsedRow], logged_by: str | None) -> list[RowOutcome]:
        """Write the rows, or only compute their results in a dry run."""
        if spec.what == "customers":
            customers, finish = validate_customers(rows, zone=self.import_jobs.zone)
            return finish(await self._upsert(spec, with_answer(customers, asdict(spec)), logged_by))
        recorder = self.import_jobs.activity_recorder
        activities, finish_activities = validate_activities(rows, zone=self.import_jobs.zone)
        rules = spec.on_unknown_customer, spec.on_several_customers
        if spec.dry_run:
            counted, _ = await recorder.build_commit([PendingActivity(one, *rules) for one in activities], 1)
            return finish_activities(counted)
        return finish_activities(
            await recorder.record(
                activities, on_unknown_customer=rules[0], on_several_customers=rules[1], logged_by=logged_by
            )
        )

    async def _upsert(
        self, spec: ImportSpec, rows: Sequence[CustomerInput], logged_by: str | None
    ) -> Sequence[UpsertResult]:
        upserts, rule = self.import_jobs.customer_upserts, spec.on_several_customers
        tags = TagChange(mode=spec.tags, tag=spec.tag)
        if spec.dry_run:
            return (await upserts.build_commit([PendingRow(row, rule, tags) for row in rows], 1))[0]
        return await upserts.upsert(rows, on_several_customers=rule, tags=tags, logged_by=logged_by)
