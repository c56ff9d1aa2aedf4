"""The benchmark of audiences compares Herald with PostgreSQL: its conditions are about the columns that there are."""

from __future__ import annotations

import duckdb
import pytest

from benchmarks.audiences.rules import INDEXES, RULES, BenchmarkRule
from common.audience import CUSTOMERS, EVENTS


@pytest.fixture
def database() -> duckdb.DuckDBPyConnection:
    """Empty tables with the columns that the benchmark gives PostgreSQL."""
    connection = duckdb.connect()
    for table in (CUSTOMERS, EVENTS):
        columns = ", ".join(f"{name} {kind}" for name, kind in table.columns.items())
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
    return connection


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_condition_of_a_rule_can_be_asked(database: duckdb.DuckDBPyConnection, rule: BenchmarkRule) -> None:
    """A column that was renamed would be missing."""
    assert database.execute(f"SELECT count(*) FROM customers WHERE {rule.sql}").fetchall() == [(0,)]


COLUMN_INDEXES = [
    index for index in INDEXES if index.startswith("CREATE INDEX") and "trgm" not in index and "->>" not in index
]
"""Without the index of trigrams, which only PostgreSQL has, and the index of an expression, which the rule tests."""


@pytest.mark.parametrize("statement", COLUMN_INDEXES)
def test_columns_of_an_index_exist(database: duckdb.DuckDBPyConnection, statement: str) -> None:
    """DuckDB wants a name and knows no included columns; the rest is the same."""
    named = statement.replace("CREATE INDEX ON", "CREATE INDEX one ON")
    database.execute(named.partition(" INCLUDE")[0])
