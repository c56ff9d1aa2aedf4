"""The queue of deferred messages: it is sharded, read with a cursor, keyed by attempt, and closed with its campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from common.events import MessageReady
from common.ids import message_id
from common.messages.deferred import DeferReason, DeferredMessage, DeferredMessages, redaction_write
from common.storage.documents import Create, Put, Query, Snapshot, Update, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from tests.in_memory_herald import InMemoryHerald
from tests.support import ResponseLosingStore

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


class QueryLog(MemoryDocuments):
    """Keeps the queries of the queue."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[Query] = []

    async def query(self, query: Query) -> list[Snapshot]:
        self.queries.append(query)
        return await super().query(query)


def message(number: int, *, attempt: int = 1, campaign: str = "c", body: str = "b") -> MessageReady:
    return MessageReady(
        message_id=message_id(campaign, str(number)),
        attempt=attempt,
        campaign_id=campaign,
        customer_id=str(number),
        to="p@example.com",
        subject="s",
        body=body,
        channel="email",
        vendor="simulator",
        personalized_by="template",
    )


class QueueFixture:
    """A queue with messages, all due."""

    def __init__(self) -> None:
        self.documents = QueryLog()
        self.publisher = MemoryPublisher()
        self.queue = DeferredMessages(self.documents, self.publisher)

    async def defer(self, *messages: MessageReady, until: datetime = AT, reason: DeferReason = "paused") -> None:
        await self.queue.defer([DeferredMessage(event=one, reason=reason, until=until) for one in messages])

    async def requeue(self, now: datetime, limit: int = 100) -> list[Snapshot]:
        due = await self.queue.due("c", now=now, limit=limit)
        await self.queue.requeue(due)
        return due

    async def stored(self) -> list[Snapshot]:
        return await self.documents.query(Query(collection="deferred"))


async def test_attempts_of_a_message_are_deferred_side_by_side() -> None:
    """A late copy of the first attempt does not replace the second one, in one commit or in two."""
    fixture = QueueFixture()
    await fixture.defer(message(1, attempt=2), message(1))
    await fixture.defer(message(1))
    attempts = {MessageReady.decode(entry["data"]).attempt for entry in await fixture.stored()}
    assert attempts == {1, 2}


async def test_queue_is_spread_over_shards() -> None:
    """No shard of the index over time gets more than its part of the writes."""
    fixture = QueueFixture()
    await fixture.defer(*map(message, range(800)))
    shards = Counter(entry["shard"] for entry in await fixture.stored())
    assert len(shards) == 16
    assert max(shards.values()) < 2 * 800 / 16


async def test_read_begins_where_the_last_one_ended() -> None:
    """The database need not skip over the entries that were deleted."""
    fixture = QueueFixture()
    for n in range(30):
        await fixture.defer(message(n), until=AT + timedelta(seconds=n))
    later = AT + timedelta(minutes=5)
    last = (await fixture.requeue(later, limit=10))[-1]
    await fixture.requeue(later, limit=10)
    assert fixture.documents.queries[-1].after == (last["until"], last.id)
    await fixture.requeue(later, limit=10)
    assert len(fixture.publisher.raw) == len({data for _, data, _ in fixture.publisher.raw}) == 30


async def test_entry_that_is_stored_late_is_found() -> None:
    """One that is younger than a minute at once, and one that was much delayed within ten minutes."""
    fixture = QueueFixture()
    now = AT + timedelta(seconds=30)
    await fixture.defer(message(1), until=AT + timedelta(seconds=20))
    assert len(await fixture.requeue(now)) == 1
    await fixture.defer(message(2), until=AT + timedelta(seconds=10))
    assert len(await fixture.requeue(now)) == 1
    await fixture.requeue(now + timedelta(minutes=4))
    await fixture.defer(message(3), until=AT + timedelta(minutes=3))
    assert len(await fixture.requeue(now + timedelta(minutes=5))) == 1
    await fixture.defer(message(4), until=AT)
    assert await fixture.requeue(now + timedelta(minutes=6)) == []
    assert len(await fixture.requeue(now + timedelta(minutes=11))) == 1


