"""The index in DuckDB: what an instance has loaded, updated in whole transactions.

For each table, `…_versions` has the latest version of each row in blocks and deltas, tombstones included; the views
`customers` and `events` show the rows that are not erased. `…_deltas` keeps the rows of the deltas that are not
compacted yet, because they are applied again when the blocks of their bucket are reloaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.audience.index.connection import connect
from common.audience.index.tables import TABLES, IndexTable
from common.rules.sql import MACROS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, kw_only=True, slots=True)
class TableUpdate:
    """What brings a table from one state of the index to another."""

    table: IndexTable
    buckets: Sequence[int]  # whose blocks are reloaded
    block_files: Sequence[str]  # paths of these blocks
    new_deltas: Sequence[str]  # ids of the deltas to add
    delta_files: Sequence[str]  # paths of these deltas
    compacted_deltas: Sequence[str]  # ids of the deltas that are now in blocks

    @property
    def changes_rows(self) -> bool:
        """Whether any row may change. A compacted delta changes none: the blocks have the same rows."""
        return bool(self.buckets or self.new_deltas)


class IndexDatabase:
    """The tables of the index in an in-memory DuckDB."""

    def __init__(self) -> None:
        self._connection = connect()
        for table in TABLES:
            self._connection.execute(f"CREATE TABLE {table.versions} ({table.column_definitions})")
            self._connection.execute(f"CREATE TABLE {table.deltas} ({table.column_definitions}, delta VARCHAR)")
            rows = f"SELECT {table.column_names} FROM {table.versions} WHERE NOT erased"
            self._connection.execute(f"CREATE VIEW {table.name} AS {rows}")
        for name, expression in MACROS.items():
            self._connection.execute(f"CREATE MACRO {name}(j, p) AS {expression}")

    def cursor(self) -> DuckDBPyConnection:
        """A cursor for one query in another thread. The query sees the state before or after an update."""
        return self._connection.cursor()

    def apply(self, updates: Sequence[TableUpdate]) -> None:
        """Applies the updates in one transaction. One call at a time."""
        self._connection.begin()
        try:
            for update in updates:
                self._replace_blocks(update)
                self._apply_deltas(update)
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def _replace_blocks(self, update: TableUpdate) -> None:
        """Reloads the rows of the changed buckets from their blocks."""
        versions = update.table.versions
        if update.buckets:
            self._connection.execute(
                f"DELETE FROM {versions} WHERE bucket IN (SELECT unnest(?::SMALLINT[]))", [update.buckets]
            )
        if update.block_files:
            self._connection.execute(f"INSERT INTO {versions} {update.table.select_from_blocks}", [update.block_files])

    def _apply_deltas(self, update: TableUpdate) -> None:
        """Applies the new deltas, and again the earlier deltas of the reloaded buckets."""
        table = update.table
        if update.compacted_deltas:
            self._connection.execute(
                f"DELETE FROM {table.deltas} WHERE delta IN (SELECT unnest(?::VARCHAR[]))", [update.compacted_deltas]
            )
        if update.delta_files:
            self._connection.execute(f"INSERT INTO {table.deltas} {table.select_from_deltas}", [update.delta_files])
        if update.changes_rows:
            self._connection.execute(_latest_sql(table), [update.new_deltas, update.buckets])
            for sql in _apply_versions(table):
                self._connection.execute(sql)


def _latest_sql(table: IndexTable) -> str:
    """Creates the table `latest` with the latest version of each row in the deltas to apply."""
    return f"""
        CREATE OR REPLACE TEMP TABLE latest AS
        SELECT {table.column_names} FROM {table.deltas}
        WHERE delta IN (SELECT unnest(?::VARCHAR[])) OR bucket IN (SELECT unnest(?::SMALLINT[]))
        {table.latest_versions_clause}
    """


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
    with cursor:
        return cursor.execute(sql, list(parameters)).fetchall()


def interrupt(cursor: DuckDBPyConnection) -> None:
    """Ends the query of `select`, unless it is over and the cursor closed."""
    from duckdb import ConnectionException  # loaded already, by `connect`

    with suppress(ConnectionException):
        cursor.interrupt()
