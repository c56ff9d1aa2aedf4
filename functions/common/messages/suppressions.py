"""Suppressions: addresses that must never be written to, known by a keyed hash alone.

    suppressions/{keyed hash}   kind      email or phone
                                active    False once it was lifted
                                reason    why, and `by` whom
                                at        when that was last changed

The hash outlives the customer: who was erased and is brought in again by a later import is still not written to.
Without the key nobody can tell from it whose address it is.

Each message is checked twice. Fan-out looks at `suppressed` on the customer, a column of the audience index: it is
written when an address is suppressed, and when a customer gets an address that is. Delivery asks a `Watch`, which knows
what was suppressed since. Neither costs a read for each message.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import SecretStr

from common.storage.documents import Documents, Put, Query, Where

Kind = Literal["email", "phone"]
KINDS: tuple[Kind, ...] = ("email", "phone")
KIND_OF_CHANNEL: Mapping[str, Kind] = {"email": "email", "sms": "phone", "whatsapp": "phone"}

SEEN_AGAIN = timedelta(minutes=2)
"""How much of what is known is asked for again: the clocks of two instances differ, and commits take their time."""

REMEMBERED = timedelta(hours=1)
"""A message that was checked earlier than this before the watch began is looked up by itself."""

BETWEEN = timedelta(minutes=10)
"""Before a fan-out's own check: a customer that came in while the address was being suppressed."""

FRESH_SECONDS = 1.0

SHORT = 5_000
"""Suppressions that an instance keeps in memory; to load them takes a second or two."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    kind: Kind
    value: str  # normalized, as it stands on the customer


class Hashes:
    """Takes the deployment's key."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key.get_secret_value().encode()

    def of(self, address: Address) -> str:
        text = f"{address.kind}:{address.value}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:40]

    def path(self, address: Address) -> str:
        return f"suppressions/{self.of(address)}"


def addresses(customer: Mapping[str, Any]) -> list[Address]:
    return [Address(kind=kind, value=customer[kind]) for kind in KINDS if customer.get(kind)]


def suppression(path: str, kind: Kind, *, reason: str, by: str, now: datetime, active: bool = True) -> Put:
    return Put(path, {"kind": kind, "active": active, "reason": reason, "by": by, "at": now})


async def suppressed(documents: Documents, hashes: Hashes, of: Iterable[Address]) -> set[Address]:
    """Those of the addresses that must not be written to."""
    paths = {hashes.path(address): address for address in of}
    return {paths[one.path] for one in await documents.get_all(list(paths)) if one.get("active")}


class _Recent:
    """What was suppressed or lifted since an instant, kept in memory."""

    def __init__(self, documents: Documents, since: datetime, clock: Callable[[], datetime]) -> None:
        self._documents = documents
        self._clock = clock
        self._until = since
        self._active: dict[str, bool] = {}

    async def refresh(self) -> None:
        """Afterwards all that was committed before the call is known."""
        asked = self._clock()
        later = [Where("at", ">=", self._until - SEEN_AGAIN)]
        for one in await self._documents.query(Query(collection="suppressions", where=later, order_by=("at", "asc"))):
            self._active[one.id] = one["active"]
        self._until = max(self._until, asked)

    def holds(self, hashed: str) -> bool:
        return self._active.get(hashed, False)


class Known:
    """The suppressed ones among many addresses. A short list is kept in memory, for asking what is new costs one read
    however many addresses there are; in a long one each address is looked up."""

    def __init__(
        self, documents: Documents, hashes: Hashes, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._documents = documents
        self._hashes = hashes
        self._recent = _Recent(documents, BEGINNING, clock)
        self._is_short: bool | None = None

    async def among(self, some: Iterable[Address]) -> set[Address]:
        if not (wanted := set(some)):
            return wanted
        if self._is_short is None:
            listed = await self._documents.sums(Query(collection="suppressions"), [])
            self._is_short = listed["count"] <= SHORT
        if not self._is_short:
            return await suppressed(self._documents, self._hashes, wanted)
        await self._recent.refresh()
        return {one for one in wanted if self._recent.holds(self._hashes.of(one))}


class Watch:
    """What was suppressed lately, kept in memory and at most a second old."""

    def __init__(
        self, documents: Documents, hashes: Hashes, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._documents = documents
        self._hashes = hashes
        self._since = clock() - REMEMBERED
        self._recent = _Recent(documents, self._since, clock)
        self._asked = -FRESH_SECONDS
        self._lock = asyncio.Lock()

    async def holds(self, address: Address, *, checked_at: datetime | None) -> bool:
        """Whether the address is suppressed; `checked_at` is when it was not, so that only what came later counts."""
        if checked_at is None or checked_at - BETWEEN < self._since:
            return bool(await suppressed(self._documents, self._hashes, [address]))
        async with self._lock:
            if time.monotonic() - self._asked > FRESH_SECONDS:
                asked = time.monotonic()
                await self._recent.refresh()
                self._asked = asked
        return self._recent.holds(self._hashes.of(address))
