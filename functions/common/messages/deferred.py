"""Messages that wait: their campaign is paused, their vendor is down or over its rate.

    held/{message id}   topic, data   the event, to be published again as it was
                        campaign      whose it is
                        customer      whom it is for
                        reason        paused, vendor, rate
                        until         not before this instant

Waiting is not done by refusing messages, which would slow down the whole subscription: they are put here and
acknowledged. To release one it is published first and deleted after; if it was held again in between, that newer
version stays.
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
from common.events import MessagePersonalized, RecipientFound
from common.ids import NOBODY
from common.pubsub.publisher import Publisher
from common.storage.documents import Delete, Documents, Put, Query, Snapshot, Update, Where

EVENTS: Mapping[str, type[RecipientFound | MessagePersonalized]] = {
    event.topic: event for event in (RecipientFound, MessagePersonalized)
}
MOST = 400
"""In one commit."""

Reason = Literal["paused", "vendor", "rate"]
REASONS: tuple[Reason, ...] = ("paused", "vendor", "rate")


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """One message and why it waits."""

    event: RecipientFound | MessagePersonalized
    reason: Reason
    until: datetime


class DeferredMessages:
    def __init__(self, documents: Documents, publisher: Publisher) -> None:
        self._documents = documents
        self._publisher = publisher
        self._batches: Batcher[Waiting, None] = Batcher(
            self._write, most=MOST, size=lambda one: len(one.event.encode()), most_size=3_000_000
        )

    async def hold(self, waiting: Sequence[Waiting]) -> None:
        """Returns when they are safely put aside."""
        await asyncio.gather(*(self._batches.put(one) for one in waiting))

    async def due(self, campaign: str, *, now: datetime) -> list[Snapshot]:
        """Those of a campaign that have waited long enough, longest first: as many as can be released at once."""
        return await self._documents.query(
            Query(
                collection="held",
                where=[Where("campaign", "==", campaign), Where("until", "<=", now)],
                order_by=("until", "asc"),
                limit=MOST,
            )
        )

    async def release(self, due: Sequence[Snapshot]) -> None:
        await asyncio.gather(*(self._publisher.publish_raw(one["topic"], one["data"], {}) for one in due))
        await self._forget(due)

    async def skip(self, due: Sequence[Snapshot], reason: str) -> None:
        """Releases them as not to be sent."""
        await self._publisher.publish([_event(one).skipped(reason) for one in due])
        await self._forget(due)

    async def counts(self, campaign: str) -> dict[str, int]:
        """How many of a campaign wait, by reason."""
        of_campaign = Where("campaign", "==", campaign)
        queries = [Query(collection="held", where=[of_campaign, Where("reason", "==", one)]) for one in REASONS]
        sums = await asyncio.gather(*(self._documents.sums(query, []) for query in queries))
        return {reason: found["count"] for reason, found in zip(REASONS, sums, strict=True) if found["count"]}

    async def _write(self, waiting: Sequence[Waiting]) -> Sequence[None]:
        latest = {one.event.message_id: _document(one) for one in waiting}
        await self._documents.commit(list(latest.values()))
        return [None] * len(waiting)

    async def _forget(self, released: Sequence[Snapshot]) -> None:
        deletes = [Delete(one.path, one.version) for one in released]
        try:
            await self._documents.commit(deletes)
        except Conflict:  # some were held again already: those stay
            for delete in deletes:
                with suppress(Conflict):
                    await self._documents.commit([delete])


def _event(held: Snapshot) -> RecipientFound | MessagePersonalized:
    return EVENTS[held["topic"]].decode(held["data"])


def without_person(held: Snapshot) -> Update:
    """What is left of the message where the person was erased: it will be skipped."""
    known = _event(held).model_dump(include={"message_id", "attempt", "campaign_id", "channel", "vendor"})
    nothing = {"customer_id": NOBODY, "to": "", "subject": "", "body": "", "personalized_by": "template"}
    skipped = MessagePersonalized(**known, **nothing, skip="erased")
    fields = {"topic": skipped.topic, "data": skipped.encode(), "customer": NOBODY}
    return Update(held.path, fields, held.version)


def _document(waiting: Waiting) -> Put:
    event = waiting.event
    return Put(
        f"held/{event.message_id}",
        {
            "topic": event.topic,
            "data": event.encode(),
            "campaign": event.campaign_id,
            "customer": event.customer_id,
            "reason": waiting.reason,
            "until": waiting.until,
        },
    )
