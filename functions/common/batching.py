"""Batching: requests that arrive at the same time share one commit (or call, or publish); and splitting into chunks.

This avoids one database write per request. Requests arrive one by one, but each waits for the batch that contains its
item. While one batch is processed, the next one collects items. No item is acknowledged before its batch has succeeded.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

from common.errors import InvalidWrite

Item = TypeVar("Item")
Result = TypeVar("Result")
ProcessBatch = Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]]
"""Takes the items of a batch, returns one result or error for each of them, in order."""
_QueuedItem = tuple[Item, "asyncio.Future[Result]"]


def chunked(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most `size`, in order."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


async def run_bounded(items: Iterable[Item], work: Callable[[Item], Awaitable[object]], *, limit: int) -> None:
    """Awaits `work` for each item, for at most `limit` of them at a time. The first error is raised."""
    waiting = iter(items)

    async def work_through() -> None:
        for item in waiting:
            await work(item)

    await asyncio.gather(*(work_through() for _ in range(limit)))


class Batcher(Generic[Item, Result]):
    """Collects items and passes them to `process` in batches.

    When `process` raises, every item of the batch gets the error. But with `InvalidWrite`, only some items are guilty:
    the batch is split in halves, until each guilty item is alone. Items of different groups (`group_of`) are never in
    the same batch. A batch has at most `max_items` items; their sizes (`size_of`) add up to at most `max_size`, but one
    item alone may be larger. At most `max_concurrent` batches of a group are processed at a time. A batch that is not
    full waits `linger` seconds for more items.
    """

    def __init__(
        self,
        process: ProcessBatch[Item, Result],
        *,
        max_items: int,
        max_concurrent: int = 1,
        linger: float = 0.0,
        group_of: Callable[[Item], Hashable] = lambda _: None,
        size_of: Callable[[Item], int] = lambda _: 0,
        max_size: int = 0,
    ) -> None:
        self._process = process
        self._max_items = max_items
        self._size_of = size_of
        self._max_size = max_size
        self._linger = linger
        self._group_of = group_of
        self._queues: dict[Hashable, _Queue[Item, Result]] = defaultdict(lambda: _Queue(max_concurrent))

    async def submit(self, item: Item) -> Result:
        """The item's result, as soon as its batch is done."""
        return await self.enqueue(item)

    def enqueue(self, item: Item) -> asyncio.Future[Result]:
        """Like `submit`, for callers with many items: they await the futures together."""
        group = self._group_of(item)
        queue = self._queues[group]
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        queue.items.append((item, future))
        if len(queue.items) >= self._max_items:
            queue.full.set()
        if queue.worker is None:
            queue.worker = asyncio.create_task(self._run_queue(group, queue))
        return future

    async def _run_queue(self, group: Hashable, queue: _Queue[Item, Result]) -> None:
        """Starts batches until the queue is empty."""
        while queue.items:
            await self._wait_for_items(queue)
            await queue.slots.acquire()
            batch = self._next_batch(queue)
            if len(queue.items) < self._max_items:
                queue.full.clear()
            task = asyncio.create_task(self._run_batch(batch, queue))
            queue.running.add(task)
            task.add_done_callback(queue.running.discard)
            task.add_done_callback(lambda _: self._remove_if_idle(group, queue))
        queue.worker = None
        self._remove_if_idle(group, queue)

    async def _wait_for_items(self, queue: _Queue[Item, Result]) -> None:
        """Waits until the queue is full or `linger` has passed; without `linger`, for one turn of the event loop."""
        if self._linger and not queue.full.is_set():
            try:
                await asyncio.wait_for(queue.full.wait(), self._linger)
            except TimeoutError:
                return
        else:
            await asyncio.sleep(0)

    def _next_batch(self, queue: _Queue[Item, Result]) -> list[_QueuedItem[Item, Result]]:
        batch = [queue.items.popleft()]
        size = self._size_of(batch[0][0])
        while queue.items and len(batch) < self._max_items:
            size += self._size_of(queue.items[0][0])
            if size > self._max_size:
                break
            batch.append(queue.items.popleft())
        return batch

    def _remove_if_idle(self, group: Hashable, queue: _Queue[Item, Result]) -> None:
        if queue.worker is None and not queue.running:
            self._queues.pop(group, None)

    async def _run_batch(self, batch: Sequence[_QueuedItem[Item, Result]], queue: _Queue[Item, Result]) -> None:
        """Gives each item of the batch its result or error; frees the slot."""
        try:
            await self._process_or_split(batch)
        finally:
            queue.slots.release()

    async def _process_or_split(self, batch: Sequence[_QueuedItem[Item, Result]]) -> None:
        """Gives each item its result or error. A batch with an item that cannot be written is split in halves."""
        try:
            results = await self._process([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                _resolve(future, result)
        except Exception as error:
            if isinstance(error, InvalidWrite) and len(batch) > 1:
                for half in chunked(batch, -(-len(batch) // 2)):
                    await self._process_or_split(half)
                return
            for _, future in batch:
                _resolve(future, error)


class _Queue(Generic[Item, Result]):
    """The items of one group, and the batches of it that are being processed."""

    def __init__(self, max_concurrent: int) -> None:
        self.items: deque[_QueuedItem[Item, Result]] = deque()
        self.full = asyncio.Event()  # there are enough items for a full batch
        self.slots = asyncio.Semaphore(max_concurrent)
        self.worker: asyncio.Task[None] | None = None
        self.running: set[asyncio.Task[None]] = set()


def _resolve(future: asyncio.Future[Result], result: Result | Exception) -> None:
    if future.done():  # the caller was cancelled
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
