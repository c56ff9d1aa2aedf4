"""POST requests over keep-alive HTTP/1.1 connections, with callbacks instead of tasks.

A general HTTP client uses several times the CPU time of everything else that the push service does with a message.
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

OnAnswer = Callable[[int], None]
"""Called exactly once for each post, with the status or `NO_ANSWER`."""


class Connection(asyncio.Protocol):
    """One connection with at most one request at a time."""

    def __init__(self, release: Callable[[Connection], None], remove: Callable[[Connection], None]) -> None:
        self._release = release  # called when the connection is idle
        self._remove = remove  # called when the connection is closed
        self._answered: OnAnswer | None = None
        self._status = NO_ANSWER
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transport is not a subclass
        self._parser = httptools.HttpResponseParser(self)

    def post(self, request: bytes, answered: OnAnswer, seconds: float) -> None:
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
        # After an interim response (1xx) a second response follows, which belongs to no request.
        if self._parser.should_keep_alive() and self._status >= 200:
            self.idle_since = time.monotonic()
            self._release(self)
        else:
            self._transport.close()
        self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        self._remove(self)
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
        """Close immediately. The callback is not called."""
        if self._answered:
            self._answered = None
            self._deadline.cancel()
        self._transport.abort()


class Connections:
    """A pool of connections to one URL, one for each concurrent post. The last used connection is reused first."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._line = f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        self._all: set[Connection] = set()
        self._idle: list[Connection] = []
        self._connecting: set[asyncio.Task[None]] = set()

    def post(self, body: bytes, token: str, answered: OnAnswer, seconds: float) -> None:
        """Post and call `answered`. After `seconds` without a response the connection is closed."""
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

    def _start(self, request: bytes, answered: OnAnswer, seconds: float) -> None:
        task = asyncio.get_running_loop().create_task(self._connect(request, answered, seconds))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, request: bytes, answered: OnAnswer, seconds: float) -> None:
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
        """Close immediately. Callbacks of unfinished posts are not called."""
        for task in self._connecting:
            task.cancel()
        for connection in list(self._all):
            connection.close()
