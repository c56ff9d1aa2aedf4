"""What became of a campaign on the whole stack: from the API, and from the vendor stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from local.client import HeraldClient
from local.stack import Stack

TIMEOUT_SECONDS = 120


async def wait_for_statistics(
    client: HeraldClient, campaign: str, condition: Callable[[Any], bool], *, seconds: float = TIMEOUT_SECONDS
) -> Any:
    """Poll the statistics until they meet the condition, and return them."""
    async with asyncio.timeout(seconds):
        while not condition(statistics := await client.get(f"/api/campaigns/{campaign}/statistics")):
            await asyncio.sleep(0.3)
    return statistics


async def wait_until_finished(client: HeraldClient, campaign: str, *, seconds: float = TIMEOUT_SECONDS) -> Any:
    """Poll until the campaign is finished, and return its statistics."""
    return await wait_for_statistics(
        client, campaign, lambda statistics: statistics["state"] == "finished", seconds=seconds
    )


async def sent_addresses(stack: Stack, campaign: str) -> list[str]:
    """Return the addresses that the vendor stand-in has accepted messages for, each as often as it has."""
    async with httpx.AsyncClient(base_url=stack.vendor or "") as vendor:
        entries = (await vendor.get("/send-log", params={"campaign": campaign})).json()
    return sorted(entry["message"]["to"] for entry in entries.values() if entry["accepted"])
