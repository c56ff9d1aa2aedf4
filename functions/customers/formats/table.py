"""A table: a header and rows of cells, from a CSV file or a sheet of a workbook.

The header is found below title lines; a table without one is recognized by the addresses in its first row. The types of
the columns are decided from the first rows, which are kept until then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Protocol

from common.errors import FieldError, Invalid

from .column_types import ReadingDefaults
from .columns import ACTIVITIES, ADDRESS_PATTERNS, ColumnChoice, ColumnMapping, RowSchema, is_heading
from .json_rows import MAX_EXCERPT_LENGTH, ParsedRow
from .order_rows import OrderCounts, join_orders, usual_type
from .typed_headings import is_own_export

MAX_COLUMNS = 500
SAMPLE_ROWS = 500
"""Rows by which the types of the columns are decided."""

MAX_TITLE_LINES = 10
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ENCODING_ERROR = FieldError(
    field="body", code="encoding", message="This row contains bytes that are not text; save the file as UTF-8."
)
HEADER_ERROR = FieldError(field="body", code="header", message="The first line must name the columns.")
_DAY = re.compile(
    r"(19|20)\d\d([-. ])\d{1,2}\2\d{1,2}|\d{1,2}([-. ])\d{1,2}\3(19|20)\d\d|(19|20)\d\d-(19|20)\d\d", re.ASCII
)
Record = list[str] | FieldError
"""The cells of a line, or why it cannot be read."""


class TableRecords(Protocol):
    """The records of a table, one after the other."""

    is_row: Callable[[list[str]], bool]  # set when the columns are known
    last_line: str
    blank_lines: int  # before the first record

    def __iter__(self) -> Iterator[Record]: ...


class Table:
    """The rows of one table. `columns` is set when the first row is read."""

    def __init__(
        self,
        records: TableRecords,
        *,
        schema: RowSchema,
        mapping: Mapping[str, ColumnChoice],
        defaults: ReadingDefaults | None = None,
        activity_type: str | None = None,
    ) -> None:
        self.records = records
        self._type = activity_type
        self._schema = schema
        self._mapping = mapping
        self._defaults = defaults
        self._rows: Iterator[tuple[Record, str]] = iter(())
        self._first_row = 2  # the place of the first row, as a spreadsheet counts
        self.columns: ColumnMapping | None = None
        self.orders = OrderCounts()  # of a table of activities, as far as it was read
        self.header_row = 1  # where a spreadsheet shows the header, from 1; 0 if there is none

    def open(self) -> ColumnMapping:
        """Read the header and the first rows, by which the columns are understood.

        Raises `Invalid` if there is no header.
        """
        if self.columns is not None:
            return self.columns
        rows = self._with_lines()
        first = list(self._up_to_header(rows))
        header, body = self._find_header([record for record, _ in first])
        self._first_row = self.records.blank_lines + body + 1
        self.header_row += self.records.blank_lines if self.header_row else 0
        columns = ColumnMapping(header, self._schema, self._mapping, defaults=self._defaults)
        self.records.is_row = columns.is_certain_row
        kept = [*first[body:], *islice(rows, SAMPLE_ROWS)]
        samples = [record for record, _ in kept if isinstance(record, list)]
        self.columns = ColumnMapping(header, self._schema, self._mapping, samples, self._defaults)
        self._rows = chain(kept, rows)
        return self.columns

    def _up_to_header(self, rows: Iterator[tuple[Record, str]]) -> Iterator[tuple[Record, str]]:
        """The first records, up to the one that is certainly the header. What follows is read with its columns."""
        for record, line in islice(rows, MAX_TITLE_LINES + 1):
            yield record, line
            if self._is_header(record):
                return

    def _with_lines(self) -> Iterator[tuple[Record, str]]:
        """Each record, with its first line if it cannot be read; without NULs, with which some tills fill cells."""
        for record in self.records:
            if not isinstance(record, list):
                yield record, self.records.last_line
            elif any("\x00" in cell for cell in record):
                yield [cell.replace("\x00", "") for cell in record], ""
            else:
                yield record, ""

    def _find_header(self, first: list[Record]) -> tuple[list[str], int]:
        """The header, and the place of the first row after it."""
        filled = [place for place, record in enumerate(first) if not isinstance(record, list) or any(record)]
        if not filled:
            raise Invalid("The body is not a table.", fields=[HEADER_ERROR])
        start = filled[0]
        top = first[start]
        if not isinstance(top, list):
            raise Invalid("The body is not a table.", fields=[top])
        if len(top) > MAX_COLUMNS:
            raise Invalid("The body is not a table.", fields=[HEADER_ERROR])
        last = filled[-1]
        place = last if self._is_header(first[last]) and _is_widest(first[last], first[:last]) else None
        if place is None and (self._mapping.keys() & set(_numbered(top)) or _has_address(top)):
            self.header_row = 0
            return self._invented_header(top), start
        found = first[start if place is None else place]
        assert isinstance(found, list)
        self.header_row = (start if place is None else place) + 1
        return found, self.header_row

    def _is_header(self, record: Record) -> bool:
        """Whether a record names the columns: one is known, or the caller names it, and none is an address."""
        if isinstance(record, FieldError):
            return False
        if is_own_export(record):
            return True
        if _has_address(record):
            return False
        return any(cell.strip() in self._mapping or is_heading(cell, self._schema) for cell in record if cell.strip())

    def _invented_header(self, row: list[str]) -> list[str]:
        """Names for the columns of a table without a header: an address tells what it is."""
        names = _numbered(row)
        for name, pattern in ADDRESS_PATTERNS.items():
            place = next((at for at, cell in enumerate(row) if pattern.fullmatch(cell.strip())), None)
            if place is not None and name in self._schema.fields and not self._mapping.keys() & set(names):
                names[place] = name
        return names

    def peek(self, limit: int) -> tuple[ColumnMapping, list[list[str]]]:
        """The columns, without checking them, and the first well-formed records."""
        columns = self.open()
        return columns, list(islice((record for record, _ in self._rows if isinstance(record, list)), limit))

    def samples(self) -> Iterator[ParsedRow]:
        """The first rows as they were sent, although the columns cannot be used."""
        columns, records = self.peek(SAMPLE_ROWS)
        for number, record in enumerate(records, self._first_row):
            yield ParsedRow(number=number, sent=dict(zip(columns.headers, record, strict=False)))

    def rows(self) -> Iterator[ParsedRow]:
        """Each row that is not empty; a row that cannot be read has errors. Raises `Invalid` for a header that cannot
        be used."""
        columns = self.open()
        columns.check()
        rows = self._parsed(columns)
        if self._schema is ACTIVITIES:
            currency = self._defaults.currency if self._defaults else None
            headings = {column.field: column.header for column in columns.columns}
            return join_orders(rows, self.type, currency, self.orders, headings=headings)
        return rows

    @property
    def type(self) -> str | None:
        """Of activities: the type of all rows, if no column has it."""
        if self._schema is not ACTIVITIES or self.columns is None:
            return None
        return self._type or usual_type(self.columns.fields)

    def _parsed(self, columns: ColumnMapping) -> Iterator[ParsedRow]:
        for number, (record, line) in enumerate(self._rows, self._first_row):
            if isinstance(record, FieldError):
                yield ParsedRow(number=number, errors=(record,), sent={"row": line[:MAX_EXCERPT_LENGTH]})
            elif any(cell.strip() for cell in record):
                yield _parse_row(number, record, columns)


def _is_widest(record: Record, above: list[Record]) -> bool:
    """Whether all lines above have fewer cells with text, as titles have."""
    return all(_filled(other) < _filled(record) for other in above)


def _filled(record: Record) -> int:
    return sum(bool(cell.strip()) for cell in record) if isinstance(record, list) else 0


def _numbered(row: Iterable[str]) -> list[str]:
    return [f"Column {number}" for number, _ in enumerate(row, 1)]


def _has_address(row: list[str]) -> bool:
    """Whether a cell is an address. A day, such as the heading of a column of figures, is no phone number."""
    return any(
        pattern.fullmatch(cell.strip()) and not _DAY.fullmatch(cell.strip())
        for cell in row
        for pattern in ADDRESS_PATTERNS.values()
    )


def _parse_row(number: int, record: list[str], columns: ColumnMapping) -> ParsedRow:
    """Parse one record. The row has an error if it has too many cells or bytes that are not text."""
    sent = dict(zip(columns.headers, record, strict=False))
    if len(record) > len(columns.headers) and any(cell.strip() for cell in record[len(columns.headers) :]):
        message = (
            f"The row has {len(record)} cells but the header has {len(columns.headers)}: "
            "cells that contain the separator must be quoted."
        )
        return ParsedRow(number=number, errors=(FieldError(field="body", code="cells", message=message),), sent=sent)
    if any(REPLACEMENT in cell for cell in record):
        return ParsedRow(number=number, errors=(ENCODING_ERROR,), sent=sent)
    data, warnings = columns.parse_row(record)
    return ParsedRow(number=number, data=data, warnings=warnings, is_from_table=True, sent=sent)
