"""Daily reconciliation: compares the index with `customers`, `activities` and `receipts`, and repairs differences.

    audience/reconciliation   day        of the last reconciliation that started
                              remaining  the buckets still to be compared
                              full_scan  the buckets in which every customer is compared
                              schema     the schema generations of the index for which it was last rebuilt

Comparing a bucket's number of customers and the sums of their figures costs a read for each 1,000 customers. Every
customer is compared only where these differ, and in one bucket a day in any case. A rebuild is a reconciliation that
compares every customer in all buckets: on request, or because the columns of the index have changed.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.audience.event_reconciliation import EventComparison, id_range_condition
from common.audience.index.deltas import customer_delta
from common.audience.index.manifest import Manifest
from common.audience.index.rows import CustomerRow, row_from_document, to_json_line, tombstone
from common.audience.index.tables import TABLES, document_path
from common.audience.people_lists import finish_merges
from common.audience.reader import Audience
from common.audience.walk import begin_walk
from common.batching import chunked
from common.clock import Clock, utc_now
from common.errors import Conflict, Exists
from common.ids import BUCKETS
from common.storage.documents import Create, Documents, Put, Query, Snapshot, Update, Where, Write, pages

log = logging.getLogger(__name__)

STATE_PATH = document_path("reconciliation")
PARALLEL = 8
"""How many buckets are compared in one walk. Fewer would read the blocks of all events more often."""

PAGE_SIZE = 200
"""Customers per commit of repairs."""

ALL_BUCKETS = list(range(BUCKETS))
SUMMED_FIELDS = ("spend", "visits", "orders", "active_days")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReconciliationProgress:
    """How far the current or last reconciliation is."""

    day: str  # ISO date of its start; empty before the first one
    remaining: int  # buckets still to be compared
    rebuilding: bool  # every customer is compared


class Reconciliation:
    """The daily reconciliation. Its state is in Firestore, so that any instance can continue it."""

    def __init__(
        self, documents: Documents, *, clock: Clock = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._monotonic = monotonic

    async def progress(self) -> ReconciliationProgress:
        """The progress as stored."""
        state = await self._documents.get(STATE_PATH)
        full_scan, remaining = state.get("full_scan", []), state.get("remaining", [])
        is_rebuilding = bool(remaining) and len(full_scan) >= BUCKETS
        return ReconciliationProgress(day=state.get("day", ""), remaining=len(remaining), rebuilding=is_rebuilding)

    async def request_rebuild(self) -> None:
        """From the next tick on, every customer is compared, and rewritten in the index if it differs there."""
        plan = {
            "day": self._clock().date().isoformat(),
            "remaining": ALL_BUCKETS,
            "full_scan": ALL_BUCKETS,
            "schema": await self._schema_generations(),
        }
        await self._documents.commit([Put(STATE_PATH, plan)])

    async def run_until(self, until: float) -> bool:
        """Compares buckets until that instant of the monotonic clock, or until all buckets of today are compared.

        Returns whether this call compared the last of them.
        """
        state = await self._documents.get(STATE_PATH)
        plan = self._plan(state, await self._schema_generations())
        was_open = bool(plan["remaining"])
        while plan["remaining"] and self._monotonic() < until:
            buckets, remaining = plan["remaining"][:PARALLEL], plan["remaining"][PARALLEL:]
            repaired = await reconcile(self._documents, buckets, full_scan=plan["full_scan"])
            if repaired:
                details = {"event": "audience_index_repaired", "buckets": buckets, "rows": repaired}
                log.error("the audience index differed from the documents and was repaired", extra=details)
            plan = {**plan, "remaining": remaining}
            if not await self._save(state, plan):
                return False  # another instance is running it
            state = await self._documents.get(STATE_PATH)
        return was_open and not plan["remaining"]

    async def _schema_generations(self) -> list[int]:
        """The schema generation of each table."""
        manifests = await self._documents.get_all([table.manifest_path for table in TABLES])
        return [Manifest.from_document(manifest.data).schema_generation for manifest in manifests]

    def _plan(self, state: Snapshot, schema: Sequence[int]) -> Mapping[str, Any]:
        """The state to continue from: the stored one, a new one for today, or a rebuild if the columns have changed."""
        today = self._clock().date()
        plan = {"day": today.isoformat(), "remaining": ALL_BUCKETS, "schema": schema}
        if state.get("schema", [0 for _ in TABLES]) != schema:
            return {**plan, "full_scan": ALL_BUCKETS}
        if state.get("day") == plan["day"]:
            return state.data or {}
        full_scan = state.get("full_scan", []) if state.get("remaining") else []  # an unfinished rebuild continues
        return {**plan, "full_scan": [*full_scan, today.toordinal() % BUCKETS]}

    async def _save(self, state: Snapshot, plan: Mapping[str, Any]) -> bool:
        """False if another instance has written the state since it was read."""
        write = Put(STATE_PATH, plan, expected=state.version) if state.exists else Create(STATE_PATH, plan)
        try:
            await self._documents.commit([write])
        except (Conflict, Exists):
            return False
        return True


async def reconcile(documents: Documents, buckets: Sequence[int], *, full_scan: Collection[int]) -> int:
    """Repairs the customers of these buckets, the events of the id ranges with the same numbers, and the lists of
    static segments that still have customers of these buckets who were merged.

    Of these rows, only those of a few buckets are in memory at the same time, all of one moment. Buckets in `full_scan`
    are compared row by row in any case. How many rows were wrong in the index.
    """
    repaired = 0
    async with begin_walk(documents, customers=buckets, events=id_range_condition(buckets)) as walk:
        events = EventComparison(documents, walk, buckets)
        async for present in walk.steps():
            for bucket in sorted({*present} & {*buckets}):
                repaired += await _repair_bucket(documents, walk, bucket, full_scan=bucket in full_scan)
            await events.count()
        await finish_merges(documents, buckets)
        return repaired + await events.repair(full_scan=full_scan)


async def _repair_bucket(documents: Documents, audience: Audience, bucket: int, *, full_scan: bool) -> int:
    """Repairs the customers of a bucket; how many were wrong."""
    in_bucket = Query(collection="customers", where=[Where("bucket", "==", bucket)], at=audience.read_at)
    if not full_scan and await documents.sums(in_bucket, SUMMED_FIELDS) == await _sum_indexed(audience, bucket):
        return 0
    indexed = {row.id: row for row in await audience.rows_in_bucket(bucket)}
    repaired = 0
    async for page in pages(documents, in_bucket, PAGE_SIZE):
        wrong = [stored for stored in page if not _is_same(_row(stored), indexed.pop(stored.id, None))]
        repaired += await _rewrite(documents, wrong)
    return repaired + await _remove_strays(documents, list(indexed.values()))


async def _sum_indexed(audience: Audience, bucket: int) -> dict[str, int]:
    """The same sums as `Documents.sums`, from the index."""
    sums = ", ".join(f"coalesce(sum({name}), 0)::BIGINT" for name in SUMMED_FIELDS)
    [values] = await audience.select(f"SELECT count(*), {sums} FROM customers WHERE bucket = ?", [bucket])
    return dict(zip(("count", *SUMMED_FIELDS), values, strict=True))


def _row(stored: Snapshot) -> CustomerRow:
    return row_from_document(stored.id, stored.data or {})


def _is_same(row: CustomerRow, indexed: CustomerRow | None) -> bool:
    return indexed is not None and json.loads(to_json_line(row)) == json.loads(to_json_line(indexed))


async def _rewrite(documents: Documents, wrong: Sequence[Snapshot]) -> int:
    """Writes each customer with a higher version to document and index. How many were written.

    A customer that someone else writes at the same time is skipped: that commit updates the index.
    """
    repaired = 0
    for stored in wrong:
        data = {**(stored.data or {}), "version": stored["version"] + 1}
        repaired += await _try_commit(
            documents,
            [
                Update(stored.path, {"version": data["version"]}, stored.version),
                *customer_delta([row_from_document(stored.id, data)]),
            ],
        )
    return repaired


async def _remove_strays(documents: Documents, rows: Sequence[CustomerRow]) -> int:
    """Removes customers without a document from the index. One created meanwhile stays: its version is higher."""
    for batch in chunked(rows, PAGE_SIZE):
        await documents.commit(customer_delta([tombstone(row.id, version=row.version + 1) for row in batch]))
    return len(rows)


async def _try_commit(documents: Documents, writes: Sequence[Write]) -> bool:
    """False on a conflict."""
    try:
        await documents.commit(writes)
    except Conflict:
        return False
    return True
