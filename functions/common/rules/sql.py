"""A rule as SQL for DuckDB, over the tables of the audience index.

User input never becomes part of the SQL: column names come from the field catalogue; everything else, including the
names of attributes, is a parameter. A condition on a missing field is NULL; WHERE, AND and OR treat it as false. NOT
first turns NULL into false, then negates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import groupby
from typing import Any

from common.rules import nodes
from common.rules.dates import DATE_PATTERN, WITH_OFFSET_PATTERN, RelativeDay, Value, resolve_span
from common.rules.fields import RuleField, field_named, to_minor_units
from common.rules.nodes import Leaf, Operator, Rule, value_kind, walk


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL with `?` placeholders, and its parameters in order."""

    sql: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class MembersOf:
    """A parameter that stands for the ids of everybody in a static segment, as one text with spaces between them.

    The reader of the audience index replaces it when the query runs. One text of 100,000 ids is converted in 50 ms, a
    list of them in 180.
    """

    segment: str  # its id


@dataclass(frozen=True, slots=True)
class ReferenceTime:
    """The instant and the time zone that `today` and `90 days ago` refer to."""

    at: datetime
    zone: tzinfo = UTC

    def ago(self, days: int) -> datetime:
        return self.at - timedelta(days=days)

    def start_of_today(self) -> datetime:
        """Midnight at the start of today in the time zone."""
        return datetime.combine(self.at.astimezone(self.zone).date(), time(), self.zone)


