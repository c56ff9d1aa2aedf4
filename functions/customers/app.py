"""The HTTP application: customers, activities, imports, and suppressions."""

from __future__ import annotations

from datetime import tzinfo

from fastapi import FastAPI

from common.pubsub.push import CheckReady
from common.web.app import create_app
from common.web.auth import Authenticator
from common.web.rate_limits import RateLimits

from .routes import activities as activity_routes
from .routes import customers as customer_routes
from .routes import duplicates as duplicate_routes
from .routes import imports as import_routes
from .routes import suppressions as suppression_routes
from .services import CustomerServices


def create_customers_app(
    *,
    authenticator: Authenticator,
    services: CustomerServices,
    zone: tzinfo,
    limits: RateLimits,
    check_ready: CheckReady,
) -> FastAPI:
    """Create the application with all its routes. Those for duplicates are first, because `/{customer_id}` would match
    them, too."""
    app = create_app("Herald customers", limits=limits, zone=zone, check_ready=check_ready)
    app.state.authenticator = authenticator
    app.state.services = services
    for routes in (duplicate_routes, customer_routes, activity_routes, import_routes, suppression_routes):
        app.include_router(routes.router)
    return app
