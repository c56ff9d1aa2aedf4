"""What customers did, in the audience index: in step with the ledger and the activities, and gone with the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from common.audience import (
    EVENTS,
    Audience,
    Happening,
    change,
    fold,
    forgotten,
    happened,
    order_or_visit,
    reaction,
    row_of,
    tombstone,
)
from common.events import Receipt, ReceiptKind
from common.ids import bucket_of, message_id
from common.messages.ledger import Ledger
from common.rules import Received, Rule, parse
from common.storage.documents import Write
from common.storage.memory import MemoryDocuments

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ORDERED_TWICE = parse("ordered at least 2 times")


class Counted(MemoryDocuments):
    """Knows how many documents were written, and which were read."""

    written = 0

    async def commit(self, writes: Sequence[Write]) -> None:
        self.written += len(writes)
        await super().commit(writes)


def order(number: int, *, customer: str = "asha", written: datetime = NOW) -> Happening:
    return order_or_visit(f"order-{number}", customer=customer, kind="order", at=NOW, amount=100, now=written)


async def world(*customers: str) -> Counted:
    documents = Counted()
    rows = [row_of(one, {"bucket": bucket_of(one), "version": 1}) for one in customers]
    await documents.commit(change(rows))
    return documents


async def found(audience: Audience, rule: Rule) -> list[str]:
    await audience.refresh()
    return [row.id for row in await audience.sample(rule, NOW)]


def receipt(customer: str, kind: ReceiptKind, campaign: str = "c") -> Receipt:
    return Receipt(
        message_id=message_id(campaign, customer), campaign_id=campaign, customer_id=customer, kind=kind, at=NOW
    )


def reacted(op: str, *campaigns: str) -> Rule:
    return Received(op=op, campaign="named", campaigns=campaigns)


async def test_what_the_ledger_records_is_found_at_once_and_after_a_fold() -> None:
    documents = await world("asha", "ravi")
    audience, ledger = Audience(documents), Ledger(documents, shard="one")
    assert await found(audience, reacted("received", "c")) == []
    await ledger.record([receipt("asha", "sent"), receipt("ravi", "failed"), receipt("asha", "opened")])
    for _ in range(2):
        assert await found(audience, reacted("received", "c")) == ["asha"]
        assert await found(audience, reacted("opened", "c", "d")) == ["asha"]
        assert await found(audience, reacted("opened", "d")) == []
        assert await found(audience, parse("NOT received any campaign")) == ["ravi"]
        assert await found(Audience(documents), parse("opened in the last 1 day")) == ["asha"]
        await fold(documents, now=NOW, owner="a", sheet=EVENTS)


async def test_a_commit_of_receipts_costs_one_document_more() -> None:
    documents = await world()
    ledger = Ledger(documents, shard="one")
    before = documents.written
    await ledger.record([receipt(f"p{number}", "sent") for number in range(400)])
    assert documents.written - before == 400 + 1 + 1  # receipts, the counter, the change
    before = documents.written
    await ledger.record([receipt("p0", "delivered")])
    assert documents.written - before == 2  # no rule speaks of deliveries


async def test_a_receipt_that_comes_twice_is_there_once() -> None:
    documents = await world("asha")
    ledger = Ledger(documents, shard="one")
    for _ in range(2):
        await ledger.record([receipt("asha", "sent"), receipt("asha", "sent")])
    await documents.commit(happened([order(1)]))
    await documents.commit(happened([order(1), order(2)]))
    audience = Audience(documents)
    assert await found(audience, parse("ordered exactly 2 times")) == ["asha"]
    await fold(documents, now=NOW, owner="a", sheet=EVENTS)
    assert await found(audience, parse("ordered exactly 2 times")) == ["asha"]
    assert await found(Audience(documents), parse("ordered for exactly 2")) == ["asha"]


async def test_an_order_and_its_customer_are_seen_together_or_not_at_all() -> None:
    documents = await world("asha")
    audience = Audience(documents)
    assert await found(audience, parse("ordered OR orders > 0")) == []
    customer = row_of("asha", {"bucket": bucket_of("asha"), "version": 2, "orders": 1})
    await documents.commit([*change([customer]), *happened([order(1)])])
    assert await audience.count(parse("ordered OR orders > 0"), NOW) == 0  # not refreshed yet
    assert await found(audience, parse("ordered AND orders > 0")) == ["asha"]


async def test_nothing_is_loaded_for_rules_that_do_not_speak_of_it() -> None:
    documents = await world("asha")
    await documents.commit(happened([order(1)]))
    audience = Audience(documents)
    await found(audience, parse("everyone"))
    assert await audience.select("SELECT count(*) FROM events", []) == [(0,)]
    await found(audience, parse("NOT ordered"))
    assert await audience.select("SELECT count(*) FROM events", []) == [(1,)]


EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
STEPS = ("before", "erase", "after")


@pytest.mark.parametrize("steps", list(permutations(STEPS)))
@pytest.mark.parametrize("folded", range(4))
@pytest.mark.parametrize("seen", [True, False])
async def test_an_erased_customers_past_is_gone_and_a_new_one_counts(
    steps: tuple[str, ...], folded: int, seen: bool
) -> None:
    """In whatever order changes are known, and with a fold after any of them: who comes back starts anew. Only a fold
    of the erasure comes after what it takes along: that was written before."""
    documents = await world()
    audience = Audience(documents)
    erased_at = int(NOW.timestamp() * 1_000_000)
    writes = {
        "before": happened([order(1, written=EARLIER), order(2, written=EARLIER)]),
        "erase": [
            *change([tombstone("asha", version=erased_at)]),
            *happened([forgotten("asha", version=erased_at)]),
        ],
        "after": [
            *change([row_of("asha", {"bucket": bucket_of("asha"), "version": erased_at + 1})]),
            *happened([order(3, written=LATER)]),
        ],
    }
    for number, step in enumerate(steps):
        await documents.commit(writes[step])
        if folded == number and steps.index("before") <= max(number, steps.index("erase") - 1):
            await fold(documents, now=NOW, owner="a", sheet=EVENTS)
        if seen:
            await found(audience, parse("ordered"))
    for reader in (audience, Audience(documents)):
        assert await found(reader, ORDERED_TWICE) == []
        assert await found(reader, parse("ordered exactly 1 time")) == ["asha"]
    await fold(documents, now=LATER, owner="a", sheet=EVENTS)
    reader = Audience(documents)
    assert await found(reader, parse("ordered exactly 1 time")) == ["asha"]
    assert await reader.select("SELECT id FROM happenings", []) == [("order-3",)]


async def test_a_reaction_is_known_by_its_receipt() -> None:
    one = reaction("m.opened", customer="asha", kind="opened", campaign="c", at=NOW)
    assert (one.id, one.bucket, one.happened, one.version) == (
        "m.opened", bucket_of("asha"), NOW, int(NOW.timestamp() * 1_000_000),
    )  # fmt: skip
    assert happened([]) == []
