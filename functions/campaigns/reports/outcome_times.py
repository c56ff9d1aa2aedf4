"""Outcomes over time, in buckets that fit the run: seconds at its beginning, then minutes, hours, days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

Moments = Mapping[datetime, Mapping[str, int]]
"""Outcomes by kind, for each moment at which there was one."""

MAX_BUCKETS = 120
BUCKET_SECONDS = (1, 2, 5, 10, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800)
MINUTE = 60


def bucket_outcomes(minutes: Moments, seconds: Moments) -> tuple[int, dict[datetime, dict[str, int]]]:
    """The length of a bucket in seconds, and the outcomes in each from the first to the last, also in empty ones.

    The smallest length with at most `MAX_BUCKETS` is chosen. `seconds` may be incomplete, as it is for long campaigns
    and for those that older code has counted: then no bucket is shorter than a minute.
    """
    if not minutes:
        return MINUTE, {}
    is_detailed = _total(minutes) == _total(seconds)
    moments = seconds if is_detailed else minutes
    shortest = 1 if is_detailed else MINUTE
    span = (max(moments) - min(moments)).total_seconds()
    length = next(
        (size for size in BUCKET_SECONDS if size >= shortest and span / size < MAX_BUCKETS), BUCKET_SECONDS[-1]
    )
    return length, _fill(moments, length)


def _total(moments: Moments) -> Counter[str]:
    total: Counter[str] = Counter()
    for kinds in moments.values():
        total.update(kinds)
    return total


def _fill(moments: Moments, length: int) -> dict[datetime, dict[str, int]]:
    first, last = _start(min(moments), length), _start(max(moments), length)
    step = timedelta(seconds=length)
    buckets: dict[datetime, Counter[str]] = {first + n * step: Counter() for n in range((last - first) // step + 1)}
    for moment, kinds in moments.items():
        buckets[_start(moment, length)].update(kinds)
    return {start: dict(kinds) for start, kinds in buckets.items()}


def _start(moment: datetime, length: int) -> datetime:
    """The start of the bucket, in UTC."""
    return datetime.fromtimestamp(moment.timestamp() // length * length, UTC)
