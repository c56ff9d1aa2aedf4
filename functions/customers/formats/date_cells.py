"""Dates as people and programs write them in a table. Each is read to the ISO form that the API takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from common.catalogue.days import MONTHS, DateOrder

from .cells import Misfit, is_empty_word, squeeze, with_ascii_digits

EARLIEST_YEAR = 1990
"""No customer of a shop was active before it: an older date stands for a missing one."""

EARLIEST_BIRTH_YEAR, LATEST_YEAR = 1900, 2100
MAX_LENGTH = 80
"""Characters of a day with its time and the name of its time zone."""

EXCEL_EPOCH = datetime(1899, 12, 30)  # the serial numbers have no time zone
EXCEL_DAYS = range(20_000, 80_000)
"""From 1954 to 2119. Smaller numbers are years or counts."""

UNIX_DIGITS: Mapping[int, int] = {10: 1, 13: 1_000, 16: 1_000_000}
"""Digits of a Unix time, and its units in a second."""

_OTHER_MONTHS = (
    "janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre, décembre",
    "enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre, noviembre, diciembre",
    "Januar, Februar, März, April, Mai, Juni, Juli, August, September, Oktober, November, Dezember",
)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_TIME = re.compile(
    r"(?:(?<=\d)T)?[ ,]*\b(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]\.?\s?m\b\.?)?", re.IGNORECASE | re.ASCII
)
_ZONE = re.compile(r"(?:(?:UTC|GMT|Z|IST)?\s*([+-]\d{1,2}):?(\d{2})?|UTC|GMT|Z)(?:\s+(?:UTC|GMT|IST))?", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_WORDS = re.compile(r"[\s,./-]+")
_OTHER_WORDS = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun", "of", "at", "de", "um", "le"})
_NOT_A_DATE = "This is not a date that can be read; write it like 2025-12-25."


@lru_cache(maxsize=4096)
def read_date(text: str, order: DateOrder, *, earliest: int = EARLIEST_YEAR) -> str:
    """The day or time in ISO form. A time without a time zone stays without one."""
    match = _ISO.fullmatch(text)
    if match:
        year, month, day, time, zone = match.groups()
        iso_day = _day(int(year), int(month), int(day), earliest)
        return f"{iso_day}T{time}{zone or ''}" if time else iso_day
    return _read_other(text, order, earliest)


def read_utc_date(text: str, order: DateOrder, *, earliest: int = EARLIEST_YEAR) -> str:
    """Like `read_date`, in a column whose heading says that its times are in UTC."""
    read = read_date(text, order, earliest=earliest)
    return f"{read}Z" if "T" in read and not re.search(r"(Z|[+-]\d\d:?\d\d)$", read) else read


def _read_other(text: str, order: DateOrder, earliest: int) -> str:
    """A day or time in another form than ISO's, such as `25/12/2025 02:30 PM +0530`."""
    squeezed = squeeze(text, MAX_LENGTH)
    if squeezed is None:
        raise Misfit("date", _NOT_A_DATE)
    plain = with_ascii_digits(squeezed).strip().removeprefix("'").strip()
    if is_empty_word(plain) or not any(map(str.isdigit, plain)):
        raise Misfit("date", "There is no date in this cell.")
    if plain.replace(".", "", 1).isdigit() and plain.count(".") <= 1:
        return _from_number(plain, earliest)
    plain = re.sub(r"\([^)]*\)", "", plain).strip()
    clock = _TIME.search(plain)
    if clock is None:
        return _read_day(plain, order, earliest)
    before, after = plain[: clock.start()], plain[clock.end() :].strip()
    if year := re.search(r"(?:^|\s)\d{4}$", after):  # Thu Dec 25 14:30:00 2025
        before, after = f"{before} {year[0]}", after[: year.start()].strip()
    return f"{_read_day(before, order, earliest)}T{_clock(clock)}{_zone(after)}"


