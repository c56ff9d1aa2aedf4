"""Plain values: what a customer's record says is data, and only what looks like data is used.

A value that is not plain counts as missing, in Gemini and in template mode alike.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from common.catalogue.fields import FIELDS
from common.guard.chatter import CHATTER
from common.guard.currency import CURRENCY
from common.guard.findings import Prose
from common.guard.folding import word_set, words_of
from common.guard.links import LINKS
from common.guard.percentages import PERCENTAGES
from common.guard.promises import PROMISES
from common.guard.scripts import scripts_of
from common.guard.spelled_out import SPELLED_OUT
from common.guard.urgency import URGENCY

MAX_CHARACTERS = 60
MAX_WORDS = 6
MAX_FOREIGN_WORDS = 3  # in scripts for which the guard has no word lists
MAX_INITIALS = 3  # "A. P. J. Abdul" is a name, "F R E E" is none
MAX_NUMBER = 1_000_000_000  # longer ones are phone numbers
_SIGNS = frozenset(" .,'’-&")
_INNER_DOT = re.compile(r"\.[^\W\d_]{2}|\.{2}|[-'&]{2}|^[^\w]")
_SHORT_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,2})?", re.ASCII)
_READ_BY = ("LATIN", "DEVANAGARI")
_NEVER_IN_A_NAME = word_set(
    """
    ignore ignorez ignora ignoriere disregard forget override instruction instructions instrucciones anweisungen
    prompt system assistant your youre please click tap reply respond repeat print output send pay verify confirm
    subscribe download install account password otp link website url http https www code coupon voucher parcel
    payment fee whatsapp telegram upi admin developer jailbreak javascript script base64 translate escribe antworte
    schreibe reponds instead poem rules rule password secret all everyone everybody others recipients customers
    people them text message messages email emails है हैं करें करो कीजिए आपका आपको आपके आपकी मुझे भेजें भेजो क्लिक
    निर्देश निर्देशों लिखो लिखें बताओ कृपया सभी संदेश अनदेखा hai hain karo karein kijiye aapko aapka aapke bhejo
    bhejein likho batao nirdesh
    """
)
_RARELY_IN_A_NAME = word_set(
    """
    is are was the to for of in on at by with from will you we i am be do not this that and or see go get give take
    use call tell say new here now write add make visit buy order held waiting must should can my me our us it its
    has have
    """
)


@dataclass(frozen=True, slots=True)
class PlainFields:
    """The fields of a recipient as a message may show them."""

    values: Mapping[str, Any]
    refused: tuple[str, ...]  # the names of the values that are not plain: `name`, `attributes.plan`


def plain_fields(fields: Mapping[str, Any]) -> PlainFields:
    """The plain ones of an event's fields. What may be guessed from a field that is not plain is not plain either:
    `first_name` from `name`."""
    refused = [name for name, value in fields.items() if not isinstance(value, Mapping) and not _is_usable(name, value)]
    refused += [name for name in fields if name not in refused and _is_guessed_from(refused, name, fields)]
    values: dict[str, Any] = {name: None if name in refused else value for name, value in fields.items()}
    for name, value in fields.items():
        if isinstance(value, Mapping):
            values[name] = _plain_map(value)
            refused += [f"{name}.{path}" for path in _refused_paths(value)]
    return PlainFields(values, tuple(refused))


def _is_guessed_from(refused: Collection[str], name: str, fields: Mapping[str, Any]) -> bool:
    """Whether the value may have been guessed from one that is refused, because it stands in it."""
    whole = FIELDS[name].guessed_from if name in FIELDS else ""
    return whole in refused and str(fields[name]) in str(fields[whole])


def _is_usable(name: str, value: Any) -> bool:
    """Whether a value is missing, plain, or of a kind that the server itself formats."""
    if value is None or value == "":
        return True
    record = FIELDS.get(name)
    if record and record.kind == "money":
        return isinstance(value, str) and len(value) <= 40
    if record and record.kind == "whole":
        return isinstance(value, int)
    if record and record.kind == "date":
        return isinstance(value, str) and _is_date(value)
    return isinstance(value, str) and is_plain(value)


def _plain_map(entries: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    return {
        str(name): _plain_map(value, depth + 1) if isinstance(value, Mapping) else value
        for name, value in entries.items()
        if (isinstance(value, Mapping) and depth < 8) or is_plain_attribute(value)
    }


def _refused_paths(entries: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    for name, value in entries.items():
        if isinstance(value, Mapping) and depth < 8:
            yield from (f"{name}.{path}" for path in _refused_paths(value, depth + 1))
        elif value not in (None, "") and not is_plain_attribute(value):
            yield str(name)


def is_plain_attribute(value: Any) -> bool:
    """Whether the value of a field of the caller's own is plain: words, a short number, a day, yes or no."""
    if isinstance(value, str):
        return is_plain(value) or bool(_SHORT_NUMBER.fullmatch(value)) or _is_date(value)
    return isinstance(value, bool | int | float) and math.isfinite(value) and abs(value) < MAX_NUMBER


@lru_cache(maxsize=2_000)  # a record is looked at for each part of its message, and people share cities and the like
def is_plain(text: str) -> bool:
    """Whether a text is what names, cities and the like are made of, and nothing else."""
    return (
        0 < len(text.strip()) <= MAX_CHARACTERS
        and len(text) <= 2 * MAX_CHARACTERS
        and all(map(_is_ordinary, text))
        and not _INNER_DOT.search(text)
        and not _has_stacked_marks(text)
        and _has_one_script(text)
        and _is_no_sentence(text)
        and _is_harmless(text)
    )


def _is_ordinary(letter: str) -> bool:
    if letter in _SIGNS or letter in "\u200c\u200d":
        return True
    kind = unicodedata.category(letter)
    return kind in {"Ll", "Lu", "Lt", "Lo"} or (kind in {"Mn", "Mc"} and letter != "\u034f")


def _has_stacked_marks(text: str) -> bool:
    """Whether more than three marks stand on one letter, or a joiner where no script needs one."""
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in {"Mn", "Mc"} else 0
        if marks > 3:
            return True
    joined = any(letter in "\u200c\u200d" for letter in text)
    return joined and bool(scripts_of(text) & {"LATIN", "CYRILLIC", "GREEK"})


def _has_one_script(text: str) -> bool:
    scripts = scripts_of(text)
    return len(scripts) == 1 and "STYLED" not in scripts


def _is_no_sentence(text: str) -> bool:
    words = [word.text for word in words_of(text) if word.text != "."]
    limit = MAX_WORDS if scripts_of(text) <= set(_READ_BY) else MAX_FOREIGN_WORDS
    rare = sum(word in _RARELY_IN_A_NAME for word in words)
    return len(text.split()) <= limit and rare < 2 and not _NEVER_IN_A_NAME.intersection(words)


def _is_harmless(text: str) -> bool:
    prose = Prose(text)
    validators = (LINKS, PROMISES, PERCENTAGES, CURRENCY, URGENCY, CHATTER)
    if any(True for validator in validators for _ in validator.find(prose)):
        return False
    return all(sum(map(str.isalpha, found.text)) <= MAX_INITIALS for found in SPELLED_OUT.find(prose))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
