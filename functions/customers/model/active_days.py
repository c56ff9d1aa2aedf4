"""Days: a set of calendar days as a few bytes, so that the same day is never counted twice.

The number of the first day (three bytes, counted from the year 1), then one bit for each day from there on. Ten years
take 460 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

HEAD_BYTES = 3


def with_days(packed: bytes, days: Iterable[date]) -> tuple[bytes, int]:
    """The set with these days in it, and how many of them are new."""
    first, bits = _unpacked(packed)
    numbers = {day.toordinal() for day in days}
    if not numbers:
        return packed, 0
    start = min(numbers) if not bits else min(first, *numbers)
    before = bits << (first - start) if bits else 0
    after = before
    for number in numbers:
        after |= 1 << (number - start)
    return _packed(start, after), after.bit_count() - before.bit_count()


def _unpacked(packed: bytes) -> tuple[int, int]:
    return int.from_bytes(packed[:HEAD_BYTES], "big"), int.from_bytes(packed[HEAD_BYTES:], "little")


def _packed(first: int, bits: int) -> bytes:
    return first.to_bytes(HEAD_BYTES, "big") + bits.to_bytes((bits.bit_length() + 7) // 8, "little")
