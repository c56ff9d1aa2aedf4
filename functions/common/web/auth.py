"""Authentication and authorization: who sends a request, and what their role allows."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from common.clock import Clock
from common.errors import Forbidden, Unauthenticated
from common.storage.documents import DocumentReader, Documents
from common.web.api_keys import KEY_PREFIX
from common.web.masking import masked_response
from common.web.member_store import MemberStore
from common.web.principal import ROLES, Identity, Principal, Role
from common.web.rate_limits import RateLimits, RequestCost
from common.web.refusals import SignInRefusals

MAX_BODY_BYTES = 256_000
"""The limit of a JSON body."""


class VerifyIdToken(Protocol):
    """Takes an ID token; raises `Unauthenticated` for one that is not valid, or whose account may not sign in now."""

    async def __call__(self, token: str, *, fresh: bool = False) -> Identity:
        """Return whose token it is. With `fresh` Google is asked now; otherwise its answer is up to a minute old."""
        ...


class AccountClosed(Unauthenticated):
    """This Google account was disabled or deleted, or its sessions were ended; sign in again."""

    def __init__(self, email: str) -> None:
        super().__init__()
        self.email = email


ANOTHER_ACCOUNT = (
    "This address belongs to another Google account than the one that first signed in with it. Ask an admin to remove "
    "the member and to invite them again."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Authenticator:
    """Finds out who sends a request, from an ID token or an API key."""

    verify_id_token: VerifyIdToken
    members: MemberStore
    refusals: SignInRefusals
    viewers_see_addresses: bool = False

    async def authenticate(self, authorization: str | None, *, fresh: bool = False) -> Principal:
        """Takes the value of the `Authorization` header; raises `Unauthenticated` or `Forbidden`.

        With `fresh` nothing of the answer comes from a cache.
        """
        principal = await self._find(authorization, fresh=fresh)
        return replace(principal, sees_addresses=self.viewers_see_addresses or principal.role != "viewer")

    async def _find(self, authorization: str | None, *, fresh: bool) -> Principal:
        """The principal, without what the deployment says about all of them."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated()
        if token.strip().startswith(KEY_PREFIX):
            return await self._by_api_key(token.strip(), fresh=fresh)
        try:
            identity = await self.verify_id_token(token.strip(), fresh=fresh)
        except AccountClosed as error:
            await self.refusals.record(error.email.lower(), "account disabled, deleted or signed out")
            raise
        member = await self.members.by_email(identity.email, fresh=fresh)
        if member is None:
            await self.refusals.record(identity.email.lower(), "not a member")
            raise Forbidden(f"{identity.email} is not a member; ask an admin to add you.")
        if not await self.members.is_own_account(identity, fresh=fresh):
            await self.refusals.record(identity.email.lower(), "another account")
            raise Forbidden(ANOTHER_ACCOUNT)
        return member

    async def _by_api_key(self, key: str, *, fresh: bool) -> Principal:
        principal = await self.members.by_api_key(key, fresh=fresh)
        if principal is None:
            raise Unauthenticated("Unknown API key: it is mistyped, has expired, or was deleted.")
        return principal


def create_authenticator(
    documents: Documents,
    *,
    access: DocumentReader,
    verify_id_token: VerifyIdToken,
    first_admin: str,
    clock: Clock,
    bindings: Documents | None = None,
    viewers_see_addresses: bool = False,
) -> Authenticator:
    """The authenticator of a function's application. For `access` and `bindings` see `MemberStore`."""
    return Authenticator(
        verify_id_token=verify_id_token,
        members=MemberStore(access, documents=documents, first_admin=first_admin, bindings=bindings, clock=clock),
        refusals=SignInRefusals(documents, clock=clock),
        viewers_see_addresses=viewers_see_addresses,
    )


class RequireRole:
    """A FastAPI dependency: the authenticated principal, whose role is at least `role`.

    `GuardedRoute` asks it before the body is read. The `Authenticator` is `app.state.authenticator`.
    """

    def __init__(self, role: Role, *, sends: bool = False, people_only: bool = False, fresh: bool = False) -> None:
        """`sends` asks for the right to send as well; `people_only` refuses API keys.

        `fresh` is for what cannot be undone: a member who was removed, or whose Google account was disabled or
        deleted, is refused at once. Elsewhere it takes up to a minute.
        """
        self.role = role
        self.sends = sends
        self.people_only = people_only
        self.fresh = fresh

    async def __call__(self, request: Request) -> Principal:
        """Return who sends the request. Raises `Unauthenticated` or `Forbidden`."""
        principal: Principal | None = getattr(request.state, "principal", None)
        if principal is None:
            authenticator: Authenticator = request.app.state.authenticator
            principal = await authenticator.authenticate(request.headers.get("authorization"), fresh=self.fresh)
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
            principal = await self.required_role(request) if self.required_role else None
            if principal:
                limits: RateLimits = request.app.state.rate_limits
                limits.charge(principal.actor, is_person=principal.is_person, cost=self.cost)
            await request.app.state.check_ready()
            response = await handle(request)
            return response if principal is None or principal.sees_addresses else masked_response(response)

        return handle_if_allowed


def guarded_router(prefix: str, *, tag: str) -> APIRouter:
    """Return a router whose routes are `GuardedRoute`s. A route that takes files says its own limit."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=GuardedRoute, max_body_size=MAX_BODY_BYTES)


Viewer = Annotated[Principal, Depends(RequireRole("viewer"))]
Manager = Annotated[Principal, Depends(RequireRole("manager"))]
Admin = Annotated[Principal, Depends(RequireRole("admin"))]
ManagerNow = Annotated[Principal, Depends(RequireRole("manager", fresh=True))]
"""Who may take data out of Herald."""
AdminNow = Annotated[Principal, Depends(RequireRole("admin", fresh=True))]
"""Who may erase people, and take the audit log out of Herald."""
Sender = Annotated[Principal, Depends(RequireRole("manager", sends=True, fresh=True))]
"""Who may start what sends messages: launch, schedule, resume, retry."""
SenderInPerson = Annotated[Principal, Depends(RequireRole("manager", sends=True, people_only=True, fresh=True))]
"""Who may approve what another one sends."""
AdminInPerson = Annotated[Principal, Depends(RequireRole("admin", people_only=True, fresh=True))]
"""Who may decide about members and API keys: with a leaked key nobody can make another."""
