"""The main job in memory: exact, whatever is delivered twice, late, or not at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from campaigns.model.campaign import Campaign
from campaigns.sending.fan_out import page_path
from common.errors import Refused
from common.events import FanOut, MessagePersonalized, Receipt, ReceiptsReported, RecipientFound, Retry
from common.ids import bucket_of, message_id
from common.messages.campaign_state import Controls
from common.storage.documents import Create, Delete, Increment, Merge, Query, Snapshot, Update, Where
from customers.commands.upsert import Ingestion
from customers.model.customer import CustomerIn
from tests.in_memory_herald import NOW, Herald, fate
from tests.support import HASHES
from vendor.circuit import Circuit
from vendor.vendors.simulator.sender import chance


@pytest.mark.parametrize(("copies", "seed"), [(1, 0), (2, 1), (3, 2)])
async def test_everybody_once(copies: int, seed: int) -> None:
    """However often and in whatever order events come: each person is sent to once, and the numbers say so."""
    herald = Herald(seed=seed, copies=copies, page=3)
    people = await herald.customers(300)
    await herald.launch()
    await herald.work()
    failed = sum(fate(message_id("c", one)) == "failed" for one in people)
    assert await herald.totals() == {
        "audience": 300,
        "sent": 300 - failed,
        "failed": failed,
        "skipped": 0,
        "pending": 0,
    }
    assert sorted(herald.vendor.book) == sorted(message_id("c", one) for one in people)
    await herald.tick()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["totals"]) == ("finished", await herald.totals())


async def test_who_is_left_out_has_a_receipt_with_the_reason() -> None:
    herald = Herald()
    ingestion = Ingestion(herald.documents, hashes=HASHES)
    await ingestion.upsert(
        [CustomerIn(email="no@example.com", consent={"email": False}), CustomerIn(phone="+919876543210")]
    )
    await herald.customers(3)
    await herald.launch()
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    assert statistics.totals["skipped"] == 2
    assert statistics.skipped_reasons == {"no_consent": 1, "no_address": 1}
    assert len(herald.vendor.book) == 3


async def test_an_empty_audience_finishes_at_once() -> None:
    herald = Herald()
    await herald.customers(3)
    await herald.launch("spend > 10000")
    await herald.work()
    await herald.tick()
    assert (await herald.documents.get("campaigns/c"))["totals"]["audience"] == 0
    assert (await herald.documents.get("campaigns/c"))["state"] == "finished"


async def test_a_vendor_that_is_down_is_tried_again_with_the_same_key() -> None:
    """Meanwhile the messages wait; the circuit lets one through now and then."""
    herald = Herald()
    people = await herald.customers(20)
    herald.vendor.down = 25
    await herald.launch()
    await herald.work()
    assert herald.vendor.book == []
    assert (await herald.totals())["pending"] == 20
    for _ in range(10):
        await herald.tick(minutes=10)
    assert sorted(herald.vendor.book) == sorted(message_id("c", one) for one in people)
    assert (await herald.totals())["pending"] == 0


async def test_a_vendor_that_stays_down_makes_it_fail_at_last_with_the_reason() -> None:
    herald = Herald()
    [person] = await herald.customers(1)
    herald.vendor.down = 1000
    await herald.launch()
    for _ in range(20):
        await herald.tick(minutes=20)
    assert (await herald.totals())["failed"] == 1
    receipt = await herald.documents.get(f"receipts/{message_id('c', person)}.outcome")
    assert receipt["reason"] == "Given up after 10 tries: The vendor is down."
    assert not receipt["permanent"]


async def test_a_vendor_that_is_down_keeps_nobody_from_being_skipped() -> None:
    """Nobody has been tried: they wait for the vendor, and need it no more once the campaign is cancelled."""
    herald = Herald()
    await herald.customers(20)
    opened(herald)
    await herald.launch()
    await herald.work()
    assert len(await herald.documents.query(Query(collection="held", where=[Where("reason", "==", "vendor")]))) == 20
    await herald.conductor.cancel(await herald.campaign(), by="me")
    await herald.tick(minutes=1)
    await herald.tick()
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"cancelled": 20}
    assert herald.vendor.book == []
    assert not (await herald.campaign())["open"]


async def test_what_is_not_sent_after_all_does_not_use_up_the_trial_of_a_vendor_that_was_down() -> None:
    herald = Herald()
    await herald.customers(1)
    delivered: list[MessagePersonalized] = []
    deliver = herald.handlers[MessagePersonalized]

    async def noted(message: MessagePersonalized) -> None:
        delivered.append(message)
        await deliver(message)

    herald.handlers[MessagePersonalized] = noted
    await herald.launch()
    await herald.work()
    circuit = opened(herald)
    herald.now += timedelta(seconds=30)
    await herald.publisher.publish([delivered[0]] * 3)
    await herald.work()
    assert len(herald.vendor.book) == 1
    assert [circuit.allow(herald.now) for _ in range(2)] == [True, False]


async def test_who_was_tried_before_the_cancelling_waits_for_the_vendor() -> None:
    """They may have been sent to: only the vendor knows."""
    herald = Herald()
    [person] = await herald.customers(1)
    herald.vendor.down = 1
    await herald.launch()
    await herald.work()
    opened(herald, seconds=600)
    await herald.conductor.cancel(await herald.campaign(), by="me")
    await herald.tick(minutes=1)
    assert herald.vendor.book == []
    await herald.tick(minutes=10)
    assert herald.vendor.book == [message_id("c", person)]
    assert (await herald.totals())["skipped"] == 0


def opened(herald: Herald, *, seconds: float = 0) -> Circuit:
    """The vendor's circuit, after it was down five times and asked to be left alone for so long."""
    circuit = herald.deliverer._circuits["simulator"]
    for _ in range(5):
        circuit.failed(herald.now, seconds)
    return circuit


