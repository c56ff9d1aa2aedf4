"""Acknowledgements and lease changes of one subscription, many to a call."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict

import grpc

from local.push.broker import Broker

FLUSH_SECONDS = 0.01
MOST = 2000  # leases in one call

log = logging.getLogger(__name__)


class Leases:
    """A call that fails is only logged: the lease runs out and the message is delivered again."""

    def __init__(self, broker: Broker, subscription: str) -> None:
        self._broker = broker
        self._subscription = subscription
        self._done: list[str] = []
        self._changed: dict[int, list[str]] = defaultdict(list)
        self._flushing: asyncio.Task[None] | None = None

    def acknowledge(self, lease: str) -> None:
        self._done.append(lease)
        self._flush_soon()

    def extend(self, lease: str, seconds: int) -> None:
        """The message is not delivered for so long; after that, again."""
        self._changed[seconds].append(lease)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        self._flushing = None
        done, self._done = self._done, []
        changed, self._changed = self._changed, defaultdict(list)
        try:
            for part in _parts(done):
                await self._broker.acknowledge(self._subscription, part)
            for seconds, leases in changed.items():
                for part in _parts(leases):
                    await self._broker.extend(self._subscription, part, seconds)
        except grpc.aio.AioRpcError as error:
            log.warning("%s: %d leases run out: %s", self._subscription, len(done) + len(changed), error.details())

    async def close(self) -> None:
        """Send what waits."""
        if self._flushing:
            await self._flushing


def _parts(leases: list[str]) -> list[list[str]]:
    return [leases[start : start + MOST] for start in range(0, len(leases), MOST)]
