"""The distribution of a field's values over the customers that a rule matches."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial

from common.audience.reader import Audience
from common.money import to_major_units
from common.rules.fields import RuleField, field_named
from common.rules.nodes import Rule
from common.rules.sql import Condition, ReferenceTime, compose, json_macro, parameter, where

MAX_VALUES = 20
NICE_STEPS = (1, 2, 5, 10)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1) // MICROSECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MIN_INSTANT, MAX_INSTANT = (instant.replace(tzinfo=UTC) for instant in (datetime.min, datetime.max))
MAX_FLOAT = sys.float_info.max
MIN_WIDTH = 1e-300  # below this, powers of ten underflow

Edge = float | datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """A range of values with the number of customers in it."""

    low: Edge  # inclusive
    high: Edge  # exclusive
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """Bins of numbers and dates, or the most frequent values of texts."""

    count: int  # customers that the rule matches
    missing: int  # of these, without a value
    bins: list[Bin] = field(default_factory=list)
    values: list[tuple[str, int]] = field(default_factory=list)
    others: int = 0  # with another value than those listed


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """How the values of a field become numbers, and numbers become the edges of bins."""

    number: Condition  # the value as a number
    unit: float  # the minimum width of a bin; 0 if there is none
    edge: Callable[[float], Edge]  # the nearest value that the field can have


async def histogram(audience: Audience, rule: Rule, now: datetime, field_name: str, *, bins: int = 20) -> Histogram:
    """The histogram of a field. Raises a rule error if there is no such field.

    Days begin at midnight in the audience's time zone with its present UTC offset, also for dates at which daylight
    saving time gives another offset.
    """
    rule_field = field_named(field_name)
    reference = await audience.prepare(rule, now)
    condition = where(rule, reference)
    scale = _scale(rule_field, reference)
    binned = await _count_bins(audience, scale, condition, bins) if scale else None
    return binned or await _count_values(audience, rule_field, condition)


def _scale(rule_field: RuleField, now: ReferenceTime) -> Scale | None:
    """None for a field whose values are not numbers or dates."""
    match rule_field.kind:
        case "money":
            return Scale(number=Condition(rule_field.column), unit=1, edge=lambda minor: to_major_units(int(minor)))
        case "whole":
            return Scale(number=Condition(rule_field.column), unit=1, edge=int)
        case "date":
            offset = now.start_of_today().utcoffset() or timedelta()
            microseconds = offset // MICROSECOND
            number = compose(f"(epoch_us({rule_field.column}) + {{offset}})", offset=parameter(microseconds))
            edge = partial(_to_instant, zone=timezone(offset))
            return Scale(number=number, unit=DAY, edge=lambda local: edge(local - microseconds))
        case "any":
            return Scale(number=json_macro("number_at", rule_field), unit=0, edge=_clamp)
    return None


def _clamp(number: float) -> float:
    """The number, or the largest finite one with its sign."""
    return max(-MAX_FLOAT, min(MAX_FLOAT, float(number)))


def _to_instant(since_epoch: float, *, zone: tzinfo) -> datetime:
    """The instant after so many microseconds since the epoch, limited to the calendar.

    It has the offset of the zone, so that its day can be read from it.
    """
    try:
        return (EPOCH + timedelta(microseconds=since_epoch)).astimezone(zone)
    except OverflowError:
        return MIN_INSTANT if since_epoch < 0 else MAX_INSTANT


async def _count_bins(audience: Audience, scale: Scale, condition: Condition, bins: int) -> Histogram | None:
    """None if the field is an attribute without any number."""
    template = "(SELECT {number} AS x FROM customers WHERE {condition})"
    numbers = compose(template, number=scale.number, condition=condition)
    sql = f"SELECT count(*), count(x), min(x), max(x) FROM {numbers.sql}"
    [(count, present, low, high)] = await audience.select(sql, numbers.parameters)
    if not present and scale.unit == 0:
        return None
    missing = count - present
    if not present:
        return Histogram(count=count, missing=missing)
    width = nice_bin_width(min(high - low, MAX_FLOAT) / bins, scale.unit)
    bin_number = compose("floor(x / {width})", width=parameter(width))
    sql = f"SELECT {bin_number.sql}, count(*) FROM {numbers.sql} WHERE x IS NOT NULL GROUP BY 1"
    rows = await audience.select(sql, [*bin_number.parameters, *numbers.parameters])
    counts = {int(number): size for number, size in rows}
    filled = [
        Bin(low=scale.edge(number * width), high=scale.edge((number + 1) * width), count=counts.get(number, 0))
        for number in range(min(counts), max(counts) + 1)
    ]
    return Histogram(count=count, missing=missing, bins=filled)


def nice_bin_width(width: float, unit: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten times the unit that is at least `width`."""
    if width <= max(unit, MIN_WIDTH):
        return unit or 1
    power = 10.0 ** math.floor(math.log10(width / (unit or 1)))
    step = next(step for step in NICE_STEPS if step * power * (unit or 1) >= width * 0.999_999)
    nice_width = step * power * (unit or 1)
    return int(nice_width) if unit else nice_width


async def _count_values(audience: Audience, rule_field: RuleField, condition: Condition) -> Histogram:
    """The most frequent values, ignoring case."""
    is_list = rule_field.kind == "list"
    template = "(SELECT {text} AS x FROM customers WHERE {condition})"
    texts = compose(template, text=_text_value(rule_field), condition=condition)
    [(count, present)] = await audience.select(f"SELECT count(*), count(x) FROM {texts.sql}", texts.parameters)
    members = f"SELECT unnest(x) AS x FROM {texts.sql}" if is_list else f"SELECT x FROM {texts.sql}"
    sql = (
        f"SELECT min(x), count(*) FROM ({members}) WHERE x IS NOT NULL GROUP BY lower(x) "
        f"ORDER BY count(*) DESC, lower(min(x)) LIMIT {MAX_VALUES}"
    )
    values = await audience.select(sql, texts.parameters)
    others = 0 if is_list else present - sum(number for _, number in values)
    return Histogram(count=count, missing=count - present, values=[*values], others=others)


def _text_value(rule_field: RuleField) -> Condition:
    """The value as text, or the list of texts; NULL if it is missing or empty."""
    column = rule_field.column
    match rule_field.kind:
        case "text":
            return Condition(f"nullif({column}, '')")
        case "list":
            return Condition(f"CASE WHEN len({column}) > 0 THEN {column} END")
    return json_macro("written_at", rule_field)
