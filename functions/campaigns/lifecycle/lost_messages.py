"""Finds messages that were lost on their way, and publishes them again.

A message that has no outcome, is not deferred and has no running lease is published again, from its claim or, if it has
none, from the customer. Nothing is sent twice: the claim and the vendor's idempotency key prevent it. A message that
the vendor may have had for a day is recorded as failed, because the vendor did not report on it; or as unknown, if the
vendor forgot it by then. How long that is depends on the message's own claim and on when its attempt was opened, and
not on what else happens in the campaign.

One command checks one bucket: first its pages, one after the other, then the later attempts of the messages whose ids
are in the bucket's part of all ids. It remembers how far it has come, and publishes its own continuation when its time
is used up. So neither memory nor time depend on the size of the campaign.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from common.batching import chunked
from common.clock import Clock, utc_now
from common.events import CheckMessages
from common.ids import BUCKETS, ERASED_CUSTOMER_ID, message_id
from common.messages.claim_fields import sending_since
from common.messages.deferred import deferred_path
from common.messages.ledger import OUTCOME, Ledger, receipt_path
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents, Query, Snapshot, Where

from ..model.campaign import Campaign
from ..sending.fan_out import BUDGET_SECONDS, FanOutWorker, page_path
from ..sending.retry import AttemptOfMessage, FailedMessageRetry, unreported_receipt
from .watchdog import STALL_AFTER, report_patience

log = logging.getLogger(__name__)
MAX_RECEIPTS = 400
"""In one commit of the ledger, and in one read of later attempts."""
OpeningTimes = Mapping[AttemptOfMessage, datetime]
"""When each attempt after the first was opened."""


class LostMessages:
    """Checks the messages of a campaign."""

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ledger: Ledger,
        fan_out: FanOutWorker,
        failed_message_retry: FailedMessageRetry,
        stall_after: timedelta = STALL_AFTER,
        budget_seconds: float = BUDGET_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._ledger = ledger
        self._fan_out = fan_out
        self._failed_message_retry = failed_message_retry
        self._patience = report_patience(stall_after)
        self._budget_seconds = budget_seconds
        self._clock = clock

    async def run(self, command: CheckMessages) -> None:
        """Checks pages and later attempts of the bucket until all are checked or the time is used up."""
        stored = await self._documents.get(f"campaigns/{command.campaign_id}")
        if not stored.get("open") or stored["state"] == "paused":
            return
        campaign, until = Campaign.from_snapshot(stored), time.monotonic() + self._budget_seconds
        lost = 0
        current: CheckMessages | None = command
        while current is not None:
            if current is not command and time.monotonic() > until:
                await self._publisher.publish([current])
                break
            found, current = await self._step(campaign, current, has_retries=bool(stored.get("retries")))
            lost += found
        if lost:
            fields = {"event": "messages_resent", "campaign": campaign.id, "bucket": command.bucket, "resent": lost}
            log.warning("lost messages are sent again", extra=fields)

    async def _step(
        self, campaign: Campaign, command: CheckMessages, *, has_retries: bool
    ) -> tuple[int, CheckMessages | None]:
        """The number of lost messages on one page, and where to continue; None at the end."""
        if command.page is None:
            return await self._check_later_attempts(campaign, command)
        page = await self._documents.get(page_path(campaign.id, command.bucket, command.page))
        lost = await self._check_page(campaign, page) if page.exists else 0
        if page.exists and not page["final"]:
            return lost, command.model_copy(update={"page": command.page + 1})
        return lost, command.model_copy(update={"page": None}) if has_retries else None

    async def _check_page(self, campaign: Campaign, page: Snapshot) -> int:
        left_out = {*page["skipped"], ERASED_CUSTOMER_ID}  # who is redacted got an outcome before
        planned = [customer for customer in page["planned"] if customer not in left_out]
        first_attempts = [(message_id(campaign.id, customer), customer, 1) for customer in planned]
        lost = await self._resend_lost(campaign, first_attempts, {})
        return lost + await self._republish_lost_skips(campaign, page["skipped"])

    async def _check_later_attempts(
        self, campaign: Campaign, command: CheckMessages
    ) -> tuple[int, CheckMessages | None]:
        """Checks the next attempts after the first, in the bucket's part of the ids. Returns as `_step` does."""
        receipts = await self._documents.query(
            Query(
                collection="receipts",
                where=[Where("campaign", "==", campaign.id), Where("kind", "==", "retried")],
                id_from=_first_id(command.bucket),
                id_before=_first_id(command.bucket + 1),
                after=(command.after,) if command.after else None,
                limit=MAX_RECEIPTS,
                fields=("message", "customer", "attempt", "at"),
            )
        )
        opened_at = {
            (receipt["message"], receipt["customer"], receipt["attempt"]): receipt["at"] for receipt in receipts
        }
        lost = await self._resend_lost(campaign, list(opened_at), opened_at)
        has_more = len(receipts) == MAX_RECEIPTS
        return lost, command.model_copy(update={"after": receipts[-1].id}) if has_more else None

    async def _resend_lost(
        self, campaign: Campaign, attempts: Sequence[AttemptOfMessage], opened_at: OpeningTimes
    ) -> int:
        """Sends those of the messages again that are lost; returns their number.

        A message is lost if it has no outcome, is not deferred and has no running lease.
        """
        outcomes = await self._documents.get_all([receipt_path(id_, OUTCOME, attempt) for id_, _, attempt in attempts])
        pending = [message for message, outcome in zip(attempts, outcomes, strict=True) if not outcome.exists]
        claims = await self._failed_message_retry.claims(pending)
        deferred = await self._documents.get_all([deferred_path(id_, attempt) for id_, _, attempt in pending])
        lost = [
            (message, claim)
            for message, claim, deferral in zip(pending, claims, deferred, strict=True)
            if not deferral.exists and (not claim.exists or claim["lease_until"] <= self._clock())
        ]
        silent = [(message, claim) for message, claim in lost if self._is_unreported(claim, opened_at.get(message))]
        for batch in chunked(silent, MAX_RECEIPTS):
            await self._ledger.record([unreported_receipt(message, claim, self._clock()) for message, claim in batch])
        unreported = {message for message, _ in silent}
        if to_resend := [message for message, _ in lost if message not in unreported]:
            await self._failed_message_retry.send(campaign, to_resend)
        return len(lost)

    def _is_unreported(self, claim: Snapshot, opened_at: datetime | None) -> bool:
        """Whether the vendor may have had the message for too long, also since a retry opened this attempt."""
        since = sending_since(claim)
        if since is None:
            return False
        return max(since, opened_at or since) <= self._clock() - self._patience

    async def _republish_lost_skips(self, campaign: Campaign, reasons: Mapping[str, str]) -> int:
        """Publishes lost `skipped` receipts again, by customer id and reason; returns their number."""
        paths = {customer: receipt_path(message_id(campaign.id, customer), OUTCOME) for customer in reasons}
        outcomes = {outcome.path: outcome for outcome in await self._documents.get_all(list(paths.values()))}
        lost = {customer: reasons[customer] for customer, path in paths.items() if not outcomes[path].exists}
        if lost:
            await self._fan_out.skip(campaign, lost, await self._fan_out.current_rows(list(lost)))
        return len(lost)


def _first_id(bucket: int) -> str:
    """The first message id of a bucket's part. Ids are hexadecimal; the last part ends after all of them."""
    return f"{bucket * 256 // BUCKETS:02x}" if bucket < BUCKETS else "~"
