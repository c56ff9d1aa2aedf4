"""Keeps the rates at the vendor itself: those of the vendor, and those that campaigns have set.

    pacing/delivery.{key}   next   the time of the next free slot; `key` is the campaign id or the vendor

Campaigns publish their messages at these rates, but what is between publishing and sending can stand still and then
catch up. So each message needs a slot here before it is sent. An instance reserves slots in blocks, as many as it
needed in the last second, so that the shared document is written about once a second. A message whose slot is near
waits for it; a message that would wait longer is deferred.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.batching import Batcher
from common.clock import Clock, utc_now
from common.events import MessageReady
from common.storage.documents import Create, Documents, Put, Write
from common.storage.optimistic_commit import commit_with_retry

MAX_WAIT = timedelta(seconds=2)
"""A message waits this long for its slot; all the while it takes one of the vendor's places in this instance."""
MIN_BLOCK = timedelta(seconds=1)
"""Slots are reserved only when at least this much time of them is free, so that few processes contend for them."""
GRACE = timedelta(seconds=1)
"""A slot can be used this long after its time."""
RETENTION = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rate:
    """A rate that applies to a message: `key` names what it belongs to."""

    key: str
    per_minute: int

    @property
    def gap(self) -> timedelta:
        return timedelta(minutes=1) / self.per_minute


class SendRateLimiter:
    """Gives slots to messages. `vendor_rates` are the maximum numbers of messages per minute, by vendor."""

    def __init__(
        self,
        documents: Documents,
        *,
        vendor_rates: Mapping[str, int],
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._documents = documents
        self._vendor_rates = vendor_rates
        self._clock = clock
        self._sleep = sleep
        self._reserved: dict[str, deque[datetime]] = defaultdict(deque)  # slots of this instance, by key
        self._used: dict[str, deque[datetime]] = defaultdict(deque)  # when messages came in the last second, by key
        self._requests: Batcher[_Rate, datetime] = Batcher(
            self._give_slots, max_items=500, group_of=lambda rate: rate.key
        )

    async def wait_for_slot(self, message: MessageReady) -> datetime | None:
        """Returns None as soon as the message may be sent, or the time until which it must be deferred."""
        for rate in self._rates_of(message):
            slot = await self._requests.submit(rate)
            if slot > self._clock() + MAX_WAIT:
                return slot
            if (wait := (slot - self._clock()).total_seconds()) > 0:
                await self._sleep(wait)
        return None

    def _rates_of(self, message: MessageReady) -> list[_Rate]:
        """The campaign's rate first: it takes no slot of the vendor if the campaign has none."""
        rates = {message.campaign_id: message.per_minute, message.vendor: self._vendor_rates.get(message.vendor)}
        return [_Rate(key=key, per_minute=per_minute) for key, per_minute in rates.items() if per_minute]

    async def _give_slots(self, requests: Sequence[_Rate]) -> Sequence[datetime]:
        """A time for each request. Those later than `MAX_WAIT` from now are not reserved, only likely."""
        rate, now = requests[0], self._clock()
        self._used[rate.key].extend([now] * len(requests))
        reserved = self._reserved[rate.key]
        while reserved and reserved[0] < now - GRACE:
            reserved.popleft()
        likely = now
        if len(reserved) < len(requests):
            likely = await self._reserve(rate, len(requests) - len(reserved))
        slots = [reserved.popleft() for _ in range(min(len(requests), len(reserved)))]
        return slots + [likely + number * rate.gap for number in range(1, 1 + len(requests) - len(slots))]

    async def _reserve(self, rate: _Rate, count: int) -> datetime:
        """Reserves slots for `count` messages, and for as many as there were in the last second.

        Returns a time by which all slots that can be reserved now are over.
        """
        path = f"pacing/delivery.{rate.key}"
        wanted = count + self._count_recent(rate.key)

        async def build(_: int) -> tuple[tuple[datetime, int], Sequence[Write]]:
            stored = await self._documents.get(path)
            now = self._clock()
            first = max(stored.get("next", now), now)
            is_free = first <= now + MAX_WAIT - MIN_BLOCK
            granted = min(wanted, int((now + MAX_WAIT - first) // rate.gap) + 1) if is_free else 0
            data = {"next": first + granted * rate.gap, "expires_at": first + RETENTION}
            write = Put(path, data, stored.version) if stored.exists else Create(path, data)
            return (first, granted), [write] if granted else []

        first, granted = await commit_with_retry(self._documents, build)
        self._reserved[rate.key].extend(first + number * rate.gap for number in range(granted))
        return max(first + granted * rate.gap, self._clock() + MAX_WAIT)

    def _count_recent(self, key: str) -> int:
        """How many messages came in the last second."""
        now, used = self._clock(), self._used[key]
        while used[0] < now - MIN_BLOCK:
            used.popleft()
        return len(used)
