"""What a campaign would cost and how long it would take, before it is launched. Gemini is not asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import ceil

from pydantic import BaseModel

from common.audience import CustomerRow
from common.audience.reader import query_time_limit
from common.messages.plain_values import plain_fields
from common.messages.slots import cut_message
from common.messages.templates import validate_template
from common.rules import Rule
from common.writing.forecast import TokenForecast, forecast
from common.writing.sentences import Sentence, SentenceSet
from common.writing.tasks import WritingTask, create_task

from ..model.campaign import CampaignResponse
from ..sending.language_choice import text_for
from ..sending.recipients import message_fields
from ..services import CampaignServices
from .checklist import count_recipients, require_audience
from .message_preview import MissingField, sample_recipients
from .segments import SegmentEstimate, measure_segments
from .waiting import WaitingEstimate, estimate_waiting

SAMPLE = 30  # people whose prompts are measured


class GeminiEstimate(BaseModel):
    """What Gemini would be asked. Texts that are refused and asked for again are not in it."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None  # in the currency; null if the deployment does not know its exchange rate (`USD_RATE`)


class CampaignEstimate(BaseModel):
    """Whom a launch would reach now, what that costs, and how long it takes. The vendor's price is not in it."""

    reachable: int
    currency: str  # ISO 4217
    gemini: GeminiEstimate | None  # null if Gemini is not asked
    per_minute: int | None  # the lower of the campaign's and the vendor's rate; null without either
    seconds: int | None  # at that rate
    missing: list[MissingField]
    segments: SegmentEstimate | None = None  # on the channel `sms`
    waiting: WaitingEstimate  # for the quiet hours or the campaign's hour to be over


async def estimate_campaign(
    services: CampaignServices, campaign: CampaignResponse, *, start_at: datetime | None = None
) -> CampaignEstimate:
    """For a launch now, or a start at that time. Raises `Invalid` if the message or the audience is not valid."""
    validate_template(campaign.message)
    rule = await require_audience(services, campaign)
    recipients = await count_recipients(services, campaign, rule)
    sample = await sample_recipients(services, campaign, rule, people=SAMPLE)
    tasks = _tasks(services, campaign, [person.row for person in sample.people])
    rate = _rate(campaign, services.vendor_rates)
    asks = campaign.personalization == "gemini"
    return CampaignEstimate(
        reachable=recipients.reachable,
        currency=services.currency,
        gemini=_gemini(services, forecast(tasks, recipients.reachable)) if asks else None,
        per_minute=rate,
        seconds=ceil(60 * recipients.reachable / rate) if rate else None,
        missing=MissingField.from_counts(sample.missing),
        segments=measure_segments(services, campaign, [person.row for person in sample.people], recipients.reachable),
        waiting=await _waiting(services, campaign, rule, start_at or services.clock()),
    )


async def _waiting(
    services: CampaignServices, campaign: CampaignResponse, rule: Rule, start: datetime
) -> WaitingEstimate:
    """Several people with one address count each."""
    excluding = await services.exclusions.of(campaign)
    with query_time_limit():
        return await estimate_waiting(
            services.audience,
            campaign,
            rule,
            excluding.all_rules,
            times=services.send_times,
            start=max(start, services.clock()),
            per_minute=_rate(campaign, services.vendor_rates),
        )


def _tasks(services: CampaignServices, campaign: CampaignResponse, rows: Sequence[CustomerRow]) -> list[WritingTask]:
    """What Gemini would be asked for these people; nothing where it cannot be asked."""
    tasks = []
    for row in rows:
        values = plain_fields(message_fields(row, services.currency, services.zone)).values
        text = text_for(campaign.message, campaign.style, values)
        message, today = cut_message(text.template, values), services.clock().date()
        tasks.append(
            create_task(row.id, campaign.id, message, values, style=text.style, house=services.house_rules, today=today)
        )
    return [_with_sentences(task, campaign.own_sentences) for task in tasks if isinstance(task, WritingTask)]


def _with_sentences(task: WritingTask, sentences: Sequence[Sentence]) -> WritingTask:
    """With those of the campaign in the task's language, if there are any; else Gemini has to propose some."""
    own = [sentence for sentence in sentences if sentence.language == task.language]
    return replace(task, sentences=SentenceSet.create(own)) if own and task.from_sentences else task


def _gemini(services: CampaignServices, tokens: TokenForecast) -> GeminiEstimate:
    used = {"input_tokens": tokens.input_tokens, "output_tokens": tokens.output_tokens}
    prices = services.token_prices
    return GeminiEstimate(calls=tokens.calls, **used, cost=prices.cost(**used) if prices else None)


def _rate(campaign: CampaignResponse, vendor_rates: Mapping[str, int]) -> int | None:
    rates = [rate for rate in (campaign.per_minute, vendor_rates.get(campaign.vendor)) if rate]
    return min(rates, default=None)
