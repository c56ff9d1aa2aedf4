"""What one message takes, for docs/deploy.md: `python -m benchmarks.message_costs` counts it on the local stack
and writes `benchmarks/message_costs.json`.

Operations are exact: the functions are the cloud's. CPU is this machine's, and of functions that have been working for
a while; Gemini's tokens are counted by the stand-in, whose texts are about as long as real ones.
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
from benchmarks.herald import HeraldSide, herald_side
from benchmarks.operations import Operations
from benchmarks.people import people
from benchmarks.processes import cpu_seconds
from local.proxy import Proxy

KEPT = Path(__file__).with_name("message_costs.json")
PEOPLE = 6_000
IN_A_CALL = 500


@dataclass(frozen=True, kw_only=True)
class Measured:
    messages: int  # of the campaign that was measured
    reads: float  # of documents, per message
    writes: float
    deletes: float
    requests: Mapping[str, float]  # pushes of each subscription, per message
    cpu_seconds: Mapping[str, float]  # of each function, per message
    calls: float  # of Gemini, per message
    input_tokens: float  # per message
    output_tokens: float
    customer_writes: float  # per customer of a large import
    customer_cpu_seconds: float

    @classmethod
    def read(cls, path: Path = KEPT) -> Self:
        return cls(**json.loads(path.read_text()))


@dataclass(frozen=True, kw_only=True)
class Meter:
    """Everything that is counted, at one moment."""

    operations: Operations
    cpu: Mapping[str, float]
    accepted: Mapping[str, int]
    gemini: Mapping[str, Any]

    @classmethod
    async def read(cls, side: HeraldSide, operations: Operations) -> Self:
        plan = side.stack.plan
        pids = {name: side.stack.processes[name].pid for name in plan.functions}
        pushed = await _json(plan.push)
        return cls(
            operations=copy(operations),
            cpu={name: cpu_seconds([pid]) for name, pid in pids.items() if pid},
            accepted={name: one["accepted"] for name, one in pushed.items()},
            gemini=await _json(f"{plan.gemini}/control"),
        )


async def _json(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()


async def measured(number: int) -> Measured:
    operations = Operations()
    with TemporaryDirectory(prefix="herald-measured-") as folder:
        async with herald_side(Path(folder)) as side, Proxy(side.stack.firestore, operations) as address:
            await side.move_firestore(address)
            await figures.warm_up(side)
            start = await Meter.read(side, operations)
            await figures.ingestion(side, people(number), in_a_call=IN_A_CALL)
            await side.settle()
            imported = await Meter.read(side, operations)
            messages = await side.campaign()
            return message_costs(start, imported, await Meter.read(side, operations), number, messages)


def message_costs(start: Meter, imported: Meter, end: Meter, customers: int, messages: int) -> Measured:
    """What happened in between, for each of them."""
    operations, ingestion = end.operations - imported.operations, imported.operations - start.operations
    return Measured(
        messages=messages,
        reads=_rounded(operations.reads / messages),
        writes=_rounded(operations.writes / messages),
        deletes=_rounded(operations.deletes / messages),
        requests=_each(imported.accepted, end.accepted, messages),
        cpu_seconds=_each(imported.cpu, end.cpu, messages),
        calls=_rounded((end.gemini["calls"] - imported.gemini["calls"]) / messages),
        input_tokens=_rounded((end.gemini["prompt_tokens"] - imported.gemini["prompt_tokens"]) / messages),
        output_tokens=_rounded((end.gemini["answer_tokens"] - imported.gemini["answer_tokens"]) / messages),
        customer_writes=_rounded(ingestion.writes / customers),
        customer_cpu_seconds=_rounded((imported.cpu["customers"] - start.cpu["customers"]) / customers),
    )


def _each(before: Mapping[str, float], after: Mapping[str, float], messages: int) -> dict[str, float]:
    return {name: _rounded((number - before[name]) / messages) for name, number in sorted(after.items())}


def _rounded(number: float) -> float:
    """Three digits are more than a measurement on a laptop is worth."""
    return float(f"{number:.3g}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.message_costs", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help="customers; about one in three gets a message")
    found = asyncio.run(measured(parser.parse_args().people))
    KEPT.write_text(json.dumps(found.__dict__, indent=2) + "\n")


if __name__ == "__main__":
    main()
