"""The services that the endpoints depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from common.clock import Clock
from common.storage.documents import Documents

from .audit_outbox import AuditOutbox


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberServices:
    """What the endpoints use, built once per app."""

    documents: Documents
    access: Documents  # members, API keys, the audit log
    outbox: AuditOutbox
    first_admin: str  # e-mail in lower case
    currency: str  # ISO 4217
    webhooks_may_be_private: bool  # whether they may lead into a private network
    clock: Clock


async def _get_services(request: Request) -> MemberServices:
    """Async, because FastAPI would call a plain function in a thread, which takes longer than everything it does."""
    services: MemberServices = request.app.state.services
    return services


ServicesDep = Annotated[MemberServices, Depends(_get_services)]
