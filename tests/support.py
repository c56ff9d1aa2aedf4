"""What several tests build their worlds of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from common.errors import Exists, Unauthenticated, Unavailable
from common.ids import NOBODY
from common.llm.gemini import Answer, Prompt
from common.messages.suppressions import Hashes
from common.storage.documents import Documents, Query, Snapshot, Write
from common.storage.memory import MemoryDocuments
from common.web.auth import Access, Members
from common.web.pagination import written

ADMIN = "admin@example.com"
HASHES = Hashes(SecretStr("a key for tests alone"))


async def email_of(token: str) -> str:
    """In these tests an e-mail is its own token."""
    if "@" not in token:
        raise Unauthenticated()
    return token


def access(documents: Documents) -> Access:
    return Access(email_of=email_of, members=Members(documents, first_admin=ADMIN.title()))


class ForgetfulDocuments(MemoryDocuments):
    """The answers to so many commits are lost; the client tries each again by itself, and finds what it has made."""

    def __init__(self, lost: int = 0) -> None:
        super().__init__()
        self.lost = lost

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        if self.lost:
            self.lost -= 1
            raise Exists()


class Wary(MemoryDocuments):
    """Takes only what Firestore does: ids of its own form, as long as they may be."""

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        self._check_id(path.partition("/")[2])
        return await super().get(path, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        for one in (query.after or ())[-1:]:
            self._check_id(one)
        return await super().query(query)

    def _check_id(self, one: str) -> None:
        reserved = one.startswith("__") and one.endswith("__")
        assert one not in {"", ".", "..", NOBODY}, "the erased are nobody"
        assert not reserved, "InvalidArgument"
        assert "/" not in one, "InvalidArgument"
        assert len(one.encode()) <= 1_500, "InvalidArgument"


NO_IDS = ["__x__", "x" * 1_501, "a%2Fb", NOBODY, "%00", "é" * 800, "A" * 32, "a%0A"]
"""In a path."""

NO_CURSORS = ["a/b", "__x__", "é", *(written(datetime(2026, 1, 1, tzinfo=UTC), one) for one in ("a/b", "__x__", ""))]


class Caller:
    """Calls an application in this process, as a member."""

    def __init__(self, app: FastAPI) -> None:
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://herald")

    async def __call__(self, method: str, path: str, *, by: str | None = ADMIN, **request: Any) -> httpx.Response:
        headers = {**({"Authorization": f"Bearer {by}"} if by else {}), **request.pop("headers", {})}
        return await self._http.request(method, path, headers=headers, **request)


class Model:
    """Gemini's port: answers with what it is told to."""

    def __init__(self, content: Any = None) -> None:
        self.content = content
        self.prompts: list[Prompt] = []

    async def ask(self, prompt: Prompt) -> Answer:
        self.prompts.append(prompt)
        if self.content is None:
            raise Unavailable("Gemini could not be reached.")
        return Answer(content=self.content)
