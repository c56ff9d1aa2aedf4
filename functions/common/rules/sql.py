"""A rule as SQL for DuckDB, over the tables of the audience index.

Nothing a user wrote is ever part of the SQL: columns are named by the catalogue, everything else is a parameter, the
names of attributes too. A part whose field is missing is NULL, which AND and OR treat as false where it decides about
a row; NOT makes it false before it turns it around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import groupby
from typing import Any

from common.rules import nodes
from common.rules.dates import DATE, WITH_OFFSET, Day, Value, span_of
from common.rules.fields import Field, field_named, minor_units
from common.rules.nodes import Leaf, Operator, Rule, kind_of, walk


@dataclass(frozen=True, slots=True)
class Condition:
    sql: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Now:
    """What `today` and `90 days ago` are counted from."""

    at: datetime
    zone: tzinfo = UTC

    def ago(self, days: int) -> datetime:
        return self.at - timedelta(days=days)

    def today(self) -> datetime:
        """When today began."""
        return datetime.combine(self.at.astimezone(self.zone).date(), time(), self.zone)


COMPARED: dict[Operator, str] = {"=": "=", "!=": "<>", ">": ">", ">=": ">=", "<": "<", "<=": "<="}

SPANNED: dict[Operator, str] = {
    "=": "({it} >= {begin} AND {it} < {end})",
    "!=": "({it} < {begin} OR {it} >= {end})",
    ">": "{it} >= {end}",
    ">=": "{it} >= {begin}",
    "<": "{it} < {begin}",
    "<=": "{it} < {end}",
}
"""How a column compares with something that lasts from `begin` until `end`."""

KINDS = {"received": "sent", "opened": "opened", "clicked": "clicked", "ordered": "order", "visited": "visit"}
"""What the table `events` calls it."""

IS_DATE = f"regexp_full_match(j ->> p, '{DATE}')"
HAS_OFFSET = f"regexp_full_match(j ->> p, '{WITH_OFFSET}')"
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
"""Functions of a JSON column and of the path to an attribute in it; NULL where the attribute is of another kind. Only
those called `as_…` take it as what it is asked for, and go together with `is_…`."""


def where(rule: Rule, now: Now) -> Condition:
    return combined(rule, lambda part: leaf(part, now))


def combined(rule: Rule, of_leaf: Callable[[Leaf], Condition]) -> Condition:
    match rule:
        case nodes.AllOf(of=parts):
            return _joined(" AND ", [combined(part, of_leaf) for part in parts])
        case nodes.AnyOf(of=parts):
            return _joined(" OR ", [combined(part, of_leaf) for part in parts])
        case nodes.Not(of=part):
            return filled("(NOT coalesce({part}, false))", part=combined(part, of_leaf))
        case nodes.InSegment(rule=part):
            assert part is not None, "references are resolved before a rule is asked"
            return combined(part, of_leaf)
    return of_leaf(rule)


def _joined(word: str, parts: Sequence[Condition]) -> Condition:
    sql = word.join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def both(one: Condition, other: Condition) -> Condition:
    return _joined(" AND ", [one, other])


def filled(template: str, **parts: Condition) -> Condition:
    """The template with each `{name}` replaced, and the parameters in the order in which they stand there then."""
    names = re.findall(r"\{(\w+)\}", template)
    sql = template.format(**{name: part.sql for name, part in parts.items()})
    return Condition(sql, tuple(value for name in names for value in parts[name].parameters))


def value(given: Any) -> Condition:
    return Condition("?", (given,))


def instant(at: datetime) -> Condition:
    return value(stored(at))


def stored(at: datetime) -> datetime:
    """As the index holds instants: in UTC, without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None)


def leaf(rule: Leaf, now: Now) -> Condition:
    match rule:
        case nodes.Inactive(days=days):
            return filled("last_active_at <= {then}", then=instant(now.ago(days)))
        case nodes.Active(days=days):
            return filled("last_active_at > {then}", then=instant(now.ago(days)))
        case nodes.HasTag(tag=tag):
            return _has_member(field_named("tags"), tag)
        case nodes.Received():
            return _received(rule, now)
        case nodes.Did():
            return _did(rule, now)
        case nodes.Everyone():
            return Condition("true")
    return _of_field(rule, field_named(rule.field), now)


