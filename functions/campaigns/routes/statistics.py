"""The results of a campaign over HTTP: statistics, messages, explanations and the summary."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from common.audience.search import MAX_SEARCH_LENGTH
from common.audit import audit_entry, commit_entry
from common.catalogue.failures import FAILURE_CODES, failure_code
from common.csv_row import csv_row
from common.errors import Conflict, NotFound, Refused
from common.mail.links import link_id
from common.messages.ledger import Statistics
from common.rules import Language
from common.storage.documents import Snapshot, Update
from common.web.app import DocumentId
from common.web.auth import ManagerNow, Viewer, guarded_router
from common.web.private_queries import not_in_url
from common.web.rate_limits import costs

from ..model.campaign import Campaign, CampaignResponse, get_campaign_or_404
from ..model.states import State
from ..reports.explanations import MessageExplanation, build_explanation
from ..reports.fallbacks import Fallbacks, count_fallbacks
from ..reports.message_search import MessageFilter, MessageSearch, all_messages
from ..reports.messages import MessageList, MessageState
from ..reports.outcome_times import bucket_outcomes
from ..results.results import Results
from ..services import CampaignServices, ServicesDep
from ..summaries.comparison import UsualFigures, compare_with
from ..summaries.summary import StoredSummary, Summary

router = guarded_router("/api/campaigns/{campaign_id}", tag="results")
Reason = Annotated[str, Field(max_length=1_000, description="of a failed or skipped message")]
Cursor = Annotated[str | None, Field(max_length=1_000, description="`next` of the previous page")]
PageSize = Annotated[int, Field(ge=1, le=200)]
MESSAGE_COLUMNS = (
    "customer_id", "name", "to", "state", "reason", "subject", "body", "personalized_by", "fallback", "language",
)  # fmt: skip


class OutcomesInBucket(BaseModel):
    """The number of outcomes within one bucket of time."""

    at: datetime  # the beginning
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0


class FailedReason(BaseModel):
    """How many messages failed for a reason, and what kind of reason it is."""

    code: str = Field(json_schema_extra={"enum": [*FAILURE_CODES]})
    reason: str  # the vendor's words, without what differs from person to person
    count: int

    @classmethod
    def from_counts(cls, counts: Mapping[str, int]) -> list[Self]:
        """Without a reason that more failures were retried for than failed: another instance gave it another name."""
        positive = [item for item in counts.items() if item[1] > 0]
        by_count = sorted(positive, key=lambda item: (-item[1], item[0]))
        return [cls(code=failure_code(reason), reason=reason, count=count) for reason, count in by_count]


class LinkClicks(BaseModel):
    """How many people followed one link of the message."""

    url: str | None  # as the author wrote it; null: all links that are not the same for everybody
    people: int

    @classmethod
    def from_counts(cls, counts: Mapping[str, int], links: Sequence[str]) -> list[Self]:
        """One for each link of the message, in its order, and one for all others if anybody followed them."""
        by_id = {link_id(url): url for url in links}
        others = sum(count for id_, count in counts.items() if id_ not in by_id)
        named = [cls(url=url, people=counts.get(id_, 0)) for id_, url in by_id.items()]
        return [*named, *([cls(url=None, people=others)] if others else [])]


class StatisticsResponse(BaseModel):
    """`audience = sent + failed + skipped + unknown + pending`, always. Every number is a number of receipts."""

    state: State
    audience_complete: bool  # fan-out is finished: the audience does not grow any more
    audience: int
    sent: int
    failed: int
    skipped: int
    unknown: int  # the vendor may have these messages, and cannot be asked any more: a person decides about them
    pending: int
    retryable: int  # of the failed messages, how many a retry may deliver
    deferred: dict[str, int]  # of the pending messages, how many are deferred, by reason (paused, vendor, rate)
    delivered: int
    bounced: int
    complained: int
    opened: int
    clicked: int
    machine_opened: int  # proxies and scanners loaded the image of so many messages; nobody knows about the people
    machine_clicked: int  # scanners followed links of so many messages
    links: list[LinkClicks]  # of a launched campaign
    unsubscribed: int
    retried: int
    corrected: int  # outcomes that Herald had assumed, until the vendor reported or a person decided
    converted: int
    skipped_reasons: dict[str, int]
    failed_reasons: list[FailedReason]  # the most frequent first; `reason` is what `messages` filters by
    bucket_seconds: int  # the length of each bucket of `over_time`: it fits the run, from a second to a week
    over_time: list[OutcomesInBucket]  # from the first outcome to the last, without gaps

    @classmethod
    def from_statistics(
        cls, state: State, statistics: Statistics, deferred: Mapping[str, int], links: Sequence[str] = ()
    ) -> StatisticsResponse:
        """The response for these statistics and deferred messages."""
        length, buckets = bucket_outcomes(statistics.minutes, statistics.seconds)
        return cls.model_validate(
            {
                **statistics.kinds,
                **statistics.totals,
                "state": state,
                "retryable": statistics.retryable,
                "deferred": deferred,
                "links": LinkClicks.from_counts(statistics.links, links),
                "audience_complete": statistics.audience_complete,
                "skipped_reasons": statistics.skipped_reasons,
                "failed_reasons": FailedReason.from_counts(statistics.failed_reasons),
                "bucket_seconds": length,
                "over_time": [{"at": at, **kinds} for at, kinds in buckets.items()],
            }
        )


@router.get("/statistics", operation_id="get_statistics")
async def get_statistics(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> StatisticsResponse:
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    statistics = await services.ledger.statistics(campaign_id)
    deferred = await services.deferred.counts(campaign_id) if statistics.pending else {}
    links = campaign.get("links") or ()
    return StatisticsResponse.from_statistics(campaign["state"], statistics, deferred, links)


@router.get("/results", operation_id="get_results", dependencies=costs(5))
async def get_results(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> Results:
    """Who ordered after the message, and how much. With held-out people, also what they did without it.

    Computed from the audience index, and kept for a minute. Vendors' own `converted` receipts are not in it.
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    if not campaign.get("launched_at"):
        raise Refused("There are no results before the launch.")
    return await services.results.of(campaign)


