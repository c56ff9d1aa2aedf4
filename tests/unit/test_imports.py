"""Imports: what they hold in memory, and that nobody does anything twice."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any

from common.documents import Query, Write
from common.memory import MemoryDocuments, MemoryPublisher
from customers.activities import Activities
from customers.columns import CUSTOMERS
from customers.imports import Imports, Order
from customers.ingestion import Ingestion
from customers.upload import Upload
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
        publisher=MemoryPublisher(),
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
