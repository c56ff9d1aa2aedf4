"""Attributes: the caller's own fields, nested as deep and as large as a document can hold."""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

MAX_BYTES = 8_000
MAX_DEPTH = 5
MAX_NAME_LENGTH = 100
RESERVED_NAME = re.compile(r"__.*__", re.DOTALL)
"""Names that Firestore reserves."""


def _validate(value: dict[str, Any]) -> dict[str, Any]:
    _check_value(value, MAX_DEPTH)
    if len(json.dumps(value, ensure_ascii=False).encode()) > MAX_BYTES:
        raise _invalid(f"All fields together may take {MAX_BYTES:,} bytes")
    return value


def _check_value(value: Any, depth: int) -> None:
    """Raise an error for values that Firestore or JSON cannot hold, for example a list in a list."""
    if depth < 0:
        raise _invalid(f"Values may be nested {MAX_DEPTH} levels deep")
    match value:
        case dict():
            for name, item in value.items():
                _check_name(name)
                _check_value(item, depth - 1)
        case list():
            for item in value:
                if isinstance(item, list):
                    raise _invalid("A list cannot contain lists")
                _check_value(item, depth - 1)
        case str():
            _check_text(value)
        case int() | float():
            _check_number(value)


def _check_name(name: str) -> None:
    _check_text(name)
    if not 0 < len(name) <= MAX_NAME_LENGTH or RESERVED_NAME.fullmatch(name):
        raise _invalid(f"Names have 1 to {MAX_NAME_LENGTH} characters and do not start and end with two underscores")


def _check_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _invalid("NUL characters and lone surrogates are not allowed")


def _check_number(number: float) -> None:
    if not math.isfinite(number) or (isinstance(number, int) and abs(number) >= 2**63):
        raise _invalid("Numbers must be finite, and integers fit into 64 bits")


def _invalid(message: str) -> PydanticCustomError:
    return PydanticCustomError("attributes", "{message}", {"message": message})


Attributes = Annotated[dict[str, JsonValue], Field(max_length=100), AfterValidator(_validate)]
