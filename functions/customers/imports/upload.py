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
from typing import BinaryIO

from anyio import from_thread, to_thread
from starlette.requests import Request

from common.errors import FieldError, Invalid

from ..formats.columns import RowSchema
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

SMALL_BODY_BYTES = 20_000


class Upload:
    """The rows of one request's body, in one of the formats."""

    def __init__(self, request: Request, schema: RowSchema, columns: str | None) -> None:
        """`columns` maps headers to fields, as JSON. Raises `Invalid`."""
        message = Message()
        message["content-type"] = request.headers.get("content-type", "")
        self.format: Format = FORMAT_BY_MEDIA_TYPE.get(message.get_content_type(), "json")
        self.is_single_object = False  # one object, not a list; set when the first rows are read
        self._charset = message.get_content_charset()
        self._request = request
        length = request.headers.get("content-length", "")
        self._is_small = length.isdigit() and int(length) <= SMALL_BODY_BYTES
        self._schema = schema
        self._mapping = _parse_mapping(columns)
        self._table: CsvTable | None = None
        self._rows: Iterator[ParsedRow] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """For a CSV: header to field."""
        return self._table.columns.field_by_header if self._table and self._table.columns else {}

    async def read_rows(self, limit: int) -> list[ParsedRow]:
        """Read the next rows, at most `limit`; an empty list at the end."""
        if self._rows is None:
            self._rows = self._parse(await self._open_body())
        rows = self._rows
        if self._is_small:
            return list(islice(rows, limit))
        return await to_thread.run_sync(lambda: list(islice(rows, limit)))

    async def _open_body(self) -> io.BufferedReader:
        body = io.BytesIO(await self._request.body()) if self._is_small else _BlockingBody(self._request.stream())
        return io.BufferedReader(body, READ_BYTES)

    def _parse(self, file: io.BufferedReader) -> Iterator[ParsedRow]:
        match self.format:
            case "csv":
                self._table = self._csv_table(file)
                yield from self._table.rows()
            case "ndjson":
                yield from read_json_lines(file)
            case "json":
                yield from self._parse_json(file)

    def preview_table(self, start: bytes) -> CsvTable:
        """The start of the body as a CSV table."""
        return self._csv_table(io.BytesIO(start))

    def _csv_table(self, file: BinaryIO) -> CsvTable:
        return CsvTable(file, schema=self._schema, mapping=self._mapping, encoding=self._charset)

    def _parse_json(self, file: io.BufferedReader) -> Iterator[ParsedRow]:
        start = file.peek(READ_BYTES)
        if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            yield from read_json_array(file)
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


def _parse_mapping(columns: str | None) -> Mapping[str, str]:
    """Parse the caller's mapping of headers to fields. Raises `Invalid` if it is not an object of texts."""
    if not columns:
        return {}
    try:
        mapping = json.loads(columns)
        json.dumps(mapping, ensure_ascii=False).encode()  # a lone surrogate is a `ValueError`
        if not isinstance(mapping, dict) or not all(isinstance(value, str) for value in mapping.values()):
            raise ValueError("it is not an object of texts")
    except (ValueError, RecursionError) as error:
        field_error = FieldError(field="columns", code="json", message='Map headers to fields: {"E-Mail 1": "email"}')
        raise Invalid("The columns cannot be mapped.", fields=[field_error]) from error
    return mapping
