"""Members: who may sign in, with which role. An admin invites a person by e-mail, or everybody of a domain."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from common.audit import audit_entry, log_entry
from common.errors import Exists, NotFound, Refused
from common.storage.documents import Create, Delete, Query, Snapshot, Update
from common.web.auth import AdminInPerson, guarded_router
from common.web.member_store import identity_path, member_path
from common.web.principal import Role

from ..services import MemberServices, ServicesDep

router = guarded_router("/api/members", tag="members")

ADDRESS_PATTERN = r"^[^@/\s\x00-\x1f]{0,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}$"
PUBLIC_DOMAINS = frozenset(
    {
        *("@gmail.com", "@googlemail.com", "@outlook.com", "@hotmail.com", "@live.com", "@msn.com", "@yahoo.com"),
        *("@yahoo.co.in", "@ymail.com", "@icloud.com", "@me.com", "@aol.com", "@gmx.de", "@gmx.net", "@web.de"),
        *("@proton.me", "@protonmail.com", "@zoho.com", "@rediffmail.com", "@yandex.com", "@mail.ru"),
    }
)
"""Where anybody can get an address: nobody can mean to invite everybody there."""


def _check_address(value: str) -> str:
    """The address in lower case. Raises for a domain that belongs to everybody."""
    if value in PUBLIC_DOMAINS:
        raise PydanticCustomError("public_domain", "Anybody can have an address there; invite people one by one")
    return value


Address = Annotated[
    str,
    Field(max_length=254, pattern=ADDRESS_PATTERN, description="an e-mail, or @ and a domain for everybody there"),
    AfterValidator(_check_address),
]


def _lower(value: str) -> str:
    return value.lower()


MemberAddress = Annotated[str, Path(max_length=254), AfterValidator(_lower)]


class InviteMemberRequest(BaseModel):
    """Who is invited, and what they may do."""

    model_config = ConfigDict(extra="forbid", str_to_lower=True, str_strip_whitespace=True)

    address: Address
    role: Role
    may_send: bool = Field(default=True, description="whether a manager may launch campaigns, or only prepare them")

    @model_validator(mode="after")
    def _check_domain_is_not_admin(self) -> InviteMemberRequest:
        """Everybody who gets an account of a company later would be an admin, too."""
        if self.address.startswith("@") and self.role == "admin":
            raise PydanticCustomError("domain_admin", "A whole domain cannot be admin; invite admins one by one")
        return self


class ChangeMemberRequest(BaseModel):
    """What changes; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    may_send: bool | None = None


class Member(BaseModel):
    """A person, or everybody of a domain, who may sign in."""

    address: str
    role: Role
    may_send: bool
    by: str | None  # who invited them; None for the first admin
    created_at: datetime | None
    is_first_admin: bool  # named by the deployment's settings: always admin, never removed

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot) -> Member:
        """The member of a document."""
        return cls(
            address=snapshot.id,
            role=snapshot["role"],
            may_send=snapshot.get("may_send", True),
            by=snapshot.get("by"),
            created_at=snapshot.get("created_at"),
            is_first_admin=False,
        )


class MemberListResponse(BaseModel):
    """All members; the first admin first, then by address."""

    items: list[Member]
    next: None = None


@router.get("", operation_id="list_members")
async def list_members(services: ServicesDep, member: AdminInPerson) -> MemberListResponse:
    """Lists everybody who may sign in."""
    stored = await services.access.query(Query(collection="members"))
    first = Member(
        address=services.first_admin, role="admin", may_send=True, by=None, created_at=None, is_first_admin=True
    )
    others = [Member.from_snapshot(one) for one in stored if one.id != services.first_admin]
    return MemberListResponse(items=[first, *sorted(others, key=lambda other: other.address)])


@router.post("", status_code=201, operation_id="invite_member")
async def invite_member(body: InviteMemberRequest, services: ServicesDep, member: AdminInPerson) -> Member:
    """Lets somebody in: they sign in with Google by this address. Herald sends them no mail."""
    path = member_path(body.address)
    _check_not_first_admin(body.address, services)
    if (await services.access.get(path)).exists:
        raise Exists(f"{body.address} is a member already; change the role instead.")
    data = {"role": body.role, "may_send": body.may_send, "by": member.actor, "created_at": services.clock()}
    entry = audit_entry(
        "member invited",
        by=member.actor,
        at=services.clock(),
        subject={"member": body.address},
        after={"role": body.role, "may_send": body.may_send},
    )
    await services.access.commit([Create(path, data), log_entry(entry)])
    return Member.from_snapshot(await services.access.get(path))


@router.patch("/{address}", operation_id="change_member")
async def change_member(
    address: MemberAddress, body: ChangeMemberRequest, services: ServicesDep, member: AdminInPerson
) -> Member:
    """Changes what a member may do. It takes effect within 30 seconds."""
    current = await _get_or_404(address, services)
    changes = body.model_dump(exclude_none=True)
    if address.startswith("@") and changes.get("role") == "admin":
        raise Refused("A whole domain cannot be admin; invite admins one by one.")
    entry = audit_entry(
        "member changed",
        by=member.actor,
        at=services.clock(),
        subject={"member": address},
        before={name: value for name, value in _rights(current).items() if name in changes},
        after=changes,
    )
    await services.access.commit([Update(current.path, changes, current.version), log_entry(entry)])
    return Member.from_snapshot(await services.access.get(current.path))


@router.delete("/{address}", status_code=204, operation_id="remove_member")
async def remove_member(address: MemberAddress, services: ServicesDep, member: AdminInPerson) -> None:
    """Takes the right to sign in away: at once for what cannot be undone, and within 30 seconds for the rest.

    If they are invited again, another Google account with the address can be theirs.
    """
    current = await _get_or_404(address, services)
    entry = audit_entry(
        "member removed",
        by=member.actor,
        at=services.clock(),
        subject={"member": address},
        before=_rights(current),
    )
    removed = [Delete(current.path, current.version), Delete(identity_path(current.id))]
    await services.access.commit([*removed, log_entry(entry)])


def _rights(member: Snapshot) -> dict[str, object]:
    return {"role": member["role"], "may_send": member.get("may_send", True)}


async def _get_or_404(address: str, services: MemberServices) -> Snapshot:
    """The document of a member. Raises `Refused` for the first admin, who has none."""
    _check_not_first_admin(address, services)
    document = await services.access.get(member_path(address)) if "/" not in address else None
    if document is None or not document.exists:
        raise NotFound(f"Not found: member {address!r}.")
    return document


def _check_not_first_admin(address: str, services: MemberServices) -> None:
    """The first admin is set when Herald is deployed, so that there is always one."""
    if address == services.first_admin:
        raise Refused("This is the first admin, who is set by FIRST_ADMIN of the deployment and always stays admin.")
