"""How many customers there were at the end of each of the last days."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.audience.growth import count_by_day
from common.ids import bucket_of
from tests.audience_fixture import audience_of
from tests.oracle import NOW, ZONE
from tests.support import examples

DAYS = 5


async def growth_of(created: list[datetime | None], now: datetime = NOW) -> tuple[date, list[int]]:
    """The growth of customers who were created at these moments."""
    people = {
        f"p{number}": {"bucket": bucket_of(f"p{number}"), "version": 1} | ({"created_at": at} if at else {})
        for number, at in enumerate(created)
    }
    return await count_by_day(await audience_of(people), now, days=DAYS)


@settings(max_examples=examples(30))
@given(st.lists(st.datetimes(NOW.replace(tzinfo=None) - timedelta(days=9), NOW.replace(tzinfo=None)), max_size=12))
def test_each_day_has_those_who_were_created_until_its_end(moments: list[datetime]) -> None:
    """The numbers are the same as those that are counted one day after the other."""
    created = [moment.replace(tzinfo=UTC) for moment in moments]
    first, found = asyncio.run(growth_of(list(created)))
    days = [first + timedelta(days=number) for number in range(DAYS)]
    assert days[-1] == NOW.astimezone(ZONE).date()
    assert found == [sum(at.astimezone(ZONE).date() <= day for at in created) for day in days]


@pytest.mark.parametrize(
    ("created", "number"),
    [
        (None, 0),  # nobody knows when: it was before
        (NOW - timedelta(days=400), 0),
        (NOW + timedelta(days=3), 4),  # another clock is ahead: the customer is there today
        (datetime(2026, 11, 22, 18, 29, 59, tzinfo=UTC), 3),  # the last second of yesterday in India
        (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), 4),
    ],
)
async def test_customer_counts_from_their_day_on(created: datetime | None, number: int) -> None:
    """Also one of an unknown day, of long ago, of the future, and one at midnight."""
    _, found = await growth_of([created])
    assert found == [0] * number + [1] * (DAYS - number)
