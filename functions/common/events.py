"""The messages between the functions: one class per kind of Pub/Sub message.

Events are in the past tense, commands in the imperative; both are frozen and versioned. Unknown fields are ignored and
new fields have defaults, so that old and new code can meet in the queue during a deployment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from common.catalogue.field_codes import field_code
from common.catalogue.languages import DEFAULT_TEXT, LANGUAGE_NAMES, language_named
from common.errors import FieldError, Invalid

ReceiptKind = Literal[
    "sent",
    "failed",
    "skipped",
    "unknown",
    "retried",
    "corrected",
    "delivered",
    "bounced",
    "complained",
    "opened",
    "clicked",
    "link_clicked",
    "machine_opened",
    "machine_clicked",
    "unsubscribed",
    "converted",
]
LIMIT_NAMES = ("max_length", "min_length", "le", "lt", "ge", "gt")
Personalization = Literal["gemini", "template"]
MessageId = str
MarkedPhrase = Annotated[str, StringConstraints(min_length=2, max_length=200)]
"""A part of a message that the manager marks as a fact, so that Gemini leaves it as it is: "Reply STOP"."""


def attempt_id(base_id: str, attempt: int) -> str:
    """`base_id` for the first attempt, `base_id.2` for the second, and so on."""
    return base_id if attempt == 1 else f"{base_id}.{attempt}"


class Event(BaseModel):
    """A JSON message for one Pub/Sub topic."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]
    version: Literal[1] = 1

    @property
    def message_ids(self) -> frozenset[MessageId]:
        """The messages that it is about."""
        return frozenset()

    def encode(self) -> bytes:
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Raises `Invalid`, naming each bad field."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            raise Invalid(f"Not a valid {cls.__name__}.", fields=field_errors(error)) from error


def field_errors(error: ValidationError) -> list[FieldError]:
    """Pydantic's errors as Herald's. `field` is a path such as `events.3.kind`, or `body` for the document itself."""
    return [
        FieldError(
            field=".".join(map(str, detail["loc"])) or "body",
            code=field_code(detail["type"]),
            message=detail["msg"],
            limit=error_limit(detail),
        )
        for detail in error.errors(include_url=False, include_input=False)
    ]


def error_limit(detail: Mapping[str, Any]) -> float | None:
    """The limit that pydantic's error names: a length or a number."""
    context = detail.get("ctx", {})
    limit = next((context[name] for name in LIMIT_NAMES if name in context), None)
    return limit if isinstance(limit, int | float) else None


class LanguageText(BaseModel):
    """The message in one language: subject and body are templates with fields such as `{{ name }}`.

    Both may be empty in a draft; the launch requires a body, and a subject on a channel that shows it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(default="", max_length=200)
    body: str = Field(default="", max_length=20_000)
    preview: str = Field(
        default="", max_length=200, description="of an e-mail: what mail programs show beside the subject; a template"
    )
    marked: tuple[MarkedPhrase, ...] | None = Field(default=None, max_length=50)  # facts that no rule would find


def _check_language(name: str) -> str:
    if name not in LANGUAGE_NAMES:
        languages = {"languages": ", ".join(LANGUAGE_NAMES)}
        raise PydanticCustomError("option", "There is no such language. Available: {languages}", languages)
    return name


MessageLanguage = Annotated[str, AfterValidator(_check_language), Field(json_schema_extra={"enum": [*LANGUAGE_NAMES]})]
MAX_LANGUAGES = 20


class MessageTemplate(LanguageText):
    """The message that a manager writes, and its texts for people of other languages.

    A person whose `attributes.language` is one of `languages` gets that text, everybody else the message itself.
    """

    languages: dict[MessageLanguage, LanguageText] | None = Field(
        default=None,
        max_length=MAX_LANGUAGES,
        exclude_if=lambda languages: languages is None,
        description="by language, the text for people whose `attributes.language` names it, in any case and of any "
        "region (`hi-IN` is `hi`). Everybody else gets the message itself. In a change, texts stay if this is left out",
    )

    @field_validator("languages")
    @classmethod
    def _none_if_empty(cls, languages: dict[str, LanguageText] | None) -> dict[str, LanguageText] | None:
        return languages or None

    @property
    def texts(self) -> Mapping[str, MessageTemplate]:
        """Each text alone: the default one first, then that of each language."""
        all_texts = {DEFAULT_TEXT: self, **(self.languages or {})}
        return {name: self._alone(text) for name, text in all_texts.items()}

    def language_for(self, fields: Mapping[str, Any]) -> str | None:
        """The name of the text for a person with these fields; None if the message is in one language only."""
        if not self.languages:
            return None
        attributes = fields.get("attributes")
        own = language_named(attributes.get("language")) if isinstance(attributes, Mapping) else None
        return own if own in self.languages else DEFAULT_TEXT

    def text_in(self, language: str | None) -> MessageTemplate:
        """The text of that name alone; the default one for None, and if there is none of that name."""
        return self._alone((self.languages or {}).get(language or "", self))

    @staticmethod
    def _alone(text: LanguageText) -> MessageTemplate:
        return MessageTemplate(subject=text.subject, body=text.body, preview=text.preview, marked=text.marked)


ForbiddenWord = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]
FieldName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


Writing = Literal["sentences", "free"]


class WritingStyle(BaseModel):
    """How Gemini writes the texts of a campaign. Without anything, as the message itself is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    writing: Writing = Field(
        default="free",
        description="sentences: Gemini only chooses among sentences that are checked before; free: it writes all. Not "
        "said, a new campaign has sentences, and a change keeps what it was",
    )
    tone: Literal["warm", "formal", "playful", "plain"] | None = None
    length: Literal["short", "long"] | None = None
    language: Literal["en", "hi", "person"] | None = Field(
        default=None, description="person: that of `attributes.language`; null: the language of the message"
    )
    instructions: str = Field(default="", max_length=1_000)
    forbidden_words: tuple[ForbiddenWord, ...] = Field(default=(), max_length=50)
    max_calls: int | None = Field(
        default=None, ge=0, le=10_000_000, description="of Gemini for this campaign; the others get the template"
    )
    variants_per_group: int | None = Field(
        default=None,
        ge=1,
        le=10,
        description="people with the same traits and slots share so many texts, each with their own values filled in; "
        "null: a text of their own for everybody",
    )
    allowed_fields: tuple[FieldName, ...] | None = Field(
        default=None, max_length=50, description="of a person, what Gemini may fit the text to; null: all that it can"
    )


