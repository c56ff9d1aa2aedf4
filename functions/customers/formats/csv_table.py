"""A table as CSV: also what spreadsheets make of it.

Encoding, separator and columns are found in the file itself. A record that breaks the rules of quoting is rejected by
its first line alone, and reading goes on with the second: so a quotation mark that is never closed does not swallow
the rows after it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import BinaryIO

from common.errors import FieldError, Invalid

from .columns import Columns, Kind
from .json_rows import SHOWN, TOO_LONG, Given, lines

SEPARATORS = ",;\t|"
MOST_COLUMNS = 500
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
REPLACED = "\N{REPLACEMENT CHARACTER}"
ENCODING = FieldError(field="body", code="encoding", message="This row has bytes that are no text; save it as UTF-8.")


class Table:
    """The rows of one file. `columns` is known once the first row was asked for."""

    def __init__(self, file: BinaryIO, *, kind: Kind, mapped: Mapping[str, str], encoding: str | None = None) -> None:
        self._records = _Records(_Lines(file, encoding))
        self._kind = kind
        self._mapped = mapped
        self.columns: Columns | None = None

    def look(self, most: int) -> tuple[Columns, list[list[str]]]:
        """The columns, whether they are good or not, and the first rows that are."""
        columns = self._head()
        return columns, list(islice((one for one in self._records if isinstance(one, list)), most))

    def rows(self) -> Iterator[Given]:
        columns = self.columns = self._head()
        columns.check()
        for number, record in enumerate(self._records, 1):
            if isinstance(record, FieldError):
                yield Given(number=number, errors=(record,), sent={"row": self._records.last[:SHOWN]})
            elif any(cell.strip() for cell in record):
                yield _row(number, record, columns)

    def _head(self) -> Columns:
        """Raises `Invalid`."""
        header = next(self._records.head(), None)
        if not header or isinstance(header, FieldError) or len(header) > MOST_COLUMNS:
            problem = FieldError(field="body", code="header", message="The first line must name the columns.")
            raise Invalid("This is no table.", fields=[header if isinstance(header, FieldError) else problem])
        return Columns(header, self._kind, self._mapped)


def _row(number: int, record: list[str], columns: Columns) -> Given:
    sent = dict(zip(columns.headers, record, strict=False))
    if any(cell.strip() for cell in record[len(columns.headers) :]):
        message = (
            f"The row has {len(record)} cells, the header {len(columns.headers)}: is one with the separator unquoted?"
        )
        return Given(number=number, errors=(FieldError(field="body", code="cells", message=message),), sent=sent)
    if any(REPLACED in cell for cell in record):
        return Given(number=number, errors=(ENCODING,), sent=sent)
    return Given(number=number, data=columns.data(record), sent=sent)


class _Lines:
    """The file as text, line by line. Without a byte order mark it is UTF-8, or Windows-1252 if the first letters
    beyond ASCII are no UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str | None) -> None:
        self._file = file
        self._decode: Callable[[bytes], str] | None = _decoder(encoding) if encoding else None

    def __iter__(self) -> Iterator[str | None]:
        start = self._file.read(4)
        file = io.BufferedReader(_Joined(start, self._file))
        for mark, name in UTF16.items():
            if start.startswith(mark):
                yield from _utf16(file, name)
                return
        for number, line in enumerate(lines(file)):
            yield self._text(line.removeprefix(codecs.BOM_UTF8) if number == 0 else line) if line is not None else None

    def _text(self, line: bytes) -> str:
        if self._decode is None and not line.isascii():
            self._decode = _decoder("utf-8" if _is_utf8(line) else "windows-1252")
        return self._decode(line) if self._decode else line.decode("ascii")


def _utf16(file: BinaryIO, name: str) -> Iterator[str]:
    with io.TextIOWrapper(file, encoding=name, errors="replace", newline="\n") as text:
        for number, line in enumerate(text):
            yield line.removeprefix("\ufeff") if number == 0 else line


def _decoder(encoding: str) -> Callable[[bytes], str]:
    """Raises `Invalid` where there is no such encoding."""
    try:
        codec = codecs.lookup(encoding)
        if not codec._is_text_encoding:
            raise LookupError(encoding)
    except (LookupError, ValueError) as error:
        problem = FieldError(field="content-type", code="charset", message="There is no such encoding; send UTF-8.")
        raise Invalid(f"The encoding {encoding[:50]!r} is not known.", fields=[problem]) from error
    return lambda line: codec.decode(line, "replace")[0]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Joined(io.RawIOBase):
    """A file whose first bytes were read already."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a raw file is always given one
        part = self._start[: len(buffer)] or self._rest.read(len(buffer))
        self._start = self._start[len(part) :] if self._start else b""
        buffer[: len(part)] = part
        return len(part)


class _Records:
    """The records of the lines; an error for each line that is in none."""

    def __init__(self, text: _Lines) -> None:
        self.last = ""  # the first line of the last record
        self._lines = iter(text)
        self._again: deque[str | None] = deque()
        self._used: list[str | None] = []
        self._separator = ","

    def head(self) -> Iterator[list[str] | FieldError]:
        """The first record, by which the separator is known."""
        first = next((line for line in self._lines if line is None or line.strip()), None)
        if first is not None and first.lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
            self._separator = first[4]
            first = next(self._lines, None)
        elif first is not None:
            self._separator = max(SEPARATORS, key=lambda sign: _cells(first, sign))
        if first is not None:
            self._again.append(first)
            yield from self

    def __iter__(self) -> Iterator[list[str] | FieldError]:
        while True:
            self._used = []
            try:
                yield next(csv.reader(self._feed(), delimiter=self._separator, strict=True))
            except StopIteration:
                return
            except csv.Error as error:
                yield self._rejected(str(error))

    def _feed(self) -> Iterator[str]:
        """Lines for one record; a record ends the reader, so that what follows is not touched."""
        while True:
            line = self._again.popleft() if self._again else next(self._lines, "")
            if line == "":
                return
            self._used.append(line)
            if line is None:
                raise csv.Error("it is too long")
            self.last = self.last if len(self._used) > 1 else line
            yield line

    def _rejected(self, reason: str) -> FieldError:
        """Only the first line is lost."""
        first, *others = self._used
        self._again.extendleft(reversed(others))
        self.last = first or ""
        if first is None:
            return TOO_LONG
        message = f"The row is not well-formed: {reason}. Double the quotation marks inside quoted cells."
        return FieldError(field="body", code="csv", message=message)


def _cells(line: str, separator: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=separator)))
    except (csv.Error, StopIteration):
        return 0
