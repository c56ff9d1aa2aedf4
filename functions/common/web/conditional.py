"""Conditional requests: every JSON answer to a GET has an `ETag`, and 304 answers a client that has it already.

All answers of the API are `private, no-store`: they have names, addresses and messages of people, and nothing of that
may stay on the disk of a shared computer after a member has signed out. A browser keeps no such answer, so the client
that wants a 304 keeps the last answer in memory and sends its `ETag` as `If-None-Match` itself, as the site does.
A 304 saves the transfer and the drawing, not the reads: the answer is computed before it is compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CACHE_CONTROL = "private, no-store"


class ConditionalGet:
    """Middleware that adds `Cache-Control` to every answer, and `ETag` or 304 to the JSON answers of GET.

    Only these are collected before they are sent: exports go on as a stream.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).getlist("if-none-match") if scope["method"] == "GET" else None
        await self._app(scope, receive, _Answer(send, known).send)


class _Answer:
    """One answer on its way: held back while it is JSON that can be compared, passed on otherwise.

    `known` are the values of `If-None-Match`; None if the method is not GET.
    """

    def __init__(self, send: Send, known: Iterable[str] | None) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _begin(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers.setdefault("cache-control", CACHE_CONTROL)
        is_json = headers.get("content-type", "").partition(";")[0] == "application/json"
        if self._known is not None and start["status"] == 200 and is_json:
            self._start = start
        else:
            await self._send(start)

    async def _finish(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers["etag"] = etag = f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'
        if _matches(self._known or (), etag):
            del headers["content-length"]
            del headers["content-type"]
            start, self._body = {**start, "status": 304}, b""
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})


def _matches(known: Iterable[str], etag: str) -> bool:
    """Whether one of the values of `If-None-Match` names the answer. A proxy that compresses makes an ETag weak."""
    tags = [tag.strip().removeprefix("W/") for value in known for tag in value.split(",")]
    return etag in tags or "*" in tags
