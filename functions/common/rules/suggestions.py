"""What somebody may have meant by a rule that cannot be read: `city = "Pune"` for `city = Pune`."""

from __future__ import annotations

import re
from collections.abc import Callable

from common.rules.fields import quote

MAX_STEPS = 5
SAME = {"“": '"', "”": '"', "„": '"', "\u2018": "'", "\u2019": "'"}


def _iso_date(match: re.Match[str]) -> str:
    """A day as people write it, with the day first."""
    day, month, year = match.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


REPLACEMENTS = (
    (re.compile(r"===+"), "="),
    (re.compile(r"\s*(&&?)\s*"), " AND "),
    (re.compile(r"\s*(\|\|?)\s*"), " OR "),
    (re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](\d{4})\b"), _iso_date),
)
WORDS = re.compile(r"[^\s\"'(),=<>!]+(?:\s+(?!(?:and|or|not)\b)[^\s\"'(),=<>!]+)*", re.IGNORECASE)
"""Words up to the next operator, comma, parenthesis, quote, AND or OR."""

FindError = Callable[[str], int | None]
"""Takes a rule as text. Returns the character, from 1, of its first error; 0 if it has no position, None if there is no
error."""


def suggest(text: str, find_error: FindError) -> str | None:
    """A valid rule that is like this one, with the usual signs, and with words in quotes where they are missing.

    None if there is none.
    """
    candidate = _with_usual_signs(text)
    for _ in range(MAX_STEPS):
        position = find_error(candidate)
        if position is None:
            return candidate if candidate != text else None
        changed = _in_quotes(candidate, position - 1) if position else None
        if changed is None:
            return None
        candidate = changed
    return None


def with_field(text: str, position: int, name: str) -> str:
    """The rule with another field's name at the position."""
    start = position - 1
    return text[:start] + re.sub(r"^[\w.]+", lambda _: name, text[start:])


def _with_usual_signs(text: str) -> str:
    for sign, usual in SAME.items():
        text = text.replace(sign, usual)
    pieces = re.split(r"(\"[^\"]*\"|'[^']*')", text)  # what is in quotes stays as it is
    for pattern, replacement in REPLACEMENTS:
        pieces[::2] = [pattern.sub(replacement, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _in_quotes(text: str, start: int) -> str | None:
    """The text with the words that begin there in quotes; a quote there that is not closed gets its end."""
    if text[start : start + 1] in {'"', "'"}:
        return text[:start] + quote(text[start + 1 :].strip())
    words = WORDS.match(text, start)
    return text[:start] + quote(words.group()) + text[words.end() :] if words else None
