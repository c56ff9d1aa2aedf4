"""Scripts: letters of Latin and Devanagari only, and never of both in one word."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from common.guard.findings import Finding, Prose, Validator

WRITTEN_BY_GEMINI = frozenset({"LATIN", "DEVANAGARI"})  # the guard has word lists for languages in these
MIXED_ON_PURPOSE = frozenset({"HIRAGANA", "KATAKANA", "CJK"})
STYLED = ("MATHEMATICAL", "FULLWIDTH", "CIRCLED", "SQUARED", "NEGATIVE", "PARENTHESIZED", "REGIONAL")


@lru_cache(maxsize=20_000)
def script_of(letter: str) -> str | None:
    """`LATIN`, `DEVANAGARI` …; None for what is no letter. Styled letters, as mathematics has them, are a script of their own."""
    name = unicodedata.name(letter, "")
    if name.startswith(STYLED) and not name.startswith("REGIONAL"):
        return "STYLED"
    if unicodedata.category(letter) not in {"Ll", "Lu", "Lt", "Lo", "Lm"}:
        return None
    return name.partition(" ")[0]


def scripts_of(text: Iterable[str]) -> set[str]:
    return {script for letter in text if (script := script_of(letter))}


def is_mixed(word: str) -> bool:
    """Whether one word has letters of several scripts, as words that imitate others have."""
    scripts = scripts_of(word)
    return len(scripts) > 1 and not scripts <= MIXED_ON_PURPOSE


def find(prose: Prose) -> Iterator[Finding]:
    """Words of a foreign script or of several scripts."""
    if len(scripts := scripts_of(prose.letters)) <= 1 and scripts <= WRITTEN_BY_GEMINI:
        return
    position = 0
    for blank, letters in groupby(prose.text, key=str.isspace):
        word = "".join(letters)
        if not blank and (is_mixed(word) or not scripts_of(word) <= WRITTEN_BY_GEMINI):
            yield prose.finding(position, position + len(word))
        position += len(word)


SCRIPTS = Validator(name="script", find=find, advice="Write ordinary letters of one alphabet, not {found!r}.")
