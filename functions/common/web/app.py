"""HTTP entry points: a FastAPI application behind the functions framework."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import tzinfo
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Path
from pydantic import AfterValidator
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.clock import times_without_zone_in
from common.errors import NotFound, TooLarge
from common.ids import is_id
from common.pubsub.push import CheckReady
from common.trace import ATTRIBUTE, continued_trace
from common.web import problems
from common.web.conditional import ConditionalGet
from common.web.rate_limits import LimitAddresses, RateLimits

T = TypeVar("T")

MAX_UPLOAD_BYTES = 32_000_000
"""The limit of files, which are read as a stream. Cloud Run takes no larger request."""
CLIENT_CLOSED_REQUEST = 499
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, text in {
        401: "Not signed in",
        403: "Not allowed",
        422: "Not valid: `errors` lists each field",
        429: "Too many requests: `Retry-After` says in how many seconds to send the next one",
    }.items()
}


def _require_id(value: str) -> str:
    """Raises `NotFound` for an id that cannot exist. The database would refuse it as an invalid request."""
    if not is_id(value):
        raise NotFound()
    return value


DocumentId = Annotated[str, Path(), AfterValidator(_require_id)]
"""A document's id as a path parameter."""


async def _always_ready() -> None:
    pass


def create_app(
    title: str, *, limits: RateLimits, zone: tzinfo | None = None, check_ready: CheckReady = _always_ready
) -> FastAPI:
    """An application with the error responses, the limits and the caching of all functions, without routes.

    `zone` is the time zone of times in requests that have none. An application without it takes no such times. While
    `check_ready` raises, no request is answered.
    """
    app = FastAPI(title=title, version="1", openapi_url=None, responses=ERROR_RESPONSES)
    app.state.rate_limits = limits
    app.state.check_ready = check_ready
    problems.install_error_handlers(app)
    app.add_exception_handler(ClientDisconnected, _client_closed_request)
    app.add_middleware(TooLargeAsProblem)
    app.add_middleware(LimitAddresses, limits=limits)
    app.add_middleware(ConditionalGet)
    app.add_middleware(ContinueTrace, name=title)
    if zone:
        app.add_middleware(TimesWithoutZone, zone=zone)
    return app


class ClientDisconnected(Exception):
    """The client closed the connection before the response."""


async def _client_closed_request(_request: Request, _error: Exception) -> Response:
    return Response(status_code=CLIENT_CLOSED_REQUEST)


async def cancel_on_disconnect(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Returns the result of `work`; cancels it when the client disconnects, for example for a newer request.

    The request body must have been read before. Raises `ClientDisconnected`.
    """
    task = asyncio.ensure_future(work)
    disconnected = asyncio.ensure_future(_wait_for_disconnect(request))
    try:
        await asyncio.wait({task, disconnected}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnected
        return await task
    finally:
        task.cancel()
        disconnected.cancel()


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class TooLargeAsProblem:
    """Middleware that turns the framework's own 413, which is plain text, into a problem response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replace the response if its status is 413; pass everything else on."""
        is_replaced = False

        async def send_problem(message: Message) -> None:
            nonlocal is_replaced
            if message["type"] == "http.response.start" and message["status"] == TooLarge.status:
                is_replaced = True
                await problems.error_response(TooLarge())(scope, receive, send)
            elif not is_replaced:
                await send(message)

        await self._app(scope, receive, send_problem)


class ContinueTrace:
    """Middleware: a request is a span of the trace that it carries, or of a new one."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with continued_trace(Headers(scope=scope).get(ATTRIBUTE), self._name):
            await self._app(scope, receive, send)


class TimesWithoutZone:
    """Middleware that gives the times in a request that have no time zone the deployment's."""

    def __init__(self, app: ASGIApp, zone: tzinfo) -> None:
        self._app = app
        self._zone = zone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with times_without_zone_in(self._zone):
            await self._app(scope, receive, send)


class DelegatedResponse(Response):
    """Lets an ASGI application answer the request.

    The functions framework expects a response object: this one passes the unread request to the application.
    """

    def __init__(self, app: FastAPI, request: Request) -> None:
        self._app = app
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(self._request.scope, self._request.receive, send)
