"""The personalization function: writes each recipient's text."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import configure_runtime

from .wiring import function

configure_runtime(os.environ)


@functions_framework.aio.http
async def personalize(request: Request) -> Response:
    return await function().personalize_endpoint(request)
