"""Who may do what: the members and their roles."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from fastapi import Depends, Request

from common.errors import Forbidden, Unauthenticated
from common.storage.documents import Documents

KEY_PREFIX = "hk_"
Role = Literal["viewer", "manager", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
REMEMBERED_SECONDS = 30
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    email: str  # of a machine, the name of its key
    role: Role


class Members:
    """The members of this deployment. The first admin is one by the deployment's settings, whatever is stored."""

    def __init__(self, documents: Documents, *, first_admin: str) -> None:
        self._documents = documents
        self._first_admin = first_admin.lower()
        self._known: dict[str, tuple[float, Member | None]] = {}

    async def role(self, email: str) -> Role | None:
        """None for somebody who is not a member. A change is seen within 30 seconds."""
        email = email.lower()
        if email == self._first_admin:
            return "admin"
        member = await self._found(f"members/{email}") if "/" not in email else None
        return member.role if member else None

    async def machine(self, key: str) -> Member | None:
        """Whose API key this is. A key that is taken back is refused within 30 seconds."""
        return await self._found(key_path(key))

    async def _found(self, path: str) -> Member | None:
        until, member = self._known.get(path, (0.0, None))
        if until < time.monotonic():
            found = await self._documents.get(path)
            member = Member(email=found.get("name") or found.id, role=found["role"]) if found.exists else None
            self._known = {} if len(self._known) > MOST_REMEMBERED else self._known
            self._known[path] = (time.monotonic() + REMEMBERED_SECONDS, member)
        return member


def key_path(key: str) -> str:
    """Where an API key is kept: its hash alone, which is enough, for a key is 160 random bits."""
    return f"keys/{hashlib.sha256(key.encode()).hexdigest()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """`email_of` takes an ID token and answers with its verified e-mail; it raises `Unauthenticated`. Machines have an
    API key instead."""

    email_of: Callable[[str], Awaitable[str]]
    members: Members

    async def member(self, authorization: str | None) -> Member:
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated()
        if token.strip().startswith(KEY_PREFIX):
            return await self._machine(token.strip())
        email = await self.email_of(token.strip())
        role = await self.members.role(email)
        if role is None:
            raise Forbidden(f"{email} is not a member; ask an admin to add you.")
        return Member(email=email, role=role)

    async def _machine(self, key: str) -> Member:
        found = await self.members.machine(key)
        if found is None:
            raise Unauthenticated("There is no such API key; an admin may have taken it back.")
        return found


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
