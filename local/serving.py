"""Serve a small aiohttp application on this machine until the process receives a signal."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import Any

from aiohttp import web

HOST = "127.0.0.1"
SHUTDOWN_SECONDS = 1.0


async def serve(app: web.Application, port: int, *, alongside: Sequence[asyncio.Task[Any]] = ()) -> None:
    """Serve until SIGTERM or SIGINT. If a task of `alongside` fails, stop and raise its error."""
    runner = web.AppRunner(  # cancel the handler when the client disconnects, as the cloud does
        app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handler_cancellation=True
    )
    await runner.setup()
    stop = asyncio.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    try:
        await web.TCPSite(runner, HOST, port, backlog=1024).start()
        await _wait_for_first([asyncio.create_task(stop.wait()), *alongside])
    finally:
        await runner.cleanup()


async def _wait_for_first(tasks: Sequence[asyncio.Task[Any]]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
