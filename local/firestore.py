"""What the stack itself reads and writes in Firestore, over the emulator's REST interface."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import aiohttp

HEADERS = {"Authorization": "Bearer owner", "Content-Type": "application/json"}  # above all rules


class Firestore:
    def __init__(self, address: str, project: str) -> None:
        self._url = f"http://{address}/v1/projects/{project}/databases/(default)/documents"

    async def add_member(self, email: str, role: str) -> None:
        """Unless the member exists, whatever their role."""
        fields = {
            "email": {"stringValue": email},
            "role": {"stringValue": role},
            "created_at": {"timestampValue": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"},
        }
        await self._call("POST", f"/members?documentId={email}", {"fields": fields}, accept=(409,))

    async def empty(self) -> bool:
        """Whether there are no customers."""
        return not await self._call("GET", "/customers?pageSize=1")

    async def _call(self, method: str, path: str, body: Any = None, *, accept: tuple[int, ...] = ()) -> Any:
        data = None if body is None else json.dumps(body)
        async with (
            aiohttp.ClientSession(headers=HEADERS) as session,
            session.request(method, f"{self._url}{path}", data=data) as answer,
        ):
            if answer.status not in (200, *accept):
                raise RuntimeError(f"The Firestore emulator answered {answer.status}: {await answer.text()}")
            return await answer.json(content_type=None)
