"""Pub/Sub push endpoints: the raw envelope in, one typed event to the code, an acknowledgement or a retry out.

| what the code does                | answer | what Pub/Sub does                                                    |
|-----------------------------------|--------|----------------------------------------------------------------------|
| returns                           | 204    | forgets the message                                                  |
| raises a permanent `HeraldError`  | 204    | the message was published to the dead letters, with the reason       |
| raises any other error            | 503    | delivers again, with back-off                                         |
| the same, at the last attempt     | 204    | the message was published to the dead letters, with the reason        |
| – (no valid token)                | 401    | the same                                                             |

A dead letter that cannot be worked off itself is not published once more: it ends in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import Base64Bytes, BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from common.errors import HeraldError, Invalid, TooLarge, Unauthenticated
from common.events import Event, field_errors
from common.pubsub.oidc import Tokens
from common.pubsub.publisher import DEAD_LETTERS, Publisher

log = logging.getLogger(__name__)
E = TypeVar("E")
AnyEvent = TypeVar("AnyEvent", bound=Event)
MOST_BYTES = 32_000_000


class PubsubMessage(BaseModel):
    data: Base64Bytes = b""
    attributes: dict[str, str] = {}
    message_id: str = Field(alias="messageId")


class Envelope(BaseModel):
    """What Pub/Sub posts."""

    message: PubsubMessage
    subscription: str
    delivery_attempt: int = Field(alias="deliveryAttempt", default=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushed:
    """One message, as it was pushed."""

    data: bytes
    attributes: dict[str, str]
    subscription: str  # its name alone
    attempt: int  # 1 for the first


Bury = Callable[[Pushed, str], Awaitable[None]]
"""What becomes of a message that is given up, and why it is."""


class Endpoint(Generic[E]):
    """Serves one subscription. `read` makes the event of a message; `handle` works it off, and returning from it
    acknowledges the message: so it returns only when everything is safely elsewhere. `bury` is for what is given up."""

    def __init__(
        self,
        *,
        read: Callable[[Pushed], E],
        handle: Callable[[E], Awaitable[None]],
        tokens: Tokens,
        bury: Bury,
        attempts: int | None = None,
    ) -> None:
        self._attempts = attempts
        self._read = read
        self._handle = handle
        self._tokens = tokens
        self._bury = bury

    async def __call__(self, request: Request) -> Response:
        try:
            await self._tokens.check(request.headers.get("authorization"))
            pushed = _opened(await _body(request))
        except (Unauthenticated, Invalid, TooLarge) as error:
            log.warning("push refused", extra={"reason": str(error)})
            return Response(str(error), status_code=error.status)
        except HeraldError as error:
            return _again(error)
        return await self._answer(pushed)

    async def _answer(self, pushed: Pushed) -> Response:
        try:
            await self._work(pushed)
        except HeraldError as error:
            log.info("event will be tried again", extra={"subscription": pushed.subscription, "reason": str(error)})
            return _again(error)
        except Exception as error:
            log.exception("event failed", extra={"subscription": pushed.subscription, "attempt": pushed.attempt})
            return _again(error)
        return Response(status_code=204)

    async def _work(self, pushed: Pushed) -> None:
        try:
            await self._handle(self._read(pushed))
        except Exception as error:
            if not self._is_final(pushed, error):
                raise
            await self._bury(pushed, _reason(error))

    def _is_final(self, pushed: Pushed, error: Exception) -> bool:
        """Trying a permanent error again would only slow down the others; and after the last attempt Pub/Sub would
        bury the message without the reason."""
        if isinstance(error, HeraldError) and error.permanent:
            return True
        return self._attempts is not None and pushed.attempt >= self._attempts


def to_dead_letters(publisher: Publisher) -> Bury:
    async def bury(pushed: Pushed, reason: str) -> None:
        known = {"subscription": pushed.subscription, "reason": reason}
        log.error("event dead-lettered", extra=known)
        await publisher.publish_raw(DEAD_LETTERS, pushed.data, pushed.attributes | known)

    return bury


async def into_the_log(pushed: Pushed, reason: str) -> None:
    """A dead letter itself: published once more it would go round for ever."""
    whole = {"data": pushed.data.decode(errors="replace"), "attributes": pushed.attributes}
    log.error("dead letter", extra={"subscription": pushed.subscription, "reason": reason, "recorded": False, **whole})


def _reason(error: Exception) -> str:
    fields = error.fields if isinstance(error, HeraldError) else ()
    return "; ".join([str(error), *(f"{field.field}: {field.message}" for field in fields)])[:1000]


def decoded(event: type[AnyEvent]) -> Callable[[Pushed], AnyEvent]:
    """Reads a message as one class of event."""
    return lambda pushed: event.decode(pushed.data)


async def _body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise TooLarge()
        parts.append(part)
    return b"".join(parts)


def _opened(body: bytes) -> Pushed:
    try:
        envelope = Envelope.model_validate_json(body)
    except ValidationError as error:
        raise Invalid("This is no Pub/Sub push.", fields=field_errors(error)) from error
    return Pushed(
        data=envelope.message.data,
        attributes=envelope.message.attributes,
        subscription=envelope.subscription.rpartition("/")[2],
        attempt=envelope.delivery_attempt,
    )


def _again(error: Exception) -> Response:
    return Response(str(error) or type(error).__name__, status_code=503)
