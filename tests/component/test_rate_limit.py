"""Rate limits are kept, also if several processes dispatch at the same time."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import Aborted

from campaigns.model.audience import RuleRequest, parse_request, rule_fields
from campaigns.model.campaign import Campaign
from campaigns.sending.rate_limit import RateLimitedDispatch
from campaigns.sending.recipients import skip_event
from common.events import MessageTemplate
from common.ids import message_id
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.messages.send_times import SendTimes
from common.storage.documents import Create, Put, Query, Snapshot, Write
from common.storage.firestore import translate_errors
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.storage.optimistic_commit import commit_with_retry
from tests.support import recipient_check

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class RateLimitFixture:
    """Campaigns with deferred messages, a clock, and a log of the dispatched messages."""

    def __init__(self, **rates: int) -> None:
        self.documents = MemoryDocuments()
        self.publisher = MemoryPublisher()
        self.now = NOW
        self.rates = rates
        self.slept = 0.0  # seconds
        self.sent: list[tuple[datetime, str]] = []

    def dispatch(self) -> RateLimitedDispatch:
        deferred = DeferredMessages(self.documents, self.publisher)
        return RateLimitedDispatch(
            send_times=SendTimes(),
            documents=self.documents,
            deferred=deferred,
            rates=self.rates,
            recipient_check=recipient_check(self.documents, clock=lambda: self.now),
            budget_seconds=0.1,  # ends after the first pause
            clock=lambda: self.now,
            monotonic=lambda: self.slept,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        """Lets the other dispatchers run, but takes no real time."""
        self.slept += seconds
        await asyncio.sleep(0)

    async def campaign(
        self, name: str, people: int, *, per_minute: int | None = None, state: str = "running"
    ) -> Campaign:
        stored = {
            "name": name,
            "message": MessageTemplate(subject="s", body="b").model_dump(),
            "channel": "email",
            "vendor": "simulator",
            "personalization": "template",
            "state": state,
            "open": True,
            "per_minute": per_minute,
            "created_at": NOW,
            "created_by": "me",
            "launched_at": NOW,
            **rule_fields(parse_request(RuleRequest(text="everyone"), "INR"), "INR"),
        }
        await self.documents.commit([Create(f"campaigns/{name}", stored)])
        campaign = Campaign.from_snapshot(await self.documents.get(f"campaigns/{name}"))
        messages = [
            DeferredMessage(event=skip_event(campaign, str(n), "x"), reason="rate", until=NOW) for n in range(people)
        ]
        await DeferredMessages(self.documents, self.publisher).defer(messages)
        return campaign

    async def run(self, campaigns: list[Campaign], seconds: int, *, dispatchers: int = 1) -> None:
        shuffler = random.Random(seconds)
        for _ in range(seconds):
            shuffler.shuffle(campaigns)
            await asyncio.gather(
                *(self.dispatch().dispatch_due(campaign.id) for _ in range(dispatchers) for campaign in campaigns)
            )
            self.sent += [(self.now, data.decode()) for _, data, _ in self.publisher.raw]
            self.sent += [(self.now, event.encode().decode()) for event in self.publisher.events]
            self.publisher.raw.clear()
            self.publisher.events.clear()
            self.now += timedelta(seconds=1)

    def most_in_a_minute(self) -> int:
        seconds = Counter(int((at - NOW).total_seconds()) for at, _ in self.sent)
        return max(sum(seconds[start + n] for n in range(60)) for start in range(max(seconds) + 1))


@pytest.mark.parametrize("dispatchers", [1, 3])
@pytest.mark.parametrize("rate", [30, 600])
async def test_campaign_rate_with_several_dispatchers_is_kept_within_ten_percent(rate: int, dispatchers: int) -> None:
    """In three minutes a campaign sends three minutes' worth of messages, each once, and never more than 110 %."""
    fixture = RateLimitFixture()
    campaign = await fixture.campaign("c", 3 * rate + rate // 2, per_minute=rate)
    await fixture.run([campaign], 180, dispatchers=dispatchers)
    assert 0.9 * rate <= fixture.most_in_a_minute() <= 1.1 * rate
    assert 2.9 * rate <= len(fixture.sent) <= 3.1 * rate
    assert len({data for _, data in fixture.sent}) == len(fixture.sent)


async def test_vendor_rate_with_two_campaigns_is_shared() -> None:
    """Two campaigns of one vendor together do not exceed the vendor's rate."""
    fixture = RateLimitFixture(simulator=600)
    campaigns = [await fixture.campaign(name, 900) for name in ("a", "b")]
    await fixture.run(campaigns, 120)
    assert 0.9 * 600 <= fixture.most_in_a_minute() <= 1.1 * 600
    assert 0.9 * 1200 <= len(fixture.sent) <= 1.1 * 1200


async def test_high_rate_with_many_due_messages_does_not_pause() -> None:
    """If the rate allows all messages of a batch, the next batch follows without a pause."""
    fixture = RateLimitFixture()
    campaign = await fixture.campaign("c", 2_500, per_minute=60_000)
    await fixture.run([campaign], 1)
    fixture.now += timedelta(seconds=1)
    published: list[int] = []

    async def record_pause(seconds: float) -> None:
        if seconds:
            published.append(len(fixture.publisher.raw))
            fixture.now += timedelta(seconds=1)
        await asyncio.sleep(0)

    dispatch = RateLimitedDispatch(
        send_times=SendTimes(),
        documents=fixture.documents,
        deferred=DeferredMessages(fixture.documents, fixture.publisher),
        rates={},
        recipient_check=recipient_check(fixture.documents),
        budget_seconds=3600,
        clock=lambda: fixture.now,
        sleep=record_pause,
    )
    await dispatch.dispatch_due(campaign.id)
    assert published[0] == 2_000


async def test_rate_after_an_idle_time_has_no_burst() -> None:
    """Slots that were not used in an idle time do not accumulate."""
    fixture = RateLimitFixture()
    campaign = await fixture.campaign("c", 1000, per_minute=600)
    await fixture.run([campaign], 2)
    fixture.now += timedelta(minutes=5)
    await fixture.run([campaign], 60)
    assert fixture.most_in_a_minute() <= 1.1 * 600


async def test_messages_without_rate_or_of_cancelled_campaign_are_dispatched_at_once() -> None:
    """No rate holds back messages that have none, or that will be skipped."""
    fixture = RateLimitFixture(simulator=60)
    fixture.rates = {}
    free = await fixture.campaign("free", 1000)
    await fixture.run([free], 3)
    assert len(fixture.sent) == 1000
    fixture.rates = {"simulator": 60}
    cancelled = await fixture.campaign("cancelled", 500, state="cancelled")
    await fixture.run([cancelled], 3)
    assert len(fixture.sent) == 1500


class CountingStore(MemoryDocuments):
    """Counts the documents that are read, a query without results as one."""

    read = 0

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        self.read += len(paths)
        return await super().get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        snapshots = await super().query(query)
        self.read += max(1, len(snapshots))
        return snapshots


@pytest.mark.parametrize(("rate", "most"), [(60, 8), (600, 2.5), (24_000, 1.5)])
async def test_release_reads_what_it_releases(rate: int, most: float) -> None:
    """A slow campaign with many deferred messages does not read them again and again."""
    fixture = RateLimitFixture()
    fixture.documents = documents = CountingStore()
    campaign = await fixture.campaign("c", 2_000, per_minute=rate)
    await fixture.run([campaign], 1)
    documents.read, before = 0, len(fixture.sent)
    await fixture.run([campaign], 20)
    assert documents.read / (len(fixture.sent) - before) <= most


@pytest.mark.parametrize("rate", [None, 60_000])
async def test_two_ticks_at_once_release_each_message_once(rate: int | None) -> None:
    """The second tick leaves the campaign to the first."""
    fixture = RateLimitFixture()
    campaign = await fixture.campaign("c", 400, per_minute=rate)
    await fixture.run([campaign], 2, dispatchers=3)
    messages = [data for _, data in fixture.sent]
    assert len(messages) == len(set(messages)) == 400


async def test_lease_of_a_crashed_dispatch_ends() -> None:
    """A process that dies while it releases messages holds up its campaign for less than two minutes."""
    fixture = RateLimitFixture()
    campaign = await fixture.campaign("c", 10)
    lease = {"owner": "crashed", "until": NOW + timedelta(seconds=90)}
    await fixture.documents.commit([Create("pacing/lease.c", lease)])
    await fixture.run([campaign], 1)
    assert fixture.sent == []
    fixture.now += timedelta(seconds=90)
    await fixture.run([campaign], 1)
    assert len(fixture.sent) == 10


class AbortingStore(MemoryDocuments):
    """Answers every second commit of a rate with ABORTED, as Firestore does when many processes write a document."""

    commits = 0

    async def commit(self, writes: Sequence[Write]) -> None:
        if any("/lease" not in write.path and write.path.startswith(("pacing/", "deferred/rate")) for write in writes):
            self.commits += 1
            if self.commits % 2:
                with translate_errors():
                    raise Aborted("Too much contention on these documents.")  # type: ignore[no-untyped-call]
        await super().commit(writes)


async def test_contention_on_a_shared_rate_is_retried() -> None:
    """The campaign keeps its rate, and the tick does not fail."""
    fixture = RateLimitFixture(simulator=600)
    fixture.documents = AbortingStore()
    campaign = await fixture.campaign("c", 400)
    await fixture.run([campaign], 30)
    assert len(fixture.sent) >= 270


async def test_commit_that_meets_contention_is_tried_again() -> None:
    """Nothing was written, so the same commit can succeed later."""
    documents = AbortingStore()

    async def build(_: int) -> tuple[str, Sequence[Write]]:
        return "done", [Put("pacing/x", {"next": NOW})]

    assert await commit_with_retry(documents, build) == "done"


async def test_message_deferred_again_during_requeue_is_not_lost() -> None:
    """Deleting the old version keeps a version that was deferred in the meantime."""
    fixture = RateLimitFixture()
    campaign = await fixture.campaign("c", 1)
    due = await fixture.documents.get(f"deferred/{message_id('c', '0')}")
    again = DeferredMessage(event=skip_event(campaign, "0", "again"), reason="vendor", until=NOW + timedelta(hours=1))

    class DeferringPublisher(MemoryPublisher):
        """The message is delivered and deferred again before the publisher returns."""

        async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
            await super().publish_raw(topic, data, attributes)
            await DeferredMessages(fixture.documents, fixture.publisher).defer([again])

    await DeferredMessages(fixture.documents, DeferringPublisher()).requeue([due])
    kept = await fixture.documents.get(due.path)
    assert kept["reason"] == "vendor"
