"""Forward requests to functions like Firebase Hosting's rewrites: 60 seconds, one cookie, streamed bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from http.cookies import SimpleCookie

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from local.site.problems import problem

TIMEOUT_SECONDS = 60.0
COOKIE = "__session"  # the only cookie that Hosting forwards
CHUNK_BYTES = 256 * 1024
HOP_BY_HOP = {
    "connection",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


class FunctionProxy:
    """Forwards requests to the functions' URLs."""

    def __init__(
        self, functions: Mapping[str, str], session: aiohttp.ClientSession, *, seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._functions = functions  # URLs by name
        self._session = session
        self._seconds = seconds

    async def forward(self, request: web.Request, function: str) -> web.StreamResponse:
        """Return the response of the function, 504 after a timeout, 502 if it is not reachable."""
        try:
            async with self._send(request, self._functions[function]) as answer:
                return await _relay(request, answer)
        except TimeoutError:
            return problem(504, f"The function {function} did not respond within {self._seconds:g} seconds.")
        except aiohttp.ClientConnectionError:
            return problem(502, f"The function {function} is not reachable.")

    def _send(self, request: web.Request, url: str) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._session.request(
            request.method,
            URL(url + request.raw_path, encoded=True),
            headers=_request_headers(request),
            data=request.content.iter_chunked(CHUNK_BYTES) if request.body_exists else None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=self._seconds),
        )


async def _relay(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers))
    await response.prepare(request)
    async for chunk in answer.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response


def _request_headers(request: web.Request) -> CIMultiDict[str]:
    """The headers for the function: of its request, from whom it came, and of all cookies only one."""
    headers = _end_to_end(request.headers)
    if headers.pop("Content-Encoding", ""):  # the server of this site has unpacked the body, so its length is another
        headers.pop("Content-Length", "")
    session = SimpleCookie(headers.pop("Cookie", "")).get(COOKIE)
    if session:
        headers["Cookie"] = f"{COOKIE}={session.coded_value}"
    headers["X-Forwarded-Host"] = request.host
    headers["X-Forwarded-Proto"] = request.scheme
    headers["X-Forwarded-For"] = ", ".join([*headers.popall("X-Forwarded-For", []), request.remote or "unknown"])
    return headers


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in headers.get("Connection", "").split(",")}
    return CIMultiDict(_without(headers.items(), HOP_BY_HOP | named))


def _without(items: Iterable[tuple[str, str]], names: set[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in items if name.lower() not in names]
