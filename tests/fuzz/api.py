"""`python -m tests.fuzz.api`: schemathesis calls every route of the API document, as each role and as nobody.

It serves all functions in memory on a free port. An answer may not be an error of the server, and must be as the
document says.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from local.ports import free_ports
from local.serving import HOST
from local.site.rewrites import compile_rewrites, function_for
from local.topology import Topology
from tests.component.test_access_table import create_access_database, create_apps
from tests.support import FakeModel

ROOT = Path(__file__).parents[2]
SCHEMATHESIS = [str(Path(sys.executable).with_name("uv")), "tool", "run", "--quiet", "schemathesis@4.32.5"]
"""In an environment of its own: it pins other versions."""
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"
IDENTITIES = {
    "admin": "boss@example.com",
    "manager": "manager@example.com",
    "viewer": "viewer@example.com",
    "nobody": "",
}


class BehindHosting:
    """All functions behind one address, by the rewrites of Firebase Hosting."""

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps
        self._rewrites = compile_rewrites(Topology.read().rewrites)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the function that its path belongs to."""
        function = function_for(scope["path"], self._rewrites)
        app = self._apps[function] if function else PlainTextResponse("no function has this path", status_code=404)
        await app(scope, receive, send)


def _create_model() -> FakeModel:
    """A model that answers. Without an answer of Gemini, 503 is the right one of ours."""
    return FakeModel({"text": "Well done."})


async def create_server(port: int) -> uvicorn.Server:
    """A server of all functions, with a member of each role."""
    names = ("customers", "campaigns", "members", "receipts")
    apps = dict(zip(names, create_apps(await create_access_database(), _create_model), strict=True))
    config = uvicorn.Config(BehindHosting(apps), host=HOST, port=port, log_level="critical", lifespan="off")
    return uvicorn.Server(config)


def run_schemathesis(url: str, token: str, examples: int) -> int:
    """The exit status: 0 if every answer was right."""
    header = ["--header", f"Authorization: Bearer {token}"] if token else []
    options = ["--checks", CHECKS, "--max-examples", str(examples), "--phases", "fuzzing", "--no-color"]
    document = str(ROOT / "docs" / "openapi.json")
    command = [*SCHEMATHESIS, "run", document, "--url", url, *header, *options]
    return subprocess.run(command, check=False, env=dict(os.environ)).returncode


async def serve_and_run(examples: int) -> int:
    """Call every route as each identity. Returns how many of the identities found something wrong."""

    [port] = free_ports(1)
    server = await create_server(port)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    failed = 0
    for name, token in IDENTITIES.items():
        print(f"=== {name}", flush=True)
        failed += bool(await asyncio.to_thread(run_schemathesis, f"http://{HOST}:{port}", token, examples))
    server.should_exit = True
    await serving
    return failed


if __name__ == "__main__":
    sys.exit(asyncio.run(serve_and_run(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))
