"""Compaction: what it writes and deletes, its lease, and what remains when it dies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from common.audience import (
    CUSTOMERS,
    EVENTS,
    Audience,
    CompactionResult,
    CustomerEvent,
    CustomerRow,
    activity_event,
    compact,
    customer_delta,
    event_delta,
    events_tombstone,
    row_from_document,
    tombstone,
)
from common.audience.index import compactor
from common.audience.index.connection import connect, scratch_directory
from common.audience.index.manifest import Manifest
from common.audience.index.rows import microseconds
from common.errors import Conflict
from common.ids import bucket_of
from common.storage.documents import Create, Documents, Query, Write
from common.storage.memory import MemoryDocuments
from tests.component.test_audience_rows import incompressible_text
from tests.index_simulation import Actor, Gate

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=6)
MUCH_LATER = NOW + timedelta(minutes=20)


@pytest.fixture(params=[0, compactor.FULL_BLOCK_BYTES], autouse=True)
def full_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """From which size on blocks are left alone; with 0, each block stays until one of its rows changes."""
    monkeypatch.setattr(compactor, "FULL_BLOCK_BYTES", request.param)
    return int(request.param)


def asha(version: int, name: str = "Asha") -> CustomerRow:
    return row_from_document("asha", {"bucket": bucket_of("asha"), "version": version, "name": name})


async def write(documents: Documents, rows: Sequence[CustomerRow], delta_id: str | None = None) -> None:
    [one] = customer_delta(rows)
    await documents.commit([Create(f"audience/customers-delta-{delta_id}", one.data) if delta_id else one])


async def names(documents: Documents) -> dict[str, str | None]:
    audience = Audience(documents)
    return {row.id: row.name for row in await audience.newest(None, NOW)}


async def ids(documents: Documents, prefix: str) -> set[str]:
    found = await documents.query(Query(collection="audience", fields=()))
    return {one.id for one in found if one.id.startswith(prefix)}


async def read_manifest(documents: Documents) -> Manifest:
    return Manifest.from_document((await documents.get(CUSTOMERS.manifest_path)).data)


async def rows_in_blocks(documents: Documents) -> list[tuple[str, bool]]:
    with scratch_directory() as folder:
        found = await documents.get_all([f"audience/{block}" for block in await ids(documents, "customers-block-")])
        paths = folder.write({block.id: block["rows"] for block in found})
        return connect().execute("SELECT id, erased FROM read_parquet(?)", [paths]).fetchall()


async def test_compact_with_deltas_writes_blocks() -> None:
    """Compaction moves the rows of deltas into blocks."""
    documents = MemoryDocuments()
    await write(
        documents, [asha(1), row_from_document("ravi", {"bucket": bucket_of("ravi"), "version": 2, "name": "Ravi"})]
    )
    await write(documents, [asha(3, "Asha Rao")])
    assert await compact(documents, now=NOW, owner="a") == CompactionResult(
        generation=1, deltas=2, buckets=2, remaining=0
    )
    assert await ids(documents, "customers-delta-") == set()
    assert await ids(documents, "customers-block-") == (await read_manifest(documents)).referenced_blocks()
    assert await names(documents) == {"asha": "Asha Rao", "ravi": "Ravi"}


async def test_compact_without_deltas_writes_nothing() -> None:
    """Without deltas, compaction does nothing and writes no manifest."""
    documents = MemoryDocuments()
    assert await compact(documents, now=NOW, owner="a") is None
    assert not (await documents.get(CUSTOMERS.manifest_path)).exists


async def test_compact_with_many_deltas_merges_at_most_the_limit() -> None:
    """A compaction merges a limited number of deltas and reports how many remain."""
    documents = MemoryDocuments()
    for version in range(1, 6):
        await write(documents, [asha(version, f"Asha {version}")])
    folds = [await compact(documents, now=NOW, owner="a", max_deltas=2) for _ in range(4)]
    assert [one and one.remaining for one in folds] == [3, 1, 0, None]
    assert await names(documents) == {"asha": "Asha 5"}


async def test_tombstone_with_older_delta_remaining_stays_in_block() -> None:
    """A tombstone stays in its block while an older delta is not compacted yet."""
    documents = MemoryDocuments()
    await write(documents, [asha(1)], "z")
    await write(documents, [tombstone("asha", version=2)], "a")
    await compact(documents, now=NOW, owner="a", max_deltas=1)
    assert await ids(documents, "customers-delta-") == {"customers-delta-z"}
    assert await rows_in_blocks(documents) == [("asha", True)]
    assert await names(documents) == {}
    await compact(documents, now=NOW, owner="a", max_deltas=1)
    assert await names(documents) == {}


async def test_compact_of_all_deltas_leaves_no_tombstone() -> None:
    """A compaction that reads all deltas drops tombstones."""
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    await write(documents, [tombstone("asha", version=2)])
    await compact(documents, now=NOW, owner="a")
    assert await rows_in_blocks(documents) == []


async def test_reader_of_repeatedly_emptied_bucket_stays_current() -> None:
    """A reader sees each change of a bucket that becomes empty again and again."""
    documents = MemoryDocuments()
    audience = Audience(documents)
    for version in (1, 3, 5):
        await write(documents, [asha(version)])
        await audience.refresh()
        assert await audience.count_all() == 1
        await write(documents, [tombstone("asha", version=version + 1)])
        await compact(documents, now=NOW, owner="a")
        await audience.refresh()
        assert await audience.count_all() == 0


async def test_replaced_block_is_deleted_after_retention() -> None:
    """A replaced block is kept for readers for a while, then deleted."""
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    await compact(documents, now=NOW, owner="a")
    [first] = await ids(documents, "customers-block-")
    await write(documents, [tombstone("asha", version=2)])
    await compact(documents, now=NOW, owner="a")
    assert first in await ids(documents, "customers-block-")
    assert await compact(documents, now=LATER, owner="a") is None
    assert first in await ids(documents, "customers-block-")
    assert await compact(documents, now=MUCH_LATER, owner="a") == CompactionResult(
        generation=3, deltas=0, buckets=0, remaining=0
    )
    assert first not in await ids(documents, "customers-block-")
    assert await compact(documents, now=MUCH_LATER, owner="a") is None


async def test_large_bucket_is_split_into_blocks_below_document_limit() -> None:
    """A bucket too large for one document becomes several blocks."""
    documents = MemoryDocuments()
    rows = [
        row_from_document(f"p{n}", {"bucket": 7, "version": 1, "name": incompressible_text(1_000 + n)})
        for n in range(2_000)
    ]
    await documents.commit(customer_delta(rows))
    await compact(documents, now=NOW, owner="a")
    blocks = (await read_manifest(documents)).blocks[7]
    sizes = [len(block["rows"]) for block in await documents.get_all([f"audience/{block}" for block in blocks])]
    assert len(sizes) > 1
    assert max(sizes) <= 900_000
    assert await Audience(documents).rows([row.id for row in rows]) == {row.id: row for row in rows}


async def start_compaction(documents: Documents, calls: int, now: datetime = NOW) -> Actor:
    """A compaction that has made some of its calls to the database."""
    gate = Gate(documents)
    actor = Actor(gate, compact(gate, now=now, owner="slow"))
    await actor.proceed(calls)
    return actor


async def test_compact_while_leased_returns_none() -> None:
    """A second compaction does nothing while the first holds the lease."""
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    slow = await start_compaction(documents, 3)
    assert await compact(documents, now=NOW + timedelta(minutes=4), owner="b") is None
    await slow.finish()
    assert await names(documents) == {"asha": "Asha"}
    assert (await read_manifest(documents)).lease is None


@pytest.mark.parametrize("calls", range(1, 12))
async def test_compaction_killed_at_any_call_leaves_index_correct(calls: int) -> None:
    """After a compaction dies at any call, the index is correct and the next compaction cleans up."""
    documents = MemoryDocuments()
    await write(
        documents, [asha(1), row_from_document("ravi", {"bucket": bucket_of("ravi"), "version": 2, "name": "Ravi"})]
    )
    await compact(documents, now=NOW, owner="a")
    await write(documents, [tombstone("asha", version=3)])
    slow = await start_compaction(documents, calls)
    await slow.die()
    assert await names(documents) == {"ravi": "Ravi"}
    await compact(documents, now=LATER, owner="b")
    assert await names(documents) == {"ravi": "Ravi"}
    assert await ids(documents, "customers-delta-") == set()
    assert await ids(documents, "customers-block-") == (await read_manifest(documents)).referenced_blocks()


@pytest.mark.parametrize("calls", range(3, 9))
async def test_overtaken_compaction_changes_nothing(calls: int) -> None:
    """A compaction that lost its lease to another one changes neither manifest nor blocks."""
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    slow = await start_compaction(documents, calls)
    assert await compact(documents, now=LATER, owner="b")
    await write(documents, [asha(2, "Asha Rao")])
    moved = await read_manifest(documents)
    await slow.finish()
    assert await read_manifest(documents) == moved
    assert await ids(documents, "customers-block-") == moved.referenced_blocks()
    assert await names(documents) == {"asha": "Asha Rao"}


class LosesResponse(MemoryDocuments):
    """The commit of the manifest succeeds but is reported as a conflict, as after a retry by the client."""

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        if len(writes) > 1 and writes[0].path == CUSTOMERS.manifest_path:
            raise Conflict


async def test_compaction_with_lost_response_keeps_its_blocks() -> None:
    """If the commit succeeded but is reported as a conflict, its blocks are not deleted."""
    documents = LosesResponse()
    await write(documents, [asha(1)])
    assert await compact(documents, now=NOW, owner="a") is None
    assert await names(documents) == {"asha": "Asha"}


def visit(number: int, customer: str = "asha", version: int | None = None) -> CustomerEvent:
    at = NOW + timedelta(seconds=version or number)
    return activity_event(f"v{number}", customer=customer, kind="visit", at=NOW, amount=None, now=at)


async def compact_events(documents: Documents, *events: CustomerEvent) -> Manifest:
    """Writes the events, compacts them, and checks that readers see what the manifest counts."""
    await documents.commit(event_delta(events))
    await compact(documents, now=NOW, owner="a", table=EVENTS)
    manifest = Manifest.from_document((await documents.get(EVENTS.manifest_path)).data)
    assert manifest.count_rows() == len(await event_ids(documents))
    return manifest


async def event_ids(documents: Documents) -> list[str]:
    audience = Audience(documents)
    await audience.load_events()
    return sorted(id_ for (id_,) in await audience.select("SELECT id FROM events", []))


async def test_block_whose_rows_do_not_change_is_not_written_again(full_size: int) -> None:
    """New events get a block of their own beside full ones; small blocks are merged."""
    documents = MemoryDocuments()
    [first] = (await compact_events(documents, visit(1))).blocks.values()
    [both] = (await compact_events(documents, visit(2))).blocks.values()
    assert (first[0] in both, len(both)) == ((False, 1) if full_size else (True, 2))
    assert await event_ids(documents) == ["v1", "v2"]


async def test_full_block_is_written_again_when_one_of_its_rows_changes(full_size: int) -> None:
    """A newer version of an event replaces it in its block, also if the delta comes late."""
    documents = MemoryDocuments()
    await compact_events(documents, visit(1), visit(2))
    [before] = (await compact_events(documents, visit(3))).blocks.values()
    manifest = await compact_events(documents, visit(1, version=9))
    [after] = manifest.blocks.values()
    assert {*before} & {*after} == ({before[1]} if not full_size else set())
    assert {*manifest.retired[-1].blocks} == {*before} - {*after}
    await compact_events(documents, visit(1, version=5))
    audience = Audience(documents)
    await audience.load_events()
    assert await audience.select("SELECT version FROM events WHERE id = 'v1'", []) == [
        (microseconds(NOW + timedelta(seconds=9)),)
    ]


@pytest.mark.parametrize("together", [True, False])
async def test_erasure_deletes_the_events_in_all_blocks(together: bool) -> None:
    """Older events of the person are deleted wherever they are, and older ones that come after the erasure."""
    documents = MemoryDocuments()
    other = next(f"p{n}" for n in range(9_999) if bucket_of(f"p{n}") == bucket_of("asha"))
    for number in (1, 2, 3):
        await compact_events(documents, visit(number, other if number == 2 else "asha"))
    erasure = events_tombstone("asha", version=microseconds(NOW + timedelta(seconds=50)))
    late, newer = visit(4), visit(5, version=60)
    if together:
        await compact_events(documents, late, erasure, newer)
    else:
        for name, event in (("a", erasure), ("z", late)):  # the delta with the later event is compacted first
            [delta] = event_delta([event])
            await documents.commit([Create(f"audience/events-delta-{name}", delta.data)])
        while (result := await compact(documents, now=NOW, owner="a", table=EVENTS, max_deltas=1)) and result.remaining:
            assert "v1" not in await event_ids(documents)
        await compact_events(documents, newer)
    assert await event_ids(documents) == ["v2", "v5"]
