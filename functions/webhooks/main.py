"""The webhooks function: sends what happened to the deployer's own servers, each minute."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import configure_runtime

from .wiring import function

configure_runtime(os.environ)


@functions_framework.aio.http
async def send_events(request: Request) -> Response:
    return await function().send_events_endpoint(request)
