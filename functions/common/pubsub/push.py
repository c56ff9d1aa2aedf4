"""Pub/Sub push endpoints: take the raw envelope, pass one typed event to a handler, answer with "done" or "try again".

| what the handler does               | answer | what happens to the message                                        |
|-------------------------------------|--------|--------------------------------------------------------------------|
| returns                             | 204    | it is acknowledged                                                 |
| raises a permanent `HeraldError`    | 204    | it is published to the dead letters, with the reason               |
| raises another error                | 503    | Pub/Sub delivers it again, with backoff                            |
| raises an error at the last attempt | 204    | it is published to the dead letters, with the reason               |
| – (the token is not valid)          | 401    | Pub/Sub delivers it again, with backoff                            |

A dead letter that cannot be processed is not published again: the log has an entry.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import Base64Bytes, BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from common.errors import HeraldError, Invalid, TooLarge, Unauthenticated
from common.events import Event, field_errors
from common.pubsub.oidc import PushTokenVerifier
from common.pubsub.publisher import DEAD_LETTERS, Publisher
from common.trace import ATTRIBUTE, continued_trace, note_handled, note_outcome

log = logging.getLogger(__name__)
E = TypeVar("E")
AnyEvent = TypeVar("AnyEvent", bound=Event)
MAX_BODY_BYTES = 32_000_000
MAX_REASON_BYTES = 1000  # an attribute of a Pub/Sub message may have 1,024


class EnvelopeMessage(BaseModel):
    """The message inside a push request."""

    data: Base64Bytes = b""
    attributes: dict[str, str] = {}
    message_id: str = Field(alias="messageId")
    publish_time: datetime | None = Field(alias="publishTime", default=None)


class Envelope(BaseModel):
    """The body of a push request."""

    message: EnvelopeMessage
    subscription: str
    delivery_attempt: int = Field(alias="deliveryAttempt", default=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PushMessage:
    """One pushed message."""

    data: bytes
    attributes: dict[str, str]
    subscription: str  # the short name, without the project
    attempt: int  # 1 for the first
    published_at: datetime | None = None


DeadLetterHandler = Callable[[PushMessage, str], Awaitable[None]]
"""Takes a message that is given up, and the reason."""


CheckReady = Callable[[], Awaitable[None]]
"""Raises a `HeraldError` while the instance must not process anything."""


class Endpoint(Generic[E]):
    """Serves one subscription.

    `read` makes the event from a message. `handle` processes it; when it returns, the message is acknowledged, so it
    must return only after everything is stored or published. `handle_dead_letter` gets the messages that are given up:
    those with a permanent error, and those that fail at delivery `max_attempts`. While `check_ready` raises, messages
    are refused, and none of them is given up here.
    """

    def __init__(
        self,
        *,
        read: Callable[[PushMessage], E],
        handle: Callable[[E], Awaitable[None]],
        verifier: PushTokenVerifier,
        handle_dead_letter: DeadLetterHandler,
        max_attempts: int | None = None,
        check_ready: CheckReady | None = None,
    ) -> None:
        self._check_ready = check_ready
        self._max_attempts = max_attempts
        self._read = read
        self._handle_event = handle
        self._verifier = verifier
        self._handle_dead_letter = handle_dead_letter

    async def __call__(self, request: Request) -> Response:
        """Answers a push request. See the table above."""
        try:
            await self._verifier.verify(request.headers.get("authorization"))
            message = parse_envelope(await _read_body(request))
        except (Unauthenticated, Invalid, TooLarge) as error:
            log.warning("push rejected", extra={"event": "push_rejected", "reason": str(error)})
            return Response(str(error), status_code=error.status)
        except HeraldError as error:
            return _retry_response(error)
        return await self._respond(message)

    async def _respond(self, message: PushMessage) -> Response:
        """204 when the message is handled or dead-lettered, 503 when Pub/Sub must deliver it again.

        All of it is a span of the trace that the message carries.
        """
        with continued_trace(message.attributes.get(ATTRIBUTE), message.subscription) as span:
            response = await self._answer(message)
            span.details |= {"attempt": message.attempt, "status": response.status_code}
            if message.published_at:
                span.details["waited"] = round(span.started_at - message.published_at.timestamp(), 6)
            return response

    async def _answer(self, message: PushMessage) -> Response:
        """Process the message, and log what went wrong."""
        try:
            if self._check_ready:
                await self._check_ready()
            await self._handle(message)
        except HeraldError as error:
            fields = {"event": "event_retried", "subscription": message.subscription, "reason": str(error)}
            log.info("event will be delivered again", extra=fields)
            return _retry_response(error)
        except Exception as error:
            fields = {"event": "event_failed", "subscription": message.subscription}
            log.exception("event failed", extra=fields | {"attempt": message.attempt})
            return _retry_response(error)
        return Response(status_code=204)

    async def _handle(self, message: PushMessage) -> None:
        """Process the message, or give it up after its last attempt."""
        try:
            event = self._read(message)
            if isinstance(event, Event):
                note_handled(event.message_ids)
            await self._handle_event(event)
        except Exception as error:
            if not self._is_final(message, error):
                raise
            note_outcome("dead letter")
            await self._handle_dead_letter(message, _reason(error))

    def _is_final(self, message: PushMessage, error: Exception) -> bool:
        """Whether the message is given up.

        Another attempt after a permanent error would only delay other messages. After the last attempt, Pub/Sub itself
        would publish the dead letter, but without the reason.
        """
        if isinstance(error, HeraldError) and error.permanent:
            return True
        return self._max_attempts is not None and message.attempt >= self._max_attempts


async def publish_dead_letter(publisher: Publisher, message: PushMessage, reason: str) -> None:
    """Publishes a message to the dead letters, with its subscription and the reason as attributes.

    The reason may quote a vendor or a value, so it is not logged here: the dead letter has it.
    """
    attributes = {name: value for name, value in message.attributes.items() if name != ATTRIBUTE}
    attributes |= {"subscription": message.subscription, "reason": reason}
    log.error("event dead-lettered", extra={"event": "event_dead_lettered", "subscription": message.subscription})
    await publisher.publish_raw(DEAD_LETTERS, message.data, attributes)


async def log_dead_letter(message: PushMessage, _: str) -> None:
    """Notes in the log that a dead letter cannot be processed. Published again, it would circulate for ever.

    The log has neither its content nor the reason, because an erasure could not find a person there.
    """
    source = message.attributes.get("subscription", "")
    fields = {"event": "dead_letter", "subscription": source, "recorded": False, "size": len(message.data)}
    log.error("dead letter that cannot be processed", extra=fields)


def _reason(error: Exception) -> str:
    fields = error.fields if isinstance(error, HeraldError) else ()
    return _cut_to_bytes("; ".join([str(error), *(f"{field.field}: {field.message}" for field in fields)]))


def _cut_to_bytes(text: str) -> str:
    """At most `MAX_REASON_BYTES` bytes of the text; a letter is not cut in two."""
    return text.encode()[:MAX_REASON_BYTES].decode(errors="ignore")


def decode_as(event: type[AnyEvent]) -> Callable[[PushMessage], AnyEvent]:
    """A function that reads a message as an event of this class."""
    return lambda message: event.decode(message.data)


async def _read_body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise TooLarge()
        chunks.append(chunk)
    return b"".join(chunks)


def parse_envelope(body: bytes) -> PushMessage:
    """The message in the body of a push request. Raises `Invalid`."""
    try:
        envelope = Envelope.model_validate_json(body)
    except ValidationError as error:
        raise Invalid("Not a Pub/Sub push request.", fields=field_errors(error)) from error
    return PushMessage(
        data=envelope.message.data,
        attributes=envelope.message.attributes,
        subscription=envelope.subscription.rpartition("/")[2],
        attempt=envelope.delivery_attempt,
        published_at=envelope.message.publish_time,
    )


def _retry_response(error: Exception) -> Response:
    return Response(str(error) or type(error).__name__, status_code=503)
