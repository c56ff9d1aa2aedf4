"""`python -m local` as a process: how it starts, and above all how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import psutil
import pytest

from local.ports import VARIABLES, free_ports
from local.topology import ROOT, Topology

START_SECONDS = 120
Starter = Callable[..., "Herald"]


class Herald:
    """A running `python -m local` on free ports, without the demo."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.ports = dict(zip(VARIABLES.values(), map(str, free_ports(len(VARIABLES))), strict=True))
        own = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=ROOT,
            env=own | self.ports | {"DEMO": "0", "HERALD_FOLDER": str(folder)} | dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def ready(self) -> list[psutil.Process]:
        """Waits for the ready line; every process of the stack but the first."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Herald is ready"):
                return psutil.Process(self.process.pid).children(recursive=True)
        raise AssertionError("\n".join(self.lines))

    def ended(self, seconds: float) -> tuple[int, str]:
        """The exit status and what was printed since it was ready."""
        printed, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, printed


@pytest.fixture
def herald(tmp_path: Path) -> Iterator[Starter]:
    started: list[Herald] = []

    def start(**environ: str) -> Herald:
        started.append(Herald(tmp_path / ".local", environ))
        return started[-1]

    yield start
    for one in started:
        one.process.terminate()
        one.process.communicate(timeout=20)


def left(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.stack
def test_ctrl_c_keeps_the_data_and_leaves_nothing(herald: Starter) -> None:
    """One line for each part, then the ready line; what was there is there again."""
    first = herald()
    processes = first.ready()
    functions = Topology.read().functions
    for title in ("Site", "Firestore emulator", "Pub/Sub emulator", "Push service", "Auth emulator", "Gemini stand-in"):
        assert any(line.startswith(title) for line in first.lines)
    assert sum(line.startswith("Function") for line in first.lines) == len(functions)
    assert first.lines[-1] == f"Herald is ready: http://127.0.0.1:{first.ports['PORT']}"
    customer(first)
    before = time.monotonic()
    first.process.send_signal(signal.SIGINT)
    status, printed = first.ended(15)
    assert time.monotonic() - before < 10
    assert (status, printed.splitlines()[-1]) == (0, "Herald has stopped.")
    assert not left(processes, 0)
    assert {path.stem for path in (first.folder / "logs").iterdir()} >= {"firestore", "push", "site", *functions}

    second = herald()
    second.ready()
    assert names(second) == ["Asha"]


def documents(herald: Herald) -> str:
    address = f"127.0.0.1:{herald.ports['FIRESTORE_PORT']}"
    return f"http://{address}/v1/projects/herald-local/databases/(default)/documents/customers"


def customer(herald: Herald) -> None:
    body = {"fields": {"name": {"stringValue": "Asha"}}}
    httpx.post(documents(herald), json=body, headers={"Authorization": "Bearer owner"}).raise_for_status()


def names(herald: Herald) -> list[str]:
    answer = httpx.get(documents(herald), headers={"Authorization": "Bearer owner"}).json()
    return [one["fields"]["name"]["stringValue"] for one in answer["documents"]]


@pytest.mark.stack
def test_a_part_that_dies_takes_the_rest_with_it(herald: Starter) -> None:
    running = herald()
    processes = running.ready()
    [gunicorn, *_] = [one for one in processes if "deliver" in one.cmdline()]
    gunicorn.send_signal(signal.SIGKILL)
    status, printed = running.ended(15)
    assert status == 1
    assert re.search(r"Function deliver stopped by itself \(exit code -9\).*deliver\.log", printed)
    assert not left(processes, 0)


@pytest.mark.stack
def test_nothing_outlives_a_stack_that_is_killed(herald: Starter) -> None:
    running = herald()
    processes = running.ready()
    running.process.kill()
    assert not left(processes, 10)


def test_a_taken_port_is_named(herald: Starter) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, printed = herald(PUBSUB_PORT=str(port)).ended(START_SECONDS)
    assert status == 1
    assert f"Port {port} is taken" in printed
    assert "PUBSUB_PORT" in printed
    assert "Traceback" not in printed


def test_a_missing_emulator_is_explained(herald: Starter, tmp_path: Path) -> None:
    status, printed = herald(FIRESTORE_EMULATOR_JAR=str(tmp_path / "missing.jar")).ended(START_SECONDS)
    assert status == 1
    assert "FIRESTORE_EMULATOR_JAR" in printed
    assert "Traceback" not in printed
