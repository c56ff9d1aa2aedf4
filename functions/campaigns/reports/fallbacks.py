"""How many texts Gemini wrote, and why the template was used for the others."""

from __future__ import annotations

import asyncio
from collections import Counter

from pydantic import BaseModel

from common.catalogue.failures import reason_group
from common.storage.documents import Documents, Query, Where

MAX_READ = 1_000
"""The messages whose reason is read: more would cost too much each time that somebody looks at a campaign."""


class FallbackReason(BaseModel):
    """Why the template was used, and how often."""

    reason: str
    count: int


class Fallbacks(BaseModel):
    """Who wrote the texts of a campaign."""

    by_gemini: int
    by_template: int  # also where the campaign did not ask for Gemini
    reasons: list[FallbackReason]  # the most frequent first
    complete: bool  # false: only the first 1,000 texts by template were read for `reasons`


async def count_fallbacks(documents: Documents, campaign_id: str) -> Fallbacks:
    """Counts the claims: two counts, and at most `MAX_READ` reads. A message that was tried again counts again."""
    by_gemini = _query(campaign_id, "gemini")
    by_template = _query(campaign_id, "template")
    gemini, template, claims = await asyncio.gather(
        documents.sums(by_gemini, []),
        documents.sums(by_template, []),
        documents.query(_query(campaign_id, "template", limit=MAX_READ)),
    )
    counts = Counter(reason_group(claim["fallback"]) for claim in claims if claim.get("fallback"))
    return Fallbacks(
        by_gemini=gemini["count"],
        by_template=template["count"],
        reasons=[FallbackReason(reason=reason, count=count) for reason, count in counts.most_common()],
        complete=template["count"] <= MAX_READ,
    )


def _query(campaign_id: str, writer: str, *, limit: int | None = None) -> Query:
    written = [Where("campaign", "==", campaign_id), Where("personalized_by", "==", writer)]
    return Query(collection="claims", where=written, limit=limit, fields=("fallback",) if limit else None)
