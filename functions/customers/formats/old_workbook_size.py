"""How large an old workbook (.xls) is, before it is read: its reader takes memory for every cell up to the last value.

The file is a compound document: sectors, a table that says which sector follows which (the FAT), and a directory with
the streams. The stream `Workbook` has records; those of cells begin with their row and column.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from common.errors import UnsupportedFile

from .workbook_size import MAX_CELLS, too_large

HEADER_BYTES, ENTRY_BYTES, FIRST_FAT_ENTRIES = 512, 128, 109
END_OF_CHAIN = 0xFFFFFFFA
"""From here on a number is a mark, and no sector."""

STREAM_NAMES = {"Workbook", "Book"}
ROOT, STREAM = 5, 2
BEGIN, DIMENSIONS, MANY_NUMBERS = frozenset({0x0009, 0x0209, 0x0409, 0x0809}), 0x0200, 0x00BD
CELLS = frozenset(
    {
        *(0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x0206),
        *(0x0207, 0x027E, 0x0406, MANY_NUMBERS),
    }
)
"""Records of cells with a value."""


def check_old_workbook_size(content: bytes) -> None:
    """Raise `TooLarge` if a sheet has a value too far away, and `UnsupportedFile` for a file that is no workbook."""
    try:
        stream = _CompoundDocument(content).workbook()
        _check_cells(stream)
    except (struct.error, IndexError, ValueError) as error:
        message = (
            "This file cannot be read as a workbook: it is damaged. Save it again as a workbook (.xlsx), or as CSV."
        )
        raise UnsupportedFile(message) from error


class _CompoundDocument:
    """The streams of the file. What is not of this form raises `ValueError`, `IndexError` or `struct.error`."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        (shift, mini_shift) = struct.unpack_from("<HH", content, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise ValueError("sizes of sectors")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        self._cutoff = self._number(56)
        places = [self._number(76 + 4 * place) for place in range(FIRST_FAT_ENTRIES)]
        more = self._number(68)
        visited = 0
        while more < END_OF_CHAIN:
            entries = self._numbers(self._sector(more))
            places += entries[:-1]
            more = entries[-1]
            visited += 1
            if visited > len(content) // self._size:
                raise ValueError("a chain without an end")
        sectors = (self._sector(place) for place in places if place < END_OF_CHAIN)
        self._fat = self._numbers(b"".join(sectors))
        self._mini_fat = self._numbers(self._chain(self._number(60)))

    def workbook(self) -> bytes:
        """The stream with the records of the workbook."""
        directory = self._chain(self._number(48))
        root, found = b"", None
        for at in range(0, len(directory) - ENTRY_BYTES + 1, ENTRY_BYTES):
            entry = directory[at : at + ENTRY_BYTES]
            name = entry[: max(struct.unpack_from("<H", entry, 64)[0] - 2, 0)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", entry, 116)
            if entry[66] == ROOT:
                root = self._chain(start)
            if entry[66] == STREAM and name in STREAM_NAMES and found is None:
                found = start, size
        if found is None:
            raise ValueError("no workbook")
        start, size = found
        if size >= self._cutoff:
            return self._chain(start)[:size]
        pieces = (root[place * self._mini_size :][: self._mini_size] for place in _follow(self._mini_fat, start))
        return b"".join(pieces)[:size]

    def _number(self, at: int) -> int:
        return int(struct.unpack_from("<I", self._content, at)[0])

    def _numbers(self, data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _sector(self, place: int) -> bytes:
        start = (place + 1) * self._size
        if start >= len(self._content):
            raise ValueError("a sector after the end")
        return self._content[start : start + self._size]

    def _chain(self, start: int) -> bytes:
        return b"".join(map(self._sector, _follow(self._fat, start)))


def _follow(table: Sequence[int], start: int) -> Iterator[int]:
    """The sectors from `start` on."""
    place = start
    for _ in range(len(table) + 1):
        if place >= END_OF_CHAIN:
            return
        yield place
        place = table[place]
    raise ValueError("a chain without an end")


def _check_cells(stream: bytes) -> None:
    """Raise `TooLarge` if the rectangle around the cells of a sheet is too large, or what the sheet says of it: the
    reader takes memory for that, too."""
    used: tuple[int, int, int, int] | None = None  # top, left, bottom, right
    for kind, at, length in _records(stream):
        if kind in BEGIN:
            used = None
        elif kind == DIMENSIONS and length >= 12:
            top, bottom, left, right = struct.unpack_from("<IIHH", stream, at)
            if max(bottom - top, 0) * max(right - left, 0) > MAX_CELLS:
                raise too_large(bottom, right)
        elif kind in CELLS and length >= 4:
            row, first = struct.unpack_from("<HH", stream, at)
            last = struct.unpack_from("<H", stream, at + length - 2)[0] if kind == MANY_NUMBERS else first
            top, left, bottom, right = used or (row, first, row, last)
            used = min(top, row), min(left, first), max(bottom, row), max(right, last)
            if (used[2] - used[0] + 1) * (used[3] - used[1] + 1) > MAX_CELLS:
                raise too_large(used[2] + 1, used[3] + 1)


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """The kind of each record, where its data begin, and how long they are."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, length
        at += 4 + length
