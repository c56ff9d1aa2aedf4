"""Currencies: signs and words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

PHRASES = Phrases(
    """
    (rupee|rupees|rs|inr|usd|eur|gbp|dollar|dollars|euro|euros|cents|paise|paisa|bucks|quid|dirham|dirhams|yen|taka)
    (rupaye|rupaya|rupay|rupe|rupiya|rupaiya|rupayon|rupees|paise|paisay|paison)
    (रुपये|रुपए|रुपया|रुपयों|रूपये|रूपए|रु|रू|डॉलर|यूरो|पैसे|पैसा|पैसों)
    (bitcoin|bitcoins|crypto)
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    signs = {letter for letter in prose.letters if unicodedata.category(letter) == "Sc"}
    for position, letter in enumerate(prose.text if signs else ""):
        if letter in signs:
            yield prose.finding(position, position + 1)
    yield from prose.phrases(PHRASES)


CURRENCY = Validator(name="currency", find=find, advice="Write no currency such as {found!r}.", is_fact=True)
