"""The vendor function: delivers messages."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import configure_runtime

from .wiring import function

configure_runtime(os.environ)


@functions_framework.aio.http
async def deliver(request: Request) -> Response:
    return await function().deliver_endpoint(request)
