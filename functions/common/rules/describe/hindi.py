"""A rule in Hindi. Each part has its own relative pronoun, so that the parts can be joined directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from common.catalogue.days import day_in_words
from common.catalogue.fields import FIELDS, HindiWords
from common.money import format_money
from common.rules import nodes
from common.rules.dates import RelativeDay, Value, is_whole_day
from common.rules.describe.shared import (
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
    "=": "ठीक {}",
    "!=": "{} के अलावा कुछ और",
    ">": "{} से अधिक",
    ">=": "{} या उससे अधिक",
    "<": "{} से कम",
    "<=": "{} या उससे कम",
}
TEXT_PHRASES: Mapping[Operator, str] = {
    "=": "{}",
    "!=": "{} के अलावा कुछ और",
    ">": "वर्णक्रम में {} के बाद",
    ">=": "{} या वर्णक्रम में उसके बाद",
    "<": "वर्णक्रम में {} से पहले",
    "<=": "{} या वर्णक्रम में उससे पहले",
}
DATE_PHRASES: Mapping[Operator, str] = {
    "=": "{}",
    "!=": "{} के अलावा कोई और",
    ">": "{} के बाद",
    ">=": "{} या उसके बाद",
    "<": "{} से पहले",
    "<=": "{} या उससे पहले",
}
PHRASES = {"date": DATE_PHRASES, "text": TEXT_PHRASES, "flag": TEXT_PHRASES}
RELATIVE_DAYS = {0: "आज", 1: "बीता कल", -1: "आने वाला कल"}
NEVER_ACTIVE = " (जो कभी सक्रिय नहीं थे, वे इनमें नहीं हैं)"
ENGAGEMENT_PHRASES = {
    "received": "जिन्हें {} का संदेश भेजा गया",
    "opened": "जिन्होंने {} का संदेश खोला",
    "clicked": "जिन्होंने {} के संदेश में क्लिक किया",
}


def describe(rule: Rule, currency: str) -> str:
    """`वे ग्राहक जिनका कुल ख़र्च ₹10,000 से अधिक है …`"""
    match rule:
        case nodes.Everyone():
            return "सभी ग्राहक"
        case nodes.AnyOf(of=parts):
            return "वे ग्राहक " + ", या ".join(_alternatives(parts, currency, _phrase))
    return f"वे ग्राहक {_phrase(rule, currency)}"


def _phrase(rule: Rule, currency: str) -> str:
    """The relative clause of a rule."""
    match rule:
        case nodes.AllOf(of=parts):
            return " और ".join(_nested_phrase(part, currency) for part in parts)
        case nodes.AnyOf(of=parts):
            return " या ".join(_alternatives(parts, currency, _nested_phrase))
        case nodes.Not(of=part):
            return f"जो इनमें से नहीं हैं: {_nested_phrase(part, currency)}"
        case nodes.InSegment(segment=name):
            return f"जो {quote(name)} सेगमेंट में हैं"
    return _customer_phrase(rule, currency) or _consent_phrase(rule) or _field_phrase(rule, currency)


def _alternatives(parts: Sequence[Rule], currency: str, phrase: Callable[[Rule, str], str]) -> list[str]:
    """The phrase of each part. Where people who were never active are a part, no other part says they are left out."""
    phrases = [phrase(part, currency) for part in parts]
    return [one.removesuffix(NEVER_ACTIVE) for one in phrases] if covers_never_active(parts) else phrases


def _nested_phrase(part: Rule, currency: str) -> str:
    phrase = _phrase(part, currency)
    return f"({phrase})" if isinstance(part, nodes.AllOf | nodes.AnyOf) else phrase


def _customer_phrase(rule: Leaf, currency: str) -> str | None:
    """The clause of a node that tests no field; None for other nodes."""
    match rule:
        case nodes.Everyone():
            return "जो भी ग्राहक हैं"
        case nodes.Inactive(days=days):
            return f"जो {days:,} दिन या उससे अधिक समय से निष्क्रिय हैं{NEVER_ACTIVE}"
        case nodes.Active(days=days):
            return f"जो पिछले {days:,} दिनों में सक्रिय थे"
        case nodes.HasTag(tag=tag):
            return f"जिन पर {quote(tag)} टैग है"
        case nodes.EngagementNode(op=op, campaign=campaign, days=days):
            which = f"{quote(campaign)} अभियान" if campaign else "किसी भी अभियान"
            return ENGAGEMENT_PHRASES[op].format(_time_limit(days) + which)
        case nodes.ActivityNode():
            return _activity_phrase(rule, currency)
    return None


def _activity_phrase(rule: nodes.ActivityNode, currency: str) -> str:
    if rule.measure == "amount":
        amount = NUMBER_PHRASES[rule.compare].format(format_money(rule.value, currency))
        return f"जिनके {_time_limit(rule.days)}ऑर्डर की कुल राशि {amount} है"
    noun = "ऑर्डर" if rule.op == "ordered" else "विज़िट"
    return (
        f"जिनकी {_time_limit(rule.days)}{noun} संख्या {NUMBER_PHRASES[rule.compare].format(_format_plain(rule.value))} है"
    )


def _time_limit(days: int | None) -> str:
    return f"पिछले {days:,} दिनों में " if days else ""


def _field_phrase(rule: Leaf, currency: str) -> str:
    """The clause of a node that tests a field."""
    assert not isinstance(
        rule, nodes.Everyone | nodes.Inactive | nodes.Active | nodes.HasTag | nodes.EngagementNode | nodes.ActivityNode
    ), "these nodes have no field"
    field = field_named(rule.field)
    words = _words(field)
    if isinstance(rule, nodes.Contains):
        possessive = "के" if words.possessive == "का" else words.possessive  # before a postposition
        return f"जिन{possessive} {words.noun} में {_format_plain(rule.value)} शामिल है"
    return f"जिन{words.possessive} {words.noun} {_predicate(rule, field, currency)}"


def _words(field: RuleField) -> HindiWords:
    """What the clause calls the field, or the entry of a map."""
    if not field.path:
        return FIELDS[field.name].hindi
    name = quote(" ".join(field.path))
    is_consent = field.column == "consent"
    return (
        HindiWords(possessive="की", noun=f"{name} के लिए सहमति")
        if is_consent
        else HindiWords(possessive="का", noun=name)
    )


def _consent_phrase(rule: Leaf) -> str | None:
    match consent_choice(rule):
        case [channel, agreed]:
            return f"जिन्होंने {quote(channel)} के लिए {'सहमति दी' if agreed else 'मना किया'} है"
    return None


def _predicate(rule: Leaf, field: RuleField, currency: str) -> str:
    """What the clause says about the field."""
    match rule:
        case nodes.Comparison(op=op, value=value):
            phrases = PHRASES.get(comparison_kind(field, value), NUMBER_PHRASES)
            return f"{phrases[op].format(_format_value(field, value, currency))} है"
        case nodes.Between(low=low, high=high):
            return f"{_format_value(field, low, currency)} से {_format_value(field, high, currency)} के बीच है"
        case nodes.In(values=values):
            return f"इनमें से एक है: {', '.join(_format_value(field, value, currency) for value in values)}"
        case nodes.StartsWith(value=value):
            return f"{quote(value)} से शुरू होता है"
        case nodes.EndsWith(value=value):
            return f"{quote(value)} पर ख़त्म होता है"
        case nodes.IsSet():
            return "मालूम है"
        case nodes.IsMissing():
            return "मालूम नहीं है"
        case nodes.InLast(days=days):
            return f"पिछले {days:,} दिनों में है"
    assert isinstance(rule, nodes.InNext)
    return f"अगले {rule.days:,} दिनों में है"


def _format_value(field: RuleField, value: Value, currency: str) -> str:
    match comparison_kind(field, value):
        case "money":
            return format_amount(value, currency)
        case "date":
            return _format_date(value)
    return _format_plain(value)


def _format_plain(value: Value) -> str:
    match value:
        case bool():
            return "हाँ" if value else "नहीं"
        case str():
            return quote(value)
    return f"{Decimal(str(value)):,f}"


def _format_date(value: Value) -> str:
    match value:
        case RelativeDay(days_ago=days):
            return RELATIVE_DAYS.get(days) or (f"{days:,} दिन पहले" if days > 0 else f"{-days:,} दिन बाद")
        case str() if is_whole_day(value):
            return day_in_words(date.fromisoformat(value), "hi")
    return format_instant(str(value), "hi")
