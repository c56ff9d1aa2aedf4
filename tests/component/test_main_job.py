"""The main job in memory is exact, also if events are delivered twice, late, or not at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from campaigns.model.campaign import Campaign
from campaigns.sending.fan_out import CurrentRows, page_path
from common.errors import Refused
from common.events import FanOut, MessageReady, Receipt, ReceiptsReported, RecipientSelected, Retry
from common.ids import bucket_of, message_id
from common.storage.documents import Create, Delete, Increment, Merge, Query, Snapshot, Update, Where
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.in_memory_herald import NOW, InMemoryHerald, expected_outcome
from tests.support import HASHER
from vendor.circuit import Circuit
from vendor.vendors.simulator.sender import stable_fraction


@pytest.mark.parametrize(("copies", "seed", "index"), [(1, 0, False), (2, 1, True), (3, 2, False)])
async def test_main_job_with_reordered_and_repeated_events_sends_once(copies: int, seed: int, index: bool) -> None:
    """Every recipient is sent to once, however often and in whatever order the events come; the totals agree."""
    herald = InMemoryHerald(seed=seed, copies=copies, page_size=3, index=index)
    people = await herald.add_customers(300)
    await herald.launch()
    await herald.work()
    failed = sum(expected_outcome(message_id("c", person)) == "failed" for person in people)
    assert await herald.totals() == {
        "audience": 300,
        "sent": 300 - failed,
        "failed": failed,
        "skipped": 0,
        "unknown": 0,
        "pending": 0,
    }
    assert sorted(herald.vendor.sent_keys) == sorted(message_id("c", person) for person in people)
    await herald.tick()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["totals"]) == ("finished", await herald.totals())


async def test_fan_out_of_excluded_customers_records_the_reasons() -> None:
    """A customer without consent or address gets a `skipped` receipt with the reason."""
    herald = InMemoryHerald()
    upserts = CustomerUpserts(herald.documents, hashes=HASHER)
    await upserts.upsert(
        [CustomerInput(email="no@example.com", consent={"email": False}), CustomerInput(phone="+919876543210")]
    )
    await herald.add_customers(3)
    await herald.launch()
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    assert statistics.totals["skipped"] == 2
    assert statistics.skipped_reasons == {"no_consent": 1, "no_address": 1}
    assert len(herald.vendor.sent_keys) == 3


async def test_campaign_with_empty_audience_finishes_at_next_tick() -> None:
    """A rule that matches nobody ends in a finished campaign with an audience of 0."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    await herald.launch("spend > 10000")
    await herald.work()
    await herald.tick()
    assert (await herald.documents.get("campaigns/c"))["totals"]["audience"] == 0
    assert (await herald.documents.get("campaigns/c"))["state"] == "finished"


async def test_delivery_while_vendor_is_down_is_retried_with_same_key() -> None:
    """Meanwhile the messages are deferred; the circuit lets a trial through from time to time."""
    herald = InMemoryHerald()
    people = await herald.add_customers(20)
    herald.vendor.failures_left = 25
    await herald.launch()
    await herald.work()
    assert herald.vendor.sent_keys == []
    assert (await herald.totals())["pending"] == 20
    for _ in range(25):  # the circuit lets one trial through at a time
        await herald.tick(minutes=10)
    assert sorted(herald.vendor.sent_keys) == sorted(message_id("c", person) for person in people)
    assert (await herald.totals())["pending"] == 0


