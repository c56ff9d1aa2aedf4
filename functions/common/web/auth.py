"""Authentication and authorization: who sends a request, and what their role allows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from common.clock import Clock
from common.errors import Forbidden, Unauthenticated
from common.storage.documents import Documents
from common.web.api_keys import KEY_PREFIX
from common.web.member_store import MemberStore
from common.web.principal import ROLES, Principal, Role
from common.web.refusals import SignInRefusals

MAX_BODY_BYTES = 256_000
"""The limit of a JSON body."""
VerifyIdToken = Callable[[str], Awaitable[str]]
"""Takes an ID token and returns its verified e-mail; raises `Unauthenticated`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Authenticator:
    """Finds out who sends a request, from an ID token or an API key."""

    email_of: VerifyIdToken
    members: MemberStore
    refusals: SignInRefusals

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
            await self.refusals.record(email, "not a member")
            raise Forbidden(f"{email} is not a member; ask an admin to add you.")
        return member

    async def _by_api_key(self, key: str) -> Principal:
        principal = await self.members.by_api_key(key)
        if principal is None:
            raise Unauthenticated("Unknown API key: it is mistyped, has expired, or was deleted.")
        return principal


def create_authenticator(
    documents: Documents, *, email_of: VerifyIdToken, first_admin: str, clock: Clock
) -> Authenticator:
    """The authenticator of a function's application."""
    return Authenticator(
        email_of=email_of,
        members=MemberStore(documents, first_admin=first_admin, clock=clock),
        refusals=SignInRefusals(documents, clock=clock),
    )


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
    def required_role(self) -> RequireRole | None:
        """The role that the endpoint asks for; None for an endpoint that asks for none."""
        calls = [dependency.call for dependency in self.dependant.dependencies]
        return next((call for call in calls if isinstance(call, RequireRole)), None)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route, behind the door."""
        handle = super().get_route_handler()

        async def handle_if_allowed(request: Request) -> Response:
            if self.required_role:
                await self.required_role(request)
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
