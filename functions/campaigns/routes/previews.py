"""What a rule finds, over HTTP: while it is typed, for one person, and over a field."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, JsonValue
from pydantic_core import PydanticCustomError

from common.audience import Row
from common.audience.explain import explained
from common.audience.histogram import Histogram, histogram
from common.audience.preview import previewed
from common.errors import FieldError, Invalid
from common.money import decimal
from common.rules import Language, Rule, in_words, write
from common.web.app import while_awaited
from common.web.auth import Viewer

from ..app import Services, With
from ..model.audience import RuleIn, complete_rule
from ..model.campaign import Channel
from ..reports.rule_parts import PartCount, PartVerdict
from ..sending.recipients import reasons

router = APIRouter(prefix="/api/segments", tags=["segments"])
SAMPLES = 5


class PreviewIn(RuleIn):
    channel: Channel = "email"  # on which it would be written to them
    language: Language = "en"  # of the words


class Sample(BaseModel):
    id: str
    name: str | None
    email: str | None
    spend: float  # in the deployment's currency
    visits: int
    last_active_at: datetime | None

    @classmethod
    def of(cls, row: Row) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            email=row.email,
            spend=decimal(row.spend or 0),
            visits=row.visits or 0,
            last_active_at=row.last_active_at,
        )


class Preview(BaseModel):
    """What a rule is, in each way to write it, and who it finds at this moment."""

    rules: dict[str, JsonValue]
    text: str
    words: str
    count: int
    parts: list[PartCount]  # the rule as a whole first, each part before what it is made of
    left_out: dict[str, int]  # of those, how many would not be written to, by reason
    samples: list[Sample]


class WhyIn(RuleIn):
    customer_id: str = Field(max_length=100)
    language: Language = "en"


class Why(BaseModel):
    matches: bool
    parts: list[PartVerdict]


class HistogramIn(RuleIn):
    field: str = Field(max_length=1_000)
    bins: int = Field(default=20, ge=2, le=100)


class BinOut(BaseModel):
    low: float | datetime  # from here on
    high: float | datetime  # and before this
    count: int


class ValueCount(BaseModel):
    value: str
    count: int


class HistogramOut(BaseModel):
    """Bins where the field has numbers or dates, else the most frequent values."""

    count: int  # of the people whom the rule finds
    missing: int  # of those, without a value
    bins: list[BinOut]
    values: list[ValueCount]
    others: int  # with another value than these

    @classmethod
    def of(cls, found: Histogram) -> Self:
        return cls(
            count=found.count,
            missing=found.missing,
            bins=[BinOut(low=one.low, high=one.high, count=one.count) for one in found.bins],
            values=[ValueCount(value=value, count=count) for value, count in found.values],
            others=found.others,
        )


@router.post("/preview", operation_id="preview_segment")
async def preview_segment(given: PreviewIn, request: Request, services: With, member: Viewer) -> Preview:
    """Who a rule finds now: the exact count, what each part matches, who would be left out and why, and a few of them.

    A caller who hangs up, because something newer was typed, stops the work.
    """
    return await while_awaited(request, _preview(given, services))


async def _preview(given: PreviewIn, services: Services) -> Preview:
    rule = await complete_rule(given, services.documents)
    await services.audience.refresh()
    found = await previewed(services.audience, rule, services.clock(), reasons=reasons(given.channel), samples=SAMPLES)
    return Preview(
        rules=rule.model_dump(mode="json"),
        text=write(rule),
        words=in_words(rule, services.currency, given.language),
        count=found.count,
        parts=[PartCount.of(part, count, services.currency, given.language) for part, count in found.parts],
        left_out=found.left_out,
        samples=[Sample.of(row) for row in found.samples],
    )


@router.post("/why", operation_id="explain_segment")
async def explain_segment(given: WhyIn, services: With, member: Viewer) -> Why:
    """Why one customer is found by a rule, or is not: each part, whether it is true of them, and what they have."""
    rule = await complete_rule(given, services.documents)
    await services.audience.refresh()
    verdicts = await explained(services.audience, rule, services.clock(), given.customer_id)
    parts = [PartVerdict.of(one, services.currency, given.language) for one in verdicts]
    return Why(matches=parts[0].matches, parts=parts)


@router.post("/histogram", operation_id="histogram_of_segment")
async def histogram_of_segment(given: HistogramIn, request: Request, services: With, member: Viewer) -> HistogramOut:
    """How the values of a field are spread over those whom a rule finds."""
    return await while_awaited(request, _histogram(given, services))


async def _histogram(given: HistogramIn, services: Services) -> HistogramOut:
    rule: Rule = await complete_rule(given, services.documents)
    await services.audience.refresh()
    try:
        found = await histogram(services.audience, rule, services.clock(), given.field, bins=given.bins)
    except PydanticCustomError as error:
        place = FieldError(field="field", code=error.type, message=error.message())
        raise Invalid("There is no such field.", fields=[place]) from None
    return HistogramOut.of(found)
