"""All functions of the main job in memory, on one queue. It is the functions' own code; they share only events."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

from campaigns.composition import CampaignsFunction, CampaignsSettings
from campaigns.lifecycle.lifecycle import CampaignLifecycle
from campaigns.model.audience import RuleRequest, parse_request, rule_fields
from campaigns.sending.fan_out import BUDGET_SECONDS
from common.errors import Busy, Unavailable
from common.events import (
    CheckMessages,
    CountSegments,
    Event,
    FanOut,
    FinishCampaign,
    MessageReady,
    MessageTemplate,
    PlanAudience,
    ReceiptsReported,
    RecipientSelected,
    Retry,
    Tick,
)
from common.ids import BUCKETS
from common.llm.language_model import ModelResponse, Prompt
from common.messages.campaign_state import CACHE_TTL_SECONDS
from common.storage.documents import Create, Documents, Snapshot
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from personalization.composition import PersonalizationSettings
from personalization.composition import compose as compose_personalization
from personalization.personalizer import Personalizer
from receipts.composition import ReceiptsFunction, ReceiptsSettings
from receipts.composition import compose as compose_receipts
from receipts.recorder import ReceiptRecorder
from tests.crash_points import (
    CrashingDocuments,
    CrashingPublisher,
    CrashingSender,
    CrashPlan,
    ProcessLife,
    SimulatedCrash,
)
from tests.simulation.audience import DocumentsWithoutIndex, SimulatedCampaigns
from tests.support import AT, HASHER, SETTINGS, ResponseLosingStore, identity_from_token
from vendor.composition import VendorSettings
from vendor.composition import compose as compose_vendor
from vendor.vendor import Accepted, Rejected, VendorUnavailable
from vendor.vendors.simulator.sender import stable_fraction

EVENTS: dict[str, type[Event]] = {"recipients": RecipientSelected, "deliveries": MessageReady}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class FixedTextModel:
    """Returns the campaign's own message for every person, with its slots."""

    async def generate(self, prompt: Prompt) -> ModelResponse:
        people, message = prompt.data["people"], prompt.data["message"]
        return ModelResponse(content={"messages": [{"id": person["id"], **message} for person in people]})


class InMemoryVendor:
    """Keeps the idempotency keys that it gets. 10 % of the messages fail permanently, 20 % temporarily."""

    def __init__(self) -> None:
        self.concurrency_limit: AbstractAsyncContextManager[object] = nullcontext()
        self.sent_keys: list[str] = []
        self.failures_left = 0  # the number of further sends that fail
        self.retry_after: float | None = None  # seconds, in these failures
        self.failure = "The vendor is down."  # what it says in these failures
        self.late_answers_left = 0  # the number of further messages that it accepts with a late answer
        self.never_reports = False  # accepts every message and never reports on it

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        if self.failures_left:
            self.failures_left -= 1
            raise VendorUnavailable(self.failure, retry_after=self.retry_after)
        self.sent_keys.append(message.idempotency_key)
        await asyncio.sleep(0)
        if self.late_answers_left:
            self.late_answers_left -= 1
            raise VendorUnavailable("The vendor did not answer in time.")
        if self.never_reports:
            return Accepted(final=False)
        if stable_fraction("outcome", message.message_id) < 0.1:
            return Rejected("No such mailbox.", permanent=True)
        if stable_fraction("outcome", message.idempotency_key) < 0.3:
            return Rejected("The mailbox is full.", permanent=False)
        return Accepted(final=True)


def expected_outcome(message: str) -> str:
    """The outcome of the first attempt of a message id."""
    return "failed" if stable_fraction("outcome", message) < 0.3 else "sent"


async def _lose(event: Event) -> None:
    """Loses the event: a tick makes up for it."""