async def test_delivery_to_vendor_that_stays_down_fails_with_reason() -> None:
    """After the last try the message is recorded as failed, and can be retried."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    herald.vendor.failures_left = 1000
    await herald.launch()
    for _ in range(20):
        await herald.tick(minutes=20)
    assert (await herald.totals())["failed"] == 1
    receipt = await herald.documents.get(f"receipts/{message_id('c', person)}.outcome")
    assert receipt["reason"] == "Given up after 10 tries: The vendor is down."
    assert not receipt.get("permanent")


async def test_cancel_while_vendor_is_down_skips_untried_messages() -> None:
    """Messages that were never tried do not need the vendor in order to be skipped."""
    herald = InMemoryHerald()
    await herald.add_customers(20)
    open_circuit(herald)
    await herald.launch()
    await herald.work()
    assert await deferred_because(herald, "vendor") == 20
    await herald.lifecycle.cancel(await herald.campaign(), by="me")
    await herald.tick(minutes=1)
    await herald.tick()
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"cancelled": 20}
    assert herald.vendor.sent_keys == []
    assert not (await herald.campaign())["open"]


async def test_circuit_trial_of_message_already_sent_is_given_back() -> None:
    """Duplicates that are not sent leave the single trial of a half-open circuit to another message."""
    herald = InMemoryHerald()
    await herald.add_customers(1)
    delivered: list[MessageReady] = []
    deliver = herald.handlers[MessageReady]

    async def record_and_deliver(message: MessageReady) -> None:
        delivered.append(message)
        await deliver(message)

    herald.handlers[MessageReady] = record_and_deliver
    await herald.launch()
    await herald.work()
    circuit = open_circuit(herald)
    herald.now += timedelta(seconds=30)
    await herald.publisher.publish([delivered[0]] * 3)
    await herald.work()
    assert len(herald.vendor.sent_keys) == 1
    assert [circuit.allow(herald.now) for _ in range(2)] == [True, False]


async def test_cancel_of_tried_message_while_vendor_is_down_waits_for_vendor() -> None:
    """The message may have been sent: only the vendor knows."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    herald.vendor.failures_left = 1
    await herald.launch()
    await herald.work()
    open_circuit(herald, seconds=600)
    await herald.lifecycle.cancel(await herald.campaign(), by="me")
    await herald.tick(minutes=1)
    assert herald.vendor.sent_keys == []
    await herald.tick(minutes=10)
    assert herald.vendor.sent_keys == [message_id("c", person)]
    assert (await herald.totals())["skipped"] == 0


async def deferred_because(herald: InMemoryHerald, reason: str) -> int:
    """How many messages of the campaign are deferred for the reason."""
    where = [Where("campaign", "==", "c"), Where("reason", "==", reason)]
    return len(await herald.documents.query(Query(collection="deferred", where=where)))


def open_circuit(herald: InMemoryHerald, *, seconds: float = 0) -> Circuit:
    """Opens the vendor's circuit: five failures, with a retry time in `seconds`."""
    for _ in range(5):
        herald.circuit.record_failure(herald.now, seconds)
    return herald.circuit


