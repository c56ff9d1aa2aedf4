"""DuckDB as Herald uses it: in memory, without extensions from outside, reading only files that Herald wrote."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_THREADS = 4
PREFIX = "audience-"
FRESH_SECONDS = 60
"""A folder is locked when it is as old as this, if anybody works there."""

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
    _swept()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, _locked(Path(folder)):
        yield Files(Path(folder))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Nobody else locks the folder meanwhile. A process that is killed holds no lock. Raises `OSError`."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@cache
def _swept() -> None:
    """Once in the life of a process."""
    sweep()


def sweep() -> None:
    """Removes the folders of processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > FRESH_SECONDS:
                with _locked(folder):
                    shutil.rmtree(folder)
