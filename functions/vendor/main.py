"""Vendor: delivers messages."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import start

from .wiring import deliveries

start(os.environ)


@functions_framework.aio.http
async def deliver(request: Request) -> Response:
    return await deliveries()(request)
