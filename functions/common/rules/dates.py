"""Days and instants that rules compare with: written out, or relative to now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pydantic import BaseModel, ConfigDict, StrictInt
from pydantic import Field as Limited

MOST_DAYS = 36_500
YEAR = "([1-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])"
TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?"
OFFSET = "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
DATE = f"{YEAR}-[0-9]{{2}}-[0-9]{{2}}([T ]{TIME}{OFFSET}?)?"
"""Of the many ways to write a date the one that everybody reads alike; DuckDB is given the same pattern. Years are
such that a time zone never leads out of the calendar."""

WITH_OFFSET = f".*[T ].*{OFFSET}"
"""Of dates: those that say themselves how far they are from UTC. Others are in the deployment's time zone."""


class Day(BaseModel):
    """A day counted from today in the deployment's time zone: 0 is today, 1 yesterday, -1 tomorrow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days_ago: StrictInt = Limited(ge=-MOST_DAYS, le=MOST_DAYS)


Value = bool | int | float | str | Day


def is_day(value: str) -> bool:
    return len(value) == len("2026-01-31")


def is_date(value: object) -> bool:
    return isinstance(value, Day) or (isinstance(value, str) and span(value) is not None)


def span(value: str, zone: tzinfo = UTC) -> tuple[datetime, datetime] | None:
    """From when (inclusive) until when a date or an instant lasts: a day, or a microsecond. None: it is no date."""
    if not re.fullmatch(DATE, value):
        return None
    try:
        if is_day(value):
            return _whole(date.fromisoformat(value), zone)
        begin = _instant(value, zone)
        return begin, begin + timedelta(microseconds=1)
    except ValueError:  # the calendar has no such day
        return None


def span_of(value: str | Day, now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The same, for a day that is counted from now too. The value was checked before."""
    if isinstance(value, Day):
        return _whole(now.astimezone(zone).date() - timedelta(days=value.days_ago), zone)
    found = span(value, zone)
    assert found is not None, "checked with the tree"
    return found


def _whole(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From midnight to midnight as the clocks there show it: a day may have 23 or 25 hours."""
    begin, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    return begin.astimezone(UTC), end.astimezone(UTC)


def _instant(value: str, zone: tzinfo) -> datetime:
    parsed = datetime.fromisoformat(value)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
