"""The measurements, which are the same for both systems and run in the same order."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from benchmarks.people import PersonRow, make_people
from benchmarks.processes import cpu_seconds
from common.batching import chunked

T = TypeVar("T")
CONCURRENT_CALLS = 16


class SystemUnderTest(Protocol):
    """Herald or the naive variant, running."""

    @property
    def own_pids(self) -> Collection[int]:
        """Process ids of the deployable processes. Their descendants are included in the measurement."""
        ...

    @property
    def other_pids(self) -> Collection[int]:
        """Process ids of the emulators and stand-ins."""
        ...

    async def add(self, people: Sequence[PersonRow]) -> None:
        """Add customers with one call."""
        ...

    async def preview(self) -> int:
        """Return how many customers match the rule of `people.py`."""
        ...

    async def campaign(self) -> int:
        """Send a campaign to all of them, wait until each message has an outcome, and return the number of messages."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewFigures:
    """The audience size and the duration of a preview."""

    count: int
    milliseconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignFigures:
    """The duration and the CPU time of a campaign."""

    messages: int
    seconds: float
    own_cpu_seconds: float
    other_cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def own_cpu_per_thousand(self) -> float:
        return 1000 * self.own_cpu_seconds / self.messages

    @property
    def other_cpu_per_thousand(self) -> float:
        return 1000 * self.other_cpu_seconds / self.messages


async def warm_up(system: SystemUnderTest) -> None:
    """Use everything once, so that lazy initialization is not part of a measurement."""
    await system.add(make_people(20, prefix="early"))
    await system.preview()
    await system.campaign()


async def measure_ingestion(
    system: SystemUnderTest, customers: Sequence[PersonRow], *, customers_per_call: int = 1
) -> float:
    """Return the customers per second with `CONCURRENT_CALLS` concurrent calls."""
    batches = chunked(customers, customers_per_call)
    _, seconds = await time_awaitable(asyncio.gather(*(_add_all(system, batches) for _ in range(CONCURRENT_CALLS))))
    return len(customers) / seconds


async def _add_all(system: SystemUnderTest, batches: Iterator[Sequence[PersonRow]]) -> None:
    for batch in batches:
        await system.add(batch)


async def measure_preview(system: SystemUnderTest, *, repetitions: int) -> PreviewFigures:
    """Return the median of several previews, run one after the other."""
    answers = [await time_awaitable(system.preview()) for _ in range(repetitions)]
    return PreviewFigures(
        count=answers[-1][0], milliseconds=1000 * statistics.median(seconds for _, seconds in answers)
    )


async def measure_campaign(system: SystemUnderTest, *, repetitions: int = 3) -> CampaignFigures:
    """Return the median campaign. An emulator gets faster over time, for both systems."""
    return sorted([await _measure_campaign(system) for _ in range(repetitions)], key=lambda campaign: campaign.rate)[
        repetitions // 2
    ]


async def _measure_campaign(system: SystemUnderTest) -> CampaignFigures:
    own_before, other_before = cpu_seconds(system.own_pids), cpu_seconds(system.other_pids)
    messages, seconds = await time_awaitable(system.campaign())
    return CampaignFigures(
        messages=messages,
        seconds=seconds,
        own_cpu_seconds=cpu_seconds(system.own_pids) - own_before,
        other_cpu_seconds=cpu_seconds(system.other_pids) - other_before,
    )


async def time_awaitable(work: Awaitable[T]) -> tuple[T, float]:
    start = time.perf_counter()
    return await work, time.perf_counter() - start
