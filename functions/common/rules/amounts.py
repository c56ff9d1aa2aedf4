"""Numbers as people write them: with thousands separators, a currency, and words such as lakh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from common.money import SYMBOLS

NUMBER_PATTERN = r"([0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}|[0-9]+)(\.[0-9]+)?"
SCALES: Mapping[str, int] = {
    "k": 10**3,
    "thousand": 10**3,
    "lakh": 10**5,
    "lakhs": 10**5,
    "lac": 10**5,
    "lacs": 10**5,
    "million": 10**6,
    "crore": 10**7,
    "crores": 10**7,
    "cr": 10**7,
}
MARKS: Mapping[str, str] = {symbol: code for code, symbol in SYMBOLS.items()} | {
    "RS": "INR",
    "RS.": "INR",
    "RUPEE": "INR",
    "RUPEES": "INR",
    "/-": "INR",
}
"""How a currency is written, and its code. A code of three letters is written as it is."""

MAX_EXACT = 10**20  # larger numbers are refused anyway

_BEFORE = rf"([{''.join(SYMBOLS.values())}]|rs\.?|{'|'.join(SYMBOLS)}|(?-i:[A-Z]{{3}}))"
_AFTER = rf"([{''.join(SYMBOLS.values())}]|\x2f-|(rs|rupees?|{'|'.join(SYMBOLS)})\b)"
_SCALE = rf"({'|'.join(SCALES)})\b"
_WITH_MARK = rf"{_BEFORE}\s*-?{NUMBER_PATTERN}(\s*{_SCALE})?"
_WITH_UNIT = rf"{NUMBER_PATTERN}\s*({_SCALE}(\s*{_AFTER})?|{_AFTER})"
AMOUNT_PATTERN = f"-?({_WITH_MARK}|{_WITH_UNIT})"
"""A number with a currency or a scale, or both."""


def read_amount(text: str) -> tuple[int | float, str | None]:
    """The number, an integer if it is whole, and the code of its currency, if it has one.

    The text matches `NUMBER_PATTERN` or `AMOUNT_PATTERN`.
    """
    digits = re.search(NUMBER_PATTERN, text)
    assert digits is not None, "the grammar has checked it"
    before, after = text[: digits.start()], text[digits.end() :]
    scale, mark = _split_unit(after.strip())
    exact = Decimal(digits.group().replace(",", "")) * SCALES.get(scale.lower(), 1) * (-1 if "-" in before else 1)
    mark = (mark or before.replace("-", "")).strip().upper()
    is_whole = exact == exact.to_integral_value() and abs(exact) < MAX_EXACT
    return (int(exact) if is_whole else float(exact)), MARKS.get(mark, mark) or None


def _split_unit(text: str) -> tuple[str, str]:
    """The scale and the mark of the currency after a number; each may be empty."""
    scale = re.match(_SCALE, text, re.IGNORECASE)
    return (scale.group(), text[scale.end() :].strip()) if scale else ("", text)
