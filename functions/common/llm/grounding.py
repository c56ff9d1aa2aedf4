"""Grounding: the factual claims in a text (numbers, links, addresses, codes) must also be in its source."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
CODE = re.compile(r"\b(?=[A-Z0-9-]*[A-Z])[A-Z0-9][A-Z0-9-]{3,}\b")
PERCENT = re.compile(r"(\d+(?:[.,]\d+)*)\s*(?:%|per ?cent)", re.IGNORECASE)


def first_ungrounded(text: str, *, source: str) -> str | None:
    """The first factual claim of `text` that is not in `source`; None if all are."""
    grounded = set(factual_claims(source))
    return next((claim for claim in factual_claims(text) if claim not in grounded), None)


def factual_claims(text: str) -> Iterator[str]:
    """The claims in normalized form: 12,500.00 and 12500 are equal."""
    for link in LINK.findall(text):
        yield link.rstrip(".,;:!?").lower()
    for address in ADDRESS.findall(text):
        yield address.rstrip(".").lower()
    for number in PERCENT.findall(text):
        yield f"{_normalize_number(number)}%"
    rest = ADDRESS.sub(" ", LINK.sub(" ", text))
    for number in NUMBER.findall(rest):
        yield _normalize_number(number)
    yield from CODE.findall(rest)


def _normalize_number(number: str) -> str:
    whole, point, fraction = number.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{'.' if point and fraction else ''}{fraction}"
