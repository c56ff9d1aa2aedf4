"""Personalization: each person's own text."""

import os

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from common.pubsub.runtime import start

from .wiring import personalizations

start(os.environ)


@functions_framework.aio.http
async def personalize(request: Request) -> Response:
    return await personalizations()(request)