SQL_OPERATORS: dict[Operator, str] = {"=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}

SPAN_TEMPLATES: dict[Operator, str] = {
    "=": "({it} >= {begin} AND {it} < {end})",
    "!=": "({it} < {begin} OR {it} >= {end})",
    ">": "{it} >= {end}",
    ">=": "{it} >= {begin}",
    "<": "{it} < {begin}",
    "<=": "{it} < {end}",
}
"""How a column compares with a value that lasts from `begin` (inclusive) to `end` (exclusive)."""

EVENT_KINDS = {"received": "sent", "opened": "opened", "clicked": "clicked", "ordered": "order", "visited": "visit"}
"""The `kind` in the table `events`, by the node's `op`."""

IS_DATE = f"regexp_full_match(j ->> p, '{DATE_PATTERN}')"
HAS_OFFSET = f"regexp_full_match(j ->> p, '{WITH_OFFSET_PATTERN}')"
MACROS = {
    "as_text_at": "lower(nullif(j ->> p, ''))",
    "is_text_at": "json_type(j, p) = 'VARCHAR'",
    "as_number_at": "TRY_CAST(j ->> p AS DOUBLE)",
    "is_number_at": "json_type(j, p) IN ('BIGINT', 'UBIGINT', 'DOUBLE')",
    "number_at": "CASE WHEN is_number_at(j, p) THEN CAST(j -> p AS DOUBLE) END",
    "flag_at": "CASE CAST(j -> p AS VARCHAR) WHEN 'true' THEN true WHEN 'false' THEN false END",
    "instant_at": f"CASE WHEN {IS_DATE} AND {HAS_OFFSET} THEN TRY_CAST(j ->> p AS TIMESTAMP) END",
    "local_at": f"CASE WHEN {IS_DATE} AND NOT {HAS_OFFSET} THEN TRY_CAST(j ->> p AS TIMESTAMP) END",
    "members_at": "TRY_CAST(j -> p AS JSON[])",
    "texts_at": "list_transform(list_filter(members_at(j, p), lambda m: json_type(m) = 'VARCHAR'), "
    "lambda m: lower(m ->> '$'))",
    "numbers_at": "list_transform(members_at(j, p), lambda m: number_at(m, '$'))",
    "flags_at": "list_transform(members_at(j, p), lambda m: flag_at(m, '$'))",
    "is_set_at": "coalesce(CAST(j -> p AS VARCHAR) NOT IN ('null', '\"\"', '[]', '{}'), false)",
    "written_at": "CASE WHEN is_set_at(j, p) THEN j ->> p END",
}
"""DuckDB macros of a JSON column and a path to an attribute in it. They return NULL if the attribute is of another
kind. The `as_…` macros convert without that check; use them together with `is_…`."""


def where(rule: Rule, now: ReferenceTime) -> Condition:
    """The condition of a WHERE clause over the table `customers`. The rule's references must be resolved."""
    return combine(rule, lambda part: leaf_condition(part, now))


def combine(rule: Rule, leaf: Callable[[Leaf | nodes.InSegment], Condition]) -> Condition:
    """The condition of the whole rule, value the condition of each of its leaves."""
    match rule:
        case nodes.AllOf(of=parts):
            return _join(" AND ", [combine(part, leaf) for part in parts])
        case nodes.AnyOf(of=parts):
            return _join(" OR ", [combine(part, leaf) for part in parts])
        case nodes.Not(of=part):
            return compose("(NOT coalesce({part}, false))", part=combine(part, leaf))
        case nodes.InSegment(rule=part) if part is not None:
            return combine(part, leaf)
    return leaf(rule)


def _join(word: str, parts: Sequence[Condition]) -> Condition:
    sql = word.join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def and_(left: Condition, right: Condition) -> Condition:
    """Both conditions hold."""
    return _join(" AND ", [left, right])


def compose(template: str, **parts: Condition) -> Condition:
    """The template with each `{name}` replaced by that part; the parameters follow the order in the template."""
    names = re.findall(r"\{(\w+)\}", template)
    sql = template.format(**{name: part.sql for name, part in parts.items()})
    return Condition(sql, tuple(value for name in names for value in parts[name].parameters))


def parameter(value: Any) -> Condition:
    """A placeholder with its value."""
    return Condition("?", (value,))


def instant_parameter(at: datetime) -> Condition:
    return parameter(to_naive_utc(at))


def to_naive_utc(at: datetime) -> datetime:
    """The instant as the index stores it: in UTC, without a time zone."""
    return at.astimezone(UTC).replace(tzinfo=None)


def leaf_condition(rule: Leaf | nodes.InSegment, now: ReferenceTime) -> Condition:
    """The condition of a node without children."""
    match rule:
        case nodes.InSegment(members_of=segment):
            assert segment is not None, "resolve references before evaluating a rule"
            members = parameter(MembersOf(segment))
            return compose("(id IN (SELECT unnest(string_split({members}, ' '))))", members=members)
        case nodes.Inactive(days=days):
            return compose("last_active_at <= {then}", then=instant_parameter(now.ago(days)))
        case nodes.Active(days=days):
            return compose("last_active_at > {then}", then=instant_parameter(now.ago(days)))
        case nodes.HasTag(tag=tag):
            return _has_member(field_named("tags"), tag)
        case nodes.EngagementNode():
            return _engagement_condition(rule, now)
        case nodes.ActivityNode():
            return _activity_condition(rule, now)
        case nodes.Everyone():
            return Condition("true")
    return _field_condition(rule, field_named(rule.field), now)


def _field_condition(rule: Leaf, field: RuleField, now: ReferenceTime) -> Condition:
    """The condition of a node that tests a field."""
    match rule:
        case nodes.Comparison(op=op, value=value):
            return _compare(field, op, value, now)
        case nodes.Between(low=low, high=high):
            return _join(" AND ", [_compare(field, ">=", low, now), _compare(field, "<=", high, now)])
        case nodes.In(values=values):
            return _equals_any(field, values, now)
        case nodes.Contains(value=value):
            return _contains(field, value)
        case nodes.StartsWith(op=op, value=value) | nodes.EndsWith(op=op, value=value):
            test = compose(f"{op}({{it}}, lower({{text}}))", it=_text_value(field), text=parameter(value))
            return _guard_kind(value, field, test)
        case nodes.InLast(days=days):
            return _compare_instants(
                field, "({it} > {begin} AND {it} <= {end})", now.zone, begin=now.ago(days), end=now.at
            )
        case nodes.InNext(days=days):
            return _compare_instants(
                field, "({it} >= {begin} AND {it} <= {end})", now.zone, begin=now.start_of_today(), end=now.ago(-days)
            )
        case nodes.IsMissing():
            return compose("(NOT {set})", set=_is_set(field))
    assert isinstance(rule, nodes.IsSet)
    return _is_set(field)


def _compare(field: RuleField, op: Operator, value: Value, now: ReferenceTime) -> Condition:
    """`field op value`, as a comparison of dates if the field or the value asks for it."""
    if field.kind == "date" or (field.kind == "any" and value_kind(value) == "date"):
        assert isinstance(value, str | RelativeDay), "validated with the tree"
        begin, end = resolve_span(value, now.at, now.zone)
        return _compare_instants(field, SPAN_TEMPLATES[op], now.zone, begin=begin, end=end)
    column, converted = _comparable_pair(field, value)
    return _guard_kind(value, field, compose(f"{{it}} {SQL_OPERATORS[op]} {{value}}", it=column, value=converted))


def _guard_kind(value: Value, field: RuleField, test: Condition) -> Condition:
    """The test, and for an attribute also a check of its kind. The slow check runs only where the test passes."""
    if not field.path or isinstance(value, bool):
        return test
    kind = "text" if isinstance(value, str) else "number"
    return compose("(CASE WHEN {test} THEN {kind} END)", test=test, kind=json_macro(f"is_{kind}_at", field))


def _comparable_pair(field: RuleField, value: Value) -> tuple[Condition, Condition]:
    """The field and the value, both converted to the form in which they are compared."""
    if isinstance(value, str):
        return _text_value(field), Condition("lower(?)", (value,))
    assert isinstance(value, bool | int | float), "dates are handled by _compare_instants"
    if field.kind == "any":
        if isinstance(value, bool):
            return json_macro("flag_at", field), parameter(value)
        return json_macro("as_number_at", field), parameter(float(value))
    return Condition(field.column), parameter(to_minor_units(value) if field.kind == "money" else value)


def _text_value(field: RuleField) -> Condition:
    return json_macro("as_text_at", field) if field.path else Condition(f"lower(nullif({field.column}, ''))")


def json_macro(macro: str, field: RuleField) -> Condition:
    """A call of one of `MACROS` for an attribute."""
    pointer = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in field.path)
    return Condition(f"{macro}({field.column}, ?)", (pointer,))


