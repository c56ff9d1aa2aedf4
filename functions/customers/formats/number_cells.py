"""Numbers as people write them in a table: `₹1,23,456.50`, `1,234/-`, `1.5 lakh`, `(50.00)`, `1.234,50 €`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from .cells import Misfit, is_empty_word, with_ascii_digits

DecimalSign = Literal[".", ","]
CENT = Decimal("0.01")
MAX_DIGITS = 15
"""More digits than a number of JSON keeps exactly."""

SCALES: Mapping[str, int] = {
    **dict.fromkeys(("k", "thousand", "हज़ार", "हजार"), 10**3),
    **dict.fromkeys(("l", "lakh", "lakhs", "lac", "lacs", "लाख"), 10**5),
    **dict.fromkeys(("mn", "million"), 10**6),
    **dict.fromkeys(("cr", "crore", "crores", "करोड़"), 10**7),
    **dict.fromkeys(("bn", "billion"), 10**9),
}
_CURRENCY = r"(?:₹|\$|€|£|¥|us\$|rs\.?|re\.?|inr|usd|eur|gbp|aed|sgd|aud|cad|chf|rupees|रु\.?|रुपये)"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)\s*{_CURRENCY}?\s*(?P<sign2>[+-]?)\s*(?P<digits>\d[\d.,'’_\s]*|[.,]\d+)"
    rf"(?P<exponent>e[+-]?\d+)?\s*(?P<scale>{'|'.join(sorted(SCALES, key=len, reverse=True))})?\.?"
    rf"\s*(?:{_CURRENCY})?\s*(?:/-|/=)?\s*(?P<percent>%?)\s*(?P<after>-?)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_PLAIN_MONEY = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII)
_COMMA_DECIMALS = re.compile(r"\d,\d{1,2}(?!\d)(?!,\d)|\d\.\d{3},\d|\d\.\d{3}\.\d{3}")
_POINT_DECIMALS = re.compile(r"\d\.\d{1,2}(?!\d)(?!\.\d)|\d,\d{3}\.\d|\d,\d{2,3},\d{3}")


def read_number(text: str, decimal: DecimalSign | None = None) -> Decimal:
    """The number; `decimal` is the sign before the decimals, which else the cell itself must show."""
    if _PLAIN.fullmatch(text) and decimal != ",":
        return Decimal(text)
    plain = unicode_plain(text)
    if plain.startswith("(") and plain.endswith(")"):  # an accountant's minus
        return -abs(read_number(plain[1:-1], decimal))
    match = _NUMBER.fullmatch(plain)
    if match is None or is_empty_word(plain):
        raise Misfit("type", "This is not a number.")
    if match["percent"]:
        raise Misfit("type", "This is a percentage, and not an amount.")
    digits = parse_number(match["digits"], decimal)
    try:
        number = Decimal(digits + (match["exponent"] or ""))
    except ArithmeticError as error:
        raise Misfit("type", "This is not a number.") from error
    scaled = number * SCALES.get((match["scale"] or "").casefold(), 1)
    return -scaled if "-" in (match["sign"], match["sign2"], match["after"]) else scaled


def unicode_plain(text: str) -> str:
    """The text with plain digits and without the apostrophe that marks a number as text."""
    return with_ascii_digits(text).strip().removeprefix("'").strip()


def read_money(text: str, decimal: DecimalSign | None = None) -> str:
    """The amount, rounded to two decimals."""
    if _PLAIN_MONEY.fullmatch(text) and decimal != ",":
        return text
    amount = read_number(text, decimal)
    if amount.adjusted() > MAX_DIGITS:
        raise Misfit("range", "This amount is too large.")
    return str(amount.quantize(CENT, ROUND_HALF_UP) if -amount.as_tuple().exponent > 2 else amount)  # type: ignore[operator]  # finite


def read_count(text: str, decimal: DecimalSign | None = None) -> int:
    """The whole number."""
    number = read_number(text, decimal)
    if number.adjusted() > MAX_DIGITS or number != number.to_integral_value():
        raise Misfit("type", "Enter a whole number.")
    return int(number)


def read_plain_number(text: str, decimal: DecimalSign | None = None) -> int | float:
    """The number as JSON has it."""
    number = read_number(text, decimal)
    if number.adjusted() > MAX_DIGITS:
        raise Misfit("range", "This number is too long to be kept exactly; import the column as text.")
    return int(number) if number == number.to_integral_value() and "." not in text else float(number)


def parse_number(text: str, decimal: DecimalSign | None = None) -> str:
    """Normalize the digits of a number, with a point for the decimals: `1,00,000.50`, `1.234,50`, `12 500`.

    Without `decimal`, one comma with three digits after it groups thousands, as does each sign that stands twice.
    """
    plain = re.sub(rf"[\s'’_₹$€£¥]|^{_CURRENCY}", "", text, flags=re.IGNORECASE)
    commas, points = plain.count(","), plain.count(".")
    if commas and points:
        last = "," if plain.rfind(",") > plain.rfind(".") else "."
        whole, _, part = plain.rpartition(last)
        return whole.translate({44: None, 46: None}) + "." + part
    if decimal == "," and points:
        return plain.replace(".", "") if re.fullmatch(r"\d{1,3}(\.\d{3})+", plain) else plain
    if points > 1 or (commas and (commas > 1 or (len(plain) - plain.find(",") == 4 and decimal != ","))):
        return plain.translate({44: None, 46: None})
    return plain.replace(",", ".")


def decimal_sign(cells: Iterable[str]) -> DecimalSign | None:
    """The sign before the decimals in a column, if its cells leave no doubt."""
    with_comma = with_point = False
    for cell in cells:
        with_comma = with_comma or _COMMA_DECIMALS.search(cell) is not None
        with_point = with_point or _POINT_DECIMALS.search(cell) is not None
    if with_comma == with_point:
        return None
    return "," if with_comma else "."
