"""The emulators and the whole stack, each started once for all tests that want it, on free ports.

Tests that use an emulator alone have a project of their own each.
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

from common.ids import random_id
from local import emulators
from local.ports import free_ports
from local.serving import HOST
from local.stack import Stack

START_SECONDS = 60

# Parts of the stack are started while gRPC's threads run in this process; its handlers are for children that use gRPC.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those in a browser come last: Playwright keeps the thread's event loop for itself once it has begun."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


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


@pytest.fixture(scope="session")
def stack_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """The loop that the stack's processes belong to, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="stack")
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, stack_loop: asyncio.AbstractEventLoop) -> Iterator[Stack]:
    """All of Herald, without the demo. Every message is delivered twice on purpose, and the vendor reports twice."""
    folder = tmp_path_factory.mktemp("stack")
    own = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environ = own | {
        "PUSH_DUPLICATE_SHARE": "1",
        "SIMULATOR_DUPLICATE_SHARE": "1",
        "SIMULATOR_BOOK": str(folder / "book"),
        "TICK_SECONDS": "1",
    }
    stack = Stack(folder=folder, environ=environ)
    try:
        asyncio.run_coroutine_threadsafe(stack.__aenter__(), stack_loop).result(180)
        yield stack
    finally:
        asyncio.run_coroutine_threadsafe(stack.stop(export=False), stack_loop).result(30)


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
