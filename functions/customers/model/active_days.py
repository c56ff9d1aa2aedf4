"""A set of calendar days in a few bytes, so that the same day is never counted twice.

The first three bytes hold the number of the first day, counted from the year 1. Each following bit stands for one day
from there on. Ten years take 460 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

FIRST_DAY_BYTES = 3


def add_days(packed: bytes, days: Iterable[date]) -> tuple[bytes, int]:
    """Return the packed set including `days`, and how many of them are new. An empty `packed` is an empty set."""
    first, bits = _unpack(packed)
    numbers = {day.toordinal() for day in days}
    if not numbers:
        return packed, 0
    start = min(numbers) if not bits else min(first, *numbers)
    before = bits << (first - start) if bits else 0
    after = before
    for number in numbers:
        after |= 1 << (number - start)
    return _pack(start, after), after.bit_count() - before.bit_count()


def union_days(one: bytes, other: bytes) -> tuple[bytes, int]:
    """Return the packed set of the days in either set, and how many of them are in both."""
    if not one or not other:
        return one or other, 0
    (first, bits), (other_first, other_bits) = _unpack(one), _unpack(other)
    start = min(first, other_first)
    bits, other_bits = bits << (first - start), other_bits << (other_first - start)
    return _pack(start, bits | other_bits), (bits & other_bits).bit_count()


def remove_days(packed: bytes, after: bytes, before: bytes, *, keep: Iterable[date]) -> tuple[bytes, int]:
    """Return the packed set without the days that are in `after` and not in `before` nor in `keep`, and how many days
    these are."""
    if not packed or not after:
        return packed, 0
    sets = [_unpack(one) if one else (10**9, 0) for one in (packed, after, before)]
    start = min(first for first, _ in sets)
    own, added, known = (bits << (first - start) if bits else 0 for first, bits in sets)
    for day in keep:
        if (number := day.toordinal() - start) >= 0:
            known |= 1 << number
    left = own & ~(added & ~known)
    gone = own.bit_count() - left.bit_count()
    if not left:
        return b"", gone
    skipped = (left & -left).bit_length() - 1
    return _pack(start + skipped, left >> skipped), gone


def _unpack(packed: bytes) -> tuple[int, int]:
    return int.from_bytes(packed[:FIRST_DAY_BYTES], "big"), int.from_bytes(packed[FIRST_DAY_BYTES:], "little")


def _pack(first: int, bits: int) -> bytes:
    return first.to_bytes(FIRST_DAY_BYTES, "big") + bits.to_bytes((bits.bit_length() + 7) // 8, "little")
