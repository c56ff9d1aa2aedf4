"""Each function's bundle, as Terraform composes it, starts with only its own requirements."""

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
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from local.ports import free_ports

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
UV = Path(sys.executable).with_name("uv")
TOPOLOGY = json.loads((ROOT / "terraform" / "topology.json").read_text())["functions"]
FOLDERS = sorted({entry["folder"] for entry in TOPOLOGY.values()})
START_TIMEOUT_SECONDS = 60

# Requests without a token or a signature.
UNAUTHENTICATED_REQUESTS = {
    "customers": ("GET", "/api/customers"),
    "campaigns": ("GET", "/api/campaigns"),
    "members": ("GET", "/api/me"),
    "receipts": ("POST", "/api/receipts/simulator"),
}
PUSH_REQUEST = ("POST", "/")

# The environment of a function in the cloud. Clients connect on first use, so nothing needs to listen at the addresses.
# Emulators are not allowed there.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "GOOGLE_CLOUD_PROJECT": "herald-bundle",
    "PUBLIC_URL": "http://127.0.0.1:1",
    "FIRST_ADMIN": "admin@example.com",
    "PUSH_AUDIENCE": "herald",
    "PUSH_IDENTITY": "push@herald-bundle.iam.gserviceaccount.com",
    "PUSH_CERTS_URL": "http://127.0.0.1:1/certs",
    "GEMINI_API_KEY": "none",
    "GEMINI_BASE_URL": "http://127.0.0.1:1",
    "CALLBACK_SECRET": "whsec_aGVyYWxkLWJ1bmRsZS10ZXN0LXNlY3JldC0wMDAwMDA=",
    "SUPPRESSION_KEY": "a key for the tests",
    "ACCESS_DATABASE": "herald-access",
}

# What Cloud Functions and Cloud Run set themselves.
PLATFORM = {"K_CONFIGURATION": "function", "K_REVISION": "function-00001-abc", "LOG_EXECUTION_ID": "true"}

# The log entry of a request without a token, by trigger.
LOGGED_EVENTS = {"pubsub": "push_rejected"}

pytestmark = pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is missing")


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Build the bundle of a function, with a virtual environment in `.venv`, once per function."""

    @cache
    def build(function: str) -> Path:
        target = tmp_path_factory.mktemp(function)
        unpack(compose_bundle(function, FUNCTIONS, target / "terraform"), target / "bundle")
        install(target / "bundle")
        return target / "bundle"

    return build


@pytest.mark.parametrize("entry_point", sorted(TOPOLOGY))
def test_bundle_starts_rejects_unauthenticated_request_and_logs_json(
    entry_point: str, bundle: Callable[[str], Path], tmp_path: Path
) -> None:
    """Every entry point starts from its bundle as in the cloud, returns 401 without a token, and logs lines of JSON."""
    method, path = UNAUTHENTICATED_REQUESTS.get(entry_point, PUSH_REQUEST)
    trigger = TOPOLOGY[entry_point]["trigger"]
    with serve_entry_point(entry_point, bundle(TOPOLOGY[entry_point]["folder"]), tmp_path / "log") as address:
        answer = httpx.request(method, address + path, content=b"{}", timeout=START_TIMEOUT_SECONDS)
    assert answer.status_code == 401, answer.text
    if trigger == "http":
        assert answer.headers["content-type"] == "application/problem+json"
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines() if "logger" in line]
    event = LOGGED_EVENTS.get(trigger)
    assert {line["event"] for line in lines if line["severity"] == "WARNING"} == ({event} if event else set())


def test_bundle_contains_folder_and_common_without_caches_and_tests(tmp_path: Path) -> None:
    """The bundle has the files of the function and of `common`, without caches and tests."""
    for path in ["main.py", "requirements.txt", "prompts/one.txt", "__pycache__/main.pyc", "tests/test_main.py"]:
        write(tmp_path / "functions" / "greeting" / path, path)
    for path in ["ids.py", "__pycache__/ids.pyc", ".cache/words"]:
        write(tmp_path / "functions" / "common" / path, path)
    files = compose_bundle("greeting", tmp_path / "functions", tmp_path / "terraform")
    assert files == {
        "common/ids.py": "ids.py",
        "main.py": "main.py",
        "prompts/one.txt": "prompts/one.txt",
        "requirements.txt": "requirements.txt",
    }


def compose_bundle(function: str, root: Path, state: Path) -> dict[str, str]:
    """Return the files of the bundle as Terraform composes it. Its state is in `state`."""
    shutil.copytree(ROOT / "terraform" / "bundle", state)
    terraform = ["terraform", f"-chdir={state}"]
    run_command(*terraform, "apply", "-auto-approve", "-input=false", f"-var=root={root}", f"-var=function={function}")
    files: dict[str, str] = json.loads(run_command(*terraform, "output", "-json", "files"))
    return files


def unpack(files: dict[str, str], folder: Path) -> None:
    for path, text in files.items():
        write(folder / path, text)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def install(folder: Path) -> None:
    run_command(UV, "venv", "--quiet", "--python", sys.executable, folder / ".venv")
    python, lock = folder / ".venv" / "bin" / "python", folder / "requirements.txt"
    run_command(UV, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", lock)


def run_command(*command: str | Path) -> str:
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr or completed.stdout
    return completed.stdout


def write_credentials(file: Path) -> None:
    """Write the key of a service account that does not exist: clients want one before they connect."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoding = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    account = {
        "type": "service_account",
        "client_email": "function@herald-bundle.iam.gserviceaccount.com",
        "private_key": key.private_bytes(*encoding).decode(),
        "token_uri": "http://127.0.0.1:1/token",
    }
    file.write_text(json.dumps(account))


@contextmanager
def serve_entry_point(entry_point: str, folder: Path, log: Path) -> Iterator[str]:
    """Serve the entry point as in the cloud, and yield its address."""
    [port] = free_ports(1)  # not an ephemeral port: a probe of such a port could connect to itself
    server = folder / ".venv" / "bin" / "functions-framework"
    credentials = log.with_name("credentials.json")
    write_credentials(credentials)
    environ = ENVIRONMENT | PLATFORM
    environ |= {"FUNCTION_TARGET": entry_point, "K_SERVICE": entry_point.replace("_", "-"), "PORT": str(port)}
    environ |= {"GOOGLE_APPLICATION_CREDENTIALS": str(credentials)}
    with log.open("w") as output:
        command = (server, "--host=127.0.0.1")
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=output, stderr=output)
        try:
            wait_until_open(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(START_TIMEOUT_SECONDS)


def wait_until_open(port: int, process: subprocess.Popen[Any], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not is_open(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"timeout during start: {log.read_text()}"
        time.sleep(0.05)


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
