"""The daily reconciliation: it finds and repairs differences, and a rebuild repairs everything."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.audience import (
    EVENTS,
    Audience,
    CustomerEvent,
    activity_event,
    compact,
    customer_delta,
    engagement_event,
    event_delta,
    row_from_document,
    tombstone,
)
from common.audience.reconciliation import STATE_PATH, Reconciliation, ReconciliationProgress, reconcile
from common.ids import BUCKETS, ERASED_CUSTOMER_ID, bucket_of
from common.storage.documents import Delete, Put, Query, Snapshot, Update, Write
from common.storage.memory import MemoryDocuments
from tests.index_simulation import PEOPLE

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NO_DEADLINE = float("inf")


class RecordingDocuments(MemoryDocuments):
    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Sequence[Write]] = []
        self.listed = 0  # documents returned by queries of pages

    async def commit(self, writes: Sequence[Write]) -> None:
        self.commits.append(writes)
        await super().commit(writes)

    async def query(self, query: Query) -> list[Snapshot]:
        found = await super().query(query)
        self.listed += len(found) if query.collection != "audience" and query.limit else 0
        return found


def customer(person: str, version: int = 1, **fields: Any) -> dict[str, Any]:
    figures = {"spend": 100, "visits": 1, "orders": 0, "active_days": 1, "name": "Ü", "tags": ["a"]}
    maps = {"attributes": {"b": [1, None], "a": {"since": NOW}}, "consent": {"email": True}}
    return {"bucket": bucket_of(person), "version": version, **figures, **maps, **fields}


async def indexed_customers(*, indexed: Sequence[str] = PEOPLE) -> RecordingDocuments:
    documents = RecordingDocuments()
    rows = [row_from_document(one, customer(one)) for one in indexed]
    await documents.commit([*(Put(f"customers/{one}", customer(one)) for one in PEOPLE), *customer_delta(rows)])
    await compact(documents, now=NOW, owner="a")
    documents.commits.clear()
    return documents


async def names(documents: RecordingDocuments) -> dict[str, str | None]:
    return {row.id: row.name for row in await Audience(documents).newest(None, NOW)}


@pytest.mark.parametrize("full_scan", [True, False])
async def test_reconcile_of_equal_customers_writes_nothing(full_scan: bool) -> None:
    """If index and customers agree, nothing is written, and rows are read only in a full scan."""
    documents = await indexed_customers()
    assert await reconcile(documents, [0, 1], full_scan=[0, 1] if full_scan else []) == 0
    assert documents.commits == []
    assert documents.listed == (len(PEOPLE) if full_scan else 0)


async def repair_count(documents: RecordingDocuments, *, full_scan: bool) -> int:
    found = await reconcile(documents, [0, 1], full_scan=[0, 1] if full_scan else [])
    assert await reconcile(documents, [0, 1], full_scan=[0, 1]) == 0
    return found


async def test_reconcile_adds_customer_missing_in_index() -> None:
    """A customer that the index lacks is added."""
    documents = await indexed_customers(indexed=PEOPLE[1:])
    assert await repair_count(documents, full_scan=False) == 1
    assert set(await names(documents)) == set(PEOPLE)


async def test_reconcile_removes_customer_without_document() -> None:
    """A customer without a document is removed from the index."""
    documents = await indexed_customers()
    await documents.commit([Delete(f"customers/{PEOPLE[0]}")])
    assert await repair_count(documents, full_scan=False) == 1
    assert set(await names(documents)) == set(PEOPLE[1:])


async def test_reconcile_with_different_sums_repairs_customer() -> None:
    """Different sums lead to a comparison of the customers."""
    documents = await indexed_customers()
    await documents.commit([Update(f"customers/{PEOPLE[0]}", {"spend": 7, "version": 2})])
    assert await repair_count(documents, full_scan=False) == 1


async def test_reconcile_in_full_scan_repairs_name() -> None:
    """A field that is not summed is repaired in a full scan."""
    documents = await indexed_customers()
    await documents.commit([Update(f"customers/{PEOPLE[0]}", {"name": "Other"})])
    assert await repair_count(documents, full_scan=True) == 1
    assert (await names(documents))[PEOPLE[0]] == "Other"


async def test_reconcile_of_customer_changed_meanwhile_skips_it() -> None:
    """A customer that is written during the repair is skipped, because that commit updates the index."""

    class Busy(RecordingDocuments):
        async def commit(self, writes: Sequence[Write]) -> None:
            first = writes[0]
            if isinstance(first, Update) and first.expected:
                await super().commit([Update(first.path, {"name": "Newer"})])
            await super().commit(writes)

    documents = Busy()
    await documents.commit([Put(f"customers/{PEOPLE[0]}", customer(PEOPLE[0]))])
    assert await reconcile(documents, [0, 1], full_scan=[0, 1]) == 0


async def test_run_until_compares_every_bucket_once_a_day() -> None:
    """Each day every bucket is compared once, and one bucket in a full scan."""
    documents = await indexed_customers()
    clock = [NOW]
    comparison = Reconciliation(documents, clock=lambda: clock[0])
    await comparison.run_until(NO_DEADLINE)
    state = await documents.get(STATE_PATH)
    assert (state["day"], state["remaining"], state["full_scan"]) == (
        "2026-11-23",
        [],
        [NOW.date().toordinal() % BUCKETS],
    )
    documents.commits.clear()
    await comparison.run_until(NO_DEADLINE)
    assert documents.commits == []
    clock[0] += timedelta(days=1)
    await comparison.run_until(time.monotonic() - 1)
    assert documents.commits == []
    await comparison.run_until(NO_DEADLINE)
    assert (await documents.get(STATE_PATH))["full_scan"] == [(NOW.date().toordinal() + 1) % BUCKETS]


async def test_rebuild_of_lost_index_restores_it() -> None:
    """A rebuild restores an index whose documents were deleted."""
    documents = await indexed_events()
    everything = await documents.query(Query(collection="audience", fields=()))
    await documents.commit([Delete(one.path) for one in everything])
    await documents.commit(customer_delta([tombstone(PEOPLE[0], version=1)]))
    assert await names(documents) == {}
    comparison = Reconciliation(documents, clock=lambda: NOW)
    assert await comparison.progress() == ReconciliationProgress(day="", remaining=0, rebuilding=False)
    await comparison.request_rebuild()
    assert await comparison.progress() == ReconciliationProgress(day="2026-11-23", remaining=BUCKETS, rebuilding=True)
    await comparison.run_until(NO_DEADLINE)
    assert await comparison.progress() == ReconciliationProgress(day="2026-11-23", remaining=0, rebuilding=False)
    assert set(await names(documents)) == set(PEOPLE)
    assert await stored_events(documents) == ALL_EVENTS


def order(event_id: str, amount: int = 5) -> tuple[Put, CustomerEvent]:
    stored = {"customer": PEOPLE[0], "type": "order", "at": NOW, "amount": amount, "counted_at": NOW}
    event = activity_event(event_id, customer=PEOPLE[0], kind="order", at=NOW, amount=amount, now=NOW)
    return Put(f"activities/{event_id}", stored), event


def opened(receipt_id: str, customer: str = PEOPLE[0]) -> tuple[Put, CustomerEvent]:
    stored = {"customer": customer, "kind": "opened", "at": NOW, "campaign": "c"}
    event = engagement_event(receipt_id, customer=customer, kind="opened", campaign="c", at=NOW)
    return Put(f"receipts/{receipt_id}", stored), event


EVENT_PAIRS = [order("00a"), order("ffa"), opened("00b.opened"), opened("7fb.opened.2")]
ALL_BUCKETS = list(range(BUCKETS))


async def indexed_events(
    *, indexed: Sequence[int] = range(len(EVENT_PAIRS)), compacted: bool = True
) -> RecordingDocuments:
    """Documents of events, of which the index has those with the numbers in `indexed`."""
    documents = await indexed_customers()
    visit = {"customer": PEOPLE[0], "type": "browsed", "at": NOW, "counted_at": NOW}
    delivered = {"customer": PEOPLE[0], "kind": "delivered", "at": NOW, "campaign": "c"}
    others = [Put("activities/00c", visit), Put("receipts/00b.delivered", delivered)]
    stored = [put for put, _ in EVENT_PAIRS]
    await documents.commit([*others, *stored, *event_delta([EVENT_PAIRS[one][1] for one in indexed])])
    if compacted:
        await compact(documents, now=NOW, owner="a", table=EVENTS)
    documents.commits.clear()
    return documents


async def stored_events(documents: RecordingDocuments) -> set[tuple[str, int | None]]:
    audience = Audience(documents)
    await audience.load_events()
    return {*await audience.select("SELECT id, amount FROM events", [])}


ALL_EVENTS = {(event.id, event.amount) for _, event in EVENT_PAIRS}


@pytest.mark.parametrize("full_scan", [ALL_BUCKETS, []])
@pytest.mark.parametrize("compacted", [True, False])
async def test_reconcile_of_equal_events_writes_nothing(full_scan: list[int], compacted: bool) -> None:
    """If index and documents have the same events, nothing is written."""
    documents = await indexed_events(compacted=compacted)
    assert await reconcile(documents, ALL_BUCKETS, full_scan=full_scan) == 0
    assert documents.commits == []
    assert documents.listed == (len(PEOPLE) + len(EVENT_PAIRS) if full_scan else 0)


@pytest.mark.parametrize("missing", range(len(EVENT_PAIRS)))
async def test_reconcile_adds_event_missing_in_index(missing: int) -> None:
    """An event that the index lacks is added."""
    documents = await indexed_events(indexed=[one for one in range(len(EVENT_PAIRS)) if one != missing])
    assert await reconcile(documents, ALL_BUCKETS, full_scan=[]) == 1
    assert await stored_events(documents) == ALL_EVENTS
    assert await reconcile(documents, ALL_BUCKETS, full_scan=ALL_BUCKETS) == 0


async def test_reconcile_removes_event_without_document() -> None:
    """An event without a document is removed, and no other event."""
    documents = await indexed_events()
    await documents.commit(event_delta([order("00d")[1]]))
    assert await reconcile(documents, ALL_BUCKETS, full_scan=[]) == 1
    for _ in range(2):
        assert await stored_events(documents) == ALL_EVENTS
        assert await reconcile(documents, ALL_BUCKETS, full_scan=ALL_BUCKETS) == 0
        await compact(documents, now=NOW, owner="a", table=EVENTS)


async def test_reconcile_in_full_scan_repairs_event() -> None:
    """An event with a different field is repaired in a full scan."""
    documents = await indexed_events()
    await documents.commit([order("00a", amount=7)[0]])
    assert await reconcile(documents, ALL_BUCKETS, full_scan=[]) == 0
    assert await reconcile(documents, ALL_BUCKETS, full_scan=ALL_BUCKETS) == 1
    assert await stored_events(documents) == ALL_EVENTS - {("00a", 5)} | {("00a", 7)}


async def test_reconcile_does_not_restore_events_of_erased_customer() -> None:
    """The redacted documents of an erased customer do not bring events back."""
    documents = await indexed_events(indexed=[])
    emptied = Put("activities/00a", {"customer": ERASED_CUSTOMER_ID, "erased": True})
    await documents.commit(
        [emptied, Delete("activities/ffa"), *(opened(d.id, ERASED_CUSTOMER_ID)[0] for _, d in EVENT_PAIRS[2:])]
    )
    documents.commits.clear()
    assert await reconcile(documents, ALL_BUCKETS, full_scan=[]) == 0
    assert await reconcile(documents, ALL_BUCKETS, full_scan=ALL_BUCKETS) == 0
    assert documents.commits == []