UtmTag = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class UtmTags(BaseModel):
    """The tags that are added to the links of a mail, for the shop's own statistics. An empty one is not added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: UtmTag = "herald"
    medium: UtmTag = "email"
    campaign: UtmTag = ""


class TrackingChoice(BaseModel):
    """Whether a campaign learns who opens its mails and follows their links, and how these are tagged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool | None = Field(default=None, description="null: as the deployment does (`TRACKING`)")
    utm: UtmTags | None = Field(
        default=None, description="tags that are added to links which do not have them; null: links stay as they are"
    )


class SimulationChoice(BaseModel):
    """How the vendor `simulator` behaves for one campaign. What is null is as in the settings of the deployment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    success_share: float | None = Field(
        default=None, ge=0, le=1, description="of the messages that are reported as sent"
    )
    latency_seconds: float | None = Field(default=None, ge=0, le=10, description="until it takes a message")
    duplicate_share: float | None = Field(default=None, ge=0, le=1, description="of the reports that come twice")
    reorder_seconds: float = Field(default=0, ge=0, le=10, description="reports come up to so much later, out of order")
    outage_seconds: int = Field(default=0, ge=0, le=50, description="of each minute, for which it is down")


class ProcessImportShard(Event):
    """Process one shard of an import, starting at a chunk; or undo one part of it."""

    topic: ClassVar[str] = "ingest"

    import_id: str = Field(pattern=r"^[0-9a-f]{1,64}$")
    action: Literal["write", "undo"] = "write"
    shard: int = Field(ge=0, lt=64)  # or the part of the undo
    chunk: int = Field(default=0, ge=0)


class PlanAudience(Event):
    """Find the audience of a campaign, and publish the fan-out of each bucket."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["plan"]
    campaign_id: str


class FanOut(Event):
    """Publish a `RecipientSelected` for each recipient of one bucket, starting at a page."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["fan_out"] = "fan_out"
    campaign_id: str
    bucket: int = Field(ge=0)
    page: int = Field(default=0, ge=0)


RetryScope = Literal["failed", "unknown", "unknown_as_failed"]
"""What a retry is about: send failed messages again, send those again whose fate is unknown, or record these as failed.
"""
RETRY_SHARDS = 16


class Retry(Event):
    """Send one shard of the messages again that failed for a temporary reason, starting after a receipt."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["retry"]
    campaign_id: str
    round: int = Field(default=1, ge=1)  # counts the campaign's retries; what fails again waits for the next one
    scope: RetryScope = "failed"
    shard: int | None = Field(default=None, ge=0, lt=RETRY_SHARDS)  # by message id; None: start all shards
    after: str | None = None  # the id of the last receipt that was processed


