"""DuckDB in memory, without external extensions, with access only to files in the temporary directory."""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_THREADS = 4
PREFIX = "audience-"
STALE_AFTER_SECONDS = 60
"""A directory of this age is locked if a process still uses it."""

DATABASE = "audience"
"""In memory, like DuckDB's own; but each checkpoint compresses its tables."""

CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux says how much memory a container has, in its two versions."""

READER_SHARE = 0.5
"""How much of the instance's memory an index may take. The rest is for requests, files in /tmp and the allocator."""

WORKER_SHARE = 0.2
"""How much compaction and reconciliation may take, which work beside a reader."""

RESTRICTIONS = (
    "SET temp_directory = ''",
    "SET preserve_insertion_order = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def memory_of_instance() -> int:
    """In bytes: what the container has, or the whole machine if the container has no limit."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [path.read_text().strip() for path in CGROUP_LIMITS if path.exists()]
    return min([machine, *(int(limit) for limit in limits if limit.isdigit())])


def connect(memory_bytes: int | None = None) -> DuckDBPyConnection:
    """A new in-memory database with all restrictions set. It fails with an error above `memory_bytes`, by default the
    share of a worker."""
    import duckdb  # takes 0.1 seconds, so only instances that query the index import it

    threads = min(MAX_THREADS, os.cpu_count() or 1)
    connection = duckdb.connect(":memory:", config={"threads": threads})
    limit = memory_bytes or int(memory_of_instance() * WORKER_SHARE)
    connection.execute(f"SET memory_limit = '{limit // 1_000_000} MB'")
    connection.execute(f"ATTACH ':memory:' AS {DATABASE} (COMPRESS)")
    connection.execute(f"USE {DATABASE}")
    connection.execute("SET allowed_directories = [?]", [tempfile.gettempdir()])
    for restriction in RESTRICTIONS:
        connection.execute(restriction)
    return connection


class ScratchDirectory:
    """A directory for files that are passed between Firestore documents and DuckDB."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path(self, name: str) -> str:
        return str(self._directory / name)

    def write(self, contents: Mapping[str, bytes]) -> list[str]:
        """Writes files by name; their paths, in order."""
        for name, content in contents.items():
            (self._directory / name).write_bytes(content)
        return [self.path(name) for name in contents]

    def write_joined(self, name: str, contents: Iterable[bytes]) -> str:
        """Writes the compressed lines of several documents as one compressed file; its path.

        DuckDB needs a millisecond for each file that it opens, which is more than for its lines.
        """
        path = self.path(name)
        with gzip.open(path, "wb", compresslevel=1) as joined:
            for content in contents:
                joined.write(gzip.decompress(content))
                joined.write(b"\n")
        return path

    def read_and_remove(self, name: str) -> bytes:
        """The content of the file, which is deleted."""
        path = self._directory / name
        content = path.read_bytes()
        path.unlink()
        return content


@contextmanager
def scratch_directory() -> Iterator[ScratchDirectory]:
    """A new directory, deleted at the end. The first call also deletes the directories of killed processes."""
    _remove_stale_once()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as directory, _lock(Path(directory)):
        yield ScratchDirectory(Path(directory))


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """Locks the directory exclusively; the lock of a killed process is released. Raises `OSError` if it is locked."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@cache
def _remove_stale_once() -> None:
    """Runs once per process."""
    remove_stale()


def remove_stale() -> None:
    """Deletes the directories of processes that were killed."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - directory.stat().st_mtime > STALE_AFTER_SECONDS:
                with _lock(directory):
                    shutil.rmtree(directory)
