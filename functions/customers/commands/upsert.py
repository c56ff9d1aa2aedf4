"""Upsert customers, many in one commit, with the change that keeps the audience index in step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from common.addresses.address import AddressHasher
from common.audience import Audience
from common.batching import Batcher
from common.clock import Clock, utc_now
from common.errors import FieldError
from common.storage.documents import Documents, Snapshot
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..model.customer import ADD_TAGS, CustomerInput, TagChange, changed_identity, merge_row
from ..model.import_notes import current_notes, given_fields
from .address_states import AddressStates
from .holder_search import HolderSearch
from .import_notes import note_rows
from .known_customers import KnownCustomers, OnSeveralCustomers, customer_path, read_customers
from .row_log import row_entries

Status = Literal["created", "updated", "unchanged", "accepted", "rejected"]
MAX_ROWS = 400  # per commit
MAX_BYTES = 1_500_000  # per commit, as JSON; the documents and the index change together stay well under 4 MiB
MAX_DOCUMENT_BYTES = 10_000
MIN_NEW_IN_A_ROW = 100
"""After this many new customers in a row the next ones are expected to be new too, and not read before the commit."""
MAX_SHARED_ROWS = 50
"""Up to this many rows of one call share commits with other calls. More rows get their own commits, so that a large
call does not wait in the queue row by row."""

TOO_LARGE = FieldError(
    field="body", code="too_large", message=f"The data of one customer may take {MAX_DOCUMENT_BYTES:,} bytes."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class UpsertResult:
    """The result for one row."""

    status: Status
    id: str | None  # None if it cannot be said whose the row is
    errors: tuple[FieldError, ...] = ()
    given: frozenset[str] = frozenset()  # the fields that the row gives of somebody whom an import wrote lately


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A row that waits for its commit."""

    row: CustomerInput
    on_several_customers: OnSeveralCustomers = "reject"
    tags: TagChange = ADD_TAGS
    logged_by: str | None = None  # the person in whose name the audit log has the row


