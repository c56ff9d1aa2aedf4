"""`python -m benchmarks.customers`: the import of customers and orders, compared with one write per request.

Herald imports files and is finished when the status of the import says so. The naive variant gets one customer or one
order per call.
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

from benchmarks.figures import CONCURRENT_CALLS, measure_ingestion, time_awaitable
from benchmarks.herald import HeraldSystem, run_herald
from benchmarks.naive import NaiveSystem, firestore_emulator, run_naive
from benchmarks.people import PersonRow, make_people
from benchmarks.processes import cpu_seconds

NAIVE_CUSTOMERS, NAIVE_ORDERS = 1_000, 1_000  # the rate does not depend on the number
WARM_UP_ROWS = 2_000  # rows for each system before the measurement: a new emulator needs three times as long per row
ORDERS, BUYERS = 20_000, 2_000
POLL_SECONDS = 0.2
FUNCTIONS = ("customers", "ingest")


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportFigures:
    """The figures of one import."""

    rows: int
    seconds: float
    cpu_seconds_used: float  # of the functions
    peak_bytes: int  # memory of the function that used the most

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def as_csv(customers: Sequence[PersonRow]) -> bytes:
    text = io.StringIO(newline="")
    flat = [{**customer, "consent.email": "yes"} for customer in customers]
    writer = csv.DictWriter(text, [name for name in flat[0] if name != "consent"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode()


def orders(count: int) -> list[dict[str, Any]]:
    """Return orders of random customers, the same for each count."""
    rng = random.Random(count)
    return [
        {
            "event_id": f"order{number}",
            "type": "order",
            "external_id": f"customer{rng.randrange(BUYERS)}",
            "at": f"2026-{rng.randrange(1, 11):02}-{rng.randrange(1, 28):02}T12:00:00Z",
            "amount": rng.randrange(100_000) / 100,
        }
        for number in range(count)
    ]


async def measure_import(system: HeraldSystem, path: str, content: bytes, media_type: str) -> ImportFigures:
    """Import `content` and wait until every row has a result."""
    cpu_before, start = cpu_seconds(system.own_pids), time.perf_counter()
    with peak_memory([system.stack.processes[name].pid or 0 for name in FUNCTIONS]) as peak_bytes:
        async with system.session.post(path, data=content, headers={"Content-Type": media_type}) as answer:
            response_body = await answer.json()
        while (status := await system.get(f"/api/imports/{response_body['import_id']}"))["state"] != "completed":
            await asyncio.sleep(POLL_SECONDS)
    assert not status["rejected"], status
    seconds = time.perf_counter() - start
    return ImportFigures(
        rows=status["rows"],
        seconds=seconds,
        cpu_seconds_used=cpu_seconds(system.own_pids) - cpu_before,
        peak_bytes=max(peak_bytes),
    )


@contextmanager
def peak_memory(pids: Sequence[int]) -> Iterator[list[int]]:
    """Sample the memory of the largest of these processes and their children 20 times per second."""
    samples, stop = [0], Event()
    sampler = Thread(target=_sample_memory, args=(pids, samples, stop))
    sampler.start()
    try:
        yield samples
    finally:
        stop.set()
        sampler.join()


def _sample_memory(pids: Sequence[int], samples: list[int], stop: Event) -> None:
    processes = [process for pid in pids for process in (psutil.Process(pid), *psutil.Process(pid).children())]
    while not stop.wait(0.05):
        samples.append(max(process.memory_info().rss for process in processes))


async def measure_herald(import_sizes: Sequence[int], order_count: int, folder: Path) -> dict[str, ImportFigures]:
    """Import customers and orders, and return the figures by label."""
    async with run_herald(folder) as system:
        await measure_import(system, "/api/customers", as_csv(make_people(WARM_UP_ROWS, prefix="early")), "text/csv")
        content = "\n".join(json.dumps(order) for order in orders(order_count)).encode()
        figures: dict[str, ImportFigures] = {}
        for number in import_sizes:
            rows = as_csv(make_people(number, prefix="customer" if number == import_sizes[0] else "more"))
            figures[f"import of {number:,} customers"] = await measure_import(
                system, "/api/customers", rows, "text/csv"
            )
        figures[f"roll-up of {order_count:,} orders"] = await measure_import(
            system, "/api/activities?on_unknown_customer=create", content, "application/x-ndjson"
        )
        return figures


async def measure_naive(folder: Path) -> tuple[float, float]:
    """Return the customers per second and the orders per second."""
    async with (
        firestore_emulator(folder) as emulator,
        run_naive(firestore=emulator.address, project="naive-customers", logs=folder) as system,
    ):
        await measure_ingestion(system, make_people(WARM_UP_ROWS, prefix="early"))
        customers = await measure_ingestion(system, make_people(NAIVE_CUSTOMERS))
        return customers, await measure_naive_orders(system)


async def measure_naive_orders(system: NaiveSystem) -> float:
    calls = iter(orders(NAIVE_ORDERS))
    _, seconds = await time_awaitable(asyncio.gather(*(_send_orders(system, calls) for _ in range(CONCURRENT_CALLS))))
    return NAIVE_ORDERS / seconds


async def _send_orders(system: NaiveSystem, calls: Iterator[dict[str, Any]]) -> None:
    for order in calls:
        await system.order(order)


def table(herald: dict[str, ImportFigures], customers: float, order_rate: float) -> Table:
    """Return the comparison. Its printed form is Markdown."""
    figures = Table("", "Herald, rows/s", "naive, rows/s", "ratio", "CPU-s/1,000", "peak memory, MB", box=box.MARKDOWN)
    for label, figure in herald.items():
        naive = order_rate if "orders" in label else customers
        cpu_seconds_used = f"{1000 * figure.cpu_seconds_used / figure.rows:.2g}"
        ratio = f"{figure.rate / naive:.3g}×"
        figures.add_row(
            label, f"{figure.rate:,.0f}", f"{naive:,.0f}", ratio, cpu_seconds_used, f"{figure.peak_bytes / 1e6:,.0f}"
        )
    return figures


async def run(scale: float) -> None:
    import_sizes = [max(1_000, round(number * scale)) for number in (10_000, 100_000)]
    with TemporaryDirectory(prefix="herald-benchmarks-") as folder:
        naive = await measure_naive(Path(folder))
        herald = await measure_herald(import_sizes, max(1_000, round(ORDERS * scale)), Path(folder) / "herald")
    Console(width=120).print(table(herald, *naive))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.customers", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="the number of rows, as a share of the usual number")
    asyncio.run(run(parser.parse_args().scale))


if __name__ == "__main__":
    main()
