"""HTTP entry points: a FastAPI application behind the functions framework."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Path
from pydantic import AfterValidator
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.errors import NotFound, TooLarge
from common.ids import is_id
from common.web import problems

T = TypeVar("T")

MOST_BYTES = 32_000_000
CLIENT_CLOSED_REQUEST = 499
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {problems.MEDIA_TYPE: {"schema": problems.Problem.model_json_schema()}}}
    for status, text in {401: "Not signed in", 403: "Not allowed", 422: "Not valid: `errors` says which field"}.items()
}


def _of_herald(value: str) -> str:
    """Raises `NotFound` for what cannot be there; the database would take it for a wrong request."""
    if not is_id(value):
        raise NotFound()
    return value


Id = Annotated[str, Path(), AfterValidator(_of_herald)]
"""An id in a path."""


def create_app(title: str) -> FastAPI:
    app = FastAPI(title=title, version="1", openapi_url=None, responses=PROBLEMS)
    problems.install(app)
    app.add_exception_handler(HungUp, _to_nobody)
    app.add_middleware(BodyLimit)
    return app


class HungUp(Exception):
    """The caller waits for the answer no more."""


async def _to_nobody(_request: Request, _error: Exception) -> Response:
    return Response(status_code=CLIENT_CLOSED_REQUEST)


async def while_awaited(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives. It is cancelled when the caller hangs up, because they asked something newer."""
    task = asyncio.ensure_future(work)
    hung_up = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({task, hung_up}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise HungUp
        return await task
    finally:
        task.cancel()
        hung_up.cancel()


async def _hung_up(request: Request) -> None:
    """Returns once the caller has; their body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class BodyLimit:
    """Answers 413 to bodies over the limit, also to those that do not say how long they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > MOST_BYTES:
            await problems.problem_of(TooLarge())(scope, receive, send)
            return
        await self._app(scope, _counting(receive), send)


def _counting(receive: Receive) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MOST_BYTES:
            raise TooLarge()
        return message

    return counted


class HandOver(Response):
    """Given to the framework as the answer, it lets the application answer the untouched request instead."""

    def __init__(self, app: FastAPI, request: Request) -> None:
        self._app = app
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(self._request.scope, self._request.receive, send)
