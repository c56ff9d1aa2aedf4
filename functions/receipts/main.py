"""Receipts: vendors' callbacks in, the ledger and its counters out."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import start

from .wiring import callbacks, dead_letters, recordings

start(os.environ)


@functions_framework.aio.http
async def receipts(request: Request) -> Response:
    return callbacks(request)


@functions_framework.aio.http
async def record(request: Request) -> Response:
    return await recordings()(request)


@functions_framework.aio.http
async def dead_letter(request: Request) -> Response:
    return await dead_letters()(request)
