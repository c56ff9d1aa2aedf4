"""How many texts Gemini wrote, and why the template was used for the others."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Literal

from pydantic import BaseModel

from common.catalogue.failures import reason_group
from common.llm.usage import TokenUsage
from common.storage.documents import Query, Snapshot, Where

from ..model.campaign import CampaignResponse
from ..services import CampaignServices

MAX_EXAMPLES = 3  # of each reason
MAX_READ = 1_000
"""The messages whose reason is read: more would cost too much each time that somebody looks at a campaign."""


class FallbackReason(BaseModel):
    """Why the template was used, or a sentence replaced, and how often."""

    reason: str
    count: int
    examples: list[str]  # beginnings of Gemini's texts that were refused for it, with slots such as ⟦offer⟧


class UsedTokens(BaseModel):
    """What Gemini was asked for a campaign so far. Previews and tests are not in it."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None  # in the deployment's currency; null if it does not know its exchange rate
    currency: str
    max_calls: int | None  # the campaign's own cap


class Fallbacks(BaseModel):
    """Who wrote the texts of a campaign."""

    by_gemini: int
    by_template: int  # also where the campaign did not ask for Gemini
    reasons: list[FallbackReason]  # the most frequent first
    mended: int = 0  # of those by Gemini, texts in which sentences were left out or replaced by the manager's
    mended_reasons: list[FallbackReason] = []  # of the first 1,000 of these, with the sentences that were replaced
    used: UsedTokens
    complete: bool  # false: only the first 1,000 texts by template were read for `reasons`


async def count_fallbacks(services: CampaignServices, campaign: CampaignResponse) -> Fallbacks:
    """Counts the claims: three counts, and at most twice `MAX_READ` reads. One that was tried again counts again."""
    documents, campaign_id = services.documents, campaign.id
    by_gemini = _query(campaign_id, "gemini")
    by_template = _query(campaign_id, "template")
    mended = _mended(campaign_id)
    gemini, template, claims, usage, mended_texts, mended_claims = await asyncio.gather(
        documents.sums(by_gemini, []),
        documents.sums(by_template, []),
        documents.query(_query(campaign_id, "template", limit=MAX_READ)),
        services.usage.get(campaign_id),
        documents.sums(mended, []),
        documents.query(replace(mended, limit=MAX_READ, fields=("mended", "refused_text"))),
    )
    return Fallbacks(
        by_gemini=gemini["count"],
        by_template=template["count"],
        reasons=_reasons(claims, "fallback"),
        mended=mended_texts["count"],
        mended_reasons=_reasons(mended_claims, "mended"),
        used=_used(services, usage, campaign.style.max_calls),
        complete=template["count"] <= MAX_READ,
    )


def _reasons(claims: Sequence[Snapshot], field: Literal["fallback", "mended"]) -> list[FallbackReason]:
    """The reasons, the most frequent first, each with its first examples."""
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = defaultdict(list)
    for claim in claims:
        if not claim.get(field):
            continue
        counts[reason := reason_group(claim[field])] += 1
        text = claim.get("refused_text")
        if text and text not in examples[reason] and len(examples[reason]) < MAX_EXAMPLES:
            examples[reason].append(text)
    return [
        FallbackReason(reason=reason, count=count, examples=examples[reason]) for reason, count in counts.most_common()
    ]


def _used(services: CampaignServices, usage: TokenUsage, max_calls: int | None) -> UsedTokens:
    prices = services.token_prices
    cost = prices.cost(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens) if prices else None
    return UsedTokens(**asdict(usage), cost=cost, currency=services.currency, max_calls=max_calls)


def _mended(campaign_id: str) -> Query:
    written = [Where("campaign", "==", campaign_id), Where("mended", ">", "")]
    return Query(collection="claims", where=written, order_by=("mended", "asc"))


def _query(campaign_id: str, writer: str, *, limit: int | None = None) -> Query:
    written = [Where("campaign", "==", campaign_id), Where("personalized_by", "==", writer)]
    return Query(
        collection="claims", where=written, limit=limit, fields=("fallback", "refused_text") if limit else None
    )
