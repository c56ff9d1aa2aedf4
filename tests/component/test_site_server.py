"""The site's origin in front of functions: what Firebase Hosting does in the cloud."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from local.ports import free_ports
from local.site.__main__ import Origin, application
from local.site.proxy import Proxy
from local.site.rewrites import matcher
from local.topology import Topology

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MEGABYTE = 1024 * 1024


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "bytes": len(body),
            "digest": hashlib.sha256(body).hexdigest(),
        },
        status=201,
        headers={"X-Answer": "kept"},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<h1>Herald</h1>")
    (tmp_path / "app.js").write_text("export {};")
    (tmp_path.parent / "secret.txt").write_text("secret")
    return tmp_path


def settings(folder: Path) -> Origin:
    return Origin.read(
        {
            "PORT": "5000",
            "GOOGLE_CLOUD_PROJECT": "herald-test",
            "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099",
            "FUNCTIONS": "{}",
            "SITE_FOLDER": str(folder),
        }
    )


@asynccontextmanager
async def origin(folder: Path, handler: Handler = echo, *, seconds: float = 60.0) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the origin, with one handler behind every rewrite."""
    topology = Topology.read()
    async with AsyncExitStack() as stack:
        function = web.Application(client_max_size=64 * MEGABYTE)
        function.add_routes([web.route("*", "/{path:.*}", handler)])
        url = str((await stack.enter_async_context(TestServer(function))).make_url("")).rstrip("/")
        session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        functions = dict.fromkeys(topology.functions, url)
        app = application(settings(folder), Proxy(functions, session, seconds=seconds), matcher(topology.rewrites))
        site = await stack.enter_async_context(TestServer(app))
        yield await stack.enter_async_context(httpx.AsyncClient(base_url=str(site.make_url(""))))


