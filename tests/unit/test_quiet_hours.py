"""Quiet hours: by the clock of a place, over midnight, and when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.quiet_hours import QuietHours

KOLKATA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
NIGHT = QuietHours.parse("21:00-09:00")
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("local", "end"),
    [
        ("2026-11-27 20:59", None),
        ("2026-11-27 21:00", "2026-11-28 09:00"),
        ("2026-11-27 23:59", "2026-11-28 09:00"),
        ("2026-11-28 00:00", "2026-11-28 09:00"),
        ("2026-11-28 08:59", "2026-11-28 09:00"),
        ("2026-11-28 09:00", None),
    ],
)
@pytest.mark.parametrize("zone", [KOLKATA, BERLIN, UTC])
def test_night_ends_in_the_morning_of_the_place(local: str, end: str | None, zone: ZoneInfo) -> None:
    """The start is in it, the end is not."""
    now = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    expected = datetime.fromisoformat(end).replace(tzinfo=zone).astimezone(UTC) if end else None
    assert NIGHT.end_after(now, zone) == expected


def test_hours_within_one_day_end_on_that_day() -> None:
    """A siesta."""
    siesta = QuietHours.parse("13:00-16:30")
    assert siesta.end_after(datetime(2026, 11, 27, 14, tzinfo=UTC), UTC) == datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
    assert siesta.end_after(datetime(2026, 11, 27, 17, tzinfo=UTC), UTC) is None


@given(start=times, end=times, now=moments, zone=st.sampled_from([KOLKATA, BERLIN, ZoneInfo("America/New_York")]))
def test_end_is_ahead_and_not_quiet(start: time, end: time, now: datetime, zone: ZoneInfo) -> None:
    """Whoever waits until the end may be written to then, and has waited for a day at most, whatever the clocks do."""
    if start == end:
        return
    hours = QuietHours(start, end)
    until = hours.end_after(now, zone)
    if until is not None:
        assert 0 < (until - now).total_seconds() <= 25 * 3600
        assert hours.end_after(until, zone) is None or _clocks_change(until, zone)


def _clocks_change(at: datetime, zone: ZoneInfo) -> bool:
    """Whether the place's clock shows the hour of this moment twice, or jumps over it."""
    hours = [at.timestamp() + 3600 * shift for shift in (-2, 2)]
    offsets = {datetime.fromtimestamp(hour, zone).utcoffset() for hour in hours}
    return len(offsets) > 1


@pytest.mark.parametrize("text", ["", "21-9", "9:00-21:00", "24:00-09:00", "21:00-09:60", "21:00", "10:00-10:00", "x"])
def test_anything_else_is_refused(text: str) -> None:
    """With an example of what is right."""
    with pytest.raises(ValueError, match=r"21:00-09:00|never"):
        QuietHours.parse(text)


@pytest.mark.parametrize(
    ("zone", "hour", "jump"),
    [
        ("Africa/Cairo", 0, "2026-04-23T22:00:00+00:00"),
        ("America/Santiago", 0, "2026-09-06T04:00:00+00:00"),
        ("America/New_York", 2, "2026-03-08T07:00:00+00:00"),
        ("Europe/Berlin", 2, "2026-03-29T01:00:00+00:00"),
    ],
)
def test_hour_that_the_clock_jumps_over_is_the_one_after_the_jump(zone: str, hour: int, jump: str) -> None:
    """Who is written to in this hour only does not wait for another day, and the end that is named is the true one."""
    place, at = ZoneInfo(zone), datetime.fromisoformat(jump)
    hours = QuietHours.all_but(hour)
    before = at - timedelta(minutes=30)
    assert hours.end_after(before, place) == at
    assert hours.end_after(at, place) is None
    assert hours.end_after(at + timedelta(minutes=59), place) is None
    later = hours.end_after(at + timedelta(minutes=60), place)
    assert later is not None
    assert later.astimezone(place).time() == time(hour)
