"""The HTTP application: who is signed in, members, API keys, webhooks, and the audit log."""

from __future__ import annotations

from datetime import tzinfo

from fastapi import FastAPI

from common.web.app import create_app
from common.web.auth import Authenticator
from common.web.rate_limits import RateLimits

from .routes import api_keys, audit, me, members, webhooks
from .services import MemberServices


def create_members_app(
    *, authenticator: Authenticator, services: MemberServices, zone: tzinfo, limits: RateLimits
) -> FastAPI:
    """Create the application with all its routes."""
    app = create_app("Herald members", zone=zone, limits=limits)
    app.state.authenticator = authenticator
    app.state.services = services
    for module in (me, members, api_keys, audit, webhooks):
        app.include_router(module.router)
    return app
