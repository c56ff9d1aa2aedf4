"""Publishes the deferred messages of a campaign that are due: at once, or at the configured rate.

    pacing/dispatch.{key}       next          the time of the next free slot; `key` is the campaign id or the vendor
    pacing/lease.{campaign}     owner, until  the process that publishes the messages of this campaign now

One process at a time publishes the messages of a campaign: two ticks that overlap would publish each message twice. To
keep a rate, `next` is advanced over the version that was read, before any message is read. If two processes reserve
slots of a vendor at the same time, one gets them and the other gets none. `BURST` makes up for steps that run late.

This is the pace at which messages enter the pipeline. `vendor/send_rate.py` keeps the rate at the vendor.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from common.clock import Clock, utc_now
from common.errors import Conflict, Contention, Exists, Unavailable
from common.events import MessageReady, RecipientSelected
from common.ids import random_id
from common.messages.deferred import MAX_PER_COMMIT, DeferredMessages, deferred_event
from common.messages.recipient_check import RecipientCheck
from common.messages.send_times import SendTimes, Wait
from common.storage.documents import Create, Documents, Put, Snapshot

from ..model.campaign import Campaign
from .waits import find_waits

STEP_SECONDS = 1.0
BURST = timedelta(seconds=3)
PARALLEL_STEPS = 32
"""Steps of all campaigns that read and publish at a time: they hold at most 400 messages each."""
LEASE_MARGIN_SECONDS = 30.0
SETTLE_TIME = timedelta(seconds=30)
"""After a release, the messages are on their way for this long."""
RETENTION = timedelta(days=7)


async def has_released_lately(documents: Documents, campaign_id: str, now: datetime) -> bool:
    """Whether messages of the campaign may be on their way that were deferred until now."""
    lease = await documents.get(f"pacing/lease.{campaign_id}")
    return lease.exists and lease["until"] >= now - SETTLE_TIME


class RateLimitedDispatch:
    """Publishes deferred messages.

    `rates` are the maximum numbers of messages per minute, by vendor. `budget_seconds` is the time that one run takes
    at most, in seconds of `monotonic`; the next tick continues. `sleep` waits for that many seconds between two steps.
    `parallel_steps` of all campaigns run at a time. `recipient_check` looks at each recipient once more, and
    `send_times` at each recipient's clock: who sleeps waits on, and takes no slot.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        deferred: DeferredMessages,
        rates: Mapping[str, int],
        recipient_check: RecipientCheck,
        send_times: SendTimes,
        budget_seconds: float,
        parallel_steps: int = PARALLEL_STEPS,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._documents = documents
        self._deferred = deferred
        self._rates = rates
        self._recipient_check = recipient_check
        self._send_times = send_times
        self._budget_seconds = budget_seconds
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._steps = asyncio.Semaphore(parallel_steps)

    async def dispatch_due(self, campaign_id: str, *, is_cancelled: bool = False) -> None:
        """Publishes all due messages of the campaign, within the time budget; of a cancelled one, all that wait.

        Does nothing if no message is due, or if another process is publishing them.
        """
        async with self._steps:
            is_due = await self._due(campaign_id, is_cancelled=is_cancelled, limit=1)
        if not is_due or not (owner := await self._acquire_lease(campaign_id)):
            return
        try:
            await self._dispatch_all(campaign_id)
        finally:
            with suppress(Unavailable):  # otherwise the lease ends by itself
                await self._end_lease(campaign_id, owner)

    async def _dispatch_all(self, campaign_id: str) -> None:
        """Takes steps until no message is due, the campaign is paused, or the time budget is used up.

        While the rate limits it, there is about one step per second, with jitter, so that processes that share a rate
        do not run in step.
        """
        until = self._monotonic() + self._budget_seconds
        while True:
            async with self._steps:
                campaign = Campaign.from_snapshot(await self._documents.get(f"campaigns/{campaign_id}"))
                if campaign.state == "paused":
                    return
                slots = await self._reserve_slots(self._rates_of(campaign), MAX_PER_COMMIT)
                published = await self._publish(campaign, slots) if slots else 0
            if published < slots or self._monotonic() > until:
                return
            is_unlimited = slots == MAX_PER_COMMIT
            await self._sleep(0 if is_unlimited else STEP_SECONDS * random.uniform(0.5, 1.5))

    async def _due(self, campaign_id: str, *, is_cancelled: bool, limit: int) -> list[Snapshot]:
        """What is due. Nobody waits for the morning to be skipped."""
        now = self._clock()
        return await self._deferred.due(
            campaign_id, now=now, until=now + RETENTION if is_cancelled else None, limit=limit
        )

    async def _publish(self, campaign: Campaign, slots: int) -> int:
        """Publishes as many due messages as there are slots, and gives back the slots that are left.

        Returns how many were due: as many as there are slots if there may be more.
        """
        is_cancelled = campaign.state == "cancelled"
        due = await self._due(campaign.id, is_cancelled=is_cancelled, limit=slots)
        asleep: dict[str, Wait] = {}
        if is_cancelled:
            await self._deferred.requeue_as_skipped(due, "cancelled")
        else:
            asleep = await self._asleep(due)
            await self._deferred.postpone(asleep, due)
            awake = [message for message in due if message.path not in asleep]
            await self._deferred.requeue(awake, await self._find_changes(awake, campaign.per_minute))
        if unused := slots - len(due) + len(asleep):
            await self._give_back(self._rates_of(campaign), unused)
        return len(due)

    async def _asleep(self, due: Sequence[Snapshot]) -> dict[str, Wait]:
        """The messages to people who sleep, or whose hour it is not, by path."""
        events = [deferred_event(message) for message in due]
        waits = await find_waits(self._documents, self._send_times, events, self._clock())
        return {message.path: wait for message, wait in zip(due, waits, strict=True) if wait}

    async def _find_changes(
        self, due: Sequence[Snapshot], per_minute: int | None
    ) -> dict[str, RecipientSelected | MessageReady]:
        """The messages whose recipients must not get them any more, or have another address by now, and those of a
        campaign that has another pace by now, by path."""
        events = {message.path: deferred_event(message) for message in due}
        current = await asyncio.gather(*(self._as_of_now(event, per_minute) for event in events.values()))
        return {path: now for (path, event), now in zip(events.items(), current, strict=True) if now != event}

    async def _as_of_now(
        self, event: RecipientSelected | MessageReady, per_minute: int | None
    ) -> RecipientSelected | MessageReady:
        if not event.to or (isinstance(event, MessageReady) and event.skip_reason):
            return event
        result = await self._recipient_check.check(event)
        if result.reason:
            return event.as_skipped(result.reason)
        return event.model_copy(update={"to": result.to, "per_minute": per_minute})

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
        stored = await self._documents.get_all([f"pacing/dispatch.{key}" for key in rates])
        due = {rate.path: max(rate.get("next", now), now - BURST) for rate in stored}
        gaps = {rate.path: timedelta(minutes=1) / limit for rate, limit in zip(stored, rates.values(), strict=True)}
        slots = min([wanted, *(int((now - due[path]) // gaps[path]) + 1 for path in due)])
        if slots <= 0:
            return 0
        try:
            await self._documents.commit([_advance(rate, due[rate.path] + slots * gaps[rate.path]) for rate in stored])
        except (Conflict, Exists, Contention):  # another process reserved them; the next step tries again
            return 0
        return slots

    async def _give_back(self, rates: Mapping[str, int], unused: int) -> None:
        """Another campaign of the vendor can use them. If another process changes the rate meanwhile, they are lost."""
        stored = await self._documents.get_all([f"pacing/dispatch.{key}" for key in rates])
        gaps = [timedelta(minutes=1) / limit for limit in rates.values()]
        with suppress(Conflict, Contention):
            await self._documents.commit(
                [
                    _advance(rate, rate["next"] - unused * gap)
                    for rate, gap in zip(stored, gaps, strict=True)
                    if rate.exists
                ]
            )

    async def _acquire_lease(self, campaign_id: str) -> str | None:
        """The owner's id, or None if another process has the lease."""
        lease = await self._documents.get(f"pacing/lease.{campaign_id}")
        now = self._clock()
        if lease.exists and lease["until"] > now:
            return None
        until = now + timedelta(seconds=self._budget_seconds + LEASE_MARGIN_SECONDS)
        data = {"owner": random_id(), "until": until, "expires_at": until + RETENTION}
        try:
            await self._documents.commit(
                [Put(lease.path, data, lease.version) if lease.exists else Create(lease.path, data)]
            )
        except (Conflict, Exists, Contention):
            return None
        return str(data["owner"])

    async def _end_lease(self, campaign_id: str, owner: str) -> None:
        lease = await self._documents.get(f"pacing/lease.{campaign_id}")
        if lease.get("owner") == owner:
            now = self._clock()
            ended = {"owner": owner, "until": now, "expires_at": now + RETENTION}
            await self._documents.commit([Put(lease.path, ended, lease.version)])


def _advance(rate: Snapshot, next_slot: datetime) -> Create | Put:
    data = {"next": next_slot, "expires_at": next_slot + RETENTION}
    return Put(rate.path, data, rate.version) if rate.exists else Create(rate.path, data)
