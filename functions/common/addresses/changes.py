"""The states of many addresses, at no cost for each of them.

An address is looked at several times before it gets a message. Fan-out uses flags of the customer, which are columns of
the audience index: `with_address_states` in `functions/customers` keeps them equal to the address. The release of
a deferred message, and delivery right before the claim, ask `RecentAddressChanges` for what has changed since, and for
the few suppressions that the flags cannot know of.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from common.addresses.address import Address, AddressHasher
from common.addresses.state import NOTHING_KNOWN, STATE_FIELDS, AddressState, read_states
from common.batching import Batcher
from common.clock import Clock, utc_now
from common.storage.documents import Documents, Query, Snapshot, Where, pages

OVERLAP = timedelta(minutes=2)
"""Changes may arrive this late: the clocks of instances differ, and commits take time."""
PAGE_SIZE = 1_000
LOOKBACK = timedelta(hours=1)
"""How far back `RecentAddressChanges` reads at its start."""
MAX_EARLIER = 20_000
"""Up to this number, the changes before that are read too, for messages that have waited for longer."""
SAFETY_MARGIN = timedelta(minutes=10)
"""Subtracted from the time of fan-out's check: a customer may be imported while the address is being changed."""
CACHE_TTL_SECONDS = 1.0
MAX_IN_MEMORY = 5_000
"""Up to this number, an instance keeps all states in memory; loading them takes a second or two."""
MAX_LOOKED_UP = 50
"""Up to this number, each address is looked up, with one call. A refresh of the memory takes two, one after the other,
and the emulator looks at every document for it."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


async def read_changes(
    documents: Documents, where: Sequence[Where], after: tuple[datetime, str] | None = None
) -> AsyncIterator[list[Snapshot]]:
    """The addresses that meet conditions on `at`, as far as their states need it, in order of time, page by page.

    `after` is the time and the id of the last one that is known.
    """
    query = Query(collection="addresses", where=where, order_by=("at", "asc"), limit=PAGE_SIZE, fields=STATE_FIELDS)
    while page := await documents.query(replace(query, after=after)):
        yield page
        if len(page) < PAGE_SIZE:
            return
        after = (page[-1]["at"], page[-1].id)


class _StateCache:
    """The states that were changed since `since`, in memory.

    A refresh reads only what follows the last entry that it has read, by time and id. Entries that arrive late, or are
    changed again with an earlier time, are noticed by counting the entries of the overlap and their changes: only if
    these differ from what was seen, the overlap is read again. So a bulk of changes is read once.
    """

    def __init__(self, documents: Documents, since: datetime, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self._refreshed_until = since
        self._states: dict[str, AddressState] = {}
        self._last: tuple[datetime, str] | None = None  # the time and id of the last entry that was read
        self._seen: dict[str, tuple[datetime, int]] = {}  # time and number of changes of the entries in the overlap

    async def refresh(self) -> None:
        """Afterwards the cache has all changes that were committed before the call."""
        started_at = self._clock()
        start = self._refreshed_until - OVERLAP
        self._seen = {id_: seen for id_, seen in self._seen.items() if seen[0] >= start}
        last = None if await self._has_late_entries(start) else self._last
        await self._read([Where("at", ">=", last[0] if last else start)], last)
        self._refreshed_until = max(self._refreshed_until, started_at)

    async def read_unflagged(self) -> None:
        """Reads the suppressions, however old, that customers who have the address may lack the flags of."""
        unflagged = Query(collection="addresses", where=[Where("unflagged", "==", True)], fields=STATE_FIELDS)
        async for page in pages(self._documents, unflagged):
            self._states.update({entry.id: AddressState.from_snapshot(entry) for entry in page})

    async def read_earlier(self, start: datetime, end: datetime) -> bool:
        """Reads the states that were last changed in that time, if there are not too many of them."""
        period = [Where("at", ">=", start), Where("at", "<", end)]
        total = await self._documents.sums(Query(collection="addresses", where=period), [])
        if total["count"] > MAX_EARLIER:
            return False
        await self._read(period, None)
        return True

    async def _has_late_entries(self, start: datetime) -> bool:
        """Whether something changed from `start` to the last entry that was not seen. It costs a read for 1,000."""
        if self._last is None:
            return True
        if self._last[0] < start:
            return False
        overlap = [Where("at", ">=", start), Where("at", "<=", self._last[0])]
        total = await self._documents.sums(Query(collection="addresses", where=overlap), ["changes"])
        return (total["count"], total["changes"]) != (len(self._seen), sum(n for _, n in self._seen.values()))

    async def _read(self, where: Sequence[Where], after: tuple[datetime, str] | None) -> None:
        """Reads the entries after `after`, page by page."""
        async for page in read_changes(self._documents, where, after):
            for entry in page:
                self._states[entry.id] = AddressState.from_snapshot(entry)
                self._seen[entry.id] = entry["at"], entry["changes"]
            last = (page[-1]["at"], page[-1].id)
            self._last = max(self._last or last, last)

    def get(self, hashed: str) -> AddressState | None:
        return self._states.get(hashed)


class AddressLookup:
    """Finds what is known about some addresses among many.

    A few addresses are looked up. For more of them, a short list is kept in memory: to refresh it costs a read or two,
    for any number of addresses. In a long list, each address is looked up.
    """

    def __init__(self, documents: Documents, hasher: AddressHasher, *, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hasher = hasher
        self._cache = _StateCache(documents, EPOCH, clock)
        self._is_short: bool | None = None

    async def find(self, addresses: Iterable[Address]) -> dict[Address, AddressState]:
        """The states of those of the addresses about which anything is known."""
        if not (unique := list(dict.fromkeys(addresses))):
            return {}
        if len(unique) <= MAX_LOOKED_UP or not await self._fits_in_memory():
            stored = await read_states(self._documents, self._hasher, unique)
            return {address: AddressState.from_snapshot(one) for address, one in stored.items() if one.exists}
        await self._cache.refresh()
        states = {address: self._cache.get(self._hasher.hash(address)) for address in unique}
        return {address: state for address, state in states.items() if state is not None}

    async def _fits_in_memory(self) -> bool:
        if self._is_short is None:
            total = await self._documents.sums(Query(collection="addresses"), [])
            self._is_short = total["count"] <= MAX_IN_MEMORY
        return self._is_short


class RecentAddressChanges:
    """The states that changed lately, in memory and at most one second old. `monotonic` is the cache's clock.

    A `TtlCache` does not fit: this is one set that grows with each refresh, not values by key, and its age counts from
    the start of the refresh, because changes during the refresh may be missing.
    """

    def __init__(
        self,
        documents: Documents,
        hasher: AddressHasher,
        *,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._hasher = hasher
        self._since = clock() - LOOKBACK
        self._refused: datetime | None = None  # from then on there were too many changes
        self._cache = _StateCache(documents, self._since, clock)
        self._knows_unflagged = False  # of the time before the cache
        self._monotonic = monotonic
        self._expires_at = float("-inf")
        self._lock = asyncio.Lock()
        self._lookups: Batcher[Address, AddressState] = Batcher(self._look_up, max_items=500, max_concurrent=4)

    async def get(self, address: Address, *, checked_at: datetime | None) -> AddressState:
        """The state of the address. At `checked_at` a message could go there, so that only later changes matter."""
        if checked_at is None or not await self._covers(checked_at - SAFETY_MARGIN):
            return await self._lookups.submit(address)
        async with self._lock:
            if (started_at := self._monotonic()) > self._expires_at:
                if not self._knows_unflagged:
                    await self._cache.read_unflagged()
                    self._knows_unflagged = True
                await self._cache.refresh()
                self._expires_at = started_at + CACHE_TTL_SECONDS
        return self._cache.get(self._hasher.hash(address)) or NOTHING_KNOWN

    async def _covers(self, start: datetime) -> bool:
        """Whether the cache has everything since then. Earlier changes are read once, by the hour, if they are few."""
        async with self._lock:
            if start < self._since and (self._refused is None or start > self._refused):
                hour = start.replace(minute=0, second=0, microsecond=0)
                if await self._cache.read_earlier(hour, self._since):
                    self._since = hour
                else:
                    self._refused = start
        return start >= self._since

    async def _look_up(self, addresses: Sequence[Address]) -> Sequence[AddressState]:
        """Reads the addresses with one call."""
        unique = list(dict.fromkeys(addresses))
        stored = await read_states(self._documents, self._hasher, unique)
        return [AddressState.from_snapshot(stored[address]) for address in addresses]
