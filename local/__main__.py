"""`python -m local`: run all of Herald on this machine until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from local.emulators import EmulatorNotInstalled
from local.ports import PortError, Ports
from local.process import ServiceExited
from local.stack import Stack
from local.topology import ROOT

DEFAULT_FOLDER = ROOT / ".local"


async def run(environ: Mapping[str, str]) -> None:
    """Run the stack until a service exits or the task is cancelled."""
    folder = Path(environ.get("HERALD_FOLDER") or DEFAULT_FOLDER)
    ports = Ports.read(environ)
    async with Stack(folder=folder, environ=environ, ports=ports, persist=True, report=print_line) as stack:
        print_line(f"Herald is ready: {stack.site}")
        exit_watch = asyncio.create_task(stack.wait_for_exit())
        demo = asyncio.create_task(run_demo(stack, environ))
        try:
            await exit_watch
        finally:
            demo.cancel()


async def run_demo(stack: Stack, environ: Mapping[str, str]) -> None:
    """Run the demo if the database is empty. The stack keeps running after a failure, for debugging."""
    if environ.get("DEMO") == "0" or not await stack.has_no_customers():
        return
    try:
        from local import demo

        await demo.run(site=stack.site, auth=stack.auth)
    except Exception:
        traceback.print_exc()
        print(f"The demo did not finish. The logs are in {stack.config.logs}", file=sys.stderr)


def print_line(line: str) -> None:
    print(line, flush=True)


async def run_until_signal(environ: Mapping[str, str]) -> int:
    """Run until SIGINT or SIGTERM and return the exit status. Only the first signal counts: the stop takes less than 10
    seconds and must not be interrupted."""
    task = asyncio.create_task(run(environ))
    stop = partial(cancel_once, task)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop)
    try:
        await task
    except asyncio.CancelledError:
        print_line("Herald has stopped.")
    except (PortError, EmulatorNotInstalled, ServiceExited) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def cancel_once(task: asyncio.Task[None]) -> None:
    if not task.cancelling():
        print_line("Stopping Herald")
        task.cancel()


if __name__ == "__main__":
    sys.exit(asyncio.run(run_until_signal(os.environ)))
