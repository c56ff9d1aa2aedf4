"""Imports: what they hold in memory, and that nobody does anything twice."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from common.errors import HeraldError
from common.events import ImportLane
from common.storage.documents import Create, Query, Update, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.record_activities import Activities
from customers.commands.upsert import Ingestion
from customers.formats.columns import CUSTOMERS
from customers.imports.jobs import Imports, Order
from customers.imports.upload import Upload
from tests.support import HASHES

ORDER = Order(what="customers", dry_run=False, by="admin@example.com")


class Forgetful(MemoryDocuments):
    """A database somewhere else: what is written there takes no memory here."""

    async def commit(self, writes: Sequence[Write]) -> None:
        pass


def upload(rows: int) -> Upload:
    async def body() -> AsyncIterator[bytes]:
        yield b"external_id,email,name\n"
        for start in range(0, rows, 100):
            yield b"".join(b"c%d,c%d@example.com,Asha Rao\n" % (n, n) for n in range(start, start + 100))

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    return Upload(request, CUSTOMERS, None)


def imports(documents: MemoryDocuments, **options: Any) -> Imports:
    return Imports(
        documents=documents,
        publisher=options.pop("publisher", None) or MemoryPublisher(),
        ingestion=Ingestion(documents, hashes=HASHES),
        activities=Activities(documents, hashes=HASHES),
        **options,
    )


async def peak(rows: int) -> int:
    sending = upload(rows)
    tracemalloc.start()
    try:
        await imports(Forgetful()).accept(ORDER, await sending.take(501), sending)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_memory_does_not_grow_with_the_file() -> None:
    assert await peak(30_000) < 1.1 * await peak(10_000)


class Limited(MemoryDocuments):
    """With Firestore's limit for a document."""

    async def commit(self, writes: Sequence[Write]) -> None:
        for write in writes:
            rows = getattr(write, "data", {}).get("rows")
            assert not isinstance(rows, bytes) or len(rows) < 1_000_000, "InvalidArgument"
        await super().commit(writes)


def large_rows(rows: int) -> Upload:
    """Every sixteenth has a cell too many, and text that is hardly made smaller; all of these are in one lane."""
    noise = random.Random(1)

    async def body() -> AsyncIterator[bytes]:
        yield b"external_id,email,name\n"
        for n in range(rows):
            name = "Asha Rao" if n % 16 else f"{noise.randbytes(15_000).hex()},too many"
            yield f"c{n},c{n}@example.com,{name}\n".encode()

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    return Upload(request, CUSTOMERS, None)


async def test_large_rejected_rows_take_no_good_ones_with_them() -> None:
    documents, publisher = Limited(), MemoryPublisher()
    working = imports(documents, publisher=publisher)
    sending = large_rows(1_600)
    import_id, _ = await working.accept(ORDER, await sending.take(501), sending)
    for event in publisher.events:
        assert isinstance(event, ImportLane)
        await working.work(event)
    status = await working.status(import_id)
    assert (status["state"], status["created"], status["rejected"]) == ("done", 1_500, 100)
    _, results = await working.results(import_id)
    sizes = {len(one["sent"]["name"]) for one in [one async for one in results] if one["sent"]}
    assert sizes == {30_000}


async def test_a_lane_goes_on_where_its_time_was_over_and_two_at_once_do_nothing_twice() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    hurried = imports(documents, budget=-1.0)
    hurried._publisher = publisher
    sending = upload(2_000)
    import_id, rows = await hurried.accept(ORDER, await sending.take(501), sending)
    events: list[Any] = list(publisher.events)
    publisher.events.clear()
    await asyncio.gather(*(hurried.work(event) for event in events))
    assert publisher.events == events  # nothing done, everything left
    patient = imports(documents)
    await asyncio.gather(*(patient.work(event) for event in [*events, *publisher.events]))
    status = await patient.status(import_id)
    assert (rows, status["state"], status["done"], status["created"]) == (2_000, "done", 2_000, 2_000)
    assert len(await documents.query(Query(collection="customers", fields=()))) == 2_000


async def test_an_import_whose_lane_was_lost_has_failed_until_it_is_done_after_all() -> None:
    documents, publisher = MemoryDocuments(), MemoryPublisher()
    working = imports(documents)
    working._publisher = publisher
    sending = upload(1_000)
    import_id, _ = await working.accept(ORDER, await sending.take(501), sending)
    lost, *others = publisher.events
    for event in others:
        assert isinstance(event, ImportLane)
        await working.work(event)
    await documents.commit([Update(f"imports/{import_id}", {"state": "failed", "reason": "Firestore: no."})])
    status = await working.status(import_id)
    assert (status["state"], status["reason"], status["done"] < 1_000) == ("failed", "Firestore: no.", True)
    assert isinstance(lost, ImportLane)
    await working.work(lost)
    assert (await working.status(import_id))["state"] == "done"


async def test_an_import_whose_lanes_cannot_be_published_has_failed() -> None:
    documents = MemoryDocuments()
    refused = imports(documents, publisher=MemoryPublisher(topics=[]))
    sending = upload(1_000)
    with pytest.raises(HeraldError):
        await refused.accept(ORDER, await sending.take(501), sending)
    [head] = await documents.query(Query(collection="imports"))
    status = await refused.status(head.id)
    assert (status["state"], "no topic" in status["reason"]) == ("failed", True)


async def test_an_upload_whose_instance_was_stopped_is_broken_in_the_end() -> None:
    documents, now = MemoryDocuments(), datetime(2026, 11, 23, tzinfo=UTC)
    head = {"state": "receiving", "rows": 0, "at": now - timedelta(minutes=59)}
    await documents.commit([Create("imports/a", head)])
    states = [
        (await imports(documents, clock=lambda at=now + timedelta(minutes=m): at).status("a"))["state"] for m in (0, 2)
    ]
    assert states == ["receiving", "broken"]
