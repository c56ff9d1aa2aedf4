"""Customers are merged while messages to them are on their way, or while others write them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.errors import NotFound
from common.ids import message_id
from common.messages.deferred import deferred_event
from common.storage.documents import Delete, Query
from customers.commands.merge import CustomerMerges
from customers.commands.record_activities import ActivityRecorder
from customers.commands.upsert import CustomerUpserts
from customers.model.activity import ActivityInput
from customers.model.customer import CustomerInput
from tests.component.test_races import InterveningStore
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER, ResponseLosingStore, customer_id

OLD, KEPT = customer_id("external_id", "1"), customer_id("external_id", "kept")
OLD_ADDRESS, KEPT_ADDRESS = "p1@example.com", "kept@example.com"
MOMENTS = [1, 10, 30, 50, 64, 66, 68]
"""Deliveries after which the two are merged: while the pages are planned, when all are, and while texts are written."""


async def add(herald: InMemoryHerald, row: dict[str, Any]) -> None:
    upserts = CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    await upserts.upsert([CustomerInput.model_validate(row)])


async def merge(herald: InMemoryHerald) -> bool:
    """Merges the two. Whether the message to the old one was claimed before, so that it may have been sent."""
    claims = {claim["customer"] for claim in await herald.documents.query(Query(collection="claims"))}
    await CustomerMerges(herald.documents, hashes=HASHER, clock=lambda: herald.now).merge(KEPT, OLD, by="me")
    return OLD in claims


async def sends(herald: InMemoryHerald) -> Counter[str]:
    """How often the vendor was asked to send to each address, under different keys."""
    claims = {claim.id: claim["to"] for claim in await herald.documents.query(Query(collection="claims"))}
    return Counter(claims[key] for key in set(herald.vendor.sent_keys))


@pytest.mark.parametrize("events", MOMENTS)
async def test_message_to_a_customer_who_was_merged_goes_to_the_kept_one(events: int) -> None:
    """Only the old one was planned. The message goes to the kept one's address, and the numbers add up."""
    herald = InMemoryHerald(seed=events)
    await herald.add_customers(3, spend=5)
    await add(herald, {"external_id": "kept", "email": KEPT_ADDRESS})
    await herald.launch("spend > 0")
    await herald.work(max_events=events)
    was_claimed = await merge(herald)
    await herald.work()
    sent, statistics = await sends(herald), await herald.ledger.statistics("c")
    assert (sent[OLD_ADDRESS], sent[KEPT_ADDRESS]) == ((1, 0) if was_claimed else (0, 1))
    assert (statistics.audience, statistics.pending) == (3, 0)


@pytest.mark.parametrize("events", MOMENTS)
async def test_message_to_a_customer_who_was_merged_keeps_the_no_of_the_kept_one(events: int) -> None:
    """The kept customer said no, and so nothing is sent to the old one either."""
    herald = InMemoryHerald(seed=events)
    await herald.add_customers(3, spend=5)
    await add(herald, {"external_id": "kept", "email": KEPT_ADDRESS, "consent": {"email": False}})
    await herald.launch("spend > 0")
    await herald.work(max_events=events)
    was_claimed = await merge(herald)
    await herald.work()
    sent, statistics = await sends(herald), await herald.ledger.statistics("c")
    assert sent[OLD_ADDRESS] + sent[KEPT_ADDRESS] == int(was_claimed)
    assert (statistics.audience, statistics.pending) == (3, 0)


@pytest.mark.parametrize("events", MOMENTS)
async def test_two_messages_to_customers_who_were_merged_become_one(events: int) -> None:
    """Both were planned: one inbox gets one message."""
    herald = InMemoryHerald(seed=events)
    await herald.add_customers(3)
    await add(herald, {"external_id": "kept", "email": KEPT_ADDRESS})
    await herald.launch()
    await herald.work(max_events=events)
    was_claimed = await merge(herald)
    await herald.work()
    sent, statistics = await sends(herald), await herald.ledger.statistics("c")
    assert (sent[KEPT_ADDRESS], sent[OLD_ADDRESS]) == (1, int(was_claimed))
    assert statistics.pending == 0
    assert statistics.skipped_reasons == ({} if was_claimed else {"same_address": 1})


@pytest.mark.parametrize("events", [1, 64])
@pytest.mark.parametrize("correction", [False, True])
async def test_deferred_message_follows_the_merge_and_a_later_correction(events: int, correction: bool) -> None:
    """It is deferred with the old address, or, after the merge, with the kept customer's; it goes to the address that
    the kept customer has in the end."""
    herald = InMemoryHerald()
    await herald.add_customers(3, spend=5)
    await add(herald, {"external_id": "kept", "email": KEPT_ADDRESS})
    await herald.launch("spend > 0", per_minute=1)
    await herald.work(max_events=events)
    await merge(herald)
    await herald.work(max_events=64)
    deferred = [one for one in herald.documents.stored("deferred") if one["customer"] == OLD]
    assert [deferred_event(one).to for one in deferred] == [OLD_ADDRESS if events == 64 else KEPT_ADDRESS]
    if correction:
        await add(herald, {"external_id": "kept", "email": "corrected@example.com"})
    for _ in range(10):
        await herald.tick(minutes=1)
    assert await sends(herald) == Counter(
        {"p0@example.com": 1, "p2@example.com": 1, "corrected@example.com" if correction else KEPT_ADDRESS: 1}
    )
    assert (await herald.ledger.statistics("c")).pending == 0


