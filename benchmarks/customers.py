"""`python -m benchmarks.customers`: bringing in customers and their orders, beside one write for each hit.

Herald is given files as a shop has them, and is done when the import's status says so; the naive variant gets one
customer, or one order, a call.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.figures import AT_ONCE, ingestion, timed
from benchmarks.herald import HeraldSide, herald_side
from benchmarks.naive import NaiveSide, firestore_emulator, naive_side
from benchmarks.people import Person, people
from benchmarks.processes import cpu_seconds

NAIVE_CUSTOMERS, NAIVE_ORDERS = 1_000, 1_000  # the rate is the same for more
EARLY = 2_000  # rows on either side before anything is timed: a young emulator takes three times as long for each
ORDERS, BUYERS = 20_000, 2_000
POLL_SECONDS = 0.2
FUNCTIONS = ("customers", "ingest")


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    rows: int
    seconds: float
    cpu: float  # seconds, of the functions
    peak: int  # bytes, of the function that took the most at any time

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def as_csv(everybody: Sequence[Person]) -> bytes:
    text = io.StringIO(newline="")
    flat = [{**one, "consent.email": "yes"} for one in everybody]
    writer = csv.DictWriter(text, [name for name in flat[0] if name != "consent"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode()


def orders(count: int) -> list[dict[str, Any]]:
    chance = random.Random(count)
    return [
        {
            "event_id": f"order{number}",
            "type": "order",
            "external_id": f"customer{chance.randrange(BUYERS)}",
            "at": f"2026-{chance.randrange(1, 11):02}-{chance.randrange(1, 28):02}T12:00:00Z",
            "amount": chance.randrange(100_000) / 100,
        }
        for number in range(count)
    ]


async def imported(side: HeraldSide, path: str, content: bytes, media: str) -> Import:
    """Until every row has its answer."""
    before, start = cpu_seconds(side.own), time.perf_counter()
    with peak_memory([side.stack.processes[name].pid or 0 for name in FUNCTIONS]) as peak:
        async with side.session.post(path, data=content, headers={"Content-Type": media}) as answer:
            accepted = await answer.json()
        while (status := await side.get(f"/api/imports/{accepted['import_id']}"))["state"] != "done":
            await asyncio.sleep(POLL_SECONDS)
    assert not status["rejected"], status
    seconds = time.perf_counter() - start
    return Import(rows=status["rows"], seconds=seconds, cpu=cpu_seconds(side.own) - before, peak=max(peak))


@contextmanager
def peak_memory(pids: Sequence[int]) -> Iterator[list[int]]:
    """What the largest of these processes and their children took, looked at 20 times a second."""
    seen, over = [0], Event()
    watcher = Thread(target=_watch, args=(pids, seen, over))
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _watch(pids: Sequence[int], seen: list[int], over: Event) -> None:
    processes = [one for pid in pids for one in (psutil.Process(pid), *psutil.Process(pid).children())]
    while not over.wait(0.05):
        seen.append(max(one.memory_info().rss for one in processes))


async def herald_figures(numbers: Sequence[int], order_count: int, folder: Path) -> dict[str, Import]:
    async with herald_side(folder) as side:
        await imported(side, "/api/customers", as_csv(people(EARLY, called="early")), "text/csv")
        content = "\n".join(json.dumps(one) for one in orders(order_count)).encode()
        found: dict[str, Import] = {}
        for number in numbers:
            rows = as_csv(people(number, called="customer" if number == numbers[0] else "more"))
            found[f"import of {number:,} customers"] = await imported(side, "/api/customers", rows, "text/csv")
        found[f"roll-up of {order_count:,} orders"] = await imported(
            side, "/api/activities?unknown=create", content, "application/x-ndjson"
        )
        return found


async def naive_figures(folder: Path) -> tuple[float, float]:
    """Customers and orders a second."""
    async with (
        firestore_emulator(folder) as emulator,
        naive_side(firestore=emulator.address, project="naive-customers", logs=folder) as side,
    ):
        await ingestion(side, people(EARLY, called="early"))
        customers = await ingestion(side, people(NAIVE_CUSTOMERS))
        return customers, await naive_orders(side)


async def naive_orders(side: NaiveSide) -> float:
    calls = iter(orders(NAIVE_ORDERS))
    _, seconds = await timed(asyncio.gather(*(_order(side, calls) for _ in range(AT_ONCE))))
    return NAIVE_ORDERS / seconds


async def _order(side: NaiveSide, calls: Iterator[dict[str, Any]]) -> None:
    for one in calls:
        await side.order(one)


def table(herald: dict[str, Import], customers: float, of_orders: float) -> Table:
    """Printed, it is Markdown."""
    found = Table("", "Herald, rows/s", "naive, rows/s", "ratio", "CPU-s/1,000", "peak memory, MB", box=box.MARKDOWN)
    for what, one in herald.items():
        naive = of_orders if "orders" in what else customers
        cpu = f"{1000 * one.cpu / one.rows:.2g}"
        ratio = f"{one.rate / naive:.3g}×"
        found.add_row(what, f"{one.rate:,.0f}", f"{naive:,.0f}", ratio, cpu, f"{one.peak / 1e6:,.0f}")
    return found


async def run(scale: float) -> None:
    numbers = [max(1_000, round(number * scale)) for number in (10_000, 100_000)]
    with TemporaryDirectory(prefix="herald-benchmarks-") as folder:
        naive = await naive_figures(Path(folder))
        herald = await herald_figures(numbers, max(1_000, round(ORDERS * scale)), Path(folder) / "herald")
    Console(width=120).print(table(herald, *naive))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.customers", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how many rows, as a share of the usual number")
    asyncio.run(run(parser.parse_args().scale))


if __name__ == "__main__":
    main()
