"""Merging the rows of buckets into blocks: Parquet files, each small enough for a document.

A block stays as it is if it is full and the new rows change none of its rows. So of what never changes, such as events,
little is written again. In all blocks of a bucket together, each id occurs once, and a row that an erasure deletes does
not occur. A block with a tombstone is always merged, because the tombstone may delete new rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from common.audience.index.block_files import Blocks, delete_files, paths_of, steps
from common.audience.index.connection import ScratchDirectory, connect
from common.audience.index.tables import IndexTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_BLOCK_BYTES = 900_000

FULL_BLOCK_BYTES = 300_000
"""A block of this size or more is left alone. Smaller ones are merged, so that there are few blocks to load."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedBucket:
    """The blocks of a bucket after a merge."""

    rows: int  # in all blocks together
    kept: list[str]  # the paths that old blocks had which stay
    contents: list[bytes]  # of each new block


def _merge_sql(table: IndexTable) -> str:
    """Sorts the rows of each bucket by customer and time, because they compress best in this order."""
    columns = table.column_names
    position = f"row_number() OVER (PARTITION BY bucket ORDER BY {table.owner_column}, version, id)"
    return f"""
        CREATE OR REPLACE TABLE merged AS
        SELECT {columns}, {position} AS position
        FROM (
            SELECT {columns}
            FROM (SELECT {columns} FROM fresh UNION ALL SELECT {columns} FROM blocks)
            {table.latest_versions(of_each="bucket")}
        )
        WHERE ? OR NOT erased
    """


class Compactor:
    """Merges deltas into the blocks of the buckets that they touch. Blocks its thread; use one thread at a time."""

    def __init__(self, table: IndexTable, scratch: ScratchDirectory, deltas: str) -> None:
        """`deltas` is the path of the file with the deltas."""
        self._table = table
        self._scratch = scratch
        self._connection: DuckDBPyConnection = connect()
        self._connection.execute(f"CREATE TABLE deltas AS {table.select_from_deltas}", [[deltas]])

    def close(self) -> None:
        self._connection.close()

    def buckets(self) -> list[int]:
        """The buckets that the deltas touch."""
        rows = self._connection.execute("SELECT DISTINCT bucket FROM deltas ORDER BY bucket").fetchall()
        return [bucket for (bucket,) in rows]

    def merge(self, old: Blocks, *, keep_erased: bool) -> dict[int, MergedBucket]:
        """The blocks of these buckets with the latest version of each row; deletes `old`, the files of their blocks.

        Small buckets are merged together: each statement takes milliseconds, however few rows there are. Each bucket
        gets at least one new block, even if it is empty, so that a changed bucket always gets other block ids.
        """
        merged: dict[int, MergedBucket] = {}
        for step in steps(old):
            merged |= self._merge_step(step, keep_erased=keep_erased)
            delete_files(step)
        return merged

    def _merge_step(self, step: Blocks, *, keep_erased: bool) -> dict[int, MergedBucket]:
        """Merges the buckets of one step, in one statement."""
        fresh = f"SELECT {self._table.column_names} FROM deltas WHERE bucket IN (SELECT unnest(?::SMALLINT[]))"
        self._connection.execute(f"CREATE OR REPLACE TABLE fresh AS {fresh}", [list(step)])
        full = [path for path in paths_of(step) if Path(path).stat().st_size >= FULL_BLOCK_BYTES]
        unchanged = self._find_unchanged(full)
        paths = [path for path in paths_of(step) if path not in unchanged]
        source = self._table.select_from_blocks if paths else self._table.empty_select
        self._connection.execute(f"CREATE OR REPLACE TABLE blocks AS {source}", [paths] if paths else [])
        self._connection.execute(_merge_sql(self._table), [keep_erased])
        found = self._connection.execute("SELECT bucket, count(*) FROM merged GROUP BY bucket").fetchall()
        rows = dict.fromkeys(step, 0) | dict(found)
        kept = {bucket: [path for path in old if path in unchanged] for bucket, old in step.items()}
        return {
            bucket: MergedBucket(
                rows=number + sum(unchanged[path] for path in kept[bucket]),
                kept=kept[bucket],
                contents=list(self._write_blocks(bucket, 1, number)),
            )
            for bucket, number in rows.items()
        }

    def _find_unchanged(self, blocks: Sequence[str]) -> dict[str, int]:
        """Those of the block files that have no tombstone and no row that the fresh rows replace or erase; and how many
        rows each has."""
        if not blocks:
            return {}
        owner = self._table.owner_column
        changes = f"erased OR id IN (SELECT id FROM fresh) OR {owner} IN (SELECT {owner} FROM fresh WHERE erased)"
        found = self._connection.execute(
            f"SELECT filename, count(*), count(*) FILTER (WHERE {changes}) "
            "FROM read_parquet(?, union_by_name = true, filename = true) GROUP BY filename",
            [list(blocks)],
        ).fetchall()
        return {path: rows for path, rows, changed in found if not changed}

    def _write_blocks(self, bucket: int, first: int, last: int) -> Iterator[bytes]:
        """The rows of the bucket from `first` to `last`, halved until each block is small enough."""
        self._connection.execute(
            f"COPY (SELECT {self._table.column_names} FROM merged WHERE bucket = ? AND position BETWEEN ? AND ? "
            "ORDER BY position) TO ? (FORMAT parquet, COMPRESSION zstd)",
            [bucket, first, last, self._scratch.path("block")],
        )
        block = self._scratch.read_and_remove("block")
        if len(block) <= MAX_BLOCK_BYTES or first >= last:
            yield block
            return
        middle = (first + last) // 2
        yield from self._write_blocks(bucket, first, middle)
        yield from self._write_blocks(bucket, middle + 1, last)
