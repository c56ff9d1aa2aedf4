"""Imports: how much memory they use, and that nothing is processed twice."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from common.errors import HeraldError
from common.events import ProcessImportShard
from common.storage.documents import Create, Put, Query, Update, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.record_activities import ActivityRecorder
from customers.commands.upsert import CustomerUpserts
from customers.formats.columns import ACTIVITIES, CUSTOMERS
from customers.imports.jobs import ImportJobs, ImportSpec
from customers.imports.upload import Upload
from tests.support import HASHER

SPEC = ImportSpec(what="customers", dry_run=False, by="admin@example.com")
LATER_OPTIONS = {"on_several_customers", "consent", "consent_channels", "file", "tags", "tag"}
"""Fields of a job that the version before did not store."""


class DiscardingStore(MemoryDocuments):
    """Discards all writes, like a database on another machine: they take no memory here."""

    async def commit(self, writes: Sequence[Write]) -> None:
        pass


def upload(rows: int) -> Upload:
    async def body() -> AsyncIterator[bytes]:
        yield b"external_id,email,name\n"
        for start in range(0, rows, 100):
            yield b"".join(b"c%d,c%d@example.com,Asha Rao\n" % (n, n) for n in range(start, start + 100))

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    return Upload(request, CUSTOMERS, None)


def upload_activities(rows: int) -> Upload:
    async def body() -> AsyncIterator[bytes]:
        yield b"event_id,type,at,external_id\n"
        yield b"".join(b"%d,visit,2026-11-01,c%d\n" % (n, n) for n in range(rows))

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    return Upload(request, ACTIVITIES, None)


def import_jobs(documents: MemoryDocuments, **options: Any) -> ImportJobs:
    return ImportJobs(
        documents=documents,
        publisher=options.pop("publisher", None) or MemoryPublisher(),
        customer_upserts=CustomerUpserts(documents, hashes=HASHER),
        hashes=HASHER,
        activity_recorder=ActivityRecorder(documents, hashes=HASHER, zone=UTC),
        zone=UTC,
        **options,
    )


async def peak_memory(rows: int) -> int:
    rows_upload = upload(rows)
    tracemalloc.start()
    try:
        await import_jobs(DiscardingStore()).accept(SPEC, await rows_upload.read_rows(501), rows_upload)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_memory_of_a_larger_upload_stays_the_same() -> None:
    """Three times as many rows take at most a tenth more memory."""
    assert await peak_memory(30_000) < 1.1 * await peak_memory(10_000)


class SizeLimitedStore(MemoryDocuments):
    """Enforces Firestore's size limit for a document."""

    async def commit(self, writes: Sequence[Write]) -> None:
        for write in writes:
            rows = getattr(write, "data", {}).get("rows")
            assert not isinstance(rows, bytes) or len(rows) < 1_000_000, "InvalidArgument"
        await super().commit(writes)


def upload_with_large_rows(rows: int) -> Upload:
    """Every sixteenth row has one cell too many and text that hardly compresses; all of these rows are in one shard."""
    rng = random.Random(1)

    async def body() -> AsyncIterator[bytes]:
        yield b"external_id,email,name\n"
        for n in range(rows):
            name = "Asha Rao" if n % 16 else f"{rng.randbytes(15_000).hex()},too many"
            yield f"c{n},c{n}@example.com,{name}\n".encode()

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    return Upload(request, CUSTOMERS, None)


async def test_import_with_large_rejected_rows_keeps_the_valid_rows() -> None:
    """Chunks of large rejected rows fit into documents, and all valid rows are imported."""
    documents, publisher = SizeLimitedStore(), MemoryPublisher()
    jobs = import_jobs(documents, publisher=publisher)
    rows_upload = upload_with_large_rows(1_600)
    import_id, _ = await jobs.accept(SPEC, await rows_upload.read_rows(501), rows_upload)
    for event in publisher.events:
        assert isinstance(event, ProcessImportShard)
        await jobs.process(event)
    status = await jobs.status(import_id)
    assert (status["state"], status["created"], status["rejected"]) == ("completed", 1_500, 100)
    _, results = await jobs.results(import_id)
    sizes = {len(one["sent"]["name"]) for one in [one async for one in results] if one["sent"]}
    assert sizes == {30_000}


