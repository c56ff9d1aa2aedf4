"""The entry points of the members function: the HTTP API, and what is done about the audit log each minute."""

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


@functions_framework.aio.http
async def move_audit(request: Request) -> Response:
    return await function().move_audit_endpoint(request)
