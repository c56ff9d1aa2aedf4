"""The index in DuckDB: what an instance has loaded, updated in whole transactions.

For each table, `…_versions` has the latest version of each row in blocks and deltas, tombstones included; the views
`customers` and `events` show the rows that are not erased. `…_deltas` keeps the rows of the deltas that are not
compacted yet, because they are applied again when the blocks of their bucket are reloaded.

Memory stays near the size of the compressed tables. Blocks are read a few buckets at a time. Of a reloaded bucket, only
the rows that differ are replaced: a compaction writes all blocks of a bucket, but few of their rows are new.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.audience.index.block_files import Blocks, delete_files, paths_of, steps
from common.audience.index.connection import DATABASE, connect
from common.audience.index.tables import TABLES, IndexTable
from common.errors import AudienceTooLarge
from common.rules.sql import MACROS, Condition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

log = logging.getLogger(__name__)

NO_MEMORY = ("could not allocate", "failed to allocate")
"""What DuckDB's errors say when a checkpoint, and not a statement, has too little memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableUpdate:
    """What brings a table from one state of the index to another."""

    table: IndexTable
    is_first: bool  # nothing is loaded yet, so no query can ask for rows of this table
    blocks: Blocks  # of the buckets that are reloaded
    new_deltas: Sequence[str]  # ids of the deltas to add
    delta_files: Sequence[str]  # paths of these deltas
    compacted_deltas: Sequence[str]  # ids of the deltas that are now in blocks
    kept: Condition | None = None  # only these rows are loaded, and all tombstones
    buckets: Collection[int] | None = None  # only rows of these are visible; None: of all

    @property
    def changes_rows(self) -> bool:
        """Whether any row may change. A compacted delta changes none: the blocks have the same rows."""
        return bool(self.blocks or self.new_deltas)

    def filter(self, select: str) -> tuple[str, list[Any]]:
        """The SELECT with only the rows to keep, and the parameters that follow its own."""
        if self.kept is None:
            return select, []
        return f"SELECT * FROM ({select}) WHERE erased OR ({self.kept.sql})", list(self.kept.parameters)


class IndexDatabase:
    """The tables of the index in an in-memory DuckDB."""

    def __init__(self, memory_bytes: int) -> None:
        self._connection = connect(memory_bytes)
        for table in TABLES:
            self._connection.execute(f"CREATE TABLE {table.versions} ({table.column_definitions})")
            self._connection.execute(f"CREATE TABLE {table.deltas} ({table.column_definitions}, delta VARCHAR)")
            rows = f"SELECT {table.column_names} FROM {table.versions} WHERE NOT erased"
            self._connection.execute(f"CREATE VIEW {table.name} AS {rows}")
        for name, expression in MACROS.items():
            self._connection.execute(f"CREATE MACRO {name}(j, p) AS {expression}")

    def cursor(self) -> DuckDBPyConnection:
        """A cursor for one query in another thread. The query sees the state before or after an update."""
        cursor = self._connection.cursor()
        cursor.execute(f"USE {DATABASE}")
        return cursor

    def close(self) -> None:
        """Frees the memory, once the last query has ended."""
        self._connection.close()

    def apply(self, updates: Sequence[TableUpdate]) -> None:
        """Applies the updates in one transaction, except for a table's first blocks. One call at a time.

        Raises `AudienceTooLarge` when the limit of memory is reached; the database may be unusable then.
        """
        from duckdb import Error  # loaded already, by `connect`

        with fits_in_memory():
            for update in updates:
                if update.is_first:
                    self._fill(update)
            self._connection.begin()
            try:
                for update in updates:
                    if not update.is_first:
                        self._replace_blocks(update)
                    self._apply_deltas(update)
                self._connection.commit()
            except BaseException:
                with suppress(Error):  # a checkpoint without memory has closed the database
                    self._connection.rollback()
                raise
            self._connection.execute(f"CHECKPOINT {DATABASE}")

    def _fill(self, update: TableUpdate) -> None:
        """Loads the first blocks of a table, and compresses them step by step."""
        self._connection.execute(f"DELETE FROM {update.table.versions}")  # of an attempt that failed
        for step in steps(update.blocks):
            fresh, parameters = _select_step(update, step)
            self._connection.execute(f"INSERT INTO {update.table.versions} {fresh}", parameters)
            self._connection.execute(f"CHECKPOINT {DATABASE}")
            delete_files(step)

    def _replace_blocks(self, update: TableUpdate) -> None:
        """Brings the rows of the changed buckets to what is in their blocks. Rows of the same version are the same.

        The blocks are read twice, because a table for their rows would stay in memory until the end of the transaction.
        """
        table = update.table
        key = "bucket, id, version, erased"
        in_buckets = "bucket IN (SELECT unnest(?::SMALLINT[]))"
        for step in steps(update.blocks):
            fresh, parameters = _select_step(update, step)
            gone = f"{in_buckets} AND ({key}) NOT IN (SELECT ({key}) FROM ({fresh}))"
            self._connection.execute(f"DELETE FROM {table.versions} WHERE {gone}", [list(step), *parameters])
            loaded = f"SELECT {key} FROM {table.versions} WHERE {in_buckets}"
            new = f"SELECT {table.column_names} FROM ({fresh}) ANTI JOIN ({loaded}) USING ({key})"
            self._connection.execute(f"INSERT INTO {table.versions} {new}", [*parameters, list(step)])
            delete_files(step)

    def _apply_deltas(self, update: TableUpdate) -> None:
        """Applies the new deltas, and again the earlier deltas of the reloaded buckets."""
        table = update.table
        if update.compacted_deltas:
            self._connection.execute(
                f"DELETE FROM {table.deltas} WHERE delta IN (SELECT unnest(?::VARCHAR[]))", [update.compacted_deltas]
            )
        if update.delta_files:
            sql, parameters = update.filter(table.select_from_deltas)
            self._connection.execute(f"INSERT INTO {table.deltas} {sql}", [update.delta_files, *parameters])
        if update.changes_rows:
            sql, parameters = _latest_sql(update)
            self._connection.execute(sql, parameters)
            for sql in _apply_versions(table):
                self._connection.execute(sql)


