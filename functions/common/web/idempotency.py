"""`Idempotency-Key`: a client can repeat a request that got no answer, and it takes effect once.

    idempotency/{hash}   fingerprint   hash of the request: path, query and body; of an upload without the body
                         body          of an upload: the hash of its body, once the request has succeeded
                         resource_id   the id of what the request creates
                         answer        the answer as JSON, once the request has succeeded
                         expires_at    after 24 hours the key can be used anew

The id is a hash of the member, the path and the key. The document is created before the work, so that all repetitions
work on one resource id, even if they run at the same time. The work must be repeatable for one resource id: it creates
a document with this id, or performs an action that is performed once.

The body of an upload is hashed while it is read, because it may be too large for the memory. So a repetition with
another body is refused only after the first request has succeeded. The hashes are made with the key, which is not
stored: from the hash of a body alone one could find the phone number in it by trying. An answer that is too large for a
document is not stored: the work is done again, and finds everything as it should be.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.types import Message

from common.clock import Clock
from common.errors import Conflict, Exists, FieldError, HeraldError, Invalid
from common.ids import random_id, stable_hash
from common.storage.documents import Create, Delete, Documents, Put, Snapshot, Update
from common.web.principal import Principal

RETENTION = timedelta(hours=24)
MAX_ANSWER_BYTES = 900_000
"""A document may have 1 MiB."""
Answer = TypeVar("Answer", bound=BaseModel)
Work = Callable[[str], Awaitable[Answer]]
"""Takes the id of the resource to create."""


class HashedBody:
    """The body of an upload, which is hashed while it is read."""

    def __init__(self, request: Request, key: str) -> None:
        self._receive = request.receive
        self._hash = hmac.new(key.encode(), digestmod=hashlib.sha256)
        self._is_complete = False
        self.request = Request(request.scope, self._receive_hashed)  # to read the body from

    async def _receive_hashed(self) -> Message:
        message = await self._receive()
        self._hash.update(message.get("body", b""))
        self._is_complete = self._is_complete or not message.get("more_body", False)
        return message

    async def digest(self) -> str:
        """The hash of the whole body; what was not read is read now."""
        while not self._is_complete:
            await self._receive_hashed()
        return self._hash.hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class IdempotentRequest:
    """A request, with its `Idempotency-Key` if it has one."""

    key: str | None
    path: str
    fingerprint: str
    body: HashedBody | None = None  # of an upload with a key

    def source(self, request: Request) -> Request:
        """The request to read the body from."""
        return self.body.request if self.body else request

    async def run(
        self, answer: type[Answer], work: Work[Answer], *, documents: Documents, member: Principal, clock: Clock
    ) -> Answer:
        """The result of `work`, or the stored answer if the request is a repetition.

        Raises `Invalid` if the key was used for another request.
        """
        if self.key is None:
            return await work(random_id())
        path = f"idempotency/{stable_hash('idempotency', member.actor, self.path, self.key)}"
        record = await self._start(documents, path, clock)
        if record.get("answer") is not None:
            if self.body and record["body"] != await self.body.digest():
                raise _reused()
            return answer.model_validate_json(record["answer"])
        try:
            result = await work(record["resource_id"])
        except HeraldError as error:
            if error.permanent:  # nothing happened: the key can be used for the corrected request
                await documents.commit([Delete(path)])
            raise
        await self._store(documents, path, result.model_dump_json())
        return result

    async def _store(self, documents: Documents, path: str, answer: str) -> None:
        """Keep the answer for repetitions, unless it is too large."""
        if len(answer.encode()) <= MAX_ANSWER_BYTES:
            kept: dict[str, Any] = {"answer": answer}
            if self.body:
                kept["body"] = await self.body.digest()
            await documents.commit([Update(path, kept)])

    async def _start(self, documents: Documents, path: str, clock: Clock) -> Snapshot:
        """The record of the first request with this key."""
        record = await documents.get(path)
        now = clock()
        if not record.exists or record["expires_at"] <= now:
            started = {"fingerprint": self.fingerprint, "resource_id": random_id(), "expires_at": now + RETENTION}
            try:
                write = Put(path, started, record.version) if record.exists else Create(path, started)
                await documents.commit([write])
            except Exists as error:  # a repetition was faster; the next one finds its record
                raise Conflict from error
            record = await documents.get(path)
        if record["fingerprint"] != self.fingerprint:
            raise _reused()
        return record


def _reused() -> Invalid:
    message = "This key was used for another request within the last 24 hours. Use a new key."
    return Invalid(message, fields=[FieldError(field="Idempotency-Key", code="reused", message=message)])


IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="any text that is new for each request: repeated with the same text within 24 hours, the "
        "request takes effect once and gets the same answer",
    ),
]


async def _get_idempotent_request(request: Request, idempotency_key: IdempotencyKey = None) -> IdempotentRequest:
    body = (await request.body()).decode(errors="replace") if idempotency_key else ""
    fingerprint = stable_hash(idempotency_key or "", _path_and_query(request), body)
    return IdempotentRequest(key=idempotency_key, path=request.url.path, fingerprint=fingerprint)


async def _get_idempotent_upload(request: Request, idempotency_key: IdempotencyKey = None) -> IdempotentRequest:
    return IdempotentRequest(
        key=idempotency_key,
        path=request.url.path,
        fingerprint=stable_hash(_path_and_query(request), request.headers.get("content-type", "")),
        body=HashedBody(request, idempotency_key) if idempotency_key else None,
    )


def _path_and_query(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


IdempotencyDep = Annotated[IdempotentRequest, Depends(_get_idempotent_request)]
IdempotentUploadDep = Annotated[IdempotentRequest, Depends(_get_idempotent_upload)]
"""Of a route that reads its body as a stream: from `source`, not from its own request."""