def _of_field(rule: Leaf, field: Field, now: Now) -> Condition:
    match rule:
        case nodes.Comparison(op=op, value=given):
            return _compared(field, op, given, now)
        case nodes.Between(low=low, high=high):
            return _joined(" AND ", [_compared(field, ">=", low, now), _compared(field, "<=", high, now)])
        case nodes.Among(values=values):
            return _among(field, values, now)
        case nodes.Contains(value=given):
            return _contains(field, given)
        case nodes.StartsWith(value=given):
            test = filled("starts_with({it}, lower({text}))", it=_text(field), text=value(given))
            return _of_kind(given, field, test)
        case nodes.InLast(days=days):
            return _for_dates(field, "({it} > {begin} AND {it} <= {end})", now.zone, begin=now.ago(days), end=now.at)
        case nodes.InNext(days=days):
            return _for_dates(
                field, "({it} >= {begin} AND {it} <= {end})", now.zone, begin=now.today(), end=now.ago(-days)
            )
        case nodes.IsMissing():
            return filled("(NOT {set})", set=_is_set(field))
    assert isinstance(rule, nodes.IsSet)
    return _is_set(field)


def _compared(field: Field, op: Operator, given: Value, now: Now) -> Condition:
    if field.kind == "date" or (field.kind == "any" and kind_of(given) == "date"):
        assert isinstance(given, str | Day), "checked with the tree"
        begin, end = span_of(given, now.at, now.zone)
        return _for_dates(field, SPANNED[op], now.zone, begin=begin, end=end)
    column, plain = _alike(field, given)
    return _of_kind(given, field, filled(f"{{it}} {COMPARED[op]} {{value}}", it=column, value=plain))


def _of_kind(given: Value, field: Field, test: Condition) -> Condition:
    """An attribute must be of the kind that it is tested as; only those that pass are asked, since that takes time."""
    if not field.path or isinstance(given, bool):
        return test
    kind = "text" if isinstance(given, str) else "number"
    return filled("(CASE WHEN {test} THEN {kind} END)", test=test, kind=at(f"is_{kind}_at", field))


def _alike(field: Field, given: Value) -> tuple[Condition, Condition]:
    """The column and the value, as what they are compared."""
    if isinstance(given, str):
        return _text(field), Condition("lower(?)", (given,))
    assert isinstance(given, bool | int | float), "dates are compared otherwise"
    if field.kind == "any":
        if isinstance(given, bool):
            return at("flag_at", field), value(given)
        return at("as_number_at", field), value(float(given))
    return Condition(field.column), value(minor_units(given) if field.kind == "money" else given)


def _text(field: Field) -> Condition:
    return at("as_text_at", field) if field.path else Condition(f"lower(nullif({field.column}, ''))")


def at(macro: str, field: Field) -> Condition:
    """One of `MACROS`, of an attribute."""
    pointer = "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in field.path)
    return Condition(f"{macro}({field.column}, ?)", (pointer,))


def _for_dates(field: Field, template: str, zone: tzinfo, **instants: datetime) -> Condition:
    """An attribute's date either says how far it is from UTC, or is compared with what clocks in the zone show."""
    exact = {name: instant(at) for name, at in instants.items()}
    if field.kind == "date":
        return filled(template, it=Condition(field.column), **exact)
    local = {name: value(at.astimezone(zone).replace(tzinfo=None)) for name, at in instants.items()}
    return _joined(
        " OR ",
        [
            filled(template, it=at("instant_at", field), **exact),
            filled(template, it=at("local_at", field), **local),
        ],
    )


def _among(field: Field, values: Iterable[Value], now: Now) -> Condition:
    """Values of a kind are looked for at once; dates last a while, so each is compared by itself."""
    parts: list[Condition] = []
    for kind, some in groupby(sorted(values, key=kind_of), key=kind_of):
        if kind == "date" and field.kind in {"date", "any"}:
            parts += [_compared(field, "=", one, now) for one in some]
            continue
        same = list(some)
        pairs = [_alike(field, one) for one in same]
        listed = _joined(", ", [plain for _, plain in pairs])
        parts.append(_of_kind(same[0], field, filled("{it} IN {listed}", it=pairs[0][0], listed=listed)))
    return _joined(" OR ", parts)


