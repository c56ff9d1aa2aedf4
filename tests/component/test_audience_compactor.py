"""The merging of several buckets at once: what each gets does not depend on which are merged together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from common.audience import CUSTOMERS, EVENTS, CustomerEvent, CustomerRow, customer_delta, event_delta
from common.audience.index import block_files
from common.audience.index.compactor import Compactor
from common.audience.index.connection import connect, scratch_directory
from common.audience.index.rows import event_tombstone
from common.audience.index.tables import IndexTable
from common.storage.documents import Put

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
ERASED = CustomerRow(id="p007", bucket=1, version=9, erased=True)
Rows = dict[int, list[tuple[str, int, bool]]]


def person(number: int, version: int = 1) -> CustomerRow:
    return CustomerRow(id=f"p{number:03}", bucket=number % 3, version=version, name="ä" * (number % 50))


def order(name: str, bucket: int, version: int) -> CustomerEvent:
    return CustomerEvent(id=name, customer=f"c{bucket}", bucket=bucket, version=version, kind="order", occurred_at=NOW)


def merge(
    table: IndexTable, deltas: Sequence[Put], groups: Sequence[Sequence[int]], old: Mapping[int, Sequence[bytes]]
) -> dict[int, list[bytes]]:
    """The contents of the new blocks of each bucket, if the buckets of a group are merged together."""
    blocks: dict[int, list[bytes]] = {}
    with scratch_directory() as scratch:
        path = scratch.write_joined("deltas", (delta.data["rows"] for delta in deltas))
        compactor = Compactor(table, scratch, path)
        for group in groups:
            files = {
                bucket: scratch.write({f"{bucket}-{number}": one for number, one in enumerate(old.get(bucket, ()))})
                for bucket in group
            }
            merged = compactor.merge(files, keep_erased=True)
            assert {bucket: one.rows for bucket, one in merged.items()} == {
                bucket: len(rows) for bucket, rows in read({n: one.contents for n, one in merged.items()}).items()
            }
            blocks |= {bucket: one.contents for bucket, one in merged.items()}
    return blocks


def read(blocks: Mapping[int, Sequence[bytes]]) -> Rows:
    """The id, the version and whether it is erased, of each row of each bucket."""
    found: Rows = {}
    connection = connect()
    with scratch_directory() as scratch:
        for bucket, contents in blocks.items():
            paths = scratch.write({f"{bucket}-{number}": one for number, one in enumerate(contents)})
            sql = "SELECT id, version, erased, bucket FROM read_parquet(?) ORDER BY id, version"
            rows = connection.execute(sql, [paths]).fetchall()
            assert {row[-1] for row in rows} <= {bucket}
            found[bucket] = [row[:-1] for row in rows]
    return found


@pytest.mark.parametrize("max_step_bytes", [1, 3_000, block_files.MAX_STEP_BYTES])
def test_buckets_merged_together_have_the_rows_that_each_has_alone(
    monkeypatch: pytest.MonkeyPatch, max_step_bytes: int
) -> None:
    """New, changed and erased customers, over blocks that exist; however many buckets are read at once."""
    first = merge(CUSTOMERS, customer_delta([person(number) for number in range(200)]), [[0, 1, 2]], {})
    changes = [*(person(number, version=2) for number in range(150, 300)), ERASED]
    deltas = [one for row in changes for one in customer_delta([row])]  # a document for each, as calls come in
    monkeypatch.setattr(block_files, "MAX_STEP_BYTES", max_step_bytes)
    together = read(merge(CUSTOMERS, deltas, [[0, 1, 2]], first))
    assert together == read(merge(CUSTOMERS, deltas, [[0], [1], [2]], first))
    rows = {id_: (version, erased) for rows in together.values() for id_, version, erased in rows}
    assert len(rows) == sum(map(len, together.values())) == 300
    assert [rows["p000"], rows["p149"], rows["p150"], rows["p299"]] == [(1, False), (1, False), (2, False), (2, False)]
    assert rows[ERASED.id] == (9, True)


def test_event_in_two_buckets_is_merged_in_each_alone() -> None:
    """A tombstone of an event says nothing about one with the same id in another bucket."""
    deltas = event_delta([event_tombstone(order("e1", 0, version=5)), order("e1", 1, version=3), order("e2", 0, 1)])
    together = read(merge(EVENTS, deltas, [[0, 1]], {}))
    assert together == {0: [("e1", 6, True), ("e2", 1, False)], 1: [("e1", 3, False)]}


def test_bucket_without_rows_gets_an_empty_block() -> None:
    """So a changed bucket has other blocks in any case, also beside one with rows."""
    blocks = merge(CUSTOMERS, customer_delta([person(1)]), [[0, 1]], {})
    assert [len(contents) for contents in blocks.values()] == [1, 1]
    assert read(blocks) == {0: [], 1: [("p001", 1, False)]}


def test_many_lines_of_deltas_are_all_read() -> None:
    """Many times more than a buffer holds, in documents of every size."""
    rows = [person(number, version=int((NOW + timedelta(seconds=number)).timestamp())) for number in range(12_000)]
    deltas, start, size = [], 0, 1
    while start < len(rows):
        deltas += customer_delta(rows[start : start + size])
        start, size = start + size, size % 997 + 100
    blocks = read(merge(CUSTOMERS, deltas, [[0, 1, 2]], {}))
    assert sum(map(len, blocks.values())) == len({row.id for row in rows}) == 12_000
