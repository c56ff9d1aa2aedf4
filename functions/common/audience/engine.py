"""DuckDB as Herald uses it: in memory, without extensions from outside, reading only files that Herald wrote."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_THREADS = 4

LIMITS = (
    "SET temp_directory = ''",
    "SET preserve_insertion_order = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def connect() -> DuckDBPyConnection:
    import duckdb  # takes a tenth of a second: only for those who ask an audience something

    threads = min(MOST_THREADS, os.cpu_count() or 1)
    connection = duckdb.connect(":memory:", config={"threads": threads})
    connection.execute("SET allowed_directories = [?]", [tempfile.gettempdir()])
    for limit in LIMITS:
        connection.execute(limit)
    return connection


class Files:
    """A folder for what passes between documents and DuckDB, gone when the work is done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> str:
        return str(self._folder / name)

    def write(self, contents: Mapping[str, bytes]) -> list[str]:
        for name, content in contents.items():
            (self._folder / name).write_bytes(content)
        return [self.path(name) for name in contents]

    def take(self, name: str) -> bytes:
        """The file's content; the file is removed."""
        path = self._folder / name
        content = path.read_bytes()
        path.unlink()
        return content


@contextmanager
def files() -> Iterator[Files]:
    with tempfile.TemporaryDirectory(prefix="audience-") as folder:
        yield Files(Path(folder))
