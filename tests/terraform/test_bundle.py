"""Each function's zip, as Terraform composes it, starts alone and answers with nothing but its own requirements."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
UV = Path(sys.executable).with_name("uv")
TOPOLOGY = json.loads((ROOT / "terraform" / "topology.json").read_text())["functions"]
FOLDERS = sorted({entry["folder"] for entry in TOPOLOGY.values()})
SECONDS_TO_START = 60

# What a stranger, without a token or a signature, asks for.
UNWELCOME = {
    "customers": ("GET", "/api/customers"),
    "campaigns": ("GET", "/api/campaigns"),
    "receipts": ("POST", "/api/receipts/simulator"),
}
PUSH = ("POST", "/")

# What a function is given in the cloud. Clients are built on first use, so nothing listens at these addresses.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "GOOGLE_CLOUD_PROJECT": "herald-bundle",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
    "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
    "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:1",
    "PUBLIC_URL": "http://127.0.0.1:1",
    "FIRST_ADMIN": "admin@example.com",
    "PUSH_AUDIENCE": "herald",
    "PUSH_IDENTITY": "push@herald-bundle.iam.gserviceaccount.com",
    "PUSH_CERTS_URL": "http://127.0.0.1:1/certs",
    "GEMINI_API_KEY": "none",
    "GEMINI_BASE_URL": "http://127.0.0.1:1",
    "CALLBACK_SECRET": "whsec_aGVyYWxkLWJ1bmRsZS10ZXN0LXNlY3JldC0wMDAwMDA=",
    "SUPPRESSION_KEY": "a key for the tests alone",
}

pytestmark = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform, which composes bundles, is missing")


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function's bundle as it lies in the cloud, with a virtual environment in `.venv`; made once for each."""

    @cache
    def make(function: str) -> Path:
        place = tmp_path_factory.mktemp(function)
        unpack(files_of(function, FUNCTIONS, place / "terraform"), place / "bundle")
        install(place / "bundle")
        return place / "bundle"

    return make


@pytest.mark.parametrize("entry_point", sorted(TOPOLOGY))
def test_an_entry_point_starts_alone_and_refuses_strangers(
    entry_point: str, bundle: Callable[[str], Path], tmp_path: Path
) -> None:
    method, path = UNWELCOME.get(entry_point, PUSH)
    with started(entry_point, bundle(TOPOLOGY[entry_point]["folder"]), tmp_path / "log") as address:
        answer = httpx.request(method, address + path, content=b"{}", timeout=SECONDS_TO_START)
    assert answer.status_code == 401, answer.text
    if TOPOLOGY[entry_point]["trigger"] == "http":
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_bundle_is_the_folder_and_common_without_caches_and_tests(tmp_path: Path) -> None:
    for path in ["main.py", "requirements.txt", "prompts/one.txt", "__pycache__/main.pyc", "tests/test_main.py"]:
        write(tmp_path / "functions" / "greeting" / path, path)
    for path in ["ids.py", "__pycache__/ids.pyc", ".cache/words"]:
        write(tmp_path / "functions" / "common" / path, path)
    files = files_of("greeting", tmp_path / "functions", tmp_path / "terraform")
    assert files == {
        "common/ids.py": "ids.py",
        "main.py": "main.py",
        "prompts/one.txt": "prompts/one.txt",
        "requirements.txt": "requirements.txt",
    }


def files_of(function: str, root: Path, state: Path) -> dict[str, str]:
    """The bundle as Terraform itself composes it; what it writes stays in `state`."""
    shutil.copytree(ROOT / "terraform" / "bundle", state)
    terraform = ["terraform", f"-chdir={state}"]
    run(*terraform, "apply", "-auto-approve", "-input=false", f"-var=root={root}", f"-var=function={function}")
    files: dict[str, str] = json.loads(run(*terraform, "output", "-json", "files"))
    return files


def unpack(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        write(folder / path, text)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def install(folder: Path) -> None:
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / ".venv")
    python, lock = folder / ".venv" / "bin" / "python", folder / "requirements.txt"
    run(UV, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", lock)


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


@contextmanager
def started(entry_point: str, folder: Path, log: Path) -> Iterator[str]:
    """The entry point served as in the cloud; its address."""
    port = free_port()
    server = folder / ".venv" / "bin" / "functions-framework"
    command = (server, "--source=main.py", f"--target={entry_point}", f"--port={port}")
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=output, stderr=output)
        try:
            wait_until_open(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(SECONDS_TO_START)


def wait_until_open(port: int, process: subprocess.Popen[Any], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while not is_open(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"did not start in time: {log.read_text()}"
        time.sleep(0.05)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
