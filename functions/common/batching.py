"""Group commit: what concurrent requests want done at the same moment is done in one go.

The answer to "every hit triggers a write": requests come one by one, but each waits for the commit (the call, the
publish) that holds its item, and while one batch is under way the next one gathers. Nothing is acknowledged before
its batch has succeeded.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]
_Waiting = tuple[Item, "asyncio.Future[Result]"]


class Batcher(Generic[Item, Result]):
    """Collects items and hands them to `work`, which answers with one result or error for each, in order.

    An error that `work` raises is every item's. A batch holds at most `most` items of one `group`, whose `size` adds up
    to at most `most_size` (one item may be larger); at most `parallel` batches of a group are under way at once. One
    that is not full waits `linger` seconds for company.
    """

    def __init__(
        self,
        work: Work[Item, Result],
        *,
        most: int,
        parallel: int = 1,
        linger: float = 0.0,
        group: Callable[[Item], Hashable] = lambda _: None,
        size: Callable[[Item], int] = lambda _: 0,
        most_size: int = 0,
    ) -> None:
        self._work = work
        self._most = most
        self._size = size
        self._most_size = most_size
        self._linger = linger
        self._group = group
        self._lanes: dict[Hashable, _Lane[Item, Result]] = defaultdict(lambda: _Lane(parallel))

    async def submit(self, item: Item) -> Result:
        """This item's result, once the batch that holds it is done."""
        return await self.put(item)

    def put(self, item: Item) -> asyncio.Future[Result]:
        """The same for somebody who has many items: they wait for the futures together."""
        key = self._group(item)
        lane = self._lanes[key]
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        lane.waiting.append((item, future))
        if len(lane.waiting) >= self._most:
            lane.full.set()
        if lane.pump is None:
            lane.pump = asyncio.create_task(self._run_lane(key, lane))
        return future

    async def _run_lane(self, key: Hashable, lane: _Lane[Item, Result]) -> None:
        while lane.waiting:
            await self._gather(lane)
            await lane.free.acquire()
            batch = self._next_batch(lane)
            if len(lane.waiting) < self._most:
                lane.full.clear()
            task = asyncio.create_task(self._run(batch, lane))
            lane.running.add(task)
            task.add_done_callback(lane.running.discard)
            task.add_done_callback(lambda _: self._forget(key, lane))
        lane.pump = None
        self._forget(key, lane)

    def _next_batch(self, lane: _Lane[Item, Result]) -> list[_Waiting[Item, Result]]:
        batch = [lane.waiting.popleft()]
        size = self._size(batch[0][0])
        while lane.waiting and len(batch) < self._most:
            size += self._size(lane.waiting[0][0])
            if size > self._most_size:
                break
            batch.append(lane.waiting.popleft())
        return batch

    def _forget(self, key: Hashable, lane: _Lane[Item, Result]) -> None:
        if lane.pump is None and not lane.running:
            self._lanes.pop(key, None)

    async def _gather(self, lane: _Lane[Item, Result]) -> None:
        """Lets items that are on their way arrive: those of this turn of the loop, and those within `linger`."""
        if self._linger and not lane.full.is_set():
            try:
                await asyncio.wait_for(lane.full.wait(), self._linger)
            except TimeoutError:
                return
        else:
            await asyncio.sleep(0)

    async def _run(self, batch: Sequence[_Waiting[Item, Result]], lane: _Lane[Item, Result]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                _settle(future, result)
        except Exception as error:
            for _, future in batch:
                _settle(future, error)
        finally:
            lane.free.release()


class _Lane(Generic[Item, Result]):
    """One group's items: those waiting, and how many batches may still start."""

    def __init__(self, parallel: int) -> None:
        self.waiting: deque[_Waiting[Item, Result]] = deque()
        self.full = asyncio.Event()
        self.free = asyncio.Semaphore(parallel)
        self.pump: asyncio.Task[None] | None = None
        self.running: set[asyncio.Task[None]] = set()


def _settle(future: asyncio.Future[Result], result: Result | Exception) -> None:
    if future.done():  # the request gave up waiting
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
