"""Building blocks that several tests share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI
from hypothesis import settings
from pydantic import SecretStr

from common.addresses.address import Address, AddressHasher
from common.addresses.changes import RecentAddressChanges
from common.clock import Clock, utc_now
from common.errors import Unauthenticated, Unavailable
from common.events import MessageReady
from common.ids import ERASED_CUSTOMER_ID, bucket_of
from common.llm.language_model import ModelResponse, Prompt
from common.messages.recipient_check import RecipientCheck
from common.storage.documents import Create, Documents, Query, Snapshot, Write
from common.storage.memory import MemoryDocuments, Turn, yield_once
from common.web.pagination import encode_cursor
from common.web.principal import Identity

ADMIN = "admin@example.com"
AT = datetime(2026, 1, 1, tzinfo=UTC)

SETTINGS = {
    "FIRST_ADMIN": ADMIN.title(),
    "PUBLIC_URL": "https://herald.example",
    "TIME_ZONE": "UTC",
    "TICK_SECONDS": "5",
    "SUPPRESSION_KEY": "a key for the tests",
    "CALLBACK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}
"""The settings of all functions in memory."""

HASHER = AddressHasher(SecretStr(SETTINGS["SUPPRESSION_KEY"]))


def customer_id(kind: str, value: str) -> str:
    """The id of the customer identified by `value`, in a deployment with `SETTINGS`."""
    return HASHER.customer_id(kind, value)


def inbox_path(message: MessageReady) -> str:
    return HASHER.inbox_path(message.campaign_id, message.channel, email(message.to))


def sends_path(message: MessageReady) -> str:
    return HASHER.recent_sends_path(message.channel, email(message.to))


CLAIM_PATHS = {"inbox_path": inbox_path, "sends_path": sends_path}
"""The documents of an address that `Claims` uses."""


def email(value: str) -> Address:
    return Address(kind="email", value=value)


def recipient_check(documents: Documents, *, clock: Clock = utc_now, unknown_allowed: str = "email") -> RecipientCheck:
    """The check of a new instance."""
    changes = RecentAddressChanges(documents, HASHER, clock=clock)
    return RecipientCheck(documents, changes, HASHER, unknown_allowed=unknown_allowed.split(","))


async def identity_from_token(token: str, *, fresh: bool = False) -> Identity:
    """Verify a token. In these tests it is the e-mail address, or the address and the id of the account: `a@b.c#7`."""
    email, _, subject = token.partition("#")
    if "@" not in email:
        raise Unauthenticated()
    return Identity(email=email, subject=subject or email.lower())


def examples(number: int) -> int:
    """How many examples Hypothesis tries in a slow test: `number`, and ten times as many in the profile `thorough`."""
    return number * settings().max_examples // settings.get_profile("default").max_examples


class ResponseLosingStore(MemoryDocuments):
    """The responses of the first `lost` commits are lost: the client sends each again, and finds its own documents."""

    def __init__(self, lost: int = 0, *, now: datetime = AT, turn: Turn = yield_once) -> None:
        super().__init__(now=now, turn=turn)
        self.lost = lost

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        if self.lost:
            self.lost -= 1
            await super().commit(writes)


class IdCheckingStore(MemoryDocuments):
    """Rejects ids that Firestore rejects: with a reserved form, a slash, or too many bytes."""

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        for path in paths:
            self._check_id(path.partition("/")[2])
        return await super().get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        for id_ in (query.after or ())[-1:]:
            self._check_id(id_)
        return await super().query(query)

    def _check_id(self, id_: str) -> None:
        is_reserved = id_.startswith("__") and id_.endswith("__")
        assert id_ not in {"", ".", "..", ERASED_CUSTOMER_ID}, "an empty id, or the id of erased customers"
        assert not is_reserved, "InvalidArgument"
        assert "/" not in id_, "InvalidArgument"
        assert len(id_.encode()) <= 1_500, "InvalidArgument"


INVALID_IDS = ["__x__", "x" * 1_501, "a%2Fb", ERASED_CUSTOMER_ID, "%00", "é" * 800, "A" * 32, "a%0A"]
"""Ids that are invalid in a path."""

INVALID_CURSORS = ["a/b", "__x__", "é", *(encode_cursor(AT, id_) for id_ in ("a/b", "__x__", ""))]


class ApiClient:
    """Calls an application in this process as a member."""

    def __init__(self, app: FastAPI) -> None:
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://herald")

    async def __call__(self, method: str, path: str, *, by: str | None = ADMIN, **request: Any) -> httpx.Response:
        headers = {**({"Authorization": f"Bearer {by}"} if by else {}), **request.pop("headers", {})}
        return await self._http.request(method, path, headers=headers, **request)


async def logged_actions(documents: Documents, what: str) -> list[Snapshot]:
    """The entries of one action for the audit log that have not been moved there yet."""
    return [entry for entry in await documents.query(Query(collection="audit_outbox")) if entry["what"] == what]


class FakeModel:
    """A model that returns `content`, or is unavailable if it is None."""

    def __init__(self, content: Any = None) -> None:
        self.content = content
        self.prompts: list[Prompt] = []
        self.before_answer: Callable[[], Awaitable[object]] | None = None

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        if self.before_answer:
            await self.before_answer()
        if self.content is None:
            raise Unavailable("Gemini could not be reached.")
        return ModelResponse(content=self.content)


def planned_page(campaign: str, customers: Sequence[str], bucket: int) -> Create:
    """The only page of a bucket of a campaign: fan-out has planned these customers."""
    page = {"campaign": campaign, "bucket": bucket, "planned": sorted(customers), "skipped": {}, "after": ""}
    return Create(
        f"pages/{campaign}.{bucket}.0", {**page, "audience": len(customers), "final": True, "done": 1, "last": 1}
    )


def planned_pages(campaign: str, customers: Sequence[str]) -> list[Create]:
    """All pages of a campaign to these customers."""
    buckets = {bucket: [one for one in customers if bucket_of(one) == bucket] for bucket in map(bucket_of, customers)}
    return [planned_page(campaign, planned, bucket) for bucket, planned in buckets.items()]
