"""A small client of Herald's public API. `python -m local.client` is its command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from common.batching import chunked

UPLOAD_SECONDS = 600.0
MAX_WAITS = 10
"""How often a request is repeated that was one too many."""


class ApiError(Exception):
    """An error response of the API, with its problem details."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        fields = "; ".join(
            f"{field_error['field']}: {field_error['message']}" for field_error in problem.get("errors", ())
        )
        super().__init__(f"{status} {problem.get('detail', '')}{' – ' + fields if fields else ''}")
        self.status = status
        self.problem = problem


class HeraldClient:
    """Calls the API. Methods return the parsed JSON and raise `ApiError`."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def get(self, path: str, **query: Any) -> Any:
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self._call("POST", path, json=body)

    async def patch(self, path: str, body: Any) -> Any:
        return await self._call("PATCH", path, json=body)

    async def put(self, path: str, body: Any) -> Any:
        return await self._call("PUT", path, json=body)

    async def delete(self, path: str) -> None:
        await self._call("DELETE", path)

    async def list_all(self, path: str, **query: Any) -> list[Any]:
        """Return the items of all pages of a list."""
        return await _all_pages(lambda cursor: self.get(path, **query, **cursor))

    async def search_all(self, path: str, **query: Any) -> list[Any]:
        """Return the items of all pages of a search, which is a POST: nothing of it stands in a URL."""
        return await _all_pages(lambda cursor: self.post(path, {**query, **cursor}))

    async def add_customers(self, rows: Sequence[Mapping[str, Any]], *, batch_size: int = 500) -> None:
        """Add customers in requests that are small enough to be processed before the response."""
        for batch in chunked(rows, batch_size):
            await self.post("/api/customers", batch)

    async def upload(self, path: str, content: AsyncIterator[bytes], *, media_type: str, **query: Any) -> Any:
        """Send a body as a stream."""
        headers = {"Content-Type": media_type}
        return await self._call("POST", path, content=content, params=query, headers=headers, timeout=UPLOAD_SECONDS)

    async def download(self, path: str, file: Path, *, body: Any = None) -> None:
        """Write a response to a file as a stream: of a GET, or of a POST if there is a body."""
        method = "GET" if body is None else "POST"
        async with self._http.stream(method, path, json=body, timeout=UPLOAD_SECONDS) as response:
            if response.is_error:
                await response.aread()
                raise ApiError(response.status_code, _problem(response))
            with file.open("wb") as output:
                async for chunk in response.aiter_bytes():
                    output.write(chunk)

    async def _call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of the response. A request that was one too many is repeated when the server says so."""
        response = await self._http.request(method, path, **request)
        for _ in range(MAX_WAITS if "content" not in request else 0):  # a stream cannot be sent again
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            await asyncio.sleep(float(response.headers.get("Retry-After", 1)))
            response = await self._http.request(method, path, **request)
        if response.is_error:
            raise ApiError(response.status_code, _problem(response))
        return response.json() if response.content else None


async def _all_pages(read: Callable[[dict[str, str]], Awaitable[Any]]) -> list[Any]:
    """The items of all pages. `read` takes the cursor of the page, as a parameter."""
    items: list[Any] = []
    page = await read({})
    while True:
        items += page["items"]
        if page["next"] is None:
            return items
        page = await read({"after": page["next"]})


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    try:
        problem: Mapping[str, Any] = response.json()
    except ValueError:
        return {"detail": response.text[:500]}
    return problem


async def id_token(auth: str, email: str) -> str:
    """Sign in at the Auth emulator, as the browser does with Google, and return the ID token."""
    identity = json.dumps({"sub": email, "email": email, "email_verified": True})
    url = f"{auth}/identitytoolkit.googleapis.com/v1/accounts:signInWithIdp?key=local"
    body = {
        "postBody": f"id_token={identity}&providerId=google.com",
        "requestUri": "http://localhost",
        "returnSecureToken": True,
    }
    async with httpx.AsyncClient(timeout=30) as http:
        response = await http.post(url, json=body)
        response.raise_for_status()
        return str(response.json()["idToken"])


@asynccontextmanager
async def signed_in(*, site: str, auth: str, email: str) -> AsyncIterator[HeraldClient]:
    """Connect as a member of the local Auth emulator."""
    async with connected(site=site, token=await id_token(auth, email)) as client:
        yield client


@asynccontextmanager
async def connected(*, site: str, token: str) -> AsyncIterator[HeraldClient]:
    """Connect with an ID token or an API key."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=site, headers=headers, timeout=60) as http:
        yield HeraldClient(http)
