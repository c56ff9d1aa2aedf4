"""What is measured, on either side: the same steps in the same order."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from benchmarks.people import Person, people
from benchmarks.processes import cpu_seconds

T = TypeVar("T")
AT_ONCE = 16


class Side(Protocol):
    """Herald or the naive variant, up and running."""

    @property
    def own(self) -> Collection[int]:
        """Process ids of what one would deploy; their descendants count, too."""
        ...

    @property
    def others(self) -> Collection[int]:
        """And of what stands in for the cloud and the outside world."""
        ...

    async def add(self, people: Sequence[Person]) -> None:
        """One call."""
        ...

    async def preview(self) -> int:
        """How many people the rule of `people.py` finds."""
        ...

    async def campaign(self) -> int:
        """Send to all of them, wait until it is known of each message whether it was sent, and say how many."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    found: int
    milliseconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    messages: int
    seconds: float
    own_cpu: float  # seconds
    others_cpu: float

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def own_cpu_per_thousand(self) -> float:
        return 1000 * self.own_cpu / self.messages

    @property
    def others_cpu_per_thousand(self) -> float:
        return 1000 * self.others_cpu / self.messages


async def warm_up(side: Side) -> None:
    """Everything once, so that what is built on first use is there when it counts."""
    await side.add(people(20, called="early"))
    await side.preview()
    await side.campaign()


async def ingestion(side: Side, everybody: Sequence[Person], *, in_a_call: int = 1) -> float:
    """Customers a second, with `AT_ONCE` calls under way."""
    calls = iter([everybody[start : start + in_a_call] for start in range(0, len(everybody), in_a_call)])
    _, seconds = await timed(asyncio.gather(*(_add_all(side, calls) for _ in range(AT_ONCE))))
    return len(everybody) / seconds


async def _add_all(side: Side, calls: Iterator[Sequence[Person]]) -> None:
    for one in calls:
        await side.add(one)


async def preview(side: Side, *, times: int) -> Preview:
    """The median of several, one after the other."""
    answers = [await timed(side.preview()) for _ in range(times)]
    return Preview(found=answers[-1][0], milliseconds=1000 * statistics.median(seconds for _, seconds in answers))


async def campaign(side: Side, *, times: int = 3) -> Campaign:
    """The one in the middle: an emulator gets faster while it works, on either side."""
    return sorted([await _campaign(side) for _ in range(times)], key=lambda one: one.rate)[times // 2]


async def _campaign(side: Side) -> Campaign:
    own, others = cpu_seconds(side.own), cpu_seconds(side.others)
    messages, seconds = await timed(side.campaign())
    return Campaign(
        messages=messages,
        seconds=seconds,
        own_cpu=cpu_seconds(side.own) - own,
        others_cpu=cpu_seconds(side.others) - others,
    )


async def timed(work: Awaitable[T]) -> tuple[T, float]:
    start = time.perf_counter()
    return await work, time.perf_counter() - start
