"""The index in DuckDB: what an instance has loaded of it, kept in step by whole transactions.

Of each sheet, a table has of each id the latest version that blocks and changes know, tombstones included; `customers`
and `events` show what is not erased. `changes_of_…` keeps the rows of the changes that wait for a fold, because a
bucket whose blocks are loaded anew needs them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.audience.index.connection import connect
from common.audience.index.tables import CUSTOMERS, EVENTS, SHEETS, Sheet
from common.rules.sql import MACROS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VIEWS = f"""
    CREATE VIEW customers AS SELECT {CUSTOMERS.names} FROM {CUSTOMERS.name} WHERE NOT erased;
    CREATE VIEW events AS SELECT {EVENTS.names} FROM {EVENTS.name} WHERE NOT erased;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What brings a sheet from one state of the index to another."""

    sheet: Sheet
    buckets: Sequence[int]  # whose blocks are loaded anew
    blocks: Sequence[str]  # paths of these blocks' files
    fresh: Sequence[str]  # ids of the changes to add
    changes: Sequence[str]  # paths of these changes' files
    gone: Sequence[str]  # ids of the changes that blocks hold by now

    @property
    def touches(self) -> bool:
        """Whether any row may be another afterwards: a change that was folded is in the blocks as it was."""
        return bool(self.buckets or self.fresh)


class Table:
    def __init__(self) -> None:
        self._connection = connect()
        for sheet in SHEETS:
            self._connection.execute(f"CREATE TABLE {sheet.name} ({sheet.typed})")
            self._connection.execute(f"CREATE TABLE changes_of_{sheet.name} ({sheet.typed}, change VARCHAR)")
        self._connection.execute(VIEWS)
        for name, expression in MACROS.items():
            self._connection.execute(f"CREATE MACRO {name}(j, p) AS {expression}")

    def cursor(self) -> DuckDBPyConnection:
        """For one query in another thread; it sees the tables as they were before a step or after it."""
        return self._connection.cursor()

    def apply(self, steps: Sequence[Step]) -> None:
        """All of it or nothing. One call at a time."""
        self._connection.begin()
        try:
            for step in steps:
                self._replace_blocks(step)
                self._overlay(step)
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def _replace_blocks(self, step: Step) -> None:
        table = step.sheet.name
        if step.buckets:
            self._connection.execute(
                f"DELETE FROM {table} WHERE bucket IN (SELECT unnest(?::SMALLINT[]))", [step.buckets]
            )
        if step.blocks:
            self._connection.execute(f"INSERT INTO {table} {step.sheet.from_blocks}", [step.blocks])

    def _overlay(self, step: Step) -> None:
        """The changes that are new, and those that wait in the buckets loaded anew."""
        changes = f"changes_of_{step.sheet.name}"
        if step.gone:
            self._connection.execute(
                f"DELETE FROM {changes} WHERE change IN (SELECT unnest(?::VARCHAR[]))", [step.gone]
            )
        if step.changes:
            self._connection.execute(f"INSERT INTO {changes} {step.sheet.from_changes}", [step.changes])
        if step.touches:
            self._connection.execute(_latest(step.sheet), [step.fresh, step.buckets])
            for sql in _put_over(step.sheet):
                self._connection.execute(sql)


def _latest(sheet: Sheet) -> str:
    return f"""
        CREATE OR REPLACE TEMP TABLE latest AS
        SELECT {sheet.names} FROM changes_of_{sheet.name}
        WHERE change IN (SELECT unnest(?::VARCHAR[])) OR bucket IN (SELECT unnest(?::SMALLINT[]))
        {sheet.latest}
    """


def _put_over(sheet: Sheet) -> Sequence[str]:
    """Replaces what is older, and what an erasure takes along, whichever of the two was known first."""
    table, owner = sheet.name, sheet.owner
    replaced = f"DELETE FROM {table} USING latest WHERE {table}.id = latest.id AND {table}.version < latest.version"
    erased = (
        f"DELETE FROM {table} USING latest WHERE latest.erased AND NOT {table}.erased "
        f"AND {table}.{owner} = latest.{owner} AND {table}.version <= latest.version"
    )
    before = (
        f"DELETE FROM latest USING {table} WHERE {table}.erased AND NOT latest.erased "
        f"AND {table}.{owner} = latest.{owner} AND latest.version <= {table}.version"
    )
    added = f"INSERT INTO {table} SELECT {sheet.names} FROM latest ANTI JOIN {table} USING (id)"
    return (replaced, added) if owner == "id" else (replaced, erased, before, added)


def select(cursor: DuckDBPyConnection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with cursor:
        return cursor.execute(sql, list(parameters)).fetchall()
