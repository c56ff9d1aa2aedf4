"""How many customers were in a segment on each of the last days: what is stored with the segment, and in responses.

Only days on which somebody counted have a size: the day on which the segment was saved, and each day on which the
audience index was reconciled (`lifecycle/daily_sizes.py`). No other day is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

MAX_DAYS = 30


class SegmentSize(BaseModel):
    """The size of a segment on a day of the deployment's time zone."""

    day: date
    count: int


def add_size(sizes: Mapping[str, int], day: date, count: int) -> dict[str, int]:
    """The stored sizes, by ISO date, with that of one more day; those of the latest 30 days that have one."""
    added = {**sizes, day.isoformat(): count}
    return {name: added[name] for name in sorted(added)[-MAX_DAYS:]}


def sizes_from_stored(sizes: Mapping[str, int]) -> list[SegmentSize]:
    """The oldest day first."""
    return [SegmentSize(day=date.fromisoformat(name), count=sizes[name]) for name in sorted(sizes)]