class InMemoryHerald:
    """All functions on one queue, which delivers events in random order, each `copies` times.

    Between the operations of two handlers, `seed` decides which one goes on. With `watchdog=False`, nothing repairs
    what is lost. With `finishes_early=False`, only a tick finishes a campaign. With `cached_states`, functions read
    the state of a campaign once, unless it is paused. Otherwise they read it each time. Time budgets end only by
    pauses, which take no real time. The database's clock starts at `database_time`. With `index`, the audience is asked
    of the real index, which takes most of the time of a test; otherwise of the customers as they are stored. `vendor`
    can be replaced before `restart`, by one that has the record `vendor_name`.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        copies: int = 1,
        page_size: int = 500,
        plan: CrashPlan | None = None,
        cached_states: bool = False,
        fan_out_seconds: float = BUDGET_SECONDS,
        database_time: datetime = AT,
        watchdog: bool = True,
        finishes_early: bool = True,
        index: bool = False,
        settings: Mapping[str, str] = MappingProxyType({}),
        vendor_name: str = "simulator",
    ) -> None:
        self._order = random.Random(f"order {seed}")
        self._settings = {**SETTINGS, **settings, **({} if watchdog else {"WATCHDOG_SECONDS": "1e9"})}
        self.documents = ResponseLosingStore(now=database_time, turn=self._turn)
        self.publisher = MemoryPublisher(turn=self._turn)
        self.vendor: Any = InMemoryVendor()
        self.vendor_name = vendor_name
        self.now = NOW
        self.failed_deliveries = 0  # deliveries that failed and are repeated
        self._random = random.Random(seed)
        self._copies = copies
        self._page_size = page_size
        self.plan = plan
        self._finishes_early = finishes_early
        self._paused_seconds = 0.0
        self._fan_out_seconds = fan_out_seconds
        self._index = index
        self._monotonic = (lambda: 0.0) if cached_states else map(float, count(step=CACHE_TTL_SECONDS + 1)).__next__
        self.restart()

    def restart(self) -> None:
        """Starts all functions again, without anything that they had in memory."""
        self.life = ProcessLife(self.plan)
        crashing: Documents = CrashingDocuments(self.documents, self.life)
        self._store = crashing if self._index else DocumentsWithoutIndex(crashing, self._clock)
        self._crashing_publisher = CrashingPublisher(self.publisher, self.life)
        self._compose_campaigns()
        self._compose_vendor()
        self.handlers: dict[type[Event], Callable[[Any], Awaitable[None]]] = {
            PlanAudience: self._commands.handle,
            FanOut: self._commands.handle,
            Retry: self._commands.handle,
            CheckMessages: self._commands.handle,
            CountSegments: self._commands.handle,
            FinishCampaign: self._commands.handle if self._finishes_early else _lose,
            RecipientSelected: self._create_personalizer().personalize,
            MessageReady: self.deliverer.deliver,
            ReceiptsReported: self._create_receipt_recorder().record,
            Tick: self.scheduler.tick,
        }

    def _clock(self) -> datetime:
        """The clock that all functions share."""
        return self.now

    async def _turn(self) -> None:
        """Lets the other handlers run for a while."""
        for _ in range(self._order.randrange(3)):
            await asyncio.sleep(0)

    async def _pause(self, seconds: float) -> None:
        self._paused_seconds += seconds
        await asyncio.sleep(0)

    def _compose_campaigns(self) -> None:
        campaigns = CampaignsFunction if self._index else SimulatedCampaigns
        function = campaigns(
            documents=self._store,
            publisher=self._crashing_publisher,
            open_access=MemoryDocuments,
            create_model=FixedTextModel,
            verify_id_token=identity_from_token,
            settings=CampaignsSettings(self._settings),
            clock=self._clock,
            monotonic=lambda: self._paused_seconds,
            sleep=self._pause,
            page_size=self._page_size,
            fan_out_seconds=self._fan_out_seconds,
        )
        self.ledger = function.ledger
        self.lifecycle = function.lifecycle
        self.dispatch = function.dispatch
        self.fan_out = function.fan_out
        self.scheduler = function.scheduler
        self._commands = function.commands

    def _compose_vendor(self) -> None:
        function = compose_vendor(
            documents=self._store,
            publisher=self._crashing_publisher,
            vendors={self.vendor_name: CrashingSender(self.vendor, self.life)},
            settings=VendorSettings(self._settings),
            clock=self._clock,
            monotonic=self._monotonic,
        )
        self.claims = function.claims
        self.deliverer = function.deliverer
        self.circuit = function.circuits[self.vendor_name]

    def _create_personalizer(self) -> Personalizer:
        return compose_personalization(
            documents=self._store,
            publisher=self._crashing_publisher,
            model=FixedTextModel(),
            settings=PersonalizationSettings(SETTINGS),
            linger=0,
            clock=self._clock,
            monotonic=self._monotonic,
        ).personalizer

    def _create_receipt_recorder(self) -> ReceiptRecorder:
        return self.receipts_function().recorder

    def receipts_function(self) -> ReceiptsFunction:
        """A new instance of the receipts function."""
        return compose_receipts(
            documents=self._store,
            publisher=self._crashing_publisher,
            settings=ReceiptsSettings(SETTINGS),
            clock=self._clock,
            monotonic=self._monotonic,
            sleep=self._pause,
        )

    async def campaign(self) -> Snapshot:
        return await self.documents.get("campaigns/c")

    async def tick(self, minutes: float = 0) -> None:
        """Lets the time pass, and delivers a tick and all that follows from it."""
        self.now += timedelta(minutes=minutes)
        await self.publisher.publish([Tick()])
        await self.work()

    async def work(self, max_events: int | None = None) -> None:
        """Delivers all events at least once, until the queue is empty. Failed deliveries are repeated.

        With `max_events`, it stops after that number of deliveries.
        """
        waiting: list[Event] = []
        while waiting or self.publisher.events or self.publisher.raw:
            new, self.publisher.events = self.publisher.events, []
            waiting += [event for event in new for _ in range(self._copies)]
            self._random.shuffle(waiting)
            batch, waiting = waiting[: min(200, max_events or 200)], waiting[min(200, max_events or 200) :]
            results = await asyncio.gather(*(self.deliver(event) for event in batch))
            waiting += [event for event, done in zip(batch, results, strict=True) if not done]
            self.now += timedelta(seconds=1 if any(results) else 60)  # without progress: wait for a lease to expire
            if self.life.crashed:
                self.restart()
            if max_events is not None and (max_events := max_events - len(batch)) <= 0:
                self.publisher.events = waiting + self.publisher.events
                return
            new_raw, self.publisher.raw = self.publisher.raw, []
            waiting += [EVENTS[topic].decode(data) for topic, data, _ in new_raw]

    async def deliver(self, event: Event) -> bool:
        """Delivers one event once; False if it has to be delivered again."""
        try:
            await self.handlers[type(event)](event)
        except (Busy, Unavailable, SimulatedCrash):
            self.failed_deliveries += 1
            return False
        return True

    async def act(
        self, action: Callable[[CampaignLifecycle], Callable[..., Awaitable[None]]], *, times: int = 2
    ) -> None:
        """What a manager does: performs the action, and repeats it if the process crashed."""
        for _ in range(times):
            try:
                return await action(self.lifecycle)(await self.campaign(), by="me")
            except SimulatedCrash:
                self.restart()
        return None

    async def add_customers(self, number: int, **fields: Any) -> list[str]:
        rows = [
            CustomerInput.model_validate(
                {"external_id": str(n), "email": f"p{n}@example.com", "name": f"P{n}", **fields}
            )
            for n in range(number)
        ]
        await CustomerUpserts(self.documents, hashes=HASHER, clock=lambda: self.now).upsert(rows)
        return [row.id_with(HASHER) for row in rows]

    async def launch(self, text: str = "everyone", **changes: Any) -> str:
        """Creates the running campaign `c` with the rule `text`, and publishes its fan-out."""
        campaign = {
            "name": "Test",
            "message": MessageTemplate(subject="Hi {{ name }}", body="Come").model_dump(),
            "channel": "email",
            "vendor": self.vendor_name,
            "personalization": "gemini",
            "state": "running",
            "created_at": self.now,
            "created_by": "a@example.com",
            "launched_at": self.now,
            "open": True,
            **rule_fields(parse_request(RuleRequest(text=text), "INR"), "INR"),
            **changes,
        }
        await self.documents.commit([Create("campaigns/c", campaign)])
        await self.publisher.publish([FanOut(campaign_id="c", bucket=bucket) for bucket in range(BUCKETS)])
        return "c"

    async def totals(self) -> dict[str, int]:
        return (await self.ledger.statistics("c")).totals
