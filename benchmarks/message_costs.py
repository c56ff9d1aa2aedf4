"""The operations of one message, for docs/deploy.md: `python -m benchmarks.message_costs` counts them on the local
stack and writes `benchmarks/message_costs.json`.

The operations are exact, because the functions are the same as in the cloud. The CPU time is measured on this machine,
after a warm-up. The stand-in for Gemini counts the tokens; its texts are about as long as real ones.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import aiohttp

from benchmarks import figures
from benchmarks.herald import HeraldSystem, run_herald
from benchmarks.operations import Operations
from benchmarks.people import make_people
from benchmarks.processes import cpu_seconds
from local.proxy import EmulatorProxy

COSTS_FILE = Path(__file__).with_name("message_costs.json")
PEOPLE = 6_000
CUSTOMERS_PER_CALL = 500


@dataclass(frozen=True, kw_only=True)
class MessageCosts:
    """The operations of one message and of one imported customer."""

    messages: int  # of the measured campaign
    reads: float  # of documents, per message
    writes: float
    deletes: float
    requests: Mapping[str, float]  # pushes per message, by subscription
    cpu_seconds: Mapping[str, float]  # per message, by function
    calls: float  # to Gemini, per message
    input_tokens: float  # per message
    output_tokens: float
    customer_writes: float  # per customer of a large import
    customer_cpu_seconds: float

    @classmethod
    def read(cls, path: Path = COSTS_FILE) -> Self:
        return cls(**json.loads(path.read_text()))


@dataclass(frozen=True, kw_only=True)
class MeterReading:
    """All counters at one moment."""

    operations: Operations
    cpu: Mapping[str, float]
    accepted_pushes: Mapping[str, int]
    gemini: Mapping[str, Any]

    @classmethod
    async def read(cls, system: HeraldSystem, operations: Operations) -> Self:
        """Read all counters now."""
        config = system.stack.config
        pids = {name: system.stack.processes[name].pid for name in config.functions}
        pushed = await _get_json(config.push)
        return cls(
            operations=copy(operations),
            cpu={name: cpu_seconds([pid]) for name, pid in pids.items() if pid},
            accepted_pushes={name: status["accepted"] for name, status in pushed.items()},
            gemini=await _get_json(f"{config.gemini}/control"),
        )


async def _get_json(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()


async def measure_message_costs(customer_count: int) -> MessageCosts:
    """Import customers, run a campaign, and return the operations per message."""
    operations = Operations()
    with TemporaryDirectory(prefix="herald-measured-") as folder:
        async with run_herald(Path(folder)) as system, EmulatorProxy(system.stack.firestore, operations) as address:
            await system.move_firestore(address)
            await figures.warm_up(system)
            start = await MeterReading.read(system, operations)
            await figures.measure_ingestion(system, make_people(customer_count), customers_per_call=CUSTOMERS_PER_CALL)
            await system.wait_until_indexed()
            after_import = await MeterReading.read(system, operations)
            messages = await system.campaign()
            return compute_costs(
                start, after_import, await MeterReading.read(system, operations), customer_count, messages
            )


def compute_costs(
    start: MeterReading, after_import: MeterReading, end: MeterReading, customers: int, messages: int
) -> MessageCosts:
    """Return the differences between the readings, per message and per customer."""
    operations, import_operations = end.operations - after_import.operations, after_import.operations - start.operations
    return MessageCosts(
        messages=messages,
        reads=_round(operations.reads / messages),
        writes=_round(operations.writes / messages),
        deletes=_round(operations.deletes / messages),
        requests=_per_message(after_import.accepted_pushes, end.accepted_pushes, messages),
        cpu_seconds=_per_message(after_import.cpu, end.cpu, messages),
        calls=_round((end.gemini["calls"] - after_import.gemini["calls"]) / messages),
        input_tokens=_round((end.gemini["prompt_tokens"] - after_import.gemini["prompt_tokens"]) / messages),
        output_tokens=_round((end.gemini["answer_tokens"] - after_import.gemini["answer_tokens"]) / messages),
        customer_writes=_round(import_operations.writes / customers),
        customer_cpu_seconds=_round((after_import.cpu["customers"] - start.cpu["customers"]) / customers),
    )


def _per_message(before: Mapping[str, float], after: Mapping[str, float], messages: int) -> dict[str, float]:
    return {name: _round((value - before[name]) / messages) for name, value in sorted(after.items())}


def _round(number: float) -> float:
    """Round to three significant digits; a measurement on a laptop is not more precise."""
    return float(f"{number:.3g}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.message_costs", description=__doc__)
    parser.add_argument(
        "--people", type=int, default=PEOPLE, help="number of customers; about one in three gets a message"
    )
    costs = asyncio.run(measure_message_costs(parser.parse_args().people))
    COSTS_FILE.write_text(json.dumps(costs.__dict__, indent=2) + "\n")


if __name__ == "__main__":
    main()
