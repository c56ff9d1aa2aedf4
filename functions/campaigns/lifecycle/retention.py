"""Removes what is kept of campaigns that were finished long ago: first the claims, then all other records.

    campaigns/{id}   claims_until     when its claims are deleted; None while it is open, and afterwards
                     claims_deleted   true from the beginning of that: it cannot be retried any more
                     retained_since   when it was finished; None as soon as its records are removed
                     purged_at        when they were removed
                     results          what it brought, as it was then

The claims of an open campaign are kept: they prove that a message was sent, or may have been. The other records are
receipts, pages, the plan, the progress of retries and the counters. First the counters are folded into one document,
with the size of the audience: see `Ledger.fold`. So the statistics of a campaign stay as they were. Its messages are
no longer listed.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from common.clock import Clock, utc_now
from common.errors import Conflict
from common.messages.ledger import Ledger
from common.storage.documents import Delete, Documents, Query, Snapshot, Update, Where

CLAIM_RETENTION = timedelta(days=90)
MAX_DELETES = 400
"""In one commit."""
MAX_CAMPAIGNS = 20
"""In one tick."""

ComputeResults = Callable[[Snapshot], Awaitable[BaseModel]]
"""What a campaign brought."""
Remove = Callable[[Snapshot, float], Awaitable[None]]
"""Removes what is due of a campaign, until that time."""


class CampaignRetention:
    """Removes claims that are due, and records that are older than `keep_for`; no records if that is None."""

    def __init__(
        self,
        *,
        documents: Documents,
        ledger: Ledger,
        compute_results: ComputeResults,
        keep_for: timedelta | None,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._ledger = ledger
        self._compute_results = compute_results
        self._keep_for = keep_for
        self._clock = clock
        self._monotonic = monotonic

    async def run_until(self, until: float) -> None:
        """Removes what is due, until that time on the clock `monotonic`. The next tick continues."""
        if self._keep_for is not None:
            await self._remove_due("retained_since", self._clock() - self._keep_for, self._purge, until)
        await self._remove_due("claims_until", self._clock(), self._delete_claims, until)

    async def _remove_due(self, field: str, before: datetime, remove: Remove, until: float) -> None:
        """Removes something of the campaigns whose `field` has a time before `before`, the oldest first."""
        due = Query(
            collection="campaigns", where=[Where(field, "<=", before)], order_by=(field, "asc"), limit=MAX_CAMPAIGNS
        )
        for campaign in await self._documents.query(due):
            if self._monotonic() > until:
                return
            with suppress(Conflict):  # a receipt arrived or a manager acted at the same moment: the next tick continues
                await remove(campaign, until)

    async def _purge(self, campaign: Snapshot, until: float) -> None:
        """Removes all records. What they tell in sum is stored before: the counters, and the results."""
        campaign = await self._with_results(await self._without_retries(campaign))
        await self._ledger.fold(campaign.id)
        purged = {"retained_since": None, "claims_until": None, "purged_at": self._clock()}
        await self._delete(campaign, [*_records(campaign), *_claims(campaign)], purged, until)

    async def _delete_claims(self, campaign: Snapshot, until: float) -> None:
        await self._delete(await self._without_retries(campaign), _claims(campaign), {"claims_until": None}, until)

    async def _without_retries(self, campaign: Snapshot) -> Snapshot:
        """The campaign, marked over the version that was read, so that no retry can begin."""
        if campaign.get("claims_deleted"):
            return campaign
        await self._documents.commit([Update(campaign.path, {"claims_deleted": True}, campaign.version)])
        return await self._documents.get(campaign.path)

    async def _with_results(self, campaign: Snapshot) -> Snapshot:
        """The campaign with its results, computed before the first record is removed."""
        if campaign.get("results"):
            return campaign
        results = await self._compute_results(campaign)
        await self._documents.commit([Update(campaign.path, {"results": results.model_dump()}, campaign.version)])
        return await self._documents.get(campaign.path)

    async def _delete(
        self, campaign: Snapshot, queries: Sequence[Query], deleted: dict[str, Any], until: float
    ) -> None:
        """Deletes what the queries find. Then updates the campaign, if that was all."""
        for query in queries:
            while found := await self._documents.query(query):
                await self._documents.commit([Delete(record.path) for record in found])
                if self._monotonic() > until:
                    return
        await self._documents.commit([Update(campaign.path, deleted, campaign.version)])


def _claims(campaign: Snapshot) -> Sequence[Query]:
    """The claims, and the inboxes that they have taken."""
    return [_of_campaign("claims", campaign), _of_campaign("inboxes", campaign)]


def _records(campaign: Snapshot) -> Sequence[Query]:
    """The queries that find the next records to delete."""
    plan = campaign.get("audience_plan")
    prefixes = [("pages", campaign.id), ("retries", campaign.id), *([("plans", plan)] if plan else [])]
    return [_of_campaign("receipts", campaign), *(_with_prefix(*prefix) for prefix in prefixes)]


def _of_campaign(collection: str, campaign: Snapshot) -> Query:
    return Query(collection=collection, where=[Where("campaign", "==", campaign.id)], fields=(), limit=MAX_DELETES)


def _with_prefix(collection: str, prefix: str) -> Query:
    return Query(collection=collection, id_from=f"{prefix}.", id_before=f"{prefix}.~", fields=(), limit=MAX_DELETES)
