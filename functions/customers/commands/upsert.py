"""Customers into the database: many in one commit, with the change that keeps the audience index in step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from common.audience import change, row_of
from common.batching import Batcher
from common.errors import FieldError
from common.messages.suppressions import Hashes, Known
from common.storage.documents import Documents, Snapshot, Write
from common.storage.optimistic_commit import committed

from ..model.customer import CustomerIn, merged, written
from .suppression_flags import marked

Status = Literal["created", "updated", "unchanged", "accepted", "rejected"]
MOST_ROWS = 400  # in one commit
MOST_BYTES = 1_500_000  # in one commit, as JSON; stored, and once more in the change, it stays well under 4 MiB
MOST_DOCUMENT_BYTES = 10_000
MANY = 100
FEW = 50
"""Rows that share a commit with those of others: one at a time, so that whoever brings many does not queue for it."""

FULL = FieldError(
    field="body", code="too_large", message=f"All that is known of a customer may take {MOST_DOCUMENT_BYTES:,} bytes."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Upserted:
    """What became of one customer's row."""

    status: Status
    id: str
    errors: tuple[FieldError, ...] = ()


class Ingestion:
    def __init__(
        self, documents: Documents, *, hashes: Hashes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._documents = documents
        self._suppressions = Known(documents, hashes)
        self._clock = clock
        self._all_new = False
        self._batches: Batcher[CustomerIn, Upserted] = Batcher(
            self._upsert_chunk, most=MOST_ROWS, size=_size, most_size=MOST_BYTES
        )

    async def upsert(self, rows: Sequence[CustomerIn]) -> list[Upserted]:
        """What became of each row, in their order. Rows for the same person are merged in order.

        What concurrent callers bring goes into the same commit, but for those who fill one by themselves.
        """
        if len(rows) <= FEW:
            return await asyncio.gather(*(self._batches.put(row) for row in rows))
        results: list[Upserted] = []
        for chunk in _chunks(rows):
            results += await self._upsert_chunk(chunk)
        return results

    async def _upsert_chunk(self, rows: Sequence[CustomerIn]) -> list[Upserted]:
        """Each customer is written over the version that was read; where somebody was faster, all is read again."""
        return await committed(self._documents, lambda number: self.plan(rows, number))

    async def plan(self, rows: Sequence[CustomerIn], number: int) -> tuple[list[Upserted], list[Write]]:
        """What becomes of the rows, and the writes that make it so; in round 0 as it is expected."""
        paths = list(dict.fromkeys(f"customers/{row.id}" for row in rows))
        before = {one.path: one for one in await self._before(paths, number)}
        after: dict[str, Mapping[str, Any] | None] = {path: one.data for path, one in before.items()}
        results = [self._apply(row, after) for row in rows]
        self._all_new = not any(one.exists for one in before.values())
        changed = {path: data for path, data in after.items() if data and data != before[path].data}
        changed = await marked(self._suppressions, changed, before)
        writes = [written(before[path], data) for path, data in changed.items()]
        return results, writes + change([row_of(path.partition("/")[2], data) for path, data in changed.items()])

    async def _before(self, paths: Sequence[str], number: int) -> list[Snapshot]:
        """Many are not looked for where those before them were all new: if one is not, the commit fails."""
        if number or len(paths) < MANY or not self._all_new:
            return await self._documents.get_all(paths)
        return [Snapshot(path=path, data=None, version=None, at=self._clock()) for path in paths]

    def _apply(self, row: CustomerIn, customers: dict[str, Mapping[str, Any] | None]) -> Upserted:
        path = f"customers/{row.id}"
        before = customers[path]
        after = merged(before, row, now=self._clock())
        if is_full(after):
            return Upserted(status="rejected", id=row.id, errors=(FULL,))
        customers[path] = after
        if before is None:
            return Upserted(status="created", id=row.id)
        return Upserted(status="unchanged" if after == before else "updated", id=row.id)


def is_full(customer: Mapping[str, Any]) -> bool:
    return len(json.dumps(customer, default=str)) > MOST_DOCUMENT_BYTES


def _size(row: CustomerIn) -> int:
    return len(row.model_dump_json(exclude_unset=True)) + 500


def _chunks(rows: Sequence[CustomerIn]) -> Iterator[list[CustomerIn]]:
    chunk: list[CustomerIn] = []
    size = 0
    for row in rows:
        size += _size(row)
        if chunk and (len(chunk) == MOST_ROWS or size > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
    if chunk:
        yield chunk
