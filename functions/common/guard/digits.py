"""Digits and other signs for numbers, of any script: 5, ५, ⑤, ½, Ⅻ."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator

_TOGETHER = re.compile(r"\d{1,20}(?:[.,:/'’ \u00a0-]?\d{1,20}){0,20}")


def find(prose: Prose) -> Iterator[Finding]:
    """Numbers in digits; digits that belong together are one finding."""
    for match in _TOGETHER.finditer(prose.text):
        yield prose.finding(*match.span())
    signs = {letter for letter in prose.letters if not letter.isdecimal() and is_number_sign(letter)}
    for position, letter in enumerate(prose.text if signs else ""):
        if letter in signs:
            yield prose.finding(position, position + 1)


def is_number_sign(letter: str) -> bool:
    """Whether the character means a number. Letters such as 一 that are words as well are not."""
    if letter.isascii():
        return letter.isdigit()
    return letter == "\u20e3" or (
        unicodedata.numeric(letter, None) is not None and unicodedata.category(letter) in {"Nd", "Nl", "No"}
    )


DIGITS = Validator(name="digit", find=find, advice="Write no number; {found!r} may stand only in a slot.", is_fact=True)
