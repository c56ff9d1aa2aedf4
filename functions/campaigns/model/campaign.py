"""A campaign in requests, in the database and in responses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from common.addresses.topics import TopicName
from common.catalogue.channels import CHANNELS
from common.catalogue.vendors import VENDORS
from common.errors import NotFound, Refused
from common.events import MessageTemplate, Personalization, SimulationChoice, TrackingChoice, WritingStyle
from common.frequency_cap import CampaignFrequencyCap
from common.quiet_hours import CampaignQuietHours
from common.storage.documents import Documents, Snapshot
from common.web.given_by_herald import without_computed
from common.writing.sentences import MAX_SENTENCES, Sentence

from .audience import AudienceRequest, RuleResponse, rule_as_given
from .start_error import StartErrorCode
from .states import State


def _check_channel(name: str) -> str:
    if name not in CHANNELS:
        channels = {"channels": ", ".join(CHANNELS)}
        raise PydanticCustomError("unknown_channel", "There is no such channel. Available: {channels}", channels)
    return name


Channel = Annotated[str, AfterValidator(_check_channel), Field(json_schema_extra={"enum": [*CHANNELS]})]
VendorName = Annotated[str, Field(max_length=100, json_schema_extra={"enum": [*VENDORS]})]
"""A campaign that is saved or launched can use only the vendors that the deployment has: see `vendor_choice`."""
CampaignName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
PerMinute = Annotated[int, Field(ge=1, le=1_000_000, description="maximum number of messages per minute")]

Transactional = Annotated[
    bool,
    Field(
        description="a message that people need, such as a legal notice: it goes to people without a consent, too, and "
        "never to suppressed addresses. Only an admin may set it, and change such a campaign"
    ),
]

TOPIC = "what the message is about, one of `GET /api/topics`: who left it gets no message; null: none of them"

OnePerAddress = Annotated[
    bool,
    Field(description="of several customers with one address, only one gets the message; false for families"),
]

LocalHour = Annotated[
    int,
    Field(
        ge=0,
        le=23,
        description="the hour of each person's own day in which the message is sent, instead of quiet hours; null: any",
    ),
]
HoldoutPercent = Annotated[
    int,
    Field(
        ge=0,
        le=50,
        description="of those who would get the message, the share that is held out, to compare them with the others",
    ),
]

Sentences = Annotated[
    tuple[Sentence, ...],
    Field(
        max_length=MAX_SENTENCES,
        description="what Gemini puts texts together of, if `style.writing` is `sentences`; in a language without any, "
        "Gemini proposes some at the start",
    ),
]

ConversionDays = Annotated[
    int,
    Field(ge=1, le=30, description="an order counts for so many days after the message; null: as the deployment says"),
]


SAFE_STYLE = WritingStyle(writing="sentences")


def _safe_unless_said(style: WritingStyle) -> WritingStyle:
    """Gemini chooses among checked sentences, unless the request says that it shall write freely."""
    return style if "writing" in style.model_fields_set else style.model_copy(update={"writing": "sentences"})


COMPUTED = frozenset(
    {"id", "state", "archived", "start_at", "start_error", "start_error_code", "retrying", "created_at", "created_by"}
    | {
        "launched_at",
        "launched_by",
        "approved_by",
        "approved_at",
        "audience_at",
        "finished_at",
        "totals",
        "discrepancy",
    }
)
"""What campaigns have in responses, and no manager writes."""


class CampaignContent(AudienceRequest):
    """The audience of a campaign in a request, which may be a campaign as `GET` gives it."""

    @model_validator(mode="before")
    @classmethod
    def _as_given(cls, value: Any) -> Any:
        """Of a campaign with a segment, the segment is the audience; the text of a rule that is not valid is one."""
        given = without_computed(value, known_by={"id", "state", "created_at"}, computed=COMPUTED)
        if not isinstance(given, Mapping) or given is value:
            return given
        typed = {"text": given["rule_text"]} if given.get("rule_text") else {}
        rest = {name: one for name, one in given.items() if name != "rule_text"} | typed
        is_segment = bool(rest.get("segment_id"))
        return {name: one for name, one in rest.items() if name != "rule"} if is_segment else rule_as_given(rest)


class CreateCampaignRequest(CampaignContent):
    """A new campaign: a draft until it is launched. Anything may be missing until then: name, audience, message."""

    name: CampaignName = ""
    message: MessageTemplate = MessageTemplate()
    channel: Channel = "email"
    vendor: VendorName = "simulator"
    personalization: Personalization = "gemini"
    style: Annotated[WritingStyle, AfterValidator(_safe_unless_said)] = SAFE_STYLE
    sentences: Sentences = ()
    per_minute: PerMinute | None = None
    transactional: Transactional = False
    topic: TopicName | None = Field(default=None, description=TOPIC)
    one_per_address: OnePerAddress = True
    quiet_hours: CampaignQuietHours | None = None
    local_hour: LocalHour | None = None
    frequency_cap: CampaignFrequencyCap | None = None
    holdout_percent: HoldoutPercent = 0
    tracking: TrackingChoice = TrackingChoice()
    conversion_days: ConversionDays | None = None
    simulation: SimulationChoice | None = None


class UpdateCampaignRequest(CampaignContent):
    """Only the given fields change. An empty `text` takes the audience away."""

    name: CampaignName | None = None
    message: MessageTemplate | None = None
    channel: Channel | None = None
    vendor: VendorName | None = None
    personalization: Personalization | None = None
    style: WritingStyle | None = None
    sentences: Sentences | None = None
    per_minute: PerMinute | None = None
    transactional: Transactional | None = None
    topic: TopicName | None = Field(default=None, description=TOPIC)
    one_per_address: OnePerAddress | None = None
    quiet_hours: CampaignQuietHours | None = None
    local_hour: LocalHour | None = None
    frequency_cap: CampaignFrequencyCap | None = None
    holdout_percent: HoldoutPercent | None = None
    tracking: TrackingChoice | None = None
    conversion_days: ConversionDays | None = None
    simulation: SimulationChoice | None = None


class CampaignTotals(BaseModel):
    """The number of recipients by outcome. `audience` is the sum of the others."""

    audience: int
    sent: int
    failed: int
    skipped: int
    unknown: int = 0  # the vendor may have the message, and nobody can ask about it any more
    pending: int


class CounterMismatch(BaseModel):
    """Two numbers that must be equal, and are not."""

    counters: int
    ledger: int


class CampaignResponse(BaseModel):
    """One campaign. Its rule is frozen at the launch, also if the rule came from a segment."""

    id: str
    name: str
    segment_id: str | None = None
    rule: RuleResponse | None  # null in a draft without a valid audience
    rule_text: str | None = None  # in a draft: the text that was typed as its rule, while it is not valid
    message: MessageTemplate
    channel: str  # a name in `CHANNELS`
    vendor: str  # a name in `VENDORS`
    personalization: Personalization
    style: WritingStyle = WritingStyle()  # how Gemini writes
    sentences: tuple[Sentence, ...] | None = ()  # what it puts texts together of; null in lists
    per_minute: int | None = None
    transactional: bool = False  # it goes to people without a consent, too
    topic: str | None = None  # what the message is about; null: nothing that people can leave by itself
    one_per_address: bool = True  # of several customers with one address, only one gets a message
    quiet_hours: str | None = None  # of this campaign, or "off"; null: those of the deployment
    local_hour: int | None = None  # the hour of each person's own day in which the message is sent; null: any
    frequency_cap: str | None = None  # such as "3/7", or "off"; null: that of the deployment
    holdout_percent: int = 0  # of those who would get the message, the share that gets none
    tracking: TrackingChoice = TrackingChoice()
    conversion_days: int | None = None  # an order counts for so many days after the message; null: as in the settings
    simulation: SimulationChoice | None = None  # how the simulator behaves; null: as in the settings
    state: State
    archived: bool = False  # not in the list
    start_at: datetime | None = None  # only if scheduled
    start_error: str | None = None  # why the scheduled start failed; the start is retried every minute
    start_error_code: StartErrorCode | None = None  # the kind of that reason
    retrying: bool = False  # the failed messages to retry are still being collected
    created_at: datetime
    created_by: str
    launched_at: datetime | None = None
    launched_by: str | None = None
    approved_by: str | None = None  # a second person who may send, if somebody approved it as it is
    approved_at: datetime | None = None
    audience_at: datetime | None = None  # the audience is everybody whom the rule found at this moment
    finished_at: datetime | None = None
    totals: CampaignTotals | None = None  # if launched: until it is finished, only lists have them, as of now
    discrepancy: dict[str, CounterMismatch] | None = None  # by counter: it differs from the ledger

    @property
    def own_sentences(self) -> tuple[Sentence, ...]:
        """The sentences that a manager has put into it."""
        return self.sentences or ()

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> Self:
        rule = RuleResponse.from_snapshot(stored) if stored.get("rules") else None
        return cls.model_validate({**(stored.data or {}), "id": stored.id, "rule": rule})


class Campaign(CampaignResponse):
    """A campaign that has an audience: every scheduled or launched one."""

    rule: RuleResponse

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> Self:
        """Raises `Refused` for a draft without an audience."""
        if not stored.get("rules"):
            raise Refused("The campaign has no audience yet.")
        return super().from_snapshot(stored)


async def get_campaign_or_404(documents: Documents, campaign_id: str) -> Snapshot:
    """The stored campaign. Raises `NotFound`."""
    campaign = await documents.get(f"campaigns/{campaign_id}") if "/" not in campaign_id else None
    if campaign is None or not campaign.exists:
        raise NotFound(f"Not found: campaign {campaign_id!r}.")
    return campaign
