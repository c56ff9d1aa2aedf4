"""Inputs from bytes, for fuzzers that make up bytes: atheris, and a generator of random ones.

Each byte that names a word of the language is that word, so that a change of one byte is a small change of the input.
All bytes give an input, and the same bytes always the same.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "cp1252", "utf-8-sig")
MAX_DEPTH = 4
WORD_BYTES = 200
"""A byte below it is a word; the others begin a character."""


class ByteReader:
    """Reads values from bytes; at their end, zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._data)

    def byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def choice(self, items: Sequence[Any]) -> Any:
        return items[self.byte() % len(items)]

    def rest(self) -> bytes:
        rest, self._at = self._data[self._at :], len(self._data)
        return rest

    def words(self, dictionary: Sequence[str], limit: int = 40) -> str:
        """A text of words and characters, with or without spaces between them."""
        separator: str = self.choice(("", " "))
        parts: list[str] = []
        while not self.is_at_end and len(parts) < limit:
            byte = self.byte()
            parts.append(dictionary[byte % len(dictionary)] if byte < WORD_BYTES else self._characters(byte))
        return separator.join(parts)

    def _characters(self, byte: int) -> str:
        """Up to eight characters: of ASCII, of the first plane with its lone surrogates, or of any plane."""
        bits = (7, 16, 21)[byte % 3]
        numbers = (self.byte() << 16 | self.byte() << 8 | self.byte() for _ in range(byte % 8 + 1))
        return "".join(chr(min(number & (1 << bits) - 1, 0x10FFFF)) for number in numbers)

    def json(self, dictionary: Sequence[str], depth: int = 0) -> Any:
        """A JSON value."""
        kind = self.byte() % (8 if depth < MAX_DEPTH else 6)
        match kind:
            case 0:
                return self.choice((None, True, False))
            case 1:
                return int.from_bytes(bytes(self.byte() for _ in range(self.byte() % 12)), "big", signed=True)
            case 2:
                return struct.unpack(">d", bytes(self.byte() for _ in range(8)))[0]
            case 3 | 4:
                return self.words(dictionary, limit=self.byte() % 4 + 1)
            case 5:
                return self.choice(dictionary)
            case 6:
                return [self.json(dictionary, depth + 1) for _ in range(self.byte() % 4)]
        return {self.choice(dictionary): self.json(dictionary, depth + 1) for _ in range(self.byte() % 6)}


def decode_words(data: bytes, dictionary: Sequence[str]) -> str:
    return ByteReader(data).words(dictionary)


def decode_encoded(data: bytes, dictionary: Sequence[str]) -> bytes:
    """The words in one of several encodings; of every fourth input, the bytes as they are."""
    reader = ByteReader(data)
    number = reader.byte()
    if number % 4 == 0:
        return reader.rest()
    return reader.words(dictionary).encode(ENCODINGS[number % len(ENCODINGS)], "ignore")
