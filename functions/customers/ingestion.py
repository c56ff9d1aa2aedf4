"""Customers into the database: many in one commit, with the change that keeps the audience index in step."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError

from common.audience import change, row_of
from common.documents import Create, Documents, Update, Write
from common.errors import Conflict, Exists, FieldError, Invalid, Unavailable
from common.events import CustomersReceived, field_errors

from .customer import CustomerIn, merged

Status = Literal["created", "updated", "unchanged", "accepted", "rejected"]
MOST_ROWS = 400  # in one commit
MOST_BYTES = 1_500_000  # in one commit, as JSON; stored, and once more in the change, it stays well under 4 MiB
ATTEMPTS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class RowResult:
    """What became of one row."""

    row: int  # from 1
    status: Status
    id: str | None = None
    errors: tuple[FieldError, ...] = ()


Checked = CustomerIn | tuple[FieldError, ...]


def check(row: Any) -> Checked:
    """A row as a customer, or what is wrong with it."""
    try:
        return CustomerIn.model_validate(row)
    except ValidationError as error:
        return tuple(field_errors(error))


class Ingestion:
    def __init__(self, documents: Documents, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._documents = documents
        self._clock = clock

    async def receive(self, event: CustomersReceived) -> None:
        """A chunk of a large import. Its rows were checked when they came in."""
        rows = [check(row) for row in event.rows]
        wrong = [row for row in rows if not isinstance(row, CustomerIn)]
        if wrong:
            raise Invalid("The import holds rows that are not valid.", fields=wrong[0])
        await self.upsert([row for row in rows if isinstance(row, CustomerIn)])

    async def upsert(self, rows: Sequence[CustomerIn]) -> list[Status]:
        """What became of each row, in their order. Rows for the same person are merged in order."""
        statuses: list[Status] = []
        for chunk in _chunks(rows):
            statuses += await self._upsert_chunk(chunk)
        return statuses

    async def _upsert_chunk(self, rows: Sequence[CustomerIn]) -> list[Status]:
        """Each customer is written over the version that was read; where somebody was faster, all is read again."""
        for attempt in range(ATTEMPTS):
            statuses, writes = await self._plan(rows)
            try:
                await self._documents.commit(writes)
            except (Exists, Conflict):
                await asyncio.sleep(random.uniform(0, 0.05 * 2**attempt))
            else:
                return statuses
        raise Unavailable("These customers are being changed by somebody else all the time; try again.")

    async def _plan(self, rows: Sequence[CustomerIn]) -> tuple[list[Status], list[Write]]:
        paths = list(dict.fromkeys(f"customers/{row.id}" for row in rows))
        before = {one.path: one for one in await self._documents.get_all(paths)}
        after: dict[str, Mapping[str, Any] | None] = {path: one.data for path, one in before.items()}
        statuses = [self._apply(row, after) for row in rows]
        changed = {path: data for path, data in after.items() if data and data != before[path].data}
        writes: list[Write] = [
            Update(path, data, before[path].version) if before[path].exists else Create(path, data)
            for path, data in changed.items()
        ]
        return statuses, writes + change([row_of(path.partition("/")[2], data) for path, data in changed.items()])

    def _apply(self, row: CustomerIn, customers: dict[str, Mapping[str, Any] | None]) -> Status:
        path = f"customers/{row.id}"
        before = customers[path]
        customers[path] = merged(before, row, now=self._clock())
        if before is None:
            return "created"
        return "unchanged" if customers[path] == before else "updated"


def _chunks(rows: Sequence[CustomerIn]) -> Iterator[list[CustomerIn]]:
    chunk: list[CustomerIn] = []
    size = 0
    for row in rows:
        size += len(row.model_dump_json(exclude_unset=True)) + 500
        if chunk and (len(chunk) == MOST_ROWS or size > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
    if chunk:
        yield chunk
