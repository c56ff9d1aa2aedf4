"""Posts over keep-alive HTTP/1.1 connections, with callbacks instead of tasks.

A general client costs several times as much processor time as everything else the push service does with a message.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import httptools

IDLE_SECONDS = 1.0  # servers close idle connections: gunicorn after 2 s
NO_ANSWER = 0

Answered = Callable[[int], None]
"""Is told the status, or `NO_ANSWER` when there was none; exactly once for each post."""


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, release: Callable[[Connection], None], forget: Callable[[Connection], None]) -> None:
        self._release = release  # when the next request may be sent
        self._forget = forget  # when it is closed
        self._answered: Answered | None = None
        self._status = NO_ANSWER
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._parser = httptools.HttpResponseParser(self)

    def post(self, request: bytes, answered: Answered, seconds: float) -> None:
        self._answered, self._status = answered, NO_ANSWER
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._transport.abort)
        if self.open:
            self._transport.write(request)
        else:
            self._finish()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_message_complete(self) -> None:
        # After an interim answer (1xx) another one follows, which belongs to no request.
        if self._parser.should_keep_alive() and self._status >= 200:
            self.idle_since = time.monotonic()
            self._release(self)
        else:
            self._transport.close()
        self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        self._forget(self)
        self._finish()

    def _finish(self) -> None:
        answered, self._answered = self._answered, None
        if answered:
            self._deadline.cancel()
            answered(self._status)

    @property
    def open(self) -> bool:
        return not self._transport.is_closing()

    def close(self) -> None:
        """At once; nobody is told."""
        if self._answered:
            self._answered = None
            self._deadline.cancel()
        self._transport.abort()


class Connections:
    """As many connections to one URL as there are posts under way; the one used last is used next."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._line = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        self._all: set[Connection] = set()
        self._idle: list[Connection] = []
        self._connecting: set[asyncio.Task[None]] = set()

    def post(self, body: bytes, token: str, answered: Answered, seconds: float) -> None:
        """Post and tell `answered`; after `seconds` without an answer the connection is closed."""
        head = f"{self._line}Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        request = head.encode() + body
        connection = self._reusable()
        if connection:
            connection.post(request, answered, seconds)
        else:
            self._start(request, answered, seconds)

    def _reusable(self) -> Connection | None:
        oldest = time.monotonic() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.open and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    def _start(self, request: bytes, answered: Answered, seconds: float) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(request, answered, seconds))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, request: bytes, answered: Answered, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(self._connection, self._host, self._port)
        except OSError:
            answered(NO_ANSWER)
        else:
            self._all.add(connection)
            connection.post(request, answered, seconds)

    def _connection(self) -> Connection:
        return Connection(self._idle.append, self._all.discard)

    def close(self) -> None:
        """At once; nobody is told about posts that are under way."""
        for task in self._connecting:
            task.cancel()
        for connection in list(self._all):
            connection.close()