async def test_delivery_after_retry_after_waits_that_long() -> None:
    """A vendor that answers with a retry time gets no request before that time."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    herald.vendor.failures_left, herald.vendor.retry_after = 1, 1800
    await herald.launch()
    await herald.work()
    await herald.tick(minutes=29)
    assert herald.vendor.sent_keys == []
    await herald.tick(minutes=2)
    assert herald.vendor.sent_keys == [message_id("c", person)]


async def test_permanent_rejection_fails_at_once_and_is_not_retried() -> None:
    """It is recorded with its reason, sent once, and left out of a retry."""
    herald = InMemoryHerald()
    people = await herald.add_customers(60)
    await herald.launch()
    await herald.work()
    rejected = [id_ for id_ in (message_id("c", person) for person in people) if stable_fraction("outcome", id_) < 0.1]
    receipts = await herald.documents.get_all([f"receipts/{id_}.outcome" for id_ in rejected])
    assert len(receipts) > 2
    assert {(receipt["kind"], bool(receipt.get("permanent")), receipt["reason"]) for receipt in receipts} == {
        ("failed", True, "No such mailbox."),
    }
    assert {Counter(herald.vendor.sent_keys)[id_] for id_ in rejected} == {1}
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    assert not {f"{id_}.2" for id_ in rejected} & set(herald.vendor.sent_keys)


async def test_rate_limit_defers_messages_instead_of_refusing_them() -> None:
    """Messages over the rate wait in `deferred` and do not slow down the subscription."""
    herald = InMemoryHerald()
    await herald.add_customers(100)
    await herald.launch(per_minute=10)
    await herald.work()
    assert (herald.failed_deliveries, herald.vendor.sent_keys) == (0, [])
    assert await deferred_because(herald, "rate") == 100
    for _ in range(3):
        await herald.tick(minutes=1)
    assert herald.failed_deliveries == 0
    assert 0 < len(herald.vendor.sent_keys) < 30


async def test_fan_out_of_unpublished_page_publishes_it_as_planned() -> None:
    """After a crash exactly the planned customers get a message, even if one has changed since."""
    herald = InMemoryHerald()
    people = await herald.add_customers(40, spend=100)
    await herald.launch("spend >= 100")
    bucket = bucket_of(people[0])
    planned = sorted(person for person in people if bucket_of(person) == bucket)
    page = {"campaign": "c", "bucket": bucket, "planned": planned, "skipped": {}, "after": planned[-1]}
    page |= {"audience": len(planned), "final": True, "done": 0, "last": 0}
    await herald.documents.commit([Create(page_path("c", bucket, 0), page)])
    await CustomerUpserts(herald.documents, hashes=HASHER).upsert([CustomerInput(external_id="0", spend=1)])
    await herald.work()
    assert (await herald.totals())["audience"] == 40
    assert message_id("c", people[0]) in herald.vendor.sent_keys


async def test_fan_out_over_its_time_budget_publishes_a_continuation() -> None:
    """The continuation processes the remaining pages; nobody is missed or sent to twice."""
    herald = InMemoryHerald(page_size=1, fan_out_seconds=-1)
    await herald.add_customers(150)
    await herald.launch()
    await herald.work()
    assert (await herald.totals())["audience"] == 150
    assert len(set(herald.vendor.sent_keys)) == 150


async def test_fan_out_of_draft_sends_nothing() -> None:
    """A command for a campaign that is not running has no effect."""
    herald = InMemoryHerald()
    await herald.add_customers(5)
    await herald.launch(state="draft")
    await herald.work()
    assert herald.vendor.sent_keys == []


async def test_watchdog_with_lost_events_sends_them_again() -> None:
    """Lost commands, recipients, deliveries and receipts are all found, after the campaign has stalled."""
    herald = InMemoryHerald(seed=3)
    people = await herald.add_customers(300)
    await herald.launch()
    herald.publisher.events = herald.publisher.events[:40]
    await herald.work(max_events=40)
    herald.publisher.events = herald.publisher.events[::2]
    await herald.work(max_events=60)
    herald.publisher.events = herald.publisher.events[::2]
    await herald.work()
    await herald.tick()
    assert (await herald.totals())["pending"] > 0
    await herald.tick(minutes=9)
    assert (await herald.totals())["pending"] > 0  # not stalled yet
    for _ in range(3):
        await herald.tick(minutes=11)
    totals = await herald.totals()
    assert (totals["audience"], totals["pending"]) == (300, 0)
    assert set(herald.vendor.sent_keys) == {message_id("c", person) for person in people}
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"


async def test_watchdog_with_silent_vendor_backs_off_and_records_failure() -> None:
    """The interval between checks doubles, from ten minutes on; after about a day the message has failed."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    herald.vendor.never_reports = True
    await herald.launch()
    await herald.work()
    await herald.tick()
    start, sent_after = herald.now, list[float]()  # minutes
    while (await herald.totals())["pending"]:
        before = len(herald.vendor.sent_keys)
        await herald.tick(minutes=5)
        sent_after += [(herald.now - start) / timedelta(minutes=1)] * (len(herald.vendor.sent_keys) - before)
    gaps = [later - earlier for earlier, later in pairwise([0, *sent_after])]
    assert [round(gap / 10) for gap in gaps] == [1, 2, 4, 8, 16, 32]
    assert timedelta(hours=21) <= herald.now - start <= timedelta(hours=23)
    assert set(herald.vendor.sent_keys) == {message_id("c", person)}
    receipt = await herald.documents.get(f"receipts/{message_id('c', person)}.outcome")
    assert (receipt["kind"], receipt["reason"], bool(receipt.get("permanent")), receipt["to"]) == (
        ("failed", "no report from the vendor", False, "p0@example.com")
    )
    await herald.tick()
    assert ((await herald.campaign())["state"], (await herald.ledger.statistics("c")).retryable) == ("finished", 1)


