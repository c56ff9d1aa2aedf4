"""The watchdog checks campaigns of any size, and nothing puts its checks off for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.sending.fan_out import page_path
from common.errors import Unavailable
from common.events import CheckMessages, Event, Receipt, ReceiptsReported, RecipientSelected, Tick
from common.ids import BUCKETS, bucket_of, message_id
from common.messages.ledger import OUTCOME, receipt_path
from common.storage.documents import Create, Delete, Documents, Query, Snapshot
from tests.crash_points import CrashPlan, SimulatedCrash
from tests.in_memory_herald import NOW, InMemoryHerald

MAX_READ = 500
"""Firestore answers with at most 10 MiB, and the emulator with 4."""


class SmallAnswers:
    """A database that refuses to read many documents at once, and to count receipts if `counts` is False."""

    def __init__(self, documents: Documents, *, counts: bool = True) -> None:
        self._documents = documents
        self._counts = counts
        self.reads = 0

    async def get(self, path: str, **options: Any) -> Snapshot:
        return await self._documents.get(path, **options)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        assert len(paths) <= MAX_READ
        self.reads += len(paths)
        return await self._documents.get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        found = await self._documents.query(query)
        if query.collection in {"pages", "receipts", "claims", "deferred"}:
            assert len(found) <= MAX_READ, query
        return found

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        if query.collection == "receipts" and not self._counts:
            raise Unavailable("Deadline exceeded.")
        return await self._documents.sums(query, fields)

    async def commit(self, writes: Any) -> None:
        await self._documents.commit(writes)


class SmallAnswersHerald(InMemoryHerald):
    """Its functions use a `SmallAnswers`."""

    def restart(self) -> None:
        super().restart()
        self._store = SmallAnswers(self.documents, counts=False)
        self._compose_campaigns()
        self.handlers |= {CheckMessages: self._commands.handle, Tick: self.scheduler.tick}


@pytest.mark.parametrize("number", [2_000, 20_000])
async def test_check_of_many_pages_finds_every_lost_message(number: int) -> None:
    """One bucket of a campaign with that many pages: no read is large, and each page is checked once."""
    herald = SmallAnswersHerald()
    await herald.launch()
    herald.publisher.events = []
    people = [[f"{page:06x}"] for page in range(number)]
    for page, planned in enumerate(people):
        await herald.documents.commit([_page(page, planned, is_last=page == number - 1)])
        if page % 1_000:
            await herald.documents.commit([_outcome(planned[0])])
    await herald.handlers[CheckMessages](CheckMessages(command="check", campaign_id="c", bucket=0))
    published = {event.customer_id for event in herald.publisher.events if hasattr(event, "customer_id")}
    assert published == {planned[0] for planned in people[::1_000]}


def _page(number: int, planned: list[str], *, is_last: bool) -> Create:
    data = {"campaign": "c", "bucket": 0, "planned": planned, "skipped": {}, "after": planned[-1], "audience": 1}
    return Create(page_path("c", 0, number), data | {"final": is_last, "done": 1, "last": int(is_last)})


def _outcome(customer: str) -> Create:
    return Create(receipt_path(message_id("c", customer), OUTCOME), {"campaign": "c", "kind": "sent"})


async def test_check_over_its_time_budget_continues_where_it_stopped() -> None:
    """Each command handles at least one page, and publishes its continuation."""
    herald = InMemoryHerald(page_size=1, fan_out_seconds=0, finishes_early=False)
    people = [person for person in await herald.add_customers(300) if bucket_of(person) == 0]
    await herald.launch()
    await herald.work()
    await herald.documents.commit([Delete(receipt_path(message_id("c", person), OUTCOME)) for person in people])
    await herald.documents.commit([Delete(f"claims/{message_id('c', person)}") for person in people])
    command = CheckMessages(command="check", campaign_id="c", bucket=0)
    resent: set[str] = set()
    commands = [command]
    while commands:
        await herald.handlers[CheckMessages](commands.pop())
        commands += [event for event in herald.publisher.events if isinstance(event, CheckMessages)]
        resent |= {event.customer_id for event in herald.publisher.events if isinstance(event, RecipientSelected)}
        assert len(commands) <= 1
        herald.publisher.events = []
    assert len(people) > 1
    assert resent == set(people)


async def test_stalled_tick_publishes_one_command_for_each_bucket() -> None:
    """The tick itself reads no pages."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    await herald.launch()
    await herald.work(max_events=BUCKETS)
    herald.publisher.events = []
    await herald.scheduler.tick(Tick())
    herald.now += timedelta(minutes=11)
    await herald.scheduler.tick(Tick())
    commands = [event for event in herald.publisher.events if isinstance(event, CheckMessages)]
    assert sorted(command.bucket for command in commands) == list(range(BUCKETS))


