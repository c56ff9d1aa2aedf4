"""What was put aside goes on: at once where nothing stands in its way, at the agreed pace where there is a rate.

    held/rate.{of}   next   when the next message of that campaign, or for that vendor, is due

A rate is kept by moving `next` on, over the version that was read, before anything is published: of two who release
at once one gets the messages' places, and the other none. A little burst makes up for steps that come late.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from common.errors import Conflict, Exists
from common.messages.deferred import MOST, DeferredMessages
from common.storage.documents import Create, Documents, Put, Snapshot

from ..model.campaign import Campaign

STEP_SECONDS = 1.0
BURST = timedelta(seconds=3)


class Releasing:
    """`rates` are the vendors that take only so many messages a minute; `seconds` is how long one run keeps the pace,
    until the next tick takes over."""

    def __init__(
        self,
        *,
        documents: Documents,
        held: DeferredMessages,
        rates: Mapping[str, int],
        seconds: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._held = held
        self._rates = rates
        self._seconds = seconds
        self._clock = clock

    async def release(self, campaign_id: str) -> None:
        """All that is due. Where a rate leaves no room, about a step a second; not in step with those who share it."""
        until = time.monotonic() + self._seconds
        while due := await self._held.due(campaign_id, now=self._clock()):
            campaign = Campaign.of(await self._documents.get(f"campaigns/{campaign_id}"))
            rates = self._rates_of(campaign)
            if campaign.state == "paused":
                return
            places = await self._places(rates, len(due))
            if campaign.state == "cancelled":
                await self._held.skip(due, "cancelled")
            else:
                await self._held.release(due[:places])
            if time.monotonic() > until:
                return
            has_room = not rates or places == MOST
            await asyncio.sleep(0 if has_room else STEP_SECONDS * random.uniform(0.5, 1.5))

    def _rates_of(self, campaign: Campaign) -> dict[str, int]:
        """Messages a minute, by whose rate it is. A cancelled campaign's are not sent, so no rate holds them back."""
        if campaign.state == "cancelled":
            return {}
        own = {campaign.id: campaign.per_minute} if campaign.per_minute else {}
        return own | {name: rate for name, rate in self._rates.items() if name == campaign.vendor}

    async def _places(self, rates: Mapping[str, int], wanted: int) -> int:
        """How many of those may go now; from here on their places are taken."""
        if not rates:
            return wanted
        now = self._clock()
        found = await self._documents.get_all([f"held/rate.{of}" for of in rates])
        due = {one.path: max(one.get("next", now), now - BURST) for one in found}
        gaps = {one.path: timedelta(minutes=1) / rate for one, rate in zip(found, rates.values(), strict=True)}
        places = min([wanted, *(int((now - due[path]) // gaps[path]) + 1 for path in due)])
        if places <= 0:
            return 0
        try:
            await self._documents.commit([_moved(one, due[one.path] + places * gaps[one.path]) for one in found])
        except (Conflict, Exists):  # somebody else took them
            return 0
        return places


def _moved(rate: Snapshot, following: datetime) -> Create | Put:
    data = {"next": following}
    return Put(rate.path, data, rate.version) if rate.exists else Create(rate.path, data)