class CheckMessages(Event):
    """Find the lost messages of one bucket, starting at a page, or at a receipt of the later attempts."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["check"]
    campaign_id: str
    bucket: int = Field(ge=0)
    page: int | None = Field(default=0, ge=0)  # None after the last page
    after: str | None = None  # the id of the last receipt of a later attempt that was checked


class FinishCampaign(Event):
    """Finish a campaign if nothing is pending any more: its last outcome was recorded, or it was paused."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["finish"]
    campaign_id: str


class CountSegments(Event):
    """Store how many customers are in each segment today, starting after a segment."""

    topic: ClassVar[str] = "fan-outs"

    command: Literal["count_segments"]
    after: str | None = None  # the id of the last segment that was counted


class Tick(Event):
    """The scheduler's period has passed."""

    topic: ClassVar[str] = "ticks"

    at: datetime | None = None  # when it was published; Pub/Sub knows it, so that the publisher need not


class AuditTick(Event):
    """A minute has passed: the audit log is looked after."""

    topic: ClassVar[str] = "audit-ticks"


class EventTick(Event):
    """A minute has passed: webhooks are sent what has happened."""

    topic: ClassVar[str] = "event-ticks"


class RecipientSelected(Event):
    """One recipient of a campaign, with everything that is needed to write the message."""

    topic: ClassVar[str] = "recipients"

    message_id: MessageId
    attempt: int = 1
    retry_of_attempt: int | None = None  # an earlier attempt that the vendor may have accepted: its key is used
    campaign_id: str
    customer_id: str
    name: str | None = None
    to: str  # the address on the campaign's channel
    fields: dict[str, Any]  # the values for the message's fields: see `common/messages/templates.py`
    message: MessageTemplate  # in the recipient's language
    language: str | None = None  # which of the campaign's texts that is; None if it has only one
    channel: str
    vendor: str
    personalization: Personalization
    style: WritingStyle = WritingStyle()  # how Gemini writes, but for `writing`
    writing: Writing = "free"  # of the style: an earlier version refuses a style with a field that it does not know
    address_checked_at: datetime | None = None  # the time at which messages could go to the address
    transactional: bool = False  # it needs no consent, for example a receipt or a legal notice
    consent_topic: str | None = None  # what it is about (`topic` is that of Pub/Sub): who left it gets no message
    shares_inbox: bool = False  # other messages of the campaign may go to the same address
    timezone: str | None = None  # the recipient's own
    quiet_hours: str | None = None  # the campaign's: see `common/quiet_hours.py`
    local_hour: int | None = None  # the campaign's: the hour of the recipient's day in which it is sent
    per_minute: int | None = Field(default=None, ge=1)  # the campaign's rate

    @property
    def writing_style(self) -> WritingStyle:
        """The whole style."""
        return self.style.model_copy(update={"writing": self.writing})

    @field_serializer("style")
    def _without_writing(self, style: WritingStyle) -> dict[str, Any]:
        return style.model_dump(exclude={"writing"}, exclude_none=True)

    @property
    def message_ids(self) -> frozenset[MessageId]:
        return frozenset({self.message_id})

    def as_skipped(self, reason: str) -> MessageReady:
        """The same message without a text; delivery skips it."""
        shared = self.model_dump(include={*MessageReady.model_fields})
        return MessageReady(**shared, subject="", body="", personalized_by="template", skip_reason=reason)


