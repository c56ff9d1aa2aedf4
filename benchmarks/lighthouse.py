"""`python -m benchmarks.lighthouse`: Lighthouse's scores of three pages, on a phone and on a computer.

npx fetches Lighthouse at the first run; it is no dependency of the project. Each page has a Chromium of its own with a
new profile, in which the member signs in before Lighthouse loads the page. The processor is slowed down as far as a
phone is slower than this machine, which a first run finds out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from playwright.async_api import Playwright, async_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.browser import chromium_command, sign_in
from benchmarks.herald import HeraldSystem, run_herald
from benchmarks.people import make_people
from local.ports import free_ports
from local.serving import HOST
from local.topology import ROOT

LIGHTHOUSE = ("npx", "--yes", "--prefer-offline", "lighthouse@12.8.2")
# The scores only. The member stays signed in, and Lighthouse sends no report of its own.
OPTIONS = ("--output=json", "--disable-storage-reset", "--no-enable-error-reporting", "--quiet")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAINT = "largest paint, s"
DEVICES: dict[str, tuple[str, ...]] = {"phone": (), "computer": ("--preset=desktop",)}
TARGET = 95
# Lighthouse's index of a phone: it slows down fast computers, which have 1500 to 2000, by four.
PHONE_INDEX = 425
MAX_SLOWDOWN = 4.0
RUNS = 3
PEOPLE = 40
RUN_TIMEOUT_SECONDS = 180.0
FETCH_TIMEOUT_SECONDS = 600.0
START_TIMEOUT_SECONDS = 30.0

Scores = dict[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reports:
    """Where the runs of one page are written down."""

    page: str
    folder: Path
    runs: int
    slowdown: float  # of the processor, on a phone
    console: Console

    def path(self, device: str, number: int) -> Path:
        return self.folder / f"{self.page}-{device}-{number}.json"


async def lighthouse(*arguments: str, timeout: float) -> bytes:
    """Run Lighthouse and return what it prints. Raise if it fails or takes too long."""
    process = await asyncio.create_subprocess_exec(*LIGHTHOUSE, *arguments, stdout=PIPE, stderr=PIPE, cwd=ROOT)
    try:
        async with asyncio.timeout(timeout):
            content, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise SystemExit(f"Lighthouse took longer than {timeout:.0f} s: {' '.join(arguments)}") from None
    if process.returncode:
        raise SystemExit(f"Lighthouse failed: {errors.decode(errors='replace')[-2000:]}")
    return content


async def audit(url: str, port: int, report: Path, *options: str) -> Any:
    """One run in the browser that listens at `port`: the report of Lighthouse, which is also left in `report`."""
    only = f"--only-categories={','.join(CATEGORIES)}"
    place = (f"--port={port}", f"--output-path={report}")
    await lighthouse(url, *place, *OPTIONS, only, *options, timeout=RUN_TIMEOUT_SECONDS)
    return json.loads(report.read_text())


async def find_slowdown(url: str, port: int, report: Path) -> float:
    """By how much this machine, busy as it is now, is faster than a phone."""
    index = float((await audit(url, port, report, *DEVICES["computer"]))["environment"]["benchmarkIndex"])
    return round(min(max(index / PHONE_INDEX, 1.0), MAX_SLOWDOWN), 1)


async def measure(url: str, port: int, device: str, report: Path, slowdown: float) -> Scores:
    """The scores of one run."""
    slower = () if device == "computer" else (f"--throttling.cpuSlowdownMultiplier={slowdown}",)
    found: dict[str, Any] = await audit(url, port, report, *DEVICES[device], *slower)
    scores = {name: 100 * (found["categories"][name]["score"] or 0) for name in CATEGORIES}
    return scores | {PAINT: found["audits"]["largest-contentful-paint"].get("numericValue", 0) / 1000}


@asynccontextmanager
async def run_browser(profile: Path) -> AsyncIterator[int]:
    """Run Chromium without anybody who controls it, and yield the port for those who do."""
    [port] = free_ports(1)
    command = chromium_command(f"--remote-debugging-port={port}", f"--user-data-dir={profile}")
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await wait_until_listening(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def wait_until_listening(port: int) -> None:
    async with asyncio.timeout(START_TIMEOUT_SECONDS), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://{HOST}:{port}/json/version"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


async def enter(playwright: Playwright, port: int, site: str) -> None:
    """Sign in, then disconnect: a second client of the browser would change what Lighthouse measures."""
    browser = await playwright.chromium.connect_over_cdp(f"http://{HOST}:{port}")
    page = await browser.contexts[0].new_page()
    await sign_in(page, site)
    await page.goto("about:blank")
    await browser.close()


async def prepare(system: HeraldSystem) -> str:
    """People and a campaign that is finished. Returns its path."""
    await system.add(make_people(PEOPLE))
    await system.wait_until_indexed()
    await system.campaign()
    campaigns = await system.get("/api/campaigns")
    return f"/campaigns/{campaigns['items'][0]['id']}"


def describe(scores: Scores) -> list[str]:
    return [f"{scores[name]:.0f}" for name in CATEGORIES] + [f"{scores[PAINT]:.1f}"]


async def measure_page(url: str, port: int, device: str, reports: Reports) -> Scores:
    """The median of each score. Each run is printed when it ends."""
    found = []
    for number in range(reports.runs):
        found.append(await measure(url, port, device, reports.path(device, number), reports.slowdown))
        reports.console.print(reports.page, device, *describe(found[-1]))
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


async def run(folder: Path, runs: int, console: Console) -> dict[tuple[str, str], Scores]:
    """The scores of each page and device."""
    results: dict[tuple[str, str], Scores] = {}
    version = await lighthouse("--version", timeout=FETCH_TIMEOUT_SECONDS)
    console.print("Lighthouse", version.decode().strip())
    async with run_herald(folder / "stack") as system, async_playwright() as playwright:
        site, campaign = system.stack.site, await prepare(system)
        async with run_browser(folder / "profile-first") as port:
            slowdown = await find_slowdown(site, port, folder / "first.json")
        console.print(f"On a phone, the processor is slowed down {slowdown} times")
        for page, path in {"sign-in": "/", "campaigns": "/campaigns", "campaign": campaign}.items():
            reports = Reports(page=page, folder=folder, runs=runs, slowdown=slowdown, console=console)
            async with run_browser(folder / f"profile-{page}") as port:
                if page != "sign-in":
                    await enter(playwright, port, site)
                for device in DEVICES:
                    results[page, device] = await measure_page(f"{site}{path}", port, device, reports)
    return results


def main() -> None:
    """Print the scores; fail if one is below the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="of which the median counts")
    parser.add_argument("--reports", type=Path, help="a folder for the reports of Lighthouse")
    options = parser.parse_args()
    console = Console()
    with TemporaryDirectory() as temporary:
        folder = options.reports or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = asyncio.run(run(folder, options.runs, console))
    table = Table("page", "device", *CATEGORIES, PAINT)
    for (page, device), scores in results.items():
        table.add_row(page, device, *describe(scores))
    console.print(table)
    low = [" ".join(key) for key, scores in results.items() if min(scores[name] for name in CATEGORIES) < TARGET]
    raise SystemExit(f"Below {TARGET}: {', '.join(low)}" if low else 0)


if __name__ == "__main__":
    main()
