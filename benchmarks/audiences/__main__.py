"""`python -m benchmarks.audiences`: what audiences cost, by the number of customers."""

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
TIMES = 7  # each question: the median counts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audiences", description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=SIZES)
    console = Console(width=150)
    for number in parser.parse_args().customers:
        console.print(report.table(asyncio.run(herald_figures(number)), beside(number, console)))


async def herald_figures(number: int) -> herald.Figures:
    with TemporaryDirectory(prefix="herald-") as logs:
        async with firestore_emulator(Path(logs)) as emulator:
            os.environ["FIRESTORE_EMULATOR_HOST"] = emulator.address
            return await herald.measured(f"bench-{random_id()}", number, TIMES)


def beside(number: int, console: Console) -> report.Beside | None:
    """The same questions to PostgreSQL, if it is installed."""
    try:
        with postgres.postgres() as server:
            postgres.fill(server, number)
            plain = postgres.answers(server, TIMES)
            server.execute(*INDEXES)
            return report.Beside(plain=plain, indexed=postgres.answers(server, TIMES))
    except postgres.NotInstalled as error:
        console.print(str(error))
        return None


if __name__ == "__main__":
    main()
