"""The customer fields that rules can use, and the values that each can be compared with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from pydantic_core import PydanticCustomError

from common.catalogue import fields as catalogue
from common.rules.dates import RelativeDay, Value, span

RuleKind = Literal["text", "money", "whole", "date", "list", "any"]
"""Custom attributes have the kind `any`: the kind of the value decides how they are compared."""

MAX_NUMBER = 10**12
MAX_TEXT_LENGTH = 1_000
MINOR_UNITS = 100
"""Minor units in one unit of currency. Rules write money as a decimal; storage has an integer in minor units."""

MAX_NAME_LENGTH = 100
MAX_PATH_STEPS = 5
MAP_COLUMNS = catalogue.fields_of_kind("map")
STEP_PATTERN = re.compile(r'\.(?:(\w+)|"((?:\\.|[^"\\])*)")')


@dataclass(frozen=True, slots=True)
class RuleField:
    """A field as rules use it: an index column, or a value inside `attributes` or `consent`."""

    name: str  # as rules write it
    kind: RuleKind
    path: tuple[str, ...] = ()  # of an attribute: the keys that lead to it inside its column

    @property
    def column(self) -> str:
        """The column of the index that holds the field."""
        return self.name.partition(".")[0]


FIELDS = {
    record.name: RuleField(record.name, record.kind) for record in catalogue.FIELDS.values() if record.kind != "map"
}


def field_named(name: str) -> RuleField:
    """The field of that name: one of `FIELDS` in any case, or a path like `attributes.plan.price` or `consent.email`.

    Raises a rule error that suggests a similar name.
    """
    column, dot, _ = name.partition(".")
    if dot and column.lower() in MAP_COLUMNS:
        return _map_field(column.lower(), name)
    if name.lower() in FIELDS:
        return FIELDS[name.lower()]
    nearest = get_close_matches(name[:40].lower(), FIELDS, n=1, cutoff=0.5)
    valid = f"the fields are {', '.join(FIELDS)}, and attributes.anything"
    raise rule_error(
        "unknown_field", f"unknown field {excerpt(name)}: {f'did you mean {nearest[0]}?' if nearest else valid}"
    )


def _map_field(column: str, name: str) -> RuleField:
    path = tuple(_parse_steps(name, len(column)))
    if len(path) > MAX_PATH_STEPS or any(
        not 0 < len(step) <= MAX_NAME_LENGTH or step != replace_surrogates(step) for step in path
    ):
        limit = f"at most {MAX_PATH_STEPS} names of {MAX_NAME_LENGTH} characters"
        raise rule_error("unknown_field", f"write an attribute like attributes.plan, with {limit}")
    return RuleField(column + "".join(f".{_format_step(step)}" for step in path), "any", path)


def _parse_steps(name: str, start: int) -> Iterator[str]:
    """The keys of the path that begins at `start`. Raises a rule error."""
    while start < len(name):
        match = STEP_PATTERN.match(name, start)
        if not match:
            raise rule_error(
                "unknown_field", f'{excerpt(name)} is not a valid name: write attributes.plan or attributes."my plan"'
            )
        plain, quoted = match.groups()
        yield plain if plain is not None else unescape(quoted)
        start = match.end()


def attribute_field(name: str) -> str:
    """The attribute of that name as rules write it: `attributes.plan`, `attributes."my plan"`."""
    return f"attributes.{_format_step(name)}"


def _format_step(step: str) -> str:
    return step if re.fullmatch(r"\w+", step) else quote(step)


def quote(text: str) -> str:
    """The text in double quotes, as the rule language writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unescape(text: str) -> str:
    """Removes the backslash that escapes a quote or another backslash."""
    return "\\".join(piece.replace('\\"', '"').replace("\\'", "'") for piece in text.split("\\\\"))


def check_comparable(field: RuleField, value: object) -> Value:
    """The value as the tree keeps it. Raises a rule error that says what the field can be compared with."""
    match field.kind:
        case "money" | "whole":
            return _check_number(field, value)
        case "text":
            return _check_text(field, value)
        case "date":
            return _check_date(field, value)
        case "any":
            return _check_any(field, value)
    raise rule_error("type", f"{field.name} is a list: use contains, is set or is missing")


def check_member(field: RuleField, value: object) -> Value:
    """The value as the tree keeps it, to look for in a text or in a list. Raises a rule error."""
    if field.kind not in {"text", "list", "any"}:
        raise rule_error("type", f"{field.name} is not a text: compare it with = != > >= < <=")
    if field.kind == "any" and not isinstance(value, str):
        return _check_any(field, value)
    return _check_text(field, value)


def _check_number(field: RuleField, value: object) -> int | float:
    """The number, an integer if it is whole; checks its size and its decimals."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise rule_error("type", f"{field.name} is a number: compare it with a number")
    if not abs(value) <= MAX_NUMBER:  # in this form it also rejects NaN
        raise rule_error("too_large", f"a number may be at most {MAX_NUMBER:,}")
    places = {"money": 2, "whole": 0}.get(field.kind)
    if places is not None and _to_decimal(value) != round(_to_decimal(value), places):
        at_most = "has at most two decimals" if places else "is a whole number"
        raise rule_error("type", f"{field.name} {at_most}: {value} cannot be compared with it")
    return int(value) if value == int(value) else value


def _check_text(field: RuleField, value: object) -> str:
    """The text; checks its length and its characters."""
    if not isinstance(value, str):
        raise rule_error("type", f'{field.name} is a text: compare it with a text in quotes, like "Mumbai"')
    if not value:
        raise rule_error("type", "an empty text counts as missing: use is missing")
    if len(value) > MAX_TEXT_LENGTH:
        raise rule_error("too_long", f"a text to compare with may have {MAX_TEXT_LENGTH:,} characters")
    if value != replace_surrogates(value):
        raise rule_error("type", "the text contains a lone surrogate, which is not a valid character")
    return value


def _check_date(field: RuleField, value: object) -> str | RelativeDay:
    """The date; checks that it exists in the calendar."""
    if isinstance(value, RelativeDay):
        return value
    if not isinstance(value, str):
        raise rule_error(
            "type", f'{field.name} is a date: compare it with a date in quotes, like "2026-01-31", or today'
        )
    text = _check_text(field, value)
    if span(text) is None:
        raise rule_error("type", f"{excerpt(value)} is not a date: write 2026-01-31, or 2026-01-31T18:30:00Z")
    return text


def _check_any(field: RuleField, value: object) -> Value:
    if isinstance(value, bool | RelativeDay):
        return value
    return _check_text(field, value) if isinstance(value, str) else _check_number(field, value)


def excerpt(text: str) -> str:
    """At most 40 characters of the input, in quotes, for an error message."""
    return f'"{replace_surrogates(text[:40])}{"…" if len(text) > 40 else ""}"'


def replace_surrogates(text: str) -> str:
    """The text with each lone surrogate replaced by `?`, so that it can be encoded."""
    return text.encode(errors="replace").decode()


def to_minor_units(value: int | float) -> int:
    """Money of a rule in minor units."""
    return int(_to_decimal(value) * MINOR_UNITS)


def _to_decimal(value: int | float) -> Decimal:
    """The number exactly as it was written: 0.1 is a tenth, not the nearest binary fraction."""
    return Decimal(str(value))


def rule_error(code: str, message: str) -> PydanticCustomError:
    """An error to raise inside a validator: pydantic adds the position in the tree. The message is no template."""
    return PydanticCustomError(code, "{message}", {"message": message})