async def test_pause_defers_all_messages_and_resume_sends_them() -> None:
    """Nothing is sent during the pause, and every message once after it."""
    herald = InMemoryHerald(seed=4)
    people = await herald.add_customers(300)
    await herald.launch()
    await herald.work(max_events=150)
    await herald.lifecycle.pause(await herald.campaign(), by="me")
    sent = len(herald.vendor.sent_keys)
    await herald.work()
    assert len(herald.vendor.sent_keys) == sent
    deferred = await herald.documents.query(Query(collection="deferred"))
    assert {message["reason"] for message in deferred} == {"paused"}
    await herald.tick(minutes=30)
    assert len(herald.vendor.sent_keys) == sent
    await herald.lifecycle.resume(await herald.campaign(), by="me")
    await herald.work()
    assert sorted(herald.vendor.sent_keys) == sorted(message_id("c", person) for person in people)
    assert (await herald.totals())["pending"] == 0
    assert await herald.documents.query(Query(collection="deferred")) == []


class ClosedLimit(AbstractAsyncContextManager[None]):
    """A concurrency limit that lets nobody in until it is open, and counts those who wait."""

    def __init__(self) -> None:
        self.waiting = 0
        self.open = asyncio.Event()

    async def __aenter__(self) -> None:
        self.waiting += 1
        await self.open.wait()

    async def __aexit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("state", ["paused", "cancelled", "down"])
