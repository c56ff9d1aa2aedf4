"""Reports of a stand-in: each after a while of its own, some twice, so that they come in any order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import aiohttp
from aiohttp import web

from common.backoff import Backoff

TIMEOUT_SECONDS = 10.0
BACKOFF = Backoff(initial=0.2, maximum=2, jitter=0)
SendReport = Callable[[aiohttp.ClientSession], Awaitable[aiohttp.ClientResponse]]


class ReportTasks:
    """Sends reports, and each again until it is accepted. `duplicate_share` of them are sent twice."""

    def __init__(self, *, seconds: float, duplicate_share: float = 0.0, seed: int = 0) -> None:
        self._seconds = seconds
        self._duplicate_share = duplicate_share
        self._rng = random.Random(seed)
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.sent = 0

    @property
    def pending(self) -> int:
        return len(self._tasks)

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        """For `cleanup_ctx`: reports are sent while the application runs."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as self._session:
            yield
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def add(self, send: SendReport) -> None:
        for _ in range(1 + (self._rng.random() < self._duplicate_share)):
            task = asyncio.create_task(self._send(send, self._rng.random() * self._seconds))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, send: SendReport, wait: float) -> None:
        """Send a report after a while, and again until it is accepted."""
        await asyncio.sleep(wait)
        for attempt in range(100):
            with suppress(aiohttp.ClientError, TimeoutError):
                assert self._session
                response = await send(self._session)
                response.release()
                if response.ok:
                    self.sent += 1
                    return
            await asyncio.sleep(BACKOFF.delay(attempt))