@router.get("/comparison", operation_id="get_comparison", dependencies=costs(5))
async def get_comparison(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> UsualFigures:
    """What is usual for the figures of a campaign: the medians of up to 20 finished campaigns on the same channel.

    They were launched before it; those of the simulator and those of real vendors are not compared with each other. A
    figure that fewer than three of them have is left out. Each instance keeps the numbers of a campaign for an hour.
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    if not campaign.get("launched_at"):
        raise Refused("There is nothing to compare before the launch.")
    return compare_with(await services.summary_writer.earlier.shares_before(Campaign.from_snapshot(campaign)))


@router.get("/fallbacks", operation_id="get_fallbacks", dependencies=costs(10))
async def get_fallbacks(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> Fallbacks:
    """Who wrote the texts, why the template did, and what Gemini has cost. It reads 1,000 texts: do not poll it."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    return await count_fallbacks(services, CampaignResponse.from_snapshot(campaign))


class SearchMessagesRequest(BaseModel):
    """Which messages of the campaign, and which page of them."""

    model_config = ConfigDict(extra="forbid")

    state: MessageState | None = None
    reason: Reason = ""
    search: str = Field(default="", max_length=MAX_SEARCH_LENGTH, description="parts of a name, e-mail or phone")
    after: Cursor = None
    limit: PageSize = 50


@router.get(
    "/messages",
    operation_id="list_messages",
    dependencies=[*costs(2), *not_in_url("search", instead="POST …/messages/search")],
)
async def list_messages(
    campaign_id: DocumentId,
    *,
    services: ServicesDep,
    member: Viewer,
    limit: Annotated[PageSize, Query()] = 50,
    after: Annotated[Cursor, Query()] = None,
    state: MessageState | None = None,
    reason: Annotated[Reason, Query()] = "",
) -> MessageList:
    """The text, state and history of each message. Messages that have no text yet are not listed.

    With `reason`, a page can be short, or empty, and still have a `next`.
    """
    wanted = SearchMessagesRequest(state=state, reason=reason, after=after, limit=limit)
    return await _list_messages(campaign_id, wanted, services)


@router.post("/messages/search", operation_id="search_messages", dependencies=costs(3))
async def search_messages(
    campaign_id: DocumentId, body: SearchMessagesRequest, services: ServicesDep, member: Viewer
) -> MessageList:
    """The messages to the people whom the search finds. A page can be short, or empty, and still have a `next`."""
    return await _list_messages(campaign_id, body, services)


async def _list_messages(campaign_id: str, wanted: SearchMessagesRequest, services: CampaignServices) -> MessageList:
    await get_campaign_or_404(services.documents, campaign_id)
    if wanted.state == "pending" and not (await services.ledger.statistics(campaign_id)).pending:
        return MessageList(items=[], next=None)  # otherwise every claim of the campaign would be read
    search_in = MessageSearch(services.documents, services.audience, campaign_id)
    only = MessageFilter(state=wanted.state, reason=wanted.reason, search=wanted.search)
    return await search_in.find(only, after=wanted.after, limit=wanted.limit, now=services.clock())


@router.get("/messages.csv", operation_id="export_messages", dependencies=costs(50), response_class=StreamingResponse)
async def export_messages(campaign_id: DocumentId, services: ServicesDep, member: ManagerNow) -> StreamingResponse:
    """All messages as CSV, safe to open in a spreadsheet. Messages that have no text yet are not in it."""
    await get_campaign_or_404(services.documents, campaign_id)
    entry = audit_entry("messages exported", by=member.actor, at=services.clock(), subject={"campaign": campaign_id})
    await commit_entry(services.documents, entry)
    lines = _csv_lines(services, campaign_id)
    headers = {"Content-Disposition": f'attachment; filename="messages-{campaign_id}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _csv_lines(services: CampaignServices, campaign_id: str) -> AsyncIterator[str]:
    yield "\ufeff" + csv_row([*MESSAGE_COLUMNS, "cause", "retryable", "attempts", "at"])
    async for message in all_messages(services.documents, campaign_id):
        cells = [getattr(message, column) for column in MESSAGE_COLUMNS]
        cause, last = message.cause, message.history[-1] if message.history else None
        attempts = max((entry.attempt for entry in message.history), default=1)
        yield csv_row(
            [*cells, cause and cause.code, cause.retryable if cause else None, attempts, last.at if last else None]
        )


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
async def get_summary(
    campaign_id: DocumentId, services: ServicesDep, member: Viewer, language: Language = "en"
) -> Summary:
    """The stored summary of a finished campaign; 404 if nobody has asked for one in this language since it finished.

    It costs nothing: POST writes a summary.
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    if (stored := _stored_summary(campaign)) and stored.language == language:
        return _shown(stored)
    raise NotFound("There is no summary yet; send a POST request to have one written.")


@router.post("/summary", operation_id="write_summary", dependencies=costs(20))
async def write_summary(
    campaign_id: DocumentId, services: ServicesDep, member: Viewer, language: Language = "en"
) -> Summary:
    """The statistics in plain language: what became of the audience, what stands out against earlier campaigns, the
    reasons, and what to do next. Gemini words it around slots; every number is printed by the server.

    The same numbers are described once: a finished campaign's summary is stored. Over the budget of the day, or if
    Gemini does not answer as it should, the words are fixed (`by` is `template`). Before the launch it is refused
    (409).
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    if campaign["state"] in {"draft", "scheduled"}:
        raise Refused("There is nothing to summarise before the launch.")
    statistics = await services.ledger.statistics(campaign_id)
    launched = Campaign.from_snapshot(campaign)
    facts = await services.summary_writer.gather(launched, statistics, language)
    if (stored := _stored_summary(campaign)) and stored.version == facts.version:
        return _shown(stored)
    summary = await services.summary_writer.summarize(launched, facts)
    if campaign["state"] == "finished" and summary.by == "gemini":
        await _save_summary(services, campaign, summary)
    return _shown(summary)


def _stored_summary(campaign: Snapshot) -> StoredSummary | None:
    stored = campaign.get("summary")
    return StoredSummary.model_validate(stored) if stored else None


def _shown(stored: StoredSummary) -> Summary:
    return Summary.model_validate(stored.model_dump(exclude={"version"}))


async def _save_summary(services: CampaignServices, campaign: Snapshot, summary: StoredSummary) -> None:
    try:
        await services.documents.commit([Update(campaign.path, {"summary": summary.model_dump()}, campaign.version)])
    except Conflict:
        return  # the campaign was changed or deleted: the next request writes the summary again
