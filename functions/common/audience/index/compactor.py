"""Merging the rows of one bucket into blocks: Parquet files, each small enough for a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """Sorts the rows by customer and time, because they compress best in this order."""
    columns = table.column_names
    return f"""
        CREATE OR REPLACE TABLE merged AS
        SELECT {columns}, row_number() OVER (ORDER BY {table.owner_column}, version, id) AS position
        FROM (
            SELECT {columns}
            FROM (SELECT {columns} FROM deltas WHERE bucket = ? UNION ALL SELECT {columns} FROM blocks)
            {table.latest_versions_clause}
        )
        WHERE ? OR NOT erased
    """


class Compactor:
    """Merges deltas into the blocks of the buckets that they touch. Blocks its thread; use one thread at a time."""

    def __init__(self, table: IndexTable, scratch: ScratchDirectory, deltas: Sequence[str]) -> None:
        """`deltas` are the paths of the delta files."""
        self._table = table
        self._scratch = scratch
        self._connection: DuckDBPyConnection = connect()
        self._connection.execute(f"CREATE TABLE deltas AS {table.select_from_deltas}", [list(deltas)])

    def close(self) -> None:
        self._connection.close()

    def buckets(self) -> list[int]:
        """The buckets that the deltas touch."""
        rows = self._connection.execute("SELECT DISTINCT bucket FROM deltas ORDER BY bucket").fetchall()
        return [bucket for (bucket,) in rows]

    def merge(self, bucket: int, old: Sequence[str], *, keep_erased: bool) -> MergedBucket:
        """The new blocks of a bucket with the latest version of each row; `old` are the paths of its block files.

        There is at least one block, even if it is empty, so that a changed bucket always gets other block ids.
        """
        source = self._table.select_from_blocks if old else self._table.empty_select
        self._connection.execute(f"CREATE OR REPLACE TABLE blocks AS {source}", [list(old)] if old else [])
        self._connection.execute(_merge_sql(self._table), [bucket, keep_erased])
        [(rows,)] = self._connection.execute("SELECT count(*) FROM merged").fetchall()
        return MergedBucket(rows=rows, contents=list(self._write_blocks(1, rows)))

    def _write_blocks(self, first: int, last: int) -> Iterator[bytes]:
        """The rows from `first` to `last`, halved until each block is small enough."""
        self._connection.execute(
            f"COPY (SELECT {self._table.column_names} FROM merged WHERE position BETWEEN ? AND ? ORDER BY position) "
            "TO ? (FORMAT parquet, COMPRESSION zstd)",
            [first, last, self._scratch.path("block")],
        )
        block = self._scratch.read_and_remove("block")
        if len(block) <= MAX_BLOCK_BYTES or first >= last:
            yield block
            return
        middle = (first + last) // 2
        yield from self._write_blocks(first, middle)
        yield from self._write_blocks(middle + 1, last)