@pytest.mark.parametrize("step", ["record progress", "publish fan-outs"])
async def test_tick_that_dies_during_a_check_puts_it_off_by_ten_minutes_at_most(step: str) -> None:
    """Otherwise the next check would come after the next interval, which is longer each time."""
    herald = InMemoryHerald(finishes_early=False)
    await herald.add_customers(3)
    await herald.launch()
    await herald.work(max_events=BUCKETS)
    await herald.scheduler.tick(Tick())
    for minutes in (11, 21, 41):
        herald.now += timedelta(minutes=minutes)
        await herald.scheduler.tick(Tick())
    herald.plan = plan = CrashPlan(step=step, when="before")
    herald.restart()
    herald.now += timedelta(minutes=81)
    with suppress(SimulatedCrash):
        await herald.scheduler.tick(Tick())
    assert plan.triggered
    herald.restart()
    herald.publisher.events = []
    herald.now += timedelta(minutes=11)
    await herald.scheduler.tick(Tick())
    commands = [event for event in herald.publisher.events if isinstance(event, CheckMessages)]
    assert {command.bucket for command in commands} == set(range(BUCKETS))


async def test_tick_that_dies_during_a_check_checks_a_campaign_that_moves_again() -> None:
    """Reports that keep coming do not make it forget that the commands were not published."""
    herald = InMemoryHerald(finishes_early=False)
    people = await herald.add_customers(20)
    await herald.launch()
    await herald.work(max_events=BUCKETS)
    await herald.scheduler.tick(Tick())
    herald.plan = plan = CrashPlan(step="publish fan-outs", when="before")
    herald.restart()
    herald.now += timedelta(minutes=11)
    with suppress(SimulatedCrash):
        await herald.scheduler.tick(Tick())
    assert plan.triggered
    herald.restart()
    herald.publisher.events = []
    for person in people[:12]:
        herald.now += timedelta(minutes=1)
        await herald.deliver(ReceiptsReported(receipts=[_report(person, herald.now)]))
        await herald.scheduler.tick(Tick())
    commands = [event for event in herald.publisher.events if isinstance(event, CheckMessages)]
    assert sorted(command.bucket for command in commands) == list(range(BUCKETS))


def _report(customer: str, at: datetime) -> Receipt:
    return Receipt(message_id=message_id("c", customer), campaign_id="c", customer_id=customer, kind="sent", at=at)


async def test_ticks_that_overlap_check_once() -> None:
    """A slow tick has noted its check before it publishes the commands, so that the next one does not publish them."""
    herald = InMemoryHerald(finishes_early=False)
    await herald.add_customers(3)
    await herald.launch()
    await herald.work(max_events=BUCKETS)
    herald.publisher.events = []
    await herald.scheduler.tick(Tick())
    herald.now += timedelta(minutes=11)
    publish, slow = herald.publisher.publish, asyncio.Event()

    async def publish_slowly(events: Sequence[Event]) -> None:
        await slow.wait()
        await publish(events)

    herald.publisher.publish = publish_slowly  # type: ignore[method-assign]
    first = asyncio.create_task(herald.scheduler.tick(Tick()))
    await asyncio.sleep(0.1)
    herald.publisher.publish = publish  # type: ignore[method-assign]
    herald.now += timedelta(minutes=1)
    await herald.scheduler.tick(Tick())
    slow.set()
    await first
    commands = [event for event in herald.publisher.events if isinstance(event, CheckMessages)]
    assert sorted(command.bucket for command in commands) == list(range(BUCKETS))


