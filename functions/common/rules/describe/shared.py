"""What the descriptions in all languages share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from common.catalogue.days import day_in_words
from common.catalogue.fields import Language
from common.money import format_money
from common.rules import nodes
from common.rules.dates import Value
from common.rules.fields import RuleField, field_named
from common.rules.nodes import Rule, value_kind


def consent_choice(rule: Rule) -> tuple[str, bool] | None:
    """The channel and the choice, if the rule asks whether a customer agreed to a channel or declined; else None.

    A customer who made no choice matches neither.
    """
    match rule:
        case nodes.Comparison(op="=" | "!=", value=bool(), field=name) if name.startswith("consent."):
            return " ".join(field_named(name).path), rule.value is (rule.op == "=")
    return None


def covers_never_active(parts: Sequence[Rule]) -> bool:
    """Whether one of the alternatives is that a customer was never active."""
    return any(isinstance(part, nodes.IsMissing) and part.field == "last_active_at" for part in parts)


def comparison_kind(field: RuleField, value: Value) -> str:
    """How the field is compared with the value: as money, number, date, text or flag."""
    return value_kind(value) if field.kind == "any" else {"whole": "number"}.get(field.kind, field.kind)


def quote(text: str) -> str:
    """The text in typographic quotes."""
    return f"“{text}”"


def as_number(value: Value) -> int | float:
    """The value, which validation has made sure is a number."""
    assert isinstance(value, int | float), "validated with the tree"
    return value


def format_amount(value: Value, currency: str) -> str:
    """Money of a rule with its currency."""
    return format_money(as_number(value), currency)


def format_instant(value: str, language: Language) -> str:
    """`1 March 2026, 05:30 UTC+05:30`, as written; an instant without offset is in the deployment's time zone."""
    at = datetime.fromisoformat(value)
    return f"{day_in_words(at, language)}, {at:%H:%M}{f' {at.tzname()}' if at.tzinfo else ''}"
