"""Events in the audience index: consistent with ledger and activities, and deleted with the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

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
    events_tombstone,
    row_from_document,
    tombstone,
)
from common.events import Receipt, ReceiptKind
from common.ids import bucket_of, message_id
from common.messages.ledger import Ledger
from common.rules import EngagementNode, Rule, parse
from common.storage.documents import Write
from common.storage.memory import MemoryDocuments

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ORDERED_TWICE = parse("ordered at least 2 times")


class WriteCountingDocuments(MemoryDocuments):
    """Counts the documents written."""

    written = 0

    async def commit(self, writes: Sequence[Write]) -> None:
        self.written += len(writes)
        await super().commit(writes)


def order(number: int, *, customer: str = "asha", written: datetime = NOW) -> CustomerEvent:
    return activity_event(f"order-{number}", customer=customer, kind="order", at=NOW, amount=100, now=written)


async def documents_with(*customers: str) -> WriteCountingDocuments:
    documents = WriteCountingDocuments()
    rows = [row_from_document(one, {"bucket": bucket_of(one), "version": 1}) for one in customers]
    await documents.commit(customer_delta(rows))
    return documents


async def matching_ids(audience: Audience, rule: Rule) -> list[str]:
    await audience.refresh()
    return [row.id for row in await audience.sample(rule, NOW)]


def receipt(customer: str, kind: ReceiptKind, campaign: str = "c") -> Receipt:
    return Receipt(
        message_id=message_id(campaign, customer), campaign_id=campaign, customer_id=customer, kind=kind, at=NOW
    )


def engagement_rule(op: str, *campaigns: str) -> Rule:
    return EngagementNode(op=op, campaign="named", campaigns=campaigns)


async def test_receipt_once_recorded_is_matched_before_and_after_compaction() -> None:
    """Rules match the receipts of the ledger at once, and still after compactions."""
    documents = await documents_with("asha", "ravi")
    audience, ledger = Audience(documents), Ledger(documents, shard="one")
    assert await matching_ids(audience, engagement_rule("received", "c")) == []
    await ledger.record([receipt("asha", "sent"), receipt("ravi", "failed"), receipt("asha", "opened")])
    for _ in range(2):
        assert await matching_ids(audience, engagement_rule("received", "c")) == ["asha"]
        assert await matching_ids(audience, engagement_rule("opened", "c", "d")) == ["asha"]
        assert await matching_ids(audience, engagement_rule("opened", "d")) == []
        assert await matching_ids(audience, parse("NOT received any campaign")) == ["ravi"]
        assert await matching_ids(Audience(documents), parse("opened in the last 1 day")) == ["asha"]
        await compact(documents, now=NOW, owner="a", table=EVENTS)


async def test_commit_of_receipts_writes_one_extra_document() -> None:
    """The index adds one document to a commit of receipts, and none for receipts that no rule can use."""
    documents = await documents_with()
    ledger = Ledger(documents, shard="one")
    before = documents.written
    await ledger.record([receipt(f"p{number}", "sent") for number in range(400)])
    assert documents.written - before == 400 + 1 + 1  # receipts, the counter, the change
    before = documents.written
    await ledger.record([receipt("p0", "delivered")])
    assert documents.written - before == 2  # no rule speaks of deliveries


async def test_duplicate_event_is_counted_once() -> None:
    """An event that is written twice counts once."""
    documents = await documents_with("asha")
    ledger = Ledger(documents, shard="one")
    for _ in range(2):
        await ledger.record([receipt("asha", "sent"), receipt("asha", "sent")])
    await documents.commit(event_delta([order(1)]))
    await documents.commit(event_delta([order(1), order(2)]))
    audience = Audience(documents)
    assert await matching_ids(audience, parse("ordered exactly 2 times")) == ["asha"]
    await compact(documents, now=NOW, owner="a", table=EVENTS)
    assert await matching_ids(audience, parse("ordered exactly 2 times")) == ["asha"]
    assert await matching_ids(Audience(documents), parse("ordered for exactly 2")) == ["asha"]


async def test_order_and_customer_of_one_commit_become_visible_together() -> None:
    """Changes of a customer and an event in the same commit are visible at the same time."""
    documents = await documents_with("asha")
    audience = Audience(documents)
    assert await matching_ids(audience, parse("ordered OR orders > 0")) == []
    customer = row_from_document("asha", {"bucket": bucket_of("asha"), "version": 2, "orders": 1})
    await documents.commit([*customer_delta([customer]), *event_delta([order(1)])])
    assert await audience.count(parse("ordered OR orders > 0"), NOW) == 0  # not refreshed yet
    assert await matching_ids(audience, parse("ordered AND orders > 0")) == ["asha"]


async def test_rule_without_events_loads_no_events() -> None:
    """Events are loaded only when a rule needs them."""
    documents = await documents_with("asha")
    await documents.commit(event_delta([order(1)]))
    audience = Audience(documents)
    await matching_ids(audience, parse("everyone"))
    assert await audience.select("SELECT count(*) FROM events", []) == [(0,)]
    await matching_ids(audience, parse("NOT ordered"))
    assert await audience.select("SELECT count(*) FROM events", []) == [(1,)]


EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
STEPS = ("before", "erase", "after")


@pytest.mark.parametrize("steps", list(permutations(STEPS)))
@pytest.mark.parametrize("folded", range(4))
@pytest.mark.parametrize("seen", [True, False])
async def test_erasure_in_any_order_of_deltas_deletes_only_earlier_events(
    steps: tuple[str, ...], folded: int, seen: bool
) -> None:
    """In any order of deltas, and with a compaction after any of them, an erasure deletes only earlier events.

    A compaction of the erasure alone comes after the events that it deletes, because they were written before.
    """
    documents = await documents_with()
    audience = Audience(documents)
    erased_at = int(NOW.timestamp() * 1_000_000)
    writes = {
        "before": event_delta([order(1, written=EARLIER), order(2, written=EARLIER)]),
        "erase": [
            *customer_delta([tombstone("asha", version=erased_at)]),
            *event_delta([events_tombstone("asha", version=erased_at)]),
        ],
        "after": [
            *customer_delta([row_from_document("asha", {"bucket": bucket_of("asha"), "version": erased_at + 1})]),
            *event_delta([order(3, written=LATER)]),
        ],
    }
    for number, step in enumerate(steps):
        await documents.commit(writes[step])
        if folded == number and steps.index("before") <= max(number, steps.index("erase") - 1):
            await compact(documents, now=NOW, owner="a", table=EVENTS)
        if seen:
            await matching_ids(audience, parse("ordered"))
    for reader in (audience, Audience(documents)):
        assert await matching_ids(reader, ORDERED_TWICE) == []
        assert await matching_ids(reader, parse("ordered exactly 1 time")) == ["asha"]
    await compact(documents, now=LATER, owner="a", table=EVENTS)
    reader = Audience(documents)
    assert await matching_ids(reader, parse("ordered exactly 1 time")) == ["asha"]
    assert await reader.select("SELECT id FROM events_versions", []) == [("order-3",)]


async def test_engagement_event_has_fields_of_its_receipt() -> None:
    """An engagement event has the id of its receipt, the bucket of the customer, and the time as version."""
    one = engagement_event("m.opened", customer="asha", kind="opened", campaign="c", at=NOW)
    assert (one.id, one.bucket, one.occurred_at, one.version) == (
        "m.opened", bucket_of("asha"), NOW, int(NOW.timestamp() * 1_000_000),
    )  # fmt: skip
    assert event_delta([]) == []
