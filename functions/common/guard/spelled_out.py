"""Spelled out: letters with blanks or signs between them, as in `F R E E` or `s.a.l.e`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator

LETTERS = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .*_|~+-]{1,2}[^\W\d_]){2,40}(?![^\W_])")
ABBREVIATIONS = frozenset({"a.m", "p.m", "e.g", "i.e"})


def find(prose: Prose) -> Iterator[Finding]:
    for match in LETTERS.finditer(prose.text):
        yield prose.finding(*match.span())


SPELLED_OUT = Validator(name="spelled_out", find=find, advice="Write whole words, not {found!r}.")
