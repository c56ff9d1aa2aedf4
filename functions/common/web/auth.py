"""Authentication and authorization: members, API keys and their roles."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from fastapi import Depends, Request

from common.caching import TtlCache
from common.errors import Forbidden, Unauthenticated
from common.storage.documents import Documents

KEY_PREFIX = "hk_"
Role = Literal["viewer", "manager", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least rights to the most; each role includes the ones before it."""
CACHE_TTL_SECONDS = 30
CACHE_SIZE = 10_000

VerifyIdToken = Callable[[str], Awaitable[str]]
"""Takes an ID token and returns its verified e-mail; raises `Unauthenticated`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who sends a request: a member, or a machine with an API key."""

    email: str  # for an API key, the name of the key
    role: Role


class MemberStore:
    """The members and API keys of this deployment. The first admin is defined by a setting and is always admin."""

    def __init__(self, documents: Documents, *, first_admin: str) -> None:
        self._documents = documents
        self._first_admin = first_admin.lower()
        self._cache: TtlCache[str, Principal | None] = TtlCache(max_size=CACHE_SIZE, ttl=CACHE_TTL_SECONDS)

    async def role_of(self, email: str) -> Role | None:
        """The member's role; None for someone who is not a member. A change takes effect within 30 seconds."""
        email = email.lower()
        if email == self._first_admin:
            return "admin"
        member = await self._cache.get_or_load(f"members/{email}", self._load) if "/" not in email else None
        return member.role if member else None

    async def by_api_key(self, api_key: str) -> Principal | None:
        """The owner of an API key; None for an unknown one. A revoked key is refused within 30 seconds."""
        return await self._cache.get_or_load(key_path(api_key), self._load)

    async def _load(self, path: str) -> Principal | None:
        document = await self._documents.get(path)
        if not document.exists:
            return None
        return Principal(email=document.get("name") or document.id, role=document["role"])


def key_path(key: str) -> str:
    """The document of an API key. Only the hash of a key is stored; that is safe, because a key has 160 random bits."""
    return f"keys/{hashlib.sha256(key.encode()).hexdigest()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Authenticator:
    """Finds out who sends a request, from an ID token or an API key."""

    email_of: VerifyIdToken
    members: MemberStore

    async def authenticate(self, authorization: str | None) -> Principal:
        """Takes the value of the `Authorization` header; raises `Unauthenticated` or `Forbidden`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated()
        if token.strip().startswith(KEY_PREFIX):
            return await self._by_api_key(token.strip())
        email = await self.email_of(token.strip())
        role = await self.members.role_of(email)
        if role is None:
            raise Forbidden(f"{email} is not a member; ask an admin to add you.")
        return Principal(email=email, role=role)

    async def _by_api_key(self, key: str) -> Principal:
        principal = await self.members.by_api_key(key)
        if principal is None:
            raise Unauthenticated("Unknown API key; an admin may have revoked it.")
        return principal


def require_role(role: Role) -> Callable[[Request], Awaitable[Principal]]:
    """A FastAPI dependency: the authenticated principal. Raises `Forbidden` if the principal has a lower role.

    The `Authenticator` is `app.state.authenticator`.
    """

    async def principal_with_role(request: Request) -> Principal:
        authenticator: Authenticator = request.app.state.authenticator
        principal = await authenticator.authenticate(request.headers.get("authorization"))
        if ROLES.index(principal.role) < ROLES.index(role):
            raise Forbidden(f"This needs the role {role}; yours is {principal.role}.")
        return principal

    return principal_with_role


Viewer = Annotated[Principal, Depends(require_role("viewer"))]
Manager = Annotated[Principal, Depends(require_role("manager"))]
Admin = Annotated[Principal, Depends(require_role("admin"))]
