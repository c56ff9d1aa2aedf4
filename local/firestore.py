"""The few Firestore calls of the stack itself, over the REST interface of the emulator."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import aiohttp

from local.config import ACCESS_DATABASE

HEADERS = {"Authorization": "Bearer owner", "Content-Type": "application/json"}  # bypasses the security rules


class EmulatorFirestore:
    """The databases of a project in the emulator at `address` (host:port)."""

    def __init__(self, address: str, project: str) -> None:
        self._databases = f"http://{address}/v1/projects/{project}/databases"

    async def add_member(self, email: str, role: str) -> None:
        """Create the member in the access database. An existing member is not changed."""
        fields = {
            "email": {"stringValue": email},
            "role": {"stringValue": role},
            "created_at": {"timestampValue": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"},
        }
        await self._call(
            "POST", f"/{ACCESS_DATABASE}/documents/members?documentId={email}", {"fields": fields}, accept=(409,)
        )

    async def has_no_customers(self) -> bool:
        """Return whether the main database has no customers."""
        return not await self._call("GET", "/(default)/documents/customers?pageSize=1")

    async def _call(self, method: str, path: str, body: Any = None, *, accept: tuple[int, ...] = ()) -> Any:
        data = None if body is None else json.dumps(body)
        async with (
            aiohttp.ClientSession(headers=HEADERS) as session,
            session.request(method, f"{self._databases}{path}", data=data) as response,
        ):
            if response.status not in (200, *accept):
                raise RuntimeError(f"The Firestore emulator returned {response.status}: {await response.text()}")
            return await response.json(content_type=None)
