"""The fields of a customer that rules can speak of, and which values each can be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from pydantic_core import PydanticCustomError

Kind = Literal["text", "money", "whole", "date"]
Value = str | int | float

LARGEST_NUMBER = 10**12
LONGEST_TEXT = 1_000
MINOR_UNITS = 100
"""Money is an integer in minor units inside, a decimal in the deployment's currency in rules."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind


FIELDS = {
    field.name: field
    for field in (
        Field("external_id", "text"),
        Field("name", "text"),
        Field("email", "text"),
        Field("phone", "text"),
        Field("city", "text"),
        Field("timezone", "text"),
        Field("spend", "money"),
        Field("visits", "whole"),
        Field("orders", "whole"),
        Field("active_days", "whole"),  # on how many days there was an order or a visit
        Field("last_active_at", "date"),
        Field("created_at", "date"),
        Field("updated_at", "date"),
    )
}


def field_named(name: str) -> Field:
    if name in FIELDS:
        return FIELDS[name]
    nearest = get_close_matches(name[:40].lower(), FIELDS, n=1, cutoff=0.5)
    advice = f"did you mean {nearest[0]}?" if nearest else f"the fields are {', '.join(FIELDS)}"
    raise wrong("unknown_field", f"there is no field {shown(name)}: {advice}")


def comparable(field: Field, value: object) -> Value:
    """The value as the tree keeps it; raises an error that says what the field can be compared with."""
    if field.kind in {"money", "whole"}:
        return _number(field, value)
    text = _text(field, value)
    if field.kind == "date":
        span(text)
    return text


def _number(field: Field, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("type", f"{field.name} is a number: compare it with a number")
    if not abs(value) <= LARGEST_NUMBER:  # put so, it refuses what is not a number too
        raise wrong("too_large", f"numbers may go up to {LARGEST_NUMBER:,}")
    places = 2 if field.kind == "money" else 0
    if _exact(value) != round(_exact(value), places):
        at_most = "has at most two decimals" if places else "is a whole number"
        raise wrong("type", f"{field.name} {at_most}: {value} cannot be compared with it")
    return int(value) if value == int(value) else value


def _text(field: Field, value: object) -> str:
    kind = "date" if field.kind == "date" else "text"
    if not isinstance(value, str):
        raise wrong("type", f'{field.name} is a {kind}: compare it with a {kind} in quotes, like "{_example(field)}"')
    if not value:
        raise wrong("type", "an empty text counts as missing, and no comparison finds what is missing")
    if len(value) > LONGEST_TEXT:
        raise wrong("too_long", f"a text to compare with may have {LONGEST_TEXT:,} characters")
    if value != _storable(value):
        raise wrong("type", "the text holds half a character (a lone surrogate)")
    return value


def _example(field: Field) -> str:
    return "2026-01-31" if field.kind == "date" else "Mumbai"


def shown(text: str) -> str:
    """A piece of what the caller wrote, fit for an error message."""
    return f'"{_storable(text[:40])}{"…" if len(text) > 40 else ""}"'


def _storable(text: str) -> str:
    return text.encode(errors="replace").decode()


def minor_units(value: int | float) -> int:
    return int(_exact(value) * MINOR_UNITS)


def _exact(value: int | float) -> Decimal:
    """0.1 is a tenth, as it was written, not the nearest binary fraction."""
    return Decimal(str(value))


def span(value: str) -> tuple[datetime, datetime]:
    """From when (inclusive) until when a date or an instant lasts: a day, or a microsecond."""
    try:
        if is_day(value):
            begin, length = datetime.combine(date.fromisoformat(value), time(), UTC), timedelta(days=1)
        else:
            begin, length = _instant(value), timedelta(microseconds=1)
        return begin, begin + length
    except (ValueError, OverflowError):
        message = f"{shown(value)} is not a date: write 2026-01-31, or 2026-01-31T18:30:00Z"
        raise wrong("type", message) from None


def is_day(value: str) -> bool:
    return len(value) == len("2026-01-31")


def _instant(value: str) -> datetime:
    """An instant without an offset is in UTC."""
    parsed = datetime.fromisoformat(value)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def wrong(code: str, message: str) -> PydanticCustomError:
    """An error that pydantic places: it knows which part of the tree was being read. The text is not a template."""
    return PydanticCustomError(code, "{message}", {"message": message})
