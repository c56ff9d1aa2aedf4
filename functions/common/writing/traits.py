"""Traits: what the server says of a recipient, in words without figures, so that Gemini fits the text to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal, get_args

LONG_AWAY_DAYS = 90
RECENT_DAYS = 10
OFTEN_VISITS = 10
OFTEN_ORDERS = 5
ALL_TRAITS = ("first_name", "new", "no_order", "often", "loyal", "recent", "long_away", "season")
"""The names of the traits that a campaign may choose from."""
TRAIT_FIELDS: Mapping[str, str] = {
    "first_name": "name",
    "new": "orders",
    "no_order": "orders",
    "often": "visits",
    "loyal": "orders",
    "recent": "last_active_at",
    "long_away": "last_active_at",
    "season": "city",
}
"""The field that each trait is computed from."""

Trait = Literal[
    "we do not know their first name",
    "is new to us",
    "has looked around but not ordered yet",
    "is a new customer",
    "comes by often",
    "has ordered many times",
    "has been away for long",
    "was with us only recently",
    "it is winter where they live",
    "it is spring where they live",
    "it is hot summer where they live",
    "it is monsoon where they live",
    "it is autumn where they live",
]
"""What may be said of a recipient. A sentence that is right for some recipients only names these."""
TRAITS: tuple[Trait, ...] = get_args(Trait)

_SEASONS: Mapping[Trait, tuple[int, ...]] = {  # of most of India, by month
    "it is winter where they live": (12, 1, 2),
    "it is spring where they live": (3,),
    "it is hot summer where they live": (4, 5),
    "it is monsoon where they live": (6, 7, 8, 9),
    "it is autumn where they live": (10, 11),
}
_NAMES: Mapping[Trait, str] = {
    "we do not know their first name": "first_name",
    "is new to us": "no_order",
    "has looked around but not ordered yet": "no_order",
    "is a new customer": "new",
    "comes by often": "often",
    "has ordered many times": "loyal",
    "has been away for long": "long_away",
    "was with us only recently": "recent",
}


def traits_of(fields: Mapping[str, Any], *, today: date, allowed: tuple[str, ...] = ALL_TRAITS) -> list[Trait]:
    """The traits of a recipient with these plain fields, of those that the campaign allows."""
    found = dict(_traits(fields, today))
    return [words for name, words in found.items() if name in allowed]


def possible_traits(*, today: date, allowed: tuple[str, ...] = ALL_TRAITS) -> list[Trait]:
    """All that `traits_of` can say of anybody at this time of the year."""
    season = _season(today.month)
    return [
        trait for trait in TRAITS if _NAMES.get(trait, "season") in allowed and (trait in _NAMES or trait == season)
    ]


def _traits(fields: Mapping[str, Any], today: date) -> Iterator[tuple[str, Trait]]:
    """The names and the words of all traits."""
    visits, orders = _count(fields.get("visits")), _count(fields.get("orders"))
    if not fields.get("first_name"):
        yield "first_name", "we do not know their first name"
    if orders == 0:
        yield "no_order", "has looked around but not ordered yet" if visits else "is new to us"
    elif orders == 1 and (visits or 0) <= 2:
        yield "new", "is a new customer"
    if (visits or 0) > OFTEN_VISITS:
        yield "often", "comes by often"
    if (orders or 0) >= OFTEN_ORDERS:
        yield "loyal", "has ordered many times"
    yield from _absence(fields.get("last_active_at"), today)
    if fields.get("city"):
        yield "season", _season(today.month)


def _absence(last_active: Any, today: date) -> Iterator[tuple[str, Trait]]:
    """`last_active` is a day in the person's zone, `today` one in UTC: so the former may be a day ahead."""
    try:
        days = (today - date.fromisoformat(str(last_active)[:10])).days
    except ValueError:
        return
    if days > LONG_AWAY_DAYS:
        yield "long_away", "has been away for long"
    elif -1 <= days <= RECENT_DAYS:
        yield "recent", "was with us only recently"


def _season(month: int) -> Trait:
    return next(name for name, months in _SEASONS.items() if month in months)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
