"""The processes that are compared: started, stopped, and what they used."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from local.process import Part, Process
from local.topology import ROOT

SECONDS_TO_STOP = 10.0


@asynccontextmanager
async def running(part: Part, logs: Path) -> AsyncIterator[int]:
    """The process id, once it answers; stopped afterwards."""
    process = Process(part, folder=ROOT, log=logs / f"{part.name}.log")
    await process.start()
    try:
        await process.ready()
        assert process.pid
        yield process.pid
    finally:
        await process.stop(SECONDS_TO_STOP)


def cpu_seconds(pids: Collection[int]) -> float:
    """What the processes and all their descendants, ended ones too, have used so far."""
    roots = [psutil.Process(pid) for pid in pids]
    return sum(sum(one.cpu_times()[:4]) for root in roots for one in (root, *root.children(recursive=True)))
