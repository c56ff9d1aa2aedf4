"""A small client of Herald's public API; `python -m local.client` is the same from the command line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

UPLOAD_SECONDS = 600.0


class ApiError(Exception):
    """What the API answered, as a problem."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        fields = "; ".join(f"{one['field']}: {one['message']}" for one in problem.get("errors", ()))
        super().__init__(f"{status} {problem.get('detail', '')}{' – ' + fields if fields else ''}")
        self.status = status
        self.problem = problem


class Client:
    """Calls `/api`; answers are the parsed JSON, errors are `ApiError`."""

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

    async def all(self, path: str, **query: Any) -> list[Any]:
        """Every page of a list."""
        items: list[Any] = []
        after: str | None = None
        while True:
            page = await self.get(path, **query, **({"after": after} if after else {}))
            items += page["items"]
            after = page["next"]
            if after is None:
                return items

    async def add_customers(self, rows: Sequence[Mapping[str, Any]], *, at_once: int = 500) -> None:
        """So many in each request that every one is written when it is answered."""
        for start in range(0, len(rows), at_once):
            await self.post("/api/customers", list(rows[start : start + at_once]))

    async def upload(self, path: str, content: AsyncIterator[bytes], *, media_type: str, **query: Any) -> Any:
        """Sends a body as it is read."""
        headers = {"Content-Type": media_type}
        return await self._call("POST", path, content=content, params=query, headers=headers, timeout=UPLOAD_SECONDS)

    async def download(self, path: str, file: Path, **query: Any) -> None:
        """Writes an answer as it comes in."""
        async with self._http.stream("GET", path, params=query, timeout=UPLOAD_SECONDS) as answer:
            if answer.is_error:
                await answer.aread()
                raise ApiError(answer.status_code, _problem(answer))
            with file.open("wb") as into:
                async for part in answer.aiter_bytes():
                    into.write(part)

    async def _call(self, method: str, path: str, **request: Any) -> Any:
        answer = await self._http.request(method, path, **request)
        if answer.is_error:
            raise ApiError(answer.status_code, _problem(answer))
        return answer.json() if answer.content else None


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        problem: Mapping[str, Any] = answer.json()
    except ValueError:
        return {"detail": answer.text[:500]}
    return problem


async def id_token(auth: str, email: str) -> str:
    """Signs in with Google at the Auth emulator, as the browser does."""
    identity = json.dumps({"sub": email, "email": email, "email_verified": True})
    url = f"{auth}/identitytoolkit.googleapis.com/v1/accounts:signInWithIdp?key=local"
    body = {
        "postBody": f"id_token={identity}&providerId=google.com",
        "requestUri": "http://localhost",
        "returnSecureToken": True,
    }
    async with httpx.AsyncClient(timeout=30) as http:
        answer = await http.post(url, json=body)
        answer.raise_for_status()
        return str(answer.json()["idToken"])


@asynccontextmanager
async def signed_in(*, site: str, auth: str, email: str) -> AsyncIterator[Client]:
    """As a member, at the local Auth emulator."""
    async with connected(site=site, token=await id_token(auth, email)) as client:
        yield client


@asynccontextmanager
async def connected(*, site: str, token: str) -> AsyncIterator[Client]:
    """With an ID token, or an API key."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=site, headers=headers, timeout=60) as http:
        yield Client(http)
