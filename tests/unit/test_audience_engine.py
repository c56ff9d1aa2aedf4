"""Folders for what passes between documents and DuckDB: gone when the work is done, or when the next process begins."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from common.audience.index.connection import FRESH_SECONDS, PREFIX, Files, files, sweep

WORK = """
import sys, time
from common.audience.index.connection import files
with files() as folder:
    print(*folder.write({"block": b"x"}), flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def worker() -> tuple[subprocess.Popen[str], Path]:
    """A process at work, and its folder, which is no longer new."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", WORK], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    folder = Path(process.stdout.readline().strip()).parent
    aged(folder)
    return process, folder


def aged(folder: Path) -> None:
    long_ago = time.time() - FRESH_SECONDS - 1
    os.utime(folder, (long_ago, long_ago))


def kept(within: Files) -> bool:
    return Path(within.path("")).is_dir()


def test_the_folder_goes_with_the_work(elsewhere: Path) -> None:
    with files() as folder:
        folder.write({"block": b"x"})
        assert [one.name.startswith(PREFIX) for one in elsewhere.iterdir()] == [True]
    assert list(elsewhere.iterdir()) == []


def test_what_a_killed_process_leaves_behind_goes_when_the_next_one_begins() -> None:
    process, folder = worker()
    with process:
        sweep()
        assert folder.is_dir()  # somebody works there
        process.kill()
    assert folder.is_dir()
    with worker()[0] as following:
        assert not folder.exists()
        following.kill()


def test_a_new_folder_is_left_alone_before_it_is_locked(elsewhere: Path) -> None:
    folder = elsewhere / f"{PREFIX}new"
    folder.mkdir()
    sweep()
    assert folder.is_dir()
    aged(folder)
    sweep()
    assert not folder.exists()


def test_what_this_process_works_in_stays() -> None:
    with files() as folder:
        aged(Path(folder.path("")))
        sweep()
        assert kept(folder)
