"""`python -m benchmarks.live_count`: how soon the number of people follows the rule that somebody types.

The site runs in Chromium on the whole local stack. Each sample is the time from the last key of a rule to the new
number on the page; beside it, in the same page, the time of the API call alone.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright
from rich.console import Console

from benchmarks.browser import launch_options, sign_in
from benchmarks.customers import as_csv, measure_import
from benchmarks.herald import HeraldSystem, run_herald
from benchmarks.people import make_people

PEOPLE, SAMPLES = 100_000, 20
TARGET_MS = 300
TIMEOUT_MS = 60_000

WATCH = """() => {
  const count = () => document.querySelector(".audience-count[data-old=false] .big-number")?.textContent;
  addEventListener("keydown", () => {
    const [start, before] = [performance.now(), count()];
    window.followed = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (count() === undefined || count() === before) return;
        observer.disconnect();
        resolve(performance.now() - start);
      });
      observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    });
  }, true);
}"""
CALL_ALONE = """async (text) => {
  const { segments } = await import("/api.js");
  const start = performance.now();
  await segments.preview({ text });
  return performance.now() - start;
}"""


async def measure(page: Page, samples: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each sample: on the page, and of the call alone."""
    rule = page.get_by_role("textbox", name="Rule")
    await page.evaluate(WATCH)
    followed, alone = [], []
    for sample in range(samples):
        text = f"visits < 9 AND spend > 1{sample:02}"
        await rule.fill(text)
        await page.locator(".audience-count[data-old=false]").wait_for(timeout=TIMEOUT_MS)
        await page.wait_for_timeout(500)
        await rule.press("7")  # ten times as much: the number changes
        followed.append(float(await page.evaluate("window.followed")))
        alone.append(float(await page.evaluate(CALL_ALONE, f"{text}8")))
    return followed, alone


async def run(people: int, samples: int, folder: Path, console: Console) -> tuple[list[float], list[float]]:
    """Import the people, open the page of a new segment, and measure."""
    async with run_herald(folder) as system, async_playwright() as playwright:
        console.print(f"Importing {people:,} people")
        await measure_import(system, "/api/customers", as_csv(make_people(people)), "text/csv")
        await wait_until_counted(system, people)
        console.print(f"Typing {samples} rules")
        browser = await playwright.chromium.launch(**launch_options())
        try:
            page = await browser.new_page()
            await sign_in(page, system.stack.site)
            await page.goto(f"{system.stack.site}/segments/new")
            return await measure(page, samples)
        finally:
            await browser.close()


async def wait_until_counted(system: HeraldSystem, people: int) -> None:
    while True:
        async with system.session.post("/api/segments/preview", json={"text": "everyone"}) as answer:
            if (await answer.json())["count"] >= people:
                return
        await asyncio.sleep(1)


def line(name: str, values: Sequence[float]) -> str:
    """The middle and the slowest but one in twenty."""
    ordered = sorted(values)
    slow = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return f"{name}: median {statistics.median(ordered):.0f} ms, 95 % within {slow:.0f} ms"


def main() -> None:
    """Print how soon the number follows, and how long the call takes alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    options = parser.parse_args()
    console = Console()
    with TemporaryDirectory() as folder:
        followed, alone = asyncio.run(run(options.people, options.samples, Path(folder), console))
    ratio = statistics.median(followed) / statistics.median(alone)
    console.print(f"{options.people:,} people, {options.samples} rules")
    console.print(line("last key to the number on the page", followed))
    console.print(line("the API call alone", alone))
    console.print(f"ratio {ratio:.1f}; the target is {TARGET_MS} ms")


if __name__ == "__main__":
    main()
