"""The connections to vendors: kept, used again, and never used after an error."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from vendor.kept_connections import KEPT_SECONDS, KeptConnections


class CountingServer:
    """Answers each post with its body, after `gate` is open, and counts the connections that posts came over."""

    def __init__(self) -> None:
        self.connections: set[asyncio.Transport] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False  # announces a compressed body that is none

    @property
    def open(self) -> int:
        return sum(not connection.is_closing() for connection in self.connections)

    async def answer(self, request: web.Request) -> web.Response:
        assert isinstance(request.transport, asyncio.Transport)
        self.connections.add(request.transport)
        await self.gate.wait()
        if self.broken:
            return web.Response(body=b"no gzip", headers={"Content-Encoding": "gzip"})
        return web.Response(body=gzip.compress(await request.read()), headers={"Content-Encoding": "gzip"})


@asynccontextmanager
async def client_of(
    server: CountingServer, *, limit: int = 100, monotonic: Callable[[], float] = lambda: 0.0
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server over kept connections."""
    app = web.Application()
    app.router.add_post("/", server.answer)
    async with (
        TestServer(app) as running,
        httpx.AsyncClient(
            transport=KeptConnections(limit, monotonic=monotonic), timeout=60, base_url=str(running.make_url("/"))
        ) as client,
    ):
        yield client


async def post(client: httpx.AsyncClient, text: str) -> str:
    return (await client.post("/", content=text.encode())).text


async def test_requests_one_after_the_other_share_a_connection() -> None:
    """A connection costs a handshake with the vendor."""
    server = CountingServer()
    async with client_of(server) as client:
        assert [await post(client, str(number)) for number in range(20)] == [str(number) for number in range(20)]
    assert len(server.connections) == 1


async def test_requests_at_one_time_have_a_connection_each_and_the_right_answers() -> None:
    """No request waits for another one, and those that follow use the same connections."""
    server = CountingServer()
    async with client_of(server) as client:
        for _ in range(2):
            server.gate.clear()
            posts = [asyncio.create_task(post(client, str(number))) for number in range(10)]
            await asyncio.sleep(0.2)
            server.gate.set()
            assert await asyncio.gather(*posts) == [str(number) for number in range(10)]
    assert len(server.connections) == 10


async def test_more_requests_than_the_limit_wait_for_a_connection() -> None:
    """A vendor's server accepts only so many."""
    server = CountingServer()
    async with client_of(server, limit=3) as client:
        answers = await asyncio.gather(*(post(client, str(number)) for number in range(30)))
    assert answers == [str(number) for number in range(30)]
    assert len(server.connections) == 3


async def test_connection_of_a_cancelled_request_is_not_used_again() -> None:
    """Its answer would be taken for that of the next request."""
    server = CountingServer()
    async with client_of(server) as client:
        server.gate.clear()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await post(client, "late")
        server.gate.set()
        assert await post(client, "next") == "next"
    assert len(server.connections) == 2


async def test_connection_with_an_unreadable_answer_does_not_block_the_next_request() -> None:
    """The vendor announces a compression that it does not use."""
    server = CountingServer()
    async with client_of(server) as client:
        server.broken = True
        with pytest.raises(httpx.DecodingError):
            await post(client, "broken")
        server.broken = False
        async with asyncio.timeout(10):
            assert await post(client, "next") == "next"


async def test_connections_that_nobody_needs_any_more_are_closed() -> None:
    """After a rush, each request closes one of those that were idle for too long."""
    now = 0.0
    server = CountingServer()
    async with client_of(server, monotonic=lambda: now) as client:
        await asyncio.gather(*(post(client, str(number)) for number in range(5)))
        assert server.open == len(server.connections) > 1
        now = KEPT_SECONDS + 1
        async with asyncio.timeout(30):
            while server.open > 1:
                await post(client, "rare")
