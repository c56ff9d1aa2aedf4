"""One service of the stack as a process, which never outlives the stack."""

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

START_TIMEOUT_SECONDS = 90
POLL_SECONDS = 0.05
LOG_TAIL_LINES = 12
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """The description of a process: its command and its address."""

    name: str  # short; also the name of the log file
    title: str  # shown to people
    command: Sequence[str]
    environ: Mapping[str, str]
    address: str  # host:port
    path: str = "/"  # responds with any status once the service is ready


class ServiceExited(Exception):
    """A service exited unexpectedly. The message contains the end of its log."""


class Process:
    """A service as a running process, which can be killed and started again."""

    def __init__(self, service: Service, *, folder: Path, log: Path) -> None:
        self.service = service
        self.log = log
        self.start_seconds = 0.0  # from the start to the first response
        self._folder = folder
        self._exit_expected = True  # True while the process is meant to be stopped
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id; None while the process does not run."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def start(self) -> None:
        """Start the process. `wait_until_ready` waits for its first response."""
        self._started = time.monotonic()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.service.command,
                cwd=self._folder,
                env=self.service.environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # only the stack gets Ctrl-C of the terminal; it stops its services
                preexec_fn=_exit_with_parent(os.getpid()),
            )
        self._exit_expected = False

    async def wait_until_ready(self) -> None:
        """Wait for the first response. Raise `ServiceExited` if the process exits or does not respond in time."""
        answered = asyncio.create_task(self._wait_for_answer())
        exited = asyncio.create_task(self.wait_for_exit())
        try:
            done, _ = await asyncio.wait(
                {answered, exited}, timeout=START_TIMEOUT_SECONDS, return_when="FIRST_COMPLETED"
            )
        finally:
            answered.cancel()
            exited.cancel()
        for task in done:
            task.result()
        if not done:
            raise ServiceExited(
                f"{self.service.title} did not respond within {START_TIMEOUT_SECONDS} seconds.{self._log_tail()}"
            )

    async def _wait_for_answer(self) -> None:
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(f"http://{self.service.address}{self.service.path}"):
                        self.start_seconds = time.monotonic() - self._started
                        return
                await asyncio.sleep(POLL_SECONDS)

    async def wait_for_exit(self) -> None:
        """Wait until the process exits unexpectedly, and raise `ServiceExited`. `stop` and `kill` do not count."""
        while True:
            process = self._process
            code = await process.wait() if process else None
            if process is self._process and not self._exit_expected:
                raise ServiceExited(f"{self.service.title} exited unexpectedly (exit code {code}).{self._log_tail()}")
            await asyncio.sleep(POLL_SECONDS)

    def _log_tail(self) -> str:
        with self.log.open(errors="replace") as lines:
            tail = deque(lines, LOG_TAIL_LINES)
        return f" The end of {self.log}:\n" + "".join(f"    {line.rstrip()}\n" for line in tail)

    async def stop(self, grace: float) -> None:
        """Send SIGTERM, and after `grace` seconds SIGKILL, to the process and all processes that it started."""
        self._exit_expected = True
        if self._process and self.pid:
            self._process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace)
        await self.kill()

    async def kill(self) -> None:
        """Send SIGKILL immediately."""
        self._exit_expected = True
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()


def _exit_with_parent(parent: int) -> Callable[[], None] | None:
    """Return a hook that lets the Linux kernel stop the service when the stack is killed; None on other systems."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def install_death_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the stack exited before prctl
            os._exit(1)

    return install_death_signal
