"""A rule as SQL for DuckDB, over the columns of the audience index.

Nothing a user wrote is ever part of the SQL: columns are named by the catalogue, values are parameters. A part whose
field is missing is NULL, which AND and OR treat as false where it decides about a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from common.rules.fields import FIELDS, minor_units, span
from common.rules.tree import AllOf, AnyOf, Comparison, Everyone, Inactive, Operator, Rule


@dataclass(frozen=True, slots=True)
class Condition:
    sql: str
    parameters: tuple[Any, ...] = ()


COMPARED: dict[Operator, str] = {"=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}

SPANNED: dict[Operator, str] = {
    "=": "{0} >= {1} AND {0} < {2}",
    "!=": "{0} < {1} OR {0} >= {2}",
    ">": "{0} >= {2}",
    ">=": "{0} >= {1}",
    "<": "{0} < {1}",
    "<=": "{0} < {2}",
}
"""How a column compares with something that lasts from (1) until (2)."""


def where(rule: Rule, now: datetime) -> Condition:
    match rule:
        case Everyone():
            return Condition("true")
        case Inactive(days=days):
            return Condition("last_active_at <= ?", (stored(now - timedelta(days=days)),))
        case Comparison():
            return _compared(rule)
        case AllOf(of=parts):
            return _joined(" AND ", [where(part, now) for part in parts])
        case AnyOf(of=parts):
            return _joined(" OR ", [where(part, now) for part in parts])


def _joined(word: str, parts: Sequence[Condition]) -> Condition:
    sql = word.join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def _compared(rule: Comparison) -> Condition:
    field = FIELDS[rule.field]
    operator = COMPARED[rule.op]
    if isinstance(rule.value, str):
        if field.kind == "date":
            return _spanned(field.name, rule.op, rule.value)
        return Condition(f"lower(nullif({field.name}, '')) {operator} lower(?)", (rule.value,))
    value = minor_units(rule.value) if field.kind == "money" else rule.value
    return Condition(f"{field.name} {operator} ?", (value,))


def _spanned(column: str, op: Operator, value: str) -> Condition:
    """Takes from the template the parameters that it uses, in its order."""
    begin, end = span(value)
    template = SPANNED[op]
    used = [instant for mark, instant in (("{1}", begin), ("{2}", end)) if mark in template]
    return Condition(f"({template.format(column, '?', '?')})", tuple(stored(instant) for instant in used))


def stored(instant: datetime) -> datetime:
    """As the index holds instants: in UTC, without saying so."""
    return instant.astimezone(UTC).replace(tzinfo=None)
