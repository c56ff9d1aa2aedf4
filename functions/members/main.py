"""The entry point of the members function: the HTTP API."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import configure_runtime
from common.web.app import DelegatedResponse

from .wiring import function

configure_runtime(os.environ)


@functions_framework.aio.http
async def members(request: Request) -> Response:
    return DelegatedResponse(function().app, request)
