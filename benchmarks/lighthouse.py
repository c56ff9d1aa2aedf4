"""`python -m benchmarks.lighthouse`: Lighthouse's scores of three pages, on a phone and on a computer.

Lighthouse is fetched by npx when this is run; it is no dependency of the project.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.browser import launch_arguments, sign_in
from benchmarks.herald import HeraldSystem, run_herald
from benchmarks.people import make_people
from local.ports import free_ports
from local.topology import ROOT

LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
DEVICES: dict[str, list[str]] = {"phone": [], "computer": ["--preset=desktop"]}
TARGET = 95
RUNS = 3
PEOPLE = 40

Scores = dict[str, float]


async def measure(url: str, port: int, device: str) -> Scores:
    """One run in the browser that listens at `port`: the scores, and the seconds until the largest part is painted."""
    command = ["npx", "--yes", LIGHTHOUSE, url, f"--port={port}", "--disable-storage-reset", "--quiet"]
    output = ["--output=json", "--output-path=stdout", f"--only-categories={','.join(CATEGORIES)}"]
    process = await asyncio.create_subprocess_exec(
        *command, *output, *DEVICES[device], stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    content, _ = await process.communicate()
    report: dict[str, Any] = json.loads(content)
    scores = {name: 100 * (report["categories"][name]["score"] or 0) for name in CATEGORIES}
    return scores | {"largest paint, s": report["audits"]["largest-contentful-paint"]["numericValue"] / 1000}


async def measure_often(url: str, port: int, device: str, runs: int) -> Scores:
    """The median of each score."""
    found = [await measure(url, port, device) for _ in range(runs)]
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


async def prepare(system: HeraldSystem) -> str:
    """People and a campaign that is finished. Returns its path."""
    await system.add(make_people(PEOPLE))
    await system.wait_until_indexed()
    await system.campaign()
    campaigns = await system.get("/api/campaigns")
    return f"/campaigns/{campaigns['items'][0]['id']}"


async def run(folder: Path, runs: int) -> dict[tuple[str, str], Scores]:
    results: dict[tuple[str, str], Scores] = {}
    async with run_herald(folder) as system, async_playwright() as playwright:
        site, campaign = system.stack.site, await prepare(system)
        pages = {"sign-in": "/", "campaigns": "/campaigns", "campaign": campaign}
        for page_name, path in pages.items():
            [port] = free_ports(1)
            profile = folder / f"profile-{page_name}"
            options = launch_arguments(f"--remote-debugging-port={port}")
            context = await playwright.chromium.launch_persistent_context(profile, **options)
            try:
                if page_name != "sign-in":
                    await sign_in(context.pages[0], site)
                for device in DEVICES:
                    results[page_name, device] = await measure_often(f"{site}{path}", port, device, runs)
            finally:
                await context.close()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="of which the median counts")
    with TemporaryDirectory() as folder:
        results = asyncio.run(run(Path(folder), parser.parse_args().runs))
    names = [*CATEGORIES, "largest paint, s"]
    table = Table("page", "device", *names)
    for (page, device), scores in results.items():
        table.add_row(
            page, device, *(f"{scores[name]:.{'1f' if name[-1] == 's' and ',' in name else '0f'}}" for name in names)
        )
    Console().print(table)
    low = [key for key, scores in results.items() if min(scores[name] for name in CATEGORIES) < TARGET]
    raise SystemExit(f"Below {TARGET}: {low}" if low else 0)


if __name__ == "__main__":
    main()
