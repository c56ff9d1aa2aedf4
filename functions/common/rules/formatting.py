"""Formatting a rule as text. `parse` of the text gives the same rule."""

from __future__ import annotations

from decimal import Decimal

from common.rules import nodes
from common.rules.dates import RelativeDay, Value
from common.rules.fields import quote
from common.rules.nodes import Leaf, Rule


def to_text(rule: Rule) -> str:
    """The rule in the rule language; `parse(to_text(rule)) == rule`."""
    match rule:
        case nodes.AllOf(of=parts):
            return " AND ".join(_parenthesize(part, nodes.AllOf | nodes.AnyOf) for part in parts)
        case nodes.AnyOf(of=parts):
            return " OR ".join(_parenthesize(part, nodes.AnyOf) for part in parts)
        case nodes.Not(of=part):
            return f"NOT {_parenthesize(part, nodes.AllOf | nodes.AnyOf)}"
        case nodes.InSegment(segment=name):
            return f"in segment {quote(name)}"
    return _field_text(rule) or _leaf_text(rule)


def _parenthesize(part: Rule, needing_parentheses: object) -> str:
    return f"({to_text(part)})" if isinstance(part, needing_parentheses) else to_text(part)  # type: ignore[arg-type]


def _field_text(rule: Leaf) -> str | None:
    """Text of a node that tests a field; None for other nodes."""
    match rule:
        case nodes.Comparison(field=field, op=op, value=value):
            return f"{field} {op} {format_value(value)}"
        case nodes.Between(field=field, low=low, high=high):
            return f"{field} between {format_value(low)} and {format_value(high)}"
        case nodes.In(field=field, values=values):
            return f"{field} in ({', '.join(map(format_value, values))})"
        case nodes.Contains(field=field, value=value):
            return f"{field} contains {format_value(value)}"
        case nodes.StartsWith(op=op, field=field, value=value) | nodes.EndsWith(op=op, field=field, value=value):
            return f"{field} {op.replace('_', ' ')} {format_value(value)}"
        case nodes.IsSet(field=field):
            return f"{field} is set"
        case nodes.IsMissing(field=field):
            return f"{field} is missing"
        case nodes.InLast(field=field, days=days):
            return f"{field} in the last {_day_count(days)}"
        case nodes.InNext(field=field, days=days):
            return f"{field} in the next {_day_count(days)}"
    return None


def _leaf_text(rule: Leaf) -> str:
    """Text of a node that tests no field."""
    match rule:
        case nodes.Inactive(days=days):
            return f"inactive for {_day_count(days)}"
        case nodes.Active(days=days):
            return f"active within {_day_count(days)}"
        case nodes.HasTag(tag=tag):
            return f"has tag {quote(tag)}"
        case nodes.EngagementNode(op=op, campaign=campaign, days=days):
            return f"{op} {f'campaign {quote(campaign)}' if campaign else 'any campaign'}{_time_limit(days)}"
        case nodes.ActivityNode(op=op, measure="amount", compare=compare, value=value, days=days):
            return f"{op} for {compare} {format_value(value)}{_time_limit(days)}"
        case nodes.ActivityNode(op=op, compare=compare, value=value, days=days):
            return f"{op} {compare} {format_value(value)} {'time' if value == 1 else 'times'}{_time_limit(days)}"
    assert isinstance(rule, nodes.Everyone)
    return "everyone"


def _time_limit(days: int | None) -> str:
    return f" in the last {_day_count(days)}" if days else ""


def format_value(value: Value) -> str:
    """A value as the rule language writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quote(value)
        case RelativeDay(days_ago=days):
            return _relative_day(days)
    return format(Decimal(str(value)), "f")


def _relative_day(days_ago: int) -> str:
    names = {0: "today", 1: "yesterday", -1: "tomorrow"}
    return names.get(days_ago) or (f"{days_ago} days ago" if days_ago > 0 else f"{-days_ago} days from now")


def _day_count(days: int) -> str:
    return f"{days} {'day' if days == 1 else 'days'}"
