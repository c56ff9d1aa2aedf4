"""How a field's values are spread over the people a rule finds."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from common.audience.reader import Audience
from common.money import decimal
from common.rules.fields import Field, field_named
from common.rules.nodes import Rule
from common.rules.sql import Condition, Now, at, filled, value, where

MOST_VALUES = 20
NICE = (1, 2, 5, 10)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1) // MICROSECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = (one.replace(tzinfo=UTC) for one in (datetime.min, datetime.max))
LARGEST = sys.float_info.max
NARROWEST = 1e-300  # below this, powers of ten vanish

Edge = float | datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    low: Edge  # from here on
    high: Edge  # and before this
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """Bins of numbers and dates, or the most frequent values of texts."""

    count: int  # people
    missing: int  # without a value
    bins: list[Bin] = field(default_factory=list)
    values: list[tuple[str, int]] = field(default_factory=list)
    others: int = 0  # with a value that is none of these


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    number: Condition  # the value as a number
    unit: float  # no bin is narrower
    edge: Callable[[float], Edge]  # as near to it as can be written


async def histogram(audience: Audience, rule: Rule, now: datetime, of: str, *, bins: int = 20) -> Histogram:
    """Raises an error of the rule language where there is no such field.

    Days begin where they do in the audience's time zone as its clocks are set now, also those of the other half of a
    year with summer time.
    """
    measured = field_named(of)
    ready = await audience.ready(rule, now)
    among = where(rule, ready)
    scale = _scale(measured, ready)
    found = await _binned(audience, scale, among, bins) if scale else None
    return found or await _listed(audience, measured, among)


def _scale(of: Field, now: Now) -> Scale | None:
    match of.kind:
        case "money":
            return Scale(number=Condition(of.column), unit=1, edge=lambda minor: decimal(int(minor)))
        case "whole":
            return Scale(number=Condition(of.column), unit=1, edge=int)
        case "date":
            ahead = (now.today().utcoffset() or timedelta()) // MICROSECOND
            number = filled(f"(epoch_us({of.column}) + {{ahead}})", ahead=value(ahead))
            return Scale(number=number, unit=DAY, edge=lambda passed: _instant(passed - ahead))
        case "any":
            return Scale(number=at("number_at", of), unit=0, edge=lambda x: max(-LARGEST, min(LARGEST, float(x))))
    return None


def _instant(passed: float) -> datetime:
    """So many microseconds after the epoch, or where the calendar ends."""
    try:
        return EPOCH + timedelta(microseconds=passed)
    except OverflowError:
        return FIRST if passed < 0 else LAST


async def _binned(audience: Audience, scale: Scale, among: Condition, bins: int) -> Histogram | None:
    """None where nobody has a number there."""
    numbers = filled("(SELECT {number} AS x FROM customers WHERE {among})", number=scale.number, among=among)
    sql = f"SELECT count(*), count(x), min(x), max(x) FROM {numbers.sql}"
    [(people, known, low, high)] = await audience.select(sql, numbers.parameters)
    if not known and scale.unit == 0:
        return None
    missing = people - known
    if not known:
        return Histogram(count=people, missing=missing)
    width = nice(min(high - low, LARGEST) / bins, scale.unit)
    place = filled("floor(x / {width})", width=value(width))
    sql = f"SELECT {place.sql}, count(*) FROM {numbers.sql} WHERE x IS NOT NULL GROUP BY 1"
    rows = await audience.select(sql, [*place.parameters, *numbers.parameters])
    found = {int(number): count for number, count in rows}
    places = range(min(found), max(found) + 1)
    counted = [
        Bin(low=scale.edge(one * width), high=scale.edge((one + 1) * width), count=found.get(one, 0)) for one in places
    ]
    return Histogram(count=people, missing=missing, bins=counted)


def nice(width: float, unit: float) -> float:
    """1, 2 or 5 times a power of ten times the unit, at least as wide as that."""
    if width <= max(unit, NARROWEST):
        return unit or 1
    power = 10.0 ** math.floor(math.log10(width / (unit or 1)))
    step = next(step for step in NICE if step * power * (unit or 1) >= width * 0.999_999)
    found = step * power * (unit or 1)
    return int(found) if unit else found


async def _listed(audience: Audience, of: Field, among: Condition) -> Histogram:
    text = Condition(f"nullif({of.column}, '')") if of.kind == "text" else _members(of)
    texts = filled("(SELECT {text} AS x FROM customers WHERE {among})", text=text, among=among)
    [(people, known)] = await audience.select(f"SELECT count(*), count(x) FROM {texts.sql}", texts.parameters)
    each = f"SELECT unnest(x) AS x FROM {texts.sql}" if of.kind == "list" else f"SELECT x FROM {texts.sql}"
    sql = (
        f"SELECT min(x), count(*) FROM ({each}) WHERE x IS NOT NULL GROUP BY lower(x) "
        f"ORDER BY count(*) DESC, lower(min(x)) LIMIT {MOST_VALUES}"
    )
    values = await audience.select(sql, texts.parameters)
    others = 0 if of.kind == "list" else known - sum(number for _, number in values)
    return Histogram(count=people, missing=people - known, values=[*values], others=others)


def _members(of: Field) -> Condition:
    if of.kind == "list":
        return Condition(f"CASE WHEN len({of.column}) > 0 THEN {of.column} END")
    return at("written_at", of)
