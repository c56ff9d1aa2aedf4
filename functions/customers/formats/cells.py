"""What the readers of cells have in common: each takes the text of one cell, and raises `Misfit` if it does not fit."""

from __future__ import annotations

import re
import unicodedata

EMPTY_WORDS = frozenset(
    {
        *("n/a", "na", "#n/a", "n.a.", "nil", "null", "none", "nan", "undefined", "unknown", "never", "not given"),
        *("not available", "-", "--", "\u2013", "\u2014", ".", "?", "(none)", "(blank)", "no owner", "not set"),
        *("#div/0!", "#value!", "#ref!", "#name?", "#null!", "#num!"),
    }
)
"""What people and spreadsheets write in a cell that is empty, in lower case."""

_INVISIBLE = re.compile("[\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_MARKED_NUMBER = re.compile(rf"[{_APOSTROPHES}][+-]?\d")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+?\d+", re.ASCII)


class Misfit(ValueError):
    """The cell does not fit its column: it is left out, and the row has a warning."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # a key of `FIELD_CODES`
        self.message = message  # what to do


def squeeze(text: str, limit: int) -> str | None:
    """The text with single spaces for all white space; None if it is then longer than the limit.

    A pattern is tried only on what comes back: on a long cell of blanks it would work for hours.
    """
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else None


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees: zero-width spaces, marks of the writing direction."""
    return text if text.isascii() else _INVISIBLE.sub("", text).strip()


def with_ascii_digits(text: str) -> str:
    """The text with the digits of all scripts as 0 to 9, and full-width signs as plain ones."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else "-" if letter == "\N{MINUS SIGN}" else letter
        for letter in plain
    )


def is_empty_word(text: str) -> bool:
    """Whether the text stands for an empty cell."""
    return text.casefold() in EMPTY_WORDS


def has_lost_digits(text: str) -> bool:
    """Whether a spreadsheet has written a long number as `9.82201E+09`: its last digits cannot be known."""
    return _SCIENTIFIC.fullmatch(text) is not None


def unwrap(text: str) -> str:
    """The text without what a spreadsheet or a shop puts around it, so that it is not taken for a number:
    `="0123"`, `'0123`."""
    if text.startswith('="') and text.endswith('"') and len(text) > 3:
        return text[2:-1]
    return text[1:] if text[:1] in _APOSTROPHES and _MARKED_NUMBER.match(text) else text
