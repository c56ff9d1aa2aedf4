"""The summary of a campaign's statistics: claims in plain language around slots, in which the server prints numbers.

What stands out and what to do next is decided by code (`rates.py`, `steps.py`); Gemini only words it. A summary is a
paid call, so it is written only when somebody asks for it by POST, once for the same numbers, and within the budget of
the day.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from common.caching import TtlCache
from common.catalogue.fields import Language
from common.clock import Clock
from common.errors import HeraldError
from common.llm.language_model import LanguageModel
from common.messages.ledger import Statistics

from ..model.campaign import Campaign
from .claims import claims_prompt, fixed_claims, parse_claims, print_claims, problem_with
from .earlier_campaigns import EarlierCampaigns
from .facts import SummaryFacts, build_facts
from .rates import StandingOut, find_standing_out, rates_of
from .summary_budget import SummaryBudget

log = logging.getLogger(__name__)
SETTLED_AFTER = timedelta(days=1)
"""After the end of a campaign; before, its late rates are not called low."""
CACHE_SECONDS = 3600
CACHE_SIZE = 1_000


class Summary(BaseModel):
    """A text of a few sentences, and who wrote it."""

    text: str
    by: Literal["gemini", "template"]
    language: Language = "en"
    standing_out: list[StandingOut] = []  # the rates that are unlike those of earlier campaigns


class StoredSummary(Summary):
    """A summary as a finished campaign keeps it."""

    version: str = ""  # of the numbers that it describes


@dataclass(frozen=True, kw_only=True, eq=False)
class SummaryWriter:
    """Writes summaries. Each instance keeps those that Gemini wrote, for as long as the numbers stay the same."""

    model: LanguageModel
    budget: SummaryBudget
    earlier: EarlierCampaigns
    clock: Clock
    _written: TtlCache[str, StoredSummary] = field(
        default_factory=lambda: TtlCache(max_size=CACHE_SIZE, ttl=CACHE_SECONDS), init=False
    )

    async def gather(self, campaign: Campaign, statistics: Statistics, language: Language) -> SummaryFacts:
        """What there is to say."""
        earlier = await self.earlier.rates_before(campaign)
        settled = _is_settled(campaign, self.clock())
        standing_out = find_standing_out(rates_of(statistics), earlier, may_be_lower=settled)
        return build_facts(campaign.name, statistics, standing_out, language)

    async def summarize(self, campaign: Campaign, facts: SummaryFacts) -> StoredSummary:
        """Asks Gemini. Without an answer that is acceptable, or without budget, the words are fixed."""
        key = f"{campaign.id} {facts.version}"
        if known := self._written.get(key):
            return known
        if not await self.budget.take():
            return _fall_back(campaign, facts, reason="the budget of the day is used up")
        try:
            claims = parse_claims((await self.model.generate(claims_prompt(facts))).content)
        except HeraldError as error:
            return _fall_back(campaign, facts, reason=str(error))
        if problem := problem_with(claims, facts):
            return _fall_back(campaign, facts, reason=problem)
        summary = _summary(print_claims(claims, facts), facts, by="gemini")
        self._written.set(key, summary)
        return summary


def _is_settled(campaign: Campaign, now: datetime) -> bool:
    return campaign.finished_at is not None and now - campaign.finished_at >= SETTLED_AFTER


def _fall_back(campaign: Campaign, facts: SummaryFacts, *, reason: str) -> StoredSummary:
    fields = {"event": "summary_fallback", "campaign": campaign.id, "reason": reason}
    log.warning("summary was written without Gemini", extra=fields)
    return _summary(print_claims(fixed_claims(facts), facts), facts, by="template")


def _summary(text: str, facts: SummaryFacts, *, by: Literal["gemini", "template"]) -> StoredSummary:
    standing_out: Sequence[StandingOut] = facts.standing_out
    return StoredSummary(text=text, by=by, language=facts.language, standing_out=[*standing_out], version=facts.version)