@contextmanager
def fits_in_memory() -> Iterator[None]:
    """Within it, reaching the limit of memory raises `AudienceTooLarge`, and is logged as an error.

    A checkpoint without memory fails with another error than a statement does.
    """
    from duckdb import Error, OutOfMemoryException  # loaded already, by `connect`

    try:
        yield
    except Error as error:
        if not isinstance(error, OutOfMemoryException) and not any(text in str(error) for text in NO_MEMORY):
            raise
        log.error("the audience index does not fit in memory", extra={"event": "audience_too_large"})
        raise AudienceTooLarge from error


def _select_step(update: TableUpdate, step: Blocks) -> tuple[str, list[Any]]:
    """A SELECT of the rows of these blocks, and its parameters."""
    paths = paths_of(step)
    sql, parameters = update.filter(update.table.select_from_blocks if paths else update.table.empty_select)
    return sql, [paths, *parameters] if paths else parameters


def _latest_sql(update: TableUpdate) -> tuple[str, list[Any]]:
    """Creates the table `latest` with the latest version of each row in the deltas to apply; and its parameters."""
    table = update.table
    parameters: list[Any] = [update.new_deltas, list(update.blocks)]
    visible = "true"
    if update.buckets is not None:
        visible = "bucket IN (SELECT unnest(?::SMALLINT[]))"
        parameters.append(list(update.buckets))
    sql = f"""
        CREATE OR REPLACE TEMP TABLE latest AS
        SELECT {table.column_names} FROM {table.deltas}
        WHERE (delta IN (SELECT unnest(?::VARCHAR[])) OR bucket IN (SELECT unnest(?::SMALLINT[]))) AND {visible}
        {table.latest_versions()}
    """
    return sql, parameters


def _apply_versions(table: IndexTable) -> Sequence[str]:
    """Merges `latest` into the versions. An erasure deletes older rows, no matter which of the two was loaded first."""
    versions, owner = table.versions, table.owner_column
    delete_older = (
        f"DELETE FROM {versions} USING latest WHERE {versions}.id = latest.id AND {versions}.version < latest.version"
    )
    delete_erased = (
        f"DELETE FROM {versions} USING latest WHERE latest.erased AND NOT {versions}.erased "
        f"AND {versions}.{owner} = latest.{owner} AND {versions}.version <= latest.version"
    )
    skip_erased = (
        f"DELETE FROM latest USING {versions} WHERE {versions}.erased AND NOT latest.erased "
        f"AND {versions}.{owner} = latest.{owner} AND latest.version <= {versions}.version"
    )
    insert = f"INSERT INTO {versions} SELECT {table.column_names} FROM latest ANTI JOIN {versions} USING (id)"
    return (delete_older, insert) if owner == "id" else (delete_older, delete_erased, skip_erased, insert)


def select(cursor: DuckDBPyConnection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Runs a query and closes the cursor."""
    with cursor, fits_in_memory():
        return cursor.execute(sql, list(parameters)).fetchall()


def interrupt(cursor: DuckDBPyConnection) -> None:
    """Ends the query of `select`, unless it is over and the cursor closed."""
    from duckdb import ConnectionException  # loaded already, by `connect`

    with suppress(ConnectionException):
        cursor.interrupt()