async def test_delivery_waiting_for_concurrency_limit_checks_state_again(state: str) -> None:
    """A message goes by the state of campaign and vendor at the time when its turn comes."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    herald.vendor.concurrency_limit = limit = ClosedLimit()
    herald.restart()
    await herald.launch()
    work = asyncio.create_task(herald.work())
    while limit.waiting < 3:
        await asyncio.sleep(0)
    if state == "down":
        open_circuit(herald, seconds=60)
    else:
        await herald.documents.commit([Update("campaigns/c", {"state": state})])
    limit.open.set()
    await work
    assert herald.vendor.sent_keys == []
    assert (await herald.totals())["skipped"] == (3 if state == "cancelled" else 0)
    deferred = await herald.documents.query(Query(collection="deferred"))
    assert [message["reason"] for message in deferred] == (
        [] if state == "cancelled" else [{"down": "vendor"}.get(state, state)] * 3
    )


@pytest.mark.parametrize("paused", [True, False])
async def test_cancel_skips_exactly_the_messages_not_sent(paused: bool) -> None:
    """Sent, failed and cancelled messages add up to the audience."""
    herald = InMemoryHerald(seed=5)
    people = await herald.add_customers(300)
    await herald.launch()
    await herald.work(max_events=300)
    if paused:
        await herald.lifecycle.pause(await herald.campaign(), by="me")
        await herald.work(max_events=30)
    await herald.lifecycle.cancel(await herald.campaign(), by="me")
    await herald.work()
    await herald.tick()
    statistics = await herald.ledger.statistics("c")
    assert statistics.totals["audience"] == 300
    assert statistics.pending == 0
    assert statistics.kinds["sent"] + statistics.kinds["failed"] == len(set(herald.vendor.sent_keys)) > 0
    assert statistics.skipped_reasons == {"cancelled": 300 - len(herald.vendor.sent_keys)}
    assert len(people) == 300
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["open"], campaign["totals"]) == ("cancelled", False, statistics.totals)


async def test_cancel_skips_deferred_messages_despite_cached_state() -> None:
    """Even functions that have cached the campaign as running do not send them."""
    herald = InMemoryHerald(seed=5, cached_states=True)
    await herald.add_customers(100)
    await herald.launch(per_minute=10)
    await herald.work()
    await herald.tick(minutes=1)
    sent = len(herald.vendor.sent_keys)
    assert 0 < sent < 20
    await herald.lifecycle.cancel(await herald.campaign(), by="me")
    await herald.work()
    assert len(herald.vendor.sent_keys) == sent
    statistics = await herald.ledger.statistics("c")
    assert (statistics.pending, statistics.skipped_reasons) == (0, {"cancelled": 100 - sent})


async def test_cancel_skips_recipients_selected_later_despite_cached_state() -> None:
    """Recipients whom fan-out selects after the cancellation are skipped."""
    herald = InMemoryHerald(seed=5, cached_states=True)
    await herald.add_customers(200)
    await herald.launch()
    fan_outs = herald.publisher.events
    herald.publisher.events = fan_outs[:20]
    await herald.work()
    sent = len(herald.vendor.sent_keys)
    assert 0 < sent < 100
    await herald.lifecycle.cancel(await herald.campaign(), by="me")
    await herald.work()
    assert len(herald.vendor.sent_keys) == sent
    assert (await herald.totals())["skipped"] == 200 - sent


async def test_resume_after_cached_pause_does_not_defer_again() -> None:
    """A paused state is never cached, so the requeued messages are sent."""
    herald = InMemoryHerald(cached_states=True)
    await herald.add_customers(30)
    await herald.launch()
    await herald.work(max_events=64)
    await herald.lifecycle.pause(await herald.campaign(), by="me")
    await herald.work()
    assert herald.vendor.sent_keys == []
    await herald.lifecycle.resume(await herald.campaign(), by="me")
    await herald.work()
    assert len(herald.vendor.sent_keys) == 30


async def test_dispatch_of_campaign_paused_or_cancelled_meanwhile_stops() -> None:
    """The state is read again in each step of a dispatch that began before."""
    herald = InMemoryHerald()
    await herald.add_customers(20)
    await herald.launch(per_minute=10)
    await herald.work()
    for state, left in (("paused", 20), ("cancelled", 0)):
        await herald.documents.commit([Update("campaigns/c", {"state": state})])
        await herald.dispatch.dispatch_due("c")
        assert len(await herald.documents.query(Query(collection="deferred"))) == left
    assert {event.skip_reason for event in herald.publisher.events if isinstance(event, MessageReady)} == {"cancelled"}


async def test_retry_sends_temporarily_failed_messages_again() -> None:
    """Requested twice and delivered twice, each message has one second attempt; the ledger keeps both."""
    herald = InMemoryHerald(seed=6, copies=2)
    people = await herald.add_customers(200)
    await herald.launch()
    await herald.work()
    await herald.tick()
    before = await herald.ledger.statistics("c")
    retryable = [
        m for m in (message_id("c", person) for person in people) if 0.1 <= stable_fraction("outcome", m) < 0.3
    ]
    assert before.retryable == len(retryable) > 10
    for _ in range(2):
        await herald.lifecycle.retry(await herald.campaign(), by="me")
    assert (await herald.campaign())["state"] == "running"
    await herald.work()
    await herald.tick()
    after = await herald.ledger.statistics("c")
    again = [key for key in herald.vendor.sent_keys if "." in key]
    assert sorted(again) == sorted(f"{message}.2" for message in retryable)
    assert after.totals["pending"] == 0
    assert after.kinds["retried"] == len(retryable)
    assert after.kinds["sent"] == before.kinds["sent"] + sum(stable_fraction("outcome", key) >= 0.3 for key in again)
    assert after.totals["audience"] == 200
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"]) == ("finished", None)
    first = await herald.documents.get(f"receipts/{retryable[0]}.outcome")
    assert first["kind"] == "failed"
    assert (await herald.documents.get(f"receipts/{retryable[0]}.outcome.2")).exists


@pytest.mark.parametrize("lost", [False, True])
async def test_retry_of_message_the_vendor_may_have_uses_same_key(lost: bool) -> None:
    """Also if the attempt is lost. A report on the first attempt counts for the second."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    message = message_id("c", person)
    herald.vendor.late_answers_left, herald.vendor.never_reports = 10, True
    await herald.launch()
    while (await herald.campaign())["state"] != "finished":
        await herald.tick(minutes=20)  # ten tries; how long each waits is partly random
    failure = await herald.documents.get(f"receipts/{message}.outcome")
    assert (failure["kind"], failure["retry_of_attempt"], (await herald.campaign())["state"]) == (
        "failed",
        1,
        "finished",
    )
    herald.now += timedelta(minutes=10)  # the circuit lets a trial through again
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    if lost:
        await herald.work(max_events=1)
        herald.publisher.events = []
        for _ in range(3):
            await herald.tick(minutes=11)
    await herald.work()
    assert (len(herald.vendor.sent_keys), set(herald.vendor.sent_keys)) == (11, {message})
    report = Receipt(message_id=message, campaign_id="c", customer_id=person, kind="sent", at=herald.now)
    again = report.model_copy(update={"kind": "failed", "retry_of_attempt": 1})
    assert (await herald.totals())["pending"] == 1
    await herald.publisher.publish([ReceiptsReported(receipts=[again])])
    await herald.work()
    assert (await herald.totals())["pending"] == 1
    await herald.publisher.publish([ReceiptsReported(receipts=[report, report])])
    await herald.work()
    assert (await herald.totals()) == {"audience": 1, "sent": 1, "failed": 0, "skipped": 0, "unknown": 0, "pending": 0}
    assert (await herald.documents.get(f"receipts/{message}.outcome.2"))["kind"] == "sent"
    await herald.tick()
    assert ((await herald.campaign())["state"], (await herald.campaign())["discrepancy"]) == ("finished", None)


