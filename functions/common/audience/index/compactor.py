"""Merging the rows of buckets into blocks: Parquet files, each small enough for a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.audience.index.block_files import Blocks, delete_files, paths_of, steps
from common.audience.index.connection import ScratchDirectory, connect
from common.audience.index.tables import IndexTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_BLOCK_BYTES = 900_000


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedBucket:
    """The new blocks of a bucket."""

    rows: int  # in all blocks together
    contents: list[bytes]  # of each block


def _merge_sql(table: IndexTable) -> str:
    """Sorts the rows of each bucket by customer and time, because they compress best in this order."""
    columns = table.column_names
    in_buckets = "bucket IN (SELECT unnest(?::SMALLINT[]))"
    position = f"row_number() OVER (PARTITION BY bucket ORDER BY {table.owner_column}, version, id)"
    return f"""
        CREATE OR REPLACE TABLE merged AS
        SELECT {columns}, {position} AS position
        FROM (
            SELECT {columns}
            FROM (SELECT {columns} FROM deltas WHERE {in_buckets} UNION ALL SELECT {columns} FROM blocks)
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
        """The new blocks of these buckets with the latest version of each row; `old` are their block files.

        Small buckets are merged together: each statement takes milliseconds, however few rows there are. Each bucket
        gets at least one block, even if it is empty, so that a changed bucket always gets other block ids.
        """
        merged: dict[int, MergedBucket] = {}
        for step in steps(old):
            merged |= self._merge_step(step, keep_erased=keep_erased)
            delete_files(step)
        return merged

    def _merge_step(self, step: Blocks, *, keep_erased: bool) -> dict[int, MergedBucket]:
        """Merges the buckets of one step, in one statement."""
        paths = paths_of(step)
        source = self._table.select_from_blocks if paths else self._table.empty_select
        self._connection.execute(f"CREATE OR REPLACE TABLE blocks AS {source}", [paths] if paths else [])
        self._connection.execute(_merge_sql(self._table), [list(step), keep_erased])
        found = self._connection.execute("SELECT bucket, count(*) FROM merged GROUP BY bucket").fetchall()
        rows = dict.fromkeys(step, 0) | dict(found)
        return {
            bucket: MergedBucket(rows=number, contents=list(self._write_blocks(bucket, 1, number)))
            for bucket, number in rows.items()
        }

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
