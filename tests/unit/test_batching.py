from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from common.batching import Batcher


class Recorder:
    """Work that keeps its batches, and answers each number with its double."""

    def __init__(self, *, gate: asyncio.Event | None = None) -> None:
        self.batches: list[list[int]] = []
        self.at_once = self.most_at_once = 0
        self._gate = gate

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await (self._gate.wait() if self._gate else asyncio.sleep(0.001))
        self.at_once -= 1
        return [2 * item for item in items]


async def test_what_comes_together_is_done_together() -> None:
    """Each caller gets its own result, in whatever order they came."""
    work = Recorder()
    batcher = Batcher(work, most=100)
    assert await asyncio.gather(*(batcher.submit(n) for n in range(10))) == [2 * n for n in range(10)]
    assert work.batches == [list(range(10))]


async def test_the_next_batch_gathers_while_one_is_under_way() -> None:
    gate = asyncio.Event()
    work = Recorder(gate=gate)
    batcher = Batcher(work, most=100)
    first = batcher.put(1)
    await asyncio.sleep(0.01)
    later = [batcher.put(n) for n in (2, 3, 4)]
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(first, *later)
    assert work.batches == [[1], [2, 3, 4]]


async def test_a_batch_holds_at_most_most() -> None:
    work = Recorder()
    batcher = Batcher(work, most=4, parallel=2)
    await asyncio.gather(*(batcher.put(n) for n in range(10)))
    assert [len(batch) for batch in work.batches] == [4, 4, 2]
    assert work.most_at_once == 2


async def test_a_batch_is_bounded_by_size_too_but_never_empty() -> None:
    work = Recorder()
    batcher = Batcher(work, most=100, size=lambda item: item, most_size=10)
    await asyncio.gather(*(batcher.put(n) for n in (4, 6, 1, 30, 2)))
    assert work.batches == [[4, 6], [1], [30], [2]]


async def test_lingering_waits_for_company_but_not_when_full() -> None:
    work = Recorder()
    batcher = Batcher(work, most=3, linger=0.05)
    first = batcher.put(1)
    await asyncio.sleep(0.01)
    await asyncio.gather(first, batcher.put(2))
    assert work.batches == [[1, 2]]
    full = Batcher(work, most=3, linger=3600)
    await asyncio.wait_for(asyncio.gather(*(full.put(n) for n in (1, 2, 3))), timeout=5)
    assert work.batches[1:] == [[1, 2, 3]]


async def test_groups_do_not_mix_and_are_forgotten() -> None:
    work = Recorder()
    batcher = Batcher(work, most=10, group=lambda item: item % 2)
    await asyncio.gather(*(batcher.put(n) for n in range(6)))
    assert sorted(work.batches) == [[0, 2, 4], [1, 3, 5]]
    await asyncio.sleep(0)
    assert not batcher._lanes


async def test_an_error_is_every_items_unless_it_is_one_items_own() -> None:
    async def fails(items: Sequence[int]) -> Sequence[int]:
        raise RuntimeError("all")

    async def fails_odd(items: Sequence[int]) -> Sequence[int | Exception]:
        return [RuntimeError("one") if item % 2 else item for item in items]

    results = await asyncio.gather(*(Batcher(fails, most=10).put(n) for n in range(2)), return_exceptions=True)
    assert [str(result) for result in results] == ["all", "all"]
    batcher = Batcher(fails_odd, most=10)
    results = await asyncio.gather(*(batcher.put(n) for n in range(3)), return_exceptions=True)
    assert [str(result) for result in results] == ["0", "one", "2"]


async def test_the_batcher_goes_on_after_an_error_and_after_a_caller_left() -> None:
    gate = asyncio.Event()
    work = Recorder(gate=gate)
    batcher = Batcher(work, most=10)
    leaving = asyncio.create_task(batcher.submit(1))
    await asyncio.sleep(0.01)
    leaving.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await batcher.submit(2) == 4


async def test_work_that_answers_too_little_is_an_error() -> None:
    async def forgetful(items: Sequence[int]) -> Sequence[int]:
        return list(items)[1:]

    with pytest.raises(ValueError, match="zip"):
        await Batcher(forgetful, most=10).submit(1)
