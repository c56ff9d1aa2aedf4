"""The HTTP application of the campaigns function."""

from __future__ import annotations

from fastapi import FastAPI

from common.web.app import create_app
from common.web.auth import Authenticator
from common.web.rate_limits import RateLimits

from .routes import (
    actions,
    assist,
    attributes,
    audience_index,
    campaigns,
    estimate,
    fields,
    mail,
    message_facts,
    message_languages,
    message_preview,
    overview,
    previews,
    segments,
    sentences,
    statistics,
    test_send,
    topics,
    vendors,
)
from .services import CampaignServices


def create_campaigns_app(*, authenticator: Authenticator, services: CampaignServices, limits: RateLimits) -> FastAPI:
    """Create the application with all its routes."""
    app = create_app("Herald campaigns", limits=limits, zone=services.zone)
    app.state.authenticator = authenticator
    app.state.services = services
    modules = (
        attributes,
        audience_index,
        previews,
        segments,
        fields,
        vendors,
        topics,
        overview,
        message_facts,
        mail,
        campaigns,
        message_languages,
        message_preview,
        estimate,
        sentences,
        assist,
        test_send,
        actions,
        statistics,
    )
    for module in modules:
        app.include_router(module.router)
    return app
