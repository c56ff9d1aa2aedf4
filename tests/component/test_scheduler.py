"""The scheduler's tick: each duty is on its own, and old ticks are dropped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any

import pytest

from benchmarks.tick import DEFERRED, measure_tick
from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from campaigns.lifecycle.commands import parse_tick
from common.audience import CUSTOMERS
from common.errors import Unavailable
from common.events import ProcessImportShard, Tick
from common.pubsub.push import PushMessage, parse_envelope
from common.storage.documents import Create, Documents, Query, Snapshot, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.record_activities import ActivityRecorder
from customers.commands.upsert import CustomerUpserts
from customers.imports.jobs import ImportJobs, ImportSpec
from customers.imports.upload import Upload
from tests.component.test_import_jobs import upload
from tests.in_memory_herald import FixedTextModel, InMemoryHerald
from tests.support import HASHER, SETTINGS, identity_from_token


class RefusingStore:
    """A database that refuses to read one collection, or one document; everything else works."""

    def __init__(self, documents: Documents, refused: str) -> None:
        self._documents = documents
        self._refused = refused

    async def get(self, path: str, **options: Any) -> Snapshot:
        [snapshot] = await self.get_all([path], **options)
        return snapshot

    async def get_all(self, paths: Sequence[str], **options: Any) -> list[Snapshot]:
        if self._refused in paths:
            raise Unavailable("The test refuses this document.")
        return await self._documents.get_all(paths, **options)

    async def query(self, query: Query) -> list[Snapshot]:
        if query.collection == self._refused:
            raise Unavailable("The test refuses this collection.")
        return await self._documents.query(query)

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        return await self._documents.sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._documents.commit(writes)


async def herald_with_sent_campaign() -> InMemoryHerald:
    """A campaign that the next tick finishes; one of its messages can be sent again."""
    herald = InMemoryHerald(finishes_early=False)
    await herald.add_customers(4)
    await herald.launch()
    await herald.work()
    return herald


async def test_scheduled_campaign_with_any_error_does_not_stop_the_tick(caplog: pytest.LogCaptureFixture) -> None:
    """A campaign that was stored without rules cannot start; the others are started and finished."""
    herald = await herald_with_sent_campaign()
    broken = {"state": "scheduled", "start_at": herald.now, "vendor": "simulator", "channel": "email"}
    await herald.documents.commit([Create("campaigns/broken", broken)])
    await herald.tick()
    assert (await herald.campaign())["state"] == "finished"
    found = await herald.documents.get("campaigns/broken")
    assert "internal error" in found["start_error"]
    assert found["start_error_code"] == "internal"
    assert "scheduled campaign was not launched" in caplog.text


@pytest.mark.parametrize("refused", [CUSTOMERS.manifest_path, "imports", "audience/reconciliation"])
async def test_failing_duty_does_not_stop_the_others(refused: str, caplog: pytest.LogCaptureFixture) -> None:
    """While the audience index or the imports cannot be read, deferred messages are released and campaigns finish."""
    herald = await herald_with_sent_campaign()
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    store = RefusingStore(herald.documents, refused)
    await scheduler_on(herald, store)
    assert (await herald.campaign())["state"] == "finished"
    assert "duty of the tick failed" in caplog.text


async def scheduler_on(herald: InMemoryHerald, store: Any) -> None:
    """One tick of a scheduler that uses this store."""
    function = compose_campaigns(
        documents=store,
        publisher=herald.publisher,
        create_model=FixedTextModel,
        open_access=MemoryDocuments,
        verify_id_token=identity_from_token,
        settings=CampaignsSettings(SETTINGS),
        clock=lambda: herald.now,
    )
    await function.scheduler.tick(Tick())


async def test_release_does_not_wait_for_the_other_duties() -> None:
    """Deferred messages are published although the compaction of the audience index hangs."""
    herald = InMemoryHerald()
    await herald.add_customers(3)
    await herald.launch(per_minute=600)
    await herald.work(max_events=64)
    herald.publisher.events.clear()

    class HangingStore(RefusingStore):
        """Reading the manifest of the index takes for ever."""

        async def get_all(self, paths: Sequence[str], **options: Any) -> list[Snapshot]:
            if CUSTOMERS.manifest_path in paths:
                await asyncio.Event().wait()
            return await super().get_all(paths, **options)

    task = asyncio.create_task(scheduler_on(herald, HangingStore(herald.documents, "")))
    for _ in range(2_000):
        await asyncio.sleep(0)
    task.cancel()
    assert herald.publisher.raw


async def test_open_campaigns_are_processed_some_at_a_time() -> None:
    """As many as the limit says, and no more: a tick with many campaigns takes little longer, and little memory."""
    many = await measure_tick(96, parallel=32)
    one = await measure_tick(12, parallel=1)
    assert (many.at_once, one.at_once) == (32, 1)
    assert many.released == 96 * DEFERRED


async def test_tick_that_is_old_is_dropped() -> None:
    """A backlog of ticks costs nothing: what an old tick would do, a newer one does."""
    herald = await herald_with_sent_campaign()
    await herald.scheduler.tick(Tick(at=herald.now - timedelta(minutes=3)))
    assert (await herald.campaign())["state"] == "running"
    await herald.scheduler.tick(Tick(at=herald.now - timedelta(seconds=30)))
    assert (await herald.campaign())["state"] == "finished"


async def test_tick_published_before_a_finished_one_began_is_dropped() -> None:
    """Its work is done already; a newer one is not dropped."""
    herald = await herald_with_sent_campaign()
    herald.now += timedelta(seconds=90)
    await herald.scheduler.tick(Tick(at=herald.now))
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    await herald.scheduler.tick(Tick(at=herald.now - timedelta(seconds=100)))
    assert (await herald.campaign())["state"] == "running"
    await herald.scheduler.tick(Tick(at=herald.now))
    assert (await herald.campaign())["state"] == "finished"


def test_tick_carries_the_time_of_its_publication() -> None:
    """Cloud Scheduler cannot write the time into the message, but Pub/Sub knows it."""
    pushed = {"data": "e30=", "messageId": "1", "publishTime": "2026-11-23T12:00:00Z"}
    message: PushMessage = parse_envelope(json.dumps({"message": pushed, "subscription": "s"}).encode())
    assert parse_tick(message).at == message.published_at is not None
    assert str(message.published_at) == "2026-11-23 12:00:00+00:00"


class DyingPublisher(MemoryPublisher):
    """The process dies when it publishes."""

    async def publish(self, events: Sequence[Any]) -> None:
        raise asyncio.CancelledError


async def test_import_that_dies_before_its_commands_are_published_is_processed() -> None:
    """The rows are stored; the next tick publishes the commands, once."""
    herald = InMemoryHerald()
    rows: Upload = upload(100)
    spec = ImportSpec(what="customers", dry_run=False, by="me")
    with pytest.raises(asyncio.CancelledError):
        await import_jobs_of(herald, DyingPublisher()).accept(spec, await rows.read_rows(101), rows)
    await herald.scheduler.tick(Tick())
    commands = [event for event in herald.publisher.events if isinstance(event, ProcessImportShard)]
    for command in commands:
        await import_jobs_of(herald, herald.publisher).process(command)
    assert len(await herald.documents.query(Query(collection="customers"))) == 100
    herald.publisher.events.clear()
    await herald.scheduler.tick(Tick())
    assert herald.publisher.events == []


def import_jobs_of(herald: InMemoryHerald, publisher: MemoryPublisher) -> ImportJobs:
    return ImportJobs(
        documents=herald.documents,
        publisher=publisher,
        customer_upserts=CustomerUpserts(herald.documents, hashes=HASHER),
        hashes=HASHER,
        activity_recorder=ActivityRecorder(herald.documents, hashes=HASHER, zone=UTC),
        zone=UTC,
    )
