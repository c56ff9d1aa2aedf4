"""What the functions tell each other: one class per message on a topic.

Events are in the past tense, commands in the imperative; both are frozen and versioned. Fields they do not know are
ignored and new ones have defaults, so that old and new code can meet in the queue during a deployment.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.errors import FieldError, Invalid

ReceiptKind = Literal[
    "sent",
    "failed",
    "skipped",
    "retried",
    "delivered",
    "bounced",
    "complained",
    "opened",
    "clicked",
    "unsubscribed",
    "converted",
]
Personalization = Literal["gemini", "template"]
MessageId = str


def attempt_id(of: str, attempt: int) -> str:
    """The first attempt has the plain id, later ones a number behind it."""
    return of if attempt == 1 else f"{of}.{attempt}"


class Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]
    version: Literal[1] = 1

    def encode(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises `Invalid`, naming each bad field."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise Invalid(f"This is no {cls.__name__}.", fields=field_errors(error)) from error


def field_errors(error: ValidationError) -> list[FieldError]:
    """Pydantic's findings in the shape of Herald's."""
    return [
        FieldError(field=".".join(str(part) for part in one["loc"]) or "body", code=one["type"], message=one["msg"])
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]


class Message(BaseModel):
    """What a manager writes: a subject and a body with `{{ name }}`-style fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=20_000)


class ImportLane(Event):
    """Work off one lane of an import, from a parcel on."""

    topic: ClassVar[str] = "ingest"

    import_id: str = Field(pattern=r"^[0-9a-f]{1,64}$")
    lane: int = Field(ge=0, lt=64)
    parcel: int = Field(default=0, ge=0)


class FanOut(Event):
    """Find the people of one bucket and publish a `RecipientFound` for each, from one page on."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["fan_out"] = "fan_out"
    campaign_id: str
    bucket: int = Field(ge=0)
    page: int = Field(default=0, ge=0)


class Retry(Event):
    """Send again to those whose message failed and may work another time, from one receipt on."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["retry"]
    campaign_id: str
    round: int = Field(default=1, ge=1)  # how often it was asked for; later attempts that fail wait for the next time
    after: str | None = None  # the id of the last receipt that was looked at


class Tick(Event):
    """Time has passed."""

    topic: ClassVar[str] = "ticks"


class RecipientFound(Event):
    """One person of a campaign's audience, with all that is needed to write to them."""

    topic: ClassVar[str] = "recipients"

    message_id: MessageId
    attempt: int = 1
    campaign_id: str
    customer_id: str
    name: str | None = None
    to: str  # the address on the campaign's channel
    fields: dict[str, Any]  # what the message may say about the person: see `common/messages/templates.py`
    message: Message
    channel: str
    vendor: str
    personalization: Personalization
    checked_at: datetime | None = None  # when the address was not suppressed

    def skipped(self, reason: str) -> MessagePersonalized:
        """Goes on without a text."""
        known = self.model_dump(include={*MessagePersonalized.model_fields})
        return MessagePersonalized(**known, subject="", body="", personalized_by="template", skip=reason)


class MessagePersonalized(Event):
    """One person's own text, ready to be delivered."""

    topic: ClassVar[str] = "deliveries"

    message_id: MessageId
    attempt: int = 1
    asked: int | None = None  # the earlier attempt under whose key the vendor is asked: it may have that one
    tries: int = 0  # how often the vendor was down for this attempt
    campaign_id: str
    customer_id: str
    name: str | None = None
    to: str
    subject: str
    body: str
    channel: str
    vendor: str
    personalized_by: Personalization
    fallback: str | None = None  # why the template was used although Gemini was asked for
    skip: str | None = None  # why it is not to be sent, unless it was already
    checked_at: datetime | None = None  # when the address was not suppressed

    @property
    def claim_id(self) -> str:
        """One for each attempt."""
        return attempt_id(self.message_id, self.attempt)

    @property
    def known_attempt(self) -> int:
        """As which the vendor knows this one: an attempt that it may have taken is not made another."""
        return self.asked or self.attempt

    @property
    def key(self) -> str:
        """The idempotency key that the vendor is given."""
        return attempt_id(self.message_id, self.known_attempt)

    def skipped(self, reason: str) -> MessagePersonalized:
        """Unless it was claimed before: then it may have been sent, and the vendor is asked."""
        return self.model_copy(update={"skip": self.skip or reason})


class Receipt(BaseModel):
    """Something that happened to one message."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: MessageId = Field(pattern=r"^[0-9a-f]{32}$")
    campaign_id: str = Field(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z_-]+$")
    customer_id: str = Field(min_length=1, max_length=100)
    attempt: int = Field(default=1, ge=1)
    kind: ReceiptKind
    at: datetime
    reason: str | None = Field(default=None, max_length=1000)
    permanent: bool = False  # a failure that trying again would not mend
    asked: int | None = None  # the attempt that the vendor may have taken all the same; trying again asks for that one
    name: str | None = None  # of the person, where there is no claim that knows it
    to: str | None = None


class ReceiptsReported(Event):
    """Receipts that a vendor's callback, fan-out or delivery brought, together."""

    topic: ClassVar[str] = "receipts"

    receipts: list[Receipt] = Field(min_length=1, max_length=1000)