def _compare_instants(field: RuleField, template: str, zone: tzinfo, **instants: datetime) -> Condition:
    """The template with `it` as the field. A date in an attribute without UTC offset is compared with local time."""
    exact = {name: instant_parameter(instant) for name, instant in instants.items()}
    if field.kind == "date":
        return compose(template, it=Condition(field.column), **exact)
    local = {name: parameter(instant.astimezone(zone).replace(tzinfo=None)) for name, instant in instants.items()}
    return _join(
        " OR ",
        [
            compose(template, it=json_macro("instant_at", field), **exact),
            compose(template, it=json_macro("local_at", field), **local),
        ],
    )


def _equals_any(field: RuleField, values: Iterable[Value], now: ReferenceTime) -> Condition:
    """Equal to any of the values. Values of one kind become one IN list; each date is compared by itself."""
    parts: list[Condition] = []
    for kind, group in groupby(sorted(values, key=value_kind), key=value_kind):
        same_kind = list(group)
        if kind == "date" and field.kind in {"date", "any"}:
            parts += [_compare(field, "=", value, now) for value in same_kind]
            continue
        pairs = [_comparable_pair(field, value) for value in same_kind]
        listed = _join(", ", [converted for _, converted in pairs])
        parts.append(_guard_kind(same_kind[0], field, compose("{it} IN {listed}", it=pairs[0][0], listed=listed)))
    return _join(" OR ", parts)


def _contains(field: RuleField, value: Value) -> Condition:
    """A text contains the value, or a list has it as a member."""
    if not isinstance(value, str) or field.kind == "list":
        return _has_member(field, value)
    part = _guard_kind(
        value, field, compose("contains({it}, lower({text}))", it=_text_value(field), text=parameter(value))
    )
    return part if field.kind == "text" else _join(" OR ", [part, _has_member(field, value)])


