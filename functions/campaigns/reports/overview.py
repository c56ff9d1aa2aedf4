"""The overview for the home page: first steps, campaigns of now, what needs attention, last campaigns, figures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from common.audience.growth import count_by_day
from common.messages.deferred import DeferredMessages
from common.storage.documents import Documents, Query

from ..model.campaign import CampaignResponse, CampaignTotals
from ..model.start_error import StartErrorCode
from ..model.states import State
from ..results.last_days import LastDays
from ..services import CampaignServices
from .campaign_list import CampaignFilter, count_by_state, with_live_totals

ACTIVE_STATES: Sequence[State] = ("running", "paused", "scheduled")
MAX_ACTIVE = 50
MAX_LAST = 10
LAST_SHOWN = 5
MAX_LAST_IMPORTS = 10
LAST_IMPORTS_SHOWN = 3
GROWTH_DAYS = 31
"""Today and the 30 days before it."""
MAX_FAILED_SHARE = 0.05
MIN_ATTEMPTED = 20
"""With fewer messages, one failure would already be a large share."""

AttentionCode = Literal["start_error", "failures", "discrepancy", "vendor_deferred"]


class FirstSteps(BaseModel):
    """What a new deployment has done already."""

    has_customers: bool
    has_segment: bool
    has_draft: bool  # or any later campaign
    has_launched: bool


class AttentionItem(BaseModel):
    """One thing that a manager should look at. Which fields are set depends on the code."""

    code: AttentionCode
    campaign_id: str
    campaign_name: str
    count: int | None = None  # failures: failed messages; vendor_deferred: waiting ones
    share: float | None = None  # failures: of the attempted messages, from 0 to 1
    detail: str | None = None  # start_error: the reason
    reason: StartErrorCode | None = None  # start_error: the kind of the reason


class Growth(BaseModel):
    """How many customers there were at the end of each day. They are those of now: nobody who was erased is counted."""

    first_day: date
    customers: list[int] = Field(description="one number a day; the last one is of today, until now")


class OverviewFigures(BaseModel):
    """The main numbers. The totals are those of the last campaigns and of the active ones."""

    customers: int
    growth: Growth
    campaigns: dict[State, int]
    last: CampaignTotals  # the sum over `active` and `last`


class LastImport(BaseModel):
    """One of the last imports; `GET /api/imports/{id}` has its results."""

    id: str
    what: str = Field(description="as in `GET /api/imports`")
    file: str | None = Field(description="the name of the file, if the upload has one")
    rows: int
    by: str
    at: datetime


class Overview(BaseModel):
    """What the home page shows."""

    first_steps: FirstSteps
    active: list[CampaignResponse]  # running, paused and scheduled ones, newest first, with live totals
    attention: list[AttentionItem]
    last: list[CampaignResponse]  # the newest finished or cancelled ones
    last_imports: list[LastImport] = Field(description="the newest ones that were not only checked, at most 3")
    figures: OverviewFigures
    last_days: LastDays | None = Field(description="null before the first launch, or if it takes too long")


async def build_overview(services: CampaignServices) -> Overview:
    """See `GET /api/overview` for its cost."""
    documents = services.documents
    await services.audience.refresh()
    (first_day, customers), counts, segments, active, ended, imports = await asyncio.gather(
        count_by_day(services.audience, services.clock(), days=GROWTH_DAYS),
        count_by_state(documents),
        documents.query(Query(collection="segments", limit=1, fields=())),
        documents.query(CampaignFilter(states=ACTIVE_STATES).query(after=None, limit=MAX_ACTIVE)),
        documents.query(CampaignFilter(states=("finished", "cancelled")).query(after=None, limit=MAX_LAST)),
        _last_imports(documents),
    )
    live = await with_live_totals(services.ledger, [*active, *ended])
    now, before = live[: len(active)], [one for one in live[len(active) :] if not one.archived]
    deferred = await _count_deferred(services.deferred, now)
    launched = sum(counts.by_state[state] for state in ("running", "paused", "finished")) or any(
        campaign.launched_at for campaign in before
    )
    has_launched = bool(launched) or counts.archived > 0
    return Overview(
        first_steps=FirstSteps(
            has_customers=customers[-1] > 0,
            has_segment=bool(segments),
            has_draft=any(counts.by_state.values()) or counts.archived > 0,
            has_launched=has_launched,
        ),
        active=now,
        attention=[item for campaign in live for item in attention(campaign, deferred.get(campaign.id, 0))],
        last=before[:LAST_SHOWN],
        last_imports=imports,
        figures=OverviewFigures(
            customers=customers[-1],
            growth=Growth(first_day=first_day, customers=customers),
            campaigns=counts.by_state,
            last=_sum([*now, *before[:LAST_SHOWN]]),
        ),
        last_days=await services.last_days.read() if has_launched else None,
    )


async def _last_imports(documents: Documents) -> list[LastImport]:
    """The newest imports whose upload has ended, without those that only checked a file."""
    newest = Query(collection="imports", order_by=("at", "desc"), limit=MAX_LAST_IMPORTS)
    found = [one for one in await documents.query(newest) if one.get("rows") and not one["dry_run"]]
    return [
        LastImport(id=one.id, what=one["what"], file=one.get("file"), rows=one["rows"], by=one["by"], at=one["at"])
        for one in found[:LAST_IMPORTS_SHOWN]
    ]


async def _count_deferred(deferred: DeferredMessages, campaigns: Sequence[CampaignResponse]) -> dict[str, int]:
    """How many messages of each campaign wait for the vendor: a count for each campaign that has pending messages."""
    waiting = [campaign.id for campaign in campaigns if campaign.totals and campaign.totals.pending]
    counts = await asyncio.gather(*(deferred.counts(campaign) for campaign in waiting))
    return {campaign: by_reason.get("vendor", 0) for campaign, by_reason in zip(waiting, counts, strict=True)}


def attention(campaign: CampaignResponse, vendor_deferred: int) -> list[AttentionItem]:
    """What is wrong with one campaign."""
    named = {"campaign_id": campaign.id, "campaign_name": campaign.name}
    items = []
    if campaign.start_error:
        reason = campaign.start_error_code
        items.append(AttentionItem(code="start_error", detail=campaign.start_error, reason=reason, **named))
    if (share := _failed_share(campaign)) > MAX_FAILED_SHARE:
        failed = campaign.totals.failed if campaign.totals else 0
        items.append(AttentionItem(code="failures", count=failed, share=share, **named))
    if campaign.discrepancy:
        items.append(AttentionItem(code="discrepancy", **named))
    if vendor_deferred:
        items.append(AttentionItem(code="vendor_deferred", count=vendor_deferred, **named))
    return items


def _failed_share(campaign: CampaignResponse) -> float:
    """Of the messages that were sent or failed, the share of the failed ones; 0 while there are few."""
    attempted = campaign.totals.sent + campaign.totals.failed if campaign.totals else 0
    return campaign.totals.failed / attempted if campaign.totals and attempted >= MIN_ATTEMPTED else 0.0


def _sum(campaigns: Sequence[CampaignResponse]) -> CampaignTotals:
    totals = [campaign.totals for campaign in campaigns if campaign.totals]
    return CampaignTotals(**{name: sum(getattr(each, name) for each in totals) for name in CampaignTotals.model_fields})
