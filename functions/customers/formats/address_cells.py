"""E-mail addresses and phone numbers as they stand in the cells of a table: with names, labels, and several in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from .cells import Misfit, has_lost_digits, is_empty_word, squeeze, unwrap, with_ascii_digits, without_invisible

_PLAIN_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PLAIN_PHONE = re.compile(r"\+?\d{10,15}", re.ASCII)
_EMAIL_FORM = re.compile(r"[^\s@,]+@[^\s@,.]+(\.[^\s@,.]+)+")
_NOT_IN_ADDRESS = re.compile(r"[\s<>,;:()]")
_EMAIL_SEPARATORS = re.compile(r":::|[;|]|,(?=[^,@]*@)| / ")
_EMAIL_LABEL = re.compile(r"e-?mail ?: ?", re.IGNORECASE)
_NAMED_EMAIL = re.compile(r"<([^<>@]*@[^<>]*)>")
_PHONE = re.compile(
    r"(\+?[(\d][\d ().\N{HYPHEN}\N{EN DASH}-]*)(?:(?:extension|extn?|x)\.? ?:? ?\d{1,6})?", re.IGNORECASE
)
_BETWEEN_PHONES = re.compile(r"[\s/;,|&:()+.-]|\d|\bor\b", re.IGNORECASE)
_LABEL = re.compile(r"^[^\W\d_][\w .]{0,20}: ?")
_COUNT = re.compile(r" ?\(\d+[^()]*\)$")
_TOTALS = frozenset(
    {
        *("total", "totals", "grand total", "grand totals", "sub total", "sub totals", "sub-total", "subtotal"),
        *("subtotals", "gesamt", "summe", "gesamtsumme", "zwischensumme", "total general", "total général"),
        *("sous-total", "कुल", "कुल योग", "योग"),
    }
)
"""What stands for an id in a line of totals, in lower case."""

MAX_CELL, MAX_ADDRESS = 2_000, 320
"""Characters of a cell with addresses, and of one address."""

MAX_PHONE_DIGITS = 15
LOCAL_PHONE_DIGITS = 10
MIN_PHONE_DIGITS = 6

TYPED_WRONG: Mapping[str, str] = {
    **dict.fromkeys(("gmial", "gamil", "gmai", "gmal", "gmaill", "gnail", "gmali", "gmil", "gimail", "gmeil"), "gmail"),
    **dict.fromkeys(("yaho", "yahooo", "yhoo", "yhaoo", "yahho"), "yahoo"),
    **dict.fromkeys(("hotmial", "hotmal", "hotmai", "hotmil", "hotamil"), "hotmail"),
    **dict.fromkeys(("outlok", "outloook", "oulook", "outllok"), "outlook"),
    **dict.fromkeys(("redifmail", "rediffmial", "rediffmal"), "rediffmail"),
}
WRONG_ENDINGS: Mapping[str, str] = dict.fromkeys(("con", "cmo", "ocm", "comm", "cpm", "vom", "xom", "coml"), "com")
"""Endings and names of large providers as people mistype them. None of them is a domain that people use."""


Addresses = tuple[list[str], str]
"""The addresses in a cell, the first one first; and what else the cell says, which is left out."""


def read_emails(text: str) -> Addresses:
    """The addresses in the cell. Raises `Misfit` if there is none."""
    if len(text) <= MAX_ADDRESS and _PLAIN_EMAIL.fullmatch(text):
        return [text], ""
    plain = squeeze(without_invisible(unwrap(text)), MAX_CELL)
    if plain is None or is_empty_word(plain):
        raise Misfit("email", "This is not an e-mail address.")
    found: list[str] = []
    remarks: list[str] = []
    for part in _parts(plain):
        addresses, remark = _clean_email(part.strip())
        found += addresses
        remarks += remark
    if not found:
        raise Misfit("email", "This is not an e-mail address.")
    found.sort(key=lambda address: _EMAIL_FORM.fullmatch(address) is None)  # the first that can be read
    return found, " ".join(remarks)


def read_one_email(text: str) -> Addresses:
    """The only address, which may have any sign; or the addresses of a cell that somebody has changed."""
    return ([text], "") if text.count("@") == 1 and not _NOT_IN_ADDRESS.search(text) else read_emails(text)


def _parts(text: str) -> Iterator[str]:
    """The parts of a cell with an address each. A slash separates two addresses; else it belongs to one."""
    for part in _EMAIL_SEPARATORS.split(text):
        halves = part.split("/")
        yield from halves if all("@" in half for half in halves) else [part]


def _clean_email(text: str) -> tuple[list[str], list[str]]:
    """The addresses in a part of a cell, without names, `mailto:` and a dot at the end; and the words after them."""
    if inner := _NAMED_EMAIL.search(text):
        return [inner[1].strip().rstrip(".,;")], []
    plain = _EMAIL_LABEL.sub("", text.strip("<> "), count=1) if _EMAIL_LABEL.match(text) else text.strip("<> ")
    if plain[:7].casefold() == "mailto:":
        plain = plain[7:].partition("?")[0]
    if "@" not in plain:
        return [], []
    words = plain.replace(" @", "@").replace("@ ", "@").replace("(", " (").split()
    if not _EMAIL_FORM.fullmatch(words[0].rstrip(".,;")):  # it is rejected as it is
        return [plain.rstrip(".,;").strip()], []
    addresses = [word.rstrip(".,;") for word in words if "@" in word]
    rest = [word for word in words if "@" not in word]
    return addresses, rest or [plain] * (len(words) < len(plain.split()))


@lru_cache(maxsize=1024)
def suggested_domain(domain: str) -> str | None:
    """The domain that was meant, if this one is a common misspelling."""
    name, dot, ending = domain.casefold().partition(".")
    first, _, last = ending.rpartition(".")
    meant = f"{first}.{WRONG_ENDINGS[last]}" if first and last in WRONG_ENDINGS else WRONG_ENDINGS.get(last, ending)
    corrected = f"{TYPED_WRONG.get(name, name)}{dot}{meant}"
    return corrected if corrected != domain.casefold() else None


def read_phones(text: str) -> Addresses:
    """The numbers in the cell. Raises `Misfit` if there is none."""
    if _PLAIN_PHONE.fullmatch(text):
        return [text], ""
    squeezed = squeeze(unwrap(text), MAX_CELL)
    if squeezed is None or is_empty_word(squeezed):
        raise Misfit("phone", "This is not a phone number.")
    plain = _LABEL.sub("", unwrap(with_ascii_digits(without_invisible(squeezed))).strip())
    if has_lost_digits(plain):
        raise Misfit("phone", "A spreadsheet has cut off the last digits; format the column as text and export again.")
    runs = [run.rstrip(" (.-\N{EN DASH}") for run in _PHONE.findall(plain)]
    found = [number for run in runs for number in _separate(run) if _count_digits(number) >= MIN_PHONE_DIGITS]
    if not found:
        raise Misfit("phone", "This is not a phone number.")
    is_doubtful = len(found) > len(runs) or _BETWEEN_PHONES.sub("", _PHONE.sub("", plain))
    return found, plain if is_doubtful else ""


def _separate(run: str) -> list[str]:
    """The numbers that only spaces separate: each has ten digits or more. A spreadsheet's `.0` is no part of one."""
    if _count_digits(run) <= MAX_PHONE_DIGITS:
        return [re.sub(r"^(\d{6,})\.0+$", r"\1", run)]
    numbers = [""]
    for word in run.split():
        if _count_digits(numbers[-1]) >= LOCAL_PHONE_DIGITS:
            numbers.append("")
        numbers[-1] = f"{numbers[-1]} {word}".strip()
    return numbers


def _count_digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def read_id(text: str) -> str:
    """An id, without the apostrophe or the `.0` that a spreadsheet has added."""
    plain = unwrap(without_invisible(text))
    if _is_total(plain):
        raise Misfit("invalid", "This is a line of totals, and nobody's id.")
    if has_lost_digits(plain):
        raise Misfit(
            "invalid", "A spreadsheet has cut off the last digits; format the column as text and export again."
        )
    return plain[:-2] if plain.endswith(".0") and plain[:-2].isdigit() else plain


def _is_total(text: str) -> bool:
    """Whether the text is `Total`, `Grand totals (12 records)` or the like, and nothing else."""
    plain = squeeze(text.casefold(), MAX_ADDRESS)
    return plain is not None and _COUNT.sub("", plain).rstrip(" :") in _TOTALS
