"""What goes wrong while a campaign runs, all of it by the dice of one seed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import grpc
import psutil

from local.proxy import Abort, Call, Proxy
from local.stack import Stack

TROUBLED_SHARE = 0.08  # of the calls to Firestore and Pub/Sub
DEADLY_SHARE = 0.004  # of them: the caller dies right before or after
DELAY_SECONDS = 0.5
WRITES = frozenset({"Commit", "Publish"})
BEFORE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.INTERNAL)
AFTER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN)
KILLABLE = ("campaigns", "fan_out", "tick", "personalize", "deliver", "receipts", "record", "dead_letter")
SHARED = ("fan_out", "personalize", "deliver", "record")
"""Functions that run in two processes, so that instances meet."""
VENDOR_MODES = ("down", "throttled", "late", "hang", "refuse", "reject")
GEMINI_MODES = ("slow", "refuse", "unavailable", "nonsense", "empty", "blocked", "wrong_ids", "promises")


@dataclass
class Dice:
    """Shared by whatever may go wrong; between storms nothing does."""

    random: random.Random = field(default_factory=random.Random)
    counts: Counter[str] = field(default_factory=Counter)
    stormy: bool = False


class TroubledLine:
    """One function's calls to one emulator."""

    def __init__(self, dice: Dice, die: Callable[[], Awaitable[None]]) -> None:
        self._dice = dice
        self._die = die

    async def asked(self, call: Call) -> None:
        if self._happens(DEADLY_SHARE):
            await self._die()
            raise Abort(grpc.StatusCode.UNAVAILABLE, "the caller is dead")
        if self._happens(TROUBLED_SHARE):
            await self._trouble(call)

    async def _trouble(self, call: Call) -> None:
        if self._dice.random.random() < 0.5:
            self._dice.counts["calls delayed"] += 1
            await asyncio.sleep(self._dice.random.uniform(0, DELAY_SECONDS))
            return
        self._dice.counts["calls refused"] += 1
        raise Abort(self._dice.random.choice(BEFORE), "refused on purpose")

    async def answered(self, call: Call) -> None:
        if self._happens(DEADLY_SHARE):
            await self._die()
        if call.method in WRITES and self._happens(TROUBLED_SHARE):
            self._dice.counts["answers lost"] += 1
            raise Abort(self._dice.random.choice(AFTER), "lost on purpose")

    def _happens(self, share: float) -> bool:
        return self._dice.stormy and self._dice.random.random() < share


