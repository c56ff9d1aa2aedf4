"""`python -m benchmarks.tick`: how long one tick takes with many open campaigns, and how much memory.

The scheduler runs with its own code on the in-memory store; each call to the database takes 20 ms more, as in the
cloud. It is compared with the same work done one campaign after the other, and the result is projected to 1,000 open
campaigns. Each campaign has counters, pages and deferred messages that are due, so that each duty has something to do.
"""

from __future__ import annotations

import argparse
import asyncio
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from campaigns.lifecycle.scheduler import PARALLEL_CAMPAIGNS
from campaigns.model.audience import RuleRequest, parse_request, rule_fields
from campaigns.model.campaign import Campaign
from campaigns.sending.fan_out import page_path
from campaigns.sending.recipients import skip_event
from common.clock import utc_now
from common.events import MessageTemplate, Tick
from common.ids import BUCKETS
from common.llm.language_model import LanguageModel
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.storage.documents import Create, Delete, Documents, Query, Snapshot, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.web.principal import Identity

LATENCY_SECONDS = 0.02
DEFERRED = 5
"""Messages that each campaign releases."""
COUNTER_DOCUMENTS = 4
BODY = "Dear {{ name }}, " + "come back soon. " * 100
SETTINGS = {"FIRST_ADMIN": "admin@example.com", "TICK_SECONDS": "60", "SUPPRESSION_KEY": "a key for the benchmark"}
TARGET_CAMPAIGNS = 1_000


class DistantDocuments:
    """In-memory stores behind a network: each call takes a while.

    Each campaign has its own store, because an in-memory query looks at every document of a store, which Firestore does
    not. A commit concerns one campaign.
    """

    def __init__(self) -> None:
        self.latency = 0.0
        self.most_counted = 0  # campaigns whose counters were read at the same time
        self._counted = 0
        self._stores: dict[str, MemoryDocuments] = defaultdict(MemoryDocuments)
        self._campaigns: dict[str, str] = {}  # by path

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        [snapshot] = await self.get_all([path], at=at)
        return snapshot

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        await asyncio.sleep(self.latency)
        return [await self._stores[self._campaigns.get(path, "")].get(path) for path in paths]

    async def query(self, query: Query) -> list[Snapshot]:
        counted = query.collection == "counters" and any(where.field == "campaign" for where in query.where)
        self._counted += counted
        self.most_counted = max(self.most_counted, self._counted)
        await asyncio.sleep(self.latency)
        self._counted -= counted
        return await self._store(query).query(query)

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        await asyncio.sleep(self.latency)
        return await self._store(query).sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        await asyncio.sleep(self.latency)
        for write in writes:
            if not isinstance(write, Delete) and "campaign" in write.data:
                self._campaigns[write.path] = write.data["campaign"]
        if writes:
            await self._stores[self._campaigns.get(writes[0].path, "")].commit(writes)

    def _store(self, query: Query) -> MemoryDocuments:
        return self._stores[next((where.value for where in query.where if where.field == "campaign"), "")]


@dataclass(frozen=True, kw_only=True)
class TickFigures:
    """One measured tick."""

    campaigns: int
    seconds: float
    peak_mb: float
    released: int
    at_once: int  # campaigns that were checked at the same time


def no_model() -> LanguageModel:
    raise AssertionError("a tick asks no model")


async def no_sign_in(token: str, *, fresh: bool = False) -> Identity:
    raise AssertionError("a tick serves no requests")


async def open_campaigns(documents: Documents, publisher: MemoryPublisher, number: int) -> None:
    """Campaigns that run, each with one pending person for each deferred message."""
    now = utc_now()
    stored: Mapping[str, Any] = {
        "name": "A campaign",
        "message": MessageTemplate(subject="Hello", body=BODY).model_dump(),
        "channel": "email",
        "vendor": "simulator",
        "personalization": "template",
        "state": "running",
        "open": True,
        "created_at": now,
        "created_by": "admin@example.com",
        "launched_at": now,
        **rule_fields(parse_request(RuleRequest(text="everyone"), "INR"), "INR"),
    }
    queue = DeferredMessages(documents, publisher)
    for campaign in (f"c{n}" for n in range(number)):
        await documents.commit([Create(f"campaigns/{campaign}", stored)])
        page = {"campaign": campaign, "audience": DEFERRED, "last": BUCKETS}
        await documents.commit([Create(page_path(campaign, 0, 0), page)])
        counters = [Create(f"counters/{campaign}.{n}", {"campaign": campaign}) for n in range(COUNTER_DOCUMENTS)]
        await documents.commit(counters)
        snapshot = Campaign.from_snapshot(await documents.get(f"campaigns/{campaign}"))
        events = [skip_event(snapshot, str(n), "cancelled") for n in range(DEFERRED)]
        await queue.defer([DeferredMessage(event=event, reason="rate", until=now) for event in events])


async def measure_tick(number: int, *, parallel: int, memory: bool = False) -> TickFigures:
    """One tick with that many open campaigns, of which `parallel` are processed at a time.

    Measuring the memory makes the tick slower.
    """
    documents, publisher = DistantDocuments(), MemoryPublisher()
    function = compose_campaigns(
        documents=documents,
        publisher=publisher,
        open_access=MemoryDocuments,
        create_model=no_model,
        verify_id_token=no_sign_in,
        settings=CampaignsSettings(SETTINGS),
        parallel_campaigns=parallel,
    )
    await function.scheduler.tick(Tick())  # the first one loads DuckDB
    await open_campaigns(documents, publisher, number)
    documents.latency = LATENCY_SECONDS
    if memory:
        tracemalloc.start()
    started = time.perf_counter()
    await function.scheduler.tick(Tick())
    seconds = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1] / 1e6  # 0 if it is not measured
    tracemalloc.stop()
    released, at_once = len(publisher.raw), documents.most_counted
    return TickFigures(campaigns=number, seconds=seconds, peak_mb=peak, released=released, at_once=at_once)


def report(parallel: TickFigures, sequential: TickFigures, peak_mb: float) -> str:
    """The figures, their ratio, and what they mean for 1,000 campaigns."""
    factor = TARGET_CAMPAIGNS / parallel.campaigns
    ratio = sequential.seconds / parallel.seconds
    return "\n".join(
        [
            f"{parallel.campaigns} open campaigns, {LATENCY_SECONDS * 1000:.0f} ms for each call to the database",
            f"  {PARALLEL_CAMPAIGNS} at a time   {parallel.seconds:6.1f} s, at most {peak_mb:.1f} MB more than before",
            f"  one by one     {sequential.seconds:6.1f} s, {ratio:.0f} times as long",
            f"  projected to {TARGET_CAMPAIGNS}: {parallel.seconds * factor:.1f} s, {peak_mb * factor:.0f} MB",
        ]
    )


async def compare(number: int) -> None:
    parallel = await measure_tick(number, parallel=PARALLEL_CAMPAIGNS)
    sequential = await measure_tick(number, parallel=1)
    traced = await measure_tick(number, parallel=PARALLEL_CAMPAIGNS, memory=True)
    print(report(parallel, sequential, traced.peak_mb))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--campaigns", type=int, default=200)
    asyncio.run(compare(parser.parse_args().campaigns))


if __name__ == "__main__":
    main()
