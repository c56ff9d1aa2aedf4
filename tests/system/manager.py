"""A client that does not trust error responses: an action may have happened in spite of an error, so it checks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from local.client import ApiError, HeraldClient

MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}
TARGET_STATES: Mapping[str, frozenset[str]] = {
    "launch": frozenset({"scheduled", "running", "paused", "cancelled", "finished"}),
    "pause": frozenset({"paused", "cancelled", "finished"}),
    "resume": frozenset({"running", "cancelled", "finished"}),
    "cancel": frozenset({"cancelled", "finished"}),
}
"""The states in which an action is complete."""

REFUSED = frozenset({409, 422})
"""The state of the campaign does not allow the action."""


class Manager:
    """Repeats each action until its effect is visible."""

    def __init__(self, client: HeraldClient) -> None:
        self._client = client

    async def draft(self, city: str, *, name: str, per_minute: int | None = None) -> str:
        draft = {"name": name, "text": f'city = "{city}"', "message": MESSAGE, "vendor": "webhook"}
        return str((await self._client.post("/api/campaigns", draft | {"per_minute": per_minute}))["id"])

    async def perform(self, action: str, campaign: str) -> None:
        """Repeat an action until the campaign is in one of its target states."""
        while True:
            with suppress(ApiError, httpx.HTTPError):
                await self._client.post(f"/api/campaigns/{campaign}/{action}")
            with suppress(ApiError, httpx.HTTPError):
                if (await self._client.get(f"/api/campaigns/{campaign}"))["state"] in TARGET_STATES[action]:
                    return
            await asyncio.sleep(0.2)

    async def schedule(self, campaign: str, seconds: float) -> None:
        """Launch the campaign that long after the request. A later try chooses a later time."""
        while True:
            start = datetime.now(UTC) + timedelta(seconds=seconds)
            with suppress(ApiError, httpx.HTTPError):
                await self._client.post(f"/api/campaigns/{campaign}/launch", {"at": start.isoformat()})
            with suppress(ApiError, httpx.HTTPError):
                if (await self._client.get(f"/api/campaigns/{campaign}"))["state"] in TARGET_STATES["launch"]:
                    return
            await asyncio.sleep(0.2)

    async def press_retry(self, campaign: str) -> None:
        """Ask for a retry until it is accepted, or refused for good."""
        while True:
            try:
                await self._client.post(f"/api/campaigns/{campaign}/retry")
            except ApiError as error:
                if error.status in REFUSED:
                    return
            except httpx.HTTPError:
                pass
            else:
                return
            await asyncio.sleep(0.3)

    async def wait_until_finished(self, campaign: str) -> Any:
        """Wait until the campaign, or its retry, is over, and return its statistics."""
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
