"""Batches of concurrent items, and chunks of a list."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Sequence

import pytest

from common.batching import Batcher, chunked
from common.errors import InvalidWrite, Unavailable


class RecordingProcess:
    """Records the batches; the result of each number is its double."""

    def __init__(self, *, gate: asyncio.Event | None = None) -> None:
        self.batches: list[list[int]] = []
        self.running = self.max_running = 0
        self._gate = gate

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        self.running += 1
        self.max_running = max(self.max_running, self.running)
        await (self._gate.wait() if self._gate else asyncio.sleep(0.001))
        self.running -= 1
        return [2 * item for item in items]

    async def started(self) -> None:
        """Returns when the first batch is being processed."""
        while not self.batches:
            await asyncio.sleep(0)


class ItemGroup:
    """A group of items. A test can see whether the batcher still has it in memory."""


async def test_concurrent_items_are_processed_in_one_batch() -> None:
    """Items that arrive together share a batch, and each caller gets the result of its own item."""
    process = RecordingProcess()
    batcher = Batcher(process, max_items=100)
    assert await asyncio.gather(*(batcher.submit(n) for n in range(10))) == [2 * n for n in range(10)]
    assert process.batches == [list(range(10))]


async def test_items_during_a_batch_are_collected_for_the_next() -> None:
    """While a batch is processed, new items are collected into the next one."""
    gate = asyncio.Event()
    process = RecordingProcess(gate=gate)
    batcher = Batcher(process, max_items=100)
    first = batcher.enqueue(1)
    await process.started()
    later = [batcher.enqueue(n) for n in (2, 3, 4)]
    gate.set()
    await asyncio.gather(first, *later)
    assert process.batches == [[1], [2, 3, 4]]


async def test_batch_has_at_most_max_items() -> None:
    """More items than `max_items` are split into several batches, of which `max_concurrent` run at a time."""
    process = RecordingProcess()
    batcher = Batcher(process, max_items=4, max_concurrent=2)
    await asyncio.gather(*(batcher.enqueue(n) for n in range(10)))
    assert [len(batch) for batch in process.batches] == [4, 4, 2]
    assert process.max_running == 2


async def test_batch_over_max_size_is_split_but_never_empty() -> None:
    """A batch is limited by the sizes of its items too; a larger item has a batch of its own."""
    process = RecordingProcess()
    batcher = Batcher(process, max_items=100, size_of=lambda item: item, max_size=10)
    await asyncio.gather(*(batcher.enqueue(n) for n in (4, 6, 1, 30, 2)))
    assert process.batches == [[4, 6], [1], [30], [2]]


async def test_linger_waits_for_more_items_unless_the_batch_is_full() -> None:
    """With `linger`, a batch waits for more items, but a full batch starts at once."""
    process = RecordingProcess()
    batcher = Batcher(process, max_items=3, linger=0.5)
    first = batcher.enqueue(1)
    for _ in range(5):  # turns of the event loop, in which a batch without linger starts
        await asyncio.sleep(0)
    assert process.batches == []
    await asyncio.gather(first, batcher.enqueue(2))
    assert process.batches == [[1, 2]]
    full = Batcher(process, max_items=3, linger=3600)
    await asyncio.wait_for(asyncio.gather(*(full.enqueue(n) for n in (1, 2, 3))), timeout=5)
    assert process.batches[1:] == [[1, 2, 3]]


async def test_groups_are_batched_separately_and_removed_when_idle() -> None:
    """Items of different groups are in different batches; an idle group uses no memory."""
    process = RecordingProcess()
    groups = [ItemGroup(), ItemGroup()]
    remaining = [weakref.ref(group) for group in groups]
    batcher = Batcher(process, max_items=10, group_of=lambda item: groups[item % 2])
    await asyncio.gather(*(batcher.enqueue(n) for n in range(6)))
    assert sorted(process.batches) == [[0, 2, 4], [1, 3, 5]]
    await asyncio.sleep(0)
    groups.clear()
    gc.collect()
    assert [group() for group in remaining] == [None, None]


async def test_raised_error_fails_all_items_and_returned_error_one() -> None:
    """An error that is raised fails the whole batch; an error in the results fails only its item."""

    async def fails(items: Sequence[int]) -> Sequence[int]:
        raise RuntimeError("all")

    async def fails_odd(items: Sequence[int]) -> Sequence[int | Exception]:
        return [RuntimeError("one") if item % 2 else item for item in items]

    results = await asyncio.gather(*(Batcher(fails, max_items=10).enqueue(n) for n in range(2)), return_exceptions=True)
    assert [str(result) for result in results] == ["all", "all"]
    batcher = Batcher(fails_odd, max_items=10)
    results = await asyncio.gather(*(batcher.enqueue(n) for n in range(3)), return_exceptions=True)
    assert [str(result) for result in results] == ["0", "one", "2"]


async def test_cancelled_caller_does_not_stop_the_batcher() -> None:
    """After a caller is cancelled, the batcher processes further items."""
    gate = asyncio.Event()
    process = RecordingProcess(gate=gate)
    batcher = Batcher(process, max_items=10)
    leaving = asyncio.create_task(batcher.submit(1))
    await process.started()
    leaving.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await batcher.submit(2) == 4


async def test_missing_results_are_an_error() -> None:
    """A process function that returns too few results fails its items."""

    async def drop_first(items: Sequence[int]) -> Sequence[int]:
        return list(items)[1:]

    with pytest.raises(ValueError, match="zip"):
        await Batcher(drop_first, max_items=10).submit(1)


@pytest.mark.parametrize(
    ("items", "chunks"), [([], []), ([1], [[1]]), ([1, 2], [[1, 2]]), ([1, 2, 3, 4, 5], [[1, 2], [3, 4], [5]])]
)
def test_chunked_splits_into_lists_of_at_most_the_size(items: list[int], chunks: list[list[int]]) -> None:
    """Chunks keep the order; only the last one can be shorter."""
    assert list(chunked(items, 2)) == chunks
    assert list(chunked(iter(items), 2)) == chunks


async def test_batch_with_one_invalid_item_fails_only_that_item() -> None:
    """The batch is split until the guilty item is alone."""

    async def write(items: Sequence[int]) -> Sequence[int]:
        if 13 in items:
            raise InvalidWrite("13 is too large")
        return items

    batcher: Batcher[int, int] = Batcher(write, max_items=100)
    results = await asyncio.gather(*(batcher.submit(number) for number in range(40)), return_exceptions=True)
    assert isinstance(results[13], InvalidWrite)
    assert [*results[:13], *results[14:]] == [number for number in range(40) if number != 13]


async def test_batch_with_a_temporary_error_is_not_split() -> None:
    """No item is guilty of it."""
    calls = 0

    async def write(items: Sequence[int]) -> Sequence[int]:
        nonlocal calls
        calls += 1
        raise Unavailable

    batcher: Batcher[int, int] = Batcher(write, max_items=100)
    results = await asyncio.gather(*(batcher.submit(number) for number in range(40)), return_exceptions=True)
    assert calls == 1
    assert all(isinstance(result, Unavailable) for result in results)
