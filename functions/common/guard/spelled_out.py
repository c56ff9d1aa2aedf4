"""Spelled out: letters with blanks or signs between them, as in `F R E E` or `s.a.l.e`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator

_INDIC = "\u0900-\u0dff"  # whose vowel signs are no letters: a letter before one is not alone
LETTERS = re.compile(
    rf"(?<![^\W_{_INDIC}])(?<![{_INDIC}])[^\W\d_](?:[ .*_|~+-]{{1,2}}[^\W\d_]){{2,40}}(?![^\W_])(?![{_INDIC}])"
)
ABBREVIATIONS = frozenset({"a.m", "p.m", "e.g", "i.e"})


def find(prose: Prose) -> Iterator[Finding]:
    for match in LETTERS.finditer(prose.text):
        yield prose.finding(*match.span())


SPELLED_OUT = Validator(name="spelled_out", find=find, advice="Write whole words, not {found!r}.")
