"""Who sends a request, and the roles that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["viewer", "manager", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least rights to the most; each role includes the ones before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A Google account, as Google vouches for it."""

    email: str
    subject: str  # Google's own id of the account: another account with the same address has another one


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who sends a request: a member, or a machine with an API key."""

    email: str  # for an API key, the name of the key
    role: Role
    may_send: bool = True  # whether a manager or an admin may start what sends messages
    key_id: str | None = None  # of an API key
    sees_addresses: bool = True  # False: answers have the addresses of customers masked

    @property
    def is_person(self) -> bool:
        """Whether a member is signed in; False for an API key."""
        return self.key_id is None

    @property
    def actor(self) -> str:
        """How records and the audit log name them: the e-mail of a member, or the name and id of a key."""
        return self.email if self.is_person else f"{self.email} (key {self.key_id})"
