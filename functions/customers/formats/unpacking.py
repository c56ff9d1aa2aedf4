"""Compressed files: gzip and zip are unpacked, and other kinds of files are recognized by their first bytes."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from typing import IO

from common.errors import FieldError, Invalid, TooLarge, UnsupportedFile

from .json_rows import READ_BYTES
from .old_workbook_size import check_old_workbook_size
from .workbook_size import MAX_UNPACKED_BYTES, check_workbook_size

GZIP, ZIP, OLD_OFFICE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json")
SAVE_AS_CSV = "Open it in a spreadsheet program and save it as “CSV UTF-8”, or as a workbook (.xlsx)."
_FOREIGN = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
}
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<?xml")


def unpack(file: io.BufferedReader) -> tuple[io.BufferedReader, bool]:
    """The file, unpacked if it is compressed, and whether it is a workbook.

    Raises `UnsupportedFile` for a kind of file that has no rows, and `Invalid` for a damaged one.
    """
    start = file.peek(READ_BYTES)[:READ_BYTES]
    if start.startswith(GZIP):
        return io.BufferedReader(_Limited(gzip.GzipFile(fileobj=file)), READ_BYTES), False
    if start.startswith(OLD_OFFICE):
        content = file.read()
        check_old_workbook_size(content)
        return io.BufferedReader(io.BytesIO(content)), True
    if start.startswith(ZIP):
        return _unzip(io.BytesIO(file.read()))
    for signature, kind in _FOREIGN.items():
        if start.startswith(signature):
            raise UnsupportedFile(f"This is {kind}, and not a table. {SAVE_AS_CSV}")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:20].lower().startswith(_MARKUP):
        raise UnsupportedFile(f"This is a web page, even if its name says otherwise. {SAVE_AS_CSV}")
    return file, False


def _unzip(content: io.BytesIO) -> tuple[io.BufferedReader, bool]:
    """The only table in the archive, or the archive itself if it is a workbook."""
    try:
        archive = zipfile.ZipFile(content)
        names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
        if "[Content_Types].xml" in names or "content.xml" in names:
            check_workbook_size(archive)
            content.seek(0)
            return io.BufferedReader(content), True
        tables = [name for name in names if name.lower().endswith(TABLE_ENDINGS)]
        if len(tables) != 1:
            found = f"It has {', '.join(tables)[:300]}" if tables else "It has none"
            raise UnsupportedFile(f"A zip archive must have one table in it. {found}.")
        return io.BufferedReader(_Limited(archive.open(tables[0])), READ_BYTES), False
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # it also says: encrypted, unknown method
        raise _damaged(str(error)) from error


class _Limited(io.RawIOBase):
    """An unpacked file that ends with an error where it is damaged or too large."""

    def __init__(self, file: IO[bytes] | gzip.GzipFile) -> None:
        self._file = file
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a raw file always gets a memoryview
        """Read the next bytes. Raises `Invalid` where the file is damaged, and `TooLarge` past the limit."""
        try:
            piece = self._file.read(len(buffer))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise _damaged(str(error)) from error
        self._read += len(piece)
        if self._read > MAX_UNPACKED_BYTES:
            raise TooLarge(f"The unpacked file may have {MAX_UNPACKED_BYTES // 1_000_000} MB.")
        buffer[: len(piece)] = piece
        return len(piece)


def _damaged(reason: str) -> Invalid:
    message = f"The file cannot be unpacked ({reason[:100]}): it is damaged, or has a password. Send it uncompressed."
    return Invalid(message, fields=[FieldError(field="body", code="invalid", message=message)])
