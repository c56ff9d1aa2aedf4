"""The scheduled work of each tick: start due campaigns, check and finish open ones, send deferred messages, compact the
audience index and reconcile it with the customers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from common.audience import TABLES, compact
from common.audience.reconciliation import Reconciliation
from common.clock import Clock, utc_now
from common.errors import HeraldError, Refused
from common.events import Tick
from common.messages.ledger import Ledger, Statistics
from common.storage.documents import Documents, Query, Snapshot, Where

from ..sending.rate_limit import RateLimitedDispatch
from .claim_retention import delete_old_claims
from .lifecycle import CampaignLifecycle
from .watchdog import Watchdog

log = logging.getLogger(__name__)


class Scheduler:
    """Runs the work of a tick.

    `owner` identifies this instance in the lease on compaction; `budget_seconds` limits the time of one
    tick, on the clock `monotonic`.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        ledger: Ledger,
        lifecycle: CampaignLifecycle,
        dispatch: RateLimitedDispatch,
        watchdog: Watchdog,
        owner: str,
        budget_seconds: float,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._ledger = ledger
        self._lifecycle = lifecycle
        self._dispatch = dispatch
        self._watchdog = watchdog
        self._owner = owner
        self._budget_seconds = budget_seconds
        self._clock = clock
        self._monotonic = monotonic
        self._reconciliation = Reconciliation(documents, clock=clock, monotonic=monotonic)

    async def tick(self, _: Tick) -> None:
        """An error in one campaign does not affect the other campaigns or the audience index."""
        await self._start_due()
        campaigns = await self._documents.query(Query(collection="campaigns", where=[Where("open", "==", True)]))
        active = [campaign for campaign in campaigns if campaign["state"] != "paused"]
        for campaign in active:
            await _isolated(campaign, self._check(campaign))
        await delete_old_claims(self._documents, now=self._clock())
        await self._compact()
        await asyncio.gather(*(_isolated(campaign, self._dispatch.dispatch_due(campaign.id)) for campaign in active))
        await self._reconciliation.run_until(self._monotonic() + self._budget_seconds / 2)

    async def _start_due(self) -> None:
        due = [Where("state", "==", "scheduled"), Where("start_at", "<=", self._clock())]
        for campaign in await self._documents.query(Query(collection="campaigns", where=due)):
            try:
                await self._lifecycle.launch(campaign, by=campaign.get("created_by", "schedule"))
            except HeraldError as error:  # for example a deleted segment; the other campaigns are still started
                fields = {"event": "scheduled_launch_failed", "campaign": campaign.id, "reason": str(error)}
                log.error("scheduled campaign was not launched", extra=fields)
                await self._lifecycle.record_start_error(campaign, error)

    async def _check(self, campaign: Snapshot) -> None:
        if campaign.get("commands_pending"):
            await self._lifecycle.publish_pending_commands(campaign.id)
            return
        statistics = await self._ledger.statistics(campaign.id)
        if statistics.audience_complete and statistics.pending == 0 and not campaign.get("retrying"):
            await self._finish(campaign, statistics)
        else:
            await self._watchdog.check(campaign, statistics)

    async def _finish(self, campaign: Snapshot, statistics: Statistics) -> None:
        """Finish a campaign without pending messages, with its totals and with any discrepancy from the ledger."""
        discrepancy = await self._ledger.discrepancy(campaign.id, statistics)
        if discrepancy:
            fields = {"event": "counter_discrepancy", "campaign": campaign.id, **discrepancy}
            log.error("counters differ from the ledger", extra=fields)
        try:
            await self._lifecycle.finish(campaign, statistics, discrepancy)
        except Refused:
            return  # the campaign was changed at the same time: the next tick checks it again
        log.info(
            "campaign finished", extra={"event": "campaign_finished", "campaign": campaign.id, **statistics.totals}
        )

    async def _compact(self) -> None:
        for table in TABLES:
            until = self._monotonic() + self._budget_seconds / len(TABLES)
            while result := await compact(self._documents, now=self._clock(), owner=self._owner, table=table):
                if not result.remaining or self._monotonic() > until:
                    break


async def _isolated(campaign: Snapshot, work: Awaitable[None]) -> None:
    """Logs any error, so that it stops neither the other campaigns nor the rest of the tick."""
    try:
        await work
    except Exception:
        log.exception("campaign check failed", extra={"event": "campaign_check_failed", "campaign": campaign.id})
