"""A rule in Hindi. Each part brings its own relative pronoun, so that parts can be joined as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from common.money import formatted
from common.rules import nodes
from common.rules.dates import Day, Value, is_day
from common.rules.describe.english import as_what, moment, money, quoted, said
from common.rules.fields import Field, field_named
from common.rules.nodes import Leaf, Operator, Rule

WHOSE = {
    "external_id": "जिनकी बाहरी आईडी",
    "name": "जिनका नाम",
    "email": "जिनका ईमेल",
    "phone": "जिनका फ़ोन नंबर",
    "city": "जिनका शहर",
    "timezone": "जिनका समय क्षेत्र",
    "spend": "जिनका कुल ख़र्च",
    "visits": "जिनकी विज़िट की संख्या",
    "orders": "जिनके ऑर्डर की संख्या",
    "average_order_value": "जिनके ऑर्डर का औसत मूल्य",
    "active_days": "जिनके सक्रिय दिनों की संख्या",
    "last_active_at": "जिनकी पिछली गतिविधि की तारीख़",
    "first_order_at": "जिनके पहले ऑर्डर की तारीख़",
    "created_at": "जिनके जुड़ने की तारीख़",
    "updated_at": "जिनके पिछले बदलाव की तारीख़",
    "tags": "जिनकी टैग सूची",
    "suppressed": "जिनके रोके गए पतों की सूची",
}
MEASURED: Mapping[Operator, str] = {
    "=": "ठीक {}",
    "!=": "{} के अलावा कुछ और",
    ">": "{} से अधिक",
    ">=": "{} या उससे अधिक",
    "<": "{} से कम",
    "<=": "{} या उससे कम",
}
ORDERED: Mapping[Operator, str] = {
    "=": "{}",
    "!=": "{} के अलावा कुछ और",
    ">": "वर्णक्रम में {} के बाद",
    ">=": "{} या वर्णक्रम में उसके बाद",
    "<": "वर्णक्रम में {} से पहले",
    "<=": "{} या वर्णक्रम में उससे पहले",
}
DATES: Mapping[Operator, str] = {
    "=": "{}",
    "!=": "{} के अलावा कोई और",
    ">": "{} के बाद",
    ">=": "{} या उसके बाद",
    "<": "{} से पहले",
    "<=": "{} या उससे पहले",
}
COMPARED = {"date": DATES, "text": ORDERED, "flag": ORDERED}
RELATIVE = {0: "आज", 1: "बीता कल", -1: "आने वाला कल"}
REACTED = {
    "received": "जिन्हें {} का संदेश भेजा गया",
    "opened": "जिन्होंने {} का संदेश खोला",
    "clicked": "जिन्होंने {} के संदेश में क्लिक किया",
}
MONTHS = ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"]


def in_words(rule: Rule, currency: str) -> str:
    match rule:
        case nodes.Everyone():
            return "सभी ग्राहक"
        case nodes.AnyOf(of=parts):
            return "वे ग्राहक " + ", या ".join(_phrase(part, currency) for part in parts)
    return f"वे ग्राहक {_phrase(rule, currency)}"


def _phrase(rule: Rule, currency: str) -> str:
    match rule:
        case nodes.AllOf(of=parts):
            return " और ".join(_nested(part, currency) for part in parts)
        case nodes.AnyOf(of=parts):
            return " या ".join(_nested(part, currency) for part in parts)
        case nodes.Not(of=part):
            return f"जो इनमें से नहीं हैं: {_nested(part, currency)}"
        case nodes.InSegment(segment=name):
            return f"जो {quoted(name)} सेगमेंट में हैं"
    return _activity(rule, currency) or _consent(rule) or _of_field(rule, currency)


def _nested(part: Rule, currency: str) -> str:
    phrase = _phrase(part, currency)
    return f"({phrase})" if isinstance(part, nodes.AllOf | nodes.AnyOf) else phrase


def _activity(rule: Leaf, currency: str) -> str | None:
    match rule:
        case nodes.Everyone():
            return "जो भी ग्राहक हैं"
        case nodes.Inactive(days=days):
            return f"जो {days:,} दिन या उससे अधिक समय से निष्क्रिय हैं"
        case nodes.Active(days=days):
            return f"जो पिछले {days:,} दिनों में सक्रिय थे"
        case nodes.HasTag(tag=tag):
            return f"जिन पर {quoted(tag)} टैग है"
        case nodes.Received(op=op, campaign=campaign, days=days):
            which = f"{quoted(campaign)} अभियान" if campaign else "किसी भी अभियान"
            return REACTED[op].format(_recently(days) + which)
        case nodes.Did():
            return _did(rule, currency)
    return None


def _did(rule: nodes.Did, currency: str) -> str:
    if rule.measure == "amount":
        amount = MEASURED[rule.compare].format(formatted(rule.value, currency))
        return f"जिनके {_recently(rule.days)}ऑर्डर की कुल राशि {amount} है"
    what = "ऑर्डर" if rule.op == "ordered" else "विज़िट"
    return f"जिनकी {_recently(rule.days)}{what} संख्या {MEASURED[rule.compare].format(_shown(rule.value))} है"


def _recently(days: int | None) -> str:
    return f"पिछले {days:,} दिनों में " if days else ""


def _of_field(rule: Leaf, currency: str) -> str:
    assert not isinstance(
        rule, nodes.Everyone | nodes.Inactive | nodes.Active | nodes.HasTag | nodes.Received | nodes.Did
    ), "these speak of no field"
    field = field_named(rule.field)
    whose = WHOSE.get(field.name) or _own(field)
    if isinstance(rule, nodes.Contains):
        return f"{whose.replace('जिनका', 'जिनके')} में {_shown(rule.value)} शामिल है"
    return f"{whose} {_predicate(rule, field, currency)}"


def _own(field: Field) -> str:
    name = quoted(" ".join(field.path))
    return f"जिनकी {name} के लिए सहमति" if field.column == "consent" else f"जिनका {name}"


def _consent(rule: Leaf) -> str | None:
    match said(rule):
        case [channel, agreed]:
            return f"जिन्होंने {quoted(channel)} के लिए {'सहमति दी' if agreed else 'मना किया'} है"
    return None


def _predicate(rule: Leaf, field: Field, currency: str) -> str:
    match rule:
        case nodes.Comparison(op=op, value=value):
            compared = COMPARED.get(as_what(field, value), MEASURED)
            return f"{compared[op].format(_value(field, value, currency))} है"
        case nodes.Between(low=low, high=high):
            return f"{_value(field, low, currency)} से {_value(field, high, currency)} के बीच है"
        case nodes.Among(values=values):
            return f"इनमें से एक है: {', '.join(_value(field, one, currency) for one in values)}"
        case nodes.StartsWith(value=value):
            return f"{quoted(value)} से शुरू होता है"
        case nodes.IsSet():
            return "मालूम है"
        case nodes.IsMissing():
            return "मालूम नहीं है"
        case nodes.InLast(days=days):
            return f"पिछले {days:,} दिनों में है"
    assert isinstance(rule, nodes.InNext)
    return f"अगले {rule.days:,} दिनों में है"


def _value(field: Field, value: Value, currency: str) -> str:
    match as_what(field, value):
        case "money":
            return money(value, currency)
        case "date":
            return _date(value)
    return _shown(value)


def _shown(value: Value) -> str:
    match value:
        case bool():
            return "हाँ" if value else "नहीं"
        case str():
            return quoted(value)
    return f"{Decimal(str(value)):,f}"


def _date(value: Value) -> str:
    match value:
        case Day(days_ago=days):
            return RELATIVE.get(days) or (f"{days:,} दिन पहले" if days > 0 else f"{-days:,} दिन बाद")
        case str() if is_day(value):
            return _day(date.fromisoformat(value))
    return moment(str(value), _day)


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
