"""Suppressed and erased customers get no messages, on the whole stack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from common.ids import random_id
from local.client import HeraldClient, signed_in
from local.stack import Stack
from tests.system.campaigns import sent_addresses, wait_for_statistics, wait_until_finished
from tests.system.vendor_modes import unavailable_vendor

pytestmark = pytest.mark.stack
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[HeraldClient]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


def sample_customers(city: str, number: int) -> list[dict[str, Any]]:
    address = f"{city}.{{}}@example.com".lower()
    return [
        {"external_id": f"{city}-{n}", "email": address.format(n), "name": f"Asha {n} Rao", "city": city}
        for n in range(number)
    ]


async def test_address_suppressed_before_launch_or_before_delivery_gets_no_message(
    stack: Stack, admin: HeraldClient
) -> None:
    """Ten addresses are suppressed before the launch, and twenty while their messages wait for the vendor.

    Fan-out skips the first ten, and delivery skips the twenty, which fan-out has selected. No message of them is sent.
    Of those whose message was tried, nobody knows whether the vendor has it: they are unknown.
    """
    city = f"C{random_id()}"
    rows = sample_customers(city, 60)
    emails = [row["email"] for row in rows]
    await admin.add_customers(rows)
    await admin.post("/api/suppressions", [{"email": email} for email in emails[:10]])
    draft = {"name": "Test", "text": f'city = "{city}"', "message": MESSAGE, "vendor": "webhook"}
    campaign = (await admin.post("/api/campaigns", draft))["id"]
    async with unavailable_vendor(stack) as release:
        await admin.post(f"/api/campaigns/{campaign}/launch")
        waiting = await wait_for_statistics(
            admin,
            campaign,
            lambda now: now["audience_complete"] and now["skipped"] >= 10 and now["deferred"].get("vendor"),
        )
        assert (waiting["audience"], waiting["skipped"], waiting["sent"], waiting["failed"]) == (60, 10, 0, 0)
        await admin.post("/api/suppressions", [{"email": email} for email in emails[10:30]])
        await wait_for_statistics(admin, campaign, lambda now: now["skipped"] + now["unknown"] == 30)
        await release()
        statistics = await wait_until_finished(admin, campaign)
    assert (statistics["audience"], statistics["pending"]) == (60, 0)
    assert statistics["skipped_reasons"] == {"suppressed": 30 - statistics["unknown"]}
    assert await sent_addresses(stack, campaign) == sorted(emails[30:])
    messages = await admin.list_all(f"/api/campaigns/{campaign}/messages", limit=200)
    assert {item["name"] for item in messages if item["state"] == "skipped"} >= {row["name"] for row in rows[:10]}


async def test_erased_customer_who_is_imported_again_is_skipped(admin: HeraldClient) -> None:
    """An erased customer leaves the audience, and stays suppressed after a new import."""
    city = f"C{random_id()}"
    rows = sample_customers(city, 2)
    await admin.add_customers(rows)
    customers = await admin.search_all("/api/customers/search", filter=f'city = "{city}"')
    erased = next(customer for customer in customers if customer["external_id"] == rows[0]["external_id"])
    await admin.delete(f"/api/customers/{erased['id']}")
    assert (await admin.post("/api/segments/preview", {"text": f'city = "{city}"'}))["count"] == 1
    await admin.add_customers(rows)
    draft = {"name": "Test", "text": f'city = "{city}"', "message": MESSAGE}
    campaign = (await admin.post("/api/campaigns", draft))["id"]
    await admin.post(f"/api/campaigns/{campaign}/launch")
    assert (await wait_until_finished(admin, campaign))["skipped_reasons"] == {"suppressed": 1}