async def test_retry_after_withdrawn_consent_skips_the_message() -> None:
    """A customer without consent by now gets no second attempt."""
    herald = InMemoryHerald(seed=6)
    await herald.add_customers(100)
    await herald.launch()
    await herald.work()
    await herald.tick()
    before = await herald.ledger.statistics("c")
    assert before.retryable > 5
    await herald.add_customers(100, consent={"email": False})
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    await herald.tick()
    after = await herald.ledger.statistics("c")
    assert not [key for key in herald.vendor.sent_keys if "." in key]
    assert after.skipped_reasons == {"no_consent": before.retryable}
    assert (after.pending, (await herald.campaign())["state"]) == (0, "finished")


async def test_resume_after_withdrawn_consent_skips_on_warm_instance() -> None:
    """An instance that has the audience in memory reads it again. The database clock is ahead of the launch."""
    herald = InMemoryHerald(page_size=10, database_time=NOW + timedelta(days=1))
    people = await herald.add_customers(100)
    await herald.launch()
    await herald.fan_out.run(FanOut(campaign_id="c", bucket=bucket_of(people[0])))  # the audience is in memory now
    found = {event.customer_id for event in herald.publisher.events if isinstance(event, RecipientSelected)}
    await herald.lifecycle.pause(await herald.campaign(), by="me")
    herald.publisher.events = []
    await herald.add_customers(100, consent={"email": False})
    await herald.lifecycle.resume(await herald.campaign(), by="me")
    await herald.work()
    await herald.tick(minutes=11)
    await herald.tick(minutes=11)
    statistics = await herald.ledger.statistics("c")
    assert (herald.vendor.sent_keys, statistics.skipped_reasons, len(found) > 0) == ([], {"no_consent": 100}, True)


async def test_retry_after_withdrawn_consent_skips_on_warm_instance() -> None:
    """An instance that has the audience in memory reads it again before a retry."""
    herald = InMemoryHerald(seed=6, database_time=NOW + timedelta(days=1))
    await herald.add_customers(100)
    await herald.launch()
    await herald.work()
    before = await herald.ledger.statistics("c")
    await herald.add_customers(100, consent={"email": False})
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    after = await herald.ledger.statistics("c")
    assert not [key for key in herald.vendor.sent_keys if "." in key]
    assert after.skipped_reasons == {"no_consent": before.retryable}


async def test_fan_out_refresh_costs_two_reads_per_page() -> None:
    """Besides the blocks of the index, which are read once."""
    herald = InMemoryHerald(page_size=10, index=True)
    await herald.add_customers(1_000)
    await herald.launch()
    commands, herald.publisher.events = herald.publisher.events, []
    reads = Counter[str]()
    get = herald.documents.get

    async def counting(path: str, **options: Any) -> Snapshot:
        reads[path.partition("/")[0]] += 1
        return await get(path, **options)

    herald.documents.get = counting  # type: ignore[method-assign]
    for command in commands:
        assert isinstance(command, FanOut)
        await herald.fan_out.run(command)
    pages = await herald.documents.query(Query(collection="pages"))
    assert reads["audience"] <= 2 * len(pages) + 20  # the blocks, once


