"""The HTTP entry point: customers, what they did, and how they came in."""

from __future__ import annotations

from fastapi import FastAPI

from common.web.app import create_app
from common.web.auth import Access

from .routes import activities as activity_routes
from .routes import api_keys as key_routes
from .routes import customers as customer_routes
from .routes import imports as import_routes
from .routes import suppressions as suppression_routes
from .services import Services


def create_customers_app(*, access: Access, services: Services) -> FastAPI:
    app = create_app("Herald customers")
    app.state.access = access
    app.state.services = services
    for routes in (customer_routes, activity_routes, import_routes, suppression_routes, key_routes):
        app.include_router(routes.router)
    return app
