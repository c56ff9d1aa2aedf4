"""Serving a small aiohttp application on this machine until the process is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

from aiohttp import web

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 1.0


async def serve(app: web.Application, port: int, *, alongside: Sequence[asyncio.Task[Any]] = ()) -> None:
    """Until SIGTERM or SIGINT; a task `alongside` that fails ends it with its error."""
    runner = web.AppRunner(  # who hangs up is no longer served, as in the cloud
        app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handler_cancellation=True
    )
    await runner.setup()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await web.TCPSite(runner, HOST, port, backlog=1024).start()
        await _first([asyncio.create_task(stop.wait()), *alongside])
    finally:
        await runner.cleanup()


async def _first(tasks: Sequence[asyncio.Task[Any]]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
