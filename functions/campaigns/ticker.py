"""What happens by itself, each time a tick arrives."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from common.audience import fold
from common.documents import Documents, Query, Snapshot, Update, Where
from common.errors import Conflict
from common.events import FanOut, Tick
from common.ids import BUCKETS
from common.ledger import Ledger, Statistics
from common.publishing import Publisher

from .fan_out import page_path

log = logging.getLogger(__name__)
STILL = timedelta(minutes=10)
"""A bucket that has not moved for this long is started again; that is harmless if it was only slow."""


class Ticker:
    """`owner` is this instance, in the lease on folding."""

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ledger: Ledger,
        owner: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._ledger = ledger
        self._owner = owner
        self._clock = clock

    async def tick(self, _: Tick) -> None:
        running = Query(collection="campaigns", where=[Where("state", "==", "running")])
        for campaign in await self._documents.query(running):
            await self._look_after(campaign)
        await fold(self._documents, now=self._clock(), owner=self._owner)

    async def _look_after(self, campaign: Snapshot) -> None:
        statistics = await self._ledger.statistics(campaign.id)
        if not statistics.complete:
            await self._start_again(campaign)
        elif statistics.pending == 0:
            await self._finish(campaign, statistics)

    async def _finish(self, campaign: Snapshot, statistics: Statistics) -> None:
        finished = {"state": "finished", "finished_at": self._clock(), "totals": statistics.totals}
        try:
            await self._documents.commit([Update(campaign.path, finished, campaign.version)])
        except Conflict:
            return  # somebody changed it in the same moment: the next tick looks again
        log.info("campaign finished", extra={"campaign": campaign.id, **statistics.totals})
        await self._compare(campaign.id, statistics)

    async def _compare(self, campaign: str, statistics: Statistics) -> None:
        receipts = await self._ledger.miscounted(campaign, statistics)
        if receipts:
            counters = {kind: statistics.kinds.get(kind, 0) for kind in receipts}
            extra = {"campaign": campaign, "counters": counters, "receipts": receipts}
            log.error("counters differ from the ledger", extra=extra)

    async def _start_again(self, campaign: Snapshot) -> None:
        """Finds buckets whose fan-out never began, or stopped: their command was lost with whoever had it."""
        now = self._clock()
        if now - campaign["launched_at"] < STILL:
            return
        pages = await self._documents.get_all([page_path(campaign.id, bucket) for bucket in range(BUCKETS)])
        stopped = [
            bucket
            for bucket, page in enumerate(pages)
            if not page.get("done") and (page.version is None or now - page.version > STILL)
        ]
        if stopped:
            log.warning("fan-out started again", extra={"campaign": campaign.id, "buckets": stopped})
            await self._publisher.publish([FanOut(campaign_id=campaign.id, bucket=bucket) for bucket in stopped])
