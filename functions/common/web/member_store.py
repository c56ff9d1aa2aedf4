"""The members and API keys of this deployment, as every function reads them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from common.caching import TtlCache
from common.clock import Clock, utc_now
from common.errors import Exists, Unavailable
from common.storage.documents import Create, DocumentReader, Documents, Update
from common.web.api_keys import is_well_formed, key_id, key_path, key_use_path
from common.web.principal import Identity, Principal

CACHE_TTL_SECONDS = 30
CACHE_SIZE = 10_000
KEY_CACHE_TTL_SECONDS = 5
"""A key that has leaked is refused soon after it was deleted."""
USE_RECORDED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredKey:
    """An API key as it is stored."""

    principal: Principal
    expires_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether the key has not expired."""
        return self.expires_at is None or now < self.expires_at


class MemberStore:
    """The members and API keys of this deployment. The first admin is defined by a setting and is always admin.

    They are read from the database `access`. When a key was last used is written to `documents`, by every function.
    `bindings` is the database `access` in the only function that may write it: it stores the Google account that signs
    in first.
    """

    def __init__(
        self,
        access: DocumentReader,
        *,
        documents: Documents,
        first_admin: str,
        bindings: Documents | None = None,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._documents = documents
        self._bindings = bindings
        self._clock = clock
        self.first_admin = first_admin.lower()
        self._members: TtlCache[str, Principal | None] = TtlCache(
            max_size=CACHE_SIZE, ttl=CACHE_TTL_SECONDS, clock=monotonic
        )
        self._subjects: TtlCache[str, str | None] = TtlCache(
            max_size=CACHE_SIZE, ttl=CACHE_TTL_SECONDS, clock=monotonic
        )
        self._keys: TtlCache[str, StoredKey | None] = TtlCache(
            max_size=CACHE_SIZE, ttl=KEY_CACHE_TTL_SECONDS, clock=monotonic
        )
        self._used: TtlCache[str, bool] = TtlCache(
            max_size=CACHE_SIZE, ttl=USE_RECORDED_EVERY.total_seconds(), clock=monotonic
        )

    async def by_email(self, email: str, *, fresh: bool = False) -> Principal | None:
        """The member with this e-mail, invited by it or by its domain; None for someone who is not a member.

        A change takes effect within 30 seconds, with `fresh` at once.
        """
        email = email.lower()
        if email == self.first_admin:
            return Principal(email=email, role="admin")
        if "/" in email or email.startswith("@"):
            return None
        invited = await self._members.get_or_load(member_path(email), self._load_member, fresh=fresh)
        invited = invited or await self._members.get_or_load(
            member_path(domain_of(email)), self._load_member, fresh=fresh
        )
        return replace(invited, email=email) if invited else None

    async def _load_member(self, path: str) -> Principal | None:
        document = await self._access.get(path)
        if not document.exists:
            return None
        return Principal(email=document.id, role=document["role"], may_send=document.get("may_send", True))

    async def is_own_account(self, identity: Identity, *, fresh: bool = False) -> bool:
        """Whether no other Google account has signed in with this address before.

        The function `members` remembers the first one. A later account with the same address, for example of
        a new employee, is another person.
        """
        path = identity_path(identity.email)
        bound = await self._subjects.get_or_load(path, self._load_subject, fresh=fresh)
        if bound is None and self._bindings:
            bound = await self._bind(self._bindings, identity, path)
        return bound in {None, identity.subject}

    async def _bind(self, bindings: Documents, identity: Identity, path: str) -> str | None:
        """Store the account, unless a request at the same time was faster. Return what is stored."""
        with suppress(Exists):
            await bindings.commit([Create(path, {"subject": identity.subject, "at": self._clock()})])
        return await self._subjects.get_or_load(path, self._load_subject, fresh=True)

    async def _load_subject(self, path: str) -> str | None:
        subject: str | None = (await self._access.get(path)).get("subject")
        return subject

    async def by_api_key(self, api_key: str, *, fresh: bool = False) -> Principal | None:
        """The owner of an API key; None for one that is mistyped, unknown or expired. Its use is recorded.

        A deleted key is refused within 5 seconds. A key without the right checksum costs no read.
        """
        if not is_well_formed(api_key):
            return None
        id_ = key_id(api_key)
        key = await self._keys.get_or_load(id_, self._load_key, fresh=fresh)
        if key is None or not key.is_valid(self._clock()):
            return None
        await self._record_use(id_)
        return key.principal

    async def _load_key(self, id_: str) -> StoredKey | None:
        document = await self._access.get(key_path(id_))
        if not document.exists:
            return None
        principal = Principal(email=document["name"], role=document["role"], key_id=id_)
        return StoredKey(principal=principal, expires_at=document.get("expires_at"))

    async def _record_use(self, id_: str) -> None:
        """Write the time, unless this or another instance has written it within `USE_RECORDED_EVERY`.

        If it cannot be written the request goes on.
        """
        if self._used.get(id_):
            return
        self._used.set(id_, True)
        now = self._clock()
        with suppress(Unavailable):  # also `Conflict`: another instance has just written it, or the key was deleted
            stored = await self._documents.get(key_use_path(id_))
            if stored.exists and (stored["at"] is None or now - stored["at"] >= USE_RECORDED_EVERY):
                await self._documents.commit([Update(stored.path, {"at": now}, stored.version)])


def domain_of(email: str) -> str:
    """`@example.com` of `asha@example.com`: how everybody with an address of a domain is invited."""
    return email[email.rindex("@") :] if "@" in email else "@"


def member_path(address: str) -> str:
    """The document of a member, from an e-mail or from `@` and a domain."""
    return f"members/{address.lower()}"


def identity_path(email: str) -> str:
    """The document with the Google account that first signed in with an address."""
    return f"identities/{email.lower()}"
