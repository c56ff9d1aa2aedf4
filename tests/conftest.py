"""Fixtures: the emulators and the whole stack, each started once for all tests that use it, on free ports.

Each test that uses only an emulator has its own project. With pytest-xdist, each worker has its own emulators.

Hypothesis: `HYPOTHESIS_PROFILE=thorough` tries ten times as many examples as the profile `default`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import settings

from common.ids import random_id
from common.storage.memory import MemoryDocuments
from local import emulators
from local.ports import free_ports
from local.serving import HOST
from local.stack import Stack
from tests.terraform.indexes import TerraformIndexes

START_TIMEOUT_SECONDS = 60

# An example may take any time: the machine may be busy. A failure prints what repeats it.
settings.register_profile("default", max_examples=100, deadline=None, print_blob=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# Every query of every test on an in-memory store needs an index, as in the cloud.
MemoryDocuments.indexes = TerraformIndexes()

# Processes are started while gRPC's threads run in this process. Its fork handlers are only for children that use gRPC.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: after its start, Playwright occupies the event loop of the thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def firestore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Firestore emulator (host:port)."""
    with _run_emulator(emulators.FIRESTORE, tmp_path_factory.mktemp("firestore")) as address:
        yield address


@pytest.fixture(scope="session")
def pubsub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Pub/Sub emulator (host:port)."""
    with _run_emulator(emulators.PUBSUB, tmp_path_factory.mktemp("pubsub")) as address:
        yield address


@pytest.fixture(scope="session")
def stack_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The event loop of the stack's processes, in its own thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="stack")
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, stack_loop: asyncio.AbstractEventLoop) -> Iterator[Stack]:
    """All of Herald, without the demo. Every message is delivered twice, and the vendor reports every outcome twice."""
    folder = tmp_path_factory.mktemp("stack")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environ = inherited | {
        "PUSH_DUPLICATE_SHARE": "1",
        "SIMULATOR_DUPLICATE_SHARE": "1",
        "SIMULATOR_BOOK": str(folder / "book"),
        "TICK_SECONDS": "1",
        "RATE_LIMITS": "person=0,key=0,anonymous=0",  # tests are faster than people
    }
    stack = Stack(folder=folder, environ=environ)
    try:
        asyncio.run_coroutine_threadsafe(stack.__aenter__(), stack_loop).result(180)
        yield stack
    finally:
        asyncio.run_coroutine_threadsafe(stack.stop(export=False), stack_loop).result(30)


@pytest.fixture
def project() -> str:
    """A project of this test only: the emulators separate the data of projects."""
    return f"test-{random_id()}"


@contextmanager
def _run_emulator(emulator: emulators.Emulator, folder: Path) -> Iterator[str]:
    """Run an emulator inside the context and yield its address."""
    [port] = free_ports(1)
    command = emulators.start_command(emulator, port, os.environ)
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            _wait_until_open(port, process)
            yield f"{HOST}:{port}"
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"The emulator did not start: {process.args!r}")
