"""A second implementation of the rule language in plain Python, and random rules and customers to test both with."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from common.ids import bucket_of
from common.rules import AllOf, AnyOf, Comparison, EngagementNode, Everyone, Inactive, InSegment, Not, RelativeDay, Rule
from common.rules.fields import FIELDS, field_named
from common.rules.nodes import (
    Active,
    ActivityNode,
    Between,
    Contains,
    EndsWith,
    HasTag,
    In,
    InLast,
    InNext,
    IsMissing,
    IsSet,
    StartsWith,
)

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Kolkata")

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
EVENT_KINDS = {"received": "sent", "opened": "opened", "clicked": "clicked", "ordered": "order", "visited": "visit"}


def matches(rule: Rule, customer: Mapping[str, Any], now: datetime, zone: ZoneInfo = ZONE) -> bool:
    """Whether the rule matches. `customer["events"]` are mappings with kind, campaign, at and amount; `lists` are
    the ids of the static segments that have the customer."""
    match rule:
        case Everyone():
            return True
        case AllOf(of=parts):
            return all(matches(part, customer, now, zone) for part in parts)
        case AnyOf(of=parts):
            return any(matches(part, customer, now, zone) for part in parts)
        case Not(of=part):
            return not matches(part, customer, now, zone)
        case InSegment(members_of=str() as segment):
            return segment in (customer.get("lists") or ())
        case InSegment(rule=part):
            assert part is not None
            return matches(part, customer, now, zone)
        case Inactive(days=days) | Active(days=days):
            last = customer.get("last_active_at")
            return last is not None and (now - last >= timedelta(days=days)) is isinstance(rule, Inactive)
        case HasTag(tag=tag):
            return tag.lower() in [owned.lower() for owned in customer.get("tags") or ()]
        case EngagementNode() | ActivityNode():
            return matches_events(rule, customer.get("events", ()), now)
    return matches_field(rule, customer, now, zone)


def matches_events(rule: EngagementNode | ActivityNode, events: Sequence[Mapping[str, Any]], now: datetime) -> bool:
    selected = [event for event in events if event["kind"] == EVENT_KINDS[rule.op] and event["at"] <= now]
    if rule.days:
        selected = [event for event in selected if now - event["at"] < timedelta(days=rule.days)]
    if isinstance(rule, EngagementNode):
        return any(rule.campaigns is None or event["campaign"] in rule.campaigns for event in selected)
    amount = Decimal(sum(event["amount"] or 0 for event in selected)) / 100
    return OPERATORS[rule.compare](amount if rule.measure == "amount" else len(selected), Decimal(str(rule.value)))


def matches_field(rule: Any, customer: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> bool:
    stored = field_value(rule.field, customer)
    match rule:
        case IsSet():
            return stored is not None
        case IsMissing():
            return stored is None
        case Comparison(op=op, value=value):
            return compare_values(rule.field, op, stored, value, now, zone)
        case Between(low=low, high=high):
            at_least = compare_values(rule.field, ">=", stored, low, now, zone)
            return at_least and compare_values(rule.field, "<=", stored, high, now, zone)
        case In(values=values):
            return any(compare_values(rule.field, "=", stored, value, now, zone) for value in values)
        case Contains(value=value):
            return contains(stored, value)
        case StartsWith(value=value) | EndsWith(value=value):
            return isinstance(stored, str) and has_edge(rule, stored.lower(), value.lower())
        case InLast(days=days):
            at = to_instant(stored, zone)
            return at is not None and now - timedelta(days=days) < at <= now
        case InNext(days=days):
            at = to_instant(stored, zone)
            today = datetime.combine(now.astimezone(zone).date(), time(), zone)
            return at is not None and today <= at <= now + timedelta(days=days)
    raise AssertionError(rule)


def has_edge(rule: StartsWith | EndsWith, text: str, edge: str) -> bool:
    return text.startswith(edge) if isinstance(rule, StartsWith) else text.endswith(edge)


def field_value(name: str, customer: Mapping[str, Any]) -> Any:
    """The value of a field; None if it is missing or empty."""
    field = field_named(name)
    stored: Any = average_order_value(customer) if name == "average_order_value" else customer.get(field.column)
    for step in field.path:
        stored = stored.get(step) if isinstance(stored, Mapping) else None
    return None if stored in ("", [], {}, ()) else stored


def average_order_value(customer: Mapping[str, Any]) -> int | None:
    spend, orders = customer.get("spend") or 0, customer.get("orders") or 0
    return math.floor(Fraction(spend, orders) + Fraction(1, 2)) if orders > 0 else None


def contains(stored: Any, value: Any) -> bool:
    if isinstance(stored, list | tuple):
        return any(same_kind(one, value) and casefolded(one) == casefolded(value) for one in stored)
    return isinstance(stored, str) and isinstance(value, str) and value.lower() in stored.lower()


def casefolded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def same_kind(one: Any, other: Any) -> bool:
    """Whether both are texts, both numbers, or both booleans."""
    kinds: list[Any] = [bool, str, (int, float)]
    return any(isinstance(one, kind) and isinstance(other, kind) for kind in kinds) and (
        isinstance(one, bool) == isinstance(other, bool)
    )


def compare_values(field: str, op: str, stored: Any, value: Any, now: datetime, zone: ZoneInfo) -> bool:
    if stored is None:
        return False
    if isinstance(stored, datetime) or (field_named(field).kind == "any" and is_date(value)):
        return compare_dates(op, to_instant(stored, zone), value, now, zone)
    if not same_kind(stored, value):
        return False
    if field_named(field).kind == "money":
        return OPERATORS[op](Decimal(stored) / 100, Decimal(str(value)))
    return OPERATORS[op](casefolded(stored), casefolded(value))


def is_date(value: Any) -> bool:
    return isinstance(value, RelativeDay) or (isinstance(value, str) and to_instant(value, ZONE) is not None)


def to_instant(stored: Any, zone: ZoneInfo) -> datetime | None:
    if isinstance(stored, datetime):
        return stored
    written = r"[1-9]\d{3}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):\d\d)?)?"
    if not isinstance(stored, str) or not re.fullmatch(written, stored, re.ASCII) or stored.startswith("9999"):
        return None
    try:
        at = datetime.fromisoformat(stored)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def compare_dates(op: str, stored: datetime | None, value: Any, now: datetime, zone: ZoneInfo) -> bool:
    if stored is None:
        return False
    if isinstance(value, RelativeDay):
        return OPERATORS[op](
            stored.astimezone(zone).date(), now.astimezone(zone).date() - timedelta(days=value.days_ago)
        )
    if len(value) == 10:
        return OPERATORS[op](stored.astimezone(zone).date(), date.fromisoformat(value))
    return OPERATORS[op](stored, to_instant(value, zone))


# Text with an unambiguous lower case, including characters that are special in SQL or in the grammar.
TEXTS = st.text("aAbBzéÉñÑß漢हि'\"\\%_;-() \n\x00", min_size=1, max_size=6) | st.sampled_from(
    ["' OR 1=1 --", "AND", "everyone", "Mumbai", "mumbai", "MUMBAI", "NULL", "🙂", "bai", "5", "true"]
)
MONEY = st.integers(-(10**14), 10**14) | st.integers(-300, 300) | st.sampled_from([999_999, 1_000_000, 1_000_001])
WHOLE = st.integers(-(10**12), 10**12) | st.integers(-3, 3)
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)) | st.sampled_from(
    [NOW + timedelta(days=days, microseconds=by) for days in (0, -2, 3) for by in (-1, 0, 1)]
    + [datetime(2026, 3, day, 18, 30, tzinfo=UTC) + timedelta(microseconds=by) for day in (1, 2) for by in (-1, 0, 1)]
    + [datetime(2026, 11, 22, 18, 30, tzinfo=UTC), datetime(2026, 11, 23, 18, 30, tzinfo=UTC)]
)
DATES = (
    INSTANTS.map(lambda at: at.date().isoformat())
    | INSTANTS.map(datetime.isoformat)
    | INSTANTS.map(lambda at: at.replace(tzinfo=None).isoformat())
    | st.sampled_from(["2026-03-02", "2026-03-02T00:00", "2026-03-01T05:30:00+05:30", "2026-11-23", "2026-11-20"])
)
DAYS = st.integers(1, 400) | st.sampled_from([1, 2, 3, 36_500])
RELATIVE = (st.integers(-3, 3) | st.integers(-400, 400)).map(lambda days: {"days_ago": days})
NUMBERS = WHOLE | st.floats(-1e12, 1e12, allow_nan=False) | st.sampled_from([0, 0.0, 0.1, 5, 5.0])
ANYTHING = NUMBERS | st.booleans() | TEXTS | DATES | RELATIVE
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "money": MONEY.map(lambda minor: float(Decimal(minor) / 100)),
    "whole": WHOLE,
    "date": DATES | RELATIVE,
    "any": ANYTHING,
}
STORED: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS | st.just(""),
    "money": MONEY | st.just(2**63 - 1),
    "whole": WHOLE | st.just(-(2**63)),
    "date": INSTANTS,
    "list": st.lists(TEXTS, max_size=3),
}
ATTRIBUTE = ["plan", "score", 'my "plan"', "a.b", "~/x", "größe", "0", "'; DROP TABLE people; --", "$", "*", "plan"]
FIELD_NAMES = [
    *FIELDS,
    "attributes.plan",
    "attributes.score",
    'attributes."my \\"plan\\""',
    'attributes."a.b"',
    "attributes.0",
]
FIELD_NAMES += ['attributes."~/x"', "attributes.größe", "attributes.plan.score", "consent.email", 'attributes."$"']
FIELD_NAMES += ['attributes."\'; DROP TABLE people; --"', 'attributes."*"']
CAMPAIGNS = ["c1", "c2"]
LISTS = ["a1", "a2"]
"""The ids of static segments."""


def fields_of(*kinds: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name in FIELD_NAMES if field_named(name).kind in kinds])


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(fields_of("text", "money", "whole", "date", "any"))
    values = VALUES[field_named(name).kind]
    match draw(st.sampled_from(["compare", "compare", "between", "in"])):
        case "in":
            return {"op": "in", "field": name, "values": draw(st.lists(values, min_size=1, max_size=3))}
        case "between":
            alone = values if field_named(name).kind != "any" else draw(st.sampled_from([NUMBERS, TEXTS, DATES]))
            low, high = draw(alone), draw(alone)
            if isinstance(low, int | float) and isinstance(high, int | float):
                low, high = min(low, high), max(low, high)
            if is_date(low) != is_date(high):
                high = low
            return {"op": "between", "field": name, "low": low, "high": high}
    return {"op": draw(st.sampled_from(list(OPERATORS))), "field": name, "value": draw(values)}


def node(op: st.SearchStrategy[str] | str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"op": st.just(op) if isinstance(op, str) else op, **parts})


COMPARISONS = st.sampled_from(list(OPERATORS))
NAMES = st.sampled_from(["Lapsed", 'big "spenders"', "' OR 1=1 --"])
plain_leaves = st.one_of(
    comparisons(),
    comparisons(),
    node("everyone"),
    node(st.sampled_from(["inactive", "active"]), days=DAYS),
    node(st.sampled_from(["is_set", "is_missing"]), field=fields_of("text", "money", "whole", "date", "list", "any")),
    node("contains", field=fields_of("text", "list"), value=TEXTS),
    node("contains", field=fields_of("any"), value=TEXTS | NUMBERS | st.booleans()),
    node(st.sampled_from(["starts_with", "ends_with"]), field=fields_of("text", "any"), value=TEXTS),
    node("has_tag", tag=TEXTS),
    node(st.sampled_from(["in_last", "in_next"]), field=fields_of("date", "any"), days=DAYS),
    node(st.sampled_from(["received", "opened", "clicked"]), days=DAYS | st.none()),
    node(st.sampled_from(["ordered", "visited"]), compare=COMPARISONS, value=st.integers(0, 4), days=DAYS | st.none()),
    node(
        "ordered", measure=st.just("amount"), compare=COMPARISONS, value=st.sampled_from([0, 0.29, 10, 10.5]), days=DAYS
    ),
)


def trees_of(leaves: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Rules as JSON; they include groups of one rule."""
    return st.recursive(
        leaves,
        lambda parts: st.one_of(
            node(st.sampled_from(["and", "or"]), of=st.lists(parts, min_size=1, max_size=4)), node("not", of=parts)
        ),
        max_leaves=8,
    )