class MessageReady(Event):
    """One recipient's personalized message, ready for delivery."""

    topic: ClassVar[str] = "deliveries"

    message_id: MessageId
    attempt: int = 1
    retry_of_attempt: int | None = None  # an earlier attempt that the vendor may have accepted: its key is used
    ask_again: bool = False  # send it although the vendor has accepted it: the vendor's report is missing
    delivery_tries: int = 0  # how often the vendor was unavailable for this attempt
    campaign_id: str
    customer_id: str
    name: str | None = None
    to: str
    subject: str
    body: str
    preview: str | None = None  # of an e-mail: what mail programs show beside the subject
    language: str | None = None  # which of the campaign's texts it is; None if it has only one
    channel: str
    vendor: str
    personalized_by: Personalization
    fallback: str | None = None  # the reason why the template was used instead of Gemini's text
    mended: str | None = None  # the reason why sentences of Gemini's text were replaced
    refused_text: str | None = None  # the beginning of Gemini's text, or the sentences, if that is the reason
    skip_reason: str | None = None  # the reason not to send it; ignored where it may have been sent already
    address_checked_at: datetime | None = None  # the time at which messages could go to the address
    transactional: bool = False  # it needs no consent, for example a receipt or a legal notice
    consent_topic: str | None = None  # what it is about (`topic` is that of Pub/Sub): who left it gets no message
    shares_inbox: bool = False  # other messages of the campaign may go to the same address
    timezone: str | None = None  # the recipient's own
    quiet_hours: str | None = None  # the campaign's: see `common/quiet_hours.py`
    local_hour: int | None = None  # the campaign's: the hour of the recipient's day in which it is sent
    per_minute: int | None = Field(default=None, ge=1)  # the campaign's rate
    tracking: TrackingChoice = TrackingChoice()  # of the campaign, as delivery has read it
    frequency_cap: str | None = None  # the same; `off`: the message only counts
    simulation: SimulationChoice | None = None  # the same; of the vendor `simulator`

    @property
    def message_ids(self) -> frozenset[MessageId]:
        return frozenset({self.message_id})

    @property
    def attempt_id(self) -> str:
        """The id of this attempt, which has an outcome of its own."""
        return attempt_id(self.message_id, self.attempt)

    @property
    def idempotency_attempt(self) -> int:
        """The attempt number that the vendor sees: the earlier one, if the vendor may have accepted that."""
        return self.retry_of_attempt or self.attempt

    @property
    def idempotency_key(self) -> str:
        """The idempotency key for the vendor, and the id of the claim: two attempts with one key share it."""
        return attempt_id(self.message_id, self.idempotency_attempt)

    def as_skipped(self, reason: str) -> MessageReady:
        """With a reason to skip it. If it was claimed before, it may have been sent, and delivery asks the vendor."""
        return self.model_copy(update={"skip_reason": self.skip_reason or reason})


class Receipt(BaseModel):
    """One fact about one message, such as "sent" or "opened"."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: MessageId = Field(pattern=r"^[0-9a-f]{32}$")
    campaign_id: str = Field(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z_-]+$")
    customer_id: str = Field(min_length=1, max_length=100)
    attempt: int = Field(default=1, ge=1)
    kind: ReceiptKind
    at: datetime
    reason: str | None = Field(default=None, max_length=1000)
    permanent: bool = False  # a failure that a retry cannot fix; of `retried` and `corrected`: the replaced one was
    blames_address: bool = True  # of `bounced`: if it was the text, or the network, the address keeps its good name
    retry_of_attempt: int | None = None  # the attempt that the vendor may have accepted: a retry uses its key
    replaces: ReceiptKind | None = None  # of `retried` and `corrected`: the outcome of the attempt before
    round: int | None = None  # of `retried`: the retry that opened the attempt
    name: str | None = None  # the recipient's name, where no claim has it
    to: str | None = None
    link: str | None = Field(default=None, pattern=r"^[0-9a-z]{1,20}$")  # of `link_clicked`: which one
    address_hash: str | None = Field(  # of `unsubscribed`: keyed hash of the address that the message went to
        default=None, pattern=r"^[0-9a-f]{40}$"
    )
    tracked: bool = False  # Herald saw it itself: somebody followed a link of the message, or loaded its image


class OptOut(BaseModel):
    """An address is to get no more messages: someone told a vendor so, such as by answering STOP, or it refused the
    mail of a form."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    channel: str = Field(min_length=1, max_length=50)
    to: str = Field(min_length=1, max_length=500)  # the address
    vendor: str = Field(max_length=50)
    reason: ReceiptKind = "unsubscribed"  # of the suppression
    id: str | None = Field(default=None, pattern=r"^[0-9a-f]{32}$")  # the same when the vendor reports it again


class TopicChoice(BaseModel):
    """Which topics the reader of a message wants, as they chose on the page behind its link."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: MessageId = Field(pattern=r"^[0-9a-f]{32}$")
    campaign_id: str = Field(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z_-]+$")
    customer_id: str = Field(min_length=1, max_length=100)
    attempt: int = Field(default=1, ge=1)
    address_hash: str = Field(pattern=r"^[0-9a-f]{40}$")  # of the address that the message went to
    at: datetime
    wanted: dict[str, bool] = Field(max_length=50)  # by topic


class ReceiptsReported(Event):
    """Receipts from a vendor's callback, from fan-out or from delivery; opt-outs, which are about no message; and what
    readers chose on the pages of their messages."""

    topic: ClassVar[str] = "receipts"

    receipts: list[Receipt] = Field(max_length=1000)
    opt_outs: list[OptOut] = Field(default=[], max_length=1000)
    topic_choices: list[TopicChoice] = Field(default=[], max_length=100)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.receipts or self.opt_outs or self.topic_choices):
            raise ValueError("there is no receipt, no opt-out and no choice")
        return self

    @property
    def message_ids(self) -> frozenset[MessageId]:
        return frozenset(receipt.message_id for receipt in self.receipts)