async def test_who_asks_to_be_left_alone_is_asked_no_sooner() -> None:
    herald = Herald()
    [person] = await herald.customers(1)
    herald.vendor.down, herald.vendor.retry_after = 1, 1800
    await herald.launch()
    await herald.work()
    await herald.tick(minutes=29)
    assert herald.vendor.book == []
    await herald.tick(minutes=2)
    assert herald.vendor.book == [message_id("c", person)]


async def test_a_refusal_for_good_is_a_failure_at_once() -> None:
    herald = Herald()
    people = await herald.customers(60)
    await herald.launch()
    await herald.work()
    for_good = [one for one in (message_id("c", who) for who in people) if chance("outcome", one) < 0.1]
    receipts = await herald.documents.get_all([f"receipts/{one}.outcome" for one in for_good])
    assert len(receipts) > 2
    assert {(one["kind"], one["permanent"], one["reason"]) for one in receipts} == {
        ("failed", True, "No such mailbox."),
    }
    assert {Counter(herald.vendor.book)[one] for one in for_good} == {1}
    await herald.conductor.retry(await herald.campaign(), by="me")
    await herald.work()
    assert not {f"{one}.2" for one in for_good} & set(herald.vendor.book)


async def test_a_rate_refuses_no_message() -> None:
    """What is over it waits beside the subscription, and holds nobody else's messages up."""
    herald = Herald()
    herald.releasing._seconds = 0
    await herald.customers(100)
    await herald.launch(per_minute=10)
    await herald.work()
    assert (herald.refused, herald.vendor.book) == (0, [])
    assert len(await herald.documents.query(Query(collection="held", where=[Where("reason", "==", "rate")]))) == 100
    for _ in range(3):
        await herald.tick(minutes=1)
    assert herald.refused == 0
    assert 0 < len(herald.vendor.book) < 30


async def test_a_page_planned_but_not_published_is_published_as_planned() -> None:
    """The fan-out died after its commit, and a customer was changed since: exactly those planned are written to."""
    herald = Herald()
    people = await herald.customers(40, spend=100)
    await herald.launch("spend >= 100")
    bucket = bucket_of(people[0])
    planned = sorted(one for one in people if bucket_of(one) == bucket)
    page = {"campaign": "c", "bucket": bucket, "planned": planned, "skipped": {}, "after": planned[-1]}
    page |= {"audience": len(planned), "final": True, "done": 0, "last": 0}
    await herald.documents.commit([Create(page_path("c", bucket, 0), page)])
    await Ingestion(herald.documents, hashes=HASHES).upsert([CustomerIn(external_id="0", spend=1)])
    await herald.work()
    assert (await herald.totals())["audience"] == 40
    assert message_id("c", people[0]) in herald.vendor.book


