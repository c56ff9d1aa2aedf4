"""Customers: who they are and what they did."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import start

from .wiring import api, imports

start(os.environ)


@functions_framework.aio.http
async def customers(request: Request) -> Response:
    return api(request)


@functions_framework.aio.http
async def ingest(request: Request) -> Response:
    return await imports()(request)
