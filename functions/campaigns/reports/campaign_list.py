"""The list of campaigns: by state and name, newest first, with live totals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from common.messages.ledger import Ledger
from common.storage.documents import Documents, Query, Snapshot, Where
from common.web.pagination import decode_cursor, encode_cursor

from ..model.campaign import CampaignResponse, CampaignTotals
from ..model.states import STATES, TRANSITIONS, State

ARCHIVED_STATES: Sequence[State] = tuple(TRANSITIONS["archive"])
BATCH_SIZE = 200
MAX_SCANNED = 1_000
"""The campaigns that one request reads at most to find names: Firestore cannot search within a text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignFilter:
    """Which campaigns to list."""

    states: Sequence[State] = ()  # empty for all
    search: str = ""  # each word must occur in the name, in any case
    archived: bool = False  # only archived campaigns, or only others

    def matches(self, campaign: Snapshot) -> bool:
        words = self.search.casefold().split()
        is_named = all(word in campaign["name"].casefold() for word in words)
        return is_named and bool(campaign.get("archived")) == self.archived

    def query(self, *, after: str | None, limit: int) -> Query:
        """The newest campaigns in these states. Raises `Invalid` for a wrong cursor."""
        of_states = [Where("state", "in", list(dict.fromkeys(self.states)))] if self.states else []
        return Query(
            collection="campaigns",
            where=of_states,
            order_by=("created_at", "desc"),
            after=decode_cursor(after) if after else None,
            limit=limit,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPage:
    """One page of campaigns, and the cursor of the next; None on the last page."""

    items: list[Snapshot]
    next: str | None


async def find_campaigns(
    documents: Documents, wanted: CampaignFilter, *, after: str | None, limit: int
) -> CampaignPage:
    """One page. Without a search it reads `limit` campaigns, and more if some of these are archived.

    It reads at most `MAX_SCANNED`: a page can then be short, or empty, and still have a next one.
    """
    found: list[Snapshot] = []
    scanned: Snapshot | None = None
    async for campaign in _scan(documents, wanted, after, limit):
        if len(found) == limit:
            return CampaignPage(items=found, next=_cursor(found[-1]))
        scanned = campaign
        if wanted.matches(campaign):
            found.append(campaign)
    is_complete = scanned is None or not await _has_more(documents, wanted, scanned)
    return CampaignPage(items=found, next=None if is_complete or scanned is None else _cursor(scanned))


async def _scan(documents: Documents, wanted: CampaignFilter, after: str | None, limit: int) -> AsyncIterator[Snapshot]:
    """The campaigns in these states, newest first, up to about `MAX_SCANNED`."""
    is_selective = wanted.archived or wanted.search.strip()
    size, scanned = BATCH_SIZE if is_selective else limit + 1, 0
    while scanned < MAX_SCANNED:
        batch = await documents.query(wanted.query(after=after, limit=size))
        for campaign in batch:
            yield campaign
        if len(batch) < size:
            return
        scanned += size
        after = _cursor(batch[-1])


async def _has_more(documents: Documents, wanted: CampaignFilter, last: Snapshot) -> bool:
    return bool(await documents.query(wanted.query(after=_cursor(last), limit=1)))


def _cursor(campaign: Snapshot) -> str:
    return encode_cursor(campaign["created_at"], campaign.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignCounts:
    """How many campaigns there are, also in states without any."""

    by_state: dict[State, int]  # without archived ones
    archived: int


async def count_by_state(documents: Documents) -> CampaignCounts:
    """One count for each state, and one more for each state that can be archived."""
    totals = await asyncio.gather(*(_count(documents, Where("state", "==", state)) for state in STATES))
    is_archived = Where("archived", "==", True)
    archived = await asyncio.gather(
        *(_count(documents, Where("state", "==", state), is_archived) for state in ARCHIVED_STATES)
    )
    hidden = dict(zip(ARCHIVED_STATES, archived, strict=True))
    by_state = {state: total - hidden.get(state, 0) for state, total in zip(STATES, totals, strict=True)}
    return CampaignCounts(by_state=by_state, archived=sum(archived))


async def _count(documents: Documents, *where: Where) -> int:
    return (await documents.sums(Query(collection="campaigns", where=where), []))["count"]


async def with_live_totals(ledger: Ledger, campaigns: Sequence[Snapshot]) -> list[CampaignResponse]:
    """The campaigns; those that are not finished with their totals as of now: two queries for each of these."""
    return list(await asyncio.gather(*(_with_live_totals(ledger, campaign) for campaign in campaigns)))


async def _with_live_totals(ledger: Ledger, stored: Snapshot) -> CampaignResponse:
    campaign = CampaignResponse.from_snapshot(stored)
    if campaign.launched_at is None or campaign.totals:
        return campaign
    statistics = await ledger.statistics(campaign.id)
    return campaign.model_copy(update={"totals": CampaignTotals(**statistics.totals)})
