"""`python -m benchmarks`: Herald and the naive variant, measured one after the other and shown side by side."""

from __future__ import annotations

import argparse
import asyncio
from copy import copy
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks import figures
from benchmarks.figures import Campaign, Preview
from benchmarks.herald import HeraldSide, herald_side
from benchmarks.naive import Emulator, firestore_emulator, naive_side
from benchmarks.operations import Operations
from benchmarks.people import Person, people
from benchmarks.report import Figures, table
from local.proxy import Proxy

EVERYBODY = 10_000
SINGLE = 2_000  # of them come in one by one
IN_A_CALL = 500
NAIVE_CAMPAIGN = 2_000  # the naive variant's campaigns choose among fewer people: the rate is the same
NAIVE_SLOW = 600
SLOW_VENDOR_SECONDS = 0.05


async def herald_figures(everybody: list[Person], single: int, folder: Path) -> Figures:
    async with herald_side(folder / "herald") as side:
        await figures.warm_up(side)
        one_by_one = await figures.ingestion(side, everybody[:single])
        many = await figures.ingestion(side, everybody[single:], in_a_call=IN_A_CALL)
        await side.settle()
        preview = await figures.preview(side, times=20)
        campaign = await figures.campaign(side)
        counted, operations = await counted_herald(side)
    return Figures(
        single=one_by_one,
        many=many,
        preview=preview,
        campaign=campaign,
        slow=await slow_herald(everybody, folder),
        counted=counted,
        operations=operations,
    )


async def counted_herald(side: HeraldSide) -> tuple[Campaign, Operations]:
    operations = Operations()
    async with Proxy(side.stack.firestore, operations) as address:
        await side.move_firestore(address)
        await side.preview()
        before = copy(operations)
        return await figures.campaign(side, times=1), operations - before


async def slow_herald(everybody: list[Person], folder: Path) -> Campaign:
    async with herald_side(folder / "slow", vendor_seconds=SLOW_VENDOR_SECONDS) as side:
        await figures.warm_up(side)
        await figures.ingestion(side, everybody, in_a_call=IN_A_CALL)
        await side.settle()
        return await figures.campaign(side)


async def naive_figures(everybody: list[Person], scale: float, logs: Path) -> Figures:
    some, few = everybody[: sized(NAIVE_CAMPAIGN, scale)], everybody[: sized(NAIVE_SLOW, scale)]
    async with firestore_emulator(logs) as emulator:
        single, preview = await naive_data(everybody, emulator, logs)
        counted, operations = await counted_naive(few, emulator, logs)
        return Figures(
            single=single,
            many=None,
            preview=preview,
            campaign=await naive_campaign(some, emulator, logs),
            slow=await naive_campaign(few, emulator, logs, vendor_seconds=SLOW_VENDOR_SECONDS),
            counted=counted,
            operations=operations,
        )


async def naive_data(everybody: list[Person], emulator: Emulator, logs: Path) -> tuple[float, Preview]:
    async with naive_side(firestore=emulator.address, project="naive-data", logs=logs) as side:
        await figures.warm_up(side)
        return await figures.ingestion(side, everybody), await figures.preview(side, times=3)


async def naive_campaign(
    some: list[Person], emulator: Emulator, logs: Path, *, vendor_seconds: float = 0.0
) -> Campaign:
    project = f"naive-{len(some)}-{round(vendor_seconds * 1000)}-ms"
    async with naive_side(
        firestore=emulator.address, project=project, logs=logs, vendor_seconds=vendor_seconds, others=[emulator.pid]
    ) as side:
        await figures.warm_up(side)
        await figures.ingestion(side, some)
        return await figures.campaign(side)


async def counted_naive(some: list[Person], emulator: Emulator, logs: Path) -> tuple[Campaign, Operations]:
    operations = Operations()
    async with (
        Proxy(emulator.address, operations) as address,
        naive_side(firestore=address, project="naive-counted", logs=logs) as side,
    ):
        await figures.ingestion(side, some)
        before = copy(operations)
        return await figures.campaign(side, times=1), operations - before


def sized(number: int, scale: float) -> int:
    return max(50, round(number * scale))


async def run(scale: float) -> None:
    progress, everybody = Console(stderr=True), people(sized(EVERYBODY, scale))
    with TemporaryDirectory(prefix="herald-benchmarks-") as folder:
        with progress.status("Measuring the naive variant"):
            naive = await naive_figures(everybody, scale, Path(folder))
        with progress.status("Measuring Herald"):
            herald = await herald_figures(everybody, sized(SINGLE, scale), Path(folder))
    output = Console(width=120)
    output.print(table(herald, naive))
    output.print(f"{len(everybody):,} customers; {herald.campaign.messages:,} messages by Herald, ", end="")
    output.print(f"{naive.campaign.messages:,} by the naive variant.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="how many people, as a share of the usual number")
    asyncio.run(run(parser.parse_args().scale))


if __name__ == "__main__":
    main()
