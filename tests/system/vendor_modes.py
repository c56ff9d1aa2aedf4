"""Switches the vendor stand-in of the local stack between its modes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import httpx

from local.stack import Stack


@asynccontextmanager
async def unavailable_vendor(stack: Stack) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """The vendor stand-in accepts no message until the yielded function is called, or until the context ends."""
    async with httpx.AsyncClient(base_url=stack.vendor or "") as vendor:

        async def set_mode(mode: str) -> None:
            (await vendor.post("/control", json={"mode": mode})).raise_for_status()

        await set_mode("down")
        try:
            yield partial(set_mode, "ok")
        finally:
            await set_mode("ok")
