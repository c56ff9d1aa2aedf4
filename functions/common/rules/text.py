"""A rule as text. Read by `parse`, it is the same rule again."""

from __future__ import annotations

from decimal import Decimal

from common.rules.fields import Value
from common.rules.tree import AllOf, AnyOf, Comparison, Everyone, Inactive, Rule


def write(rule: Rule) -> str:
    match rule:
        case Everyone():
            return "everyone"
        case Inactive(days=days):
            return f"inactive for {days} {'day' if days == 1 else 'days'}"
        case Comparison(field=field, op=op, value=value):
            return f"{field} {op} {_written(value)}"
        case AllOf(of=parts):
            return " AND ".join(_grouped(part, AllOf | AnyOf) for part in parts)
        case AnyOf(of=parts):
            return " OR ".join(_grouped(part, AnyOf) for part in parts)


def _grouped(part: Rule, needing_parentheses: object) -> str:
    return f"({write(part)})" if isinstance(part, needing_parentheses) else write(part)  # type: ignore[arg-type]


def _written(value: Value) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return format(Decimal(str(value)), "f")