async def test_fan_out_within_its_budget_leaves_the_rest_to_a_continuation() -> None:
    herald = Herald(page=1)
    herald.fan_out._budget = -1
    await herald.customers(150)
    await herald.launch()
    await herald.work()
    assert (await herald.totals())["audience"] == 150
    assert len(set(herald.vendor.book)) == 150


async def test_a_draft_is_not_fanned_out() -> None:
    herald = Herald()
    await herald.customers(5)
    await herald.launch(state="draft")
    await herald.work()
    assert herald.vendor.book == []


async def test_what_was_lost_on_the_way_is_found_and_sent_on() -> None:
    """Fan-outs, recipients, deliveries, receipts: whatever vanished with whoever had it."""
    herald = Herald(seed=3)
    people = await herald.customers(300)
    await herald.launch()
    herald.publisher.events = herald.publisher.events[:40]
    await herald.work(most=40)
    herald.publisher.events = herald.publisher.events[::2]
    await herald.work(most=60)
    herald.publisher.events = herald.publisher.events[::2]
    await herald.work()
    await herald.tick()
    assert (await herald.totals())["pending"] > 0
    await herald.tick(minutes=9)
    assert (await herald.totals())["pending"] > 0  # it could still be on its way
    for _ in range(3):
        await herald.tick(minutes=11)
    totals = await herald.totals()
    assert (totals["audience"], totals["pending"]) == (300, 0)
    assert set(herald.vendor.book) == {message_id("c", one) for one in people}
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"


async def test_a_vendor_that_never_reports_is_asked_ever_less_and_at_last_it_has_failed() -> None:
    """Ten minutes after it stood still, twenty after that, and so on."""
    herald = Herald()
    [person] = await herald.customers(1)
    herald.vendor.silent = True
    await herald.launch()
    await herald.work()
    await herald.tick()
    start, asked = herald.now, list[float]()
    while (await herald.totals())["pending"]:
        before = len(herald.vendor.book)
        await herald.tick(minutes=5)
        asked += [(herald.now - start) / timedelta(minutes=1)] * (len(herald.vendor.book) - before)
    gaps = [later - earlier for earlier, later in pairwise([0, *asked])]
    assert [round(gap / 10) for gap in gaps] == [1, 2, 4, 8, 16, 32]
    assert timedelta(hours=21) <= herald.now - start <= timedelta(hours=23)
    assert set(herald.vendor.book) == {message_id("c", person)}
    receipt = await herald.documents.get(f"receipts/{message_id('c', person)}.outcome")
    assert (receipt["kind"], receipt["reason"], receipt["permanent"], receipt["to"]) == (
        ("failed", "no report from the vendor", False, "p0@example.com")
    )
    await herald.tick()
    assert ((await herald.campaign())["state"], (await herald.ledger.statistics("c")).retryable) == ("finished", 1)


async def test_a_pause_puts_everything_aside_and_a_resume_releases_exactly_that() -> None:
    herald = Herald(seed=4)
    people = await herald.customers(300)
    await herald.launch()
    await herald.work(most=150)
    await herald.conductor.pause(await herald.campaign(), by="me")
    sent = len(herald.vendor.book)
    await herald.work()
    assert len(herald.vendor.book) == sent
    held = await herald.documents.query(Query(collection="held", where=[Where("campaign", "==", "c")]))
    assert {one["reason"] for one in held} == {"paused"}
    await herald.tick(minutes=30)
    assert len(herald.vendor.book) == sent
    await herald.conductor.resume(await herald.campaign(), by="me")
    await herald.work()
    assert sorted(herald.vendor.book) == sorted(message_id("c", one) for one in people)
    assert (await herald.totals())["pending"] == 0
    assert await herald.documents.query(Query(collection="held", where=[Where("campaign", "==", "c")])) == []