async def test_message_deferred_after_its_campaign_closed_is_removed() -> None:
    """An instance that was frozen between reading "paused" and storing the message leaves nothing behind."""
    fixture = QueueFixture()
    for state in ("finished", "cancelled"):
        campaign: dict[str, Any] = {"state": state, "open": False}
        await fixture.documents.commit([Create(f"campaigns/{state}", campaign)])
        await fixture.defer(message(1, campaign=state))
    assert await fixture.stored() == []
    await fixture.documents.commit([Update("campaigns/cancelled", {"open": True})])
    await fixture.defer(message(1, campaign="cancelled"))
    [entry] = await fixture.stored()
    assert entry["expires_at"] > entry["until"]


async def test_campaign_closes_with_its_queue() -> None:
    """Copies of messages that have an outcome are removed before the campaign is finished."""
    herald = InMemoryHerald()
    [person, _] = await herald.add_customers(2)
    await herald.launch()
    await herald.work()
    copy = message(1, body="a copy").model_copy(update={"message_id": message_id("c", person)})
    queue = DeferredMessages(herald.documents, herald.publisher)
    await queue.defer([DeferredMessage(event=copy, reason="vendor", until=herald.now + timedelta(hours=1))])
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    assert await herald.documents.query(Query(collection="deferred")) == []


async def test_redacted_message_keeps_the_attempt_that_the_vendor_may_have() -> None:
    """Under a claim of its own it would be recorded as skipped, although the first attempt may have been sent."""
    fixture = QueueFixture()
    retry = message(1, attempt=2).model_copy(update={"retry_of_attempt": 1, "ask_again": True, "name": "Asha"})
    await fixture.defer(retry)
    [deferred] = fixture.documents.stored("deferred")
    await fixture.documents.commit([redaction_write(deferred)])
    [redacted] = fixture.documents.stored("deferred")
    skipped = MessageReady.decode(redacted["data"])
    assert (skipped.idempotency_key, skipped.attempt, skipped.ask_again) == (message(1).idempotency_key, 2, True)
    assert (skipped.name, skipped.to, skipped.body, skipped.skip_reason) == (None, "", "", "erased")


class DeferringStore(ResponseLosingStore):
    """Right before a campaign is finished, a message is deferred; its instance reads that the campaign is open."""

    deferral: Put | None = None

    async def commit(self, writes: Sequence[Write]) -> None:
        is_finish = any(isinstance(write, Update) and write.data.get("finished_at") for write in writes)
        await super().commit([*writes, self.deferral] if is_finish and self.deferral else writes)


async def test_message_deferred_while_its_campaign_finishes_is_removed() -> None:
    """The tick has seen an empty queue, and the instance an open campaign."""
    herald, documents = InMemoryHerald(finishes_early=False), DeferringStore()
    herald.documents = documents
    herald.restart()
    [person] = await herald.add_customers(1)
    await herald.launch()
    await herald.work()
    copy = {"campaign": "c", "until": herald.now, "shard": 0, "reason": "rate"}
    documents.deferral = Put(f"deferred/{message_id('c', person)}", copy)
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    assert documents.stored("deferred") == []


async def test_campaign_with_a_deferred_message_without_outcome_is_not_finished() -> None:
    """The queue is emptied first; nothing that may still be sent is removed."""
    herald = InMemoryHerald(finishes_early=False)
    await herald.add_customers(2)
    await herald.launch()
    await herald.work()
    queue = DeferredMessages(herald.documents, herald.publisher)
    await queue.defer([DeferredMessage(event=message(1), reason="vendor", until=herald.now + timedelta(minutes=5))])
    await herald.tick()
    assert (await herald.campaign())["state"] == "running"
    assert len(await herald.documents.query(Query(collection="deferred"))) == 1