async def test_check_leaves_deferred_messages_alone(caplog: pytest.LogCaptureFixture) -> None:
    """They wait for their turn, and are not lost."""
    herald = InMemoryHerald()
    await herald.add_customers(5)
    await herald.launch(per_minute=1)
    await herald.work()
    assert len(herald.documents.stored("deferred")) == 5
    herald.publisher.events = []
    for bucket in range(BUCKETS):
        await herald.handlers[CheckMessages](CheckMessages(command="check", campaign_id="c", bucket=bucket))
    assert "sent again" not in caplog.text
    assert [event for event in herald.publisher.events if hasattr(event, "customer_id")] == []


async def test_silent_message_fails_although_other_reports_keep_coming() -> None:
    """One report every nine minutes never lets the campaign stall; the message without report fails after a day."""
    herald = InMemoryHerald()
    people = await herald.add_customers(240)
    herald.vendor.never_reports = True
    await herald.launch()
    await herald.work()
    start = herald.now
    for person in people[1:]:
        await herald.tick(minutes=9)
        report = Receipt(
            message_id=message_id("c", person), campaign_id="c", customer_id=person, kind="sent", at=herald.now
        )
        await herald.publisher.publish([ReceiptsReported(receipts=[report])])
        await herald.work()
        silent = await herald.documents.get(receipt_path(message_id("c", people[0]), OUTCOME))
        if silent.exists:
            break
    assert silent["reason"] == "no report from the vendor"
    assert herald.now - start < timedelta(hours=35)


async def test_silent_retry_waits_for_its_own_report() -> None:
    """A retry shares the claim of the failed attempt; its patience begins when it is opened."""
    herald = InMemoryHerald()
    [person] = await herald.add_customers(1)
    herald.vendor.never_reports = True
    await herald.launch()
    await herald.work()
    herald.now += timedelta(hours=22)
    ids = {"message_id": message_id("c", person), "campaign_id": "c", "customer_id": person}
    await herald.ledger.record([Receipt(**ids, kind="failed", at=herald.now, retry_of_attempt=1)])
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    bucket = int(ids["message_id"][:2], 16) * BUCKETS // 256
    check = CheckMessages(command="check", campaign_id="c", bucket=bucket, page=None)
    outcome = receipt_path(ids["message_id"], OUTCOME, 2)
    herald.now += timedelta(minutes=10)
    await herald.deliver(check)
    assert not (await herald.documents.get(outcome)).exists
    herald.now += timedelta(hours=22)
    await herald.deliver(check)
    assert (await herald.documents.get(outcome))["reason"] == "no report from the vendor"


async def test_campaign_that_is_too_large_to_count_finishes(caplog: pytest.LogCaptureFixture) -> None:
    """Its counters are not compared with the ledger, which is logged."""
    herald = SmallAnswersHerald(finishes_early=False)
    await herald.add_customers(3)
    await herald.launch()
    await herald.work()
    await herald.tick()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["discrepancy"]) == ("finished", None)
    assert "counters were not compared" in caplog.text


async def test_later_attempts_are_checked_in_small_reads() -> None:
    """More retried messages than one answer can hold."""
    herald = SmallAnswersHerald()
    number = 1_200
    await herald.launch(retries=1)
    herald.publisher.events = []
    for n in range(number):
        id_ = f"00{n:030x}"
        opened = {"campaign": "c", "kind": "retried", "slot": "retried", "message": id_, "customer": str(n)}
        await herald.documents.commit([Create(receipt_path(id_, "retried", 2), opened | {"attempt": 2, "at": NOW})])
    await herald.handlers[CheckMessages](CheckMessages(command="check", campaign_id="c", bucket=0, page=None))
    attempts = [event for event in herald.publisher.events if getattr(event, "attempt", 1) == 2]
    assert len(attempts) == number
