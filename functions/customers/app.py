"""The HTTP application: customers, activities, imports, suppressions, and forms."""

from __future__ import annotations

from datetime import tzinfo

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from common.phones import phones_without_country_in
from common.pubsub.push import CheckReady
from common.web.app import create_app
from common.web.auth import Authenticator
from common.web.rate_limits import RateLimits

from .routes import activities as activity_routes
from .routes import bulk as bulk_routes
from .routes import customers as customer_routes
from .routes import duplicates as duplicate_routes
from .routes import forms as form_routes
from .routes import import_mappings as mapping_routes
from .routes import imports as import_routes
from .routes import public_forms as public_form_routes
from .routes import static_segments as static_segment_routes
from .routes import suppressions as suppression_routes
from .services import CustomerServices


def create_customers_app(
    *,
    authenticator: Authenticator,
    services: CustomerServices,
    zone: tzinfo,
    region: str,
    limits: RateLimits,
    check_ready: CheckReady,
) -> FastAPI:
    """Create the application with all its routes. Those for duplicates and saved mappings are first, because
    `/{customer_id}` and `/{import_id}` would match them, too."""
    app = create_app("Herald customers", limits=limits, zone=zone, check_ready=check_ready)
    app.add_middleware(PhonesWithoutCountry, region=region)
    app.state.authenticator = authenticator
    app.state.services = services
    modules = (
        duplicate_routes,
        bulk_routes,
        customer_routes,
        activity_routes,
        mapping_routes,
        import_routes,
        suppression_routes,
        static_segment_routes,
        form_routes,
        public_form_routes,
    )
    for routes in modules:
        app.include_router(routes.router)
    app.include_router(public_form_routes.confirm_router)
    return app


class PhonesWithoutCountry:
    """Middleware that reads the phone numbers in a request that have no country code as those of the deployment's
    country."""

    def __init__(self, app: ASGIApp, region: str) -> None:
        self._app = app
        self._region = region

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with phones_without_country_in(self._region):
            await self._app(scope, receive, send)
