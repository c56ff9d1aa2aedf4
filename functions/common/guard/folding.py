"""Folding: one spelling for letters that look or mean the same, and the position of each in the original text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

VALUE_MARK = "\ue000"  # stands for a value of the person
FACT_MARK = "\ue001"  # stands for a fact of the message
MARKS = frozenset({VALUE_MARK, FACT_MARK})

_SAME = {"ँ": "ं", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "،": ","}
_DROPPED = frozenset("\u093c\u200c\u200d\ufe0e\ufe0f\u00ad")  # nukta, joiners, variation selectors, soft hyphen
_INDIC = "\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff"  # with their vowel signs, which are no letters for `\w`
_RUN = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")  # ASCII keeps its length when it is folded; other letters may not
_WORD = re.compile(rf"[{VALUE_MARK}{FACT_MARK}]|(?:[^\W_]|[{_INDIC}])+(?:'[a-z]{{1,3}}\b)?|[.!?;:\n\u0964|()]")


class Word(NamedTuple):
    """A folded word, a mark, or `.` for what ends a clause, with its place in the original text."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=20_000)
def fold_letter(letter: str) -> str:
    """Lower case, without accents; digits of any script as ASCII. Some letters become several or none."""
    if letter in _DROPPED:
        return ""
    if letter in _SAME:
        return _SAME[letter]
    if (digit := unicodedata.decimal(letter, None)) is not None:
        return str(digit)
    decomposed = unicodedata.normalize("NFKD", letter).casefold()
    return "".join(
        _SAME.get(part, part) for part in decomposed if not "\u0300" <= part <= "\u036f" and part != "\u093c"
    )


def fold(text: str) -> str:
    """The folded text. Its positions are not those of `text`."""
    if text.isascii():
        return text.lower().replace("`", "'")
    return "".join(map(fold_letter, text))


def word_set(text: str) -> frozenset[str]:
    """The folded words of a list."""
    return frozenset(fold(word) for word in text.split())


@lru_cache(maxsize=200)  # several validators read the same text
def words_of(text: str) -> tuple[Word, ...]:
    """The folded words of a text. `Asha's` is `asha`, `we'd` is `we`, `don't` is `dont`."""
    folded, origins = _fold_with_origins(text)
    return tuple(
        Word(_normalized(match.group()), origins[match.start()], origins[match.end() - 1] + 1)
        for match in _WORD.finditer(folded)
    )


def _fold_with_origins(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and the position of each of its letters in `text`."""
    if text.isascii():
        return fold(text), range(len(text))
    folded: list[str] = []
    origins: list[int] = []
    for match in _RUN.finditer(text):
        run = match.group()
        part = fold(run)
        folded.append(part)
        origins += range(match.start(), match.end()) if len(part) == len(run) else [match.start()] * len(part)
    return "".join(folded), origins


def _normalized(word: str) -> str:
    if len(word) == 1 and not word.isalnum() and word not in MARKS:
        return "." if word in ".!?;:\n\u0964|()" else word
    return word.removesuffix("'s").removesuffix("'d").replace("'", "")
