"""Activities on the whole stack: concurrent senders, duplicates, random order, and a function that is killed."""

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
from local.client import ApiError, HeraldClient, signed_in
from local.stack import Stack

pytestmark = pytest.mark.stack
TIMEOUT_SECONDS = 240
ACTIVITIES = 20_000
DISTINCT = ACTIVITIES * 2 // 3
PEOPLE = 1_000
SENDERS = 6
HALF = Fraction(1, 2)
KINDS = ["order"] * 6 + ["visit"] * 3 + ["refund", "app_opened"]


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[HeraldClient]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


def sample_activities(group: str, rng: random.Random) -> list[dict[str, Any]]:
    """Return distinct activities of random kinds, customers and times."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        {
            "event_id": f"{group}-{number}",
            "type": (kind := rng.choice(KINDS)),
            "external_id": f"{group}-{rng.randrange(PEOPLE)}",
            "at": (start + timedelta(minutes=rng.randrange(400_000))).isoformat(),
            **({"amount": rng.randrange(1, 10**6) / 100} if kind in {"order", "refund"} else {}),
        }
        for number in range(DISTINCT)
    ]


def expected_figures(activities: list[dict[str, Any]], zone: ZoneInfo) -> dict[str, dict[str, Any]]:
    """Compute the figures by customer from all activities."""
    by_customer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for activity in activities:
        by_customer[activity["external_id"]].append(activity)
    return {customer: figures(own_activities, zone) for customer, own_activities in by_customer.items()}


def figures(own_activities: list[dict[str, Any]], zone: ZoneInfo) -> dict[str, Any]:
    """Compute the figures of one customer with exact arithmetic, in minor units."""
    spend = sum(
        round(activity.get("amount", 0) * 100) * (-1 if activity["type"] == "refund" else 1)
        for activity in own_activities
    )
    order_times = [datetime.fromisoformat(activity["at"]) for activity in own_activities if activity["type"] == "order"]
    times = [datetime.fromisoformat(activity["at"]) for activity in own_activities if activity["type"] != "refund"]
    return {
        "spend": spend,
        "orders": len(order_times),
        "visits": len([activity for activity in own_activities if activity["type"] == "visit"]),
        "active_days": len({at.astimezone(zone).date() for at in times}),
        "last_active_at": max(times, default=None),
        "first_order_at": min(order_times, default=None),
        "average_order_value": floor(Fraction(spend, len(order_times)) + HALF) / 100 if order_times else None,
    }


def figures_of(customer: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a customer as the API returns them, in minor units."""
    counts = {name: customer[name] for name in ("orders", "visits", "active_days", "average_order_value")}
    timestamps = {name: customer[name] for name in ("last_active_at", "first_order_at")}
    at = {name: datetime.fromisoformat(value) if value else None for name, value in timestamps.items()}
    return counts | at | {"spend": round(customer["spend"] * 100)}


async def send(
    client: HeraldClient, activities: list[dict[str, Any]], rng: random.Random, sent: list[dict[str, Any]]
) -> None:
    """Send batches of random size, and retry after a server error or a lost connection. Add what is sent to `sent`."""
    while activities:
        batch, activities = activities[: (size := rng.choice([1, 20, 150, 300]))], activities[size:]
        while True:
            try:
                await client.post("/api/activities", batch[0] if size == 1 else batch)
                sent += batch
                break
            except (ApiError, httpx.TransportError) as error:
                if isinstance(error, ApiError) and error.status < 500:
                    raise
                await asyncio.sleep(0.2)


async def test_activities_with_duplicates_and_restarts_count_exactly_once(
    stack: Stack, stack_loop: asyncio.AbstractEventLoop, admin: HeraldClient
) -> None:
    """A third of 20,000 activities are duplicates, all are shuffled, six senders send them, and the function is
    killed twice."""
    group, rng = f"A{random_id()}", random.Random(5)
    zone = ZoneInfo("Asia/Kolkata")
    people = [{"external_id": f"{group}-{n}", "city": group, "timezone": zone.key} for n in range(PEOPLE)]
    await admin.add_customers(people)
    distinct = sample_activities(group, rng)
    shuffled = [*distinct, *rng.sample(distinct, ACTIVITIES - DISTINCT)]
    rng.shuffle(shuffled)
    sent: list[dict[str, Any]] = []
    async with asyncio.timeout(TIMEOUT_SECONDS):
        senders = [
            asyncio.create_task(send(admin, shuffled[number::SENDERS], random.Random(number), sent))
            for number in range(SENDERS)
        ]
        for part in (ACTIVITIES / 4, ACTIVITIES / 2):
            while len(sent) < part:
                await asyncio.sleep(0.05)
            restart = asyncio.run_coroutine_threadsafe(stack.restart("customers"), stack_loop)
            await asyncio.wrap_future(restart)
        await asyncio.gather(*senders)
    customers = await admin.search_all("/api/customers/search", limit=500, filter=f'city = "{group}"')
    expected_by_id = expected_figures(distinct, zone)
    assert {
        customer["external_id"]: figures_of(customer)
        for customer in customers
        if customer["external_id"] in expected_by_id
    } == expected_by_id
