"""Whole campaigns in memory, with a vendor that is asked over real HTTP and misbehaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from common.batching import chunked
from common.events import Receipt, ReceiptsReported
from common.ids import BUCKETS
from tests.in_memory_herald import InMemoryHerald

PHASES: list[dict[str, Any]] = [
    {"mode": "throttled", "share": 0.3},
    {"mode": "dropped", "share": 0.1},
    {"mode": "down", "share": 0.1},
    {"mode": "refuse", "share": 0.1},
    {"mode": "late", "share": 0.2, "seconds": 0.2},
    {"mode": "ok"},
]
"""How the vendor behaves, one after the other: it takes nothing, breaks off after it accepted, is down, and is late."""
EVENTS_PER_PHASE = 75
ROUNDS = 4  # with all that was put off until then


async def run_campaign(
    herald: InMemoryHerald,
    *,
    channel: str,
    configure: Callable[..., Awaitable[None]],
    collect_reports: Callable[[], Awaitable[list[Receipt]]],
) -> Mapping[str, int]:
    """The numbers of a campaign to everybody, when all has been sent and reported."""
    await herald.launch(channel=channel, personalization="template")
    await herald.work(max_events=BUCKETS)  # the fan-out
    for phase in PHASES:
        await configure(**phase)
        await herald.work(max_events=EVENTS_PER_PHASE)
    for _ in range(ROUNDS):
        await herald.work()
        for batch in chunked(await collect_reports(), 100):
            await herald.publisher.publish([ReceiptsReported(receipts=batch)])
        await herald.tick(10)
    return (await herald.ledger.statistics("c")).kinds
