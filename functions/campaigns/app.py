"""The campaigns function over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel

from common.audience import Audience
from common.llm.gemini import Model
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents
from common.web.app import create_app
from common.web.auth import Access, Role, Viewer

from .lifecycle.lifecycle import Conductor


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """What the endpoints are given."""

    documents: Documents
    publisher: Publisher
    audience: Audience
    ledger: Ledger
    model: Model
    conductor: Conductor
    held: DeferredMessages
    currency: str
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


async def _services(request: Request) -> Services:  # a plain function would be called in a thread
    services: Services = request.app.state.services
    return services


With = Annotated[Services, Depends(_services)]
me = APIRouter(prefix="/api/me", tags=["members"])


class Me(BaseModel):
    email: str
    role: Role
    currency: str  # of the deployment, ISO 4217


@me.get("", operation_id="get_me")
async def get_me(member: Viewer, services: With) -> Me:
    """Who is signed in, and as what."""
    return Me(email=member.email, role=member.role, currency=services.currency)


def create_campaigns_app(*, access: Access, services: Services) -> FastAPI:
    from .routes import actions, previews, segments
    from .routes import audience_index as index
    from .routes import campaigns as drafts
    from .routes import statistics as results

    app = create_app("Herald campaigns")
    app.state.access = access
    app.state.services = services
    for router in (me, index.router, previews.router, segments.router, drafts.router, actions.router, results.router):
        app.include_router(router)
    return app
