"""CSV tables, including those that spreadsheet programs write.

Encoding, separator and columns are detected from the file. If a record breaks the quoting rules, only its first line
is rejected and reading continues with the second line: a quotation mark that is never closed does not swallow the
rows after it. The same applies if a later quotation mark happens to close it, so that the rules are kept, but whole
rows are inside the cell. Other line breaks in quoted cells are part of the cell.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from typing import BinaryIO

from common.errors import FieldError, Invalid

from .column_types import ReadingDefaults
from .columns import ColumnChoice, ColumnMapping, RowSchema
from .dialect import DIALECT_LINES, Dialect, find_dialect
from .json_rows import TOO_LONG_ERROR, ParsedRow, read_lines
from .order_rows import OrderCounts
from .table import Table

LINE_END_BYTES = 65_536
"""Where the first end of a line is looked for."""

UTF16_BY_BOM = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
UTF16_BY_ZEROS: Mapping[tuple[bool, ...], str] = {
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
"""Keyed by which of the first four bytes are zero."""
MAX_RECORD_LINES, MAX_RECORD_LENGTH = 100, 200_000
"""Of one record, in lines and in characters: enough for a letter in a cell."""


class CsvTable:
    """The rows of one file. `columns` is set when the first row is read."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        schema: RowSchema,
        mapping: Mapping[str, ColumnChoice],
        encoding: str | None = None,
        defaults: ReadingDefaults | None = None,
        activity_type: str | None = None,
    ) -> None:
        self._lines = _DecodedLines(_with_line_feeds(file), encoding)
        self._records = _CsvRecords(self._lines)
        self._defaults = defaults or ReadingDefaults()
        self._new_table = partial(Table, self._records, schema=schema, mapping=mapping, activity_type=activity_type)

    @cached_property
    def _table(self) -> Table:
        """The table. Where cells are separated by semicolons, commas stand before decimals."""
        self._records.start()
        return self._new_table(defaults=replace(self._defaults, decimal="," if self.separator == ";" else None))

    @property
    def encoding(self) -> str:
        """The encoding that was found; `ascii` as long as there are no other characters."""
        return self._lines.encoding

    @property
    def separator(self) -> str:
        return self._records.dialect.separator

    @property
    def columns(self) -> ColumnMapping | None:
        return self._table.columns

    @property
    def type(self) -> str | None:
        """Of activities: the type of all rows, if no column has it."""
        return self._table.type

    @property
    def orders(self) -> OrderCounts:
        """Of a table of activities, as far as it was read."""
        return self._table.orders

    @property
    def header_row(self) -> int:
        return self._table.header_row

    def open(self) -> ColumnMapping:
        """Read the header and the first rows, by which the columns are understood."""
        return self._table.open()

    def peek(self, limit: int) -> tuple[ColumnMapping, list[list[str]]]:
        """The columns, without checking them, and the first well-formed records."""
        return self._table.peek(limit)

    def samples(self) -> Iterator[ParsedRow]:
        """The first rows as they were sent, although the columns cannot be used."""
        return self._table.samples()

    def rows(self) -> Iterator[ParsedRow]:
        """Yield each row that is not empty; a row that cannot be read has errors. Raises `Invalid` for a header that
        cannot be used."""
        return self._table.rows()


class _DecodedLines:
    """The lines of the file as text; None for a line that is too long.

    Without a byte order mark the encoding is UTF-16 if the zeros among the first bytes show it; otherwise UTF-8, or
    Windows-1252 if the first characters beyond ASCII are not valid UTF-8. `charset-normalizer` does not replace this
    guess: on texts as short as a few names it is worse ("José Peńa" for "José Peña"), and it needs the whole file.
    """

    def __init__(self, file: BinaryIO, encoding: str | None) -> None:
        self._file = file
        self.encoding = encoding or "ascii"
        self._decode: Callable[[bytes], str] | None = _find_decoder(encoding) if encoding else None

    def __iter__(self) -> Iterator[str | None]:
        """Detect the encoding and yield the lines."""
        start = self._file.read(4)
        file = io.BufferedReader(PrefixedFile(start, self._file))
        if name := _utf16_variant(start):
            self.encoding = name
            yield from _utf16_lines(file, name)
            return
        for number, line in enumerate(read_lines(file)):
            yield (
                self._decode_line(line.removeprefix(codecs.BOM_UTF8) if number == 0 else line)
                if line is not None
                else None
            )

    def _decode_line(self, line: bytes) -> str:
        if self._decode is None and not line.isascii():
            self.encoding = "utf-8" if _is_utf8(line) else "windows-1252"
            self._decode = _find_decoder(self.encoding)
        return self._decode(line) if self._decode else line.decode("ascii")


def _utf16_variant(start: bytes) -> str | None:
    """The variant of UTF-16 that the file's first four bytes show: by a byte order mark, or by two ASCII characters."""
    for mark, name in UTF16_BY_BOM.items():
        if start.startswith(mark):
            return name
    return UTF16_BY_ZEROS.get(tuple(byte == 0 for byte in start))


