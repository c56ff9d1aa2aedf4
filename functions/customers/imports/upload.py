"""An upload: the rows of a request's body, some at a time, while it comes in.

Parsing is plain blocking code in a thread of its own, which asks the event loop for the next bytes of the body. Of a
short one parsing takes less time than the way to a thread and back.
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

from ..formats.columns import Kind
from ..formats.csv_table import Table
from ..formats.json_rows import FORMATS, READ_BYTES, Format, Given, json_array, json_lines, one_object

SHORT_BYTES = 20_000


class Upload:
    def __init__(self, request: Request, kind: Kind, columns: str | None) -> None:
        """`columns` maps headers to fields, as JSON. Raises `Invalid`."""
        media = Message()
        media["content-type"] = request.headers.get("content-type", "")
        self.format: Format = FORMATS.get(media.get_content_type(), "json")
        self.single = False  # one object, not a list; known once the first rows were taken
        self._charset = media.get_content_charset()
        self._request = request
        length = request.headers.get("content-length", "")
        self._is_short = length.isdigit() and int(length) <= SHORT_BYTES
        self._kind = kind
        self._mapped = _mapping(columns)
        self._table: Table | None = None
        self._rows: Iterator[Given] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Of a table, header to field."""
        return self._table.columns.shown if self._table and self._table.columns else {}

    async def take(self, most: int) -> list[Given]:
        """The next rows; none at the end."""
        if self._rows is None:
            self._rows = self._read(await self._opened())
        rows = self._rows
        if self._is_short:
            return list(islice(rows, most))
        return await to_thread.run_sync(lambda: list(islice(rows, most)))

    async def _opened(self) -> io.BufferedReader:
        body = io.BytesIO(await self._request.body()) if self._is_short else _Body(self._request.stream())
        return io.BufferedReader(body, READ_BYTES)

    def _read(self, file: io.BufferedReader) -> Iterator[Given]:
        match self.format:
            case "csv":
                self._table = self._opened_table(file)
                yield from self._table.rows()
            case "ndjson":
                yield from json_lines(file)
            case "json":
                yield from self._json(file)

    def table(self, beginning: bytes) -> Table:
        """What the beginning of the body is as a table."""
        return self._opened_table(io.BytesIO(beginning))

    def _opened_table(self, file: BinaryIO) -> Table:
        return Table(file, kind=self._kind, mapped=self._mapped, encoding=self._charset)

    def _json(self, file: io.BufferedReader) -> Iterator[Given]:
        start = file.peek(READ_BYTES)
        if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
            yield from json_array(file)
        else:
            self.single = True
            yield one_object(file)


class _Body(io.RawIOBase):
    """The body as a blocking file, for the thread that parses."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._part = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a raw file is always given one
        if not self._part:
            self._part = from_thread.run(self._next)
        part, self._part = self._part[: len(buffer)], self._part[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    async def _next(self) -> bytes:
        """Empty at the end only."""
        async for part in self._stream:
            if part:
                return part
        return b""


def _mapping(columns: str | None) -> Mapping[str, str]:
    if not columns:
        return {}
    try:
        mapped = json.loads(columns)
        if not isinstance(mapped, dict) or not all(isinstance(value, str) for value in mapped.values()):
            raise ValueError("it is not an object of texts")
    except (ValueError, RecursionError) as error:
        problem = FieldError(field="columns", code="json", message='Map headers to fields: {"E-Mail 1": "email"}')
        raise Invalid("The columns cannot be mapped.", fields=[problem]) from error
    return mapped
