"""Workbooks of Excel and other spreadsheet programs: one sheet is read as a table."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from common.errors import FieldError, Invalid, UnsupportedFile

from .table import Record
from .unpacking import SAVE_AS_CSV


class WorkbookRecords:
    """The rows of one sheet: the one that is named, or else the first one that has cells."""

    def __init__(self, file: BinaryIO, sheet: str | None = None) -> None:
        """Raises `UnsupportedFile` for a file that is no workbook, and `Invalid` if it has no such sheet."""
        self.is_row: Callable[[list[str]], bool] = lambda _: False
        self.last_line = ""
        self.blank_lines = 0
        try:
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
        except CalamineError as error:
            message = f"This file cannot be read as a workbook ({str(error)[:100]}). {SAVE_AS_CSV}"
            raise UnsupportedFile(message) from error
        self.sheets = list(workbook.sheet_names)
        self._sheet = _choose(workbook, self.sheets, sheet)

    def __iter__(self) -> Iterator[Record]:
        for row in self._sheet.iter_rows():
            yield [_text(value) for value in row]


def _choose(workbook: CalamineWorkbook, names: list[str], wanted: str | None) -> CalamineSheet:
    """The sheet with this name, or the first one with cells."""
    if wanted is not None and wanted not in names:
        message = f"There is no such sheet. The sheets are: {', '.join(names)[:500]}."
        raise Invalid(message, fields=[FieldError(field="sheet", code="not_found", message=message)])
    try:
        if wanted is not None:
            return workbook.get_sheet_by_name(wanted)
        sheets = map(workbook.get_sheet_by_name, names)
        chosen = next((sheet for sheet in sheets if sheet.total_height > 0), None)
    except CalamineError as error:
        raise UnsupportedFile(f"A sheet of this workbook cannot be read ({str(error)[:100]}). {SAVE_AS_CSV}") from error
    if chosen is None:
        message = "The workbook has no sheet with rows."
        raise Invalid(message, fields=[FieldError(field="body", code="empty", message=message)])
    return chosen


def _text(value: int | float | str | bool | time | date | datetime | timedelta) -> str:
    """The cell as a CSV file has it."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 10**15 else repr(value)
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds") if value.time() != time() else value.date().isoformat()
    return str(value)
