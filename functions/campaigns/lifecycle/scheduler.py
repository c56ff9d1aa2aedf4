"""The scheduled work of each tick. Each duty is on its own: an error in one of them stops no other.

1. Deferred messages that are due are released. This starts first, and runs beside the other duties.
2. Commands of imports that were stored, but not published, are published.
3. Scheduled campaigns that are due are launched.
4. Open campaigns are checked: they are finished, or the watchdog looks at their progress.
5. The totals of finished campaigns are updated, if late reports changed them.
6. The audience index is compacted; before, new rows of customers are compared with what is known about addresses.
7. The claims and the records of campaigns that were finished long ago are removed.
8. The audience index is reconciled with the customers. When that is done for today, the segments are counted.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from common.addresses.late_flags import LateFlags
from common.audience import CUSTOMERS, TABLES, compact
from common.audience.reconciliation import Reconciliation
from common.batching import run_bounded
from common.clock import Clock, utc_now
from common.errors import HeraldError
from common.events import CountSegments, Tick
from common.messages.ledger import MAX_MINUTES, Ledger
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents, Query, Snapshot, Where

from ..model.start_error import InternalStartError
from ..sending.rate_limit import RateLimitedDispatch
from .erased_people import ErasedPeople
from .finishing import CampaignFinisher
from .late_reports import update_totals
from .lifecycle import CampaignLifecycle
from .pending_imports import publish_pending_imports
from .retention import CampaignRetention
from .watchdog import Watchdog

log = logging.getLogger(__name__)
PARALLEL_CAMPAIGNS = 32
"""Campaigns that are started or checked at a time: with 1,000 of them a tick stays within a few seconds."""
CAMPAIGN_FIELDS = (
    "state", "open", "commands_pending", "retrying", "retries", "launched_at", "launched_by", "discrepancy"
)  # fmt: skip
"""The fields of an open campaign that the duties need. Its message may be large."""
MAX_TICK_AGE = timedelta(minutes=2)
CLOCK_DIFFERENCE = timedelta(seconds=5)
"""Between Pub/Sub, which dates a tick, and this instance."""


class Scheduler:
    """Runs the work of a tick.

    `owner` identifies this instance in the lease on compaction; `budget_seconds` limits the time of one
    tick, on the clock `monotonic`. `parallel_campaigns` are started or checked at a time.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ledger: Ledger,
        lifecycle: CampaignLifecycle,
        finisher: CampaignFinisher,
        dispatch: RateLimitedDispatch,
        watchdog: Watchdog,
        retention: CampaignRetention,
        late_flags: LateFlags,
        owner: str,
        budget_seconds: float,
        parallel_campaigns: int = PARALLEL_CAMPAIGNS,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._ledger = ledger
        self._lifecycle = lifecycle
        self._finisher = finisher
        self._dispatch = dispatch
        self._watchdog = watchdog
        self._retention = retention
        self._late_flags = late_flags
        self._owner = owner
        self._budget_seconds = budget_seconds
        self._parallel_campaigns = parallel_campaigns
        self._clock = clock
        self._monotonic = monotonic
        self._erased_people = ErasedPeople(documents)
        self._reconciliation = Reconciliation(documents, clock=clock, monotonic=monotonic)
        self._done_until: datetime | None = None  # what was published before that time needs no further tick

    async def tick(self, tick: Tick) -> None:
        """Does all duties. A tick that waited too long, or that a later one made superfluous, is dropped."""
        started_at = self._clock()
        if self._is_superfluous(tick, started_at):
            log.info("old tick dropped", extra={"event": "tick_dropped", "at": str(tick.at)})
            return
        opened: list[Snapshot] = []
        await _isolate("read_campaigns", self._read_open(opened))
        await asyncio.gather(_isolate("dispatch", self._dispatch_due(opened)), self._do_in_turn(opened))
        self._done_until = max(self._done_until or started_at, started_at)

    def _is_superfluous(self, tick: Tick, now: datetime) -> bool:
        if tick.at is None:
            return False
        is_covered = self._done_until is not None and tick.at < self._done_until - CLOCK_DIFFERENCE
        return is_covered or now - tick.at > max(MAX_TICK_AGE, 2 * timedelta(seconds=self._budget_seconds))

    async def _read_open(self, opened: list[Snapshot]) -> None:
        """Adds the open campaigns."""
        query = Query(collection="campaigns", where=[Where("open", "==", True)], fields=CAMPAIGN_FIELDS)
        opened += await self._documents.query(query)

    async def _dispatch_due(self, opened: Sequence[Snapshot]) -> None:
        """All campaigns at once: each waits most of the time. How many read and publish at a time is bounded."""
        active = [campaign for campaign in opened if campaign["state"] != "paused"]
        await asyncio.gather(
            *(
                _isolate(
                    f"campaign {campaign.id}",
                    self._dispatch.dispatch_due(campaign.id, is_cancelled=campaign["state"] == "cancelled"),
                )
                for campaign in active
            )
        )

    async def _do_in_turn(self, opened: Sequence[Snapshot]) -> None:
        """The duties that do not wait for a rate. What concerns messages comes first."""
        await _isolate("publish_imports", publish_pending_imports(self._documents, self._publisher))
        await _isolate("start_campaigns", self._start_due())
        await _isolate("check_campaigns", run_bounded(opened, self._check_isolated, limit=self._parallel_campaigns))
        await _isolate("redact_erased_people", self._erased_people.redact_due())
        await _isolate("update_totals", update_totals(self._documents, self._ledger))
        await _isolate("compact", self._compact())
        await _isolate("retention", self._retention.run_until(self._monotonic() + self._budget_seconds / 4))
        await _isolate("reconcile", self._reconcile())

    async def _start_due(self) -> None:
        due = [Where("state", "==", "scheduled"), Where("start_at", "<=", self._clock())]
        campaigns = await self._documents.query(Query(collection="campaigns", where=due))
        await run_bounded(campaigns, self._start, limit=self._parallel_campaigns)

    async def _start(self, campaign: Snapshot) -> None:
        """Launches a scheduled campaign. An error is stored with it; the others are still started."""
        try:
            by, checked = campaign.get("created_by", "schedule"), campaign.get("checked_content")
            await self._lifecycle.launch(campaign, by=by, checked_content=checked)
        except Exception as error:  # for example a deleted segment, or a document that is not as expected
            fields = {"event": "scheduled_launch_failed", "campaign": campaign.id, "reason": str(error)}
            log.error("scheduled campaign was not launched", extra=fields, exc_info=not isinstance(error, HeraldError))
            known = error if isinstance(error, HeraldError) else InternalStartError()
            await _isolate(f"campaign {campaign.id}", self._lifecycle.record_start_error(campaign, known))

    async def _check_isolated(self, campaign: Snapshot) -> None:
        await _isolate(f"campaign {campaign.id}", self._check(campaign))

    async def _check(self, campaign: Snapshot) -> None:
        """Publishes lost commands, finishes the campaign, or has the watchdog look at it. A paused one may be done."""
        if campaign["state"] == "paused":
            await self._finisher.finish_if_complete(campaign.id)
            return
        if campaign.get("commands_pending"):
            await self._lifecycle.publish_pending_commands(campaign.id)
            return
        statistics = await self._ledger.statistics(campaign.id)
        if len(statistics.minutes) > MAX_MINUTES:
            await self._ledger.shorten(campaign.id)
        if not await self._finisher.finish_if_done(campaign, statistics):
            await self._watchdog.check(campaign, statistics)

    async def _compact(self) -> None:
        for table in TABLES:
            until = self._monotonic() + self._budget_seconds / len(TABLES)
            inspect = self._late_flags.inspect if table is CUSTOMERS else None
            while result := await compact(
                self._documents, now=self._clock(), owner=self._owner, table=table, inspect=inspect
            ):
                if not result.remaining or self._monotonic() > until:
                    break

    async def _reconcile(self) -> None:
        is_done_now = await self._reconciliation.run_until(self._monotonic() + self._budget_seconds / 2)
        if is_done_now and await self._documents.query(Query(collection="segments", limit=1, fields=())):
            await self._publisher.publish([CountSegments(command="count_segments")])


async def _isolate(duty: str, work: Awaitable[None]) -> None:
    """Logs any error of a duty, so that it stops neither the other duties nor the other campaigns."""
    try:
        await work
    except Exception:
        log.exception("duty of the tick failed", extra={"event": "tick_duty_failed", "duty": duty})
