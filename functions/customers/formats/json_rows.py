"""Rows as a caller sends them: a JSON object or array, NDJSON, or CSV, read as they come in.

The readers take a file of bytes and give one `Given` for each row; a row that cannot be read is one too, and the rows
after it are read nevertheless. None holds more than a row, so memory does not grow with what is sent.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from common.errors import FieldError, Invalid

Format = Literal["json", "ndjson", "csv"]
FORMATS: Mapping[str, Format] = {
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/x-jsonlines": "ndjson",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/csv": "csv",
    "application/vnd.ms-excel": "csv",  # what browsers on Windows say of a .csv
}
"""By media type; everything else is read as JSON."""

MOST_ROW_BYTES = 200_000
READ_BYTES = 65_536
SHOWN = 200
TOO_LONG = FieldError(field="body", code="too_long", message=f"A row may take {MOST_ROW_BYTES:,} bytes.")
NO_OBJECT = FieldError(field="body", code="type", message="A row is an object with fields, like {…}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One row: what it says, or what is wrong with it."""

    number: int  # from 1, without the header
    data: dict[str, Any] | None = None
    errors: tuple[FieldError, ...] = ()
    sent: Mapping[str, Any] = field(default_factory=dict)  # as it was, to be given back when it is rejected


def row(number: int, value: Any) -> Given:
    """A row of JSON."""
    if not isinstance(value, dict):
        return Given(number=number, errors=(NO_OBJECT,), sent={"row": _shown(value)})
    try:
        size = len(json.dumps(value))
    except (RecursionError, ValueError):
        size = MOST_ROW_BYTES + 1
    if size > MOST_ROW_BYTES:
        return Given(number=number, errors=(TOO_LONG,))
    return Given(number=number, data=value, sent=value)


def _shown(value: Any) -> str:
    return repr(value)[:SHOWN] if not isinstance(value, list | dict) else type(value).__name__


def json_lines(file: BinaryIO) -> Iterator[Given]:
    for number, line in enumerate(lines(file), 1):
        if line is None:
            yield Given(number=number, errors=(TOO_LONG,))
        elif line.strip():
            yield _json_line(number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)


def lines(file: BinaryIO) -> Iterator[bytes | None]:
    """None for a line that is too long; it is read to its end, but not kept."""
    while line := file.readline(MOST_ROW_BYTES):
        if len(line) < MOST_ROW_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while (rest := file.readline(MOST_ROW_BYTES)) and not rest.endswith(b"\n"):
            pass
        yield None


def _json_line(number: int, line: bytes) -> Given:
    try:
        return row(number, json.loads(line))
    except (ValueError, RecursionError) as error:
        wrong = FieldError(field="body", code="json", message=f"This line is not JSON: {_reason(error)}")
        return Given(number=number, errors=(wrong,), sent={"row": line[:SHOWN].decode(errors="replace")})


def one_object(file: BinaryIO) -> Given:
    """Raises `Invalid` for what is no JSON object."""
    try:
        value = json.loads(file.read())
    except (ValueError, RecursionError) as error:
        raise broken(error) from error
    given = row(1, value)
    if given.errors:
        raise Invalid("The body is not valid.", fields=given.errors)
    return given


def json_array(file: BinaryIO) -> Iterator[Given]:
    """Raises `Invalid` where the array breaks off or breaks the rules: from there on nothing can be told apart."""
    elements = _Elements(file)
    elements.expect("[")
    if elements.next_is("]"):
        return elements.end()
    number = 0
    while True:
        number += 1
        yield row(number, elements.take())
        if not elements.next_is(","):
            elements.expect("]")
            return elements.end()


class _Elements:
    """The text of a JSON array, of which only what is not yet read is kept."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._place = 0
        self._over = False

    def take(self) -> Any:
        """The next value."""
        self._skip()
        while True:
            try:
                value, end = self._scan(self._text, self._place)
            except (ValueError, RecursionError) as error:
                if self._over or len(self._text) - self._place > 2 * MOST_ROW_BYTES:
                    raise broken(error) from error
            else:
                if self._over or len(self._text) - end > 2:  # a number could go on: 1 as 1e-5
                    self._place = end
                    return value
            self._more()

    def next_is(self, sign: str) -> bool:
        """Whether it is; then it is taken."""
        self._skip()
        found = self._text.startswith(sign, self._place)
        self._place += found
        return found

    def expect(self, sign: str) -> None:
        if not self.next_is(sign):
            raise broken(ValueError(f"a {sign} is missing"))

    def end(self) -> None:
        self._skip()
        if self._place < len(self._text):
            raise broken(ValueError("something follows the end of the list"))

    def _skip(self) -> None:
        """To the next character that is not a space, if there is one."""
        while True:
            while self._place < len(self._text) and self._text[self._place] in " \t\r\n":
                self._place += 1
            if self._place < len(self._text) or self._over:
                return
            self._more()

    def _more(self) -> None:
        """As much again as could not be read, so that a large row is not tried too often."""
        left = self._text[self._place :]
        chunk = self._file.read(max(READ_BYTES, len(left)))
        self._over = not chunk
        try:
            self._text, self._place = left + self._decode.decode(chunk, final=not chunk), 0
        except ValueError as error:
            raise broken(error) from error


def broken(error: Exception) -> Invalid:
    place = FieldError(field="body", code="json", message=f"This is not JSON: {_reason(error)}")
    return Invalid("The body is not JSON.", fields=[place])


def _reason(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)
