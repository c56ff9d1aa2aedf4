"""Services as processes: start, readiness, exit and stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from local.ports import free_ports
from local.process import Process, Service, ServiceExited

SERVER = """
import http.server, signal, subprocess, sys
print("starting", flush=True)
if "ignore-term" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "parent" in sys.argv: subprocess.Popen(["sleep", "1000"])
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
FAILURE = "import sys; print('Something is missing', flush=True); sys.exit(3)"
Starter = Callable[..., Process]


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Starter]:
    """Create processes that run a Python script, and kill them after the test."""
    processes: list[Process] = []

    def make(code: str = SERVER, *arguments: str) -> Process:
        [port] = free_ports(1)
        command = [sys.executable, "-c", code, str(port), *arguments]
        service = Service(
            name="service", title="The service", command=command, environ=os.environ, address=f"127.0.0.1:{port}"
        )
        processes.append(Process(service, folder=tmp_path, log=tmp_path / "service.log"))
        return processes[-1]

    yield make
    for created in processes:
        await created.kill()


async def test_process_is_ready_when_it_responds(process: Starter) -> None:
    """`wait_until_ready` returns after the first response."""
    server = process()
    await server.start()
    await server.wait_until_ready()
    assert server.start_seconds > 0
    assert server.log.read_text().startswith("starting")


async def test_exit_during_start_reports_end_of_log(process: Starter) -> None:
    """The error contains the exit code and the end of the log."""
    failing = process(FAILURE)
    await failing.start()
    with pytest.raises(
        ServiceExited, match=r"(?s)The service exited unexpectedly \(exit code 3\).*service\.log.*Something is missing"
    ):
        await failing.wait_until_ready()


async def test_unexpected_exit_is_reported(process: Starter) -> None:
    """`wait_for_exit` raises when a running process is killed from outside."""
    server = process()
    await server.start()
    await server.wait_until_ready()
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(ServiceExited, match="exit code -9"):
        await asyncio.wait_for(server.wait_for_exit(), 60)


async def test_kill_and_restart_is_no_unexpected_exit(process: Starter) -> None:
    """Kills by the stack are not reported, but a later exit is."""
    server = process()
    await server.start()
    await server.wait_until_ready()
    watch = asyncio.create_task(server.wait_for_exit())
    for _ in range(2):
        await server.kill()
        assert server.pid is None
        await server.start()
        await server.wait_until_ready()
    assert not watch.done()
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(ServiceExited):
        await asyncio.wait_for(watch, 60)


async def test_stop_is_no_unexpected_exit(process: Starter) -> None:
    """A stop by the stack is not reported."""
    server = process()
    await server.start()
    await server.wait_until_ready()
    watch = asyncio.create_task(server.wait_for_exit())
    await server.stop(5)
    await server.start()
    await server.wait_until_ready()
    assert not watch.done()
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(ServiceExited, match="exit code -9"):
        await asyncio.wait_for(watch, 60)


async def test_stop_kills_process_that_ignores_sigterm(process: Starter) -> None:
    """A process that ignores SIGTERM is killed after the grace period."""
    stubborn = process(SERVER, "ignore-term")
    await stubborn.start()
    await stubborn.wait_until_ready()
    start = time.monotonic()
    await stubborn.stop(0.3)
    assert 0.3 <= time.monotonic() - start < 60


async def test_stop_ends_child_processes(process: Starter) -> None:
    """Processes that the service has started are stopped with it."""
    parent = process(SERVER, "parent")
    await parent.start()
    await parent.wait_until_ready()
    [child] = psutil.Process(parent.pid).children()
    await parent.stop(5)
    with suppress(psutil.NoSuchProcess):
        child.wait(5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
