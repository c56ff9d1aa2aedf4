"""The entry points of the campaigns function: the HTTP API, fan-out and the scheduler's tick."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import configure_runtime
from common.web.app import DelegatedResponse

from .wiring import function

configure_runtime(os.environ)


@functions_framework.aio.http
async def campaigns(request: Request) -> Response:
    return DelegatedResponse(function().app, request)


@functions_framework.aio.http
async def fan_out(request: Request) -> Response:
    return await function().fan_out_endpoint(request)


@functions_framework.aio.http
async def tick(request: Request) -> Response:
    return await function().tick_endpoint(request)