class Faults:
    def __init__(self, stack: Stack) -> None:
        self.dice = Dice()
        self._stack = stack
        self._down: set[str] = set()
        self._repairs: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    @asynccontextmanager
    async def between(self) -> AsyncIterator[None]:
        """Puts a troubled line between each function and each emulator."""
        async with AsyncExitStack() as lines:
            functions = self._stack.plan.functions
            await asyncio.gather(*(self._interpose(name, lines) for name in functions))
            yield

    async def _interpose(self, name: str, lines: AsyncExitStack) -> None:
        line = TroubledLine(self.dice, lambda: self._crash(name, "killed in a call"))
        firestore = await lines.enter_async_context(Proxy(self._stack.firestore, line))
        pubsub = await lines.enter_async_context(Proxy(self._stack.pubsub, line))
        changed = {"FIRESTORE_EMULATOR_HOST": firestore, "PUBSUB_EMULATOR_HOST": pubsub}
        await self._stack.restart(name, **changed, WORKERS="2" if name in SHARED else "1")

    @asynccontextmanager
    async def storm(self, seed: float, happened: Counter[str]) -> AsyncIterator[None]:
        """Inside it everything goes wrong, and is counted in `happened`; afterwards everything runs again."""
        self.dice.random, self.dice.counts, self.dice.stormy = random.Random(seed), happened, True
        self._over.clear()
        actors = (self._kill_parts, self._kill_workers, self._freeze_workers, self._stop_deliveries)
        tasks = [asyncio.create_task(actor()) for actor in (*actors, self._trouble_vendor, self._trouble_gemini)]
        try:
            yield
        finally:
            self.dice.stormy = False
            self._over.set()
            await asyncio.gather(*tasks)
            while self._repairs:
                await asyncio.gather(*self._repairs)

    async def _moments(self, shortest: float, longest: float) -> AsyncIterator[None]:
        """Random moments until the storm is over."""
        while not self._over.is_set():
            await self._wait(shortest, longest)
            if not self._over.is_set():
                yield

    async def _wait(self, shortest: float, longest: float) -> None:
        """At most until the storm is over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), self.dice.random.uniform(shortest, longest))

    async def _kill_parts(self) -> None:
        async for _ in self._moments(1, 4):
            await self._crash(self.dice.random.choice(KILLABLE), "functions killed")

    async def _crash(self, name: str, how: str) -> None:
        """The whole function; it is started again after a while, by a task that outlives the call it dies in."""
        if name not in self._down:
            self._down.add(name)
            self.dice.counts[how] += 1
            task = asyncio.create_task(self._die_and_rise(name))
            self._repairs.add(task)
            task.add_done_callback(self._repairs.discard)
            await asyncio.shield(task)

    async def _die_and_rise(self, name: str) -> None:
        await self._stack.kill(name)
        await self._wait(0, 1)
        await self._stack.restart(name)
        self._down.discard(name)

    async def _kill_workers(self) -> None:
        """One of several instances, while the others go on; the function starts it again by itself."""
        async for _ in self._moments(1, 3):
            for worker in self._any_worker():
                worker.kill()
                self.dice.counts["instances killed"] += 1

    async def _freeze_workers(self) -> None:
        """An instance that others take for dead, and that goes on later as if nothing had happened."""
        async for _ in self._moments(2, 5):
            for worker in self._any_worker():
                worker.suspend()
                self.dice.counts["instances frozen"] += 1
                await self._wait(1, 7)
                with suppress(psutil.NoSuchProcess):
                    worker.resume()

    def _any_worker(self) -> list[psutil.Process]:
        """One instance, or none where all of its function are gone."""
        pid = self._stack.processes[self.dice.random.choice(SHARED)].pid
        with suppress(psutil.NoSuchProcess):
            workers = psutil.Process(pid).children() if pid else []
            return self.dice.random.sample(workers, min(1, len(workers)))
        return []

    async def _stop_deliveries(self) -> None:
        async for _ in self._moments(1, 4):
            pid = self._stack.processes[self.dice.random.choice(("push", "pubsub"))].pid
            assert pid, "neither is ever killed"
            os.kill(pid, signal.SIGSTOP)
            self.dice.counts["deliveries stopped"] += 1
            await self._wait(0.3, 2)
            os.kill(pid, signal.SIGCONT)

    async def _trouble_vendor(self) -> None:
        async for _ in self._moments(0.3, 1):
            mode = self.dice.random.choice(VENDOR_MODES)
            share = self.dice.random.choice((0.05, 0.3, 1.0)) if mode != "reject" else 0.05
            seconds = 1.0 if mode == "throttled" else 4.0
            seed = self.dice.random.randrange(10**6)
            await _tell(self._stack.vendor, {"mode": mode, "share": share, "seconds": seconds, "seed": seed})
            await self._wait(0.5, 3)
            await _tell(self._stack.vendor, {"mode": "ok"})

    async def _trouble_gemini(self) -> None:
        async for _ in self._moments(0.3, 1):
            mode, share = self.dice.random.choice(GEMINI_MODES), self.dice.random.choice((0.3, 1.0))
            await _tell(self._stack.gemini, {"mode": mode, "share": share, "seconds": 4.0 if mode == "slow" else 0.0})
            await self._wait(0.5, 2)
            await _tell(self._stack.gemini, {"mode": "ok"})


async def _tell(url: str | None, behaviour: Mapping[str, object]) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.post(f"{url}/control", json=behaviour):
        pass
