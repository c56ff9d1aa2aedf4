"""An event loop whose clock jumps to the next timer, and randomness that one seed decides."""

from __future__ import annotations

import asyncio
import random
import secrets
import selectors
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from common.ids import BUCKETS

T = TypeVar("T")
FEW_BUCKETS = 4
"""Nearly all of the product's buckets would be empty, and take most of the time."""


class Deadlock(Exception):
    """No task is ready and no timer is set: the run would wait for ever."""


class JumpingSelector(selectors.SelectSelector):
    """Does not wait: the time that the loop wants to wait is added to `now` instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock
        self.now += timeout
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """The time is simulated. Work for threads is done at once, in the loop, so that it ends in a fixed order."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


def run_simulated(main: Coroutine[Any, Any, T], *, seed: str) -> T:
    """Runs the coroutine on a simulated loop. The same seed gives the same run."""
    with seeded(seed), asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(main)


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Decides the random numbers and the random ids of the code that runs inside. There are few buckets inside."""
    state, ids = random.getstate(), random.Random(f"ids {seed}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", lambda nbytes=20: ids.randbytes(nbytes).hex())
        for module in [module for module in sys.modules.values() if vars(module).get("BUCKETS") == BUCKETS]:
            patch.setattr(module, "BUCKETS", FEW_BUCKETS)
        random.seed(f"code {seed}")
        try:
            yield
        finally:
            random.setstate(state)
