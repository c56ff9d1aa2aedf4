"""Who is signed in."""

from __future__ import annotations

from pydantic import BaseModel

from common.web.auth import Viewer, guarded_router
from common.web.principal import Role

from ..services import ServicesDep

router = guarded_router("/api/me", tag="members")


class Me(BaseModel):
    """The member who is signed in."""

    email: str
    role: Role
    may_send: bool
    currency: str  # of the deployment, ISO 4217


@router.get("", operation_id="get_me")
async def get_me(member: Viewer, services: ServicesDep) -> Me:
    """The e-mail and role of the member who is signed in."""
    return Me(email=member.email, role=member.role, may_send=member.may_send, currency=services.currency)
