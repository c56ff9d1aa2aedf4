"""`python -m local`: all of Herald on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from local.emulators import NotInstalled
from local.ports import PortError, Ports
from local.process import PartDied
from local.stack import Stack
from local.topology import ROOT

FOLDER = ROOT / ".local"


async def run(environ: Mapping[str, str]) -> None:
    folder = Path(environ.get("HERALD_FOLDER") or FOLDER)
    ports = Ports.read(environ)
    async with Stack(folder=folder, environ=environ, ports=ports, keep=True, report=say) as stack:
        say(f"Herald is ready: {stack.site}")
        watch = asyncio.create_task(stack.died())
        demo = asyncio.create_task(demonstrate(stack, environ))
        try:
            await watch
        finally:
            demo.cancel()


async def demonstrate(stack: Stack, environ: Mapping[str, str]) -> None:
    """On an empty database; where it fails, the stack is there to find out why."""
    if environ.get("DEMO") == "0" or not await stack.empty():
        return
    try:
        from local import demo

        await demo.run(site=stack.site, auth=stack.auth)
    except Exception:
        traceback.print_exc()
        print(f"The demo did not finish. The parts' logs are in {stack.plan.logs}", file=sys.stderr)


def say(line: str) -> None:
    print(line, flush=True)


async def until_told_to_stop(environ: Mapping[str, str]) -> int:
    """The exit status. Only the first signal counts: stopping takes under 10 s, and is not to be disturbed."""
    work = asyncio.create_task(run(environ))
    stop = partial(cancel_once, work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await work
    except asyncio.CancelledError:
        say("Herald has stopped.")
    except (PortError, NotInstalled, PartDied) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def cancel_once(work: asyncio.Task[None]) -> None:
    if not work.cancelling():
        say("Stopping Herald")
        work.cancel()


if __name__ == "__main__":
    sys.exit(asyncio.run(until_told_to_stop(os.environ)))
