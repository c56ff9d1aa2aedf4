"""Days in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from common.catalogue.fields import Language

DateOrder = Literal["dmy", "mdy", "ymd"]
"""Which of day, month and year stand first in a date such as 03/04/2026."""

MONTH_FIRST = frozenset({"US", "PH", "FM", "GU", "MH", "PW", "PR", "AS", "VI", "MP", "BZ"})
YEAR_FIRST = frozenset({"CN", "JP", "KR", "TW", "HU", "LT", "MN", "SE", "IR"})


def usual_date_order(country: str) -> DateOrder:
    """The order in which people of the country write a date."""
    return "mdy" if country in MONTH_FIRST else "ymd" if country in YEAR_FIRST else "dmy"


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split(", "))


MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": _split("January, February, March, April, May, June, July, August, September, October, November, December"),
    "hi": _split("जनवरी, फ़रवरी, मार्च, अप्रैल, मई, जून, जुलाई, अगस्त, सितंबर, अक्टूबर, नवंबर, दिसंबर"),
}


def day_in_words(day: date, language: Language) -> str:
    """`26 November 2026`, `26 नवंबर 2026`."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"
