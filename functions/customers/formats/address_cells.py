"""E-mail addresses and phone numbers as they stand in the cells of a table: with names, labels, and several in one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from .cells import Misfit, has_lost_digits, is_empty_word, unwrap, with_ascii_digits, without_invisible

_PLAIN_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PLAIN_PHONE = re.compile(r"\+?\d{10,15}", re.ASCII)
_EMAIL_SEPARATORS = re.compile(r"\s*(?::::|[;|\n]|,(?=[^,]*@)|\s/\s)\s*")
_PHONE_SEPARATORS = re.compile(r"\s*(?::::|[/;,|\n]|\bor\b|&)\s*", re.IGNORECASE)
_LABEL = re.compile(r"^[^\W\d_][\w .]{0,20}:\s*")
_TOTALS = re.compile(r"(grand\s+|sub\s*)?totals?\b", re.IGNORECASE)
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


def read_emails(text: str) -> list[str]:
    """The addresses in the cell, the first one first. Raises `Misfit` if there is none."""
    if _PLAIN_EMAIL.fullmatch(text):
        return [text]
    plain = without_invisible(unwrap(text)).strip()
    parts = [one for part in _EMAIL_SEPARATORS.split(plain) for one in _separate(part)]
    found = [address for part in parts if (address := _clean_email(part))]
    if not found or is_empty_word(plain):
        raise Misfit("email", "This is not an e-mail address.")
    return found


def _separate(text: str) -> list[str]:
    """The addresses that only a space separates, or the text as it is."""
    words = text.split()
    return words if len(words) > 1 and all("@" in word for word in words) else [text]


def _clean_email(text: str) -> str:
    """The address without a name, `mailto:` and a dot at the end; empty if there is no @."""
    inner = re.search(r"<([^<>]*@[^<>]*)>", text)
    address = (inner[1] if inner else text).strip().strip("<>").strip()
    if address[:7].casefold() == "mailto:":
        address = address[7:].partition("?")[0]
    elif re.match(r"e-?mail\s*:", address, re.IGNORECASE):
        address = address.partition(":")[2].strip()
    return address.rstrip(".,;").strip() if "@" in address else ""


@lru_cache(maxsize=1024)
def suggested_domain(domain: str) -> str | None:
    """The domain that was meant, if this one is a common misspelling."""
    name, dot, ending = domain.casefold().partition(".")
    first, _, last = ending.rpartition(".")
    meant = f"{first}.{WRONG_ENDINGS[last]}" if first and last in WRONG_ENDINGS else WRONG_ENDINGS.get(last, ending)
    corrected = f"{TYPED_WRONG.get(name, name)}{dot}{meant}"
    return corrected if corrected != domain.casefold() else None


def read_phones(text: str) -> list[str]:
    """The numbers in the cell, the first one first. Raises `Misfit` if there is none."""
    if _PLAIN_PHONE.fullmatch(text):
        return [text]
    plain = _LABEL.sub("", with_ascii_digits(without_invisible(unwrap(text))).strip())
    if has_lost_digits(plain):
        raise Misfit("phone", "A spreadsheet has cut off the last digits; format the column as text and export again.")
    parts = [re.sub(r"^(\d{6,})\.0+$", r"\1", part) for part in _PHONE_SEPARATORS.split(plain)]
    found = [part for part in parts if sum(map(str.isdigit, part)) >= MIN_PHONE_DIGITS]
    if not found or is_empty_word(plain):
        raise Misfit("phone", "This is not a phone number.")
    return found


def read_id(text: str) -> str:
    """An id, without the apostrophe or the `.0` that a spreadsheet has added."""
    plain = unwrap(without_invisible(text))
    if _TOTALS.match(plain):
        raise Misfit("invalid", "This is a line of totals, and nobody's id.")
    if has_lost_digits(plain):
        raise Misfit(
            "invalid", "A spreadsheet has cut off the last digits; format the column as text and export again."
        )
    return plain[:-2] if plain.endswith(".0") and plain[:-2].isdigit() else plain
