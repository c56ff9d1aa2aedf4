"""What somebody could hold us to: the numbers, links, addresses and codes in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CODE = re.compile(r"\b(?=[A-Z0-9-]*[A-Z])[A-Z0-9][A-Z0-9-]{3,}\b")
PERCENT = re.compile(r"(\d+(?:[.,]\d+)*)\s*(?:%|per ?cent)", re.IGNORECASE)


def unfounded(text: str, *, source: str) -> str | None:
    """The first promise of `text` that does not stand in `source`."""
    founded = set(promises(source))
    return next((promise for promise in promises(text) if promise not in founded), None)


def promises(text: str) -> Iterator[str]:
    """Each in one spelling, so that 12,500.00 and 12500 are the same."""
    for link in LINK.findall(text):
        yield link.rstrip(".,;:!?").lower()
    for address in ADDRESS.findall(text):
        yield address.rstrip(".").lower()
    for number in PERCENT.findall(text):
        yield f"{_plain(number)}%"
    rest = ADDRESS.sub(" ", LINK.sub(" ", text))
    for number in NUMBER.findall(rest):
        yield _plain(number)
    yield from CODE.findall(rest)


def _plain(number: str) -> str:
    whole, point, fraction = number.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{'.' if point and fraction else ''}{fraction}"
