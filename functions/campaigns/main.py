"""Campaigns: who is written to, and what came of it."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import start

from .wiring import api, fan_outs, ticks

start(os.environ)


@functions_framework.aio.http
async def campaigns(request: Request) -> Response:
    return api(request)


@functions_framework.aio.http
async def fan_out(request: Request) -> Response:
    return await fan_outs()(request)


@functions_framework.aio.http
async def tick(request: Request) -> Response:
    return await ticks()(request)
