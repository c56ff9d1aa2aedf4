"""Scratch directories: deleted after use, or when the next process starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from common.audience.index.connection import (
    PREFIX,
    STALE_AFTER_SECONDS,
    ScratchDirectory,
    remove_stale,
    scratch_directory,
)

WORK = """
import sys, time
from common.audience.index.connection import scratch_directory
with scratch_directory() as scratch:
    print(*scratch.write({"block": b"x"}), flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temp_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def start_worker() -> tuple[subprocess.Popen[str], Path]:
    """A process that uses a scratch directory, and the directory, made older than the stale limit."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", WORK], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    directory = Path(process.stdout.readline().strip()).parent
    make_stale(directory)
    return process, directory


def make_stale(directory: Path) -> None:
    long_ago = time.time() - STALE_AFTER_SECONDS - 1
    os.utime(directory, (long_ago, long_ago))


def exists(scratch: ScratchDirectory) -> bool:
    return Path(scratch.path("")).is_dir()


def test_scratch_directory_after_use_is_deleted(temp_directory: Path) -> None:
    """The directory exists only inside the context manager."""
    with scratch_directory() as directory:
        directory.write({"block": b"x"})
        assert [path.name.startswith(PREFIX) for path in temp_directory.iterdir()] == [True]
    assert list(temp_directory.iterdir()) == []


def test_directory_of_killed_process_is_deleted_by_next_process() -> None:
    """The directory of a killed process is deleted when the next process starts."""
    process, directory = start_worker()
    with process:
        remove_stale()
        assert directory.is_dir()  # its process is running
        process.kill()
    assert directory.is_dir()
    with start_worker()[0] as following:
        assert not directory.exists()
        following.kill()


def test_new_unlocked_directory_is_not_stale(temp_directory: Path) -> None:
    """A directory that was just created is kept, because its process may not have locked it yet."""
    directory = temp_directory / f"{PREFIX}new"
    directory.mkdir()
    remove_stale()
    assert directory.is_dir()
    make_stale(directory)
    remove_stale()
    assert not directory.exists()


def test_directory_in_use_by_this_process_is_kept() -> None:
    """A directory that this process still uses is kept, even if it is old."""
    with scratch_directory() as directory:
        make_stale(Path(directory.path("")))
        remove_stale()
        assert exists(directory)
