"""Parts as processes: they start, answer, die, and are stopped."""

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
from local.process import Part, PartDied, Process

SERVER = """
import http.server, signal, subprocess, sys
print("starting", flush=True)
if "deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "parent" in sys.argv: subprocess.Popen(["sleep", "1000"])
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""
FAILURE = "import sys; print('I lack something', flush=True); sys.exit(3)"
Starter = Callable[..., Process]


@pytest.fixture
async def process(tmp_path: Path) -> AsyncIterator[Starter]:
    """Makes processes that run a little Python, and sees to it that none is left."""
    made: list[Process] = []

    def make(code: str = SERVER, *arguments: str) -> Process:
        [port] = free_ports(1)
        command = [sys.executable, "-c", code, str(port), *arguments]
        part = Part(name="part", title="The part", command=command, environ=os.environ, address=f"127.0.0.1:{port}")
        made.append(Process(part, folder=tmp_path, log=tmp_path / "part.log"))
        return made[-1]

    yield make
    for one in made:
        await one.kill()


async def test_ready_when_it_answers(process: Starter) -> None:
    server = process()
    await server.start()
    await server.ready()
    assert server.seconds > 0
    assert server.log.read_text().startswith("starting")


async def test_death_at_the_start_has_last_words(process: Starter) -> None:
    failing = process(FAILURE)
    await failing.start()
    with pytest.raises(PartDied, match=r"(?s)The part stopped by itself \(exit code 3\).*part\.log.*I lack something"):
        await failing.ready()


async def test_death_later_is_noticed(process: Starter) -> None:
    server = process()
    await server.start()
    await server.ready()
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(PartDied, match="exit code -9"):
        await asyncio.wait_for(server.died(), 5)


async def test_killed_on_purpose_and_started_again(process: Starter) -> None:
    """No death is reported, but the next one is."""
    server = process()
    await server.start()
    await server.ready()
    watch = asyncio.create_task(server.died())
    for _ in range(2):
        await server.kill()
        assert server.pid is None
        await asyncio.sleep(0.1)
        await server.start()
        await server.ready()
    assert not watch.done()
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(PartDied):
        await asyncio.wait_for(watch, 5)


async def test_stop_is_not_a_death(process: Starter) -> None:
    server = process()
    await server.start()
    await server.ready()
    watch = asyncio.create_task(server.died())
    await server.stop(5)
    await asyncio.sleep(0.2)
    assert not watch.done()
    watch.cancel()


async def test_stop_does_not_wait_for_ever(process: Starter) -> None:
    deaf = process(SERVER, "deaf")
    await deaf.start()
    await deaf.ready()
    before = time.monotonic()
    await deaf.stop(0.3)
    assert 0.3 <= time.monotonic() - before < 3


async def test_stop_includes_what_the_part_started(process: Starter) -> None:
    parent = process(SERVER, "parent")
    await parent.start()
    await parent.ready()
    [child] = psutil.Process(parent.pid).children()
    await parent.stop(5)
    with suppress(psutil.NoSuchProcess):
        child.wait(5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
