"""How long a text is as SMS, counted as networks do (3GPP TS 23.038 and 23.040).

A text of letters of the GSM alphabet has 160 characters in one SMS, and 153 in each of several; letters of its
extension take two, and are not divided. Any other letter makes the whole text UCS-2: 70 and 67 units of 16 bits, of
which emoji take two. What does not fit is in another segment, and vendors charge by segments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
MAX_SMS_SEGMENTS = 10
"""Of one message: more is hardly ever meant, and is paid for by each segment."""


@dataclass(frozen=True, slots=True)
class SmsLength:
    """Units are septets of the GSM alphabet, or 16 bits of UCS-2."""

    encoding: Literal["gsm", "ucs2"]
    units: int
    segments: int  # 0 of an empty text


def sms_length(text: str) -> SmsLength:
    """The length of a text."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENSION for letter in text):
        return _length("gsm", map(_septets, text), single=160, several=153)
    return _length("ucs2", map(_code_units, text), single=70, several=67)


def _septets(letter: str) -> int:
    return 2 if letter in GSM_EXTENSION else 1


def _code_units(letter: str) -> int:
    return 2 if ord(letter) > 0xFFFF else 1


def _length(encoding: Literal["gsm", "ucs2"], sizes: Iterable[int], *, single: int, several: int) -> SmsLength:
    """Fills one segment after the other: no letter is divided."""
    total = segments = used = 0
    for size in sizes:
        total += size
        if not segments or used + size > several:
            segments, used = segments + 1, 0
        used += size
    return SmsLength(encoding, total, min(segments, 1) if total <= single else segments)
