"""A rule in plain English."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from common.catalogue.days import day_in_words
from common.catalogue.fields import FIELDS, EnglishWords
from common.money import format_money
from common.rules import nodes
from common.rules.dates import RelativeDay, Value, is_whole_day
from common.rules.describe.shared import (
    as_number,
    comparison_kind,
    consent_choice,
    covers_never_active,
    format_amount,
    format_instant,
    quote,
)
from common.rules.fields import RuleField, field_named
from common.rules.nodes import Leaf, Operator, Rule

NUMBER_PHRASES: Mapping[Operator, str] = {
    "=": "exactly {}",
    "!=": "any number but {}",
    ">": "more than {}",
    ">=": "{} or more",
    "<": "fewer than {}",
    "<=": "{} or fewer",
}
AMOUNT_PHRASES: Mapping[Operator, str] = {
    **NUMBER_PHRASES,
    "!=": "any amount but {}",
    "<": "less than {}",
    "<=": "{} or less",
}
TEXT_PHRASES: Mapping[Operator, str] = {
    "=": "have the {} {}",
    "!=": "have another {} than {}",
    ">": "come after the {} {} in the alphabet",
    ">=": "have the {} {} or come after it in the alphabet",
    "<": "come before the {} {} in the alphabet",
    "<=": "have the {} {} or come before it in the alphabet",
}
DATE_PHRASES: Mapping[Operator, str] = {
    "=": "on {}",
    "!=": "at another time than {}",
    ">": "after {}",
    ">=": "on or after {}",
    "<": "before {}",
    "<=": "on or before {}",
}
RELATIVE_DAYS = {0: "today", 1: "yesterday", -1: "tomorrow"}
NEVER_ACTIVE = " (people who were never active are not among them)"
ENGAGEMENT_VERBS = {"received": "were sent", "opened": "opened", "clicked": "clicked in"}


def describe(rule: Rule, currency: str) -> str:
    """`customers who spent more than ₹10,000 and visited fewer than 3 times, or who have been inactive for …`"""
    match rule:
        case nodes.Everyone():
            return "all customers"
        case nodes.AnyOf(of=parts):
            return "customers " + ", or ".join(f"who {phrase}" for phrase in _alternatives(parts, currency, _phrase))
        case _:
            return f"customers who {_phrase(rule, currency)}"


def _phrase(rule: Rule, currency: str) -> str:
    """The part of the sentence after `who`."""
    match rule:
        case nodes.AllOf(of=parts):
            return " and ".join(_nested_phrase(part, currency) for part in parts)
        case nodes.AnyOf(of=parts):
            return " or ".join(_alternatives(parts, currency, _nested_phrase))
        case nodes.Not(of=part):
            return f"are not among those who {_nested_phrase(part, currency)}"
        case nodes.InSegment(segment=name):
            return f"are in the segment {quote(name)}"
    return _customer_phrase(rule, currency) or _consent_phrase(rule) or _field_phrase(rule, currency)


def _alternatives(parts: Sequence[Rule], currency: str, phrase: Callable[[Rule, str], str]) -> list[str]:
    """The phrase of each part. Where people who were never active are a part, no other part says they are left out."""
    phrases = [phrase(part, currency) for part in parts]
    return [one.removesuffix(NEVER_ACTIVE) for one in phrases] if covers_never_active(parts) else phrases


def _nested_phrase(part: Rule, currency: str) -> str:
    """The phrase of a child, in parentheses if it contains `and` or `or`."""
    phrase = _phrase(part, currency)
    return f"({phrase})" if isinstance(part, nodes.AllOf | nodes.AnyOf | nodes.In) else phrase


def _customer_phrase(rule: Leaf, currency: str) -> str | None:
    """The phrase of a node that tests no field; None for other nodes."""
    match rule:
        case nodes.Everyone():
            return "are customers at all"
        case nodes.Inactive(days=days):
            return f"have been inactive for {_count(days, 'day', 'days')} or more{NEVER_ACTIVE}"
        case nodes.Active(days=days):
            return f"were active within the last {_count(days, 'day', 'days')}"
        case nodes.HasTag(tag=tag):
            return f"have the tag {quote(tag)}"
        case nodes.EngagementNode(op=op, campaign=campaign, days=days):
            which = f"the campaign {quote(campaign)}" if campaign else "any campaign"
            return f"{ENGAGEMENT_VERBS[op]} a message of {which}{_time_limit(days)}"
        case nodes.ActivityNode():
            return _activity_phrase(rule, currency)
    return None


def _activity_phrase(rule: nodes.ActivityNode, currency: str) -> str:
    if rule.measure == "amount":
        amount = AMOUNT_PHRASES[rule.compare].format(format_money(rule.value, currency))
        return f"ordered for {amount}{_time_limit(rule.days)}"
    return f"{rule.op} {_number_phrase(rule.compare, int(rule.value), 'time', 'times')}{_time_limit(rule.days)}"


def _time_limit(days: int | None) -> str:
    return f" in the last {_count(days, 'day', 'days')}" if days else ""


def _consent_phrase(rule: Leaf) -> str | None:
    choice = consent_choice(rule)
    return None if choice is None else f"{'agreed' if choice[1] else 'said no'} to {choice[0]}"


def _field_phrase(rule: Leaf, currency: str) -> str:
    """The phrase of a node that tests a field."""
    assert not isinstance(
        rule, nodes.Everyone | nodes.Inactive | nodes.Active | nodes.HasTag | nodes.EngagementNode | nodes.ActivityNode
    ), "these nodes have no field"
    field = field_named(rule.field)
    words = _words(field)
    match rule:
        case nodes.Comparison(op=op, value=value):
            return _comparison_phrase(field, op, value, currency)
        case nodes.Between(low=low, high=high):
            return _between_phrase(field, low, high, currency)
        case nodes.In(values=values):
            return " or ".join(_comparison_phrase(field, "=", value, currency) for value in values)
        case nodes.Contains(value=value):
            return f"have {_format_value(value)} in their {words.noun}"
        case nodes.StartsWith(op=op, value=value) | nodes.EndsWith(op=op, value=value):
            return f"have {words.article} {words.noun} that {op.replace('_', ' ')} {quote(value)}"
        case nodes.IsSet():
            return f"have a known {words.noun}"
        case nodes.IsMissing():
            return f"have no known {words.noun}"
        case nodes.InLast(days=days):
            return f"{_date_verb(words)} in the last {_count(days, 'day', 'days')}"
        case nodes.InNext(days=days):
            return f"{_date_verb(words)} in the next {_count(days, 'day', 'days')}"


def _words(field: RuleField) -> EnglishWords:
    """What the sentence calls the field, or the entry of a map."""
    if not field.path:
        return FIELDS[field.name].english
    name = " ".join(field.path)
    return EnglishWords(noun=f"consent to {name}" if field.column == "consent" else name)


def _comparison_phrase(field: RuleField, op: Operator, value: Value, currency: str) -> str:
    """The phrase of `field op value`, by how the two are compared."""
    words = _words(field)
    match comparison_kind(field, value):
        case "money":
            return f"{_amount_verb(words)} {AMOUNT_PHRASES[op].format(format_amount(value, currency))}"
        case "date":
            is_relative = isinstance(value, RelativeDay)
            phrase = "{}" if op == "=" and is_relative else DATE_PHRASES[op]  # "yesterday", not "on yesterday"
            return f"{_date_verb(words)} {phrase.format(_format_date(value))}"
        case "flag":
            return f"have {'' if op == '=' else 'not '}{_format_value(value)} as their {words.noun}"
        case "text":
            return TEXT_PHRASES[op].format(words.noun, _format_value(value))
    if words.unit:
        return f"{words.verb} {_number_phrase(op, int(as_number(value)), *words.unit)}"
    return f"{_amount_verb(words)} {AMOUNT_PHRASES[op].format(_format_value(value))}"


def _between_phrase(field: RuleField, low: Value, high: Value, currency: str) -> str:
    """The phrase of a range with both ends."""
    words = _words(field)
    match comparison_kind(field, low):
        case "money":
            return f"{_amount_verb(words)} between {format_amount(low, currency)} and {format_amount(high, currency)}"
        case "date":
            return f"{_date_verb(words)} between {_format_date(low)} and {_format_date(high)}"
        case "text":
            return f"have {words.article} {words.noun} {_range_phrase(low, high)} in the alphabet"
    if words.unit:
        return f"{words.verb} {_range_phrase(low, high)} {words.unit[1]}"
    return f"have {words.article} {words.noun} {_range_phrase(low, high)}"


def _range_phrase(low: Value, high: Value) -> str:
    return f"between {_format_value(low)} and {_format_value(high)}"


def _amount_verb(words: EnglishWords) -> str:
    return words.verb or f"have {words.article} {words.noun} of"


def _date_verb(words: EnglishWords) -> str:
    return words.verb or f"have {words.article} {words.noun}"


def _number_phrase(op: Operator, number: int, singular: str, plural: str) -> str:
    """`more than 3 times`"""
    if op == "!=":
        return f"any number of {plural} but {number:,}"
    return NUMBER_PHRASES[op].format(_count(number, singular, plural))


def _count(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"


def _format_value(value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return quote(value)
    return f"{Decimal(str(value)):,f}"


def _format_date(value: Value) -> str:
    match value:
        case RelativeDay(days_ago=days):
            ahead = f"{_count(-days, 'day', 'days')} from now"
            return RELATIVE_DAYS.get(days) or (f"{_count(days, 'day', 'days')} ago" if days > 0 else ahead)
        case str() if is_whole_day(value):
            return day_in_words(date.fromisoformat(value), "en")
    return format_instant(str(value), "en")
