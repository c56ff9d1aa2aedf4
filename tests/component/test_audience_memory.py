"""The memory of the audience index: a refresh needs little more than the tables, and too large an index is refused."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.index_memory import block_path, write_blocks
from common.audience import (
    CUSTOMERS,
    EVENTS,
    TABLES,
    Audience,
    activity_event,
    compact,
    customer_delta,
    event_delta,
    events_tombstone,
    row_from_document,
)
from common.audience.event_reconciliation import IdRange, id_range_condition
from common.audience.index import connection
from common.audience.index.connection import memory_of_instance
from common.audience.index.database import IndexDatabase, TableUpdate
from common.audience.index.limits import MIN_ROW_BYTES
from common.audience.index.manifest import Manifest
from common.audience.index.rows import microseconds
from common.audience.index.tables import IndexTable, id_range
from common.audience.reader import RETRY_AFTER_SECONDS
from common.errors import AudienceTooLarge
from common.ids import BUCKETS, bucket_of, stable_hash
from common.storage.documents import Delete, Snapshot
from common.storage.memory import MemoryDocuments

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
CUSTOMER_COUNT = 20_000
EVENT_COUNT = 600_000
MEMORY = 108_000_000
"""With one thread, the refresh needs 95 MB. With all rows of the blocks written again, it needs 140 MB."""


def update_from(folder: Path, table: IndexTable, *, is_first: bool) -> TableUpdate:
    """Replaces the blocks of all buckets."""
    blocks: dict[int, Sequence[str]] = {bucket: [str(block_path(folder, table, bucket))] for bucket in range(BUCKETS)}
    return TableUpdate(
        table=table, is_first=is_first, blocks=blocks, new_deltas=[], delta_files=[], compacted_deltas=[]
    )


def load_and_replace_all(folder: Path) -> list[tuple[int, int]]:
    """Loads all blocks and then replaces all; the numbers of customers and events after each."""
    database = IndexDatabase(MEMORY)
    counts = []
    for name, more in (("first", 0), ("second", 1_000)):
        write_blocks(folder / name, CUSTOMER_COUNT, EVENT_COUNT + more)
        database.apply([update_from(folder / name, table, is_first=name == "first") for table in TABLES])
        sql = "SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM events)"
        counts += database.cursor().execute(sql).fetchall()
    return counts


def test_replacing_all_blocks_needs_memory_for_one_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full refresh fits into memory that cannot hold the rows twice, and leaves exactly the rows of the blocks."""
    monkeypatch.setattr(connection, "MAX_THREADS", 1)
    expected = [(CUSTOMER_COUNT, EVENT_COUNT), (CUSTOMER_COUNT, EVENT_COUNT + 1_000)]
    assert load_and_replace_all(tmp_path) == expected


class ReadPathsDocuments(MemoryDocuments):
    """Records what is read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        self.read.append(path)
        return await super().get(path, at=at)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        self.read.extend(paths)
        return await super().get_all(paths, at=at)

    async def delete_index(self) -> None:
        deltas = await self.query(id_range(CUSTOMERS.delta_prefix, None))
        await self.commit([Delete(delta.path) for delta in deltas])


async def documents_with(number: int) -> ReadPathsDocuments:
    documents = ReadPathsDocuments()
    rows = [
        row_from_document(id_, {"bucket": bucket_of(id_), "version": 1, "name": stable_hash("name", id_) * 20})
        for id_ in (stable_hash(str(position)) for position in range(number))
    ]
    await documents.commit(customer_delta(rows))
    return documents


async def test_index_above_the_limit_is_refused_with_its_code_and_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    """An index that does not fit is refused with its own code, and an error that an alert can find."""
    documents = await documents_with(9_000)
    with pytest.raises(AudienceTooLarge) as refusal:
        await Audience(documents, memory_bytes=4_000_000).refresh()
    assert (refusal.value.status, refusal.value.code) == (503, "audience_too_large")
    [record] = [one for one in caplog.records if getattr(one, "event", "") == "audience_too_large"]
    assert record.levelno == logging.ERROR


async def test_refused_index_loses_nothing_and_is_tried_again_after_a_minute() -> None:
    """Until then nothing is read. When the index has become small enough, the same reader loads it."""
    documents, seconds = await documents_with(9_000), 0.0
    audience = Audience(documents, memory_bytes=4_000_000, monotonic=lambda: seconds)
    with pytest.raises(AudienceTooLarge):
        await audience.refresh()
    documents.read.clear()
    with pytest.raises(AudienceTooLarge):
        await audience.count_all()
    assert documents.read == []
    assert await Audience(documents).count_all() == 9_000
    await documents.delete_index()
    seconds = RETRY_AFTER_SECONDS
    assert await audience.count_all() == 0


async def test_index_with_too_many_rows_is_refused_before_its_blocks_are_read() -> None:
    """The manifest has the numbers of rows, so that nothing is loaded in vain."""
    documents = await documents_with(100)
    await compact(documents, now=NOW, owner="a")
    manifest = Manifest.from_document((await documents.get(CUSTOMERS.manifest_path)).data)
    assert manifest.count_rows() == 100
    documents.read.clear()
    with pytest.raises(AudienceTooLarge):
        await Audience(documents, memory_bytes=100 * MIN_ROW_BYTES["customers"] - 1).refresh()
    assert set(documents.read) == {CUSTOMERS.manifest_path}


def test_manifest_without_numbers_of_rows_is_read() -> None:
    """Manifests of older versions have none; what is not known does not count."""
    document = Manifest(blocks={1: ("a",)}, rows={1: 5}).to_document()
    del document["rows"]
    assert Manifest.from_document(document).count_rows() == 0


async def test_first_load_says_what_the_memory_holds(caplog: pytest.LogCaptureFixture) -> None:
    """The line has the limit, and about how many customers or events it holds."""
    caplog.set_level(logging.INFO)
    await Audience(await documents_with(1), memory_bytes=500_000_000).refresh()
    [record] = [one for one in caplog.records if getattr(one, "event", "") == "audience_memory_limit"]
    assert vars(record)["megabytes"] == 500
    assert vars(record)["max_customers"] > 1_000_000


def test_memory_of_instance_is_not_more_than_the_machine_has() -> None:
    """A container without a limit says an enormous number."""
    assert 0 < memory_of_instance() < 2**48


async def test_reader_of_a_part_of_the_events_has_only_these_and_respects_erasures() -> None:
    """The daily comparison loads the events of its ids only; tombstones of all customers count."""
    documents = MemoryDocuments()
    ids = [f"{position:02x}{'0' * 30}" for position in range(0, 256, 4)]
    events = [
        activity_event(id_, customer="ada" if number % 2 else "ben", kind="visit", at=NOW, amount=None, now=NOW)
        for number, id_ in enumerate(ids)
    ]
    await documents.commit(event_delta(events))
    await compact(documents, now=NOW, owner="a", table=EVENTS)
    await documents.commit(event_delta([events_tombstone("ben", version=microseconds(NOW) + 1)]))
    audience = Audience(documents, events=id_range_condition([0, 1, 2, 3]))
    await audience.load_events()
    found = {id_ for (id_,) in await audience.select("SELECT id FROM events", [])}
    bounds = IdRange(0, 3, None)
    assert found == {id_ for number, id_ in enumerate(ids) if number % 2 and id_ < str(bounds.high)}
    await compact(documents, now=NOW, owner="a", table=EVENTS)
    await audience.refresh()
    assert {id_ for (id_,) in await audience.select("SELECT id FROM events", [])} == found
