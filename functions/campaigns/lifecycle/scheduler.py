"""What happens by itself, each time a tick arrives: due campaigns start, held messages are released, finished campaigns
close, what stopped is found, changes are folded into the audience index, which is compared with the customers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from common.audience import SHEETS, fold
from common.audience.index.reconciliation import Comparison
from common.errors import HeraldError, Refused
from common.events import Tick
from common.messages.ledger import Ledger, Statistics
from common.storage.documents import Documents, Query, Snapshot, Where

from ..sending.rate_limit import Releasing
from .lifecycle import Conductor
from .watchdog import Watchdog

log = logging.getLogger(__name__)


class Ticker:
    """`owner` is this instance, in the lease on folding; `seconds` is how long one tick may work."""

    def __init__(
        self,
        *,
        documents: Documents,
        ledger: Ledger,
        conductor: Conductor,
        releasing: Releasing,
        watchdog: Watchdog,
        owner: str,
        seconds: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._ledger = ledger
        self._conductor = conductor
        self._releasing = releasing
        self._watchdog = watchdog
        self._owner = owner
        self._seconds = seconds
        self._clock = clock
        self._comparison = Comparison(documents, clock=clock)

    async def tick(self, _: Tick) -> None:
        await self._start_due()
        campaigns = await self._documents.query(Query(collection="campaigns", where=[Where("open", "==", True)]))
        active = [campaign for campaign in campaigns if campaign["state"] != "paused"]
        for campaign in active:
            await _alone(campaign, self._look_after(campaign))
        await self._fold()
        await asyncio.gather(*(_alone(campaign, self._releasing.release(campaign.id)) for campaign in active))
        await self._comparison.go_on(time.monotonic() + self._seconds / 2)

    async def _start_due(self) -> None:
        due = [Where("state", "==", "scheduled"), Where("start_at", "<=", self._clock())]
        for campaign in await self._documents.query(Query(collection="campaigns", where=due)):
            try:
                await self._conductor.launch(campaign, by=campaign.get("created_by", "schedule"))
            except HeraldError as error:  # its segment is gone: the others are started all the same
                log.error("scheduled campaign not launched", extra={"campaign": campaign.id, "reason": str(error)})
                await self._conductor.note_problem(campaign, error)

    async def _look_after(self, campaign: Snapshot) -> None:
        if campaign.get("untold"):
            await self._conductor.tell(campaign.id)
            return
        statistics = await self._ledger.statistics(campaign.id)
        if statistics.complete and statistics.pending == 0 and not campaign.get("retrying"):
            await self._finish(campaign, statistics)
        else:
            await self._watchdog.look_after(campaign, statistics)

    async def _finish(self, campaign: Snapshot, statistics: Statistics) -> None:
        discrepancy = await self._ledger.discrepancy(campaign.id, statistics)
        if discrepancy:
            log.error("counters differ from the ledger", extra={"campaign": campaign.id, **discrepancy})
        try:
            await self._conductor.finish(campaign, statistics, discrepancy)
        except Refused:
            return  # somebody changed it in the same moment: the next tick looks again
        log.info("campaign finished", extra={"campaign": campaign.id, **statistics.totals})

    async def _fold(self) -> None:
        for sheet in SHEETS:
            until = time.monotonic() + self._seconds / len(SHEETS)
            while folded := await fold(self._documents, now=self._clock(), owner=self._owner, sheet=sheet):
                if not folded.remaining or time.monotonic() > until:
                    break


async def _alone(campaign: Snapshot, work: Awaitable[None]) -> None:
    """What goes wrong with one campaign stops neither the others nor the rest of the tick."""
    try:
        await work
    except Exception:
        log.exception("campaign not looked after", extra={"campaign": campaign.id})
