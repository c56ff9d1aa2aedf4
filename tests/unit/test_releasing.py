"""Rates are kept, by however many who release at once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.model.audience import RuleIn, rule_fields, rule_of
from campaigns.model.campaign import Campaign
from campaigns.sending.rate_limit import Releasing
from campaigns.sending.recipients import unsent
from common.events import Message
from common.ids import message_id
from common.messages.deferred import DeferredMessages, Waiting
from common.storage.documents import Create
from common.storage.memory import MemoryDocuments, MemoryPublisher

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class World:
    def __init__(self, **rates: int) -> None:
        self.documents = MemoryDocuments()
        self.publisher = MemoryPublisher()
        self.now = NOW
        self.rates = rates
        self.sent: list[tuple[datetime, str]] = []

    def releasing(self) -> Releasing:
        held = DeferredMessages(self.documents, self.publisher)
        return Releasing(documents=self.documents, held=held, rates=self.rates, seconds=0.001, clock=lambda: self.now)

    async def campaign(
        self, name: str, people: int, *, per_minute: int | None = None, state: str = "running"
    ) -> Campaign:
        stored = {
            "name": name,
            "message": Message(subject="s", body="b").model_dump(),
            "channel": "email",
            "vendor": "simulator",
            "personalization": "template",
            "state": state,
            "per_minute": per_minute,
            "created_at": NOW,
            "created_by": "me",
            "launched_at": NOW,
            **rule_fields(rule_of(RuleIn(text="everyone")), "INR"),
        }
        await self.documents.commit([Create(f"campaigns/{name}", stored)])
        campaign = Campaign.of(await self.documents.get(f"campaigns/{name}"))
        waiting = [Waiting(event=unsent(campaign, str(n), "x"), reason="rate", until=NOW) for n in range(people)]
        await DeferredMessages(self.documents, self.publisher).hold(waiting)
        return campaign

    async def run(self, campaigns: list[Campaign], seconds: int, *, releasers: int = 1) -> None:
        chance = random.Random(seconds)
        for _ in range(seconds):
            chance.shuffle(campaigns)
            await asyncio.gather(*(self.releasing().release(one.id) for _ in range(releasers) for one in campaigns))
            self.sent += [(self.now, data.decode()) for _, data, _ in self.publisher.raw]
            self.sent += [(self.now, event.encode().decode()) for event in self.publisher.events]
            self.publisher.raw.clear()
            self.publisher.events.clear()
            self.now += timedelta(seconds=1)

    def most_in_a_minute(self) -> int:
        seconds = Counter(int((at - NOW).total_seconds()) for at, _ in self.sent)
        return max(sum(seconds[start + n] for n in range(60)) for start in range(max(seconds) + 1))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of the pace takes no time here: the clock is the world's."""
    monkeypatch.setattr("campaigns.sending.rate_limit.STEP_SECONDS", 0.002)


@pytest.mark.parametrize("releasers", [1, 3])
@pytest.mark.parametrize("rate", [30, 600])
async def test_a_campaigns_rate_is_kept_within_a_tenth(rate: int, releasers: int) -> None:
    world = World()
    campaign = await world.campaign("c", 3 * rate + rate // 2, per_minute=rate)
    await world.run([campaign], 180, releasers=releasers)
    assert 0.9 * rate <= world.most_in_a_minute() <= 1.1 * rate
    assert 2.9 * rate <= len(world.sent) <= 3.1 * rate
    assert len({data for _, data in world.sent}) == len(world.sent)


async def test_a_vendors_rate_is_shared_by_its_campaigns() -> None:
    world = World(simulator=600)
    campaigns = [await world.campaign(name, 900) for name in ("a", "b")]
    await world.run(campaigns, 120)
    assert 0.9 * 600 <= world.most_in_a_minute() <= 1.1 * 600
    assert 0.9 * 1200 <= len(world.sent) <= 1.1 * 1200


async def test_a_high_rate_waits_for_no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it leaves room for all that is read at once."""
    world = World()
    campaign = await world.campaign("c", 2_500, per_minute=60_000)
    await world.run([campaign], 1)
    world.now += timedelta(seconds=1)
    monkeypatch.setattr("campaigns.sending.rate_limit.STEP_SECONDS", 3600)
    held = DeferredMessages(world.documents, world.publisher)
    releasing = Releasing(documents=world.documents, held=held, rates={}, seconds=3600, clock=lambda: world.now)
    task = asyncio.create_task(releasing.release(campaign.id))
    while len(world.publisher.raw) < 2_000:
        await asyncio.sleep(0)
    task.cancel()
    assert len(world.publisher.raw) == 2_000


async def test_after_a_rest_there_is_no_burst() -> None:
    world = World()
    campaign = await world.campaign("c", 1000, per_minute=600)
    await world.run([campaign], 2)
    world.now += timedelta(minutes=5)
    await world.run([campaign], 60)
    assert world.most_in_a_minute() <= 1.1 * 600


async def test_without_a_rate_everything_goes_at_once_and_when_cancelled_too() -> None:
    world = World(simulator=60)
    world.rates = {}
    free = await world.campaign("free", 1000)
    await world.run([free], 3)
    assert len(world.sent) == 1000
    world.rates = {"simulator": 60}
    cancelled = await world.campaign("cancelled", 500, state="cancelled")
    await world.run([cancelled], 3)
    assert len(world.sent) == 1500


async def test_what_is_put_aside_again_while_it_is_released_is_not_lost() -> None:
    world = World()
    campaign = await world.campaign("c", 1)
    held = DeferredMessages(world.documents, world.publisher)
    due = await world.documents.get(f"held/{message_id('c', '0')}")
    again = Waiting(event=unsent(campaign, "0", "again"), reason="vendor", until=NOW + timedelta(hours=1))
    await held.hold([again])
    await held._forget([due])
    kept = await world.documents.get(due.path)
    assert kept["reason"] == "vendor"
