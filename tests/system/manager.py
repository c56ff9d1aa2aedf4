"""A client that does not trust error responses: an action may have happened in spite of an error, so it checks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import httpx

from local.client import ApiError, HeraldClient

MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}
TARGET_STATES: Mapping[str, frozenset[str]] = {
    "launch": frozenset({"running", "paused", "cancelled", "finished"}),
    "pause": frozenset({"paused", "cancelled", "finished"}),
    "resume": frozenset({"running", "cancelled", "finished"}),
    "cancel": frozenset({"cancelled", "finished"}),
}
"""The states in which an action is complete."""


class Manager:
    """Repeats each action until its effect is visible."""

    def __init__(self, client: HeraldClient) -> None:
        self._client = client

    async def draft(self, city: str) -> str:
        draft = {"name": city, "text": f'city = "{city}"', "message": MESSAGE, "vendor": "webhook"}
        return str((await self._client.post("/api/campaigns", draft))["id"])

    async def perform(self, action: str, campaign: str) -> None:
        """Repeat an action until the campaign is in one of its target states."""
        while True:
            with suppress(ApiError, httpx.HTTPError):
                await self._client.post(f"/api/campaigns/{campaign}/{action}")
            with suppress(ApiError, httpx.HTTPError):
                if (await self._client.get(f"/api/campaigns/{campaign}"))["state"] in TARGET_STATES[action]:
                    return
            await asyncio.sleep(0.2)

    async def retry(self, campaign: str) -> None:
        """Retry until all retryable messages are retried."""
        retryable = (await self.wait_until_finished(campaign))["retryable"]
        while (await self.wait_until_finished(campaign))["retried"] < retryable:
            with suppress(ApiError, httpx.HTTPError):
                await self._client.post(f"/api/campaigns/{campaign}/retry")
            await asyncio.sleep(1)

    async def wait_until_finished(self, campaign: str) -> Any:
        """Wait until the campaign is over and return its statistics."""
        async for statistics in self.watch_statistics(campaign):
            if statistics["state"] in {"finished", "cancelled"} and await self._is_over(campaign):
                return statistics
        raise AssertionError("the statistics never end")

    async def _is_over(self, campaign: str) -> bool:
        """Return whether the totals are final. A cancelled campaign has them when every recipient has an outcome."""
        with suppress(ApiError, httpx.HTTPError):
            return (await self._client.get(f"/api/campaigns/{campaign}"))["totals"] is not None
        return False

    async def watch_statistics(self, campaign: str) -> AsyncIterator[Any]:
        """Yield the statistics repeatedly, and check each time that they add up."""
        while True:
            with suppress(ApiError, httpx.HTTPError):
                statistics = await self._client.get(f"/api/campaigns/{campaign}/statistics")
                outcomes = sum(statistics[kind] for kind in ("sent", "failed", "skipped", "unknown", "pending"))
                assert statistics["audience"] == outcomes, statistics
                assert statistics["pending"] >= 0, statistics
                yield statistics
            await asyncio.sleep(0.3)