def _contains(field: Field, given: Value) -> Condition:
    if not isinstance(given, str) or field.kind == "list":
        return _has_member(field, given)
    part = _of_kind(given, field, filled("contains({it}, lower({text}))", it=_text(field), text=value(given)))
    return part if field.kind == "text" else _joined(" OR ", [part, _has_member(field, given)])


def _has_member(field: Field, given: Value) -> Condition:
    if field.kind == "list":
        members = Condition(f"list_transform({field.column}, lambda m: lower(m))")
    else:
        members = at(f"{'text' if isinstance(given, str) else kind_of(given)}s_at", field)
    plain = Condition("lower(?)", (given,)) if isinstance(given, str) else value(given)
    return filled("list_contains({members}, {plain})", members=members, plain=plain)


def _is_set(field: Field) -> Condition:
    match field.kind:
        case "any":
            return at("is_set_at", field)
        case "text":
            return Condition(f"coalesce({field.column} <> '', false)")
        case "list":
            return Condition(f"coalesce(len({field.column}) > 0, false)")
    return Condition(f"({field.column} IS NOT NULL)")


def _received(rule: nodes.Received, now: Now) -> Condition:
    return filled("(id IN (SELECT customer FROM events WHERE {those}))", those=_events(rule, now))


def _did(rule: nodes.Did, now: Now) -> Condition:
    """Who never did it is in no group: they are found by leaving out those of whom it is not true."""
    limit = minor_units(rule.value) if rule.measure == "amount" else int(rule.value)
    zero = NEVER[rule.compare](limit)
    return filled(
        f"(id {'NOT ' if zero else ''}IN (SELECT customer FROM events WHERE {{those}} GROUP BY customer "
        f"HAVING {'NOT ' if zero else ''}{MEASURED[rule.measure]} {COMPARED[rule.compare]} {{limit}}))",
        those=_events(rule, now),
        limit=value(limit),
    )


MEASURED = {"times": "count(*)", "amount": "coalesce(sum(amount), 0)"}

NEVER: dict[Operator, Callable[[int], bool]] = {
    "=": lambda limit: limit == 0,
    "!=": lambda limit: limit != 0,
    ">": lambda limit: limit < 0,
    ">=": lambda limit: limit <= 0,
    "<": lambda limit: limit > 0,
    "<=": lambda limit: limit >= 0,
}
"""Whether 0 compares so with a limit."""


def _events(rule: nodes.Received | nodes.Did, now: Now) -> Condition:
    """Of these kinds, up to now."""
    parts = [filled("kind = {kind}", kind=value(KINDS[rule.op])), filled("happened <= {now}", now=instant(now.at))]
    if rule.days:
        parts.append(filled("happened > {then}", then=instant(now.ago(rule.days))))
    if isinstance(rule, nodes.Received) and rule.campaign is not None:
        assert rule.campaigns is not None, "references are resolved before a rule is asked"
        parts.append(filled("campaign IN (SELECT unnest({ids}::VARCHAR[]))", ids=value(list(rule.campaigns))))
    return Condition(" AND ".join(part.sql for part in parts), tuple(v for part in parts for v in part.parameters))


def measured(rule: nodes.Received | nodes.Did, customer_id: str, now: Now) -> Condition:
    """A query for what the rule says something about: when it happened last, how often, for how much."""
    what = "max(happened)" if isinstance(rule, nodes.Received) else MEASURED[rule.measure]
    return filled(
        f"SELECT {what} FROM events WHERE customer = {{customer}} AND {{those}}",
        customer=value(customer_id),
        those=_events(rule, now),
    )


def about_events(rule: Rule) -> bool:
    """Whether the table `events` is needed."""
    return any(isinstance(one, nodes.Received | nodes.Did) for one in walk(rule))
