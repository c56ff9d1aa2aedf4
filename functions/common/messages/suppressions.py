"""Suppressions: addresses that must never get a message, stored only as a keyed hash.

    suppressions/{keyed hash}   kind      email or phone
                                active    False after the suppression is removed
                                reason    the reason, and `by` whom
                                at        the time of the last change

The hash outlives the customer: a customer who is erased and imported again later still gets no messages. Without the
key, the address cannot be found from its hash.

Each message is checked twice. Fan-out uses the customer's `suppressed` field, a column of the audience index, which is
written when an address is suppressed, and when a customer gets a suppressed address. Delivery asks
`RecentSuppressions` for later suppressions. Neither check needs a read for each message.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from common.catalogue.channels import ADDRESS_KINDS, AddressKind
from common.clock import Clock, utc_now
from common.storage.documents import Documents, Put, Query, Where

OVERLAP = timedelta(minutes=2)
"""Entries may arrive this late: the clocks of instances differ, and commits take time."""

PAGE_SIZE = 1_000

MAX_READ_AGAIN = 500

LOOKBACK = timedelta(hours=1)
"""How far back `RecentSuppressions` reads at its start; a message that was checked before that time is looked up."""

SAFETY_MARGIN = timedelta(minutes=10)
"""Subtracted from the time of fan-out's check: a customer may be imported while the address is being suppressed."""

CACHE_TTL_SECONDS = 1.0

MAX_IN_MEMORY = 5_000
"""Up to this number, an instance keeps all suppressions in memory; loading them takes a second or two."""

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An email address or phone number."""

    kind: AddressKind
    value: str  # normalized, as the customer has it


class AddressHasher:
    """Hashes addresses with the deployment's key."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key.get_secret_value().encode()

    def hash(self, address: Address) -> str:
        text = f"{address.kind}:{address.value}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:40]

    def path(self, address: Address) -> str:
        return f"suppressions/{self.hash(address)}"


def addresses_of(customer: Mapping[str, Any]) -> list[Address]:
    return [Address(kind=kind, value=customer[kind]) for kind in ADDRESS_KINDS if customer.get(kind)]


def suppression_write(path: str, kind: AddressKind, *, reason: str, by: str, now: datetime, active: bool = True) -> Put:
    return Put(path, {"kind": kind, "active": active, "reason": reason, "by": by, "at": now})


async def find_suppressed(documents: Documents, hasher: AddressHasher, addresses: Iterable[Address]) -> set[Address]:
    """The addresses that are suppressed. Reads a document for each address."""
    paths = {hasher.path(address): address for address in addresses}
    return {paths[entry.path] for entry in await documents.get_all(list(paths)) if entry.get("active")}


class _SuppressionCache:
    """The suppressions that were changed since `since`, in memory.

    A refresh reads only what follows the last entry that it has read, by time and id. Entries that arrive late, with a
    time before that, are noticed by counting the entries of the overlap: only if there are more than were seen, the
    overlap is read again. So a bulk of suppressions is read once, and not again with each refresh.
    """

    def __init__(self, documents: Documents, since: datetime, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self._refreshed_until = since
        self._active: dict[str, bool] = {}
        self._last: tuple[datetime, str] | None = None  # the time and id of the last entry that was read
        self._seen: dict[str, datetime] = {}  # the times of the entries in the overlap, by id

    async def refresh(self) -> None:
        """Afterwards the cache has all changes that were committed before the call."""
        started_at = self._clock()
        start = self._refreshed_until - OVERLAP
        self._seen = {id_: at for id_, at in self._seen.items() if at >= start}
        await self._read_removed_again()
        await self._read_after(None if await self._has_late_entries(start) else self._last, start)
        self._refreshed_until = max(self._refreshed_until, started_at)

    async def _has_late_entries(self, start: datetime) -> bool:
        """Whether there are entries from `start` to the last one that were not seen. It costs a read for 1,000."""
        if self._last is None:
            return True
        if self._last[0] < start:
            return False
        overlap = [Where("at", ">=", start), Where("at", "<=", self._last[0])]
        total = await self._documents.sums(Query(collection="suppressions", where=overlap), [])
        return total["count"] != len(self._seen)

    async def _read_removed_again(self) -> None:
        """A suppression that was removed and set again within the overlap does not change the count."""
        removed = [id_ for id_ in self._seen if not self._active[id_]][-MAX_READ_AGAIN:]
        if not removed:
            return
        for entry in await self._documents.get_all([f"suppressions/{id_}" for id_ in removed]):
            self._active[entry.id] = bool(entry.get("active"))

    async def _read_after(self, last: tuple[datetime, str] | None, start: datetime) -> None:
        """Reads the entries after `last`, or those from `start` on, page by page."""
        while page := await self._documents.query(
            Query(
                collection="suppressions",
                where=[Where("at", ">=", last[0] if last else start)],
                order_by=("at", "asc"),
                after=last,
                limit=PAGE_SIZE,
                fields=("active", "at"),
            )
        ):
            for entry in page:
                self._active[entry.id], self._seen[entry.id] = entry["active"], entry["at"]
            last = self._last = (page[-1]["at"], page[-1].id)
            if len(page) < PAGE_SIZE:
                return

    def is_active(self, hashed: str) -> bool:
        return self._active.get(hashed, False)


class SuppressionLookup:
    """Finds the suppressed addresses among many.

    A short list is kept in memory: to refresh it costs one read for any number of addresses. In a long list, each
    address is looked up.
    """

    def __init__(self, documents: Documents, hasher: AddressHasher, *, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hasher = hasher
        self._cache = _SuppressionCache(documents, EPOCH, clock)
        self._is_short: bool | None = None

    async def find_among(self, addresses: Iterable[Address]) -> set[Address]:
        """The suppressed ones of the addresses."""
        if not (unique := set(addresses)):
            return unique
        if self._is_short is None:
            total = await self._documents.sums(Query(collection="suppressions"), [])
            self._is_short = total["count"] <= MAX_IN_MEMORY
        if not self._is_short:
            return await find_suppressed(self._documents, self._hasher, unique)
        await self._cache.refresh()
        return {address for address in unique if self._cache.is_active(self._hasher.hash(address))}


class RecentSuppressions:
    """The latest suppressions, in memory and at most one second old. `monotonic` is the cache's clock, in seconds.

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
        self._cache = _SuppressionCache(documents, self._since, clock)
        self._monotonic = monotonic
        self._expires_at = float("-inf")
        self._lock = asyncio.Lock()

    async def is_suppressed(self, address: Address, *, checked_at: datetime | None) -> bool:
        """Whether the address is suppressed. At `checked_at` it was not, so that only later changes matter."""
        if checked_at is None or checked_at - SAFETY_MARGIN < self._since:
            return bool(await find_suppressed(self._documents, self._hasher, [address]))
        async with self._lock:
            if (started_at := self._monotonic()) > self._expires_at:
                await self._cache.refresh()
                self._expires_at = started_at + CACHE_TTL_SECONDS
        return self._cache.is_active(self._hasher.hash(address))
