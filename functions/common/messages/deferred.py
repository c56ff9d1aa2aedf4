"""Deferred messages: the campaign is paused, the vendor is down, a rate limit is reached, or it is night
or not the hour of the campaign where the person is.

    deferred/{message id}[.{attempt}]   topic, data   the event, which is published again
                                        campaign      the campaign's id
                                        customer      the customer's id
                                        reason        paused, vendor, rate, quiet_hours or local_hour
                                        until         the earliest time to publish it again
                                        shard         0 to 15: spreads the index over `until`
                                        traceparent   the trace and span that deferred it
                                        expires_at    when Firestore deletes it, if nothing else did

Refusing a message instead would slow down the whole subscription, so a message is stored here and acknowledged. To
requeue a message, it is first published and then deleted. If it is deferred again in between, the newer version stays.

This is a queue: old entries are deleted while new ones are added. So that Firestore need not skip over the entries that
were deleted lately, each read begins where the last one ended. Now and then the whole queue is read, for entries that
arrived late, and entries of older code are put into it. A campaign is finished only when its queue is empty. What is
written right before that is removed right after, and what is written later is removed at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from common.batching import Batcher
from common.errors import Conflict
from common.events import MessageReady, RecipientSelected, attempt_id
from common.ids import ERASED_CUSTOMER_ID, stable_hash
from common.messages.campaign_state import is_closed
from common.messages.ledger import OUTCOME, receipt_path
from common.messages.send_times import Wait
from common.pubsub.publisher import Publisher
from common.storage.documents import Delete, Documents, Put, Query, Snapshot, Update, Where, Write, pages
from common.trace import ATTRIBUTE, traceparent

log = logging.getLogger(__name__)
EVENTS: Mapping[str, type[RecipientSelected | MessageReady]] = {
    event.topic: event for event in (RecipientSelected, MessageReady)
}
MAX_PER_COMMIT = 400
"""Messages in one commit, and in one call of `requeue`."""
SHARDS = range(16)
"""An index over a growing time takes 500 writes a second; with shards, each of them does."""
RETENTION = timedelta(days=90)
MAX_DELAY = timedelta(minutes=1)
"""A message may be stored this much later than its `until`. Younger entries are read again, in case one was late."""
FULL_READ_INTERVAL = timedelta(minutes=10)
MAX_CURSORS = 10_000
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
NOTHING_CHANGED: Mapping[str, RecipientSelected | MessageReady] = MappingProxyType({})

DeferReason = Literal["paused", "vendor", "rate", "quiet_hours", "local_hour"]
DEFER_REASONS: tuple[DeferReason, ...] = get_args(DeferReason)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeferredMessage:
    """One message, the reason why it is deferred, and the earliest time to publish it again."""

    event: RecipientSelected | MessageReady
    reason: DeferReason
    until: datetime
    traceparent: str | None = None  # the trace and span that defer it


def deferred_path(message_id: str, attempt: int) -> str:
    """Each attempt of a message has its own document."""
    return f"deferred/{attempt_id(message_id, attempt)}"


@dataclass(slots=True)
class _Cursor:
    """Where the queue of a campaign begins: every entry up to `after` was requeued."""

    full_read_at: datetime
    read_at: datetime
    after: tuple[datetime, str] | None = None


class DeferredMessages:
    """Stores messages that cannot be handled now, and publishes them again later."""

    def __init__(self, documents: Documents, publisher: Publisher) -> None:
        self._cursors: dict[str, _Cursor] = {}
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
        traced = (replace(message, traceparent=traceparent(message.event.message_ids)) for message in messages)
        await asyncio.gather(*(self._batches.enqueue(message) for message in traced))

    async def due(
        self, campaign: str, *, now: datetime, until: datetime | None = None, limit: int = MAX_PER_COMMIT
    ) -> list[Snapshot]:
        """The campaign's messages that can be published again now, or `until` a later time, oldest first."""
        cursor = self._cursor(campaign, now)
        if cursor.full_read_at == now:
            await self._adopt(campaign)
        start = cursor.after[0] if cursor.after else BEGINNING
        return await self._documents.query(
            Query(
                collection="deferred",
                where=[*_in_queue(campaign), Where("until", ">=", start), Where("until", "<=", until or now)],
                order_by=("until", "asc"),
                after=cursor.after,
                limit=limit,
            )
        )

    def _cursor(self, campaign: str, now: datetime) -> _Cursor:
        """The cursor of the next read; without a position if it is time to read the whole queue."""
        cursor = self._cursors.get(campaign)
        if cursor is None or now - cursor.full_read_at >= FULL_READ_INTERVAL:
            cursor = self._cursors[campaign] = _Cursor(full_read_at=now, read_at=now)
            if len(self._cursors) > MAX_CURSORS:
                del self._cursors[next(iter(self._cursors))]
        cursor.read_at = now
        return cursor

    async def _adopt(self, campaign: str) -> None:
        """Puts the entries of older code into the queue: they have no shard, and the id of the message without the
        attempt. An entry that changes meanwhile is left for the next time."""
        where = [Where("campaign", "==", campaign), Where("reason", "in", list(DEFER_REASONS))]
        of_campaign = Query(collection="deferred", where=where)
        in_queue = replace(of_campaign, where=_in_queue(campaign), order_by=("until", "asc"))
        queued = await self._documents.sums(in_queue, [])
        if await self._documents.sums(of_campaign, []) == queued:
            return
        async for page in pages(self._documents, of_campaign, MAX_PER_COMMIT // 2):
            for entry in page:
                if entry.get("shard") is None:
                    with suppress(Conflict):
                        await self._documents.commit(_adoption_writes(entry))

    def _advance(self, requeued: Sequence[Snapshot]) -> None:
        """Moves the cursor past the messages. The last minute is read again."""
        for message in requeued:
            cursor = self._cursors.get(message["campaign"])
            if cursor and message["until"] <= cursor.read_at - MAX_DELAY:
                cursor.after = (message["until"], message.id)

    async def requeue(
        self, due: Sequence[Snapshot], changed: Mapping[str, RecipientSelected | MessageReady] = NOTHING_CHANGED
    ) -> None:
        """Publishes the messages again, then deletes them here. `changed` has the new events of some, by path."""
        unchanged = [message for message in due if message.path not in changed]
        await asyncio.gather(
            *(
                self._publisher.publish_raw(message["topic"], message["data"], _trace_attributes(message))
                for message in unchanged
            )
        )
        await self._publisher.publish(list(changed.values()))
        await self._delete(due)
        self._advance(due)

    async def postpone(self, waits: Mapping[str, Wait], due: Sequence[Snapshot]) -> None:
        """Lets messages wait longer, by path. One that was deferred again meanwhile stays as it is."""
        updates = [
            Update(
                message.path,
                {"reason": wait.reason, "until": wait.until, "expires_at": wait.until + RETENTION},
                message.version,
            )
            for message in due
            if (wait := waits.get(message.path))
        ]
        await self._commit_each(updates)

    async def requeue_as_skipped(self, due: Sequence[Snapshot], reason: str) -> None:
        """Publishes the messages again with a reason not to send them."""
        await self._publisher.publish([deferred_event(message).as_skipped(reason) for message in due])
        await self._delete(due)
        self._advance(due)

    async def remove_copies(self, campaign: str) -> bool:
        """Removes the entries of messages that have an outcome. Returns whether the queue is empty now.

        A message of which a copy was deferred may have been sent meanwhile.
        """
        await self._adopt(campaign)
        is_empty, after = True, None
        while page := await self._read_page(campaign, after):
            outcomes = await self._documents.get_all([_outcome_path(message) for message in page])
            copies = [message for message, outcome in zip(page, outcomes, strict=True) if outcome.exists]
            await self._delete(copies)
            is_empty, after = is_empty and len(copies) == len(page), (page[-1]["until"], page[-1].id)
        return is_empty

    async def _read_page(self, campaign: str, after: tuple[datetime, str] | None) -> list[Snapshot]:
        """The next entries of the queue, due or not, without their texts."""
        return await self._documents.query(
            Query(
                collection="deferred",
                where=_in_queue(campaign),
                order_by=("until", "asc"),
                after=after,
                limit=MAX_PER_COMMIT,
                fields=("until",),
            )
        )

    async def counts(self, campaign: str) -> dict[str, int]:
        """The number of the campaign's deferred messages by reason, without zeros."""
        of_campaign = Where("campaign", "==", campaign)
        queries = [
            Query(collection="deferred", where=[of_campaign, Where("reason", "==", reason)]) for reason in DEFER_REASONS
        ]
        sums = await asyncio.gather(*(self._documents.sums(query, []) for query in queries))
        return {reason: total["count"] for reason, total in zip(DEFER_REASONS, sums, strict=True) if total["count"]}

    async def _write(self, messages: Sequence[DeferredMessage]) -> Sequence[None]:
        latest = {write.path: write for write in map(_document, messages)}
        await self._documents.commit(list(latest.values()))
        _log_deferred(messages)
        await self._remove_of_closed(list(latest.values()))
        return [None] * len(messages)

    async def _remove_of_closed(self, written: Sequence[Put]) -> None:
        """Removes what was just written for campaigns that were closed meanwhile: nothing else would look at it."""
        ids = list({write.data["campaign"] for write in written})
        campaigns = await self._documents.get_all([f"campaigns/{id_}" for id_ in ids])
        closed = {campaign.id for campaign in campaigns if is_closed(campaign)}
        await self._documents.commit([Delete(write.path) for write in written if write.data["campaign"] in closed])

    async def _delete(self, requeued: Sequence[Snapshot]) -> None:
        await self._commit_each([Delete(message.path, message.version) for message in requeued])

    async def _commit_each(self, writes: Sequence[Delete | Update]) -> None:
        """In one commit if it can be; else without those of messages that are deferred again already: they stay."""
        try:
            await self._documents.commit(writes)
        except Conflict:
            for write in writes:
                with suppress(Conflict):
                    await self._documents.commit([write])


def _log_deferred(messages: Sequence[DeferredMessage]) -> None:
    """One line for each reason in a commit, which the metric of deferred messages adds up."""
    for reason, number in Counter(message.reason for message in messages).items():
        log.info("messages deferred", extra={"event": "messages_deferred", "reason": reason, "messages": number})


def _trace_attributes(deferred: Snapshot) -> dict[str, str]:
    """The message goes on where it was deferred. Entries of older code do not know that."""
    return {ATTRIBUTE: deferred["traceparent"]} if deferred.get("traceparent") else {}


def deferred_event(deferred: Snapshot) -> RecipientSelected | MessageReady:
    return EVENTS[deferred["topic"]].decode(deferred["data"])


def redaction_write(deferred: Snapshot) -> Update:
    """Replaces the message of an erased customer by one without personal data, which delivery skips.

    It keeps the attempt whose key it uses: if that may have been sent, it is not recorded as skipped.
    """
    identity = {"message_id", "attempt", "retry_of_attempt", "ask_again", "campaign_id", "channel", "vendor"}
    kept = deferred_event(deferred).model_dump(include=identity)
    blank = {"customer_id": ERASED_CUSTOMER_ID, "to": "", "subject": "", "body": "", "personalized_by": "template"}
    skipped = MessageReady(**kept, **blank, skip_reason="erased")
    fields = {"topic": skipped.topic, "data": skipped.encode(), "customer": ERASED_CUSTOMER_ID}
    return Update(deferred.path, fields, deferred.version)


def _in_queue(campaign: str) -> list[Where]:
    return [Where("campaign", "==", campaign), Where("shard", "in", list(SHARDS))]


def _outcome_path(deferred: Snapshot) -> str:
    """The path of the outcome of the message and attempt that the entry's id names."""
    message_id, _, attempt = deferred.id.partition(".")
    return receipt_path(message_id, OUTCOME, int(attempt or 1))


def _adoption_writes(entry: Snapshot) -> list[Write]:
    """Replaces an entry of older code by one in the queue."""
    stored = _document(DeferredMessage(event=deferred_event(entry), reason=entry["reason"], until=entry["until"]))
    if stored.path == entry.path:
        return [Put(stored.path, stored.data, entry.version)]
    return [stored, Delete(entry.path, entry.version)]


def _document(message: DeferredMessage) -> Put:
    """The write that stores a message; it replaces an earlier version."""
    event = message.event
    return Put(
        deferred_path(event.message_id, event.attempt),
        {
            "topic": event.topic,
            "data": event.encode(),
            "campaign": event.campaign_id,
            "customer": event.customer_id,
            "reason": message.reason,
            "until": message.until,
            "shard": int(stable_hash("deferred", event.message_id), 16) % len(SHARDS),
            "traceparent": message.traceparent,
            "expires_at": message.until + RETENTION,
        },
    )
