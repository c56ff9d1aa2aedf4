"""The rule language once more, in plain Python, and random rules and customers to compare it on."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from common.ids import bucket_of
from common.rules import AllOf, AnyOf, Comparison, Everyone, Inactive, Rule
from common.rules.fields import FIELDS

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def matches(rule: Rule, customer: Mapping[str, Any], now: datetime) -> bool:
    match rule:
        case Everyone():
            return True
        case Inactive(days=days):
            last = customer.get("last_active_at")
            return last is not None and now - last >= timedelta(days=days)
        case AllOf(of=parts):
            return all(matches(part, customer, now) for part in parts)
        case AnyOf(of=parts):
            return any(matches(part, customer, now) for part in parts)
        case Comparison(field=field, op=op, value=value):
            found = customer.get(field)
            return found not in {None, ""} and COMPARED[op](*_alike(field, found, value))


def _alike(field: str, found: Any, value: Any) -> tuple[Any, Any]:
    match FIELDS[field].kind:
        case "text":
            return found.lower(), value.lower()
        case "money":
            return Decimal(found) / 100, Decimal(str(value))
        case "whole":
            return found, value
        case "date" if len(value) == 10:
            return found.astimezone(UTC).date(), date.fromisoformat(value)
        case "date":
            instant = datetime.fromisoformat(value)
            return found, instant if instant.tzinfo else instant.replace(tzinfo=UTC)


# Text whose lower case nobody disputes, with what SQL and the grammar treat specially.
TEXTS = st.text("aAbBzéÉñÑß漢हि'\"\\%_;-() \n\x00", min_size=1, max_size=6) | st.sampled_from(
    ["' OR 1=1 --", "AND", "everyone", "Mumbai", "mumbai", "MUMBAI", "NULL", "🙂"]
)
MONEY = st.integers(-(10**14), 10**14) | st.integers(-300, 300) | st.sampled_from([999_999, 1_000_000, 1_000_001])
WHOLE = st.integers(-(10**12), 10**12) | st.integers(-3, 3)
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)) | st.sampled_from(
    [NOW + timedelta(microseconds=by) for by in (-1, 0, 1)]
    + [datetime(2026, 3, day, tzinfo=UTC) + timedelta(microseconds=by) for day in (1, 2) for by in (-1, 0, 1)]
)
DATES = (
    INSTANTS.map(lambda at: at.date().isoformat())
    | INSTANTS.map(datetime.isoformat)
    | st.sampled_from(["2026-03-01", "2026-03-01T00:00", "2026-03-01T05:30:00+05:30"])
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "money": MONEY.map(lambda minor: float(Decimal(minor) / 100)),
    "whole": WHOLE,
    "date": DATES,
}
STORED: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS | st.just(""),
    "money": MONEY | st.just(2**63 - 1),
    "whole": WHOLE | st.just(-(2**63)),
    "date": INSTANTS,
}


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(st.sampled_from(list(FIELDS.values())))
    return {"op": draw(st.sampled_from(list(COMPARED))), "field": field.name, "value": draw(VALUES[field.kind])}


inactives = st.builds(lambda days: {"op": "inactive", "days": days}, st.integers(1, 400) | st.sampled_from([1, 36_500]))

trees: st.SearchStrategy[dict[str, Any]] = st.recursive(
    comparisons() | inactives | st.just({"op": "everyone"}),
    lambda parts: st.builds(
        lambda op, of: {"op": op, "of": of}, st.sampled_from(["and", "or"]), st.lists(parts, min_size=1, max_size=4)
    ),
    max_leaves=8,
)
"""As JSON; groups of one among them."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def customers(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Stored customers by id. Any field may be missing, or there and None."""
    found = {}
    for number in range(draw(st.integers(1, 8))):
        fields = {name: STORED[field.kind] | st.none() for name, field in FIELDS.items()}
        customer = draw(st.fixed_dictionaries({}, optional=fields))
        found[f"person-{number}"] = customer | {"bucket": bucket_of(f"person-{number}"), "version": number + 1}
    return found
