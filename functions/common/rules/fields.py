"""The fields of a customer that rules can speak of, and which values each can be compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from pydantic_core import PydanticCustomError

from common.rules.dates import Day, Value, span

Kind = Literal["text", "money", "whole", "date", "list", "any"]
"""A customer's own attributes are of `any` kind: there the value decides as what they are compared."""

LARGEST_NUMBER = 10**12
LONGEST_TEXT = 1_000
MINOR_UNITS = 100
"""Money is an integer in minor units inside, a decimal in the deployment's currency in rules."""

LONGEST_NAME = 100
MOST_STEPS = 5
MAPS = ("attributes", "consent")
STEP = re.compile(r'\.(?:(\w+)|"((?:\\.|[^"\\])*)")')


@dataclass(frozen=True, slots=True)
class Field:
    name: str  # as rules write it
    kind: Kind
    path: tuple[str, ...] = ()  # of an attribute: the names that lead to it

    @property
    def column(self) -> str:
        return self.name.partition(".")[0]


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
        Field("average_order_value", "money"),  # missing for who has no order
        Field("active_days", "whole"),  # on how many days there was an order or a visit
        Field("last_active_at", "date"),
        Field("first_order_at", "date"),
        Field("created_at", "date"),
        Field("updated_at", "date"),
        Field("tags", "list"),
        Field("suppressed", "list"),  # those of email and phone that must not be written to
    )
}


def field_named(name: str) -> Field:
    """The field of that name: one of `FIELDS`, in any case, or `attributes.plan.price`, or `consent.email`."""
    column, dot, _ = name.partition(".")
    if dot and column.lower() in MAPS:
        return _within(column.lower(), name)
    if name.lower() in FIELDS:
        return FIELDS[name.lower()]
    nearest = get_close_matches(name[:40].lower(), FIELDS, n=1, cutoff=0.5)
    known = f"the fields are {', '.join(FIELDS)}, and attributes.anything"
    raise wrong(
        "unknown_field", f"there is no field {shown(name)}: {f'did you mean {nearest[0]}?' if nearest else known}"
    )


def _within(column: str, name: str) -> Field:
    path = tuple(_steps(name, len(column)))
    if len(path) > MOST_STEPS or any(not 0 < len(step) <= LONGEST_NAME or step != storable(step) for step in path):
        message = f"an attribute is named like attributes.plan: {MOST_STEPS} names of {LONGEST_NAME} characters at most"
        raise wrong("unknown_field", message)
    return Field(column + "".join(f".{_as_step(step)}" for step in path), "any", path)


def _steps(name: str, start: int) -> Iterator[str]:
    while start < len(name):
        found = STEP.match(name, start)
        if not found:
            raise wrong("unknown_field", f'{shown(name)} is not a name: write attributes.plan or attributes."my plan"')
        plain, quoted = found.groups()
        yield plain if plain is not None else unescaped(quoted)
        start = found.end()


def _as_step(step: str) -> str:
    return step if re.fullmatch(r"\w+", step) else quoted(step)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unescaped(text: str) -> str:
    """A backslash stands before a quote or a backslash that is meant itself."""
    return "\\".join(piece.replace('\\"', '"').replace("\\'", "'") for piece in text.split("\\\\"))


def comparable(field: Field, value: object) -> Value:
    """The value as the tree keeps it; raises an error that says what the field can be compared with."""
    match field.kind:
        case "money" | "whole":
            return _number(field, value)
        case "text":
            return _text(field, value)
        case "date":
            return _date(field, value)
        case "any":
            return _anything(field, value)
    raise wrong("type", f"{field.name} is a list: ask what it contains, or whether it is set")


def member(field: Field, value: object) -> Value:
    """What a text can contain as a part, or a list as one of its members."""
    if field.kind not in {"text", "list", "any"}:
        raise wrong("type", f"{field.name} is not a text: compare it with = != > >= < <=")
    if field.kind == "any" and not isinstance(value, str):
        return _anything(field, value)
    return _text(field, value)


def _number(field: Field, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("type", f"{field.name} is a number: compare it with a number")
    if not abs(value) <= LARGEST_NUMBER:  # put so, it refuses what is not a number too
        raise wrong("too_large", f"numbers may go up to {LARGEST_NUMBER:,}")
    places = {"money": 2, "whole": 0}.get(field.kind)
    if places is not None and _exact(value) != round(_exact(value), places):
        at_most = "has at most two decimals" if places else "is a whole number"
        raise wrong("type", f"{field.name} {at_most}: {value} cannot be compared with it")
    return int(value) if value == int(value) else value


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise wrong("type", f'{field.name} is a text: compare it with a text in quotes, like "Mumbai"')
    if not value:
        raise wrong("type", "an empty text counts as missing, and no comparison finds what is missing")
    if len(value) > LONGEST_TEXT:
        raise wrong("too_long", f"a text to compare with may have {LONGEST_TEXT:,} characters")
    if value != storable(value):
        raise wrong("type", "the text holds half a character (a lone surrogate)")
    return value


def _date(field: Field, value: object) -> str | Day:
    if isinstance(value, Day):
        return value
    if not isinstance(value, str):
        raise wrong("type", f'{field.name} is a date: compare it with a date in quotes, like "2026-01-31", or today')
    text = _text(field, value)
    if span(text) is None:
        raise wrong("type", f"{shown(value)} is not a date: write 2026-01-31, or 2026-01-31T18:30:00Z")
    return text


def _anything(field: Field, value: object) -> Value:
    if isinstance(value, bool | Day):
        return value
    return _text(field, value) if isinstance(value, str) else _number(field, value)


def shown(text: str) -> str:
    """A piece of what the caller wrote, fit for an error message."""
    return f'"{storable(text[:40])}{"…" if len(text) > 40 else ""}"'


def storable(text: str) -> str:
    return text.encode(errors="replace").decode()


def minor_units(value: int | float) -> int:
    return int(_exact(value) * MINOR_UNITS)


def _exact(value: int | float) -> Decimal:
    """0.1 is a tenth, as it was written, not the nearest binary fraction."""
    return Decimal(str(value))


def wrong(code: str, message: str) -> PydanticCustomError:
    """An error that pydantic places: it knows which part of the tree was being read. The text is not a template."""
    return PydanticCustomError(code, "{message}", {"message": message})
