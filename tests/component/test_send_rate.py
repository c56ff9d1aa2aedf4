"""Rates hold at the vendor, whatever happened to the messages on their way to it."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from campaigns.sending.rate_limit import RateLimitedDispatch
from common.events import MessageReady, MessageTemplate
from common.ids import message_id
from common.messages.deferred import DeferredMessages
from common.messages.send_times import SendTimes
from common.storage.documents import Create, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from tests.support import SETTINGS, recipient_check
from vendor.composition import VendorSettings
from vendor.composition import compose as compose_vendor
from vendor.vendor import Accepted

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
RATE = 600
STALLED = 5  # minutes


class SimulatedTime:
    """A clock that jumps to the next wake-up when nothing else can run."""

    def __init__(self) -> None:
        self.now = START
        self._sleeping: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def clock(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.now + timedelta(seconds=seconds), next(self._numbers), woken))
        await woken

    async def run(self, *work: Awaitable[Any]) -> None:
        """Runs all of it to its end."""
        task = asyncio.gather(*work)
        while not task.done():
            for _ in range(120):  # the operations of the store take turns, too
                await asyncio.sleep(0)
            if self._sleeping and not task.done():
                self.now, _, woken = heapq.heappop(self._sleeping)
                if not woken.done():
                    woken.set_result(None)
        await task


class TimedVendor:
    """Keeps the time at which each message arrives."""

    def __init__(self, time: SimulatedTime) -> None:
        self.concurrency_limit: AbstractAsyncContextManager[object] = nullcontext()
        self.arrived: list[datetime] = []
        self._time = time

    async def send(self, message: MessageReady) -> Accepted:
        self.arrived.append(self._time.now)
        return Accepted(final=True)

    def most_in_a_minute(self) -> int:
        seconds = Counter(int((at - START).total_seconds()) for at in self.arrived)
        return max(sum(seconds[start + n] for n in range(60)) for start in range(max(seconds) + 1))


class DeliveryRateFixture:
    """Instances of delivery, and the scheduler's releases, on one database and one simulated clock."""

    def __init__(self, *, instances: int = 1, per_minute: int | None = None, vendor_rate: int | None = None) -> None:
        self.time = SimulatedTime()
        self.vendor = TimedVendor(self.time)
        self.documents = MemoryDocuments()
        self.publisher = MemoryPublisher()
        self.per_minute = per_minute
        self.rates = {"simulator": vendor_rate} if vendor_rate else {}
        settings = SETTINGS | ({"VENDOR_RATES": f"simulator={vendor_rate}"} if vendor_rate else {})
        self.deliverers = [
            compose_vendor(
                documents=self.documents,
                publisher=self.publisher,
                vendors={"simulator": self.vendor},
                settings=VendorSettings(settings),
                clock=self.time.clock,
                monotonic=map(float, count(step=10)).__next__,
                sleep=self.time.sleep,
            ).deliverer
            for _ in range(instances)
        ]

    def messages(self, number: int) -> list[MessageReady]:
        rate: dict[str, Any] = {"per_minute": self.per_minute} if self.per_minute else {}
        return [
            MessageReady(
                message_id=message_id("c", str(n)),
                campaign_id="c",
                customer_id=str(n),
                to=f"p{n}@example.com",
                subject="s",
                body="b",
                channel="email",
                vendor="simulator",
                personalized_by="gemini",
                address_checked_at=START,
                **rate,
            )
            for n in range(number)
        ]

    async def launch(self) -> None:
        stored = {
            "name": "c",
            "message": MessageTemplate(subject="s", body="b").model_dump(),
            "channel": "email",
            "vendor": "simulator",
            "personalization": "gemini",
            "state": "running",
            "open": True,
            "per_minute": self.per_minute,
            "created_at": START,
            "created_by": "me",
            "text": "everyone",
            "rules": "{}",
            "words": "everyone",
        }
        await self.documents.commit([Create("campaigns/c", stored)])

    async def deliver(self, messages: Sequence[MessageReady]) -> None:
        deliverers = self.deliverers
        await self.time.run(*(deliverers[n % len(deliverers)].deliver(one) for n, one in enumerate(messages)))

    async def tick(self) -> None:
        """The releases of one minute: each message is delivered as soon as it is released."""
        dispatch = RateLimitedDispatch(
            send_times=SendTimes(),
            documents=self.documents,
            deferred=DeferredMessages(self.documents, self.publisher),
            rates=self.rates,
            recipient_check=recipient_check(self.documents, clock=self.time.clock),
            budget_seconds=54,
            clock=self.time.clock,
            monotonic=lambda: self.time.now.timestamp(),  # noqa: PLW0108 - `now` is replaced
            sleep=self.deliver_released,
        )
        start = self.time.now
        await self.time.run(dispatch.dispatch_due("c"))
        await self.time.run(self.deliver_released(0))
        self.time.now = max(self.time.now, start + timedelta(minutes=1))

    async def deliver_released(self, seconds: float) -> None:
        """Delivers what was released, while that time passes."""
        raw, self.publisher.raw = self.publisher.raw, []
        messages = [MessageReady.decode(data) for _, data, _ in raw]
        deliverers = self.deliverers
        work = [deliverers[n % len(deliverers)].deliver(one) for n, one in enumerate(messages)]
        await asyncio.gather(self.time.sleep(seconds), *work)


@pytest.mark.parametrize(("kind", "instances"), [("per_minute", 1), ("vendor_rate", 3)])
async def test_messages_that_were_stalled_before_the_vendor_reach_it_at_the_rate(kind: str, instances: int) -> None:
    """After five minutes in which Gemini stood still, 3,000 messages arrive at once, and are sent at 600 a minute.

    The last few may take some rounds more: a slot that was reserved too late for its message is not used.
    """
    fixture = DeliveryRateFixture(instances=instances, **{kind: RATE})
    await fixture.launch()
    await fixture.deliver(fixture.messages(STALLED * RATE))
    for _ in range(STALLED + 2):
        await fixture.tick()
    assert len(fixture.vendor.arrived) >= 0.9 * STALLED * RATE
    for _ in range(STALLED):
        await fixture.tick()
    assert fixture.vendor.most_in_a_minute() <= 1.1 * RATE
    assert len(fixture.vendor.arrived) == STALLED * RATE


async def test_messages_at_a_steady_pace_cost_few_writes_for_their_slots() -> None:
    """An instance reserves slots for about a second at a time: no write for each message."""
    fixture = DeliveryRateFixture(vendor_rate=RATE)
    await fixture.launch()
    written = 0
    commit = fixture.documents.commit

    async def count_writes(writes: Sequence[Write]) -> None:
        nonlocal written
        written += sum(write.path.startswith("pacing/") for write in writes)
        await commit(writes)

    fixture.documents.commit = count_writes  # type: ignore[method-assign]
    for message in fixture.messages(300):
        await fixture.deliver([message])
        fixture.time.now += timedelta(seconds=0.1)
    assert len(fixture.vendor.arrived) == 300
    assert written <= 60


async def test_message_without_a_rate_reads_nothing_for_it() -> None:
    """A vendor and a campaign without a rate cost nothing."""
    fixture = DeliveryRateFixture()
    await fixture.launch()
    await fixture.deliver(fixture.messages(50))
    assert len(fixture.vendor.arrived) == 50
    assert not any(name == "pacing" for name in fixture.documents.collections())
