"""Evaluates a rule over HTTP: preview while it is typed, explanation for one customer, histogram of a field."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from fastapi import Request
from pydantic import BaseModel, Field, JsonValue
from pydantic_core import PydanticCustomError

from common.addresses.topics import TopicName
from common.audience import CustomerRow
from common.audience.explain import explain
from common.audience.histogram import Histogram, histogram
from common.audience.preview import preview
from common.audience.reader import query_time_limit
from common.errors import FieldError, Invalid
from common.money import to_major_units
from common.rules import Language, Rule, describe, to_text
from common.web.app import cancel_on_disconnect
from common.web.auth import Viewer, guarded_router
from common.web.rate_limits import costs

from ..model.audience import RuleRequest, resolve_rule
from ..model.campaign import Channel
from ..reports.rule_notes import RuleNote, notes_on_rule
from ..reports.rule_parts import PartCount, PartMatch
from ..sending.recipients import unknown_consent_rule
from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/segments", tag="segments")
MAX_SAMPLES = 5


class PreviewRequest(RuleRequest):
    """The rule to count, and the language of its description."""

    channel: Channel = "email"  # for `excluded`
    topic: TopicName | None = None  # for `excluded`: what the message is about
    transactional: bool = False  # for `excluded`: whether a consent is not needed
    one_per_address: bool = True  # for `excluded`: whether only one of those who share an address gets a message
    language: Language = "en"  # of `words`


class SampleCustomer(BaseModel):
    """One of the customers who match the rule."""

    id: str
    name: str | None
    email: str | None
    spend: float  # in the deployment's currency
    visits: int
    last_active_at: datetime | None

    @classmethod
    def from_row(cls, row: CustomerRow) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            email=row.email,
            spend=to_major_units(row.spend or 0),
            visits=row.visits or 0,
            last_active_at=row.last_active_at,
        )


class PreviewResponse(BaseModel):
    """A rule as tree, text and words, and the customers who match it now."""

    rules: dict[str, JsonValue]
    text: str
    words: str
    count: int
    parts: list[PartCount]  # the whole rule first, and each part before the parts that it consists of
    excluded: dict[str, int]  # of the matching customers, how many would get no message, by reason
    unknown_consent: int  # of the others, how many of whom nobody knows whether they agreed
    notes: list[RuleNote]  # whom the rule leaves out that its author may not expect
    samples: list[SampleCustomer]


class SegmentExplanationRequest(RuleRequest):
    """The rule, and the customer that it is explained for."""

    customer_id: str = Field(max_length=100)
    language: Language = "en"


class SegmentExplanation(BaseModel):
    """Whether the customer matches the rule, part by part."""

    matches: bool
    parts: list[PartMatch]


class HistogramRequest(RuleRequest):
    """The rule, and the field whose values are counted."""

    field: str = Field(max_length=1_000)
    bins: int = Field(default=20, ge=2, le=100)


class HistogramBin(BaseModel):
    """A range of values, and how many customers have a value in it."""

    low: float | datetime  # inclusive
    high: float | datetime  # exclusive
    count: int


class ValueCount(BaseModel):
    """A value, and how many customers have it."""

    value: str
    count: int


class HistogramResponse(BaseModel):
    """Bins for a field with numbers or dates; the most frequent values for other fields."""

    count: int  # of the customers who match the rule
    missing: int  # of these, how many have no value
    bins: list[HistogramBin]
    values: list[ValueCount]
    others: int  # of these, how many have a value that is not in `values`

    @classmethod
    def from_histogram(cls, result: Histogram) -> Self:
        return cls(
            count=result.count,
            missing=result.missing,
            bins=[HistogramBin(low=bin_.low, high=bin_.high, count=bin_.count) for bin_ in result.bins],
            values=[ValueCount(value=value, count=count) for value, count in result.values],
            others=result.others,
        )


@router.post("/preview", operation_id="preview_segment", dependencies=costs(3))
async def preview_segment(
    body: PreviewRequest, request: Request, services: ServicesDep, member: Viewer
) -> PreviewResponse:
    """The exact number of customers who match a rule now, the number for each part, the excluded ones, and samples.

    If the client disconnects, because the rule has changed since, the work is cancelled.
    """
    return await cancel_on_disconnect(request, _preview(body, services))


async def _preview(body: PreviewRequest, services: CampaignServices) -> PreviewResponse:
    """Count the customers who match the rule, the parts of the rule, and who would be excluded."""
    rule = await resolve_rule(body, services.documents, services.currency)
    await services.audience.refresh()
    excluding = await services.exclusions.on_channel(
        body.channel, body.topic, transactional=body.transactional, one_per_address=body.one_per_address
    )
    with query_time_limit():
        result = await preview(
            services.audience,
            rule,
            services.clock(),
            exclusion_rules=excluding.rules,
            samples=MAX_SAMPLES,
            once=excluding.once,
            marked=None if body.transactional else unknown_consent_rule(body.channel, body.topic),
        )
        notes = await notes_on_rule(services, rule, result.count)
    return PreviewResponse(
        rules=rule.model_dump(mode="json"),
        text=to_text(rule),
        words=describe(rule, services.currency, body.language),
        count=result.count,
        parts=[PartCount.from_part(part, count, services.currency, body.language) for part, count in result.parts],
        excluded=result.excluded,
        unknown_consent=result.marked,
        notes=notes,
        samples=[SampleCustomer.from_row(row) for row in result.samples],
    )


@router.post("/explanation", operation_id="explain_segment", dependencies=costs(2))
async def explain_segment(body: SegmentExplanationRequest, services: ServicesDep, member: Viewer) -> SegmentExplanation:
    """Why one customer matches a rule or not: for each part, whether it matches, and the customer's value."""
    rule = await resolve_rule(body, services.documents, services.currency)
    await services.audience.refresh()
    with query_time_limit():
        results = await explain(services.audience, rule, services.clock(), body.customer_id)
    parts = [PartMatch.from_result(result, services.currency, body.language) for result in results]
    return SegmentExplanation(matches=parts[0].matches, parts=parts)


@router.post("/histogram", operation_id="segment_histogram", dependencies=costs(3))
async def segment_histogram(
    body: HistogramRequest, request: Request, services: ServicesDep, member: Viewer
) -> HistogramResponse:
    """The distribution of a field over the customers who match a rule."""
    return await cancel_on_disconnect(request, _histogram(body, services))


async def _histogram(body: HistogramRequest, services: CampaignServices) -> HistogramResponse:
    """Count the values of a field among the customers who match the rule. Raises `Invalid` for an unknown field."""
    rule: Rule = await resolve_rule(body, services.documents, services.currency)
    await services.audience.refresh()
    try:
        with query_time_limit():
            result = await histogram(services.audience, rule, services.clock(), body.field, bins=body.bins)
    except PydanticCustomError as error:
        field_error = FieldError(field="field", code=error.type, message=error.message())
        raise Invalid("The field does not exist.", fields=[field_error]) from None
    return HistogramResponse.from_histogram(result)
