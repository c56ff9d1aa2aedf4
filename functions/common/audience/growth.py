"""How many customers there were at the end of each of the last days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import accumulate

from common.audience.reader import EVERYONE, Audience

MICROSECONDS_A_DAY = timedelta(days=1) // timedelta(microseconds=1)


async def count_by_day(audience: Audience, now: datetime, *, days: int) -> tuple[date, list[int]]:
    """The first of the last `days` days, and the customers at the end of each day; the last day is today.

    These are the customers of now, by the day on which each was created: who was erased meanwhile is in none of the
    numbers. Days begin at midnight in the audience's time zone with its present UTC offset.
    """
    today = (await audience.prepare(EVERYONE, now)).start_of_today()
    start = today - timedelta(days=days - 1)
    number = f"least(floor((epoch_us(created_at) - epoch_us(?)) / {MICROSECONDS_A_DAY}), {days - 1})"
    new = dict(
        await audience.select(
            f"SELECT CAST({number} AS INTEGER), count(*) FROM customers WHERE created_at >= ? GROUP BY 1",
            [start, start],
        )
    )
    before = await audience.count_all() - sum(new.values())
    return start.date(), list(accumulate((new.get(day, 0) for day in range(days)), initial=before))[1:]
