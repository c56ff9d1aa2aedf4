"""Blocks: the rows of one bucket as Parquet, each small enough for a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from common.audience.index.connection import Files, connect
from common.audience.index.tables import Sheet

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_BYTES = 900_000


def _merged(sheet: Sheet) -> str:
    """What one customer did stands together, in order of time: so it takes the least space."""
    return f"""
        CREATE OR REPLACE TABLE merged AS
        SELECT {sheet.names}, row_number() OVER (ORDER BY {sheet.owner}, version, id) AS position
        FROM (
            SELECT {sheet.names}
            FROM (SELECT {sheet.names} FROM changes WHERE bucket = ? UNION ALL SELECT {sheet.names} FROM blocks)
            {sheet.latest}
        )
        WHERE ? OR NOT erased
    """


class Press:
    """Merges changes into the blocks of the buckets they touch. Blocks its thread; one thread at a time."""

    def __init__(self, sheet: Sheet, files: Files, changes: Sequence[str]) -> None:
        """`changes` are the paths of the changes' files."""
        self._sheet = sheet
        self._files = files
        self._connection: DuckDBPyConnection = connect()
        self._connection.execute(f"CREATE TABLE changes AS {sheet.from_changes}", [list(changes)])

    def close(self) -> None:
        self._connection.close()

    def buckets(self) -> list[int]:
        """Those that the changes touch."""
        found = self._connection.execute("SELECT DISTINCT bucket FROM changes ORDER BY bucket").fetchall()
        return [bucket for (bucket,) in found]

    def merge(self, bucket: int, old: Sequence[str], *, keep_erased: bool) -> list[bytes]:
        """The new blocks of a bucket, from the paths of the old ones' files: of each customer the latest version.

        There is always one, empty if need be, so that a bucket which changed has other blocks than before.
        """
        blocks = f"CREATE OR REPLACE TABLE blocks AS {self._sheet.from_blocks if old else self._sheet.nothing}"
        self._connection.execute(blocks, [list(old)] if old else [])
        self._connection.execute(_merged(self._sheet), [bucket, keep_erased])
        [(rows,)] = self._connection.execute("SELECT count(*) FROM merged").fetchall()
        return list(self._pressed(1, rows))

    def _pressed(self, first: int, last: int) -> Iterator[bytes]:
        """The rows from `first` to `last`, halved until each block is small enough."""
        self._connection.execute(
            f"COPY (SELECT {self._sheet.names} FROM merged WHERE position BETWEEN ? AND ? ORDER BY position) TO ? "
            "(FORMAT parquet, COMPRESSION zstd)",
            [first, last, self._files.path("pressed")],
        )
        block = self._files.take("pressed")
        if len(block) <= MOST_BYTES or first >= last:
            yield block
            return
        middle = (first + last) // 2
        yield from self._pressed(first, middle)
        yield from self._pressed(middle + 1, last)
