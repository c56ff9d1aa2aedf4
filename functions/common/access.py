"""Who may do what: the members and their roles."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from fastapi import Depends, Request

from common.documents import Documents
from common.errors import Forbidden, Unauthenticated

Role = Literal["viewer", "manager", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
REMEMBERED_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    email: str
    role: Role


class Members:
    """The members of this deployment. The first admin is one by the deployment's settings, whatever is stored."""

    def __init__(self, documents: Documents, *, first_admin: str) -> None:
        self._documents = documents
        self._first_admin = first_admin.lower()
        self._known: dict[str, tuple[float, Role | None]] = {}

    async def role(self, email: str) -> Role | None:
        """None for somebody who is not a member. A change is seen within 30 seconds."""
        email = email.lower()
        if email == self._first_admin:
            return "admin"
        until, role = self._known.get(email, (0.0, None))
        if until < time.monotonic():
            found = await self._documents.get(f"members/{email}") if "/" not in email else None
            role = found.get("role") if found else None
            self._known[email] = (time.monotonic() + REMEMBERED_SECONDS, role)
        return role


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """`email_of` takes an ID token and answers with its verified e-mail; it raises `Unauthenticated`."""

    email_of: Callable[[str], Awaitable[str]]
    members: Members

    async def member(self, authorization: str | None) -> Member:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated()
        email = await self.email_of(token.strip())
        role = await self.members.role(email)
        if role is None:
            raise Forbidden(f"{email} is not a member; ask an admin to add you.")
        return Member(email=email, role=role)


def require(role: Role) -> Callable[[Request], Awaitable[Member]]:
    """A dependency: the signed-in member, who is at least this. The application's state holds the `Access`."""

    async def member(request: Request) -> Member:
        access: Access = request.app.state.access
        found = await access.member(request.headers.get("authorization"))
        if ROLES.index(found.role) < ROLES.index(role):
            raise Forbidden(f"This takes the role of {role}; yours is {found.role}.")
        return found

    return member


Viewer = Annotated[Member, Depends(require("viewer"))]
Manager = Annotated[Member, Depends(require("manager"))]
Admin = Annotated[Member, Depends(require("admin"))]
