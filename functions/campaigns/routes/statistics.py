"""The results of a campaign over HTTP: statistics, messages, explanations and the summary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from common.errors import Conflict
from common.ids import ID_PATTERN
from common.messages.ledger import Statistics
from common.rules import Language
from common.storage.documents import Snapshot, Update
from common.web.app import DocumentId
from common.web.auth import Viewer, guarded_router

from ..model.campaign import Campaign, get_campaign_or_404
from ..model.states import State
from ..reports.explanations import MessageExplanation, build_explanation
from ..reports.messages import MessageList, MessageState, RecipientMessages
from ..reports.summary import Summary, summarize
from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}", tag="results")


class OutcomesPerMinute(BaseModel):
    """The number of outcomes within one minute."""

    at: datetime
    sent: int = 0
    failed: int = 0
    skipped: int = 0


class StatisticsResponse(BaseModel):
    """`audience = sent + failed + skipped + pending`, always. Every number is a number of receipts."""

    state: State
    audience_complete: bool  # fan-out is finished: the audience does not grow any more
    audience: int
    sent: int
    failed: int
    skipped: int
    pending: int
    retryable: int  # of the failed messages, how many a retry may deliver
    deferred: dict[str, int]  # of the pending messages, how many are deferred, by reason (paused, vendor, rate)
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    unsubscribed: int
    retried: int
    converted: int
    skipped_reasons: dict[str, int]
    over_time: list[OutcomesPerMinute]

    @classmethod
    def from_statistics(cls, state: State, statistics: Statistics, deferred: Mapping[str, int]) -> StatisticsResponse:
        """The response for these statistics and deferred messages."""
        return cls.model_validate(
            {
                **statistics.kinds,
                **statistics.totals,
                "state": state,
                "retryable": statistics.retryable,
                "deferred": deferred,
                "audience_complete": statistics.audience_complete,
                "skipped_reasons": statistics.skipped_reasons,
                "over_time": [{"at": at, **kinds} for at, kinds in statistics.minutes.items()],
            }
        )


@router.get("/statistics", operation_id="get_statistics")
async def get_statistics(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> StatisticsResponse:
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    statistics = await services.ledger.statistics(campaign_id)
    deferred = await services.deferred.counts(campaign_id) if statistics.pending else {}
    return StatisticsResponse.from_statistics(campaign["state"], statistics, deferred)


@router.get("/messages", operation_id="list_messages")
async def list_messages(
    campaign_id: DocumentId,
    *,
    services: ServicesDep,
    member: Viewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(pattern=ID_PATTERN, description="`next` of the previous page")] = None,
    state: MessageState | None = None,
) -> MessageList:
    """The text, state and history of each message. Messages that have no text yet are not listed."""
    await get_campaign_or_404(services.documents, campaign_id)
    if state == "pending" and not (await services.ledger.statistics(campaign_id)).pending:
        return MessageList(items=[], next=None)  # otherwise every claim of the campaign would be read
    return await RecipientMessages(services.documents).list_page(campaign_id, state=state, after=after, limit=limit)


@router.get("/explanation", operation_id="explain_message")
async def explain_message(
    campaign_id: DocumentId,
    services: ServicesDep,
    member: Viewer,
    customer_id: Annotated[str, Query(max_length=100)],
    language: Language = "en",
) -> MessageExplanation:
    """Why one customer is in the campaign's audience or not, part by part, and what happened to the message."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    return await build_explanation(services, campaign, customer_id, language)


@router.get("/summary", operation_id="get_summary")
async def get_summary(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> Summary:
    """The statistics in plain language. The summary of a finished campaign is written once and stored."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    if stored := campaign.get("summary"):
        return Summary.model_validate(stored)
    statistics = await services.ledger.statistics(campaign_id)
    summary = await summarize(services.model, Campaign.from_snapshot(campaign), statistics)
    if campaign["state"] == "finished" and summary.by == "gemini":
        await _save_summary(services, campaign, summary)
    return summary


async def _save_summary(services: CampaignServices, campaign: Snapshot, summary: Summary) -> None:
    try:
        await services.documents.commit([Update(campaign.path, {"summary": summary.model_dump()}, campaign.version)])
    except Conflict:
        return  # the campaign was changed or deleted: the next request writes the summary again
