"""Runs the Firefox in `FIREFOX` for Playwright, which takes this program for Firefox.

Playwright drives the browser by WebDriver BiDi, and sends commands that releases with long support do not know yet.
So it talks to Firefox through a relay, which answers these commands itself:
`python firefox_for_playwright.py ARGUMENTS…`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

LISTENS = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
UNKNOWN_TO_FIREFOX = {"emulation.setMediaFeaturesOverride"}
MAX_BYTES = 64 * 2**20  # of a message: a screenshot is one


async def main() -> None:
    """Run Firefox until it ends, and say where the relay listens as Firefox says where it does."""
    firefox = await asyncio.create_subprocess_exec(
        os.environ["FIREFOX"], *sys.argv[1:], stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert firefox.stdout is not None
    try:
        while not (found := LISTENS.search(await firefox.stdout.readline())):
            if firefox.stdout.at_eof():
                raise SystemExit("Firefox ended before it listened.")
        address = found[1].decode()

        async def relay(playwright: ServerConnection) -> None:
            async with connect(f"{address}/session", max_size=MAX_BYTES, ping_interval=None, proxy=None) as browser:
                await _first_of(_to_firefox(playwright, browser), _to_playwright(browser, playwright))

        async with serve(relay, "127.0.0.1", 0, max_size=MAX_BYTES, ping_interval=None) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            print(f"WebDriver BiDi listening on ws://127.0.0.1:{port}", file=sys.stderr, flush=True)
            while await firefox.stdout.readline():
                pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            firefox.terminate()
        await firefox.wait()


async def _to_firefox(playwright: ServerConnection, browser: ClientConnection) -> None:
    async for message in playwright:
        command = json.loads(message)
        if command["method"] in UNKNOWN_TO_FIREFOX:
            await playwright.send(json.dumps({"type": "success", "id": command["id"], "result": {}}))
        else:
            await browser.send(message)


async def _to_playwright(browser: ClientConnection, playwright: ServerConnection) -> None:
    async for message in browser:
        await playwright.send(message)


async def _first_of(*directions: object) -> None:
    """Run both directions until one of the connections is closed."""
    tasks = [asyncio.ensure_future(one) for one in directions]  # type: ignore[call-overload]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
