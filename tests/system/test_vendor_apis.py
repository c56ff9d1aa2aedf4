"""Campaigns through the stand-ins of SendGrid and Twilio, on the whole stack: their reports become the numbers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.ids import random_id
from local.client import HeraldClient, signed_in
from local.stack import Stack
from local.vendor.twilio import OUTCOMES
from tests.system.campaigns import wait_for_statistics
from vendor.vendors.simulator.sender import stable_fraction

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
SHARE = 0.1
"""Of the requests, how many the vendor treats badly: it closes the connection without an answer, or says 429."""
BAD_MODES = [{"mode": "dropped", "share": SHARE}, {"mode": "throttled", "share": SHARE, "seconds": 1}]
SENDGRID_KINDS: Mapping[str, int] = {
    "nobody": 10, "full": 5, "blocked": 5, "dropped": 5, "unsubscribed": 5, "spam": 5, "opens": 5, "clicks": 5,
    "person": 205,
}  # fmt: skip
"""How many recipients there are of each kind: `local/vendor/sendgrid.py` says what they do."""
UNSENT = ("dropped", "unsubscribed")
MESSAGE = {"subject": "{{ first_name }}, 15% off", "body": "Dear {{ name }}, 15% off with WELCOME15."}


@asynccontextmanager
async def start_herald(folder: Path) -> AsyncIterator[tuple[Stack, HeraldClient]]:
    """A stack of this test only: the emulator looks through all messages of a stack whenever a campaign finishes."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    settings = {"PUSH_DUPLICATE_SHARE": "1", "TICK_SECONDS": "1", "RATE_LIMITS": "person=0,key=0,anonymous=0"}
    async with (
        Stack(folder=folder, environ=inherited | settings) as stack,
        signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client,
    ):
        yield stack, client


@asynccontextmanager
async def stand_in(stack: Stack, name: str, behaviour: Mapping[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-in of a vendor, which behaves badly until the context ends."""
    async with httpx.AsyncClient(base_url=f"{stack.vendor}/{name}") as vendor:
        (await vendor.post("/control", json=behaviour)).raise_for_status()
        try:
            yield vendor
        finally:
            (await vendor.post("/control", json={"mode": "ok"})).raise_for_status()


async def send(
    client: HeraldClient, city: str, message: Mapping[str, str], expected: Mapping[str, int], **how: str
) -> Any:
    """A campaign to the people of a city, until its numbers are the expected ones; its statistics."""
    draft = {"name": city, "text": f'city = "{city}"', "message": message, "personalization": "template", **how}
    campaign = (await client.post("/api/campaigns", draft))["id"]
    await client.post(f"/api/campaigns/{campaign}/launch")
    return await wait_for_statistics(
        client, campaign, lambda now: now["audience_complete"] and {name: now[name] for name in expected} == expected
    )


async def test_mails_through_sendgrid_arrive_once_each_and_its_events_count(tmp_path: Path) -> None:
    """Twice 250 mails. A lost answer makes a message unknown until SendGrid's events replace that, and nobody gets a
    second one; who bounced, complained or had left is not written to again."""
    async with start_herald(tmp_path) as (stack, admin):
        for behaviour in BAD_MODES:
            await send_through_sendgrid(stack, admin, behaviour)


async def send_through_sendgrid(stack: Stack, admin: HeraldClient, behaviour: Mapping[str, Any]) -> None:
    city = f"c{random_id()}"
    everybody = [f"{kind}.{city}.{n}@example.com" for kind, people in SENDGRID_KINDS.items() for n in range(people)]
    await admin.add_customers([{"external_id": to, "email": to, "name": "Asha Rao", "city": city} for to in everybody])
    unsent = sum(SENDGRID_KINDS[kind] for kind in UNSENT)
    refused = sum(SENDGRID_KINDS[kind] for kind in ("nobody", "full", "blocked"))
    expected = {
        "audience": len(everybody),
        "sent": len(everybody) - unsent,
        "failed": unsent,
        "unknown": 0,
        "pending": 0,
        "bounced": refused + SENDGRID_KINDS["dropped"],
        "delivered": len(everybody) - unsent - refused,
        "complained": SENDGRID_KINDS["spam"],
    }
    async with stand_in(stack, "sendgrid", behaviour) as vendor:
        await send(admin, city, MESSAGE, expected, channel="email", vendor="sendgrid")
        mails = (await vendor.get("/mails")).json()
    arrived = Counter(mail["to"] for mail in mails if city in mail["to"])
    assert arrived == Counter(everybody)
    again = {"audience": len(everybody), "skipped": sum(SENDGRID_KINDS[kind] for kind in ("nobody", *UNSENT, "spam"))}
    async with stand_in(stack, "sendgrid", {"mode": "ok"}):
        await send(admin, city, MESSAGE, again, channel="email", vendor="sendgrid")


async def test_sms_through_twilio_arrive_once_each_and_its_reports_count(tmp_path: Path) -> None:
    """Twice 250 people, whose numbers decide what becomes of each message."""
    async with start_herald(tmp_path) as (stack, admin):
        for number, behaviour in enumerate(BAD_MODES):
            await send_through_twilio(stack, admin, behaviour, offset=number * 1_000)


async def send_through_twilio(stack: Stack, admin: HeraldClient, behaviour: Mapping[str, Any], *, offset: int) -> None:
    city = f"c{random_id()}"
    numbers = [f"+9198{offset + n:08}" for n in range(250)]
    await admin.add_customers(
        [{"external_id": to, "phone": to, "name": "Asha Rao", "city": city, "consent": {"sms": True}} for to in numbers]
    )
    outcomes = Counter(
        next((outcome for limit, outcome, _ in OUTCOMES if stable_fraction("outcome", to) < limit), "delivered")
        for to in numbers
    )
    expected = {
        "audience": len(numbers),
        "sent": len(numbers) - outcomes["failed"],
        "failed": outcomes["failed"],
        "unknown": 0,
        "pending": 0,
        "bounced": outcomes["undelivered"],
        "delivered": outcomes["delivered"],
    }
    async with stand_in(stack, "twilio", behaviour) as vendor:
        await send(admin, city, {"body": "Asha, 15% off with WELCOME15."}, expected, channel="sms", vendor="twilio")
        messages = (await vendor.get("/messages")).json()
    assert Counter(one["to"] for one in messages if one["to"] in numbers) == Counter(numbers)
