"""Numbers as people write them in a table: `₹1,23,456.50`, `1,234/-`, `1.5 lakh`, `(50.00)`, `1.234,50 €`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from .cells import Misfit, is_empty_word, squeeze, with_ascii_digits

DecimalSign = Literal[".", ","]
CENT = Decimal("0.01")
NOT_A_NUMBER = "This is not a number."
MAX_DIGITS = 15
"""More digits than a number of JSON keeps exactly."""

MAX_LENGTH = 40
"""Characters of a number with its currency and its unit."""

SCALES: Mapping[str, int] = {
    **dict.fromkeys(("k", "thousand", "हज़ार", "हजार"), 10**3),
    **dict.fromkeys(("l", "lakh", "lakhs", "lac", "lacs", "लाख"), 10**5),
    **dict.fromkeys(("mn", "million"), 10**6),
    **dict.fromkeys(("cr", "crore", "crores", "करोड़"), 10**7),
    **dict.fromkeys(("bn", "billion"), 10**9),
}
_CURRENCY = r"(?:[₹$€£¥]|us\$|(?:rs|re|inr|usd|eur|gbp|aed|sgd|aud|cad|chf|rupees|रु|रुपये)\.?)"
_GROUPED_DIGITS = (
    r"\d{1,3}(?P<by>[ .,'’_])\d{3}(?:(?P=by)\d{3})*|\d{1,2}(?P<by2>[ ,])\d\d(?:(?P=by2)\d\d)*(?P=by2)\d{3}"
)
"""Digits in threes, or in the groups of lakh and crore."""

_GROUPED = re.compile(_GROUPED_DIGITS, re.ASCII)
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?) ?{_CURRENCY}? ?(?P<sign2>[+-]?) ?(?P<digits>\d[\d.,'’_ ]*|[.,]\d+)"
    rf"(?P<exponent>e[+-]?\d+)? ?(?P<scale>{'|'.join(sorted(SCALES, key=len, reverse=True))})?\.?"
    rf" ?(?:{_CURRENCY})? ?(?:/-|/=)? ?(?P<percent>%?) ?(?P<after>-?)",
    re.IGNORECASE,
)
_SIDE = re.compile(r"\d ?(?:cr|dr)\.?$", re.IGNORECASE)
_EXACT_CREDIT = re.compile(r"\d[.,'’_ ]\d+ ?cr\.?$", re.IGNORECASE)
_PLAINLY = re.compile(
    r"[+-]?(?:[₹$€£¥]|rs\.?|inr\.?)? ?(?P<whole>0|[1-9]\d*|(?!0)(?:" + _GROUPED_DIGITS + r"))(?:[.,](?P<part>\d+))?"
    r"(?: ?[₹$€£¥]| ?/[-=])?",
    re.ASCII | re.IGNORECASE,
)
"""A number in an attribute: without letters but those of rupees, and without digits that a number loses."""

_PHONE_LIKE = re.compile(r"\+\d{7}", re.ASCII)
_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_PLAIN_MONEY = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII)

_COMMA_DECIMALS = re.compile(r"\d,\d{1,2}(?!\d)(?!,\d)|\d\.\d{3},\d|\d\.\d{3}\.\d{3}")
_POINT = re.compile(r"\.\d|\d\.")
_UNCLEAR_POINT = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?![\d.,])")
_POINT_DECIMALS = re.compile(r"\d\.\d{1,2}(?!\d)(?!\.\d)|\d,\d{3}\.\d|\d,\d{2,3},\d{3}")


def read_number(text: str, decimal: DecimalSign | None = None, *, is_ledger: bool = False) -> Decimal:
    """The number; `decimal` is the sign before the decimals, which else the cell itself must show. In a column of a
    ledger, `Cr` is a credit and no crore."""
    if _PLAIN.fullmatch(text) and decimal != ",":
        return Decimal(text)
    plain = unicode_plain(text)
    if plain.startswith("(") and plain.endswith(")"):  # an accountant's minus
        return -abs(read_number(plain[1:-1], decimal, is_ledger=is_ledger))
    if _SIDE.search(plain) and (is_ledger or _EXACT_CREDIT.search(plain)):
        raise Misfit("type", "Cr and Dr say who owes the amount; write it with its sign, or write crore.")
    match = _NUMBER.fullmatch(plain)
    if match is None or is_empty_word(plain):
        raise Misfit("type", NOT_A_NUMBER)
    if match["percent"]:
        raise Misfit("type", "This is a percentage, and not an amount.")
    digits = parse_number(match["digits"], decimal)
    try:
        number = Decimal(digits + (match["exponent"] or "")) * SCALES.get((match["scale"] or "").casefold(), 1)
    except ArithmeticError as error:
        raise Misfit("type", NOT_A_NUMBER) from error
    return -number if "-" in (match["sign"], match["sign2"], match["after"]) else number


def unicode_plain(text: str) -> str:
    """The text with plain digits and without the apostrophe that marks a number as text."""
    plain = squeeze(text, MAX_LENGTH)
    if plain is None:
        raise Misfit("type", NOT_A_NUMBER)
    return with_ascii_digits(plain).strip().removeprefix("'").strip()


def read_money(text: str, decimal: DecimalSign | None = None, *, is_ledger: bool = False) -> str:
    """The amount, rounded to two decimals."""
    if _PLAIN_MONEY.fullmatch(text) and decimal != ",":
        return text
    amount = read_number(text, decimal, is_ledger=is_ledger)
    if amount.adjusted() > MAX_DIGITS:
        raise Misfit("range", "This amount is too large.")
    return str(amount.quantize(CENT, ROUND_HALF_UP) if -amount.as_tuple().exponent > 2 else amount)  # type: ignore[operator]  # finite


def read_count(text: str, decimal: DecimalSign | None = None, *, is_ledger: bool = False) -> int:
    """The whole number."""
    number = read_number(text, decimal, is_ledger=is_ledger)
    if number.adjusted() > MAX_DIGITS or number != number.to_integral_value():
        raise Misfit("type", "Enter a whole number.")
    return int(number)


def read_plain_number(text: str, decimal: DecimalSign | None = None, *, is_ledger: bool = False) -> int | float:
    """The number as JSON has it."""
    number = read_number(text, decimal, is_ledger=is_ledger)
    if number.adjusted() > MAX_DIGITS:
        raise Misfit("range", "This number is too long to be kept exactly; import the column as text.")
    return int(number) if number == number.to_integral_value() and "." not in text else float(number)


def parse_number(text: str, decimal: DecimalSign | None = None) -> str:
    """Normalize the digits of a number, with a point for the decimals: `1,00,000.50`, `1.234,50`, `12 500`.

    Without `decimal`, one comma with three digits after it groups thousands, as does each sign that stands twice.
    """
    plain = re.sub(r"[\s'’_]+", " ", re.sub(rf"^{_CURRENCY}", "", text, flags=re.IGNORECASE)).strip().rstrip(" ,.")
    whole, point, part = plain, "", ""
    if sign := _sign_in(plain, decimal):
        whole, point, part = plain.rpartition(sign)
    if whole and not whole.isdigit() and not _GROUPED.fullmatch(whole):
        return plain
    return re.sub(r"\D", "", whole) + point.replace(",", ".") + part


def _sign_in(plain: str, decimal: DecimalSign | None) -> DecimalSign | None:
    """The sign before the decimals of this cell; None if it has only whole thousands."""
    commas, points = plain.count(","), plain.count(".")
    if commas and points:
        return "," if plain.rfind(",") > plain.rfind(".") else "."
    if commas + points != 1:
        return None
    sign: DecimalSign = "," if commas else "."
    is_grouped = decimal != sign and _GROUPED.fullmatch(plain) and not plain.startswith("0")
    return None if is_grouped and (commas or decimal) else sign


def are_plain_numbers(cells: Sequence[str]) -> bool:
    """Whether all cells are plainly written numbers, of which nothing is lost: no `3L`, `1,2,3`, `001 2` or `1.10`.

    A zero at the end of the decimals is only kept by columns in which all cells have as many decimals.
    """
    parts: list[str] = []
    for cell in cells:
        plain = squeeze(cell, MAX_LENGTH)
        match = _PLAINLY.fullmatch(with_ascii_digits(plain)) if plain else None
        if match is None or _PHONE_LIKE.match(cell) or sum(map(str.isdigit, cell)) > MAX_DIGITS:
            return False
        if part := match["part"]:
            parts.append(part)
    has_zeros = any(part.endswith("0") and part.strip("0") for part in parts)
    return not has_zeros or len(set(map(len, parts))) == 1


def has_unclear_points(cells: Iterable[str]) -> bool:
    """Whether the points may group thousands: each stands alone, with three digits after it, as in `1.234`."""
    pointed = [plain for cell in cells if _POINT.search(plain := cell[:MAX_LENGTH])]
    return bool(pointed) and all(map(_UNCLEAR_POINT.search, pointed))


def decimal_sign(cells: Iterable[str]) -> DecimalSign | None:
    """The sign before the decimals in a column, if its cells leave no doubt."""
    with_comma = with_point = False
    for cell in cells:
        with_comma = with_comma or _COMMA_DECIMALS.search(cell) is not None
        with_point = with_point or _POINT_DECIMALS.search(cell) is not None
    if with_comma == with_point:
        return None
    return "," if with_comma else "."
