"""Publishes the deferred messages of a campaign that are due: at once, or at the configured rate.

    deferred/rate.{key}   next   the time of the next free slot; `key` is the campaign id or the vendor

To keep a rate, `next` is advanced over the version that was read, before any message is published. If two processes
reserve slots at the same time, one gets them and the other gets none. `BURST` makes up for steps that run late.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from common.clock import Clock, utc_now
from common.errors import Conflict, Exists
from common.messages.deferred import MAX_PER_COMMIT, DeferredMessages
from common.storage.documents import Create, Documents, Put, Snapshot

from ..model.campaign import Campaign

STEP_SECONDS = 1.0
BURST = timedelta(seconds=3)


class RateLimitedDispatch:
    """Publishes deferred messages.

    `rates` are the maximum numbers of messages per minute, by vendor. `budget_seconds` is the time that one run takes
    at most, in seconds of `monotonic`; the next tick continues. `sleep` waits for that many seconds between two steps.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        deferred: DeferredMessages,
        rates: Mapping[str, int],
        budget_seconds: float,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._documents = documents
        self._deferred = deferred
        self._rates = rates
        self._budget_seconds = budget_seconds
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep

    async def dispatch_due(self, campaign_id: str) -> None:
        """Publishes all due messages of the campaign, within the time budget.

        While the rate limits it, there is about one step per second, with jitter, so that processes that share a rate
        do not run in step.
        """
        until = self._monotonic() + self._budget_seconds
        while due := await self._deferred.due(campaign_id, now=self._clock()):
            campaign = Campaign.from_snapshot(await self._documents.get(f"campaigns/{campaign_id}"))
            rates = self._rates_of(campaign)
            if campaign.state == "paused":
                return
            slots = await self._reserve_slots(rates, len(due))
            if campaign.state == "cancelled":
                await self._deferred.requeue_as_skipped(due, "cancelled")
            else:
                await self._deferred.requeue(due[:slots])
            if self._monotonic() > until:
                return
            is_unlimited = not rates or slots == MAX_PER_COMMIT
            await self._sleep(0 if is_unlimited else STEP_SECONDS * random.uniform(0.5, 1.5))

    def _rates_of(self, campaign: Campaign) -> dict[str, int]:
        """Messages per minute, by campaign id and vendor. A cancelled campaign sends nothing and has no rate."""
        if campaign.state == "cancelled":
            return {}
        own = {campaign.id: campaign.per_minute} if campaign.per_minute else {}
        return own | {vendor: rate for vendor, rate in self._rates.items() if vendor == campaign.vendor}

    async def _reserve_slots(self, rates: Mapping[str, int], wanted: int) -> int:
        """Reserves at most `wanted` slots in all of the rates, and returns how many messages may be published now."""
        if not rates:
            return wanted
        now = self._clock()
        stored = await self._documents.get_all([f"deferred/rate.{key}" for key in rates])
        due = {rate.path: max(rate.get("next", now), now - BURST) for rate in stored}
        gaps = {rate.path: timedelta(minutes=1) / limit for rate, limit in zip(stored, rates.values(), strict=True)}
        slots = min([wanted, *(int((now - due[path]) // gaps[path]) + 1 for path in due)])
        if slots <= 0:
            return 0
        try:
            await self._documents.commit([_advance(rate, due[rate.path] + slots * gaps[rate.path]) for rate in stored])
        except (Conflict, Exists):  # another process reserved them
            return 0
        return slots


def _advance(rate: Snapshot, next_slot: datetime) -> Create | Put:
    data = {"next": next_slot}
    return Put(rate.path, data, rate.version) if rate.exists else Create(rate.path, data)