trees = trees_of(plain_leaves | node("in_segment", segment=NAMES) | node("received", campaign=NAMES, days=DAYS))
"""Rules as users write them, with unresolved references."""

resolved_trees = trees_of(
    plain_leaves
    | node("in_segment", segment=NAMES, rule=trees_of(plain_leaves))
    | node("in_segment", segment=NAMES, members_of=st.sampled_from(LISTS))
    | node(
        st.sampled_from(["received", "opened"]),
        campaign=NAMES,
        campaigns=st.lists(st.sampled_from(CAMPAIGNS), max_size=2),
        days=DAYS | st.none(),
    )
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)

odd_values: st.SearchStrategy[Any] = (
    NUMBERS | st.booleans() | TEXTS | DATES | st.sampled_from(["", None, [], {}, 10**20, -(10**19), "2026-02-30"])
)
attributes = st.dictionaries(
    st.sampled_from(ATTRIBUTE),
    odd_values | st.lists(odd_values, max_size=3) | st.dictionaries(st.sampled_from(ATTRIBUTE), odd_values, max_size=2),
    max_size=5,
)
events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(list(EVENT_KINDS.values())),
        "campaign": st.sampled_from([*CAMPAIGNS, "c3"]),
        "at": INSTANTS,
        "amount": st.integers(0, 2_000) | st.none(),
    }
)


@st.composite
def customers(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Stored customers by id. Any field may be missing or None."""
    people = {}
    for number in range(draw(st.integers(1, 8))):
        fields = {name: STORED[field.kind] | st.none() for name, field in FIELDS.items()}
        maps = {"attributes": attributes, "consent": st.dictionaries(st.sampled_from(["email"]), st.booleans())}
        history = {"events": st.lists(events, max_size=4), "lists": st.lists(st.sampled_from(LISTS), max_size=2)}
        customer = draw(st.fixed_dictionaries({}, optional={**fields, **maps, **history}))
        people[f"person-{number}"] = customer | {"bucket": bucket_of(f"person-{number}"), "version": number + 1}
    return people
