"""`python -m benchmarks`: Herald and the naive variant, measured one after the other and printed side by side."""

from __future__ import annotations

import argparse
import asyncio
from copy import copy
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks import figures
from benchmarks.figures import CampaignFigures, PreviewFigures
from benchmarks.herald import HeraldSystem, run_herald
from benchmarks.limits import CallWatchers, FirestoreLimits
from benchmarks.naive import RunningEmulator, firestore_emulator, run_naive
from benchmarks.operations import Operations
from benchmarks.people import PersonRow, make_people
from benchmarks.report import ComparisonFigures, table
from local.proxy import EmulatorProxy
from tests.terraform.indexes import deployed_indexes

CUSTOMERS = 10_000
SINGLE_CALL_CUSTOMERS = 2_000  # of them are added with one call each
CUSTOMERS_PER_CALL = 500
NAIVE_CAMPAIGN_CUSTOMERS = 2_000  # fewer customers for the naive variant's campaigns; the rate is the same
NAIVE_SLOW_CUSTOMERS = 600
SLOW_VENDOR_SECONDS = 0.05


async def measure_herald(customers: list[PersonRow], single_count: int, folder: Path) -> ComparisonFigures:
    """Measure ingestion, preview and campaigns on the local stack."""
    async with run_herald(folder / "herald") as system:
        await figures.warm_up(system)
        single = await figures.measure_ingestion(system, customers[:single_count])
        batched = await figures.measure_ingestion(
            system, customers[single_count:], customers_per_call=CUSTOMERS_PER_CALL
        )
        await system.wait_until_indexed()
        preview = await figures.measure_preview(system, repetitions=20)
        campaign = await figures.measure_campaign(system)
        counted, operations, limits = await count_herald_operations(system)
    return ComparisonFigures(
        single=single,
        batched=batched,
        preview=preview,
        campaign=campaign,
        slow=await measure_slow_herald(customers, folder),
        counted=counted,
        operations=operations,
        limits=limits,
    )


async def count_herald_operations(
    system: HeraldSystem,
) -> tuple[CampaignFigures, Operations, FirestoreLimits]:
    """Counts what a campaign costs, and how near it comes to the limits of Firestore."""
    operations, limits = Operations(), FirestoreLimits(deployed_indexes())
    async with EmulatorProxy(system.stack.firestore, CallWatchers([operations, limits])) as address:
        await system.move_firestore(address)
        await system.preview()
        before = copy(operations)
        return await figures.measure_campaign(system, repetitions=1), operations - before, limits


async def measure_slow_herald(customers: list[PersonRow], folder: Path) -> CampaignFigures:
    async with run_herald(folder / "slow", vendor_seconds=SLOW_VENDOR_SECONDS) as system:
        await figures.warm_up(system)
        await figures.measure_ingestion(system, customers, customers_per_call=CUSTOMERS_PER_CALL)
        await system.wait_until_indexed()
        return await figures.measure_campaign(system)


async def measure_naive(customers: list[PersonRow], scale: float, logs: Path) -> ComparisonFigures:
    """Measure the same on the naive variant. Its campaigns use fewer customers."""
    campaign_customers, fewer_customers = (
        customers[: scaled(NAIVE_CAMPAIGN_CUSTOMERS, scale)],
        customers[: scaled(NAIVE_SLOW_CUSTOMERS, scale)],
    )
    async with firestore_emulator(logs) as emulator:
        single, preview = await measure_naive_data(customers, emulator, logs)
        counted, operations = await count_naive_operations(fewer_customers, emulator, logs)
        return ComparisonFigures(
            single=single,
            batched=None,
            preview=preview,
            campaign=await measure_naive_campaign(campaign_customers, emulator, logs),
            slow=await measure_naive_campaign(fewer_customers, emulator, logs, vendor_seconds=SLOW_VENDOR_SECONDS),
            counted=counted,
            operations=operations,
        )


async def measure_naive_data(
    customers: list[PersonRow], emulator: RunningEmulator, logs: Path
) -> tuple[float, PreviewFigures]:
    async with run_naive(firestore=emulator.address, project="naive-data", logs=logs) as system:
        await figures.warm_up(system)
        return await figures.measure_ingestion(system, customers), await figures.measure_preview(system, repetitions=3)


async def measure_naive_campaign(
    customers: list[PersonRow], emulator: RunningEmulator, logs: Path, *, vendor_seconds: float = 0.0
) -> CampaignFigures:
    project = f"naive-{len(customers)}-{round(vendor_seconds * 1000)}-ms"
    async with run_naive(
        firestore=emulator.address, project=project, logs=logs, vendor_seconds=vendor_seconds, other_pids=[emulator.pid]
    ) as system:
        await figures.warm_up(system)
        await figures.measure_ingestion(system, customers)
        return await figures.measure_campaign(system)


async def count_naive_operations(
    customers: list[PersonRow], emulator: RunningEmulator, logs: Path
) -> tuple[CampaignFigures, Operations]:
    operations = Operations()
    async with (
        EmulatorProxy(emulator.address, operations) as address,
        run_naive(firestore=address, project="naive-counted", logs=logs) as system,
    ):
        await figures.measure_ingestion(system, customers)
        before = copy(operations)
        return await figures.measure_campaign(system, repetitions=1), operations - before


def scaled(number: int, scale: float) -> int:
    return max(50, round(number * scale))


async def run(scale: float) -> None:
    """Measure both systems and print the table."""
    console, customers = Console(stderr=True), make_people(scaled(CUSTOMERS, scale))
    with TemporaryDirectory(prefix="herald-benchmarks-") as folder:
        with console.status("Measuring the naive variant"):
            naive = await measure_naive(customers, scale, Path(folder))
        with console.status("Measuring Herald"):
            herald = await measure_herald(customers, scaled(SINGLE_CALL_CUSTOMERS, scale), Path(folder))
    output = Console(width=120)
    output.print(table(herald, naive))
    output.print(f"{len(customers):,} customers; {herald.campaign.messages:,} messages by Herald, ", end="")
    output.print(f"{naive.campaign.messages:,} by the naive variant.")
    if herald.limits:
        output.print("\n".join(["", "Herald's campaign and the limits of Firestore:", *herald.limits.lines()]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=1.0, help="the number of customers, as a share of the usual number"
    )
    asyncio.run(run(parser.parse_args().scale))


if __name__ == "__main__":
    main()
