"""Connections to a vendor that are kept for the next request.

The pool of `httpcore` looks at each of its connections whenever a request begins or ends, and asks the operating system
about those that are idle. With a hundred connections that takes twice the processor time of the request itself. Here
each connection is a pool of its own, and the one that was used last is used next.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

import httpx

KEPT_SECONDS = 5.0  # a vendor closes idle connections, too
ONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEPT_SECONDS)


class KeptConnections(httpx.AsyncBaseTransport):
    """As many connections as requests run at a time, at most `limit`; all through the `proxy`, if there is one.
    `monotonic` is in seconds."""

    def __init__(
        self, limit: int, *, proxy: str | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = asyncio.Semaphore(limit)
        self._certificates = httpx.create_ssl_context()  # shared, because loading them takes long
        self._proxy = self._create_proxy(proxy) if proxy else None
        self._monotonic = monotonic
        self._idle: deque[tuple[httpx.AsyncHTTPTransport, float]] = deque()  # with the time of the last use

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole response. A connection with an error, or whose request was cancelled, is not used again."""
        async with self._limit:
            return await self._send(request)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        """Over an idle connection, or a new one. It is kept once the response is whole."""
        connection = self._idle.pop()[0] if self._idle else self._new_connection()
        try:
            response = await connection.handle_async_request(request)
            await response.aread()
        except BaseException:
            await connection.aclose()
            raise
        self._idle.append((connection, self._monotonic()))
        await self._close_oldest()
        return response

    def _create_proxy(self, url: str) -> httpx.Proxy:
        is_encrypted = httpx.URL(url).scheme == "https"
        return httpx.Proxy(url, ssl_context=self._certificates if is_encrypted else None)

    def _new_connection(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(verify=self._certificates, limits=ONE, proxy=self._proxy)

    async def _close_oldest(self) -> None:
        """Closes the connection that was idle for longest, if nobody has needed it for a while."""
        if self._idle[0][1] < self._monotonic() - KEPT_SECONDS:
            await self._idle.popleft()[0].aclose()

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop()[0].aclose()