async def test_files_and_pages(folder: Path) -> None:
    """Every path without a dot that is no file is a page of the application."""
    async with origin(folder) as browser:
        script = await browser.get("/app.js")
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert script.headers["cache-control"] == "no-cache"
        assert script.headers["x-content-type-options"] == "nosniff"
        for path in ("/", "/index.html", "/campaigns", "/campaigns/abc123?tab=messages"):
            page = await browser.get(path)
            assert (page.status_code, page.text) == (200, "<h1>Herald</h1>")
            assert page.headers["content-type"].startswith("text/html")
        assert (await browser.get("/missing.js")).status_code == 404
        assert (await browser.head("/app.js")).status_code == 200
        again = await browser.get("/app.js", headers={"If-None-Match": script.headers["etag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "//../secret.txt", "/..%2fsecret.txt"])
async def test_nothing_outside_the_folder(folder: Path, path: str) -> None:
    async with origin(folder) as browser:
        reader, writer = await asyncio.open_connection(browser.base_url.host, browser.base_url.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert b"secret" not in answer.partition(b"\r\n\r\n")[2]


async def test_requests_reach_the_function_unchanged(folder: Path) -> None:
    async with origin(folder) as browser:
        answer = await browser.request(
            "PATCH",
            "/api/customers/a%2Fb?filter=spend%20%3E%201&x=%C3%A4",
            content=b"{}",
            headers={"Authorization": "Bearer abc", "Connection": "keep-alive, X-Private", "X-Private": "1"},
        )
        seen = answer.json()
        assert answer.status_code == 201
        assert answer.headers["x-answer"] == "kept"
        assert seen["method"] == "PATCH"
        assert seen["path"] == "/api/customers/a%2Fb?filter=spend%20%3E%201&x=%C3%A4"
        assert seen["headers"]["authorization"] == "Bearer abc"
        assert seen["headers"]["x-forwarded-host"] == browser.base_url.netloc.decode()
        assert seen["headers"]["x-forwarded-proto"] == "http"
        assert seen["headers"]["x-forwarded-for"] == "127.0.0.1"
        assert "x-private" not in seen["headers"]


async def test_only_one_cookie_passes(folder: Path) -> None:
    async with origin(folder) as browser:
        sent = {"Cookie": "theme=dark; __session=abc; other=1"}
        assert (await browser.get("/api/me", headers=sent)).json()["headers"]["cookie"] == "__session=abc"
        assert "cookie" not in (await browser.get("/api/me", headers={"Cookie": "theme=dark"})).json()["headers"]


async def test_large_bodies_are_streamed(folder: Path) -> None:
    """The limit of 32 MB is the functions' own."""
    body = bytes(40 * MEGABYTE)
    async with origin(folder) as browser:
        seen = (await browser.post("/api/customers", content=body, timeout=30)).json()
        assert (seen["bytes"], seen["digest"]) == (len(body), hashlib.sha256(body).hexdigest())


async def test_a_function_may_refuse_a_body_before_its_end(folder: Path) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"status": 413}, status=413)

    async with origin(folder, refuse) as browser:
        assert (await browser.post("/api/customers", content=bytes(40 * MEGABYTE), timeout=30)).status_code == 413


async def test_compressed_answers_stay_compressed(folder: Path) -> None:
    async def compressed(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"text"), headers={"Content-Encoding": "gzip"})

    async with origin(folder, compressed) as browser:
        answer = await browser.get("/api/customers.csv")
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.text == "text"


async def test_answers_arrive_in_parts(folder: Path) -> None:
    """A long export begins before it is complete."""
    go_on = asyncio.Event()

    async def export(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await go_on.wait()
        await response.write(b" second")
        return response

    async with origin(folder, export) as browser, browser.stream("GET", "/api/customers.csv") as answer:
        parts = answer.aiter_text()
        assert await anext(parts) == "first"
        go_on.set()
        assert await anext(parts) == " second"


async def test_answers_without_a_body(folder: Path) -> None:
    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=204)

    async with origin(folder, nothing) as browser:
        assert (await browser.delete("/api/customers/1")).status_code == 204
        assert (await browser.head("/api/customers")).status_code == 204


async def test_a_late_function_is_a_504(folder: Path) -> None:
    async def late(request: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    async with origin(folder, late, seconds=0.1) as browser:
        answer = await browser.get("/api/me")
        assert answer.status_code == answer.json()["status"] == 504
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_function_that_is_down_is_a_502(folder: Path) -> None:
    [port] = free_ports(1)
    async with aiohttp.ClientSession() as session:
        proxy = Proxy({"campaigns": f"http://127.0.0.1:{port}"}, session)
        app = application(settings(folder), proxy, matcher(Topology.read().rewrites))
        async with TestServer(app) as site, httpx.AsyncClient(base_url=str(site.make_url(""))) as browser:
            answer = await browser.get("/api/me")
            assert answer.status_code == answer.json()["status"] == 502


async def test_paths_of_nobody(folder: Path) -> None:
    async with origin(folder) as browser:
        assert (await browser.get("/api/nothing")).json()["status"] == 404
        assert (await browser.post("/campaigns")).json()["status"] == 405


async def test_headers_are_those_of_hosting(folder: Path) -> None:
    """The policy lets pages talk to the Auth emulator, too; Firebase's own paths are left alone."""
    async with origin(folder) as browser:
        policy = (await browser.get("/campaigns")).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "connect-src http://127.0.0.1:9099 'self' " in policy
        assert "frame-src http://127.0.0.1:9099 " in policy
        answer = await browser.get("/api/me")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "cache-control" not in answer.headers
        assert "content-security-policy" not in (await browser.get("/__/firebase/init.json")).headers


async def test_configuration_of_firebase(folder: Path) -> None:
    async with origin(folder) as browser:
        assert (await browser.get("/__/firebase/init.json")).json() == {
            "projectId": "herald-test",
            "apiKey": "local",
            "authDomain": "127.0.0.1:5000",
            "authEmulatorUrl": "http://127.0.0.1:9099",
        }
