"""Once a day, bucket by bucket: is what the index shows what is in `customers`, and what they did what is in
`activities` and `receipts`? What differs is put right.

    audience/comparison   day      of the last comparison that began
                          left     the buckets still to be looked at
                          deep     the buckets of which every customer is looked at
                          columns  since which generation the index has the columns that it was last rebuilt for

A bucket's number of customers and the sums of their figures cost a read for each 1,000 customers. Only where these
differ, and in one bucket a day anyway, every customer is compared. A rebuild is a comparison that looks at all of them:
because somebody asked for it, or because the index has other columns than before.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from common.audience.index import event_reconciliation as happenings
from common.audience.index.deltas import change
from common.audience.index.manifest import Head
from common.audience.index.rows import Row, line, row_of, tombstone
from common.audience.index.tables import SHEETS, path
from common.audience.reader import Audience
from common.errors import Conflict, Exists
from common.ids import BUCKETS
from common.storage.documents import Create, Documents, Put, Query, Snapshot, Update, Where, Write, pages

log = logging.getLogger(__name__)

STATE = path("comparison")
WAVE = 8
"""How many buckets are in memory at a time."""

PAGE = 200
"""Customers in a commit of repairs: each is written, and told to the index."""

ALL = list(range(BUCKETS))
FIGURES = ("spend", "visits", "orders", "active_days")


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    day: str  # ISO; empty before the first one
    left: int  # buckets
    rebuilding: bool  # every customer is looked at


class Comparison:
    def __init__(self, documents: Documents, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._documents = documents
        self._clock = clock

    async def progress(self) -> Progress:
        state = await self._documents.get(STATE)
        deep, left = state.get("deep", []), state.get("left", [])
        return Progress(day=state.get("day", ""), left=len(left), rebuilding=bool(left) and len(deep) >= BUCKETS)

    async def rebuild(self) -> None:
        """From the next tick on, every customer is compared, and written to the index where it has them otherwise."""
        plan = {"day": self._clock().date().isoformat(), "left": ALL, "deep": ALL, "columns": await self._columns()}
        await self._documents.commit([Put(STATE, plan)])

    async def go_on(self, until: float) -> None:
        """Until that instant of `time.monotonic()`, or until all of today's buckets were looked at."""
        state = await self._documents.get(STATE)
        plan = self._plan(state, await self._columns())
        while plan["left"] and time.monotonic() < until:
            buckets, left = plan["left"][:WAVE], plan["left"][WAVE:]
            repaired = await compared(self._documents, buckets, deep=plan["deep"])
            if repaired:
                log.error("the audience index differed", extra={"buckets": buckets, "rows": repaired})
            plan = {**plan, "left": left}
            if not await self._keep(state, plan):
                return  # somebody else is at it
            state = await self._documents.get(STATE)

    async def _columns(self) -> list[int]:
        heads = await self._documents.get_all([sheet.head for sheet in SHEETS])
        return [Head.of(head.data).since for head in heads]

    def _plan(self, state: Snapshot, columns: Sequence[int]) -> Mapping[str, Any]:
        today = self._clock().date()
        plan = {"day": today.isoformat(), "left": ALL, "columns": columns}
        if state.get("columns", [0 for _ in SHEETS]) != columns:
            return {**plan, "deep": ALL}
        if state.get("day") == plan["day"]:
            return state.data or {}
        deep = state.get("deep", []) if state.get("left") else []  # a rebuild goes on where it was
        return {**plan, "deep": [*deep, today.toordinal() % BUCKETS]}

    async def _keep(self, state: Snapshot, plan: Mapping[str, Any]) -> bool:
        write = Put(STATE, plan, expected=state.version) if state.exists else Create(STATE, plan)
        try:
            await self._documents.commit([write])
        except (Conflict, Exists):
            return False
        return True


async def compared(documents: Documents, buckets: Sequence[int], *, deep: Collection[int]) -> int:
    """How many rows of these buckets, and of as many parts of what customers did, the index had wrong; it has them
    right now."""
    audience = Audience(documents, buckets=buckets)
    await audience.recall()
    customers = [await _repaired(documents, audience, bucket, deep=bucket in deep) for bucket in buckets]
    return sum(customers) + await happenings.repaired(documents, audience, buckets, deep=deep)


async def _repaired(documents: Documents, audience: Audience, bucket: int, *, deep: bool) -> int:
    of_bucket = Query(collection="customers", where=[Where("bucket", "==", bucket)], at=audience.at)
    if not deep and await documents.sums(of_bucket, FIGURES) == await _figures(audience, bucket):
        return 0
    indexed = {row.id: row for row in await audience.of_bucket(bucket)}
    repaired = 0
    async for stored in pages(documents, of_bucket, PAGE):
        wrong = [one for one in stored if not _is_alike(row_of(one.id, one.data or {}), indexed.pop(one.id, None))]
        repaired += await _renewed(documents, wrong)
    return repaired + await _removed(documents, list(indexed.values()))


async def _figures(audience: Audience, bucket: int) -> dict[str, int]:
    sums = ", ".join(f"coalesce(sum({name}), 0)::BIGINT" for name in FIGURES)
    [found] = await audience.select(f"SELECT count(*), {sums} FROM customers WHERE bucket = ?", [bucket])
    return dict(zip(("count", *FIGURES), found, strict=True))


def _is_alike(row: Row, indexed: Row | None) -> bool:
    return indexed is not None and json.loads(line(row)) == json.loads(line(indexed))


async def _renewed(documents: Documents, wrong: Sequence[Snapshot]) -> int:
    """Each becomes a version newer, so that it counts. Who is written by somebody else meanwhile is told by them."""
    repaired = 0
    for one in wrong:
        data = {**(one.data or {}), "version": one["version"] + 1}
        repaired += await _committed(
            documents,
            [Update(one.path, {"version": data["version"]}, one.version), *change([row_of(one.id, data)])],
        )
    return repaired


async def _removed(documents: Documents, rows: Sequence[Row]) -> int:
    """Who is in the index alone: unless they came in meanwhile, with a version that is newer still."""
    for start in range(0, len(rows), PAGE):
        gone = [tombstone(row.id, version=row.version + 1) for row in rows[start : start + PAGE]]
        await documents.commit(change(gone))
    return len(rows)


async def _committed(documents: Documents, writes: Sequence[Write]) -> bool:
    try:
        await documents.commit(writes)
    except Conflict:
        return False
    return True
