"""The customers in DuckDB: what an instance has loaded of the index, kept in step by whole transactions.

`people` has of each customer the latest version that blocks and changes know, tombstones included; `customers` shows
those who are not erased. `changes` keeps the rows of the changes that wait for a fold, because a bucket whose blocks
are loaded anew needs them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.audience.engine import FROM_BLOCKS, FROM_CHANGES, TABLE, connect
from common.audience.rows import NAMES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = f"""
    CREATE TABLE people ({TABLE});
    CREATE TABLE changes ({TABLE}, change VARCHAR);
    CREATE VIEW customers AS SELECT {NAMES} FROM people WHERE NOT erased;
"""

FORGET = "DELETE FROM changes WHERE change IN (SELECT unnest(?::VARCHAR[]))"
EMPTY = "DELETE FROM people WHERE bucket IN (SELECT unnest(?::SMALLINT[]))"
LATEST = f"""
    CREATE OR REPLACE TEMP TABLE latest AS
    SELECT {NAMES} FROM changes
    WHERE change IN (SELECT unnest(?::VARCHAR[])) OR bucket IN (SELECT unnest(?::SMALLINT[]))
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1
"""
REPLACED = "DELETE FROM people USING latest WHERE people.id = latest.id AND people.version < latest.version"
ADDED = f"INSERT INTO people SELECT {NAMES} FROM latest ANTI JOIN people USING (id)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What brings the table from one state of the index to another."""

    buckets: Sequence[int]  # whose blocks are loaded anew
    blocks: Sequence[str]  # paths of these blocks' files
    fresh: Sequence[str]  # ids of the changes to add
    changes: Sequence[str]  # paths of these changes' files
    gone: Sequence[str]  # ids of the changes that blocks hold by now


class Table:
    def __init__(self) -> None:
        self._connection = connect()
        self._connection.execute(SCHEMA)

    def cursor(self) -> DuckDBPyConnection:
        """For one query in another thread; it sees the table as it was before a step or after it."""
        return self._connection.cursor()

    def apply(self, step: Step) -> None:
        """All of it or nothing. One step at a time."""
        self._connection.begin()
        try:
            self._replace_blocks(step)
            self._overlay(step)
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def _replace_blocks(self, step: Step) -> None:
        if step.buckets:
            self._connection.execute(EMPTY, [step.buckets])
        if step.blocks:
            self._connection.execute(f"INSERT INTO people {FROM_BLOCKS}", [step.blocks])

    def _overlay(self, step: Step) -> None:
        """The changes that are new, and those that wait in the buckets loaded anew."""
        if step.gone:
            self._connection.execute(FORGET, [step.gone])
        if step.changes:
            self._connection.execute(f"INSERT INTO changes {FROM_CHANGES}", [step.changes])
        for sql, parameters in ((LATEST, [step.fresh, step.buckets]), (REPLACED, []), (ADDED, [])):
            self._connection.execute(sql, parameters)


def select(cursor: DuckDBPyConnection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with cursor:
        return cursor.execute(sql, list(parameters)).fetchall()
