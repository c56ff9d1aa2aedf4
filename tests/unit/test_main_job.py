"""The main job in memory: the functions' own code, meeting only in the events that they publish."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.fan_out import FanOutWorker
from campaigns.targeting import RuleIn, rule_fields, rule_of
from campaigns.ticker import Ticker
from common.audience import Audience
from common.documents import Create, Query
from common.errors import Busy, Unavailable
from common.events import (
    Event,
    FanOut,
    Message,
    MessagePersonalized,
    Receipt,
    ReceiptsReported,
    RecipientFound,
    Tick,
)
from common.gemini import Answer, Prompt
from common.ids import BUCKETS, bucket_of, message_id
from common.ledger import Ledger
from common.memory import MemoryDocuments, MemoryPublisher
from customers.customer import CustomerIn
from customers.ingestion import Ingestion
from personalization.personalizer import Personalizer
from receipts.recorder import Recorder
from vendor.claims import Claims
from vendor.delivery import Deliverer
from vendor.simulator import chance
from vendor.vendors import Accepted, Rejected

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Model:
    async def ask(self, prompt: Prompt) -> Answer:
        people = prompt.data["people"]
        return Answer(content={"messages": [{"id": one["id"], "subject": "Hi", "body": "Come"} for one in people]})


class Vendor:
    """Keeps the idempotency keys it was given; nine in ten are sent."""

    def __init__(self) -> None:
        self.book: list[str] = []
        self.down = 0  # how many more sends fail

    async def send(self, message: MessagePersonalized) -> Accepted | Rejected:
        if self.down:
            self.down -= 1
            raise Unavailable("The vendor is down.")
        self.book.append(message.message_id)
        await asyncio.sleep(0)
        if chance("outcome", message.message_id) < 0.1:
            return Rejected("No such mailbox.", permanent=True)
        return Accepted(final=True)


class Herald:
    """All functions on one queue, which delivers in any order and as often as it likes."""

    def __init__(self, *, seed: int = 0, copies: int = 1, page: int = 500) -> None:
        self.documents = MemoryDocuments()
        self.publisher = MemoryPublisher()
        self.vendor = Vendor()
        self.now = NOW
        self._random = random.Random(seed)
        self._copies = copies
        clock = lambda: self.now  # noqa: E731  # one clock for all of them
        ledger = Ledger(self.documents, shard="one")
        self.ledger = ledger
        self.fan_out = FanOutWorker(
            documents=self.documents,
            audience=Audience(self.documents),
            publisher=self.publisher,
            currency="INR",
            page=page,
            clock=clock,
        )
        self.ticker = Ticker(documents=self.documents, publisher=self.publisher, ledger=ledger, owner="me", clock=clock)
        claims = Claims(self.documents, owner="me", lease=timedelta(minutes=5), clock=clock)
        self.handlers: dict[type[Event], Callable[[Any], Awaitable[None]]] = {
            FanOut: self.fan_out.run,
            RecipientFound: Personalizer(model=Model(), publisher=self.publisher, linger=0).personalize,
            MessagePersonalized: Deliverer(
                claims=claims, vendors={"simulator": self.vendor}, publisher=self.publisher, clock=clock
            ).deliver,
            ReceiptsReported: Recorder(ledger, clock=clock).record,
            Tick: self.ticker.tick,
        }

    async def work(self) -> None:
        """Delivers everything, at least once, until there is nothing left; what is refused comes again later."""
        waiting: list[Event] = []
        while waiting or self.publisher.events:
            new, self.publisher.events = self.publisher.events, []
            waiting += [event for event in new for _ in range(self._copies)]
            self._random.shuffle(waiting)
            batch, waiting = waiting[:200], waiting[200:]
            results = await asyncio.gather(*(self._deliver(event) for event in batch))
            refused = [event for event, done in zip(batch, results, strict=True) if not done]
            waiting += refused
            self.now += timedelta(seconds=1)

    async def _deliver(self, event: Event) -> bool:
        try:
            await self.handlers[type(event)](event)
        except (Busy, Unavailable):
            return False
        return True

    async def customers(self, number: int, **fields: Any) -> list[str]:
        rows = [
            CustomerIn(external_id=str(n), email=f"p{n}@example.com", name=f"P{n}", **fields) for n in range(number)
        ]
        await Ingestion(self.documents, clock=lambda: self.now).upsert(rows)
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
            **rule_fields(rule_of(RuleIn(text=text)), "INR"),
            **changes,
        }
        await self.documents.commit([Create("campaigns/c", campaign)])
        await self.publisher.publish([FanOut(campaign_id="c", bucket=bucket) for bucket in range(BUCKETS)])
        return "c"

    async def totals(self) -> dict[str, int]:
        return (await self.ledger.statistics("c")).totals


@pytest.mark.parametrize(("copies", "seed"), [(1, 0), (2, 1), (3, 2)])
async def test_everybody_once(copies: int, seed: int) -> None:
    """However often and in whatever order events come: each person is sent to once, and the numbers say so."""
    herald = Herald(seed=seed, copies=copies, page=3)
    people = await herald.customers(300)
    await herald.launch()
    await herald.work()
    failed = sum(chance("outcome", message_id("c", one)) < 0.1 for one in people)
    assert await herald.totals() == {
        "audience": 300,
        "sent": 300 - failed,
        "failed": failed,
        "skipped": 0,
        "pending": 0,
    }
    assert sorted(herald.vendor.book) == sorted(message_id("c", one) for one in people)
    await herald.ticker.tick(Tick())
    campaign = await herald.documents.get("campaigns/c")
    assert (campaign["state"], campaign["totals"]) == ("finished", await herald.totals())


async def test_who_is_left_out_has_a_receipt_with_the_reason() -> None:
    herald = Herald()
    ingestion = Ingestion(herald.documents)
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
    await herald.ticker.tick(Tick())
    assert (await herald.documents.get("campaigns/c"))["totals"]["audience"] == 0
    assert (await herald.documents.get("campaigns/c"))["state"] == "finished"


async def test_a_vendor_that_is_down_is_tried_again_with_the_same_key() -> None:
    herald = Herald()
    people = await herald.customers(20)
    herald.vendor.down = 30
    await herald.launch()
    await herald.work()
    assert sorted(herald.vendor.book) == sorted(message_id("c", one) for one in people)
    assert (await herald.totals())["pending"] == 0


async def test_a_page_planned_but_not_published_is_published_as_planned() -> None:
    """The fan-out died after its commit, and a customer was changed since: exactly those planned are written to."""
    herald = Herald()
    people = await herald.customers(40, spend=100)
    await herald.launch("spend >= 100")
    bucket = bucket_of(people[0])
    planned = sorted(one for one in people if bucket_of(one) == bucket)
    page = {"campaign": "c", "bucket": bucket, "planned": planned, "after": planned[-1], "audience": len(planned)}
    await herald.documents.commit([Create(f"pages/c.{bucket}", page | {"final": True, "done": 0})])
    await Ingestion(herald.documents).upsert([CustomerIn(external_id="0", spend=1)])
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


async def test_a_campaign_that_does_not_run_is_not_fanned_out() -> None:
    herald = Herald()
    await herald.customers(5)
    await herald.launch(state="cancelled")
    await herald.work()
    assert herald.vendor.book == []


async def test_a_lost_fan_out_is_started_again_by_tick() -> None:
    herald = Herald()
    await herald.customers(100)
    await herald.launch()
    herald.publisher.events = herald.publisher.events[:10]  # the rest was lost with whoever launched
    await herald.work()
    await herald.ticker.tick(Tick())
    assert herald.publisher.events == []  # it could still be on its way
    herald.now += timedelta(minutes=11)
    await herald.ticker.tick(Tick())
    await herald.work()
    assert (await herald.totals())["audience"] == 100
    assert (await herald.totals())["pending"] == 0


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
