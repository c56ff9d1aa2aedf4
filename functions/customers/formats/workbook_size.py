"""How large a workbook is, before it is read: its reader takes memory for every cell up to the last value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from functools import lru_cache, reduce
from typing import IO
from xml.parsers import expat

from common.errors import TooLarge, UnsupportedFile

MAX_UNPACKED_BYTES = 256_000_000
"""Eight times what may be sent: enough for tables, and an end for a file that unpacks without one."""

MAX_CELLS = 5_000_000
"""In the rectangle around all cells of a sheet that have a value; each takes about 33 bytes."""

MAX_DIGITS = 10
READ_BYTES = 65_536
_REFERENCE = re.compile(r"([A-Z]{1,9})(\d{1,12})", re.ASCII | re.IGNORECASE)


def check_workbook_size(archive: zipfile.ZipFile) -> None:
    """Raise `TooLarge` if the workbook unpacks to too much or a sheet has a value too far away."""
    if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
        raise TooLarge(f"The unpacked file may have {MAX_UNPACKED_BYTES // 1_000_000} MB.")
    for member in archive.infolist():
        if member.filename.lower().endswith(".xml"):
            with archive.open(member) as file:
                used = _OpenDocumentRange() if member.filename == "content.xml" else _UsedRange()
                _parse(file, used.start)


def _parse(file: IO[bytes], start: Callable[[str, dict[str, str]], None]) -> None:
    """Read XML to its end as a stream; `start` is called with the name and the attributes of each element."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        while piece := file.read(READ_BYTES):
            parser.Parse(piece)
    except expat.ExpatError as error:
        raise UnsupportedFile(f"A part of this workbook is damaged ({error}). Save it again, or as CSV.") from error


class _UsedRange:
    """The rectangle around the cells with values of one sheet. What the sheet says of its size itself is not
    believed."""

    def __init__(self) -> None:
        self._row = self._column = 0  # of the cell that is read
        self._in_row = False
        self._first: tuple[int, int] | None = None
        self._last = (0, 0)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follow rows and cells, and count a cell when it turns out to have a value."""
        match name.rpartition(":")[2]:
            case "row":
                self._in_row = True
                number = attributes.get("r", "")
                self._row, self._column = int(number) if number.isdecimal() else self._row + 1, 0
            case "c" if self._in_row:
                self._move_to(attributes.get("r"))
            case "v" | "is" | "f" if self._column:
                self._add_cell()

    def _move_to(self, reference: str | None) -> None:
        """Go to a cell such as `AB12`; one without a name is the next one of its row."""
        if reference is None:
            self._column += 1
        elif place := _REFERENCE.fullmatch(reference):
            self._row, self._column = int(place[2]), _column_number(place[1])
        else:
            raise UnsupportedFile(f"A cell of this workbook has no place ({reference[:20]}). Save it again, or as CSV.")

    def _add_cell(self) -> None:
        """Extend the rectangle to this cell. Raises `TooLarge` if it gets too many cells."""
        (top, left), (bottom, right) = self._first or (self._row, self._column), self._last
        if top <= self._row <= bottom and left <= self._column <= right:
            return
        self._first = top, left = min(top, self._row), min(left, self._column)
        self._last = bottom, right = max(bottom, self._row), max(right, self._column)
        if (bottom - top + 1) * (right - left + 1) > MAX_CELLS:
            raise too_large(bottom, right)


class _OpenDocumentRange:
    """The rectangle from the first cell of each sheet of an OpenDocument workbook (.ods) to its last value. One element
    may stand for many rows or cells."""

    def __init__(self) -> None:
        self._row = self._column = 0  # the last ones that the elements before stand for
        self._rows = 1  # for which the row that is read stands
        self._last = (0, 0)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follow rows and cells. A cell has a value if it has a type, a formula, or a text in it."""
        match name.rpartition(":")[2]:
            case "table":
                self._row = self._column = 0
                self._last = (0, 0)
            case "table-row":
                self._rows = _repeats(attributes, "number-rows-repeated")
                self._row, self._column = self._row + self._rows, 0
            case "table-cell" | "covered-table-cell":
                self._column += _repeats(attributes, "number-columns-repeated")
                if any(key.endswith((":value-type", ":formula")) for key in attributes):
                    self._add_cell()
            case "p" if self._column:
                self._add_cell()

    def _add_cell(self) -> None:
        """Extend the rectangle to the end of this cell. Raises `TooLarge` if it gets too many cells."""
        self._last = bottom, right = max(self._last[0], self._row), max(self._last[1], self._column)
        if bottom * right > MAX_CELLS:
            raise too_large(bottom, right)


def _repeats(attributes: dict[str, str], name: str) -> int:
    """For how many rows or cells an element stands."""
    text = next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "1")
    return int(text) if text.isdecimal() and len(text) < MAX_DIGITS else MAX_CELLS + 1


def too_large(row: int, column: int) -> TooLarge:
    """The error for a value so far away that there would be too many cells."""
    message = f"A sheet may have {MAX_CELLS} cells, empty ones too, and this one has a value in row {row}, "
    return TooLarge(f"{message}column {column}. Delete what stands apart from the table, or save it as CSV.")


@lru_cache(maxsize=1024)
def _column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    return reduce(lambda number, letter: number * 26 + ord(letter) - ord("A") + 1, letters.upper(), 0)
