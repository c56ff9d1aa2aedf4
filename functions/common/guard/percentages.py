"""Percentages: signs and words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

SIGNS = re.compile("[%٪％﹪‰‱]")
PHRASES = Phrases(
    """
    percent*
    per cent
    (pct|prozent|pourcent|procent)
    por (ciento|cento)
    per cento
    p.c.
    (प्रतिशत|फीसदी|फिसदी|परसेंट|पर्सेंट|टका)
    (pratishat|fisadi|feesadi|fee sadi|phisadi)
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    for match in SIGNS.finditer(prose.text):
        yield prose.finding(*match.span())
    yield from prose.phrases(PHRASES)


PERCENTAGES = Validator(name="percentage", find=find, advice="Write no percentage such as {found!r}.", is_fact=True)
