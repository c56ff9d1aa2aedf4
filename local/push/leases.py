"""Acknowledgements and lease changes of one subscription, batched into few calls."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict

import grpc

from common.batching import chunked
from local.push.broker import Broker

FLUSH_SECONDS = 0.01
MAX_LEASES = 2000  # per call

log = logging.getLogger(__name__)


class Leases:
    """Batches the changes. A failed call is only logged: the lease expires and the message is delivered again."""

    def __init__(self, broker: Broker, subscription: str) -> None:
        self._broker = broker
        self._subscription = subscription
        self._acknowledged: list[str] = []
        self._changed: dict[int, list[str]] = defaultdict(list)
        self._flushing: asyncio.Task[None] | None = None

    def acknowledge(self, lease: str) -> None:
        self._acknowledged.append(lease)
        self._flush_soon()

    def extend(self, lease: str, seconds: int) -> None:
        """Delay the next delivery of the message by `seconds`."""
        self._changed[seconds].append(lease)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        """Send all pending changes after a short delay, in batches."""
        await asyncio.sleep(FLUSH_SECONDS)
        self._flushing = None
        acknowledged, self._acknowledged = self._acknowledged, []
        changed, self._changed = self._changed, defaultdict(list)
        try:
            for batch in chunked(acknowledged, MAX_LEASES):
                await self._broker.acknowledge(self._subscription, batch)
            for seconds, leases in changed.items():
                for batch in chunked(leases, MAX_LEASES):
                    await self._broker.extend(self._subscription, batch, seconds)
        except grpc.aio.AioRpcError as error:
            log.warning(
                "%s: %d leases expire: %s", self._subscription, len(acknowledged) + len(changed), error.details()
            )

    async def close(self) -> None:
        """Send all pending changes."""
        if self._flushing:
            await self._flushing
