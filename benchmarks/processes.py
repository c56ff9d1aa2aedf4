"""Start and stop the processes that are compared, and measure their CPU time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from local.process import Process, Service
from local.topology import ROOT

STOP_TIMEOUT_SECONDS = 10.0


@asynccontextmanager
async def run_service(service: Service, logs: Path) -> AsyncIterator[int]:
    """Run a service inside the context and yield its process id when it is ready."""
    process = Process(service, folder=ROOT, log=logs / f"{service.name}.log")
    await process.start()
    try:
        await process.wait_until_ready()
        assert process.pid
        yield process.pid
    finally:
        await process.stop(STOP_TIMEOUT_SECONDS)


def cpu_seconds(pids: Collection[int]) -> float:
    """Return the CPU seconds of the processes and all their descendants, including those that have ended."""
    roots = [psutil.Process(pid) for pid in pids]
    return sum(sum(member.cpu_times()[:4]) for root in roots for member in (root, *root.children(recursive=True)))
