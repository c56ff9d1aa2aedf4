"""Removes the records of campaigns that were finished long ago: receipts, pages, the plan and the counters.

    campaigns/{id}   retained_since   when it was finished; None as soon as its records are removed
                     purged_at        when they were removed

First the counters are folded into one document, with the size of the audience: see `Ledger.fold`. So the statistics of
a campaign stay as they were. It cannot be retried any more, and its messages are no longer listed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from common.clock import Clock, utc_now
from common.errors import Conflict
from common.messages.ledger import Ledger
from common.storage.documents import Delete, Documents, Query, Snapshot, Update, Where

MAX_DELETES = 400
"""In one commit."""
MAX_CAMPAIGNS = 20
"""In one tick."""


class CampaignRetention:
    """Removes records that are older than `keep_for`; none if that is None."""

    def __init__(
        self,
        *,
        documents: Documents,
        ledger: Ledger,
        keep_for: timedelta | None,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._ledger = ledger
        self._keep_for = keep_for
        self._clock = clock
        self._monotonic = monotonic

    async def run_until(self, until: float) -> None:
        """Removes what is due, until that time on the clock `monotonic`. The next tick continues."""
        if self._keep_for is None:
            return
        due = [Where("retained_since", "<=", self._clock() - self._keep_for)]
        oldest = Query(collection="campaigns", where=due, order_by=("retained_since", "asc"), limit=MAX_CAMPAIGNS)
        for campaign in await self._documents.query(oldest):
            if self._monotonic() > until:
                return
            with suppress(Conflict):  # a receipt arrived or a manager acted at the same moment: the next tick continues
                await self._purge(campaign, until)

    async def _purge(self, campaign: Snapshot, until: float) -> None:
        await self._ledger.fold(campaign.id)
        for query in _records(campaign):
            while found := await self._documents.query(query):
                await self._documents.commit([Delete(record.path) for record in found])
                if self._monotonic() > until:
                    return
        purged = {"retained_since": None, "purged_at": self._clock()}
        await self._documents.commit([Update(campaign.path, purged, campaign.version)])


def _records(campaign: Snapshot) -> Sequence[Query]:
    """The queries that find the next records to delete."""
    queries = [
        Query(collection="receipts", where=[Where("campaign", "==", campaign.id)], fields=(), limit=MAX_DELETES),
        _with_prefix("pages", campaign.id),
    ]
    plan = campaign.get("audience_plan")
    return [*queries, _with_prefix("plans", plan)] if plan else queries


def _with_prefix(collection: str, prefix: str) -> Query:
    return Query(collection=collection, id_from=f"{prefix}.", id_before=f"{prefix}.~", fields=(), limit=MAX_DELETES)
