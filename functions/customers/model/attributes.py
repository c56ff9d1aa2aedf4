"""Free maps: the caller's own fields, as deep and as large as a document can hold them."""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue
from pydantic_core import PydanticCustomError

MOST_BYTES = 8_000
DEEPEST = 5
LONGEST_NAME = 100
RESERVED = re.compile(r"__.*__", re.DOTALL)
"""Names that Firestore keeps for itself."""


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    _check(value, DEEPEST)
    if len(json.dumps(value, ensure_ascii=False).encode()) > MOST_BYTES:
        raise _wrong(f"All of it may take {MOST_BYTES:,} bytes")
    return value


def _check(value: Any, depth: int) -> None:
    """Raises for what Firestore or JSON cannot hold: among others a list in a list."""
    if depth < 0:
        raise _wrong(f"Values may be nested {DEEPEST} deep")
    match value:
        case dict():
            for name, one in value.items():
                _check_name(name)
                _check(one, depth - 1)
        case list():
            for one in value:
                if isinstance(one, list):
                    raise _wrong("A list may not hold lists")
                _check(one, depth - 1)
        case str():
            _check_text(value)
        case int() | float():
            _check_number(value)


def _check_name(name: str) -> None:
    _check_text(name)
    if not 0 < len(name) <= LONGEST_NAME or RESERVED.fullmatch(name):
        raise _wrong(f"Names have 1 to {LONGEST_NAME} characters, and not two underscores on either side")


def _check_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise _wrong("Leave out NUL characters and halves of characters (lone surrogates)")


def _check_number(number: float) -> None:
    if not math.isfinite(number) or (isinstance(number, int) and abs(number) >= 2**63):
        raise _wrong("Numbers are finite, and whole ones have 64 bits")


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("free_map", "{message}", {"message": message})


FreeMap = Annotated[dict[str, JsonValue], Field(max_length=100), AfterValidator(_checked)]
