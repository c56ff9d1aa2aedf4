"""Finds messages that were lost on their way, and publishes them again.

    pages/{campaign}.progress   pending, people   the number of pending messages and the audience, when last changed
                                at                the time of that change, or of the last check
                                checks            the number of checks since that change

While the number of pending messages changes, all is well. When it does not change for `STALL_AFTER`, every person of
the audience is checked: a message that has no outcome, is not deferred and has no running lease is published again,
from its claim or, if it has none, from the customer. Nothing is sent twice: the claim and the vendor's idempotency key
prevent it. The interval between checks doubles each time. In the last check, about a day after the first, the messages
that the vendor may have are recorded as failed, because it did not report; or as unknown, if it forgot them by then.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from common.backoff import Backoff
from common.batching import chunked
from common.clock import Clock, utc_now
from common.errors import Conflict
from common.ids import message_id
from common.messages.claim_fields import sending_since
from common.messages.ledger import OUTCOME, Ledger, Statistics, receipt_path
from common.storage.documents import Documents, Put, Query, Snapshot, Update, Where

from ..model.campaign import Campaign
from ..sending.fan_out import FanOutWorker
from ..sending.retry import FailedMessageRetry, unreported_receipt
from .lifecycle import CampaignLifecycle

log = logging.getLogger(__name__)
STALL_AFTER = timedelta(minutes=10)
MAX_CHECKS = 7
"""The intervals are 10 minutes, 20, 40, …; the last check comes 21 hours after the last change."""
MAX_RECEIPTS = 400
"""In one commit of the ledger."""


class Watchdog:
    """Checks running campaigns that make no progress. `stall_after` is the time without progress before a check."""

    def __init__(
        self,
        *,
        documents: Documents,
        ledger: Ledger,
        lifecycle: CampaignLifecycle,
        fan_out: FanOutWorker,
        failed_message_retry: FailedMessageRetry,
        stall_after: timedelta = STALL_AFTER,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._ledger = ledger
        self._lifecycle = lifecycle
        self._fan_out = fan_out
        self._failed_message_retry = failed_message_retry
        seconds = stall_after.total_seconds()
        self._backoff = Backoff(initial=seconds, maximum=seconds * 2 ** (MAX_CHECKS - 1), jitter=0)
        self._clock = clock

    async def check(self, campaign: Snapshot, statistics: Statistics) -> None:
        """Records the progress. If the campaign has stalled, compares its counters and sends lost messages again."""
        progress = await self._documents.get(f"pages/{campaign.id}.progress")
        current = {"pending": statistics.pending, "people": statistics.audience}
        has_moved = not progress.exists or any(progress.get(name) != value for name, value in current.items())
        checks = 0 if has_moved else progress.get("checks", 0)
        wait = timedelta(seconds=self._backoff.delay(checks))
        is_stalled = not has_moved and self._clock() - progress["at"] > wait
        if has_moved or is_stalled:
            await self._documents.commit(
                [Put(progress.path, {**current, "at": self._clock(), "checks": checks + is_stalled})]
            )
        if statistics.pending < 0:
            fields = {"event": "pending_negative", "campaign": campaign.id, "pending": statistics.pending}
            log.error("more outcomes than people", extra=fields)
        if is_stalled or statistics.pending < 0:
            await self._compare_counters(campaign, statistics)
        if is_stalled:
            await self._lifecycle.publish_pending_commands(campaign.id)  # in case a command was lost
            await self._resend_all(Campaign.from_snapshot(campaign), is_last=checks + 1 >= MAX_CHECKS)

    async def _compare_counters(self, campaign: Snapshot, statistics: Statistics) -> None:
        """Stores a discrepancy, because wrong counters can prevent a campaign from finishing."""
        discrepancy = await self._ledger.discrepancy(campaign.id, statistics)
        if discrepancy == campaign.get("discrepancy") or await self._ledger.statistics(campaign.id) != statistics:
            return  # in the second case a receipt was recorded in the meantime
        if discrepancy:
            fields = {"event": "counter_discrepancy", "campaign": campaign.id, **discrepancy}
            log.error("counters differ from the ledger", extra=fields)
        with suppress(Conflict):  # the campaign was changed at the same time: the next check stores it
            await self._documents.commit([Update(campaign.path, {"discrepancy": discrepancy}, campaign.version)])

    async def _resend_all(self, campaign: Campaign, *, is_last: bool) -> None:
        """Publish every lost message of the campaign again, and log how many there were."""
        pages = await self._documents.query(Query(collection="pages", where=[Where("campaign", "==", campaign.id)]))
        lost = 0
        for page in pages:
            planned = [customer for customer in page["planned"] if customer not in page["skipped"]]
            messages = [(message_id(campaign.id, customer), customer, 1) for customer in planned]
            lost += await self._resend_lost(campaign, messages, is_last=is_last)
            lost += await self._republish_lost_skips(campaign, page["skipped"])
        lost += await self._resend_lost(campaign, await self._retried_messages(campaign), is_last=is_last)
        log.warning(
            "campaign stalled: lost messages are sent again",
            extra={"event": "campaign_stalled", "campaign": campaign.id, "resent": lost},
        )

    async def _retried_messages(self, campaign: Campaign) -> list[tuple[str, str, int]]:
        """(message id, customer id, attempt) of every attempt after the first."""
        of_campaign = [Where("campaign", "==", campaign.id), Where("kind", "==", "retried")]
        receipts = await self._documents.query(Query(collection="receipts", where=of_campaign))
        return [(receipt["message"], receipt["customer"], receipt["attempt"]) for receipt in receipts]

    async def _resend_lost(self, campaign: Campaign, messages: Sequence[tuple[str, str, int]], *, is_last: bool) -> int:
        """Sends those of the messages (message id, customer id, attempt) again that are lost; returns their number.

        A message is lost if it has no outcome, is not deferred and has no running lease.
        """
        outcomes = await self._documents.get_all([receipt_path(id_, OUTCOME, attempt) for id_, _, attempt in messages])
        pending = [message for message, outcome in zip(messages, outcomes, strict=True) if not outcome.exists]
        claims = await self._failed_message_retry.claims(pending)
        deferred = await self._documents.get_all([f"deferred/{id_}" for id_, _, _ in pending])
        lost = [
            (message, claim)
            for message, claim, deferral in zip(pending, claims, deferred, strict=True)
            if not deferral.exists and (not claim.exists or claim["lease_until"] <= self._clock())
        ]
        unreported = [
            unreported_receipt(message, claim, self._clock())
            for message, claim in lost
            if is_last and _was_handed_to_vendor(claim)
        ]
        for batch in chunked(unreported, MAX_RECEIPTS):
            await self._ledger.record(batch)
        if to_resend := [message for message, claim in lost if not (is_last and _was_handed_to_vendor(claim))]:
            await self._failed_message_retry.send(campaign, to_resend)
        return len(lost)

    async def _republish_lost_skips(self, campaign: Campaign, reasons: Mapping[str, str]) -> int:
        """Publishes lost `skipped` receipts again, by customer id and reason; returns their number."""
        paths = {customer: receipt_path(message_id(campaign.id, customer), OUTCOME) for customer in reasons}
        outcomes = {outcome.path: outcome for outcome in await self._documents.get_all(list(paths.values()))}
        lost = {customer: reasons[customer] for customer, path in paths.items() if not outcomes[path].exists}
        await self._fan_out.skip(campaign, lost, await self._fan_out.current_rows(list(lost)))
        return len(lost)


def _was_handed_to_vendor(claim: Snapshot) -> bool:
    """Whether the vendor may have the message of an expired claim that is not deferred."""
    return sending_since(claim) is not None
