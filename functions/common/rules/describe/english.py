"""A rule in plain words, as one would tell it a colleague: here in English, in Hindi in `hindi.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from common.money import formatted
from common.rules import nodes
from common.rules.dates import Day, Value, is_day
from common.rules.fields import Field, field_named
from common.rules.nodes import Leaf, Operator, Rule, kind_of

Language = Literal["en", "hi"]

NUMBERS: Mapping[Operator, str] = {
    "=": "exactly {}",
    "!=": "any number but {}",
    ">": "more than {}",
    ">=": "{} or more",
    "<": "fewer than {}",
    "<=": "{} or fewer",
}
AMOUNTS: Mapping[Operator, str] = {**NUMBERS, "!=": "any amount but {}", "<": "less than {}", "<=": "{} or less"}
COUNTED = {
    "visits": ("visited", "time", "times"),
    "orders": ("placed", "order", "orders"),
    "active_days": ("were active on", "day", "days"),
}
TEXTS: Mapping[Operator, str] = {
    "=": "have the {} {}",
    "!=": "have another {} than {}",
    ">": "come after the {} {} in the alphabet",
    ">=": "have the {} {} or come after it in the alphabet",
    "<": "come before the {} {} in the alphabet",
    "<=": "have the {} {} or come before it in the alphabet",
}
LABELS = {
    "external_id": "id outside Herald",
    "phone": "phone number",
    "timezone": "time zone",
    "average_order_value": "average order value",
    "active_days": "number of active days",
    "last_active_at": "date of last activity",
    "first_order_at": "date of the first order",
    "created_at": "date of being added",
    "updated_at": "date of the last change",
    "suppressed": "suppressed addresses",
}
DATES: Mapping[Operator, str] = {
    "=": "on {}",
    "!=": "at another time than {}",
    ">": "after {}",
    ">=": "on or after {}",
    "<": "before {}",
    "<=": "on or before {}",
}
HAPPENED = {
    "last_active_at": "were last active",
    "first_order_at": "first ordered",
    "created_at": "were added",
    "updated_at": "were last changed",
}
RELATIVE = {0: "today", 1: "yesterday", -1: "tomorrow"}
REACTED = {"received": "were sent", "opened": "opened", "clicked": "clicked in"}


def in_words(rule: Rule, currency: str, language: Language = "en") -> str:
    """`customers who spent more than ₹10,000 and visited fewer than 3 times, or who have been inactive for …`"""
    if language == "hi":
        from common.rules.describe import hindi

        return hindi.in_words(rule, currency)
    match rule:
        case nodes.Everyone():
            return "all customers"
        case nodes.AnyOf(of=parts):
            return "customers " + ", or ".join(f"who {_phrase(part, currency)}" for part in parts)
        case _:
            return f"customers who {_phrase(rule, currency)}"


def _phrase(rule: Rule, currency: str) -> str:
    """What follows `who`."""
    match rule:
        case nodes.AllOf(of=parts):
            return " and ".join(_nested(part, currency) for part in parts)
        case nodes.AnyOf(of=parts):
            return " or ".join(_nested(part, currency) for part in parts)
        case nodes.Not(of=part):
            return f"are not among those who {_nested(part, currency)}"
        case nodes.InSegment(segment=name):
            return f"are in the segment {quoted(name)}"
    return _activity(rule, currency) or _consent(rule) or _of_field(rule, currency)


def _nested(part: Rule, currency: str) -> str:
    phrase = _phrase(part, currency)
    return f"({phrase})" if isinstance(part, nodes.AllOf | nodes.AnyOf | nodes.Among) else phrase


def _activity(rule: Leaf, currency: str) -> str | None:
    match rule:
        case nodes.Everyone():
            return "are customers at all"
        case nodes.Inactive(days=days):
            return f"have been inactive for {_counted(days, 'day', 'days')} or more"
        case nodes.Active(days=days):
            return f"were active within the last {_counted(days, 'day', 'days')}"
        case nodes.HasTag(tag=tag):
            return f"have the tag {quoted(tag)}"
        case nodes.Received(op=op, campaign=campaign, days=days):
            which = f"the campaign {quoted(campaign)}" if campaign else "any campaign"
            return f"{REACTED[op]} a message of {which}{_recently(days)}"
        case nodes.Did():
            return _did(rule, currency)
    return None


def _did(rule: nodes.Did, currency: str) -> str:
    if rule.measure == "amount":
        return f"ordered for {AMOUNTS[rule.compare].format(formatted(rule.value, currency))}{_recently(rule.days)}"
    return f"{rule.op} {_number_of(rule.compare, int(rule.value), 'time', 'times')}{_recently(rule.days)}"


def _recently(days: int | None) -> str:
    return f" in the last {_counted(days, 'day', 'days')}" if days else ""


def _consent(rule: Leaf) -> str | None:
    agreed = said(rule)
    return None if agreed is None else f"{'agreed' if agreed[1] else 'said no'} to {agreed[0]}"


def _of_field(rule: Leaf, currency: str) -> str:
    assert not isinstance(
        rule, nodes.Everyone | nodes.Inactive | nodes.Active | nodes.HasTag | nodes.Received | nodes.Did
    ), "these speak of no field"
    field = field_named(rule.field)
    match rule:
        case nodes.Comparison(op=op, value=value):
            return _comparison(field, op, value, currency)
        case nodes.Between(low=low, high=high):
            return _between(field, low, high, currency)
        case nodes.Among(values=values):
            return " or ".join(_comparison(field, "=", one, currency) for one in values)
        case nodes.Contains(value=value):
            return f"have {shown(value)} in their {label(field)}"
        case nodes.StartsWith(value=value):
            return f"have a {label(field)} that starts with {quoted(value)}"
        case nodes.IsSet():
            return f"have a known {label(field)}"
        case nodes.IsMissing():
            return f"have no known {label(field)}"
        case nodes.InLast(days=days):
            return f"{_happened(field)} in the last {_counted(days, 'day', 'days')}"
        case nodes.InNext(days=days):
            return f"{_happened(field)} in the next {_counted(days, 'day', 'days')}"


def label(field: Field) -> str:
    name = " ".join(field.path)
    return f"consent to {name}" if field.column == "consent" else name or LABELS.get(field.name, field.name)


def said(rule: Rule) -> tuple[str, bool] | None:
    """To which channel they said yes or no, where that is what the rule asks: who said nothing did neither."""
    match rule:
        case nodes.Comparison(op="=" | "!=", value=bool(), field=name) if name.startswith("consent."):
            return " ".join(field_named(name).path), rule.value is (rule.op == "=")
    return None


def _comparison(field: Field, op: Operator, value: Value, currency: str) -> str:
    match as_what(field, value):
        case "money":
            return f"{_paid(field)} {AMOUNTS[op].format(money(value, currency))}"
        case "date":
            on = "{}" if op == "=" and isinstance(value, Day) else DATES[op]  # "yesterday", not "on yesterday"
            return f"{_happened(field)} {on.format(_date(value))}"
        case "flag":
            return f"have {'' if op == '=' else 'not '}{shown(value)} as their {label(field)}"
        case "text":
            return TEXTS[op].format(label(field), shown(value))
    if field.name in COUNTED:
        verb, one, many = COUNTED[field.name]
        return f"{verb} {_number_of(op, int(_plain(value)), one, many)}"
    return f"have a {label(field)} of {AMOUNTS[op].format(shown(value))}"


def as_what(field: Field, value: Value) -> str:
    return kind_of(value) if field.kind == "any" else {"whole": "number"}.get(field.kind, field.kind)


def _between(field: Field, low: Value, high: Value, currency: str) -> str:
    match as_what(field, low):
        case "money":
            return f"{_paid(field)} between {money(low, currency)} and {money(high, currency)}"
        case "date":
            return f"{_happened(field)} between {_date(low)} and {_date(high)}"
        case "text":
            return f"have a {label(field)} between {shown(low)} and {shown(high)} in the alphabet"
    if field.name in COUNTED:
        verb, _, many = COUNTED[field.name]
        return f"{verb} between {shown(low)} and {shown(high)} {many}"
    return f"have a {label(field)} between {shown(low)} and {shown(high)}"


def _paid(field: Field) -> str:
    return "spent" if field.name == "spend" else f"have an {label(field)} of"


def _happened(field: Field) -> str:
    return HAPPENED.get(field.name) or f"have a {label(field)}"


def _number_of(op: Operator, number: int, one: str, many: str) -> str:
    """`more than 3 times`"""
    if op == "!=":
        return f"any number of {many} but {number:,}"
    return NUMBERS[op].format(_counted(number, one, many))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def shown(value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return quoted(value)
    return f"{Decimal(str(value)):,f}"


def quoted(text: str) -> str:
    return f"“{text}”"


def money(value: Value, currency: str) -> str:
    return formatted(_plain(value), currency)


def _plain(value: Value) -> int | float:
    assert isinstance(value, int | float), "checked with the tree"
    return value


def _date(value: Value) -> str:
    match value:
        case Day(days_ago=days):
            ahead = f"{_counted(-days, 'day', 'days')} from now"
            return RELATIVE.get(days) or (f"{_counted(days, 'day', 'days')} ago" if days > 0 else ahead)
        case str() if is_day(value):
            return _day(date.fromisoformat(value))
    return moment(str(value), _day)


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def moment(value: str, day: Callable[[date], str]) -> str:
    """`1 March 2026, 05:30 UTC+05:30`: as it was written; without an offset, it is in the deployment's time zone."""
    at = datetime.fromisoformat(value)
    return f"{day(at)}, {at:%H:%M}{f' {at.tzname()}' if at.tzinfo else ''}"
