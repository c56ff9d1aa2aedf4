"""What anonymous posts of 32 MB do to somebody else: `python -m benchmarks.anonymous_posts`.

The function `campaigns` runs as in the cloud, behind the functions framework. A member who is signed in lists segments,
ten times a second, first alone, and then while somebody without a token posts bodies of 32 MB, three at a time. Each
call counts from when it was due: one that waits makes no pause for the next ones.

`--tree` measures another version of Herald, with the programs of its own `.venv` if it has one.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import http.client
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
import psutil
from aiohttp import web
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.processes import run_service
from local import services
from local.config import ACCESS_DATABASE, StackConfig
from local.ports import ANY_PORTS, free_ports
from local.process import START_TIMEOUT_SECONDS, Service
from local.serving import HOST
from local.topology import ROOT

ADMIN = "admin@example.com"
BODY = b"[" + b"{}," * 10_600_000 + b"{}]"
POSTS_AT_ONCE, WAVES, WAVE_SECONDS = 3, 6, 5.0
CALL_SECONDS = 0.1
CALLS_ALONE = 150
WARM_UP_CALLS = 20
CALL_TIMEOUT = POST_TIMEOUT = 120.0
PROJECT = "herald-benchmark"
MEGABYTE = 1_000_000
UNUSED = f"{HOST}:9"


@dataclass(frozen=True, kw_only=True)
class FunctionUnderTest:
    """A running function."""

    url: str
    pid: int

    @property
    def megabytes(self) -> float:
        """The memory of its largest process."""
        parent = psutil.Process(self.pid)
        return max(process.memory_info().rss for process in (parent, *parent.children(recursive=True))) / MEGABYTE


@dataclass(kw_only=True)
class CallerFigures:
    """What another caller met."""

    seconds: list[float] = field(default_factory=list)  # of each call
    megabytes: float = 0.0  # the most memory of the function meanwhile
    failed: int = 0  # calls without an answer, or with an error

    @property
    def percentile_95(self) -> float:
        return quantiles(self.seconds, n=20)[-1]


@dataclass(kw_only=True)
class PostFigures:
    """What the anonymous posts met."""

    seconds: list[float] = field(default_factory=list)
    statuses: set[int | str] = field(default_factory=set)


def unsigned_token() -> str:
    """An ID token as the Auth emulator makes them."""
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "admin",
        "iat": now - 60,
        "auth_time": now - 60,
        "exp": now + 3_600,
        "email": ADMIN,
        "email_verified": True,
        "firebase": {"sign_in_provider": "google.com", "identities": {"google.com": ["1"], "email": [ADMIN]}},
    }
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@asynccontextmanager
async def run_accounts() -> AsyncIterator[str]:
    """A stand-in for the accounts of the Auth emulator inside the context: its address."""

    async def look_up(_request: web.Request) -> web.Response:
        return web.json_response({"users": [{"localId": "admin", "email": ADMIN, "validSince": "0"}]})

    [port] = free_ports(1)
    app = web.Application()
    app.add_routes([web.post("/{path:.*}", look_up)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        yield f"{HOST}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def run_campaigns(tree: Path, folder: Path) -> AsyncIterator[FunctionUnderTest]:
    """The function `campaigns` of that tree, with an emulator of Firestore, inside the context."""
    config = StackConfig(ports=ANY_PORTS.allocate(), folder=folder, environ=os.environ)
    async with run_service(services.firestore(config), folder), run_accounts() as accounts:
        service = campaigns_service(tree, config.firestore, accounts)
        async with run_service(service, folder) as pid:
            yield FunctionUnderTest(url=f"http://{service.address}", pid=pid)


def campaigns_service(tree: Path, firestore: str, accounts: str) -> Service:
    """Return the service; settings that a version does not know do no harm."""
    [port] = free_ports(1)
    own_framework = tree / ".venv" / "bin" / "functions-framework"
    framework = own_framework if own_framework.exists() else services.FRAMEWORK
    source = tree / "functions" / "campaigns" / "main.py"
    arguments = ("--source", str(source), "--target", "campaigns", "--host", HOST, "--port", str(port))
    environ = {
        "PATH": os.defpath,
        "PYTHONPATH": str(tree / "functions"),
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "FIRESTORE_EMULATOR_HOST": firestore,
        "PUBSUB_EMULATOR_HOST": UNUSED,
        "FIREBASE_AUTH_EMULATOR_HOST": accounts,
        "ACCESS_DATABASE": ACCESS_DATABASE,
        "FIRST_ADMIN": ADMIN,
        "SUPPRESSION_KEY": "a key for the benchmark",
        "GEMINI_API_KEY": "unused",
    }
    address = f"{HOST}:{port}"
    return Service(
        name="campaigns",
        title="Function campaigns",
        command=[str(framework), *arguments],
        environ=environ,
        address=address,
        path="/robots.txt",
    )


class OtherCaller:
    """A member who lists segments ten times a second."""

    def __init__(self, function: FunctionUnderTest) -> None:
        self._function = function
        headers = {"Authorization": f"Bearer {unsigned_token()}"}
        self._http = httpx.AsyncClient(base_url=function.url, headers=headers, timeout=CALL_TIMEOUT)

    async def call_while(self, work: asyncio.Task[None]) -> CallerFigures:
        """The figures of all calls that were due until `work` has ended."""
        figures, calls, start = CallerFigures(), [], time.monotonic()
        for number in count():
            due = start + number * CALL_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if work.done():
                break
            calls.append(asyncio.create_task(self._call(due, figures)))
            figures.megabytes = max(figures.megabytes, self._function.megabytes)
        work.result()
        figures.seconds = list(await asyncio.gather(*calls))
        return figures

    async def _call(self, due: float, figures: CallerFigures) -> float:
        """The seconds since the call was due, also of one that failed."""
        figures.failed += not await self._succeeds()
        return time.monotonic() - due

    async def _succeeds(self) -> bool:
        try:
            return (await self._http.get("/api/segments")).is_success
        except httpx.HTTPError:
            return False

    async def warm_up(self) -> None:
        """Call until the function and the emulator have loaded all their code. Raises `TimeoutError`."""
        async with asyncio.timeout(START_TIMEOUT_SECONDS):
            succeeded = 0
            while succeeded < WARM_UP_CALLS:
                succeeded = succeeded + 1 if await self._succeeds() else 0


async def post_waves(function: FunctionUnderTest, figures: PostFigures) -> None:
    """Send three posts at once every five seconds, or when those before are answered."""
    for _ in range(WAVES):
        started = time.monotonic()
        await asyncio.gather(
            *(asyncio.to_thread(post_anonymously, function.url, figures) for _ in range(POSTS_AT_ONCE))
        )
        await asyncio.sleep(max(0.0, started + WAVE_SECONDS - time.monotonic()))


def post_anonymously(url: str, figures: PostFigures) -> None:
    """Send one body without a token. The function may answer, or hang up, before it has all of it."""
    started = time.monotonic()
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=POST_TIMEOUT)
    with suppress(OSError):
        connection.request("POST", "/api/segments/preview", BODY, {"Content-Type": "application/json"})
    try:
        figures.statuses.add(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        figures.statuses.add(type(error).__name__)
    finally:
        connection.close()
    figures.seconds.append(time.monotonic() - started)


async def measure(tree: Path) -> tuple[CallerFigures, CallerFigures, PostFigures]:
    """The figures of the caller alone, of the caller during the posts, and of the posts."""
    with tempfile.TemporaryDirectory(prefix="herald-posts-") as folder:
        async with run_campaigns(tree, Path(folder)) as function:
            caller, posts = OtherCaller(function), PostFigures()
            await caller.warm_up()
            alone = await caller.call_while(asyncio.create_task(asyncio.sleep(CALLS_ALONE * CALL_SECONDS)))
            during = await caller.call_while(asyncio.create_task(post_waves(function, posts)))
            return alone, during, posts


def table(alone: CallerFigures, during: CallerFigures, posts: PostFigures) -> Table:
    """The figures of both halves of the run, and how many times more those during the posts are."""
    result = Table("", "alone", "during the posts", "ratio", box=box.MARKDOWN)
    rows: Sequence[tuple[str, float, float]] = (
        ("call of another member, median, ms", median(alone.seconds) * 1_000, median(during.seconds) * 1_000),
        ("95 % of the calls take at most, ms", alone.percentile_95 * 1_000, during.percentile_95 * 1_000),
        ("the slowest call, ms", max(alone.seconds) * 1_000, max(during.seconds) * 1_000),
        ("most memory of the function, MB", alone.megabytes, during.megabytes),
    )
    for title, before, after in rows:
        result.add_row(title, f"{before:,.0f}", f"{after:,.0f}", f"{after / before:,.1f}×")
    result.add_row("failed calls", f"{alone.failed}", f"{during.failed}", "")
    statuses = ", ".join(sorted(map(str, posts.statuses)))
    result.add_row(f"a post, median, ms (answers: {statuses})", "", f"{median(posts.seconds) * 1_000:,.0f}", "")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description="Anonymous posts of 32 MB, and another caller")
    parser.add_argument("--tree", type=Path, default=ROOT, help="another version of Herald")
    arguments = parser.parse_args()
    Console(width=120).print(table(*asyncio.run(measure(arguments.tree.resolve()))))


if __name__ == "__main__":
    main()
