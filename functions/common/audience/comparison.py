"""Once a day, bucket by bucket: is what the index shows what is in `customers`? What differs is put right.

    audience/comparison   day    of the last comparison that began
                          left   the buckets still to be looked at
                          deep   the buckets of which every customer is looked at

A bucket's number of customers and the sums of their figures cost a read for each 1,000 customers. Only where these
differ, and in one bucket a day anyway, every customer is compared. A rebuild is a comparison that looks at all of them.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from common.audience.changes import change
from common.audience.layout import path
from common.audience.reader import Audience
from common.audience.rows import Row, line, row_of, tombstone
from common.documents import Create, Documents, Put, Query, Snapshot, Update, Where, Write
from common.errors import Conflict, Exists
from common.ids import BUCKETS

log = logging.getLogger(__name__)

STATE = path("comparison")
WAVE = 8
"""How many buckets are in memory at a time."""

PAGE = 200
"""Customers in a commit of repairs: each is written, and told to the index."""

FIGURES = ("spend", "visits", "orders", "active_days")


class Comparison:
    def __init__(self, documents: Documents, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._documents = documents
        self._clock = clock

    async def rebuild(self) -> None:
        """From the next tick on, every customer is compared, and written to the index where it has them otherwise."""
        every = list(range(BUCKETS))
        day = self._clock().date().isoformat()
        await self._documents.commit([Put(STATE, {"day": day, "left": every, "deep": every})])

    async def go_on(self, until: float) -> None:
        """Until that instant of `time.monotonic()`, or until all of today's buckets were looked at."""
        state = await self._documents.get(STATE)
        plan = self._plan(state)
        while plan["left"] and time.monotonic() < until:
            buckets, left = plan["left"][:WAVE], plan["left"][WAVE:]
            repaired = await compared(self._documents, buckets, deep=plan["deep"])
            if repaired:
                log.error("the audience index differed", extra={"buckets": buckets, "customers": repaired})
            plan = {**plan, "left": left}
            if not await self._keep(state, plan):
                return  # somebody else is at it
            state = await self._documents.get(STATE)

    def _plan(self, state: Snapshot) -> Mapping[str, Any]:
        today = self._clock().date()
        if state.get("day") == today.isoformat():
            return state.data or {}
        every = list(range(BUCKETS))
        deep = state.get("deep", []) if state.get("left") else []  # a rebuild goes on where it was
        return {"day": today.isoformat(), "left": every, "deep": [*deep, today.toordinal() % BUCKETS]}

    async def _keep(self, state: Snapshot, plan: Mapping[str, Any]) -> bool:
        write = Put(STATE, plan, expected=state.version) if state.exists else Create(STATE, plan)
        try:
            await self._documents.commit([write])
        except (Conflict, Exists):
            return False
        return True


async def compared(documents: Documents, buckets: Sequence[int], *, deep: Collection[int]) -> int:
    """How many customers of these buckets the index had wrong; it has them right now."""
    audience = Audience(documents, buckets=buckets)
    await audience.refresh()
    return sum([await _compared(documents, audience, bucket, bucket in deep) for bucket in buckets])


async def _compared(documents: Documents, audience: Audience, bucket: int, deep: bool) -> int:
    of_bucket = Query(collection="customers", where=[Where("bucket", "==", bucket)], at=audience.at)
    if not deep and await documents.sums(of_bucket, FIGURES) == await _figures(audience, bucket):
        return 0
    indexed = {row.id: row for row in await audience.of_bucket(bucket)}
    repaired = 0
    after: tuple[str, ...] | None = None
    while stored := await documents.query(replace(of_bucket, after=after, limit=PAGE)):
        after = (stored[-1].id,)
        wrong = [one for one in stored if not _is_alike(row_of(one.id, one.data or {}), indexed.pop(one.id, None))]
        repaired += await _repaired(documents, wrong)
    return repaired + await _removed(documents, list(indexed.values()))


async def _figures(audience: Audience, bucket: int) -> dict[str, int]:
    sums = ", ".join(f"coalesce(sum({name}), 0)::BIGINT" for name in FIGURES)
    [found] = await audience.select(f"SELECT count(*), {sums} FROM customers WHERE bucket = ?", [bucket])
    return dict(zip(("count", *FIGURES), found, strict=True))


def _is_alike(row: Row, indexed: Row | None) -> bool:
    return indexed is not None and json.loads(line(row)) == json.loads(line(indexed))


async def _repaired(documents: Documents, wrong: Sequence[Snapshot]) -> int:
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
