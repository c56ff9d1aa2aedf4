"""One part of the stack as a process of its own, which never outlives the stack."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

START_SECONDS = 90
POLL_SECONDS = 0.05
LAST_LINES = 12
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    name: str  # short, also the log's
    title: str  # for people
    command: Sequence[str]
    environ: Mapping[str, str]
    address: str  # host:port
    path: str = "/"  # answers with any status once the part is ready


class PartDied(Exception):
    """A part stopped by itself; the message has its last words."""


class Process:
    def __init__(self, part: Part, *, folder: Path, log: Path) -> None:
        self.part = part
        self.log = log
        self.seconds = 0.0  # from start to the first answer
        self._folder = folder
        self._expected = True  # that it does not run
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def start(self) -> None:
        """Begin; `ready` waits for the part to answer."""
        self._started = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.part.command,
                cwd=self._folder,
                env=self.part.environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the stack, which stops its parts in order
                preexec_fn=_dying_with(os.getpid()),
            )
        self._expected = False

    async def ready(self) -> None:
        """Raises `PartDied` when it ends instead of answering, or does not answer in time."""
        answering = asyncio.create_task(self._answering())
        died = asyncio.create_task(self.died())
        try:
            done, _ = await asyncio.wait({answering, died}, timeout=START_SECONDS, return_when="FIRST_COMPLETED")
        finally:
            answering.cancel()
            died.cancel()
        for task in done:
            task.result()
        if not done:
            raise PartDied(f"{self.part.title} did not answer within {START_SECONDS} seconds.{self._last_words()}")

    async def _answering(self) -> None:
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(f"http://{self.part.address}{self.part.path}"):
                        self.seconds = time.monotonic() - self._started
                        return
                await asyncio.sleep(POLL_SECONDS)

    async def died(self) -> None:
        """Waits until it ends by itself, and raises `PartDied`; ends that were wanted here do not count."""
        while True:
            process = self._process
            code = await process.wait() if process else None
            if process is self._process and not self._expected:
                raise PartDied(f"{self.part.title} stopped by itself (exit code {code}).{self._last_words()}")
            await asyncio.sleep(POLL_SECONDS)

    def _last_words(self) -> str:
        with self.log.open(errors="replace") as lines:
            last = deque(lines, LAST_LINES)
        return f" The end of {self.log}:\n" + "".join(f"    {line.rstrip()}\n" for line in last)

    async def stop(self, grace: float) -> None:
        """SIGTERM, and after `grace` seconds SIGKILL for it and everything it started."""
        self._expected = True
        if self._process and self.pid:
            self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace)
        await self.kill()

    async def kill(self) -> None:
        """At once, without a chance to finish anything."""
        self._expected = True
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


def _dying_with(parent: int) -> Callable[[], None] | None:
    """On Linux the kernel ends a part when the stack is killed without a chance to stop it."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return prepare
