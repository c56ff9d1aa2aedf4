"""Deferred messages: the campaign is paused, the vendor is down, or the vendor's rate limit is reached.

    deferred/{message id}   topic, data   the event, which is published again unchanged
                            campaign      the campaign's id
                            customer      the customer's id
                            reason        paused, vendor or rate
                            until         the earliest time to publish it again

Refusing a message instead would slow down the whole subscription, so a message is stored here and acknowledged. To
requeue a message, it is first published and then deleted. If it is deferred again in between, the newer version stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from common.batching import Batcher
from common.errors import Conflict
from common.events import MessageReady, RecipientSelected
from common.ids import ERASED_CUSTOMER_ID
from common.pubsub.publisher import Publisher
from common.storage.documents import Delete, Documents, Put, Query, Snapshot, Update, Where

EVENTS: Mapping[str, type[RecipientSelected | MessageReady]] = {
    event.topic: event for event in (RecipientSelected, MessageReady)
}
MAX_PER_COMMIT = 400
"""Messages in one commit, and in one call of `requeue`."""

DeferReason = Literal["paused", "vendor", "rate"]
DEFER_REASONS: tuple[DeferReason, ...] = ("paused", "vendor", "rate")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeferredMessage:
    """One message, the reason why it is deferred, and the earliest time to publish it again."""

    event: RecipientSelected | MessageReady
    reason: DeferReason
    until: datetime


class DeferredMessages:
    """Stores messages that cannot be handled now, and publishes them again later."""

    def __init__(self, documents: Documents, publisher: Publisher) -> None:
        self._documents = documents
        self._publisher = publisher
        self._batches: Batcher[DeferredMessage, None] = Batcher(
            self._write,
            max_items=MAX_PER_COMMIT,
            size_of=lambda message: len(message.event.encode()),
            max_size=3_000_000,
        )

    async def defer(self, messages: Sequence[DeferredMessage]) -> None:
        """Returns when the messages are stored."""
        await asyncio.gather(*(self._batches.enqueue(message) for message in messages))

    async def due(self, campaign: str, *, now: datetime) -> list[Snapshot]:
        """The campaign's messages that can be published again now, oldest first, at most 400."""
        return await self._documents.query(
            Query(
                collection="deferred",
                where=[Where("campaign", "==", campaign), Where("until", "<=", now)],
                order_by=("until", "asc"),
                limit=MAX_PER_COMMIT,
            )
        )

    async def requeue(self, due: Sequence[Snapshot]) -> None:
        """Publishes the messages again, then deletes them here."""
        await asyncio.gather(*(self._publisher.publish_raw(message["topic"], message["data"], {}) for message in due))
        await self._delete(due)

    async def requeue_as_skipped(self, due: Sequence[Snapshot], reason: str) -> None:
        """Publishes the messages again with a reason not to send them."""
        await self._publisher.publish([_event(message).as_skipped(reason) for message in due])
        await self._delete(due)

    async def counts(self, campaign: str) -> dict[str, int]:
        """The number of the campaign's deferred messages by reason, without zeros."""
        of_campaign = Where("campaign", "==", campaign)
        queries = [
            Query(collection="deferred", where=[of_campaign, Where("reason", "==", reason)]) for reason in DEFER_REASONS
        ]
        sums = await asyncio.gather(*(self._documents.sums(query, []) for query in queries))
        return {reason: total["count"] for reason, total in zip(DEFER_REASONS, sums, strict=True) if total["count"]}

    async def _write(self, messages: Sequence[DeferredMessage]) -> Sequence[None]:
        latest = {message.event.message_id: _document(message) for message in messages}
        await self._documents.commit(list(latest.values()))
        return [None] * len(messages)

    async def _delete(self, requeued: Sequence[Snapshot]) -> None:
        deletes = [Delete(message.path, message.version) for message in requeued]
        try:
            await self._documents.commit(deletes)
        except Conflict:  # some messages are deferred again already: they stay
            for delete in deletes:
                with suppress(Conflict):
                    await self._documents.commit([delete])


def _event(deferred: Snapshot) -> RecipientSelected | MessageReady:
    return EVENTS[deferred["topic"]].decode(deferred["data"])


def redaction_write(deferred: Snapshot) -> Update:
    """Replaces the message of an erased customer by one without personal data, which delivery skips."""
    kept = _event(deferred).model_dump(include={"message_id", "attempt", "campaign_id", "channel", "vendor"})
    blank = {"customer_id": ERASED_CUSTOMER_ID, "to": "", "subject": "", "body": "", "personalized_by": "template"}
    skipped = MessageReady(**kept, **blank, skip_reason="erased")
    fields = {"topic": skipped.topic, "data": skipped.encode(), "customer": ERASED_CUSTOMER_ID}
    return Update(deferred.path, fields, deferred.version)


def _document(message: DeferredMessage) -> Put:
    """The write that stores a message; it replaces an earlier version."""
    event = message.event
    return Put(
        f"deferred/{event.message_id}",
        {
            "topic": event.topic,
            "data": event.encode(),
            "campaign": event.campaign_id,
            "customer": event.customer_id,
            "reason": message.reason,
            "until": message.until,
        },
    )