def _has_member(field: RuleField, value: Value) -> Condition:
    """A list has the value as a member, ignoring case."""
    if field.kind == "list":
        members = Condition(f"list_transform({field.column}, lambda m: lower(m))")
    else:
        members = json_macro(f"{'text' if isinstance(value, str) else value_kind(value)}s_at", field)
    wanted = Condition("lower(?)", (value,)) if isinstance(value, str) else parameter(value)
    return compose("list_contains({members}, {wanted})", members=members, wanted=wanted)


def _is_set(field: RuleField) -> Condition:
    """The field has a value; never NULL."""
    match field.kind:
        case "any":
            return json_macro("is_set_at", field)
        case "text":
            return Condition(f"coalesce({field.column} <> '', false)")
        case "list":
            return Condition(f"coalesce(len({field.column}) > 0, false)")
    return Condition(f"({field.column} IS NOT NULL)")


def _engagement_condition(rule: nodes.EngagementNode, now: ReferenceTime) -> Condition:
    return compose("(id IN (SELECT customer FROM events WHERE {events}))", events=_event_filter(rule, now))


def _activity_condition(rule: nodes.ActivityNode, now: ReferenceTime) -> Condition:
    """A customer without such events has no group. If 0 matches, the condition excludes those who do not match."""
    limit = to_minor_units(rule.value) if rule.measure == "amount" else int(rule.value)
    zero = ZERO_MATCHES[rule.compare](limit)
    return compose(
        f"(id {'NOT ' if zero else ''}IN (SELECT customer FROM events WHERE {{events}} GROUP BY customer "
        f"HAVING {'NOT ' if zero else ''}{MEASURE_SQL[rule.measure]} {SQL_OPERATORS[rule.compare]} {{limit}}))",
        events=_event_filter(rule, now),
        limit=parameter(limit),
    )


MEASURE_SQL = {"times": "count(*)", "amount": "coalesce(sum(amount), 0)"}

ZERO_MATCHES: dict[Operator, Callable[[int], bool]] = {
    "=": lambda limit: limit == 0,
    "!=": lambda limit: limit != 0,
    ">": lambda limit: limit < 0,
    ">=": lambda limit: limit <= 0,
    "<": lambda limit: limit > 0,
    "<=": lambda limit: limit >= 0,
}
"""Whether 0 matches the comparison with a limit."""


def _event_filter(rule: nodes.EngagementNode | nodes.ActivityNode, now: ReferenceTime) -> Condition:
    """Selects the events that the rule is about, up to now."""
    parts = [
        compose("kind = {kind}", kind=parameter(EVENT_KINDS[rule.op])),
        compose("occurred_at <= {now}", now=instant_parameter(now.at)),
    ]
    if rule.days:
        parts.append(compose("occurred_at > {then}", then=instant_parameter(now.ago(rule.days))))
    if isinstance(rule, nodes.EngagementNode) and rule.campaign is not None:
        assert rule.campaigns is not None, "resolve references before evaluating a rule"
        parts.append(compose("campaign IN (SELECT unnest({ids}::VARCHAR[]))", ids=parameter(list(rule.campaigns))))
    return Condition(
        " AND ".join(part.sql for part in parts), tuple(value for part in parts for value in part.parameters)
    )


def measure_query(rule: nodes.EngagementNode | nodes.ActivityNode, customer_id: str, now: ReferenceTime) -> Condition:
    """A query of one customer's value: when the engagement last happened, or the number or amount of activities."""
    selected = "max(occurred_at)" if isinstance(rule, nodes.EngagementNode) else MEASURE_SQL[rule.measure]
    return compose(
        f"SELECT {selected} FROM events WHERE customer = {{customer}} AND {{events}}",
        customer=parameter(customer_id),
        events=_event_filter(rule, now),
    )


def uses_events(rule: Rule) -> bool:
    """Whether the rule reads the table `events`."""
    return any(isinstance(node, nodes.EngagementNode | nodes.ActivityNode) for node in walk(rule))
