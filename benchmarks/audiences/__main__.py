"""`python -m benchmarks.audiences`: the cost of audience queries by the number of customers."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.audiences import herald, postgres, report
from benchmarks.audiences.rules import INDEXES
from benchmarks.naive import firestore_emulator
from common.ids import random_id

SIZES = (10_000, 100_000, 1_000_000)
REPETITIONS = 7  # of each query; the median is reported


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audiences", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=SIZES)
    console = Console(width=150)
    for customer_count in parser.parse_args().customers:
        console.print(
            report.table(asyncio.run(measure_herald(customer_count)), compare_with_postgres(customer_count, console))
        )


async def measure_herald(customer_count: int) -> herald.AudienceFigures:
    with TemporaryDirectory(prefix="herald-") as logs:
        async with firestore_emulator(Path(logs)) as emulator:
            os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.address
            return await herald.measure_audiences(f"bench-{random_id()}", customer_count, REPETITIONS)


def compare_with_postgres(customer_count: int, console: Console) -> report.PostgresResults | None:
    """Run the same queries in PostgreSQL. Return None if it is not installed."""
    try:
        with postgres.postgres() as server:
            postgres.fill(server, customer_count)
            plain = postgres.run_rules(server, REPETITIONS)
            server.execute(*INDEXES)
            return report.PostgresResults(plain=plain, indexed=postgres.run_rules(server, REPETITIONS))
    except postgres.PostgresNotInstalled as error:
        console.print(str(error))
        return None


if __name__ == "__main__":
    main()
