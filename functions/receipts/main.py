"""The receipts function: takes vendors' callbacks, unsubscribes people, records receipts and dead letters."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import configure_runtime
from common.web.app import DelegatedResponse

from .wiring import function

configure_runtime(os.environ)


@functions_framework.aio.http
async def receipts(request: Request) -> Response:
    return DelegatedResponse(function().app, request)


@functions_framework.aio.http
async def record(request: Request) -> Response:
    return await function().record_endpoint(request)


@functions_framework.aio.http
async def dead_letter(request: Request) -> Response:
    return await function().dead_letter_endpoint(request)
