"""All functions of the main job in memory, on one queue: the functions' own code, meeting only in their events."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.lifecycle.lifecycle import Conductor
from campaigns.lifecycle.scheduler import Ticker
from campaigns.lifecycle.watchdog import Watchdog
from campaigns.model.audience import RuleIn, rule_fields, rule_of
from campaigns.sending.fan_out import FanOutWorker
from campaigns.sending.rate_limit import Releasing
from campaigns.sending.retry import Retrying
from common.audience import Audience
from common.errors import Busy, Unavailable
from common.events import (
    Event,
    FanOut,
    Message,
    MessagePersonalized,
    ReceiptsReported,
    RecipientFound,
    Retry,
    Tick,
)
from common.ids import BUCKETS, random_id
from common.llm.gemini import Answer, Prompt
from common.messages.campaign_state import Control, Controls
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.messages.suppressions import Watch
from common.storage.documents import Create, Snapshot
from common.storage.memory import MemoryPublisher
from customers.commands.upsert import Ingestion
from customers.model.customer import CustomerIn
from personalization.personalizer import Personalizer
from receipts.recorder import Recorder
from tests.crash_points import Died, Life, MortalDocuments, MortalPublisher, MortalSender, Plan
from tests.support import HASHES, ForgetfulDocuments
from vendor.claims import Claims
from vendor.delivery import Deliverer
from vendor.vendor import Accepted, Rejected, VendorDown
from vendor.vendors.simulator.sender import chance

EVENTS: dict[str, type[Event]] = {"recipients": RecipientFound, "deliveries": MessagePersonalized}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Model:
    async def ask(self, prompt: Prompt) -> Answer:
        people = prompt.data["people"]
        return Answer(content={"messages": [{"id": one["id"], "subject": "Hi", "body": "Come"} for one in people]})


class Vendor:
    """Keeps the idempotency keys it was given; one in ten fails for good, two more for now."""

    def __init__(self) -> None:
        self.room: AbstractAsyncContextManager[object] = nullcontext()
        self.book: list[str] = []
        self.down = 0  # how many more sends fail
        self.retry_after: float | None = None  # seconds that it asks for, then
        self.late = 0  # how many more it accepts, and answers too late
        self.silent = False  # accepts everything, and never reports

    async def send(self, message: MessagePersonalized) -> Accepted | Rejected:
        if self.down:
            self.down -= 1
            raise VendorDown("The vendor is down.", retry_after=self.retry_after)
        self.book.append(message.key)
        await asyncio.sleep(0)
        if self.late:
            self.late -= 1
            raise VendorDown("The vendor did not answer in time.")
        if self.silent:
            return Accepted(final=False)
        if chance("outcome", message.message_id) < 0.1:
            return Rejected("No such mailbox.", permanent=True)
        if chance("outcome", message.key) < 0.3:
            return Rejected("The mailbox is full.", permanent=False)
        return Accepted(final=True)


def fate(message: str) -> str:
    """What the vendor says of a first attempt."""
    return "failed" if chance("outcome", message) < 0.3 else "sent"


class Impatient(Controls):
    """Remembers nothing: a pause takes effect at once."""

    async def of(self, campaign_id: str) -> Control:
        self._known.clear()
        return await super().get(campaign_id)


class Herald:
    """All functions on one queue, which delivers in any order and as often as it likes."""

    def __init__(
        self,
        *,
        seed: int = 0,
        copies: int = 1,
        page: int = 500,
        plan: Plan | None = None,
        controls: type[Controls] = Impatient,
    ) -> None:
        self.documents = ForgetfulDocuments()
        self.publisher = MemoryPublisher()
        self.vendor = Vendor()
        self.now = NOW
        self.refused = 0  # deliveries that have to come again
        self._random = random.Random(seed)
        self._copies = copies
        self._page = page
        self._plan = plan
        self._controls = controls
        self.begin()

    def begin(self) -> None:
        """A new life of all functions: nothing is left of what they had in memory."""
        self.life = Life(self._plan)
        self._stored = MortalDocuments(self.documents, self.life)
        self._published = MortalPublisher(self.publisher, self.life)
        self.ledger = Ledger(self._stored, shard="one")
        self._held, self._known = DeferredMessages(self._stored, self._published), self._controls(self._stored)
        self.conductor = Conductor(documents=self._stored, publisher=self._published, currency="INR", clock=self._clock)
        self.releasing = Releasing(documents=self._stored, held=self._held, rates={}, seconds=5, clock=self._clock)
        self.fan_out = self._fan_out()
        retrying = self._retrying()
        self.ticker = self._ticker(retrying)
        self.claims = Claims(self._stored, owner=random_id(), lease=timedelta(minutes=5), clock=self._clock)
        self.deliverer = self._deliverer()
        self.handlers: dict[type[Event], Callable[[Any], Awaitable[None]]] = {
            FanOut: self.fan_out.run,
            Retry: retrying.run,
            RecipientFound: self._personalizer().personalize,
            MessagePersonalized: self.deliverer.deliver,
            ReceiptsReported: Recorder(self.ledger, self._known, clock=self._clock).record,
            Tick: self.ticker.tick,
        }

    def _clock(self) -> datetime:
        """One for all of them."""
        return self.now

    def _fan_out(self) -> FanOutWorker:
        return FanOutWorker(
            documents=self._stored,
            audience=Audience(self._stored),
            publisher=self._published,
            held=self._held,
            currency="INR",
            rates={},
            page=self._page,
            clock=self._clock,
        )

    def _retrying(self) -> Retrying:
        return Retrying(
            documents=self._stored,
            publisher=self._published,
            ledger=self.ledger,
            fan_out=self.fan_out,
            clock=self._clock,
        )

    def _ticker(self, retrying: Retrying) -> Ticker:
        watchdog = Watchdog(
            documents=self._stored,
            ledger=self.ledger,
            conductor=self.conductor,
            fan_out=self.fan_out,
            retrying=retrying,
            clock=self._clock,
        )
        return Ticker(
            documents=self._stored,
            ledger=self.ledger,
            conductor=self.conductor,
            releasing=self.releasing,
            watchdog=watchdog,
            owner="me",
            seconds=5,
            clock=self._clock,
        )

    def _personalizer(self) -> Personalizer:
        return Personalizer(
            model=Model(),
            publisher=self._published,
            controls=self._known,
            held=self._held,
            linger=0,
            clock=self._clock,
        )

    def _deliverer(self) -> Deliverer:
        return Deliverer(
            claims=self.claims,
            controls=self._known,
            held=self._held,
            suppressions=Watch(self._stored, HASHES, clock=self._clock),
            vendors={"simulator": MortalSender(self.vendor, self.life)},
            publisher=self._published,
            clock=self._clock,
        )

    async def campaign(self) -> Snapshot:
        return await self.documents.get("campaigns/c")

    async def tick(self, minutes: float = 0) -> None:
        self.now += timedelta(minutes=minutes)
        await self.publisher.publish([Tick()])
        await self.work()

    async def work(self, most: int | None = None) -> None:
        """Delivers everything, at least once, until there is nothing left; what is refused comes again later. With
        `most`, only so many events."""
        waiting: list[Event] = []
        while waiting or self.publisher.events or self.publisher.raw:
            new, self.publisher.events = self.publisher.events, []
            waiting += [event for event in new for _ in range(self._copies)]
            self._random.shuffle(waiting)
            batch, waiting = waiting[: min(200, most or 200)], waiting[min(200, most or 200) :]
            results = await asyncio.gather(*(self._deliver(event) for event in batch))
            refused = [event for event, done in zip(batch, results, strict=True) if not done]
            waiting += refused
            self.now += timedelta(seconds=1 if any(results) else 60)  # nothing moves: a lease has to end first
            if self.life.over:
                self.begin()
            if most is not None and (most := most - len(batch)) <= 0:
                self.publisher.events = waiting + self.publisher.events
                return
            new_raw, self.publisher.raw = self.publisher.raw, []
            waiting += [EVENTS[topic].decode(data) for topic, data, _ in new_raw]

    async def _deliver(self, event: Event) -> bool:
        try:
            await self.handlers[type(event)](event)
        except (Busy, Unavailable, Died):
            self.refused += 1
            return False
        return True

    async def press(self, button: Callable[[Conductor], Callable[..., Awaitable[None]]], *, times: int = 2) -> None:
        """What a manager does: and once more, if there was no answer."""
        for _ in range(times):
            try:
                return await button(self.conductor)(await self.campaign(), by="me")
            except Died:
                self.begin()
        return None

    async def customers(self, number: int, **fields: Any) -> list[str]:
        rows = [
            CustomerIn(external_id=str(n), email=f"p{n}@example.com", name=f"P{n}", **fields) for n in range(number)
        ]
        await Ingestion(self.documents, hashes=HASHES, clock=lambda: self.now).upsert(rows)
        return [row.id for row in rows]

    async def launch(self, text: str = "everyone", **changes: Any) -> str:
        campaign = {
            "name": "Test",
            "message": Message(subject="Hi {{ name }}", body="Come").model_dump(),
            "channel": "email",
            "vendor": "simulator",
            "personalization": "gemini",
            "state": "running",
            "created_at": self.now,
            "created_by": "a@example.com",
            "launched_at": self.now,
            "open": True,
            **rule_fields(rule_of(RuleIn(text=text)), "INR"),
            **changes,
        }
        await self.documents.commit([Create("campaigns/c", campaign)])
        await self.publisher.publish([FanOut(campaign_id="c", bucket=bucket) for bucket in range(BUCKETS)])
        return "c"

    async def totals(self) -> dict[str, int]:
        return (await self.ledger.statistics("c")).totals
