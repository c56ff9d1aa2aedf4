"""Forbidden words: those of the campaign and of the deployment, in their usual English forms, too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import MARKS, words_of
from common.guard.phrases import Phrases

_ENDINGS = "(|s|es|er|est|ed|ing|ly)"


def find(prose: Prose) -> Iterator[Finding]:
    """Each forbidden word or phrase, in any case and spelling that folding makes equal."""
    if prose.background.forbidden:
        yield from prose.phrases(_phrases(prose.background.forbidden))


@lru_cache(maxsize=200)
def _phrases(forbidden: tuple[str, ...]) -> Phrases:
    return Phrases("\n".join(filter(None, map(_line, forbidden))))


def _line(phrase: str) -> str:
    """The phrase for a list of phrases, without the signs that have a meaning there; empty if it has no word."""
    words = [word.text for word in words_of(phrase) if word.text != "." and word.text not in MARKS]
    if words and words[-1].isascii() and words[-1].isalpha():
        words[-1] += _ENDINGS
    return " ".join(words)


FORBIDDEN = Validator(name="forbidden_word", find=find, advice="Leave out {found!r}: the manager has forbidden it.")
