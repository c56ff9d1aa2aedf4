"""`Idempotency-Key`: a client can repeat a request that got no answer, and it takes effect once.

    idempotency/{hash}   fingerprint   hash of the request: path and body
                         resource_id   the id of what the request creates
                         answer        the answer as JSON, once the request has succeeded
                         expires_at    after 24 hours the key can be used anew

The id is a hash of the member, the path and the key. The document is created before the work, so that all repetitions
work on one resource id, even if they run at the same time. The work must be repeatable for one resource id: it creates
a document with this id, or performs an action that is performed once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel

from common.clock import Clock
from common.errors import Conflict, Exists, FieldError, HeraldError, Invalid
from common.ids import random_id, stable_hash
from common.storage.documents import Create, Delete, Documents, Put, Snapshot, Update
from common.web.principal import Principal

RETENTION = timedelta(hours=24)
Answer = TypeVar("Answer", bound=BaseModel)
Work = Callable[[str], Awaitable[Answer]]
"""Takes the id of the resource to create."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IdempotentRequest:
    """A request, with its `Idempotency-Key` if it has one."""

    key: str | None
    path: str
    fingerprint: str

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
            return answer.model_validate_json(record["answer"])
        try:
            result = await work(record["resource_id"])
        except HeraldError as error:
            if error.permanent:  # nothing happened: the key can be used for the corrected request
                await documents.commit([Delete(path)])
            raise
        await documents.commit([Update(path, {"answer": result.model_dump_json()})])
        return result

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
            message = "This key was used for another request within the last 24 hours. Use a new key."
            raise Invalid(message, fields=[FieldError(field="Idempotency-Key", code="reused", message=message)])
        return record


async def _get_idempotent_request(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="any text that is new for each request: repeated with the same text within 24 hours, the "
            "request takes effect once and gets the same answer",
        ),
    ] = None,
) -> IdempotentRequest:
    path = request.url.path
    body = (await request.body()).decode(errors="replace") if idempotency_key else ""
    return IdempotentRequest(key=idempotency_key, path=path, fingerprint=stable_hash(path, body))


IdempotencyDep = Annotated[IdempotentRequest, Depends(_get_idempotent_request)]
