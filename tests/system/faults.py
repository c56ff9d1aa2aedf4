"""Faults that are injected while a campaign runs, chosen by a random generator with one seed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import aiohttp
import grpc
import psutil

from local.proxy import AbortCall, Call, EmulatorProxy
from local.stack import Stack
from local.topology import ROOT

FAULT_SHARE = 0.08  # of the calls to Firestore and Pub/Sub
CRASH_SHARE = 0.004  # of these calls, the caller is killed just before or after
DELAY_SECONDS = 0.5
WATCHDOG_SECONDS = 5
CLOCK_SKEW_SECONDS = 2.0
"""How far the clock of a process may be ahead or behind."""
NEVER_SECONDS = 10**6
WRITES = frozenset({"Commit", "Publish"})
ERRORS_BEFORE = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.PERMISSION_DENIED,
)
INVALID_SHARE = 0.01
"""Of the writes of `INVALID_FUNCTIONS`, which are refused as invalid: their messages may become dead letters."""
INVALID_FUNCTIONS = frozenset({"personalize", "deliver"})
BREAK_SHARE = 0.05  # of the streams, which are broken off after the first response, if there are more
STREAMS = frozenset({"BatchGetDocuments", "RunQuery"})
ERRORS_AFTER = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNKNOWN)
FUNCTIONS = (
    *("campaigns", "fan_out", "tick", "personalize", "deliver", "receipts", "record", "dead_letter"),
    *("customers", "ingest", "members"),
)
"""All functions. Each has two worker processes, so that instances compete, and each is killed and frozen."""
EVENT_FUNCTIONS = ("fan_out", "tick", "personalize", "deliver", "receipts", "record", "dead_letter", "ingest")
"""The functions that take events. They are deployed again and again where a run has two releases."""
CLOCKS = Path(__file__).parent / "clocks"
VENDOR_MODES = ("down", "throttled", "late", "hang", "refuse", "reject")
GEMINI_MODES = (
    *("late", "quota", "unavailable", "nonsense", "empty", "blocked", "wrong_ids"),
    *("promises", "words", "chatty", "obeys", "leaks"),
)


@dataclass
class FaultDice:
    """The random generator and the counters that all faults share. No faults happen unless `active`."""

    random: random.Random = field(default_factory=random.Random)
    counts: Counter[str] = field(default_factory=Counter)
    active: bool = False


class FaultyConnection:
    """The calls of one function to one emulator, some of which fail."""

    def __init__(self, function: str, dice: FaultDice, crash: Callable[[], Awaitable[None]]) -> None:
        self._function = function
        self._dice = dice
        self._crash_caller = crash

    async def before_call(self, call: Call) -> None:
        if self._should_fail(CRASH_SHARE):
            await self._crash_caller()
            raise AbortCall(grpc.StatusCode.UNAVAILABLE, "the caller was killed")
        if call.method in WRITES and self._function in INVALID_FUNCTIONS and self._should_fail(INVALID_SHARE):
            self._refuse(grpc.StatusCode.INVALID_ARGUMENT)
        if call.method in STREAMS and self._should_fail(BREAK_SHARE):
            call.is_broken_off = self._break_off
        if self._should_fail(FAULT_SHARE):
            await self._delay_or_refuse()

    def _break_off(self) -> bool:
        self._dice.counts["streams broken off"] += 1
        return True

    async def _delay_or_refuse(self) -> None:
        if self._dice.random.random() < 0.5:
            self._dice.counts["calls delayed"] += 1
            await asyncio.sleep(self._dice.random.uniform(0, DELAY_SECONDS))
            return
        self._refuse(self._dice.random.choice(ERRORS_BEFORE))

    def _refuse(self, code: grpc.StatusCode) -> NoReturn:
        self._dice.counts[f"calls refused with {code.name}"] += 1
        raise AbortCall(code, "refused on purpose")

    async def after_call(self, call: Call) -> None:
        if self._should_fail(CRASH_SHARE):
            await self._crash_caller()
        if call.method in WRITES and self._should_fail(FAULT_SHARE):
            self._dice.counts["answers lost"] += 1
            raise AbortCall(self._dice.random.choice(ERRORS_AFTER), "lost on purpose")

    def _should_fail(self, share: float) -> bool:
        return self._dice.active and self._dice.random.random() < share


class FaultInjector:
    """Injects faults into the functions, the emulators and the stand-ins.

    `previous` is the folder of an earlier release: then functions of both releases work on the same campaigns.
    """

    def __init__(self, stack: Stack, previous: Path | None = None) -> None:
        self.dice = FaultDice()
        self._stack = stack
        self._releases = [ROOT, *([previous] if previous else [])]
        self._lost_share: float | None = None  # of the vendor's reports; without it, the stack's setting
        self._crashed: set[str] = set()
        self._restarts: set[asyncio.Task[None]] = set()
        self._storm_over = asyncio.Event()

    @asynccontextmanager
    async def faulty_connections(self) -> AsyncIterator[None]:
        """Put a faulty connection between each function and each emulator, and give each process its own clock."""
        async with AsyncExitStack() as exit_stack:
            functions = self._stack.config.functions
            await asyncio.gather(*(self._connect_through_proxies(name, exit_stack) for name in functions))
            yield

    async def set_watchdog(self, active: bool) -> None:
        """Without the watchdog, the vendor reports everything, because nothing asks it again."""
        self._lost_share = None if active else 0.0
        seconds = WATCHDOG_SECONDS if active else NEVER_SECONDS
        await self._stack.restart("tick", WATCHDOG_SECONDS=str(seconds))
        await self._configure_vendor({"mode": "ok"})

    async def _configure_vendor(self, behaviour: Mapping[str, object]) -> None:
        await _configure(self._stack.vendor, {**behaviour, "lost_share": self._lost_share})

    async def _connect_through_proxies(self, name: str, exit_stack: AsyncExitStack) -> None:
        connection = FaultyConnection(name, self.dice, lambda: self._crash(name, "killed in a call"))
        firestore = await exit_stack.enter_async_context(EmulatorProxy(self._stack.firestore, connection))
        pubsub = await exit_stack.enter_async_context(EmulatorProxy(self._stack.pubsub, connection))
        clocks = {"PYTHONPATH": f"{CLOCKS}:{ROOT / 'functions'}", "CLOCK_SKEW_SECONDS": str(CLOCK_SKEW_SECONDS)}
        changed = {"FIRESTORE_EMULATOR_HOST": firestore, "PUBSUB_EMULATOR_HOST": pubsub}
        await self._stack.restart(name, **changed, **clocks, WORKERS="2")

    @asynccontextmanager
    async def inject(self, seed: float, fault_counts: Counter[str]) -> AsyncIterator[None]:
        """Inject faults inside the context and count them in `fault_counts`. Afterwards everything runs again."""
        self.dice.random, self.dice.counts, self.dice.active = random.Random(seed), fault_counts, True
        self._storm_over.clear()
        actors = [
            *(self._kill_functions, self._kill_workers, self._freeze_workers, self._pause_deliveries),
            *(self._disturb_vendor, self._disturb_gemini),
            *([self._deploy_functions] if len(self._releases) > 1 else []),
        ]
        tasks = [asyncio.create_task(actor()) for actor in actors]
        try:
            yield
        finally:
            self.dice.active = False
            self._storm_over.set()
            await asyncio.gather(*tasks)
            while self._restarts:
                await asyncio.gather(*self._restarts)

    async def _random_moments(self, min_seconds: float, max_seconds: float) -> AsyncIterator[None]:
        """Yield at random moments until the faults end."""
        while not self._storm_over.is_set():
            await self._wait(min_seconds, max_seconds)
            if not self._storm_over.is_set():
                yield

    async def _wait(self, min_seconds: float, max_seconds: float) -> None:
        """Wait a random time, or until the faults end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._storm_over.wait(), self.dice.random.uniform(min_seconds, max_seconds))

    async def _kill_functions(self) -> None:
        async for _ in self._random_moments(1, 4):
            await self._crash(self.dice.random.choice(FUNCTIONS), "functions killed")

    async def _crash(self, name: str, fault: str) -> None:
        """Kill the whole function. A task that outlives the current call starts it again."""
        if name not in self._crashed:
            self._crashed.add(name)
            self.dice.counts[fault] += 1
            task = asyncio.create_task(self._kill_and_restart(name))
            self._restarts.add(task)
            task.add_done_callback(self._restarts.discard)
            await asyncio.shield(task)

    async def _kill_and_restart(self, name: str) -> None:
        await self._stack.kill(name)
        await self._wait(0, 1)
        await self._stack.restart(name)
        self._crashed.discard(name)

    async def _deploy_functions(self) -> None:
        """Deploy one function after another, forwards and back, so that old and new code run together."""
        async for _ in self._random_moments(0.5, 2):
            name, release = self.dice.random.choice(EVENT_FUNCTIONS), self.dice.random.choice(self._releases)
            self._use_release(name, release)
            await self._crash(name, "functions of the release before" if release != ROOT else "functions deployed")

    def _use_release(self, name: str, release: Path) -> None:
        """Let the function start from the code of that release the next time."""
        process = self._stack.processes[name]
        source = release / "functions" / self._stack.config.topology.functions[name].folder / "main.py"
        command = list(process.service.command)
        command[command.index("--source") + 1] = str(source)
        environ = {**process.service.environ, "PYTHONPATH": f"{CLOCKS}:{release / 'functions'}"}
        process.service = replace(process.service, command=command, environ=environ)

    async def _kill_workers(self) -> None:
        """Kill one of several workers while the others continue. gunicorn starts it again."""
        async for _ in self._random_moments(1, 3):
            for worker in self._random_worker():
                worker.kill()
                self.dice.counts["instances killed"] += 1

    async def _freeze_workers(self) -> None:
        """Suspend a worker until the others take over its work, then resume it."""
        async for _ in self._random_moments(2, 5):
            for worker in self._random_worker():
                worker.suspend()
                self.dice.counts["instances frozen"] += 1
                await self._wait(1, 7)
                with suppress(psutil.NoSuchProcess):
                    worker.resume()

    def _random_worker(self) -> list[psutil.Process]:
        """Return one worker, or none if its function has no worker."""
        pid = self._stack.processes[self.dice.random.choice(FUNCTIONS)].pid
        with suppress(psutil.NoSuchProcess):
            workers = psutil.Process(pid).children() if pid else []
            return self.dice.random.sample(workers, min(1, len(workers)))
        return []

    async def _pause_deliveries(self) -> None:
        async for _ in self._random_moments(1, 4):
            pid = self._stack.processes[self.dice.random.choice(("push", "pubsub"))].pid
            assert pid, "these services are never killed"
            os.kill(pid, signal.SIGSTOP)
            self.dice.counts["deliveries stopped"] += 1
            await self._wait(0.3, 2)
            os.kill(pid, signal.SIGCONT)

    async def _disturb_vendor(self) -> None:
        async for _ in self._random_moments(0.3, 1):
            mode = self.dice.random.choice(VENDOR_MODES)
            share = self.dice.random.choice((0.05, 0.3, 1.0)) if mode != "reject" else 0.05
            seconds = 1.0 if mode == "throttled" else 4.0
            seed = self.dice.random.randrange(10**6)
            await self._configure_vendor({"mode": mode, "share": share, "seconds": seconds, "seed": seed})
            await self._wait(0.5, 3)
            await self._configure_vendor({"mode": "ok"})

    async def _disturb_gemini(self) -> None:
        async for _ in self._random_moments(0.3, 1):
            mode, share = self.dice.random.choice(GEMINI_MODES), self.dice.random.choice((0.3, 1.0))
            await _configure(
                self._stack.gemini, {"mode": mode, "share": share, "seconds": 4.0 if mode == "late" else 0.0}
            )
            await self._wait(0.5, 2)
            await _configure(self._stack.gemini, {"mode": "ok"})


async def _configure(url: str | None, behaviour: Mapping[str, object]) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.post(f"{url}/control", json=behaviour):
        pass
