"""The emulators, started once for all tests on free ports. Each test that wants one has a project of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from common.ids import random_id
from local import emulators
from local.ports import free_ports
from local.serving import HOST

START_SECONDS = 60


@pytest.fixture(scope="session")
def firestore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Firestore emulator."""
    with _running(emulators.FIRESTORE, tmp_path_factory.mktemp("firestore")) as address:
        yield address


@pytest.fixture(scope="session")
def pubsub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Pub/Sub emulator."""
    with _running(emulators.PUBSUB, tmp_path_factory.mktemp("pubsub")) as address:
        yield address


@pytest.fixture
def project() -> str:
    """Nobody else's: the emulators keep the data of each project apart."""
    return f"test-{random_id()}"


@contextmanager
def _running(emulator: emulators.Emulator, folder: Path) -> Iterator[str]:
    [port] = free_ports(1)
    command = emulators.command(emulator, port, os.environ)
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            _wait(port, process)
            yield f"{HOST}:{port}"
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"The emulator did not start: {process.args!r}")
