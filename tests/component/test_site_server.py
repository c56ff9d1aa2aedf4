"""The web server of the site in front of functions behaves like Firebase Hosting."""

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
from local.site.__main__ import SiteSettings, application
from local.site.proxy import FunctionProxy
from local.site.rewrites import compile_rewrites
from local.topology import Topology

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MEGABYTE = 1024 * 1024


async def echo(request: web.Request) -> web.Response:
    """Return the request as JSON."""
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
def site_folder(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<h1>Herald</h1>")
    (tmp_path / "app.js").write_text("export {};")
    (tmp_path.parent / "secret.txt").write_text("secret")
    return tmp_path


def site_settings(site_folder: Path) -> SiteSettings:
    """Return the settings of a site that serves `site_folder`."""
    return SiteSettings.read(
        {
            "PORT": "5000",
            "GOOGLE_CLOUD_PROJECT": "herald-test",
            "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099",
            "FUNCTIONS": "{}",
            "SITE_FOLDER": str(site_folder),
        }
    )


@asynccontextmanager
async def run_site(
    site_folder: Path, handler: Handler = echo, *, seconds: float = 60.0
) -> AsyncIterator[httpx.AsyncClient]:
    """Run the site with one handler for every function, and yield a client for it."""
    topology = Topology.read()
    async with AsyncExitStack() as stack:
        function = web.Application(client_max_size=64 * MEGABYTE)
        function.add_routes([web.route("*", "/{path:.*}", handler)])
        url = str((await stack.enter_async_context(TestServer(function))).make_url("")).rstrip("/")
        session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        functions = dict.fromkeys(topology.functions, url)
        app = application(
            site_settings(site_folder),
            FunctionProxy(functions, session, seconds=seconds),
            compile_rewrites(topology.rewrites),
        )
        site = await stack.enter_async_context(TestServer(app))
        yield await stack.enter_async_context(httpx.AsyncClient(base_url=str(site.make_url(""))))


async def test_paths_without_file_serve_the_application(site_folder: Path) -> None:
    """A path that is no file and has no dot serves `index.html`."""
    async with run_site(site_folder) as browser:
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


async def test_ignored_file_is_not_served(site_folder: Path) -> None:
    """A file that `firebase.json` ignores is not deployed, so it is not served here either."""
    for name in ("api.d.ts", ".hidden"):
        (site_folder / name).write_text("ignored")
    async with run_site(site_folder) as browser:
        assert (await browser.get("/api.d.ts")).status_code == 404
        assert "ignored" not in (await browser.get("/.hidden")).text
        assert "ignored" not in (await browser.get("/./api.d.ts")).text


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "//../secret.txt", "/..%2fsecret.txt"])
async def test_path_outside_folder_is_not_served(site_folder: Path, path: str) -> None:
    """No path reaches a file outside the folder."""
    async with run_site(site_folder) as browser:
        reader, writer = await asyncio.open_connection(browser.base_url.host, browser.base_url.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        assert b"secret" not in answer.partition(b"\r\n\r\n")[2]


async def test_request_is_forwarded_unchanged(site_folder: Path) -> None:
    """Method, path, query and headers reach the function, without connection headers."""
    async with run_site(site_folder) as browser:
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


async def test_only_session_cookie_is_forwarded(site_folder: Path) -> None:
    """Hosting forwards only the cookie `__session`."""
    async with run_site(site_folder) as browser:
        sent = {"Cookie": "theme=dark; __session=abc; other=1"}
        assert (await browser.get("/api/me", headers=sent)).json()["headers"]["cookie"] == "__session=abc"
        assert "cookie" not in (await browser.get("/api/me", headers={"Cookie": "theme=dark"})).json()["headers"]


async def test_large_body_is_streamed(site_folder: Path) -> None:
    """The site has no size limit; the limit of 32 MB belongs to the functions."""
    body = bytes(40 * MEGABYTE)
    async with run_site(site_folder) as browser:
        seen = (await browser.post("/api/customers", content=body, timeout=30)).json()
        assert (seen["bytes"], seen["digest"]) == (len(body), hashlib.sha256(body).hexdigest())


async def test_compressed_body_is_forwarded(site_folder: Path) -> None:
    """The function gets what was compressed, and at once: the length is not that of the compressed body."""
    body = bytes(range(256)) * 1_000
    headers = {"Content-Encoding": "gzip"}
    async with run_site(site_folder, seconds=5) as browser:
        seen = (await browser.post("/api/customers", content=gzip.compress(body), headers=headers)).json()
        assert (seen["bytes"], seen["digest"]) == (len(body), hashlib.sha256(body).hexdigest())


async def test_function_may_respond_before_end_of_body(site_folder: Path) -> None:
    """An early 413 reaches the client."""

    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"status": 413}, status=413)

    async with run_site(site_folder, refuse) as browser:
        assert (await browser.post("/api/customers", content=bytes(40 * MEGABYTE), timeout=30)).status_code == 413


