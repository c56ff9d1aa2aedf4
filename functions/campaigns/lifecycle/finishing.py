"""The end of a campaign: it is finished when its audience is complete and nothing is pending.

Each of these requests the check when it may have been the last step: the function that records the last outcome,
fan-out after its last page, a retry after its last attempt, and a pause, which may come when nothing is left to pause.
Each tick checks, too, in case a request was lost.
"""

from __future__ import annotations

import asyncio
import logging

from common.errors import HeraldError, Refused
from common.messages.completion import Completion
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger, Statistics
from common.storage.documents import Documents, Snapshot

from .lifecycle import CampaignLifecycle

log = logging.getLogger(__name__)
MAX_COUNT_SECONDS = 20


class CampaignFinisher:
    """Finishes campaigns, with their totals and with any discrepancy from the ledger."""

    def __init__(
        self,
        *,
        documents: Documents,
        ledger: Ledger,
        completion: Completion,
        deferred: DeferredMessages,
        lifecycle: CampaignLifecycle,
    ) -> None:
        self._documents = documents
        self._ledger = ledger
        self._completion = completion
        self._deferred = deferred
        self._lifecycle = lifecycle

    async def finish_if_complete(self, campaign_id: str) -> None:
        """Finishes the campaign if nothing is pending. Otherwise it costs one or two reads."""
        if not await self._completion.is_complete(campaign_id):
            return
        campaign = await self._documents.get(f"campaigns/{campaign_id}")
        if campaign.get("open"):
            await self.finish_if_done(campaign, await self._ledger.statistics(campaign_id))

    async def finish_if_done(self, campaign: Snapshot, statistics: Statistics) -> bool:
        """Finishes an open campaign without pending messages. Returns whether it had none."""
        if not statistics.audience_complete or statistics.pending or campaign.get("retrying"):
            return False
        if await self._deferred.remove_copies(campaign.id):  # what is left is on its way; the next tick looks again
            await self._finish(campaign, statistics)
        return True

    async def _finish(self, campaign: Snapshot, statistics: Statistics) -> None:
        """Compares the counters with the ledger, and closes the campaign."""
        discrepancy = await self._count_discrepancy(campaign, statistics)
        if discrepancy:
            fields = {"event": "counter_discrepancy", "campaign": campaign.id, **discrepancy}
            log.error("counters differ from the ledger", extra=fields)
        try:
            await self._lifecycle.finish(campaign, statistics, discrepancy)
        except Refused:
            return  # the campaign was changed at the same time: the next tick checks it again
        await self._deferred.remove_copies(campaign.id)  # one may have been deferred right before
        log.info(
            "campaign finished", extra={"event": "campaign_finished", "campaign": campaign.id, **statistics.totals}
        )

    async def _count_discrepancy(self, campaign: Snapshot, statistics: Statistics) -> dict[str, dict[str, int]] | None:
        """A campaign that is too large to be counted is finished without the comparison."""
        try:
            async with asyncio.timeout(MAX_COUNT_SECONDS):
                return await self._ledger.discrepancy(campaign.id, statistics)
        except (HeraldError, TimeoutError) as error:
            log_uncounted(campaign, error)
            return None


def log_uncounted(campaign: Snapshot, error: Exception) -> None:
    """Logs that the counters of a campaign could not be compared."""
    fields = {"event": "ledger_not_counted", "campaign": campaign.id, "reason": str(error)}
    log.warning("counters were not compared with the ledger", extra=fields)
