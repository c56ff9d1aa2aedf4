"""The end of a campaign: within seconds after its last message is done, without waiting for a tick."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.events import FinishCampaign, MessageReady, Receipt, ReceiptsReported
from common.ids import BUCKETS, message_id
from common.messages.completion import Completion
from common.messages.ledger import Ledger
from common.storage.documents import Create, Query, Update
from common.storage.memory import MemoryDocuments, MemoryPublisher
from receipts.finish_requests import INTERVAL_SECONDS, FinishRequests
from tests.in_memory_herald import InMemoryHerald
from tests.support import AT, planned_page


async def act(herald: InMemoryHerald, action: str) -> None:
    await herald.act(lambda lifecycle: getattr(lifecycle, action))


async def state(herald: InMemoryHerald) -> str:
    return str((await herald.campaign())["state"])


@pytest.mark.parametrize("seed", range(4))
async def test_campaign_is_finished_when_its_last_receipt_is_recorded(seed: int) -> None:
    """No tick is needed, in whatever order the events are delivered."""
    herald = InMemoryHerald(seed=seed, copies=2, page_size=3, cached_states=seed % 2 == 1)
    await herald.add_customers(20)
    await herald.launch()
    await herald.work()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["open"], campaign["commands_pending"]) == ("finished", False, False)
    assert campaign["totals"] == await herald.totals()
    assert campaign["totals"]["pending"] == 0


async def test_campaign_whose_people_are_all_skipped_is_finished() -> None:
    """Here fan-out is what comes last, or the receipts that it publishes."""
    herald = InMemoryHerald()
    await herald.add_customers(5, consent={"email": False})
    await herald.launch()
    await herald.work()
    assert await state(herald) == "finished"


async def test_campaign_with_an_audience_of_nobody_is_finished() -> None:
    """There is no receipt at all; the last bucket of fan-out finishes it."""
    herald = InMemoryHerald()
    await herald.launch("spend > 1000000")
    await herald.work()
    assert await state(herald) == "finished"


async def test_retry_is_finished_when_its_last_receipt_is_recorded() -> None:
    """The retry may end before or after the last receipt of its attempts."""
    herald = InMemoryHerald(seed=3)
    await herald.add_customers(20)
    await herald.launch()
    await herald.work()
    await act(herald, "retry")
    assert await state(herald) == "running"
    await herald.work()
    assert await state(herald) == "finished"


async def test_pause_with_nothing_pending_finishes_the_campaign() -> None:
    """The last receipt is recorded, the page still shows a running campaign, and the manager pauses it."""
    herald = InMemoryHerald()
    await herald.add_customers(6)
    await herald.launch()
    await herald.work()
    await reopen(herald)
    await act(herald, "pause")
    assert await state(herald) == "paused"
    await herald.work()
    assert await state(herald) == "finished"


async def test_tick_finishes_a_paused_campaign_with_nothing_pending() -> None:
    """The command of the pause was lost."""
    herald = InMemoryHerald()
    await herald.add_customers(6)
    await herald.launch()
    await herald.work()
    await reopen(herald, state="paused")
    await herald.tick()
    assert await state(herald) == "finished"


async def test_pause_while_the_last_messages_are_sent_finishes_the_campaign() -> None:
    """Messages that are with the vendor already get their outcome; then nothing is pending."""
    herald = InMemoryHerald(seed=1)
    await herald.add_customers(4)
    await herald.launch()
    while not any(isinstance(event, ReceiptsReported) for event in herald.publisher.events):
        await herald.work(max_events=1)
    while any(isinstance(event, MessageReady) for event in herald.publisher.events) or await deferred(herald):
        await herald.work(max_events=1)
    await act(herald, "pause")
    await herald.work()
    expected = "finished" if (await herald.totals())["pending"] == 0 else "paused"
    assert await state(herald) == expected


async def test_paused_campaign_with_deferred_messages_stays_paused() -> None:
    """Its people have no outcome yet."""
    herald = InMemoryHerald()
    await herald.add_customers(6)
    await herald.launch(state="paused")
    await herald.work()
    await herald.tick()
    assert await state(herald) == "paused"


async def test_cancelled_campaign_is_closed_when_its_last_receipt_is_recorded() -> None:
    """It stays `cancelled`, with its totals."""
    herald = InMemoryHerald()
    await herald.add_customers(6)
    await herald.launch()
    await act(herald, "cancel")
    herald.publisher.events = [event for event in herald.publisher.events if event.topic != "ticks"]
    await herald.work()
    campaign = await herald.campaign()
    assert (campaign["state"], campaign["open"]) == ("cancelled", False)
    assert campaign["totals"]["skipped"] == 6


async def reopen(herald: InMemoryHerald, **fields: Any) -> None:
    """The campaign as it is between its last receipt and its end."""
    campaign = await herald.campaign()
    changes = {"state": "running", "open": True, "finished_at": None, "totals": None} | fields
    await herald.documents.commit([Update(campaign.path, changes)])


async def deferred(herald: InMemoryHerald) -> bool:
    return bool(await herald.documents.query(Query(collection="deferred")))


class AggregationCountingStore(MemoryDocuments):
    """Counts the aggregations: each is one read."""

    aggregations = 0

    async def sums(self, query: Query, fields: Any) -> dict[str, int]:
        self.aggregations += 1
        return await super().sums(query, fields)


class RecordingInstance:
    """What one instance of `record` does with a receipt: it records it, then asks."""

    def __init__(self, documents: AggregationCountingStore) -> None:
        self.publisher = MemoryPublisher()
        self.seconds = 0.0
        self.documents = documents
        self.ledger = Ledger(documents, shard="00")
        self.requests = FinishRequests(
            Completion(documents), self.publisher, monotonic=lambda: self.seconds, sleep=self._sleep
        )

    async def _sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)

    async def record(self, customer: str) -> None:
        receipt = Receipt(
            message_id=message_id("c", customer), campaign_id="c", customer_id=customer, kind="sent", at=AT
        )
        async with self.requests.recording({"c"}):
            await asyncio.sleep(0)
            await self.ledger.record([receipt])


async def planned(people: int) -> AggregationCountingStore:
    """A campaign whose fan-out is finished."""
    documents = AggregationCountingStore()
    ids = [f"{number:032x}" for number in range(people)]
    await documents.commit([planned_page("c", ids if bucket == 0 else [], bucket) for bucket in range(BUCKETS)])
    await documents.commit([Create("campaigns/c", {"state": "running", "open": True})])
    return documents


async def test_receipts_that_are_recorded_at_once_are_looked_at_once() -> None:
    """While the instance records other receipts of the campaign, it need not look: the last one does."""
    documents = await planned(50)
    instance = RecordingInstance(documents)
    await asyncio.gather(*(instance.record(f"{number:032x}") for number in range(50)))
    assert instance.publisher.events == [FinishCampaign(command="finish", campaign_id="c")]
    assert documents.aggregations == 2  # the pages, and the counters


async def test_receipts_that_trickle_in_are_looked_at_once_a_second() -> None:
    """One read a second, whatever comes, and the last one is never missed."""
    documents = await planned(40)
    instance = RecordingInstance(documents)
    for number in range(40):
        await instance.record(f"{number:032x}")
    assert len(instance.publisher.events) == 1
    assert documents.aggregations <= 2 + instance.seconds / INTERVAL_SECONDS


async def test_last_receipt_is_noticed_among_two_instances() -> None:
    """Each looks after its own last commit, so one of them sees the last outcome of all."""
    documents = await planned(30)
    first, second = RecordingInstance(documents), RecordingInstance(documents)
    work = [
        (first if number % 3 else second).record(f"{number:032x}") for number in range(30)
    ]  # each awaits in between
    await asyncio.gather(*work)
    assert 1 <= len(first.publisher.events + second.publisher.events) <= 2
