"""Dates and instants that rules compare with: written out, or relative to today."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pydantic import BaseModel, ConfigDict, Field, StrictInt

MAX_DAYS = 36_500
YEAR_PATTERN = "([1-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])"
TIME_PATTERN = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?"
OFFSET_PATTERN = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
DATE_PATTERN = f"{YEAR_PATTERN}-[0-9]{{2}}-[0-9]{{2}}([T ]{TIME_PATTERN}{OFFSET_PATTERN}?)?"
"""The one accepted way to write a date, because everyone reads it alike. DuckDB uses the same pattern. The range of
years is such that a conversion between time zones never leaves the calendar."""

WITH_OFFSET_PATTERN = f".*[T ].*{OFFSET_PATTERN}"
"""Dates that carry a UTC offset. Dates without one are in the deployment's time zone."""


class RelativeDay(BaseModel):
    """A day counted from today in the deployment's time zone: 0 is today, 1 yesterday, -1 tomorrow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days_ago: StrictInt = Field(ge=-MAX_DAYS, le=MAX_DAYS)


Value = bool | int | float | str | RelativeDay


def is_whole_day(value: str) -> bool:
    """True for a valid date without a time of day."""
    return len(value) == len("2026-01-31")


def is_date(value: object) -> bool:
    return isinstance(value, RelativeDay) or (isinstance(value, str) and span(value) is not None)


def span(value: str, zone: tzinfo = UTC) -> tuple[datetime, datetime] | None:
    """Begin (inclusive) and end (exclusive) of a date or an instant, in UTC.

    A date lasts a day, an instant lasts a microsecond. None if the text is not a date.
    """
    if not re.fullmatch(DATE_PATTERN, value):
        return None
    try:
        if is_whole_day(value):
            return _day_span(date.fromisoformat(value), zone)
        begin = _parse_instant(value, zone)
        return begin, begin + timedelta(microseconds=1)
    except ValueError:  # the calendar has no such day
        return None


def resolve_span(value: str | RelativeDay, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Like `span`, also for a day relative to today. The value must be a valid date: validation has checked it."""
    if isinstance(value, RelativeDay):
        return _day_span(now.astimezone(zone).date() - timedelta(days=value.days_ago), zone)
    interval = span(value, zone)
    assert interval is not None, "validated with the tree"
    return interval


def _day_span(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From local midnight to local midnight: a day may have 23 or 25 hours."""
    begin, end = (datetime.combine(midnight, time(), zone) for midnight in (day, day + timedelta(days=1)))
    return begin.astimezone(UTC), end.astimezone(UTC)


def _parse_instant(value: str, zone: tzinfo) -> datetime:
    parsed = datetime.fromisoformat(value)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