@pytest.mark.parametrize("what", ["paused", "cancelled", "down"])
async def test_whoever_waits_for_a_place_goes_by_what_is_true_when_it_is_free(what: str) -> None:
    herald = Herald()
    await herald.customers(3)
    herald.vendor.room = room = asyncio.Semaphore(0)
    herald.begin()
    await herald.launch()
    work = asyncio.create_task(herald.work())
    while len(herald.deliverer._under_way) < 3:
        await asyncio.sleep(0)
    if what == "down":
        opened(herald, seconds=60)
    else:
        await herald.documents.commit([Update("campaigns/c", {"state": what})])
    for _ in range(3):
        room.release()
    await work
    assert herald.vendor.book == []
    assert (await herald.totals())["skipped"] == (3 if what == "cancelled" else 0)
    held = await herald.documents.query(Query(collection="held"))
    assert [one["reason"] for one in held] == ([] if what == "cancelled" else [{"down": "vendor"}.get(what, what)] * 3)


@pytest.mark.parametrize("paused", [True, False])
async def test_cancelling_skips_exactly_those_who_were_not_sent_to(paused: bool) -> None:
    herald = Herald(seed=5)
    people = await herald.customers(300)
    await herald.launch()
    await herald.work(most=300)
    if paused:
        await herald.conductor.pause(await herald.campaign(), by="me")
        await herald.work(most=30)
    await herald.conductor.cancel(await herald.campaign(), by="me")
    await herald.work()
    await herald.tick()
    statistics = await herald.ledger.statistics("c")
    assert statistics.totals["audience"] == 300
    assert statistics.pending == 0
    assert statistics.kinds["sent"] + statistics.kinds["failed"] == len(set(herald.vendor.book)) > 0
    assert statistics.skipped_reasons == {"cancelled": 300 - len(herald.vendor.book)}
    assert len(people) == 300
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["open"], campaign["totals"]) == ("cancelled", False, statistics.totals)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> type[Controls]:
    """Functions that look at a campaign once, and take it to be so for ever."""
    monkeypatch.setattr("common.messages.campaign_state.REMEMBERED_SECONDS", 1e9)
    return Controls


async def test_what_waits_when_a_campaign_is_cancelled_is_skipped_for_certain(patient: type[Controls]) -> None:
    """Even by those who still take the campaign to be running."""
    herald = Herald(seed=5, controls=patient)
    await herald.customers(100)
    herald.releasing._seconds = 0
    await herald.launch(per_minute=10)
    await herald.work()
    await herald.tick(minutes=1)
    sent = len(herald.vendor.book)
    assert 0 < sent < 20
    await herald.conductor.cancel(await herald.campaign(), by="me")
    await herald.work()
    assert len(herald.vendor.book) == sent
    statistics = await herald.ledger.statistics("c")
    assert (statistics.pending, statistics.skipped_reasons) == (0, {"cancelled": 100 - sent})


async def test_who_is_found_after_the_cancelling_is_skipped_for_certain(patient: type[Controls]) -> None:
    herald = Herald(seed=5, controls=patient)
    await herald.customers(200)
    await herald.launch()
    fan_outs = herald.publisher.events
    herald.publisher.events = fan_outs[:20]
    await herald.work()
    sent = len(herald.vendor.book)
    assert 0 < sent < 100
    await herald.conductor.cancel(await herald.campaign(), by="me")
    await herald.work()
    assert len(herald.vendor.book) == sent
    assert (await herald.totals())["skipped"] == 200 - sent


async def test_what_a_resume_releases_is_not_put_aside_again(patient: type[Controls]) -> None:
    """By those who have just seen that the campaign is paused."""
    herald = Herald(controls=patient)
    await herald.customers(30)
    await herald.launch()
    await herald.work(most=64)
    await herald.conductor.pause(await herald.campaign(), by="me")
    await herald.work()
    assert herald.vendor.book == []
    await herald.conductor.resume(await herald.campaign(), by="me")
    await herald.work()
    assert len(herald.vendor.book) == 30


async def test_a_release_stops_where_the_campaign_is_paused_or_cancelled_meanwhile() -> None:
    """Though the tick that releases began before."""
    herald = Herald()
    await herald.customers(20)
    await herald.launch(per_minute=10)
    await herald.work()
    for state, left in (("paused", 20), ("cancelled", 0)):
        await herald.documents.commit([Update("campaigns/c", {"state": state})])
        await herald.releasing.release("c")
        assert len(await herald.documents.query(Query(collection="held"))) == left
    assert {event.skip for event in herald.publisher.events if isinstance(event, MessagePersonalized)} == {"cancelled"}


