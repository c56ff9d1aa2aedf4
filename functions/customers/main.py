"""Entry points of the customers function: the API, and the processing of imports."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import configure_runtime
from common.web.app import DelegatedResponse

from .wiring import function

configure_runtime(os.environ)


@functions_framework.aio.http
async def customers(request: Request) -> Response:
    return DelegatedResponse(function().app, request)


@functions_framework.aio.http
async def ingest(request: Request) -> Response:
    return await function().ingest_endpoint(request)
