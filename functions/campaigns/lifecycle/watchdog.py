"""Notices campaigns that make no progress, or that have messages without a report for long.

    pages/{campaign}.progress   pending, people, retried   the numbers of pending messages, of people and of retried
                                                           messages, when one of them last changed
                                at                         the time of that change, or of the last check
                                checks                     the number of checks since that change
                                checked_at                 the time of the last check, or when it was first seen
                                published                  whether all commands of the last check are published

While the number of pending messages changes, all is well. When it does not change for `STALL_AFTER`, every person of
the audience is checked: see `lost_messages.py`. The interval between checks doubles each time. A few reports now and
then must not put off the checks for ever: a campaign that moves is checked twice a day as well, if it has pending
messages that are not deferred. The checks are commands, one for each bucket, because a tick is too short for them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from common.backoff import Backoff
from common.clock import Clock, utc_now
from common.errors import Conflict, HeraldError
from common.events import CheckMessages
from common.ids import BUCKETS
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger, Statistics
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents, Put, Snapshot, Update

from ..sending.rate_limit import has_released_lately
from .finishing import log_uncounted
from .lifecycle import CampaignLifecycle

log = logging.getLogger(__name__)
STALL_AFTER = timedelta(minutes=10)
MAX_CHECKS = 7
"""The intervals are 10 minutes, 20, 40, …; the last check comes 21 hours after the last change."""


def longest_interval(stall_after: timedelta) -> timedelta:
    """Between two checks of a campaign with pending messages, whether it moves or not."""
    return stall_after * (1 << (MAX_CHECKS - 1))


def report_patience(stall_after: timedelta) -> timedelta:
    """How long the vendor has for its report on a message: the sum of all intervals between checks."""
    return stall_after * ((1 << MAX_CHECKS) - 1)


class Watchdog:
    """Decides which open campaigns are checked. `stall_after` is the time without progress before a check."""

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ledger: Ledger,
        deferred: DeferredMessages,
        lifecycle: CampaignLifecycle,
        stall_after: timedelta = STALL_AFTER,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._ledger = ledger
        self._deferred = deferred
        self._lifecycle = lifecycle
        self._stall_after = stall_after
        self._longest_interval = longest_interval(stall_after)
        self._backoff = Backoff(
            initial=stall_after.total_seconds(), maximum=self._longest_interval.total_seconds(), jitter=0
        )
        self._clock = clock

    async def check(self, campaign: Snapshot, statistics: Statistics) -> None:
        """Records the progress. Compares the counters of a stalled campaign, and has its messages checked."""
        progress = await self._documents.get(f"pages/{campaign.id}.progress")
        retried = statistics.kinds.get("retried", 0)
        current = {"pending": statistics.pending, "people": statistics.audience, "retried": retried}
        has_moved = not progress.exists or any(progress.get(name) != value for name, value in current.items())
        is_stalled = not has_moved and await self._is_stalled(campaign, progress, statistics)
        is_checked = is_stalled or self._was_cut_off(progress) or await self._is_overdue(campaign, progress, statistics)
        if has_moved or is_checked:  # first, so that slow ticks that overlap do not all publish the commands
            await self._record_progress(progress, current, has_moved=has_moved, is_checked=is_checked)
        if statistics.pending < 0:
            fields = {"event": "pending_negative", "campaign": campaign.id, "pending": statistics.pending}
            log.error("more outcomes than people", extra=fields)
        if is_stalled or statistics.pending < 0:
            await self._compare_counters(campaign, statistics)
        if is_checked:
            await self._lifecycle.publish_pending_commands(campaign.id)  # in case a command was lost
            await self._publish_checks(campaign, is_stalled=is_stalled)
            await self._documents.commit([Update(progress.path, {"published": True})])

    async def _is_stalled(self, campaign: Snapshot, progress: Snapshot, statistics: Statistics) -> bool:
        """Messages that were released just now are on their way, and not lost: a later tick looks again. Those that
        wait for the morning are not lost either."""
        wait = timedelta(seconds=self._backoff.delay(progress.get("checks", 0)))
        if self._clock() - progress["at"] <= wait:
            return False
        if await has_released_lately(self._documents, campaign.id, self._clock()):
            return False
        waiting = await self._deferred.counts(campaign.id)
        asleep = waiting.get("quiet_hours", 0) + waiting.get("local_hour", 0)
        return not asleep or statistics.pending > asleep

    def _was_cut_off(self, progress: Snapshot) -> bool:
        """Whether a tick has died after it had noted a check, and before all commands of the check were published."""
        return not progress.get("published", True) and self._clock() - progress["checked_at"] > self._stall_after

    async def _is_overdue(self, campaign: Snapshot, progress: Snapshot, statistics: Statistics) -> bool:
        """Whether the last check is long ago, and messages are pending that are not deferred."""
        checked_at = progress.get("checked_at")
        if checked_at is None or self._clock() - checked_at <= self._longest_interval:
            return False
        return statistics.pending > sum((await self._deferred.counts(campaign.id)).values())

    async def _record_progress(
        self, progress: Snapshot, current: Mapping[str, Any], *, has_moved: bool, is_checked: bool
    ) -> None:
        now = self._clock()
        checks = 0 if has_moved else progress.get("checks", 0)
        checked_at = now if is_checked else progress.get("checked_at", now)
        times = {"at": now, "checked_at": checked_at, "checks": checks + is_checked}
        published = not is_checked and progress.get("published", True)
        await self._documents.commit([Put(progress.path, {**current, **times, "published": published})])

    async def _publish_checks(self, campaign: Snapshot, *, is_stalled: bool) -> None:
        """One command for each bucket."""
        if is_stalled:
            log.warning("campaign stalled", extra={"event": "campaign_stalled", "campaign": campaign.id})
        else:
            log.info("campaign checked again", extra={"event": "campaign_overdue", "campaign": campaign.id})
        commands = [CheckMessages(command="check", campaign_id=campaign.id, bucket=bucket) for bucket in range(BUCKETS)]
        await self._publisher.publish(commands)

    async def _compare_counters(self, campaign: Snapshot, statistics: Statistics) -> None:
        """Stores a discrepancy, because wrong counters can prevent a campaign from finishing.

        If the ledger is too large to be counted, the check goes on without the comparison.
        """
        try:
            discrepancy = await self._ledger.discrepancy(campaign.id, statistics)
        except HeraldError as error:
            log_uncounted(campaign, error)
            return
        if discrepancy == campaign.get("discrepancy") or await self._ledger.statistics(campaign.id) != statistics:
            return  # in the second case a receipt was recorded in the meantime
        if discrepancy:
            fields = {"event": "counter_discrepancy", "campaign": campaign.id, **discrepancy}
            log.error("counters differ from the ledger", extra=fields)
        with suppress(Conflict):  # the campaign was changed at the same time: the next check stores it
            await self._documents.commit([Update(campaign.path, {"discrepancy": discrepancy}, campaign.version)])
