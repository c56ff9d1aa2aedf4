"""A rule as text. Read by `parse`, it is the same rule again."""

from __future__ import annotations

from decimal import Decimal

from common.rules import nodes
from common.rules.dates import Day, Value
from common.rules.fields import quoted
from common.rules.nodes import Leaf, Rule


def write(rule: Rule) -> str:
    match rule:
        case nodes.AllOf(of=parts):
            return " AND ".join(_grouped(part, nodes.AllOf | nodes.AnyOf) for part in parts)
        case nodes.AnyOf(of=parts):
            return " OR ".join(_grouped(part, nodes.AnyOf) for part in parts)
        case nodes.Not(of=part):
            return f"NOT {_grouped(part, nodes.AllOf | nodes.AnyOf)}"
        case nodes.InSegment(segment=name):
            return f"in segment {quoted(name)}"
    return _of_field(rule) or _leaf(rule)


def _grouped(part: Rule, needing_parentheses: object) -> str:
    return f"({write(part)})" if isinstance(part, needing_parentheses) else write(part)  # type: ignore[arg-type]


def _of_field(rule: Leaf) -> str | None:
    match rule:
        case nodes.Comparison(field=field, op=op, value=value):
            return f"{field} {op} {written(value)}"
        case nodes.Between(field=field, low=low, high=high):
            return f"{field} between {written(low)} and {written(high)}"
        case nodes.Among(field=field, values=values):
            return f"{field} in ({', '.join(map(written, values))})"
        case nodes.Contains(field=field, value=value):
            return f"{field} contains {written(value)}"
        case nodes.StartsWith(field=field, value=value):
            return f"{field} starts with {written(value)}"
        case nodes.IsSet(field=field):
            return f"{field} is set"
        case nodes.IsMissing(field=field):
            return f"{field} is missing"
        case nodes.InLast(field=field, days=days):
            return f"{field} in the last {_days(days)}"
        case nodes.InNext(field=field, days=days):
            return f"{field} in the next {_days(days)}"
    return None


def _leaf(rule: Leaf) -> str:
    match rule:
        case nodes.Inactive(days=days):
            return f"inactive for {_days(days)}"
        case nodes.Active(days=days):
            return f"active within {_days(days)}"
        case nodes.HasTag(tag=tag):
            return f"has tag {quoted(tag)}"
        case nodes.Received(op=op, campaign=campaign, days=days):
            return f"{op} {f'campaign {quoted(campaign)}' if campaign else 'any campaign'}{_recently(days)}"
        case nodes.Did(op=op, measure="amount", compare=compare, value=value, days=days):
            return f"{op} for {compare} {written(value)}{_recently(days)}"
        case nodes.Did(op=op, compare=compare, value=value, days=days):
            return f"{op} {compare} {written(value)} {'time' if value == 1 else 'times'}{_recently(days)}"
    assert isinstance(rule, nodes.Everyone)
    return "everyone"


def _recently(days: int | None) -> str:
    return f" in the last {_days(days)}" if days else ""


def written(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case Day(days_ago=days):
            return _day(days)
    return format(Decimal(str(value)), "f")


def _day(days_ago: int) -> str:
    names = {0: "today", 1: "yesterday", -1: "tomorrow"}
    return names.get(days_ago) or (f"{days_ago} days ago" if days_ago > 0 else f"{-days_ago} days from now")


def _days(days: int) -> str:
    return f"{days} {'day' if days == 1 else 'days'}"