async def test_compressed_response_stays_compressed(site_folder: Path) -> None:
    """The site does not decompress responses."""

    async def compressed(request: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"text"), headers={"Content-Encoding": "gzip"})

    async with run_site(site_folder, compressed) as browser:
        answer = await browser.get("/api/customers.csv")
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.text == "text"


async def test_response_is_streamed(site_folder: Path) -> None:
    """The first part of an export arrives before the response is complete."""
    go_on = asyncio.Event()

    async def export(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await go_on.wait()
        await response.write(b" second")
        return response

    async with run_site(site_folder, export) as browser, browser.stream("GET", "/api/customers.csv") as answer:
        parts = answer.aiter_text()
        assert await anext(parts) == "first"
        go_on.set()
        assert await anext(parts) == " second"


async def test_response_without_body_is_forwarded(site_folder: Path) -> None:
    """A 204 and the response to HEAD have no body."""

    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=204)

    async with run_site(site_folder, nothing) as browser:
        assert (await browser.delete("/api/customers/1")).status_code == 204
        assert (await browser.head("/api/customers")).status_code == 204


async def test_slow_function_returns_504(site_folder: Path) -> None:
    """A function that exceeds the timeout gives a 504 problem."""

    answered = asyncio.Event()

    async def late(request: web.Request) -> web.Response:
        await answered.wait()
        return web.Response()

    async with run_site(site_folder, late, seconds=0.1) as browser:
        answer = await browser.get("/api/me")
        answered.set()
        assert answer.status_code == answer.json()["status"] == 504
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_unreachable_function_returns_502(site_folder: Path) -> None:
    """A function that does not listen gives a 502 problem."""
    [port] = free_ports(1)
    topology = Topology.read()
    async with aiohttp.ClientSession() as session:
        proxy = FunctionProxy(dict.fromkeys(topology.functions, f"http://127.0.0.1:{port}"), session)
        app = application(site_settings(site_folder), proxy, compile_rewrites(topology.rewrites))
        async with TestServer(app) as site, httpx.AsyncClient(base_url=str(site.make_url(""))) as browser:
            answer = await browser.get("/api/me")
            assert answer.status_code == answer.json()["status"] == 502


async def test_unknown_api_path_and_method_are_problems(site_folder: Path) -> None:
    """An unknown API path is 404, and a POST to a page is 405."""
    async with run_site(site_folder) as browser:
        assert (await browser.get("/api/nothing")).json()["status"] == 404
        assert (await browser.post("/campaigns")).json()["status"] == 405


async def test_headers_equal_firebase_json(site_folder: Path) -> None:
    """The policy also allows the Auth emulator, and Firebase's own paths have no policy."""
    async with run_site(site_folder) as browser:
        policy = (await browser.get("/campaigns")).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "connect-src http://127.0.0.1:9099 'self' " in policy
        assert "frame-src http://127.0.0.1:9099 " in policy
        answer = await browser.get("/api/me")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "cache-control" not in answer.headers
        assert "content-security-policy" not in (await browser.get("/__/firebase/init.json")).headers


async def test_firebase_configuration_has_emulator_address(site_folder: Path) -> None:
    """The configuration of the SDK contains the address of the Auth emulator."""
    async with run_site(site_folder) as browser:
        assert (await browser.get("/__/firebase/init.json")).json() == {
            "projectId": "herald-test",
            "apiKey": "local",
            "authDomain": "127.0.0.1:5000",
            "authEmulatorUrl": "http://127.0.0.1:9099",
        }
