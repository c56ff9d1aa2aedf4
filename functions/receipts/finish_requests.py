"""Asks for the end of a campaign as soon as its last outcome is recorded, so that it need not wait for a tick.

An instance looks after a commit only if it is not recording other receipts of the campaign: the last one of them looks.
So there is nothing to look at while many receipts come in, and of several instances the one with the last commit sees
that everything is done. If receipts come one by one, an instance looks once a second, at one read.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from common.caching import TtlCache
from common.events import FinishCampaign
from common.messages.completion import Completion
from common.pubsub.publisher import Publisher

INTERVAL_SECONDS = 1.0
MAX_CAMPAIGNS = 1000


class FinishRequests:
    """Publishes `FinishCampaign` for campaigns that are complete. `monotonic` and `sleep` are in seconds."""

    def __init__(
        self,
        completion: Completion,
        publisher: Publisher,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._completion = completion
        self._publisher = publisher
        self._monotonic = monotonic
        self._sleep = sleep
        self._recording: Counter[str] = Counter()  # by campaign: receipts that are being recorded here
        self._waiting: set[str] = set()  # campaigns that somebody is about to look at
        self._looked_at: TtlCache[str, float] = TtlCache(max_size=MAX_CAMPAIGNS, ttl=INTERVAL_SECONDS, clock=monotonic)

    @asynccontextmanager
    async def recording(self, campaigns: Collection[str]) -> AsyncIterator[None]:
        """While outcomes of these campaigns are recorded. If that succeeds, looks at those that may be complete."""
        self._recording.update(campaigns)
        try:
            yield
        finally:
            self._recording.subtract(campaigns)
            self._recording += Counter()  # without zeros
        for campaign in campaigns:
            await self._look(campaign)

    async def _look(self, campaign: str) -> None:
        """Looks once nobody else here will. After the wait, somebody may be recording again, and looks later."""
        if self._recording[campaign] or campaign in self._waiting:
            return  # someone else looks, after this commit
        self._waiting.add(campaign)
        try:
            await self._wait_for_turn(campaign)
        finally:
            self._waiting.discard(campaign)
        if self._recording[campaign]:
            return
        self._looked_at.set(campaign, self._monotonic())
        if await self._completion.is_complete(campaign):
            await self._publisher.publish([FinishCampaign(command="finish", campaign_id=campaign)])

    async def _wait_for_turn(self, campaign: str) -> None:
        """Until a second has passed since the last look."""
        if (last := self._looked_at.get(campaign)) is not None:
            await self._sleep(max(0.0, last + INTERVAL_SECONDS - self._monotonic()))