async def test_retry_of_a_message_to_a_customer_who_was_merged_goes_to_the_kept_one() -> None:
    """It failed before the merge; its retry, under the same message id, is for the kept customer."""
    herald = InMemoryHerald()
    people = await herald.add_customers(20, spend=5)
    await add(herald, {"external_id": "kept", "email": KEPT_ADDRESS})
    await herald.launch("spend > 0")
    await herald.work()
    receipts = await herald.documents.query(Query(collection="receipts"))
    failed = [one["customer"] for one in receipts if one["kind"] == "failed" and not one.get("permanent")]
    assert failed
    assert set(failed) <= set(people)
    await CustomerMerges(herald.documents, hashes=HASHER, clock=lambda: herald.now).merge(KEPT, failed[0], by="me")
    await herald.act(lambda lifecycle: lifecycle.retry)
    await herald.work()
    claim = await herald.documents.get(f"claims/{message_id('c', failed[0])}.2")
    assert claim["to"] == KEPT_ADDRESS
    assert (await herald.ledger.statistics("c")).pending == 0


def order(number: int, **whose: Any) -> ActivityInput:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number % 9)
    fields = {"event_id": f"e{number}", "type": "order", "amount": 1, "at": at}
    return ActivityInput.model_validate({**fields, **whose})


@pytest.mark.parametrize("seed", range(8))
async def test_nothing_is_lost_or_counted_twice_while_customers_are_merged(seed: int) -> None:
    """Orders by id and address, changes, and the merge itself come at once, each twice; answers are lost."""
    rng = random.Random(seed)
    documents = ResponseLosingStore()
    upserts, recorder = CustomerUpserts(documents, hashes=HASHER), ActivityRecorder(documents, hashes=HASHER, zone=UTC)
    rows = [{"external_id": "kept", "email": "k@example.com"}, {"external_id": "1", "email": "o@example.com"}]
    await upserts.upsert([CustomerInput.model_validate(row) for row in rows])
    merges = [CustomerMerges(documents, hashes=HASHER) for _ in range(2)]
    documents.lost = 6
    whose = [{"external_id": "kept"}, {"external_id": "1"}, {"email": "k@example.com"}, {"customer_id": OLD}]
    orders = [order(number, **whose[number % 4]) for number in range(40)]
    recorders = [ActivityRecorder(documents, hashes=HASHER, zone=UTC) for _ in range(3)]
    calls: list[Any] = [
        *(one.merge(KEPT, OLD, by="me") for one in merges),
        *(rng.choice(recorders).record([one], on_unknown_customer="reject") for one in [*orders, *orders]),
        *(upserts.upsert([CustomerInput.model_validate(rows[n % 2] | {"tags": [f"t{n}"]})]) for n in range(6)),
    ]
    rng.shuffle(calls)
    await asyncio.gather(*calls)
    await recorder.record([order(40, customer_id=OLD)], on_unknown_customer="reject")
    kept, old = await documents.get_all([f"customers/{KEPT}", f"customers/{OLD}"])
    assert (kept["orders"], kept["spend"], kept["active_days"]) == (41, 4100, 9)
    assert (old["merged_into"], kept["merged_from"]) == (KEPT, [OLD])
    assert len(documents.stored("activities")) == 41
    audits = [one for one in documents.stored("audit_outbox") if one["what"] == "customers merged"]
    assert len(audits) == 1


@pytest.mark.parametrize("changed", ["kept", "1"])
async def test_change_between_the_read_and_the_commit_is_not_lost(changed: str) -> None:
    """The merge reads both customers again."""
    documents = InterveningStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    await upserts.upsert([CustomerInput(external_id=name) for name in ("kept", "1")])
    newer = CustomerInput(external_id=changed, company="Acme")
    documents.intervene("customers", lambda: upserts.upsert([newer]))
    outcome = await CustomerMerges(documents, hashes=HASHER).merge(KEPT, OLD, by="me")
    assert outcome.customer.company == "Acme"


async def test_customer_who_is_erased_during_a_merge_stays_erased() -> None:
    """The kept customer is erased between the merge's read and its commit: nobody is merged into nobody."""
    documents = InterveningStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    await upserts.upsert([CustomerInput(external_id=name) for name in ("kept", "1")])
    documents.intervene("customers", lambda: _delete(documents, f"customers/{KEPT}"))
    with pytest.raises(NotFound):
        await CustomerMerges(documents, hashes=HASHER).merge(KEPT, OLD, by="me")
    assert [one["external_id"] for one in documents.stored("customers")] == ["1"]


async def _delete(documents: InterveningStore, path: str) -> None:
    await documents.commit([Delete(path)])


async def test_row_of_a_merged_customer_finds_the_one_who_is_kept_in_the_end() -> None:
    """The kept customer is merged into a third one, right after the row's customer was read."""
    documents = InterveningStore()
    upserts, merges = CustomerUpserts(documents, hashes=HASHER), CustomerMerges(documents, hashes=HASHER)
    await upserts.upsert([CustomerInput(external_id=name) for name in ("kept", "1", "third")])
    third = customer_id("external_id", "third")
    await merges.merge(KEPT, OLD, by="me")
    documents.intervene("customers", lambda: merges.merge(third, KEPT, by="me"))
    [result] = await upserts.upsert([CustomerInput(external_id="1", city="Pune")])
    stored = await documents.get_all([f"customers/{id_}" for id_ in (third, KEPT, OLD)])
    assert (result.status, result.id, stored[0]["city"]) == ("updated", third, "Pune")
    assert [set(one.data or {}) for one in stored[1:]] == [
        {"merged_into", "merged_at", "version", "addresses", "lists_pending"}
    ] * 2
