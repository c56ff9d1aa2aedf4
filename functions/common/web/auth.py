"""Authentication and authorization: members, API keys and their roles."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from common.caching import TtlCache
from common.errors import Forbidden, Unauthenticated
from common.storage.documents import Documents
from common.web.rate_limits import RateLimits, RequestCost

KEY_PREFIX = "hk_"
MAX_BODY_BYTES = 256_000
"""The limit of a JSON body."""
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
    may_send: bool = True  # whether a manager or an admin may start what sends messages
    is_person: bool = True  # False for an API key


class MemberStore:
    """The members and API keys of this deployment. The first admin is defined by a setting and is always admin."""

    def __init__(
        self, documents: Documents, *, first_admin: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._documents = documents
        self.first_admin = first_admin.lower()
        self._cache: TtlCache[str, Principal | None] = TtlCache(
            max_size=CACHE_SIZE, ttl=CACHE_TTL_SECONDS, clock=monotonic
        )

    async def by_email(self, email: str) -> Principal | None:
        """The member with this e-mail, invited by it or by its domain; None for someone who is not a member.

        A change takes effect within 30 seconds.
        """
        email = email.lower()
        if email == self.first_admin:
            return Principal(email=email, role="admin")
        if "/" in email or email.startswith("@"):
            return None
        invited = await self._cache.get_or_load(member_path(email), self._load)
        invited = invited or await self._cache.get_or_load(member_path(domain_of(email)), self._load)
        return replace(invited, email=email) if invited else None

    async def by_api_key(self, api_key: str) -> Principal | None:
        """The owner of an API key; None for an unknown one. A revoked key is refused within 30 seconds."""
        return await self._cache.get_or_load(key_path(api_key), self._load)

    async def _load(self, path: str) -> Principal | None:
        """Read a member or an API key; None where there is no document."""
        document = await self._documents.get(path)
        if not document.exists:
            return None
        return Principal(
            email=document.get("name") or document.id,
            role=document["role"],
            may_send=document.get("may_send", True),
            is_person=path.startswith("members/"),
        )


def domain_of(email: str) -> str:
    """`@example.com` of `asha@example.com`: how everybody with an address of a domain is invited."""
    return email[email.rindex("@") :] if "@" in email else "@"


def member_path(address: str) -> str:
    """The document of a member, from an e-mail or from `@` and a domain."""
    return f"members/{address.lower()}"


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
        member = await self.members.by_email(email)
        if member is None:
            raise Forbidden(f"{email} is not a member; ask an admin to add you.")
        return member

    async def _by_api_key(self, key: str) -> Principal:
        principal = await self.members.by_api_key(key)
        if principal is None:
            raise Unauthenticated("Unknown API key; an admin may have revoked it.")
        return principal


class RequireRole:
    """A FastAPI dependency: the authenticated principal, whose role is at least `role`.

    `GuardedRoute` asks it before the body is read. The `Authenticator` is `app.state.authenticator`.
    """

    def __init__(self, role: Role, *, sends: bool = False, people_only: bool = False) -> None:
        """`sends` asks for the right to send as well; `people_only` refuses API keys."""
        self.role = role
        self.sends = sends
        self.people_only = people_only

    async def __call__(self, request: Request) -> Principal:
        """Return who sends the request. Raises `Unauthenticated` or `Forbidden`."""
        principal: Principal | None = getattr(request.state, "principal", None)
        if principal is None:
            authenticator: Authenticator = request.app.state.authenticator
            principal = await authenticator.authenticate(request.headers.get("authorization"))
            request.state.principal = principal
        if ROLES.index(principal.role) < ROLES.index(self.role):
            raise Forbidden(f"This needs the role {self.role}; yours is {principal.role}.")
        if self.sends and not principal.may_send:
            raise Forbidden("You may prepare campaigns, but not send them; ask somebody who may send to launch it.")
        if self.people_only and not principal.is_person:
            raise Forbidden("Only a person who is signed in may do this, not an API key.")
        return principal


class GuardedRoute(APIRoute):
    """A route that asks who sends the request, and what they may do, before it reads the first byte of the body."""

    @property
    def cost(self) -> int:
        """How many tokens of the caller's bucket a request takes."""
        calls = [dependency.call for dependency in self.dependant.dependencies]
        return next((call.tokens for call in calls if isinstance(call, RequestCost)), 1)

    @property
    def required_role(self) -> RequireRole | None:
        """The role that the endpoint asks for; None for an endpoint that asks for none."""
        calls = [dependency.call for dependency in self.dependant.dependencies]
        return next((call for call in calls if isinstance(call, RequireRole)), None)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, behind the door."""
        handle = super().get_route_handler()

        async def handle_if_allowed(request: Request) -> Response:
            if self.required_role:
                principal = await self.required_role(request)
                limits: RateLimits = request.app.state.rate_limits
                limits.charge(principal.email, is_person=principal.is_person, cost=self.cost)
            await request.app.state.check_ready()
            return await handle(request)

        return handle_if_allowed


def guarded_router(prefix: str, *, tag: str) -> APIRouter:
    """Return a router whose routes are `GuardedRoute`s. A route that takes files says its own limit."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=GuardedRoute, max_body_size=MAX_BODY_BYTES)


Viewer = Annotated[Principal, Depends(RequireRole("viewer"))]
Manager = Annotated[Principal, Depends(RequireRole("manager"))]
Admin = Annotated[Principal, Depends(RequireRole("admin"))]
Sender = Annotated[Principal, Depends(RequireRole("manager", sends=True))]
"""Who may start what sends messages: launch, schedule, resume, retry."""
AdminInPerson = Annotated[Principal, Depends(RequireRole("admin", people_only=True))]
"""Who may decide about members and API keys: with a leaked key nobody can make another."""
