"""Retry: sends the messages again that failed with a temporary error.

A failure is retried by creating its `retried` receipt. The receipt takes the failure out of the counters and can be
created only once. Then the next attempt is published. If the process dies in between, there is a `retried` receipt
without an outcome: the command is delivered again and publishes the attempt again, and the claim of that attempt makes
sure that it is sent once. If the vendor may have accepted the failed attempt, the next one uses its idempotency key.

    campaigns/{id}   retries    how many times a retry was requested
                     retrying   whether the last one is still in progress; until it ends, the campaign is not finished
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from common.audience import CustomerRow
from common.clock import Clock, utc_now
from common.events import MessageReady, Receipt, Retry
from common.messages.ledger import OUTCOME, Ledger, receipt_path
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from ..model.campaign import Campaign
from .fan_out import FanOutWorker
from .recipients import exclusion_reason

PAGE_SIZE = 200


class FailedMessageRetry:
    """Publishes the next attempts of failed messages, and lost messages again."""

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ledger: Ledger,
        fan_out: FanOutWorker,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._ledger = ledger
        self._fan_out = fan_out
        self._clock = clock

    async def run(self, command: Retry) -> None:
        """Processes one page of failures and publishes the continuation; on the last page ends the retry."""
        stored = await self._documents.get(f"campaigns/{command.campaign_id}")
        if stored.get("state") not in {"running", "paused"}:
            return
        failures = await self._failures(command)
        retryable = [item for item in failures if not item.get("permanent") and item["attempt"] <= command.round]
        await self._open_attempts(Campaign.from_snapshot(stored), retryable)
        if len(failures) == PAGE_SIZE:
            await self._publisher.publish([command.model_copy(update={"after": failures[-1].id})])
        else:
            await self._finish(command)

    async def _finish(self, command: Retry) -> None:
        """Ends the retry, unless another retry was requested in the meantime."""

        async def build(_: int) -> tuple[None, Sequence[Write]]:
            campaign = await self._documents.get(f"campaigns/{command.campaign_id}")
            is_last = campaign.get("retrying") and campaign["retries"] == command.round
            return None, [Update(campaign.path, {"retrying": False}, campaign.version)] if is_last else []

        await commit_with_retry(self._documents, build)

    async def _failures(self, command: Retry) -> Sequence[Snapshot]:
        of_campaign = [Where("campaign", "==", command.campaign_id), Where("kind", "==", "failed")]
        after = (command.after,) if command.after else None
        return await self._documents.query(
            Query(collection="receipts", where=of_campaign, after=after, limit=PAGE_SIZE)
        )

    async def _open_attempts(self, campaign: Campaign, failures: Sequence[Snapshot]) -> None:
        """Records and publishes the next attempt of each failure, if that attempt has no outcome yet."""
        outcomes = await self._documents.get_all(
            [receipt_path(failure["message"], OUTCOME, failure["attempt"] + 1) for failure in failures]
        )
        pending = [failure for failure, outcome in zip(failures, outcomes, strict=True) if not outcome.exists]
        if not pending:
            return
        await self._ledger.record([_retried_receipt(failure, self._clock()) for failure in pending])
        await self.send(campaign, [(item["message"], item["customer"], item["attempt"] + 1) for item in pending])

    async def send(self, campaign: Campaign, messages: Sequence[tuple[str, str, int]]) -> None:
        """Publishes each (message id, customer id, attempt): with the text of its claim, or, if there is none, as a
        recipient that needs a text. A recipient who is excluded by now is skipped, unless the vendor may have the
        message."""
        customers = await self._fan_out.current_rows([customer for _, customer, _ in messages])
        claims = await self._documents.get_all([f"claims/{id_}" for id_, _, _ in messages])
        openings = await self._documents.get_all(
            [receipt_path(id_, "retried", attempt) for id_, _, attempt in messages]
        )
        with_text, without_text = list[MessageReady](), defaultdict[int, dict[str, CustomerRow | None]](dict)
        for claim, opening, (_, customer, attempt) in zip(claims, openings, messages, strict=True):
            if claim.exists and _still_deliverable(campaign, claim, customers[customer]):
                retry_of = opening.get("retry_of_attempt")
                with_text.append(message_from_claim(claim, attempt=attempt, retry_of_attempt=retry_of))
            else:
                without_text[attempt][customer] = customers[customer]
        await self._fan_out.dispatch(campaign, with_text)
        for attempt, rows in without_text.items():
            await self._fan_out.send(campaign, rows, attempt=attempt)


def _still_deliverable(campaign: Campaign, claim: Snapshot, row: CustomerRow | None) -> bool:
    """Whether the claimed message can be published again unchanged. A redacted one can: it will be skipped."""
    return not claim["to"] or (row is not None and exclusion_reason(campaign, row) is None)


def message_from_claim(claim: Snapshot, *, attempt: int, retry_of_attempt: int | None) -> MessageReady:
    """The message of a claim, with its text, as another attempt."""
    message_id = claim.id.partition(".")[0]
    ids = {"message_id": message_id, "campaign_id": claim["campaign"], "customer_id": claim["customer"]}
    return MessageReady.model_validate(
        {**(claim.data or {}), **ids, "attempt": attempt, "retry_of_attempt": retry_of_attempt, "delivery_tries": 0}
    )


def _retried_receipt(failure: Snapshot, now: datetime) -> Receipt:
    """The receipt that opens the next attempt of a failure."""
    return Receipt(
        message_id=failure["message"],
        attempt=failure["attempt"] + 1,
        campaign_id=failure["campaign"],
        customer_id=failure["customer"],
        kind="retried",
        at=now,
        reason=failure.get("reason"),
        retry_of_attempt=failure.get("retry_of_attempt"),
    )