async def test_watchdog_with_lost_skip_receipt_records_it_again() -> None:
    """It is recorded with the original reason, even if the customer has given consent since; nothing is sent."""
    herald = InMemoryHerald()
    await herald.add_customers(20, consent={"email": False})
    await herald.launch()
    record = herald.handlers[ReceiptsReported]
    herald.handlers[ReceiptsReported] = lambda _: asyncio.sleep(0)
    await herald.work()
    herald.handlers[ReceiptsReported] = record
    await herald.add_customers(20, consent={"email": True})
    for _ in range(2):
        assert (await herald.totals())["pending"] == 20
        await herald.tick(minutes=11)
    assert herald.vendor.sent_keys == []
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"no_consent": 20}


async def test_fan_out_of_erased_customer_skips_unless_sent_before() -> None:
    """A planned customer who was erased ends as skipped, or as the vendor reported."""
    herald = InMemoryHerald()
    people = await herald.add_customers(2)
    await herald.launch()
    campaign = Campaign.from_snapshot(await herald.campaign())
    await herald.fan_out.send(campaign, CurrentRows(at=None, rows=dict.fromkeys(people)))
    await herald.work()
    outcomes = [await herald.documents.get(f"receipts/{message_id('c', person)}.outcome") for person in people]
    assert all(receipt["kind"] in {"sent", "failed"} or receipt["reason"] == "erased" for receipt in outcomes)
    skipped = [receipt for receipt in outcomes if receipt["kind"] == "skipped"]
    assert len(herald.vendor.sent_keys) == 2 - len(skipped)


async def test_scheduled_campaign_at_its_start_time_is_launched() -> None:
    """The first tick at or after the start time launches it."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    await herald.launch(state="draft", launched_at=None, open=False)
    herald.publisher.events = []
    await herald.lifecycle.schedule(await herald.campaign(), herald.now + timedelta(hours=1), by="me")
    await herald.tick(minutes=59)
    assert (await herald.campaign())["state"] == "scheduled"
    await herald.tick(minutes=1)
    assert (await herald.totals())["audience"] == 3
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"


async def test_discrepancy_at_finish_is_stored_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A missing receipt shows in the campaign and in the log."""
    herald = InMemoryHerald(finishes_early=False)
    [person] = await herald.add_customers(1)
    await herald.launch()
    await herald.work()
    await herald.documents.commit([Delete(f"receipts/{message_id('c', person)}.outcome")])
    await herald.tick()
    campaign = await herald.campaign()
    assert {"counters": 1, "ledger": 0} in campaign["discrepancy"].values()
    assert all(numbers["counters"] == numbers["ledger"] + 1 for numbers in campaign["discrepancy"].values())
    assert "counters differ" in caplog.text


@pytest.mark.parametrize("by", [-1, 1])
async def test_discrepancy_that_prevents_finish_is_stored_and_logged_once(
    by: int, caplog: pytest.LogCaptureFixture
) -> None:
    """When the counters are right again, the campaign finishes without a discrepancy."""
    herald = InMemoryHerald(finishes_early=False)
    await herald.add_customers(1)
    await herald.launch()
    await herald.work()
    [kind] = [kind for kind, number in (await herald.totals()).items() if number and kind != "audience"]
    await herald.documents.commit([Merge("counters/c.one", {"campaign": "c", "kinds": {kind: Increment(by)}})])
    for _ in range(3):
        await herald.tick(minutes=11)
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"]) == ("running", {kind: {"counters": 1 + by, "ledger": 1}})
    assert caplog.text.count("counters differ") == 1
    assert ("more outcomes than people" in caplog.text) == (by > 0)
    await herald.documents.commit([Merge("counters/c.one", {"campaign": "c", "kinds": {kind: Increment(-by)}})])
    await herald.tick()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"]) == ("finished", None)


