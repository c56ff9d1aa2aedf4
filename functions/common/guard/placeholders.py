"""Placeholders that nobody fills in: `[Name]`, `{{ name }}`, `XX`, `Customer Name`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

BRACKETS = re.compile(
    r"[\[\]{}⟦⟧]|\*\||\|\*|%[A-Za-z_]{2,30}%|%%|<[^<>\n]{0,40}>|\$[A-Za-z_]|#[A-Za-z_]{2,30}#|\bX{2,}\b|_{2,}|\.{4,}"
)
PHRASES = Phrases(
    """
    (customer|client|recipient|user|person|your|first|last|full|insert|company|brand|shop|store|product|city) name here
    (customer|recipient|client|user) name
    (dear|hi|hello|hey) (customer|first|last|user|recipient) name
    (dear|hi|hello|hey) (name|firstname|username|recipient|user)
    insert (name|city|date|link|offer|code|your|here)
    (your|our) (name|company|brand|store) here
    lorem ipsum
    placeholder*
    (नाम|ग्राहक का नाम) यहां
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    for match in BRACKETS.finditer(prose.text):
        yield prose.finding(*match.span())
    yield from prose.phrases(PHRASES)


PLACEHOLDERS = Validator(name="placeholder", find=find, advice="Use only the slots that are given, not {found!r}.")
