"""Who must not be written to is not, whenever it becomes known: on the whole stack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from common.ids import random_id
from local.client import Client, signed_in
from local.stack import Stack

pytestmark = pytest.mark.stack
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}
SECONDS = 120


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[Client]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


def people(city: str, number: int) -> list[dict[str, Any]]:
    address = f"{city}.{{}}@example.com".lower()
    return [
        {"external_id": f"{city}-{n}", "email": address.format(n), "name": f"Asha {n} Rao", "city": city}
        for n in range(number)
    ]


async def finished(client: Client, campaign: str) -> Any:
    async with asyncio.timeout(SECONDS):
        while (statistics := await client.get(f"/api/campaigns/{campaign}/statistics"))["state"] != "finished":
            await asyncio.sleep(0.3)
    return statistics


async def test_before_the_launch_and_between_fan_out_and_delivery(stack: Stack, admin: Client) -> None:
    city = f"C{random_id()}"
    rows = people(city, 60)
    await admin.add_customers(rows)
    await admin.post("/api/suppressions", [{"email": one["email"]} for one in rows[:10]])
    draft = {"name": "Test", "text": f'city = "{city}"', "message": MESSAGE}
    campaign = (await admin.post("/api/campaigns", draft))["id"]
    await admin.post(f"/api/campaigns/{campaign}/launch")
    await admin.post(f"/api/campaigns/{campaign}/pause")
    await admin.post("/api/suppressions", [{"email": one["email"]} for one in rows[10:30]])
    await asyncio.sleep(1.5)  # a watch is at most a second old
    await admin.post(f"/api/campaigns/{campaign}/resume")
    statistics = await finished(admin, campaign)
    messages = await admin.all(f"/api/campaigns/{campaign}/messages", limit=200)
    late = {one["email"] for one in rows[10:30]}
    skipped = {one["name"] for one in messages if one["state"] == "skipped"}
    assert (statistics["audience"], statistics["pending"]) == (60, 0)
    assert {one["name"] for one in rows[:10]} <= skipped
    sent_late = [one for one in messages if one["to"] in late and one["state"] != "skipped"]
    before_the_pause = statistics["skipped_reasons"]["suppressed"]
    assert before_the_pause + len(sent_late) == 30


async def test_an_erased_person_is_in_no_later_audience(admin: Client) -> None:
    city = f"C{random_id()}"
    rows = people(city, 2)
    await admin.add_customers(rows)
    found = await admin.all("/api/customers", filter=f'city = "{city}"')
    gone = next(one for one in found if one["external_id"] == rows[0]["external_id"])
    await admin.delete(f"/api/customers/{gone['id']}")
    assert (await admin.post("/api/segments/preview", {"text": f'city = "{city}"'}))["count"] == 1
    await admin.add_customers(rows)
    draft = {"name": "Test", "text": f'city = "{city}"', "message": MESSAGE}
    campaign = (await admin.post("/api/campaigns", draft))["id"]
    await admin.post(f"/api/campaigns/{campaign}/launch")
    assert (await finished(admin, campaign))["skipped_reasons"] == {"suppressed": 1}