async def test_a_retry_sends_again_to_those_whose_failure_may_pass() -> None:
    """Pressed twice, delivered twice: each has one second attempt, and the ledger keeps both."""
    herald = Herald(seed=6, copies=2)
    people = await herald.customers(200)
    await herald.launch()
    await herald.work()
    await herald.tick()
    before = await herald.ledger.statistics("c")
    passing = [m for m in (message_id("c", one) for one in people) if 0.1 <= chance("outcome", m) < 0.3]
    assert before.retryable == len(passing) > 10
    for _ in range(2):
        await herald.conductor.retry(await herald.campaign(), by="me")
    assert (await herald.campaign())["state"] == "running"
    await herald.work()
    await herald.tick()
    after = await herald.ledger.statistics("c")
    again = [key for key in herald.vendor.book if "." in key]
    assert sorted(again) == sorted(f"{message}.2" for message in passing)
    assert after.totals["pending"] == 0
    assert after.kinds["retried"] == len(passing)
    assert after.kinds["sent"] == before.kinds["sent"] + sum(chance("outcome", key) >= 0.3 for key in again)
    assert after.totals["audience"] == 200
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"]) == ("finished", None)
    first = await herald.documents.get(f"receipts/{passing[0]}.outcome")
    assert first["kind"] == "failed"
    assert (await herald.documents.get(f"receipts/{passing[0]}.outcome.2")).exists


@pytest.mark.parametrize("lost", [False, True])
async def test_what_the_vendor_may_have_taken_is_retried_with_the_same_key(lost: bool) -> None:
    """Even if the attempt is lost on its way. What the vendor reports of the first one is true of the second."""
    herald = Herald()
    [person] = await herald.customers(1)
    message = message_id("c", person)
    herald.vendor.late, herald.vendor.silent = 10, True
    await herald.launch()
    for _ in range(20):
        await herald.tick(minutes=20)
    failure = await herald.documents.get(f"receipts/{message}.outcome")
    assert (failure["kind"], failure["asked"], (await herald.campaign())["state"]) == ("failed", 1, "finished")
    await herald.conductor.retry(await herald.campaign(), by="me")
    if lost:
        await herald.work(most=1)
        herald.publisher.events = []
        for _ in range(3):
            await herald.tick(minutes=11)
    await herald.work()
    assert (len(herald.vendor.book), set(herald.vendor.book)) == (11, {message})
    report = Receipt(message_id=message, campaign_id="c", customer_id=person, kind="sent", at=herald.now)
    again = report.model_copy(update={"kind": "failed", "asked": 1})
    assert (await herald.totals())["pending"] == 1
    await herald.publisher.publish([ReceiptsReported(receipts=[again])])
    await herald.work()
    assert (await herald.totals())["pending"] == 1
    await herald.publisher.publish([ReceiptsReported(receipts=[report, report])])
    await herald.work()
    assert (await herald.totals()) == {"audience": 1, "sent": 1, "failed": 0, "skipped": 0, "pending": 0}
    assert (await herald.documents.get(f"receipts/{message}.outcome.2"))["kind"] == "sent"
    await herald.tick()
    assert ((await herald.campaign())["state"], (await herald.campaign())["discrepancy"]) == ("finished", None)


async def test_a_retry_leaves_out_those_who_withdrew_their_consent() -> None:
    herald = Herald(seed=6)
    await herald.customers(100)
    await herald.launch()
    await herald.work()
    await herald.tick()
    before = await herald.ledger.statistics("c")
    assert before.retryable > 5
    await herald.customers(100, consent={"email": False})
    await herald.conductor.retry(await herald.campaign(), by="me")
    await herald.work()
    await herald.tick()
    after = await herald.ledger.statistics("c")
    assert not [key for key in herald.vendor.book if "." in key]
    assert after.skipped_reasons == {"no_consent": before.retryable}
    assert (after.pending, (await herald.campaign())["state"]) == (0, "finished")


