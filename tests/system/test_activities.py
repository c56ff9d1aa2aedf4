"""Activities through the whole stack: many senders, duplicates, no order, and a function that dies."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from common.ids import random_id
from local.client import ApiError, Client, signed_in
from local.stack import Stack

pytestmark = pytest.mark.stack
SECONDS = 240
ACTIVITIES = 20_000
DISTINCT = ACTIVITIES * 2 // 3
PEOPLE = 1_000
SENDERS = 6
HALF = Fraction(1, 2)
KINDS = ["order"] * 6 + ["visit"] * 3 + ["refund", "app_opened"]


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[Client]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


def made_up(group: str, chance: random.Random) -> list[dict[str, Any]]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        {
            "event_id": f"{group}-{number}",
            "type": (kind := chance.choice(KINDS)),
            "external_id": f"{group}-{chance.randrange(PEOPLE)}",
            "at": (start + timedelta(minutes=chance.randrange(400_000))).isoformat(),
            **({"amount": chance.randrange(1, 10**6) / 100} if kind in {"order", "refund"} else {}),
        }
        for number in range(DISTINCT)
    ]


def expected(activities: list[dict[str, Any]], zone: ZoneInfo) -> dict[str, dict[str, Any]]:
    by_person: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in activities:
        by_person[one["external_id"]].append(one)
    return {person: figures(own, zone) for person, own in by_person.items()}


def figures(own: list[dict[str, Any]], zone: ZoneInfo) -> dict[str, Any]:
    """Plainly, in hundredths."""
    spend = sum(round(one.get("amount", 0) * 100) * (-1 if one["type"] == "refund" else 1) for one in own)
    ordered = [datetime.fromisoformat(one["at"]) for one in own if one["type"] == "order"]
    times = [datetime.fromisoformat(one["at"]) for one in own if one["type"] != "refund"]
    return {
        "spend": spend,
        "orders": len(ordered),
        "visits": len([one for one in own if one["type"] == "visit"]),
        "active_days": len({at.astimezone(zone).date() for at in times}),
        "last_active_at": max(times, default=None),
        "first_order_at": min(ordered, default=None),
        "average_order_value": floor(Fraction(spend, len(ordered)) + HALF) / 100 if ordered else None,
    }


def shown(customer: dict[str, Any]) -> dict[str, Any]:
    known = {name: customer[name] for name in ("orders", "visits", "active_days", "average_order_value")}
    instants = {name: customer[name] for name in ("last_active_at", "first_order_at")}
    at = {name: datetime.fromisoformat(value) if value else None for name, value in instants.items()}
    return known | at | {"spend": round(customer["spend"] * 100)}


async def send(client: Client, activities: list[dict[str, Any]], chance: random.Random) -> None:
    """As a shop does: some at a time, and again where there was no answer."""
    while activities:
        some, activities = activities[: (size := chance.choice([1, 20, 150, 300]))], activities[size:]
        while True:
            try:
                await client.post("/api/activities", some[0] if size == 1 else some)
                break
            except (ApiError, httpx.TransportError) as error:
                if isinstance(error, ApiError) and error.status < 500:
                    raise
                await asyncio.sleep(0.2)


async def test_twenty_thousand_activities_count_exactly_once(
    stack: Stack, stack_loop: asyncio.AbstractEventLoop, admin: Client
) -> None:
    """A third of them are duplicates, all are shuffled, six senders send at once, and the function is killed twice."""
    group, chance = f"A{random_id()}", random.Random(5)
    zone = ZoneInfo("Asia/Kolkata")
    people = [{"external_id": f"{group}-{n}", "city": group, "timezone": zone.key} for n in range(PEOPLE)]
    await admin.add_customers(people)
    distinct = made_up(group, chance)
    arriving = [*distinct, *chance.sample(distinct, ACTIVITIES - DISTINCT)]
    chance.shuffle(arriving)
    async with asyncio.timeout(SECONDS):
        senders = [
            asyncio.create_task(send(admin, arriving[number::SENDERS], random.Random(number)))
            for number in range(SENDERS)
        ]
        for _ in range(2):
            await asyncio.sleep(2)
            restart = asyncio.run_coroutine_threadsafe(stack.restart("customers"), stack_loop)
            await asyncio.wrap_future(restart)
        await asyncio.gather(*senders)
    found = await admin.all("/api/customers", limit=500, filter=f'city = "{group}"')
    truth = expected(distinct, zone)
    assert {one["external_id"]: shown(one) for one in found if one["external_id"] in truth} == truth
