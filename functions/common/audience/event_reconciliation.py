"""Reconciliation of events: compares the events in the index with activities and receipts, and repairs differences.

The ids of activities and receipts begin with a hash. So they are divided into as many ranges as there are buckets.

The blocks are by customer, so a walk goes through all of them: it counts the events of the ranges, and only of ranges
that are compared event by event, it keeps their rows.

What is stored under the id of a customer who was merged is the kept customer's in the index. A merge writes it so; what
comes in later under the old id is corrected here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from common.audience.index.deltas import event_delta
from common.audience.index.rows import (
    CustomerEvent,
    activity_event,
    engagement_event,
    event_from_duckdb,
    event_tombstone,
)
from common.audience.index.tables import EVENTS
from common.audience.merged_customers import read_all_merged
from common.audience.walk import AudienceWalk
from common.batching import chunked
from common.ids import BUCKETS, ERASED_CUSTOMER_ID
from common.rules.sql import Condition
from common.storage.documents import Documents, Query, Snapshot, Where, pages

PAGE_SIZE = 400
AFTER_ALL_IDS = "~"  # sorts after every id
ACTIVITIES = ("order", "visit")
ENGAGEMENTS = ("sent", "opened", "clicked")
"""The kinds that rules can use; others are not in the index."""

COMPARED = "compared"
"""A table in DuckDB with the events in the index that are compared one by one."""


@dataclass(frozen=True, slots=True)
class IdRange:
    """The ids of the ranges `first` to `last`, of `BUCKETS` ranges in total, at an instant."""

    first: int
    last: int
    at: datetime | None

    @property
    def low(self) -> str | None:
        """The lowest id, inclusive; None if there is no lower bound."""
        return _bound(self.first)

    @property
    def high(self) -> str | None:
        """The highest id, exclusive; None if there is no upper bound."""
        return _bound(self.last + 1)

    def activities(self) -> Query:
        """The activities that the index has."""
        return self._query("activities", Where("type", "in", ACTIVITIES))

    def engagements(self) -> Query:
        """The receipts that the index has, and those of erased customers with the same kinds."""
        return self._query("receipts", Where("kind", "in", ENGAGEMENTS))

    def erased_receipts(self) -> Query:
        """The receipts of erased customers, which keep their kind. Activities of erased customers have no kind."""
        return self._query("receipts", Where("customer", "==", ERASED_CUSTOMER_ID))

    def _query(self, collection: str, where: Where) -> Query:
        return Query(collection=collection, where=[where], id_from=self.low, id_before=self.high, at=self.at)

    def condition(self) -> Condition:
        """The events of this range in the index."""
        return Condition("id >= ? AND id < ?", (self.low or "", self.high or AFTER_ALL_IDS))


def _bound(number: int) -> str | None:
    return f"{number * 256 // BUCKETS:02x}" if 0 < number < BUCKETS else None


def id_range_condition(numbers: Sequence[int]) -> Condition:
    """The events of these consecutive ranges, which are all that their reconciliation asks for."""
    return IdRange(numbers[0], numbers[-1], None).condition()


class EventComparison:
    """Compares the events of some consecutive ranges with what a walk finds in the index."""

    def __init__(self, documents: Documents, walk: AudienceWalk, numbers: Sequence[int]) -> None:
        self._documents = documents
        self._walk = walk
        self._numbers = numbers
        self._counts: Counter[int] = Counter()  # of the events in the index, by range
        self._merged: Mapping[str, str] | None = None

    async def count(self) -> None:
        """Counts the events of the walk's present buckets, without those that the index has under the ids of customers
        who were merged."""
        await self._walk.load_events()
        merged = list(await self._all_merged())
        conditions = [id_range.condition() for id_range in self._ranges(self._numbers)]
        counts = ", ".join(f"count(*) FILTER (WHERE {one.sql})" for one in conditions)
        sql = f"SELECT {counts} FROM events WHERE customer NOT IN (SELECT unnest(?::VARCHAR[]))"
        [found] = await self._walk.select(sql, [*(value for one in conditions for value in one.parameters), merged])
        self._counts.update(dict(zip(self._numbers, found, strict=True)))

    async def repair(self, *, full_scan: Collection[int]) -> int:
        """Repairs the events, after all buckets are counted. How many were wrong in the index.

        Counting costs a read for each 1,000 events. Only ranges in which the counts differ, and those in `full_scan`,
        are compared event by event; for these, the walk begins again at the same moment.
        """
        whole = IdRange(self._numbers[0], self._numbers[-1], self._walk.read_at)
        counts_agree = await _count_stored(self._documents, whole) == self._counts.total()
        compared = [
            id_range
            for id_range in self._ranges(self._numbers)
            if id_range.first in full_scan
            or not (counts_agree or await _count_stored(self._documents, id_range) == self._counts[id_range.first])
        ]
        if not compared:
            return 0
        await self._keep_rows(compared)
        merged = await self._all_merged()
        return sum([await _repair(self._documents, self._walk, id_range, merged) for id_range in compared])

    def _ranges(self, numbers: Sequence[int]) -> list[IdRange]:
        return [IdRange(number, number, self._walk.read_at) for number in numbers]

    async def _all_merged(self) -> Mapping[str, str]:
        if self._merged is None:
            self._merged = await read_all_merged(self._documents, self._walk.read_at)
        return self._merged

    async def _keep_rows(self, id_ranges: Sequence[IdRange]) -> None:
        """Keeps the events of these ranges, of all buckets, in a table of the walk."""
        conditions = [id_range.condition() for id_range in id_ranges]
        where = " OR ".join(f"({one.sql})" for one in conditions)
        await self._walk.select(f"CREATE OR REPLACE TABLE {COMPARED} ({EVENTS.column_definitions})", [])
        async for _ in self._walk.steps():
            await self._walk.select(
                f"INSERT INTO {COMPARED} SELECT {EVENTS.column_names} FROM events WHERE {where}",
                [value for one in conditions for value in one.parameters],
            )


async def _repair(documents: Documents, walk: AudienceWalk, id_range: IdRange, merged: Mapping[str, str]) -> int:
    """Compares every event of the range and corrects the index; how many were wrong."""
    indexed = {event.id: event for event in await _load_indexed(walk, id_range)}
    wrong: list[CustomerEvent] = []
    for query in (id_range.activities(), id_range.engagements()):
        async for page in pages(documents, query):
            known = [document for document in page if document["customer"] != ERASED_CUSTOMER_ID]
            stored = [_current_event(one, merged) for one in known]
            wrong += _find_differences(stored, indexed)
    wrong += [event_tombstone(event) for event in indexed.values()]
    for batch in chunked(wrong, PAGE_SIZE):
        await documents.commit(event_delta(batch))
    return len(wrong)


async def _count_stored(documents: Documents, id_range: IdRange) -> int:
    """How many events the index should have."""
    activities = await documents.sums(id_range.activities(), [])
    engagements = await documents.sums(id_range.engagements(), [])
    erased = await documents.query(id_range.erased_receipts())
    return activities["count"] + engagements["count"] - sum(receipt["kind"] in ENGAGEMENTS for receipt in erased)


async def _load_indexed(walk: AudienceWalk, id_range: IdRange) -> list[CustomerEvent]:
    condition = id_range.condition()
    sql = f"SELECT {EVENTS.column_names} FROM {COMPARED} WHERE {condition.sql}"
    return [event_from_duckdb(values) for values in await walk.select(sql, condition.parameters)]


def _current_event(stored: Snapshot, merged: Mapping[str, str]) -> CustomerEvent:
    """The event as it should be in the index. That of a customer who was merged is newer than it was before."""
    event = event_of(stored, merged.get(stored["customer"], stored["customer"]))
    return replace(event, version=event.version + 1) if event.customer != stored["customer"] else event


def event_of(stored: Snapshot, customer: str) -> CustomerEvent:
    """The event of the customer that the index should have for an activity or a receipt."""
    if stored.path.startswith("receipts/"):
        return engagement_event(
            stored.id, customer=customer, kind=stored["kind"], campaign=stored["campaign"], at=stored["at"]
        )
    return activity_event(
        stored.id,
        customer=customer,
        kind=stored["type"],
        at=stored["at"],
        amount=stored.get("amount"),
        now=stored["counted_at"],
    )


def _find_differences(stored: Sequence[CustomerEvent], indexed: dict[str, CustomerEvent]) -> list[CustomerEvent]:
    """The stored events that the index lacks or has differently, with a higher version than there. One that the index
    has for another customer is deleted there, too.

    Removes all of `stored` from `indexed`, so that only events without a document remain there.
    """
    wrong: list[CustomerEvent] = []
    for event in stored:
        other = indexed.pop(event.id, None)
        if other is None:
            wrong.append(event)
        elif replace(event, version=other.version) != other:
            wrong += [event_tombstone(other)] if other.bucket != event.bucket else []
            wrong.append(replace(event, version=max(event.version, other.version + 2)))
    return wrong
