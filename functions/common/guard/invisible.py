"""Invisible text: control characters, marks of direction, zero-width characters, private use."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import MARKS

JOINERS = frozenset("\u200c\u200d")  # needed in Indic scripts and in emoji
VARIATIONS = frozenset("\ufe0e\ufe0f")
FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")


def find(prose: Prose) -> Iterator[Finding]:
    """Each character that a reader cannot see and that no script needs there."""
    if not any(map(is_invisible, prose.letters - MARKS)):
        return
    for position, letter in enumerate(prose.text):
        if letter not in MARKS and is_invisible(letter, before=prose.text[position - 1 : position]):
            yield prose.finding(position, position + 1)


def is_invisible(letter: str, *, before: str = "") -> bool:
    """Whether the character has no place in a text, after the character `before`."""
    if letter in "\n\r\t":
        return False
    if letter in JOINERS:
        return not (before and (unicodedata.category(before) in {"Mn", "Mc", "So"} or before in VARIATIONS))
    if letter in VARIATIONS:
        return not before
    if letter in FILLERS or "\U000e0000" <= letter <= "\U000e0fff":
        return True
    return unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


INVISIBLE = Validator(name="invisible", find=find, advice="Write visible characters only.", action="refuse")
