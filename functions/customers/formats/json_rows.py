"""Read rows from JSON and NDJSON while the body arrives. `csv_table` does the same for CSV.

Each reader takes a binary file and yields one `ParsedRow` per row. A row that cannot be read is yielded with its
errors, and the rows after it are still read. A reader holds at most one row, so memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from common.errors import FieldError, Invalid

Format = Literal["json", "ndjson", "csv", "xlsx"]
FORMAT_BY_MEDIA_TYPE: Mapping[str, Format] = {
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/csv": "csv",
    "application/json": "json",
    "application/vnd.ms-excel": "csv",  # what browsers on Windows send for a .csv
}
"""The format of a file with another media type is found by how it begins."""

MAX_ROW_BYTES = 200_000
READ_BYTES = 65_536
MAX_EXCERPT_LENGTH = 200
"""How many characters of an unreadable row are returned to the caller."""
TOO_LONG_ERROR = FieldError(field="body", code="too_long", message=f"A row may take {MAX_ROW_BYTES:,} bytes.")
NOT_AN_OBJECT_ERROR = FieldError(field="body", code="type", message="A row must be an object with fields, like {…}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedRow:
    """One row: its data, or its errors."""

    number: int  # from 1; of a table, where a spreadsheet shows it
    data: dict[str, Any] | None = None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()  # of cells that were left out
    is_from_table: bool = False  # so a cell that does not fit is left out, and costs nobody the row
    sent: Mapping[str, Any] = field(default_factory=dict)  # the row as it was sent, returned if the row is rejected


def row_from_json(number: int, value: Any, text_field: str = "") -> ParsedRow:
    """Check that the value is an object and not too large. With `text_field`, a text or a number is read as an object
    that has only this field."""
    if text_field and isinstance(value, str | int) and not isinstance(value, bool):
        value = {text_field: value}
    if not isinstance(value, dict):
        return ParsedRow(number=number, errors=(NOT_AN_OBJECT_ERROR,), sent={"row": _excerpt(value)})
    try:
        size = len(json.dumps(value))
    except (RecursionError, ValueError):
        size = MAX_ROW_BYTES + 1
    if size > MAX_ROW_BYTES:
        return ParsedRow(number=number, errors=(TOO_LONG_ERROR,))
    return ParsedRow(number=number, data=value, sent=value)


def _excerpt(value: Any) -> str:
    return repr(value)[:MAX_EXCERPT_LENGTH] if not isinstance(value, list | dict) else type(value).__name__


def read_json_lines(file: BinaryIO, text_field: str = "") -> Iterator[ParsedRow]:
    """Yield one row per line that is not empty."""
    for number, line in enumerate(read_lines(file), 1):
        if line is None:
            yield ParsedRow(number=number, errors=(TOO_LONG_ERROR,))
        elif line.strip():
            yield _json_line(number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line, text_field)


def read_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines; None for a line that is too long, which is read to its end but not kept."""
    while line := file.readline(MAX_ROW_BYTES):
        if len(line) < MAX_ROW_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(MAX_ROW_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield None


def _json_line(number: int, line: bytes, text_field: str) -> ParsedRow:
    try:
        return row_from_json(number, json.loads(line), text_field)
    except (ValueError, RecursionError) as error:
        json_error = FieldError(field="body", code="json", message=f"This line is not JSON: {_reason(error)}")
        return ParsedRow(
            number=number, errors=(json_error,), sent={"row": line[:MAX_EXCERPT_LENGTH].decode(errors="replace")}
        )


def read_json_object(file: BinaryIO) -> ParsedRow:
    """Read the only row. Raises `Invalid` if the body is not a JSON object."""
    try:
        value = json.loads(file.read())
    except (ValueError, RecursionError) as error:
        raise invalid_json(error) from error
    parsed = row_from_json(1, value)
    if parsed.errors:
        raise Invalid("The body is not valid.", fields=parsed.errors)
    return parsed


def read_json_array(file: BinaryIO, text_field: str = "") -> Iterator[ParsedRow]:
    """Yield one row per element.

    Raises `Invalid` where the array is cut off or not well-formed: after that point elements cannot be separated.
    """
    elements = _JsonArray(file)
    elements.expect("[")
    if elements.skip_if("]"):
        return elements.expect_end()
    number = 0
    while True:
        number += 1
        yield row_from_json(number, elements.next_value(), text_field)
        if not elements.skip_if(","):
            elements.expect("]")
            return elements.expect_end()


class _JsonArray:
    """The text of a JSON array. Only the part that is not parsed yet is kept.

    `ijson` (3.6, with its C parser) does not replace it. It ends at the first `NaN` or `1e400` and, unless numbers
    become `Decimal`, at the first integer of 64 bits; here such a row is read, and rejected alone. It turns an unpaired
    surrogate into a question mark, refuses a byte order mark, and yields no error for a body that is not an array. Its
    memory grows with the square of the nesting depth: a body of 400 kB ends the process. It takes 1.2 times as long.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._position = 0
        self._at_end = False

    def next_value(self) -> Any:
        """Parse and return the next value."""
        self._skip_whitespace()
        while True:
            try:
                value, value_end = self._scan(self._text, self._position)
            except (ValueError, RecursionError) as error:
                if self._at_end or len(self._text) - self._position > 2 * MAX_ROW_BYTES:
                    raise invalid_json(error) from error
            else:
                if self._at_end or len(self._text) - value_end > 2:  # a number might continue: 1 as 1e-5
                    self._position = value_end
                    return value
            self._read_more()

    def skip_if(self, sign: str) -> bool:
        """Skip `sign` if it comes next; return whether it did."""
        self._skip_whitespace()
        matches = self._text.startswith(sign, self._position)
        self._position += matches
        return matches

    def expect(self, sign: str) -> None:
        """Skip `sign`, or raise `Invalid` if something else comes next."""
        if not self.skip_if(sign):
            raise invalid_json(ValueError(f"a {sign} is missing"))

    def expect_end(self) -> None:
        """Raise `Invalid` if anything follows."""
        self._skip_whitespace()
        if self._position < len(self._text):
            raise invalid_json(ValueError("something follows the end of the array"))

    def _skip_whitespace(self) -> None:
        """Move to the next character that is not whitespace, if there is one."""
        while True:
            while self._position < len(self._text) and self._text[self._position] in " \t\r\n":
                self._position += 1
            if self._position < len(self._text) or self._at_end:
                return
            self._read_more()

    def _read_more(self) -> None:
        """Read as much again as is unparsed, so that a large row is not parsed too often."""
        unread = self._text[self._position :]
        chunk = self._file.read(max(READ_BYTES, len(unread)))
        self._at_end = not chunk
        try:
            self._text, self._position = unread + self._decode.decode(chunk, final=not chunk), 0
        except ValueError as error:
            raise invalid_json(error) from error


def invalid_json(error: Exception) -> Invalid:
    """The error for a body that is not JSON, with the reason."""
    json_error = FieldError(field="body", code="json", message=f"This is not JSON: {_reason(error)}")
    return Invalid("The body is not JSON.", fields=[json_error])


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
