"""The time zones of people, in the spellings that files have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

ALIASES: Mapping[str, str] = {"ist": "Asia/Kolkata", "india standard time": "Asia/Kolkata"}
"""Names that are in no database. IST is India's here, as a phone number without a country code is."""

ZONES_OF_HALF_HOURS: Mapping[int, str] = {
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    570: "Australia/Darwin",
}
"""By minutes east of UTC: zones that have this offset all year. Whole hours have zones of their own."""

_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+\-\N{MINUS SIGN}])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE | re.ASCII)


def time_zone_name(text: str) -> str | None:
    """The name of a time zone in any case, or for `IST`, `UTC+05:30`, `GMT+5:30`; None if nobody knows it."""
    plain = text.strip().removeprefix("(").removesuffix(")").strip()
    if offset := _OFFSET.fullmatch(plain):
        sign, hours, minutes = offset.groups()
        return _name_of_offset((int(hours) * 60 + int(minutes or 0)) * (1 if sign == "+" else -1))
    return _names().get(plain.casefold().replace(" ", "_")) or ALIASES.get(plain.casefold())


def _name_of_offset(minutes: int) -> str | None:
    """The zone that is this many minutes east of UTC all year."""
    if minutes % 60 == 0:
        east = minutes // 60  # the signs of these names are the other way round
        return _names().get(f"etc/gmt{-east:+d}" if east else "utc")
    return ZONES_OF_HALF_HOURS.get(minutes)


@cache
def _names() -> Mapping[str, str]:
    """The names by their lower case. Cached, because looking them up takes 3 ms: they are files."""
    return {name.casefold(): name for name in available_timezones()}