def _from_number(plain: str, earliest: int) -> str:
    """A day's number in a spreadsheet, a Unix time, or a day like 20251225."""
    whole, _, part = plain.partition(".")
    if len(whole) == 8 and not part:
        return _day(int(whole[:4]), int(whole[4:6]), int(whole[6:]), earliest)
    if units := UNIX_DIGITS.get(len(whole)):
        at = datetime.fromtimestamp(int(whole) / units, UTC).replace(microsecond=0)
        _day(at.year, at.month, at.day, earliest)
        return at.isoformat()
    if len(whole) == 5 and int(whole) in EXCEL_DAYS:
        at = EXCEL_EPOCH + timedelta(days=int(whole), seconds=round(float(f"0.{part or 0}") * 86_400))
        _day(at.year, at.month, at.day, earliest)
        return at.isoformat() if part.strip("0") else at.date().isoformat()
    raise Misfit("date", f"This number is not a date. {_NOT_A_DATE}")


def _read_day(text: str, order: DateOrder, earliest: int) -> str:
    """A day without a time. `order` says which number is the month."""
    text = text.strip(" ,")
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]), earliest)
    if match := _NUMERIC.fullmatch(text):
        first, second, last = int(match[1]), int(match[3]), int(match[4])
        if order == "ymd" and len(match[4]) == 2:
            return _day(_full_year(first), second, last, earliest)
        day, month = (second, first) if order == "mdy" else (first, second)
        return _day(_full_year(last) if len(match[4]) == 2 else last, month, day, earliest)
    return _read_words(text, earliest)


def _read_words(text: str, earliest: int) -> str:
    """A day with the month in words: `25 Dec 2025`, `Thu, December 25th, 2025`, `25-Dec-25`."""
    numbers: list[str] = []
    months: list[int] = []
    for word in _WORDS.split(text.casefold()):
        number = re.fullmatch(r"(\d+)(?:st|nd|rd|th)?", word)
        if number:
            numbers.append(number[1])
        elif word in _months():
            months.append(_months()[word])
        elif word and word[:3] not in _OTHER_WORDS:
            raise Misfit("date", _NOT_A_DATE)
    if len(months) != 1 or len(numbers) != 2:
        raise Misfit("date", _NOT_A_DATE)
    day, year = numbers if len(numbers[0]) < 4 else reversed(numbers)
    return _day(_full_year(int(year)) if len(year) == 2 else int(year), months[0], int(day), earliest)


@lru_cache(maxsize=1)
def _months() -> Mapping[str, int]:
    """The names of months and their short forms, in lower case."""
    names: dict[str, int] = {}
    for months in (*MONTHS.values(), *(line.split(", ") for line in _OTHER_MONTHS)):
        for number, month in enumerate(months, 1):
            name = month.casefold()
            for length in (3, 4, len(name)):
                names.setdefault(name[:length], number)
    return names


def _full_year(year: int) -> int:
    return year + (2000 if year < 70 else 1900)


def _day(year: int, month: int, day: int, earliest: int) -> str:
    """The day in ISO form. Raises `Misfit` if there is no such day, or if it is too long ago to be true."""
    if year and not earliest <= year <= LATEST_YEAR:
        raise Misfit("date", f"The year must be between {earliest} and {LATEST_YEAR}.")
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise Misfit("date", f"There is no such day in this order of day and month. {_NOT_A_DATE}") from error


def _clock(match: re.Match[str]) -> str:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if half := (match[4] or "").casefold():
        if not 1 <= hour <= 12:
            raise Misfit("date", "There is no such time of day.")
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise Misfit("date", "There is no such time of day.")
    return f"{hour:02}:{minute:02}:{second:02}"


def _zone(text: str) -> str:
    """The offset of a time zone in ISO form; empty if there is none."""
    if not text:
        return ""
    if text.upper() == "IST":  # India's here, as in the time zones of people
        return "+05:30"
    match = _ZONE.fullmatch(text)
    if match is None:
        raise Misfit("date", f"The time zone cannot be read. {_NOT_A_DATE}")
    if not match[1]:
        return "Z"
    return f"{match[1][0]}{int(match[1][1:]):02}:{match[2] or '00'}"


def date_order(cells: Iterable[str]) -> DateOrder | None:
    """The order of day and month in a column, if a cell shows it and no other contradicts: 25/12, 12/25."""
    orders: set[DateOrder] = set()
    for cell in cells:
        match = _NUMERIC.match(with_ascii_digits(cell[:MAX_LENGTH]).strip())
        if match and int(match[1]) > 31:
            orders.add("ymd")
        elif match and int(match[1]) > 12 >= int(match[3]):
            orders.add("dmy")
        elif match and int(match[3]) > 12 >= int(match[1]):
            orders.add("mdy")
    return orders.pop() if len(orders) == 1 else None
