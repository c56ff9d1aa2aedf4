"""The type of a column: decided from the values of the whole column, and not cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Literal, get_args

from common.catalogue.days import DateOrder

from .address_cells import read_emails, read_id, read_one_email, read_phones
from .cells import Misfit, is_empty_word, unwrap
from .consent_cells import read_consent, read_opt_out
from .date_cells import EARLIEST_BIRTH_YEAR, EARLIEST_YEAR, date_order, read_date, read_utc_date
from .number_cells import DecimalSign, are_plain_numbers, decimal_sign, read_count, read_money, read_plain_number

ColumnType = Literal[
    "text", "number", "flag", "date", "list", "json", "money", "whole", "id", "email", "phone", "consent"
]
ATTRIBUTE_TYPES: tuple[ColumnType, ...] = ("text", "number", "flag", "date", "list", "json")
"""What an attribute can be. The other types are those of certain fields."""

NUMBER_TYPES: frozenset[ColumnType] = frozenset({"number", "money", "whole"})
DATE_ORDERS = get_args(DateOrder)
OPPOSITE = "opposite"
"""The format of a column of consent in which a yes is a no to messages."""

TRUE_WORDS, FALSE_WORDS = frozenset({"true", "yes", "y", "on"}), frozenset({"false", "no", "n", "off"})
_TEXT_HEADING = re.compile(
    r"(^|[\s_.-])(pin|pincode|zip|zipcode|postal|postcode|plz|cep|code|phone|mobile|fax|id|ids|gst|gstin|pan|aadhaar|sku|"
    r"hsn|ip|iban|ifsc|account|reference|ref|no|number|notes?|comments?|version)([\s_.-]|$)",
    re.IGNORECASE,
)
_PLACE_HEADING = re.compile(r"(^|[\s_.-])(table|seat|room|flat|floor|section|chapter)([\s_.-]|$)", re.IGNORECASE)
"""Of a column in which 1.10 is not 1.1."""

_LEADING_ZERO = re.compile(r"'?0\d+|'\d+|=\"\d*\"", re.ASCII)
_BARE_NUMBER = re.compile(r"[\d.,]+", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}([. ])\d{1,2}\1\d\d", re.ASCII)
"""A day, or the number of a version, a room or a seat."""

_LEDGER_HEADING = re.compile(r"balance|receivable|payable|outstanding|बकाया", re.IGNORECASE)
_DEBIT = re.compile(r"\d ?dr\.?$", re.IGNORECASE)
Reader = Callable[[str], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingDefaults:
    """How cells are read where a column does not say otherwise."""

    date_order: DateOrder = "dmy"
    decimal: DecimalSign | None = None  # before the decimals of amounts, where no cell shows it
    attribute_types: Mapping[str, ColumnType] = field(default_factory=dict)  # that somebody chose, by name
    currency: str | None = None  # of all amounts


@dataclass(frozen=True, kw_only=True, slots=True)
class CellFormat:
    """The type of a column and its format: the order of a date, the decimal sign of a number, `opposite`."""

    type: ColumnType
    format: str | None = None
    is_decided: bool = True  # by the caller or by the values, and not only by the settings


def attribute_type(header: str, cells: Sequence[str]) -> ColumnType:
    """The type that all cells have; text if they have none in common, or if digits in them are no number."""
    values = [cell for cell in cells if not is_empty_word(cell)]
    if not values:
        return "text"
    if all(value.casefold() in TRUE_WORDS | FALSE_WORDS for value in values):
        return "flag"
    if all(value[:1] in "[{" and _is_json(value) for value in values):
        return "json"
    if any(map(_LEADING_ZERO.fullmatch, values)) or _TEXT_HEADING.search(header):
        return "text"
    if all(map(_is_day, values)):
        return "date"
    is_label = _PLACE_HEADING.search(header) and any("." in value for value in values)
    return "number" if are_plain_numbers(values) and not is_label else "text"


def _is_json(text: str) -> bool:
    with suppress(ValueError, RecursionError):
        json.loads(text)
        return True
    return False


def _fits(read: Reader, text: str) -> bool:
    with suppress(Misfit):
        read(text)
        return True
    return False


def _is_day(text: str) -> bool:
    """Whether the text is a date in some order; a bare number is not."""
    if (_BARE_NUMBER.fullmatch(text) and text.count(".") < 2) or _SHORT_YEAR.fullmatch(text):
        return False
    return any(_fits(partial(read_date, order=order, earliest=EARLIEST_BIRTH_YEAR), text) for order in DATE_ORDERS)


def cell_format(type_: ColumnType, cells: Sequence[str], given: str | None, defaults: ReadingDefaults) -> CellFormat:
    """The format of a column of the type: the caller's, else what its cells show, else the deployment's."""
    if given is not None or type_ not in {"date", *NUMBER_TYPES}:
        return CellFormat(type=type_, format=given)
    if type_ == "date":
        order = date_order(cells)
        return CellFormat(type=type_, format=order or defaults.date_order, is_decided=order is not None)
    return CellFormat(type=type_, format=decimal_sign(cells))


def is_ledger(header: str, cells: Sequence[str]) -> bool:
    """Whether `Cr` and `Dr` in the column say who owes an amount, as in Tally and Vyapar."""
    return _LEDGER_HEADING.search(header) is not None or any(_DEBIT.search(cell[-6:]) for cell in cells)


def cell_reader(
    chosen: CellFormat,
    *,
    is_attribute: bool,
    defaults: ReadingDefaults,
    is_ledger: bool = False,
    is_exact: bool = False,
    is_utc: bool = False,
) -> Reader:
    """The function that reads one cell. It raises `Misfit` if the cell does not fit. With `is_exact`, a text, an id or
    an address is not cleaned of what a spreadsheet or a tool adds; with `is_utc`, times without a zone are in UTC."""
    order: DateOrder = chosen.format if chosen.format in DATE_ORDERS else defaults.date_order  # type: ignore[assignment]
    decimal: DecimalSign | None = chosen.format if chosen.format in {".", ","} else None  # type: ignore[assignment]
    match chosen.type:
        case "money":
            return partial(read_money, decimal=decimal, is_ledger=is_ledger)
        case "whole":
            return partial(read_count, decimal=decimal, is_ledger=is_ledger)
        case "number":
            return partial(read_plain_number, decimal=decimal, is_ledger=is_ledger)
        case "date":
            earliest = EARLIEST_BIRTH_YEAR if is_attribute else EARLIEST_YEAR
            return partial(read_utc_date if is_utc else read_date, order=order, earliest=earliest)
        case "consent":
            return partial(read_opt_out if chosen.format == OPPOSITE else read_consent, order=order)
    if is_exact and chosen.type in _EXACT_READERS:
        return _EXACT_READERS[chosen.type]
    return _PLAIN_READERS[chosen.type]


def _read_flag(text: str) -> bool:
    word = text.casefold()
    if word in TRUE_WORDS or word == "1":
        return True
    if word in FALSE_WORDS or word == "0":
        return False
    raise Misfit("type", "Write true or false.")


def read_list(text: str) -> list[str]:
    """The entries, without quotation marks and the stars of Google Contacts."""
    if text.startswith("["):
        with suppress(ValueError, RecursionError):
            if isinstance(entries := json.loads(text), list) and all(isinstance(entry, str) for entry in entries):
                return entries
    return list(_split(text))


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[str, ...]:
    parts = (part.strip().strip('"').removeprefix("* ").strip() for part in re.split(r":::|[,;|]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misfit("json", "This is not JSON.") from error


_PLAIN_READERS: dict[ColumnType, Reader] = {
    "text": unwrap,
    "flag": _read_flag,
    "list": read_list,
    "json": _read_json,
    "id": read_id,
    "email": read_emails,
    "phone": read_phones,
}
_EXACT_READERS: dict[ColumnType, Reader] = {"text": str, "id": str, "email": read_one_email}
