"""An upload: the rows of a request's body, parsed while the body arrives.

The parsers are plain blocking code. They run in a thread and ask the event loop for the next bytes. A small body is
parsed directly, because that takes less time than switching to a thread.
"""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from email.message import Message
from itertools import islice
from typing import BinaryIO, Literal, TypedDict

from anyio import from_thread, to_thread
from pydantic import BaseModel, ConfigDict, TypeAdapter
from starlette.requests import Request

from common.errors import FieldError, Invalid

from ..formats.column_types import ColumnType, ReadingDefaults
from ..formats.columns import ColumnChoice, ColumnMapping, RowSchema
from ..formats.csv_table import CsvTable
from ..formats.json_rows import (
    FORMAT_BY_MEDIA_TYPE,
    READ_BYTES,
    Format,
    ParsedRow,
    read_json_array,
    read_json_lines,
    read_json_object,
)
from ..formats.table import Table
from ..formats.unpacking import unpack

SMALL_BODY_BYTES = 20_000


class _TableReading(TypedDict):
    defaults: ReadingDefaults | None
    activity_type: str | None


class Upload:
    """The rows of one request's body, in one of the formats."""

    def __init__(
        self,
        request: Request,
        schema: RowSchema,
        columns: str | None,
        *,
        sheet: str | None = None,
        defaults: ReadingDefaults | None = None,
        activity_type: str | None = None,
    ) -> None:
        """`columns` maps headers to fields, as JSON; `sheet` is the name of a workbook's sheet. Raises `Invalid`."""
        message = Message()
        message["content-type"] = request.headers.get("content-type", "text/plain")
        self._media_type = message.get_content_type()
        self.format: Format | None = FORMAT_BY_MEDIA_TYPE.get(self._media_type)
        self.is_single_object = False  # one object, not a list; set when the first rows are read
        self.sheets: list[str] = []  # of a workbook
        self.table: CsvTable | Table | None = None  # set when the first rows are read
        self._charset = message.get_content_charset()
        self._request = request
        length = request.headers.get("content-length", "")
        self._is_small = length.isdigit() and int(length) <= SMALL_BODY_BYTES
        self._schema = schema
        self._mapping = parse_mapping(columns)
        self._sheet = sheet
        self._defaults = defaults
        self._type = activity_type
        self._rows: Iterator[ParsedRow] | None = None

    @property
    def column_mapping(self) -> ColumnMapping | None:
        """For a table: its columns."""
        return self.table.columns if self.table else None

    @property
    def columns(self) -> dict[str, str]:
        """For a table: header to field."""
        return self.column_mapping.field_by_header if self.column_mapping else {}

    def is_chosen(self, key: str) -> bool:
        """Whether the caller said something about this column."""
        return key in self._mapping

    @property
    def repeated_headers(self) -> dict[str, str]:
        """For a table: the heading as it was sent of each column whose heading stands there before."""
        columns = self.column_mapping.columns if self.column_mapping else []
        return {column.key: column.header for column in columns if column.key != column.header}

    async def read_rows(self, limit: int) -> list[ParsedRow]:
        """Read the next rows, at most `limit`; an empty list at the end."""
        if self._rows is None:
            self._rows = self._parse(await self._open_body())
        rows = self._rows
        if self._is_small:
            return list(islice(rows, limit))
        return await to_thread.run_sync(lambda: list(islice(rows, limit)))

    async def read_samples(self) -> list[ParsedRow]:
        """The first rows of a table as they were sent, although its columns cannot be used."""
        return list(self.table.samples()) if self.table else []

    async def _open_body(self) -> io.BufferedReader:
        body = io.BytesIO(await self._request.body()) if self._is_small else _BlockingBody(self._request.stream())
        return io.BufferedReader(body, READ_BYTES)

    def _parse(self, body: io.BufferedReader) -> Iterator[ParsedRow]:
        file = self._open_file(body)
        if self.table:
            yield from self.table.rows()
        elif self.format == "ndjson":
            yield from read_json_lines(file, self._schema.text_field)
        else:
            yield from self._parse_json(file)

    def _open_file(self, body: io.BufferedReader) -> io.BufferedReader:
        """Unpack the file and find its format. A table is opened."""
        file, is_workbook = unpack(body)
        if is_workbook:
            from ..formats.workbook import WorkbookRecords  # most requests need no parser of workbooks

            records = WorkbookRecords(file, self._sheet)
            self.format, self.sheets = "xlsx", records.sheets
            self.table = Table(records, schema=self._schema, mapping=self._mapping, **self._reading)
            return file
        if self.format is None:
            self.format = "json" if self._media_type.endswith("json") else _find_format(file)
        if self.format == "csv":
            self.table = self._csv_table(file)
        return file

    def preview_table(self, start: bytes) -> CsvTable:
        """The start of the body as a CSV table."""
        return self._csv_table(io.BytesIO(start))

    def _csv_table(self, file: BinaryIO) -> CsvTable:
        return CsvTable(file, schema=self._schema, mapping=self._mapping, encoding=self._charset, **self._reading)

    @property
    def _reading(self) -> _TableReading:
        return {"defaults": self._defaults, "activity_type": self._type}

    def _parse_json(self, file: io.BufferedReader) -> Iterator[ParsedRow]:
        start = file.peek(READ_BYTES)
        if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            yield from read_json_array(file, self._schema.text_field)
        else:
            self.is_single_object = True
            yield read_json_object(file)


class _BlockingBody(io.RawIOBase):
    """The body as a blocking file for the parser thread."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._buffer = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a raw file always gets a memoryview
        if not self._buffer:
            self._buffer = from_thread.run(self._next_piece)
        piece, self._buffer = self._buffer[: len(buffer)], self._buffer[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)

    async def _next_piece(self) -> bytes:
        """The next bytes; empty only at the end."""
        async for piece in self._stream:
            if piece:
                return piece
        return b""


def _find_format(file: io.BufferedReader) -> Format:
    """The format of a file whose media type does not tell it, by how it begins."""
    start = file.peek(READ_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"{":
        first, _, rest = start.partition(b"\n")
        return "ndjson" if first.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{" else "json"
    return "json" if start[:1] == b"[" or not start else "csv"


class ColumnChoiceInput(BaseModel):
    """A column in `columns`: its field, and how its cells are read."""

    model_config = ConfigDict(extra="forbid")

    field: str | None = None
    type: ColumnType | None = None
    format: Literal["dmy", "mdy", "ymd", ".", ",", "opposite"] | None = None


_MAPPING = TypeAdapter(dict[str, str | ColumnChoiceInput])


def parse_mapping(columns: str | None) -> Mapping[str, ColumnChoice]:
    """Parse the caller's mapping of headers to fields. Raises `Invalid` if it is not of that form."""
    if not columns:
        return {}
    try:
        mapping = json.loads(columns)
        json.dumps(mapping, ensure_ascii=False).encode()  # a lone surrogate is a `ValueError`
        choices = _MAPPING.validate_python(mapping)
    except (ValueError, RecursionError) as error:  # pydantic's error is a `ValueError`
        message = 'Map headers to fields: {"E-Mail 1": "email", "Joined": {"field": "first_order_at", "format": "mdy"}}'
        field_error = FieldError(field="columns", code="json", message=message)
        raise Invalid("The columns cannot be mapped.", fields=[field_error]) from error
    return {
        header: ColumnChoice(field=choice)
        if isinstance(choice, str)
        else ColumnChoice(field=choice.field, type=choice.type, format=choice.format)
        for header, choice in choices.items()
    }