@pytest.mark.parametrize(
    ("spec", "rows", "result"),
    [
        (SPEC, upload, "created"),
        (replace(SPEC, what="activities", on_unknown_customer="create"), upload_activities, "counted"),
    ],
)
async def test_import_that_the_version_before_accepted_is_completed(
    spec: ImportSpec, rows: Callable[[int], Upload], result: str
) -> None:
    """Its job says neither what the people answered nor whose the activities of a shared address are."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    jobs, rows_upload = import_jobs(documents, publisher=publisher), rows(600)
    import_id, _ = await jobs.accept(spec, await rows_upload.read_rows(501), rows_upload)
    job = await documents.get(f"imports/{import_id}")
    earlier = {name: value for name, value in (job.data or {}).items() if name not in LATER_OPTIONS}
    await documents.commit([Put(job.path, earlier)])
    for event in publisher.events:
        assert isinstance(event, ProcessImportShard)
        await jobs.process(event)
    status = await jobs.status(import_id)
    assert (status["state"], status[result], status["rejected"]) == ("completed", 600, 0)


async def test_shard_out_of_time_continues_and_duplicate_commands_change_nothing() -> None:
    """The rest of a shard is published again, and each row is counted once although every command is delivered
    twice."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    without_time = import_jobs(documents, publisher=publisher, budget=-1.0)
    rows_upload = upload(2_000)
    import_id, rows = await without_time.accept(SPEC, await rows_upload.read_rows(501), rows_upload)
    events: list[Any] = list(publisher.events)
    publisher.events.clear()
    await asyncio.gather(*(without_time.process(event) for event in events))
    assert publisher.events == events  # nothing was processed, everything is left
    with_time = import_jobs(documents)
    await asyncio.gather(*(with_time.process(event) for event in [*events, *publisher.events]))
    status = await with_time.status(import_id)
    assert (rows, status["state"], status["done"], status["created"]) == (2_000, "completed", 2_000, 2_000)
    assert len(await documents.query(Query(collection="customers", fields=()))) == 2_000


async def test_import_with_a_lost_shard_is_failed_until_the_shard_is_processed() -> None:
    """A dead-lettered shard sets the state `failed`; after the shard is processed, the import is completed."""
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    jobs = import_jobs(documents, publisher=publisher)
    rows_upload = upload(1_000)
    import_id, _ = await jobs.accept(SPEC, await rows_upload.read_rows(501), rows_upload)
    lost_command, *other_commands = publisher.events
    for event in other_commands:
        assert isinstance(event, ProcessImportShard)
        await jobs.process(event)
    await documents.commit([Update(f"imports/{import_id}", {"state": "failed", "reason": "Firestore: no."})])
    status = await jobs.status(import_id)
    assert (status["state"], status["reason"], status["done"] < 1_000) == ("failed", "Firestore: no.", True)
    assert isinstance(lost_command, ProcessImportShard)
    await jobs.process(lost_command)
    assert (await jobs.status(import_id))["state"] == "completed"


async def test_import_whose_commands_cannot_be_published_is_failed() -> None:
    """The error of the publisher is stored as the reason."""
    documents = MemoryDocuments()
    jobs = import_jobs(documents, publisher=MemoryPublisher(topics=[]))
    rows_upload = upload(1_000)
    with pytest.raises(HeraldError):
        await jobs.accept(SPEC, await rows_upload.read_rows(501), rows_upload)
    [job] = await documents.query(Query(collection="imports"))
    status = await jobs.status(job.id)
    assert (status["state"], "Unknown topic" in status["reason"]) == ("failed", True)


async def test_upload_whose_instance_stopped_is_aborted_after_an_hour() -> None:
    """No request takes longer than an hour, so the upload has ended without its instance."""
    documents, now = MemoryDocuments(), datetime(2026, 11, 23, tzinfo=UTC)
    job = {"state": "uploading", "rows": 0, "at": now - timedelta(minutes=59)}
    await documents.commit([Create("imports/a", job)])
    states = [
        (await import_jobs(documents, clock=lambda at=now + timedelta(minutes=m): at).status("a"))["state"]
        for m in (0, 2)
    ]
    assert states == ["uploading", "aborted"]