class CustomerUpserts:
    """Creates and updates customers from rows."""

    def __init__(
        self, documents: Documents, *, hashes: AddressHasher, audience: Audience | None = None, clock: Clock = utc_now
    ) -> None:
        """`audience` saves memory where there is one already."""
        self._documents = documents
        self._hashes = hashes
        self._holders = HolderSearch(documents, audience or Audience(documents))
        self._address_states = AddressStates(documents, hashes, self._holders, clock=clock)
        self._clock = clock
        self._new_in_a_row = 0
        self._batches: Batcher[PendingRow, UpsertResult] = Batcher(
            self._upsert_chunk, max_items=MAX_ROWS, size_of=_estimated_size, max_size=MAX_BYTES
        )

    async def upsert(
        self,
        rows: Sequence[CustomerInput],
        *,
        on_several_customers: OnSeveralCustomers = "reject",
        tags: TagChange | None = None,
        logged_by: str | None = None,
    ) -> list[UpsertResult]:
        """Upsert the rows and return their results in the same order. Rows of the same customer are merged in order.

        Small concurrent calls share commits; a call with many rows gets its own. `logged_by` is the person in whose
        name each commit has an entry in the audit log.
        """
        pending = [PendingRow(row, on_several_customers, tags or ADD_TAGS, logged_by=logged_by) for row in rows]
        if len(pending) <= MAX_SHARED_ROWS:
            return await asyncio.gather(*map(self._batches.enqueue, pending))
        results: list[UpsertResult] = []
        for chunk in _chunks(pending):
            results += await self._upsert_chunk(chunk)
        return results

    async def _upsert_chunk(self, rows: Sequence[PendingRow]) -> list[UpsertResult]:
        """Each customer is written over the version that was read. After a conflict everything is read again."""
        return await commit_with_retry(self._documents, lambda attempt: self._build_request(rows, attempt))

    async def _build_request(self, rows: Sequence[PendingRow], attempt: int) -> tuple[list[UpsertResult], StagedWrites]:
        """The results and writes for rows of requests, with their entries in the audit log; the undo of an import
        finds that they are newer."""
        results, writes = await self.build_commit(rows, attempt)
        noted = note_rows(writes, fields_given(results), by=None, now=self._clock())
        logged = ((row.logged_by, result.status) for row, result in zip(rows, results, strict=True))
        return results, noted.plus(row_entries("customers", logged, now=self._clock()))

    async def build_commit(self, rows: Sequence[PendingRow], attempt: int) -> tuple[list[UpsertResult], StagedWrites]:
        """Return the results and the writes for the rows.

        Attempt 0 may assume that all customers are new (`_read_before`), but only if one commit can prove it.
        """
        results, writes = await self._build(rows, attempt)
        return await self._build(rows, 1) if writes.earlier and not attempt else (results, writes)

    async def _build(self, rows: Sequence[PendingRow], attempt: int) -> tuple[list[UpsertResult], StagedWrites]:
        customers = await self._read_before([pending.row for pending in rows], attempt)
        results = [self._apply(pending, customers) for pending in rows]
        is_all_new = not any(snapshot.exists for snapshot in customers.stored.values())
        self._new_in_a_row = self._new_in_a_row + len(customers.stored) if is_all_new else 0
        _, writes = await self._address_states.customer_writes(customers.stored, customers.changed(), now=self._clock())
        return results, writes

    async def _read_before(self, rows: Sequence[CustomerInput], attempt: int) -> KnownCustomers:
        """Read the customers as they are before the commit.

        After many new customers the read is skipped: where a customer exists, the commit fails, and everything is read.
        Addresses are searched for in any case, because somebody with another id may have them.
        """
        paths = dict.fromkeys(customer_path(row, self._hashes) for row in rows)
        is_named = any(row.customer_id for row in rows)
        if attempt or is_named or self._new_in_a_row < MIN_NEW_IN_A_ROW:
            return await read_customers(self._documents, self._holders, rows, self._hashes)
        if await self._holders.find({row.address for row in rows if row.address}):
            return await read_customers(self._documents, self._holders, rows, self._hashes)
        missing = (Snapshot(path=path, data=None, version=None, at=self._clock()) for path in paths)
        return KnownCustomers(missing, self._hashes)

    def _apply(self, pending: PendingRow, customers: KnownCustomers) -> UpsertResult:
        """Apply one row to its customer and return its result."""
        located = customers.locate(pending.row, pending.on_several_customers)
        if isinstance(located, FieldError):
            return UpsertResult(status="rejected", id=None, errors=(located,))
        id_, before = located.partition("/")[2], customers.get(located)
        keep_identifiers = customers.is_merged(pending.row)
        after = merge_row(
            id_, before, pending.row, now=self._clock(), keep_identifiers=keep_identifiers, tags=pending.tags
        )
        if errors := self._objections(id_, before, after):
            return UpsertResult(status="rejected", id=id_, errors=errors)
        is_noted = current_notes(before, self._clock()) is not None
        given = frozenset(given_fields(pending.row, pending.tags)) if is_noted else frozenset[str]()
        if before is not None and after == before:
            return UpsertResult(status="unchanged", id=id_, given=given)
        customers.set(located, after)
        return UpsertResult(status="updated" if before else "created", id=id_, given=given)

    def _objections(
        self, customer_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
    ) -> tuple[FieldError, ...]:
        """Why the customer cannot be written like this."""
        changed = changed_identity(customer_id, before, after, self._hashes) if before else None
        return (changed,) if changed else (TOO_LARGE,) if is_too_large(after) else ()


def fields_given(results: Iterable[UpsertResult]) -> dict[str, set[str]]:
    """The fields that rows give of customers whom an import wrote lately, by the customer's path."""
    given: dict[str, set[str]] = {}
    for result in results:
        if result.given:
            given.setdefault(f"customers/{result.id}", set()).update(result.given)
    return given


def is_too_large(customer: Mapping[str, Any]) -> bool:
    """Whether the customer's document exceeds `MAX_DOCUMENT_BYTES`."""
    return len(json.dumps(customer, default=str)) > MAX_DOCUMENT_BYTES


def _estimated_size(pending: PendingRow) -> int:
    return len(pending.row.model_dump_json(exclude_unset=True)) + 500


def _chunks(rows: Sequence[PendingRow]) -> Iterator[list[PendingRow]]:
    """Split the rows into chunks that each fit one commit."""
    chunk: list[PendingRow] = []
    size = 0
    for row in rows:
        size += _estimated_size(row)
        if chunk and (len(chunk) == MAX_ROWS or size > MAX_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
    if chunk:
        yield chunk
