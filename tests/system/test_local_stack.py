"""`python -m local` as a process: its start, and especially its end."""

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
Starter = Callable[..., "HeraldProcess"]


class HeraldProcess:
    """A running `python -m local` on free ports, without the demo."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.ports = dict(zip(VARIABLES.values(), map(str, free_ports(len(VARIABLES))), strict=True))
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=ROOT,
            env=inherited | self.ports | {"DEMO": "0", "HERALD_FOLDER": str(folder)} | dict(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def wait_until_ready(self) -> list[psutil.Process]:
        """Wait for the line that says it is ready. Return all processes of the stack except the first."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Herald is ready"):
                return psutil.Process(self.process.pid).children(recursive=True)
        raise AssertionError("\n".join(self.lines))

    def wait_for_exit(self, seconds: float) -> tuple[int, str]:
        """Return the exit status and the output since it was ready."""
        printed, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, printed


@pytest.fixture
def herald(tmp_path: Path) -> Iterator[Starter]:
    """Start stacks, and stop them after the test."""
    started: list[HeraldProcess] = []

    def start(**environ: str) -> HeraldProcess:
        started.append(HeraldProcess(tmp_path / ".local", environ))
        return started[-1]

    yield start
    for stack_process in started:
        stack_process.process.terminate()
        stack_process.process.communicate(timeout=20)


def running_processes(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.stack
def test_ctrl_c_saves_data_and_leaves_no_process(herald: Starter) -> None:
    """The stack prints one line per service, stops within 10 s, and the next start has the same data."""
    first = herald()
    processes = first.wait_until_ready()
    functions = Topology.read().functions
    for title in ("Site", "Firestore emulator", "Pub/Sub emulator", "Push service", "Auth emulator", "Gemini stand-in"):
        assert any(line.startswith(title) for line in first.lines)
    assert sum(line.startswith("Function") for line in first.lines) == len(functions)
    assert first.lines[-1] == f"Herald is ready: http://127.0.0.1:{first.ports['PORT']}"
    add_customer(first)
    start_time = time.monotonic()
    first.process.send_signal(signal.SIGINT)
    status, printed = first.wait_for_exit(15)
    assert time.monotonic() - start_time < 10
    assert (status, printed.splitlines()[-1]) == (0, "Herald has stopped.")
    assert not running_processes(processes, 0)
    assert {path.stem for path in (first.folder / "logs").iterdir()} >= {"firestore", "push", "site", *functions}

    second = herald()
    second.wait_until_ready()
    assert customer_names(second) == ["Asha"]


def documents_url(herald: HeraldProcess) -> str:
    address = f"127.0.0.1:{herald.ports['FIRESTORE_PORT']}"
    return f"http://{address}/v1/projects/herald-local/databases/(default)/documents/customers"


def add_customer(herald: HeraldProcess) -> None:
    body = {"fields": {"name": {"stringValue": "Asha"}}}
    answer = httpx.post(documents_url(herald), json=body, headers={"Authorization": "Bearer owner"}, timeout=60)
    answer.raise_for_status()


def customer_names(herald: HeraldProcess) -> list[str]:
    answer = httpx.get(documents_url(herald), headers={"Authorization": "Bearer owner"}, timeout=60).json()
    return [document["fields"]["name"]["stringValue"] for document in answer["documents"]]


@pytest.mark.stack
def test_killed_service_stops_the_stack(herald: Starter) -> None:
    """The stack exits with status 1 and names the service and its log."""
    running = herald()
    processes = running.wait_until_ready()
    [gunicorn, *_] = [process for process in processes if "deliver" in process.cmdline()]
    gunicorn.send_signal(signal.SIGKILL)
    status, printed = running.wait_for_exit(15)
    assert status == 1
    assert re.search(r"Function deliver exited unexpectedly \(exit code -9\).*deliver\.log", printed)
    assert not running_processes(processes, 0)


@pytest.mark.stack
def test_killed_stack_leaves_no_process(herald: Starter) -> None:
    """The kernel ends the services when the stack is killed."""
    running = herald()
    processes = running.wait_until_ready()
    running.process.kill()
    assert not running_processes(processes, 10)


def test_used_port_ends_with_message(herald: Starter) -> None:
    """The message names the port and its variable, without a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, printed = herald(PUBSUB_PORT=str(port)).wait_for_exit(START_SECONDS)
    assert status == 1
    assert f"Port {port} is taken" in printed
    assert "PUBSUB_PORT" in printed
    assert "Traceback" not in printed


def test_missing_emulator_ends_with_message(herald: Starter, tmp_path: Path) -> None:
    """The message names the variable of the jar, without a traceback."""
    status, printed = herald(FIRESTORE_EMULATOR_JAR=str(tmp_path / "missing.jar")).wait_for_exit(START_SECONDS)
    assert status == 1
    assert "FIRESTORE_EMULATOR_JAR" in printed
    assert "Traceback" not in printed
