"""A manager who does not believe an error: what was asked for may have happened all the same, so they look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import httpx

from local.client import ApiError, Client

MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}
REACHED: Mapping[str, frozenset[str]] = {
    "launch": frozenset({"running", "paused", "cancelled", "finished"}),
    "pause": frozenset({"paused", "cancelled", "finished"}),
    "resume": frozenset({"running", "cancelled", "finished"}),
    "cancel": frozenset({"cancelled", "finished"}),
}
"""The states in which nothing is left to do."""


class Manager:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def draft(self, city: str) -> str:
        given = {"name": city, "text": f'city = "{city}"', "message": MESSAGE, "vendor": "webhook"}
        return str((await self._client.post("/api/campaigns", given))["id"])

    async def press(self, button: str, campaign: str) -> None:
        """Until the campaign is where it leads to."""
        while True:
            with suppress(ApiError, httpx.HTTPError):
                await self._client.post(f"/api/campaigns/{campaign}/{button}")
            with suppress(ApiError, httpx.HTTPError):
                if (await self._client.get(f"/api/campaigns/{campaign}"))["state"] in REACHED[button]:
                    return
            await asyncio.sleep(0.2)

    async def retry(self, campaign: str) -> None:
        """Until everybody is retried who can be."""
        wanted = (await self.finished(campaign))["retryable"]
        while (await self.finished(campaign))["retried"] < wanted:
            with suppress(ApiError, httpx.HTTPError):
                await self._client.post(f"/api/campaigns/{campaign}/retry")
            await asyncio.sleep(1)

    async def finished(self, campaign: str) -> Any:
        """The statistics when the campaign is over."""
        async for statistics in self.watch(campaign):
            if statistics["state"] in {"finished", "cancelled"} and await self._is_over(campaign):
                return statistics
        raise AssertionError("nobody watches for ever")

    async def _is_over(self, campaign: str) -> bool:
        """A cancelled campaign is, once everybody has an outcome."""
        with suppress(ApiError, httpx.HTTPError):
            return (await self._client.get(f"/api/campaigns/{campaign}"))["totals"] is not None
        return False

    async def watch(self, campaign: str) -> AsyncIterator[Any]:
        """The statistics, again and again. They add up every time."""
        while True:
            with suppress(ApiError, httpx.HTTPError):
                statistics = await self._client.get(f"/api/campaigns/{campaign}/statistics")
                outcomes = sum(statistics[kind] for kind in ("sent", "failed", "skipped", "pending"))
                assert statistics["audience"] == outcomes, statistics
                assert statistics["pending"] >= 0, statistics
                yield statistics
            await asyncio.sleep(0.3)
