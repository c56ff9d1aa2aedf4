"""The HTTP entry point: customers, what they did, and how they came in."""

from __future__ import annotations

from fastapi import FastAPI

from common.access import Access
from common.api import create_app

from . import activity_routes, customer_routes, import_routes, key_routes, suppression_routes
from .services import Services


def create_customers_app(*, access: Access, services: Services) -> FastAPI:
    app = create_app("Herald customers")
    app.state.access = access
    app.state.services = services
    for routes in (customer_routes, activity_routes, import_routes, suppression_routes, key_routes):
        app.include_router(routes.router)
    return app