async def test_tick_with_error_in_one_campaign_processes_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """The error is logged once for the check and once for the dispatch."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    await herald.launch()
    await herald.work()
    await herald.documents.commit(
        [
            Create("campaigns/a", {"state": "running", "open": True}),
            Create("counters/a.one", {"campaign": "a", "kinds": 5}),
            Create("deferred/1", {"campaign": "a", "shard": 0, "until": NOW}),
        ]
    )
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    assert caplog.text.count("duty of the tick failed") == 2  # in the check and in the dispatch


async def test_second_outcome_of_one_message_is_not_counted() -> None:
    """The first outcome that is recorded stands: the outcomes never exceed the audience."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    await herald.launch()
    await herald.work()
    before = await herald.totals()
    other = "failed" if before["sent"] else "sent"
    receipt = Receipt(message_id=message_id("c", person), campaign_id="c", customer_id=person, kind=other, at=NOW)
    await herald.publisher.publish([ReceiptsReported(receipts=[receipt, receipt])])
    await herald.work()
    assert await herald.totals() == before


async def test_receipts_after_an_outcome_are_counted_once_each() -> None:
    """Repeated `opened` and `delivered` receipts do not count again."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    await herald.launch()
    await herald.work()
    receipts = [
        Receipt(message_id=message_id("c", person), campaign_id="c", customer_id=person, kind=kind, at=NOW)
        for kind in ("opened", "delivered", "opened")
    ]
    await herald.publisher.publish([ReceiptsReported(receipts=receipts), ReceiptsReported(receipts=receipts)])
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    assert (statistics.kinds["opened"], statistics.kinds["delivered"]) == (1, 1)
    assert len(await herald.documents.query(Query(collection="receipts"))) == 3


async def test_tick_before_lost_retry_command_does_not_finish_campaign() -> None:
    """The campaign stays open until the watchdog has published the lost command again."""
    herald = InMemoryHerald(seed=6)
    await herald.add_customers(100)
    await herald.launch()
    await herald.work()
    await herald.tick()
    before = await herald.ledger.statistics("c")
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    herald.publisher.events = []
    await herald.tick()
    assert (await herald.campaign())["state"] == "running"
    for _ in range(3):
        await herald.tick(minutes=11)
    after = await herald.ledger.statistics("c")
    assert after.kinds["retried"] == before.retryable > 5
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"], campaign["totals"]) == ("finished", None, after.totals)


async def test_launch_with_lost_commit_response_succeeds() -> None:
    """The commit is recognized as its own, and fan-out starts at once."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    await herald.launch(state="draft", launched_at=None, open=False)
    herald.publisher.events = []
    draft = await herald.campaign()
    herald.documents.lost = 1
    await herald.lifecycle.launch(draft, by="me")
    await herald.work()
    assert (await herald.totals())["audience"] == 3
    with pytest.raises(Refused, match="The campaign is finished"):
        await herald.lifecycle.launch(draft, by="someone else")
    assert len(await herald.documents.query(Query(collection="audit_outbox"))) == 1


async def test_retry_command_delivered_again_does_not_open_third_attempts() -> None:
    """Second attempts that failed wait for the next retry."""
    herald = InMemoryHerald(seed=6)
    await herald.add_customers(200)
    await herald.launch()
    await herald.work()
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    [command] = [event for event in herald.publisher.events if isinstance(event, Retry)]
    await herald.work()
    assert (await herald.ledger.statistics("c")).retryable > 0
    await herald.publisher.publish([command])
    await herald.work()
    assert not [key for key in herald.vendor.sent_keys if key.endswith(".3")]
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    assert [key for key in herald.vendor.sent_keys if key.endswith(".3")]


async def test_vendors_words_are_logged_without_addresses(caplog: pytest.LogCaptureFixture) -> None:
    """Mail servers name the recipient when they refuse; erasure cannot reach the logs."""
    caplog.set_level("INFO")
    herald = InMemoryHerald()
    await herald.add_customers(1)
    herald.vendor.failures_left, herald.vendor.failure = 1, "450 4.2.0 <p0@example.com>: Greylisted"
    await herald.launch()
    await herald.work()
    [entry] = [record for record in caplog.records if record.__dict__.get("event") == "vendor_unavailable"]
    assert entry.__dict__["reason"] == "450 4.2.0 … Greylisted"