async def test_who_withdraws_their_consent_during_a_pause_is_not_written_to_by_a_warm_instance() -> None:
    """The database's clock is far ahead of the launch: what the instance knows was read after it."""
    herald = Herald(page=10)
    herald.documents._now = NOW + timedelta(days=1)
    people = await herald.customers(100)
    await herald.launch()
    await herald.fan_out.run(FanOut(campaign_id="c", bucket=bucket_of(people[0])))  # now it is warm
    found = {one.customer_id for one in herald.publisher.events if isinstance(one, RecipientFound)}
    await herald.conductor.pause(await herald.campaign(), by="me")
    herald.publisher.events = []
    await herald.customers(100, consent={"email": False})
    await herald.conductor.resume(await herald.campaign(), by="me")
    await herald.work()
    await herald.tick(minutes=11)
    await herald.tick(minutes=11)
    statistics = await herald.ledger.statistics("c")
    assert (herald.vendor.book, statistics.skipped_reasons, len(found) > 0) == ([], {"no_consent": 100}, True)


async def test_who_withdraws_their_consent_before_a_retry_is_not_written_to_by_a_warm_instance() -> None:
    herald = Herald(seed=6)
    herald.documents._now = NOW + timedelta(days=1)
    await herald.customers(100)
    await herald.launch()
    await herald.work()
    before = await herald.ledger.statistics("c")
    await herald.customers(100, consent={"email": False})
    await herald.conductor.retry(await herald.campaign(), by="me")
    await herald.work()
    after = await herald.ledger.statistics("c")
    assert not [key for key in herald.vendor.book if "." in key]
    assert after.skipped_reasons == {"no_consent": before.retryable}


async def test_staying_up_to_date_costs_a_read_a_page() -> None:
    herald = Herald(page=10)
    await herald.customers(1_000)
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
    assert reads["audience"] <= len(pages) + 20  # the blocks, once


async def test_who_was_left_out_stays_so_when_their_receipt_was_lost() -> None:
    """The watchdog tells it again, even if they could be written to by now; it sends them nothing."""
    herald = Herald()
    await herald.customers(20, consent={"email": False})
    await herald.launch()
    record = herald.handlers[ReceiptsReported]
    herald.handlers[ReceiptsReported] = lambda _: asyncio.sleep(0)
    await herald.work()
    herald.handlers[ReceiptsReported] = record
    await herald.customers(20, consent={"email": True})
    for _ in range(2):
        assert (await herald.totals())["pending"] == 20
        await herald.tick(minutes=11)
    assert herald.vendor.book == []
    assert (await herald.ledger.statistics("c")).skipped_reasons == {"no_consent": 20}


async def test_an_erased_person_who_was_planned_is_skipped_unless_sent_before() -> None:
    herald = Herald()
    people = await herald.customers(2)
    await herald.launch()
    campaign = Campaign.of(await herald.campaign())
    await herald.fan_out.send(campaign, dict.fromkeys(people))
    await herald.work()
    outcomes = [await herald.documents.get(f"receipts/{message_id('c', one)}.outcome") for one in people]
    assert all(one["kind"] in {"sent", "failed"} or one["reason"] == "erased" for one in outcomes)
    skipped = [one for one in outcomes if one["kind"] == "skipped"]
    assert len(herald.vendor.book) == 2 - len(skipped)


async def test_a_scheduled_campaign_starts_by_itself() -> None:
    herald = Herald()
    await herald.customers(3)
    await herald.launch(state="draft", launched_at=None, open=False)
    herald.publisher.events = []
    await herald.conductor.schedule(await herald.campaign(), herald.now + timedelta(hours=1), by="me")
    await herald.tick(minutes=59)
    assert (await herald.campaign())["state"] == "scheduled"
    await herald.tick(minutes=1)
    assert (await herald.totals())["audience"] == 3
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"


async def test_a_difference_between_counters_and_ledger_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    herald = Herald()
    [person] = await herald.customers(1)
    await herald.launch()
    await herald.work()
    await herald.documents.commit([Delete(f"receipts/{message_id('c', person)}.outcome")])
    await herald.tick()
    campaign = await herald.campaign()
    [counted] = campaign["discrepancy"].values()
    assert counted == {"counters": 1, "ledger": 0}
    assert "counters differ" in caplog.text