def _utf16_lines(file: BinaryIO, name: str) -> Iterator[str]:
    with io.TextIOWrapper(file, encoding=name, errors="replace", newline="\n") as text:
        for number, line in enumerate(text):
            yield line.removeprefix("\ufeff") if number == 0 else line


def _find_decoder(encoding: str) -> Callable[[bytes], str]:
    """Return a function that decodes a line. Raises `Invalid` if the encoding is unknown, or no encoding of text, or
    cannot replace invalid bytes."""
    try:
        b"\xff".decode(encoding, "replace")
    except (LookupError, ValueError) as error:
        charset_error = FieldError(field="content-type", code="charset", message="Unknown encoding; send UTF-8.")
        raise Invalid(f"Unknown encoding: {encoding[:50]!r}.", fields=[charset_error]) from error
    return lambda line: line.decode(encoding, "replace")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _with_line_feeds(file: BinaryIO) -> BinaryIO:
    """The file, with line feeds if its lines end as on an old Mac, with carriage returns only."""
    start = file.read(LINE_END_BYTES)
    whole = io.BufferedReader(PrefixedFile(start, file))
    if b"\r" in start and b"\n" not in start:
        return io.BufferedReader(_MacFile(whole))
    return whole


class _MacFile(io.RawIOBase):
    """A file with a line feed for each carriage return."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a raw file always gets a memoryview
        piece = self._file.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(piece)] = piece
        return len(piece)


class PrefixedFile(io.RawIOBase):
    """A file whose first bytes were already read; they are returned again."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a raw file always gets a memoryview
        piece = self._start[: len(buffer)] or self._rest.read(len(buffer))
        self._start = self._start[len(piece) :] if self._start else b""
        buffer[: len(piece)] = piece
        return len(piece)


class _CsvRecords:
    """The records of the lines, and an error for each line that is part of no record.

    `is_row` tells whether the cells of a line are certainly a row of the table.
    """

    def __init__(self, text: _DecodedLines) -> None:
        self.is_row: Callable[[list[str]], bool] = lambda _: False
        self.last_line = ""  # the first line of the latest record
        self.blank_lines = 0  # before the first record
        self.dialect = Dialect()
        self._lines = iter(text)
        self._pushed_back: deque[str | None] = deque()
        self._consumed: list[str | None] = []
        self._is_started = False

    def start(self) -> None:
        """Find the separator and the quotation marks from the first lines."""
        if self._is_started:
            return
        self._is_started = True
        first = next(self._lines, None)
        while first is not None and not first.strip():
            self.blank_lines += 1
            first = next(self._lines, None)
        if first is not None and first.lower().startswith("sep=") and len(first.strip()) == 5:
            # Excel writes this hint.
            self.dialect = Dialect(separator=first[4])
            return
        lines = [first, *islice(self._lines, DIALECT_LINES - 1)] if first is not None else []
        self._pushed_back.extend(lines)
        self.dialect = find_dialect([line for line in lines if line])

    def __iter__(self) -> Iterator[list[str] | FieldError]:
        """Yield each record, or the error of a line that is rejected."""
        self.start()
        options = self.dialect.options
        while True:
            self._consumed = []
            try:
                record = next(csv.reader(self._lines_of_record(), strict=True, **options))
            except StopIteration:
                return
            except csv.Error as error:
                yield self._reject(str(error))
            else:
                contains_rows = any(self._is_whole_row(line) for line in self._consumed[1:-1] if line)
                yield self._reject("it opens a quoted cell that contains whole rows") if contains_rows else record

    def _is_whole_row(self, line: str) -> bool:
        """Whether the line, read alone, is a row of the table."""
        try:
            return self.is_row(next(csv.reader([line], strict=True, **self.dialect.plain_options)))
        except csv.Error:
            return False

    def _lines_of_record(self) -> Iterator[str]:
        """Yield lines until the CSV reader has one record; it then stops asking, so the next record's lines stay
        unread. A record that never ends is given up, so that the work grows with the file and not with its square."""
        size = 0
        while True:
            line = self._pushed_back.popleft() if self._pushed_back else next(self._lines, "")
            if line == "":
                return
            self._consumed.append(line)
            if line is None:
                raise csv.Error("it is too long")
            size += len(line)
            if len(self._consumed) > MAX_RECORD_LINES or size > MAX_RECORD_LENGTH:
                raise csv.Error("it opens a quoted cell and does not close it within 100 lines")
            self.last_line = self.last_line if len(self._consumed) > 1 else line
            yield line

    def _reject(self, reason: str) -> FieldError:
        """Reject the first line only; the other lines are read again."""
        first, *others = self._consumed
        self._pushed_back.extendleft(reversed(others))
        self.last_line = first or ""
        if first is None:
            return TOO_LONG_ERROR
        message = f"The row is not well-formed: {reason}. Inside quoted cells, write each quotation mark twice."
        return FieldError(field="body", code="csv", message=message)
