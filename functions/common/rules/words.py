"""A rule in plain English, as one would tell it a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from common.rules.fields import FIELDS, is_day, span
from common.rules.tree import AllOf, AnyOf, Comparison, Everyone, Inactive, Operator, Rule

SYMBOLS = {"INR": "₹", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

MONEY: Mapping[Operator, str] = {
    "=": "exactly {}",
    "!=": "any amount but {}",
    ">": "more than {}",
    ">=": "{} or more",
    "<": "less than {}",
    "<=": "{} or less",
}
COUNTS: Mapping[str, Mapping[Operator, str]] = {
    "visits": {
        "=": "visited exactly {}",
        "!=": "visited any number of times but {}",
        ">": "visited more than {}",
        ">=": "visited {} or more",
        "<": "visited fewer than {}",
        "<=": "visited {} or fewer",
    },
    "orders": {
        "=": "placed exactly {}",
        "!=": "placed any number of orders but {}",
        ">": "placed more than {}",
        ">=": "placed {} or more",
        "<": "placed fewer than {}",
        "<=": "placed {} or fewer",
    },
    "active_days": {
        "=": "were active on exactly {}",
        "!=": "were active on any number of days but {}",
        ">": "were active on more than {}",
        ">=": "were active on {} or more",
        "<": "were active on fewer than {}",
        "<=": "were active on {} or fewer",
    },
}
UNITS = {"visits": ("time", "times"), "orders": ("order", "orders"), "active_days": ("day", "days")}
TEXTS: Mapping[Operator, str] = {
    "=": "have the {} {}",
    "!=": "have another {} than {}",
    ">": "come after the {} {} in the alphabet",
    ">=": "have the {} {} or come after it in the alphabet",
    "<": "come before the {} {} in the alphabet",
    "<=": "have the {} {} or come before it in the alphabet",
}
LABELS = {"external_id": "id outside Herald", "phone": "phone number", "timezone": "time zone"}
DATES: Mapping[Operator, str] = {
    "=": "on {}",
    "!=": "at another time than {}",
    ">": "after {}",
    ">=": "on or after {}",
    "<": "before {}",
    "<=": "on or before {}",
}
HAPPENED = {"last_active_at": "were last active", "created_at": "were added", "updated_at": "were last changed"}


def in_words(rule: Rule, currency: str) -> str:
    """`customers who spent more than ₹10,000 and visited fewer than 3 times, or who have been inactive for …`"""
    match rule:
        case Everyone():
            return "all customers"
        case AnyOf(of=parts):
            return "customers " + ", or ".join(f"who {_phrase(part, currency)}" for part in parts)
        case _:
            return f"customers who {_phrase(rule, currency)}"


def _phrase(rule: Rule, currency: str) -> str:
    """What follows `who`."""
    match rule:
        case Everyone():
            return "are customers at all"
        case Inactive(days=days):
            return f"have been inactive for {_counted(days, 'day', 'days')} or more"
        case Comparison():
            return _comparison(rule, currency)
        case AllOf(of=parts):
            return " and ".join(_nested(part, currency) for part in parts)
        case AnyOf(of=parts):
            return " or ".join(_nested(part, currency) for part in parts)


def _nested(part: Rule, currency: str) -> str:
    phrase = _phrase(part, currency)
    return f"({phrase})" if isinstance(part, AllOf | AnyOf) else phrase


def _comparison(rule: Comparison, currency: str) -> str:
    if isinstance(rule.value, str):
        return _happened(rule, rule.value) if rule.field in HAPPENED else _described(rule)
    if FIELDS[rule.field].kind == "money":
        return "spent " + MONEY[rule.op].format(money(rule.value, currency))
    return _repeated(rule, int(rule.value))


def _happened(rule: Comparison, value: str) -> str:
    return f"{HAPPENED[rule.field]} {DATES[rule.op].format(_date(value))}"


def _described(rule: Comparison) -> str:
    return TEXTS[rule.op].format(LABELS.get(rule.field, rule.field), f"“{rule.value}”")


def _repeated(rule: Comparison, number: int) -> str:
    words = COUNTS[rule.field][rule.op]
    return words.format(f"{number:,}" if rule.op == "!=" else _counted(number, *UNITS[rule.field]))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def money(value: int | float, currency: str) -> str:
    """`₹1,00,000` or `KES 99.50`: grouped as is usual in the currency, with decimals only where there are any."""
    amount = Decimal(str(abs(value)))
    whole, _, decimals = (f"{amount:f}" if amount == int(amount) else f"{amount:.2f}").partition(".")
    grouped = _indian(whole) if currency == "INR" else f"{int(whole):,}"
    sign = "-" if value < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency + ' ')}{grouped}{'.' + decimals if decimals else ''}"


def _indian(digits: str) -> str:
    """Groups of two above the thousands: 12,34,567."""
    above, last = digits[:-3], digits[-3:]
    groups = [above[max(0, end - 2) : end] for end in range(len(above), 0, -2)]
    return ",".join([*reversed(groups), last])


def _date(value: str) -> str:
    begin, _ = span(value)
    return _day(begin) if is_day(value) else f"{_day(begin)}, {begin:%H:%M} UTC"


def _day(instant: datetime) -> str:
    return f"{instant.day} {instant:%B} {instant.year}"