@pytest.mark.parametrize("by", [-1, 1])
async def test_wrong_counters_that_keep_a_campaign_from_finishing_are_reported(
    by: int, caplog: pytest.LogCaptureFixture
) -> None:
    herald = Herald()
    await herald.customers(1)
    await herald.launch()
    await herald.work()
    [kind] = [kind for kind, number in (await herald.totals()).items() if number and kind != "audience"]
    await herald.documents.commit([Merge("counters/c.one", {"campaign": "c", "kinds": {kind: Increment(by)}})])
    for _ in range(3):
        await herald.tick(minutes=11)
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"]) == ("running", {kind: {"counters": 1 + by, "ledger": 1}})
    assert caplog.text.count("counters differ") == 1
    await herald.documents.commit([Merge("counters/c.one", {"campaign": "c", "kinds": {kind: Increment(-by)}})])
    await herald.tick()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"]) == ("finished", None)


async def test_what_goes_wrong_with_one_campaign_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    herald = Herald()
    await herald.customers(3)
    await herald.launch()
    await herald.work()
    await herald.documents.commit(
        [
            Create("campaigns/a", {"state": "running", "open": True}),
            Create("counters/a.one", {"campaign": "a", "kinds": 5}),
            Create("held/1", {"campaign": "a", "until": NOW}),
        ]
    )
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    assert caplog.text.count("campaign not looked after") == 2  # once each: what became of it, and what waits


async def test_success_and_failure_of_one_message_count_as_one_outcome() -> None:
    """Whichever is recorded first stands: the sum of the outcomes never exceeds the audience."""
    herald = Herald()
    [person] = await herald.customers(1)
    await herald.launch()
    await herald.work()
    before = await herald.totals()
    other = "failed" if before["sent"] else "sent"
    receipt = Receipt(message_id=message_id("c", person), campaign_id="c", customer_id=person, kind=other, at=NOW)
    await herald.publisher.publish([ReceiptsReported(receipts=[receipt, receipt])])
    await herald.work()
    assert await herald.totals() == before


async def test_what_follows_an_outcome_is_counted_once_each() -> None:
    herald = Herald()
    [person] = await herald.customers(1)
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


async def test_a_retry_is_not_finished_before_it_began() -> None:
    """However many ticks come before the command; where that is lost, the watchdog finds it."""
    herald = Herald(seed=6)
    await herald.customers(100)
    await herald.launch()
    await herald.work()
    await herald.tick()
    before = await herald.ledger.statistics("c")
    await herald.conductor.retry(await herald.campaign(), by="me")
    herald.publisher.events = []
    await herald.tick()
    assert (await herald.campaign())["state"] == "running"
    for _ in range(3):
        await herald.tick(minutes=11)
    after = await herald.ledger.statistics("c")
    assert after.kinds["retried"] == before.retryable > 5
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"], campaign["totals"]) == ("finished", None, after.totals)


async def test_a_launch_whose_answer_was_lost_is_one_all_the_same() -> None:
    """Not somebody else's: its fan-out begins at once."""
    herald = Herald()
    await herald.customers(3)
    await herald.launch(state="draft", launched_at=None, open=False)
    herald.publisher.events = []
    draft = await herald.campaign()
    herald.documents.lost = 1
    await herald.conductor.launch(draft, by="me")
    await herald.work()
    assert (await herald.totals())["audience"] == 3
    with pytest.raises(Refused, match="The campaign is running"):
        await herald.conductor.launch(draft, by="somebody else")
    assert len(await herald.documents.query(Query(collection="audit"))) == 1


async def test_what_fails_again_waits_for_the_next_retry() -> None:
    """Even if the command comes once more, when the second attempts have failed already."""
    herald = Herald(seed=6)
    await herald.customers(200)
    await herald.launch()
    await herald.work()
    await herald.conductor.retry(await herald.campaign(), by="me")
    [command] = [event for event in herald.publisher.events if isinstance(event, Retry)]
    await herald.work()
    assert (await herald.ledger.statistics("c")).retryable > 0
    await herald.publisher.publish([command])
    await herald.work()
    assert not [key for key in herald.vendor.book if key.endswith(".3")]
    await herald.conductor.retry(await herald.campaign(), by="me")
    await herald.work()
    assert [key for key in herald.vendor.book if key.endswith(".3")]
