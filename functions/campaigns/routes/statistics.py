"""What came of a campaign, over HTTP: its numbers, its messages, its summary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from common.errors import Conflict
from common.ids import ID
from common.messages.ledger import Statistics
from common.rules import Language
from common.storage.documents import Snapshot, Update
from common.web.app import Id
from common.web.auth import Viewer

from ..app import Services, With
from ..lifecycle.lifecycle import stored_campaign
from ..model.campaign import Campaign
from ..model.states import State
from ..reports.explanations import Explanation, explanation
from ..reports.messages import MessageList, Messages, MessageState
from ..reports.summary import Summary, summarize

router = APIRouter(prefix="/api/campaigns/{campaign_id}", tags=["results"])


class Minute(BaseModel):
    """How many outcomes there were in one minute."""

    at: datetime
    sent: int = 0
    failed: int = 0
    skipped: int = 0


class StatisticsAnswer(BaseModel):
    """`audience = sent + failed + skipped + pending`, always; every number is a number of receipts."""

    state: State
    complete: bool  # everybody was found: the audience grows no more
    audience: int
    sent: int
    failed: int
    skipped: int
    pending: int
    retryable: int  # of the failed: those whom trying again may reach
    held: dict[str, int]  # of the pending: how many wait, and why (paused, vendor, rate)
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    unsubscribed: int
    retried: int
    converted: int
    skipped_reasons: dict[str, int]
    over_time: list[Minute]

    @classmethod
    def of(cls, state: State, statistics: Statistics, held: Mapping[str, int]) -> StatisticsAnswer:
        return cls.model_validate(
            {
                **statistics.kinds,
                **statistics.totals,
                "state": state,
                "retryable": statistics.retryable,
                "held": held,
                "complete": statistics.complete,
                "skipped_reasons": statistics.skipped_reasons,
                "over_time": [{"at": at, **kinds} for at, kinds in statistics.minutes.items()],
            }
        )


@router.get("/statistics", operation_id="get_statistics")
async def get_statistics(campaign_id: Id, services: With, member: Viewer) -> StatisticsAnswer:
    found = await stored_campaign(services.documents, campaign_id)
    statistics = await services.ledger.statistics(campaign_id)
    held = await services.held.counts(campaign_id) if statistics.pending else {}
    return StatisticsAnswer.of(found["state"], statistics, held)


@router.get("/messages", operation_id="list_messages")
async def list_messages(
    campaign_id: Id,
    *,
    services: With,
    member: Viewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(pattern=ID, description="`next` of the page before")] = None,
    state: MessageState | None = None,
) -> MessageList:
    """Each person's own text, its state and history. People whose text is not written yet are not listed."""
    await stored_campaign(services.documents, campaign_id)
    if state == "pending" and not (await services.ledger.statistics(campaign_id)).pending:
        return MessageList(items=[], next=None)  # without looking at each claim whether it is one
    return await Messages(services.documents).page(campaign_id, state=state, after=after, limit=limit)


@router.get("/why", operation_id="explain_message")
async def explain_message(
    campaign_id: Id,
    services: With,
    member: Viewer,
    customer_id: Annotated[str, Query(max_length=100)],
    language: Language = "en",
) -> Explanation:
    """Why one customer is in the campaign's audience or is not, part by part, and what happened to their message."""
    found = await stored_campaign(services.documents, campaign_id)
    return await explanation(services, found, customer_id, language)


@router.get("/summary", operation_id="get_summary")
async def get_summary(campaign_id: Id, services: With, member: Viewer) -> Summary:
    """The statistics in plain language. Written once for a finished campaign, and kept."""
    found = await stored_campaign(services.documents, campaign_id)
    if kept := found.get("summary"):
        return Summary.model_validate(kept)
    statistics = await services.ledger.statistics(campaign_id)
    summary = await summarize(services.model, Campaign.of(found), statistics)
    if found["state"] == "finished" and summary.by == "gemini":
        await _keep(services, found, summary)
    return summary


async def _keep(services: Services, campaign: Snapshot, summary: Summary) -> None:
    try:
        await services.documents.commit([Update(campaign.path, {"summary": summary.model_dump()}, campaign.version)])
    except Conflict:
        return  # gone or changed: the next one who asks has it written again
