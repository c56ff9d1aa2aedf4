"""Days in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from common.catalogue.fields import Language


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split(", "))


MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": _split("January, February, March, April, May, June, July, August, September, October, November, December"),
    "hi": _split("जनवरी, फ़रवरी, मार्च, अप्रैल, मई, जून, जुलाई, अगस्त, सितंबर, अक्टूबर, नवंबर, दिसंबर"),
}


def day_in_words(day: date, language: Language) -> str:
    """`26 November 2026`, `26 नवंबर 2026`."""
    return f"{day.day} {MONTHS[language][day.month - 1]} {day.year}"
