"""Who may be written to, on the whole stack: by address, at the last moment, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from common.events import Receipt, ReceiptKind
from common.ids import message_id, random_id
from common.webhooks.signing import signed_headers
from local.client import ApiError, HeraldClient, signed_in
from local.stack import Stack
from tests.system.campaigns import (
    TIMEOUT_SECONDS,
    id_of_external,
    sent_addresses,
    wait_for_statistics,
    wait_until_finished,
)

pytestmark = pytest.mark.stack
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}
SLOW_PER_MINUTE = 60
PER_MINUTE = 60_000
REFUSALS: tuple[ReceiptKind, ...] = ("unsubscribed", "complained", "bounced")


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[HeraldClient]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


@pytest.fixture
def city() -> str:
    """The people of a test are those of one city."""
    return f"C{random_id()}"


def person(city: str, number: int, **fields: Any) -> dict[str, Any]:
    return {"external_id": f"{city}-{number}", "email": inbox(city, number), "name": "Asha Rao", "city": city, **fields}


def inbox(city: str, number: int) -> str:
    return f"{city}.{number}@example.com".lower()


def id_of(stack: Stack, city: str, number: int) -> str:
    return id_of_external(stack, f"{city}-{number}")


async def launch(client: HeraldClient, city: str, **settings: Any) -> str:
    draft = {"name": "Test", "text": f'city = "{city}"', "message": MESSAGE, "vendor": "webhook", **settings}
    campaign = (await client.post("/api/campaigns", draft))["id"]
    await client.post(f"/api/campaigns/{campaign}/launch")
    return str(campaign)


async def test_no_of_one_record_holds_for_the_address(stack: Stack, admin: HeraldClient, city: str) -> None:
    """Also for a record that comes in later and brings a yes of unknown time; the preview counts who did not answer."""
    shared = inbox(city, 0)
    await admin.add_customers([person(city, 0, consent={"email": True}), person(city, 1)])
    await admin.add_customers([person(city, 2, email=shared, consent={"email": False})])
    await admin.add_customers([person(city, 3, email=shared, consent={"email": True})])
    campaign = await launch(admin, city)
    statistics = await wait_until_finished(admin, campaign)
    assert statistics["skipped_reasons"] == {"no_consent": 3}
    assert set(await sent_addresses(stack, campaign)) <= {inbox(city, 1)}


async def test_who_withdraws_or_moves_while_messages_wait_is_respected(
    stack: Stack, admin: HeraldClient, city: str
) -> None:
    """Messages wait for their turn in a slow campaign, which is then paused.

    Of those who wait, some withdraw their consent, some are suppressed, and some get another address. Nothing goes to
    them, or it goes to where they are now.
    """
    await admin.add_customers([person(city, number) for number in range(30)])
    campaign = await launch(admin, city, per_minute=SLOW_PER_MINUTE)
    await wait_for_statistics(admin, campaign, lambda now: now["audience_complete"] and now["deferred"].get("rate"))
    await admin.post(f"/api/campaigns/{campaign}/pause")
    # Of a message that was sent, a second copy may wait, too.
    await wait_for_statistics(admin, campaign, lambda now: sum(now["deferred"].values()) >= now["pending"])
    messages = await admin.list_all(f"/api/campaigns/{campaign}/messages", limit=200)
    reached = {item["customer_id"] for item in messages}  # whoever else waits has no claim yet
    waiting = [number for number in range(30) if id_of(stack, city, number) not in reached]
    assert len(waiting) >= 12
    withdrawn, suppressed, moved = waiting[:4], waiting[4:8], waiting[8:12]
    for number in withdrawn:
        await admin.patch(f"/api/customers/{id_of(stack, city, number)}", {"consent": {"email": False}})
    for number in moved:
        await admin.patch(f"/api/customers/{id_of(stack, city, number)}", {"email": inbox(city, 100 + number)})
    await admin.post("/api/suppressions", [{"email": inbox(city, number)} for number in suppressed])
    await admin.patch(f"/api/campaigns/{campaign}", {"per_minute": PER_MINUTE})
    await admin.post(f"/api/campaigns/{campaign}/resume")
    statistics = await wait_until_finished(admin, campaign)
    assert statistics["skipped_reasons"] == {"no_consent": 4, "suppressed": 4}
    addresses = await sent_addresses(stack, campaign)
    left_alone = {inbox(city, number) for number in (*withdrawn, *suppressed, *moved)}
    assert not left_alone & set(addresses)
    assert len(addresses) == len(set(addresses)) == statistics["sent"] + statistics["failed"] == 22


async def test_refusal_that_comes_back_suppresses_the_address(stack: Stack, admin: HeraldClient, city: str) -> None:
    """A late `delivered` does not hide it, and the next campaign leaves out everybody with the address."""
    await admin.add_customers([person(city, number) for number in range(len(REFUSALS))])
    campaign = await launch(admin, city)
    await wait_until_finished(admin, campaign)
    at = datetime.now(UTC)
    for number, kind in enumerate(REFUSALS):
        await call_back(stack, campaign, id_of(stack, city, number), kind, at)
        await call_back(stack, campaign, id_of(stack, city, number), "delivered", at + timedelta(seconds=1))
    await wait_for_statistics(
        admin, campaign, lambda now: now["delivered"] == 3 and all(now[kind] == 1 for kind in REFUSALS)
    )
    for number, kind in enumerate(REFUSALS):
        [message] = (await admin.get(f"/api/customers/{id_of(stack, city, number)}"))["messages"]
        assert message["feedback"] == kind
    others = [person(city, 10 + number, email=inbox(city, number)) for number in range(len(REFUSALS))]
    await admin.add_customers([*others, person(city, 20)])
    again = await launch(admin, city)
    assert (await wait_until_finished(admin, again))["skipped_reasons"] == {"suppressed": 6}
    assert await sent_addresses(stack, again) == [inbox(city, 20)]


async def call_back(stack: Stack, campaign: str, customer: str, kind: ReceiptKind, at: datetime) -> None:
    """Report as the vendor does."""
    ids = {"message_id": message_id(campaign, customer), "campaign_id": campaign, "customer_id": customer}
    receipt = Receipt.model_validate({**ids, "kind": kind, "at": at, "permanent": True})
    body = b'{"events":[%s]}' % receipt.model_dump_json().encode()
    headers = signed_headers(Webhook(stack.config.webhook_secret), f"msg_{random_id()}", body, now=datetime.now(UTC))
    async with httpx.AsyncClient(base_url=stack.site) as vendor:
        (await vendor.post("/api/receipts/webhook", content=body, headers=headers)).raise_for_status()


async def test_inbox_of_five_records_gets_one_message(stack: Stack, admin: HeraldClient, city: str) -> None:
    """The records are in any buckets; the preview says how many share an address."""
    await admin.add_customers([person(city, number, email=inbox(city, 0)) for number in range(5)])
    campaign = await launch(admin, city)
    statistics = await wait_until_finished(admin, campaign)
    assert (statistics["audience"], statistics["skipped_reasons"]) == (5, {"same_address": 4})
    assert await sent_addresses(stack, campaign) == [inbox(city, 0)]


async def test_order_by_address_belongs_to_who_came_in_with_an_id(stack: Stack, admin: HeraldClient, city: str) -> None:
    """If several have the address, the order is refused, and the answer says so."""
    await admin.add_customers([person(city, 0), *(person(city, number, email=inbox(city, 1)) for number in (1, 2))])
    order = {"event_id": f"{city}-1", "type": "order", "amount": 12.5, "at": datetime.now(UTC).isoformat()}
    await admin.post("/api/activities", order | {"email": inbox(city, 0)})
    customer = await admin.get(f"/api/customers/{id_of(stack, city, 0)}")
    assert (customer["orders"], customer["spend"]) == (1, 12.5)
    answer = await admin.post("/api/activities", [order | {"event_id": f"{city}-2", "email": inbox(city, 1)}])
    assert answer["results"][0]["errors"][0]["code"] == "several_customers"


async def test_two_records_of_one_person_become_one(stack: Stack, admin: HeraldClient, city: str) -> None:
    """They are listed as duplicates; the merge asks first; then the old id leads to the kept record with all of it."""
    shared = inbox(city, 0)
    await admin.add_customers([person(city, 0), person(city, 1, email=shared, consent={"email": False})])
    order = {"type": "order", "at": datetime.now(UTC).isoformat()}
    orders = [
        {**order, "event_id": f"{city}-{number}", "customer_id": id_of(stack, city, number), "amount": 10 + number}
        for number in (0, 1)
    ]
    await admin.post("/api/activities", orders)
    groups = await admin.list_all("/api/customers/duplicates", limit=200)
    [group] = [group for group in groups if group["address"] == shared]
    assert {one["id"] for one in group["customers"]} == {id_of(stack, city, 0), id_of(stack, city, 1)}
    both = {"keep": id_of(stack, city, 0), "merge": id_of(stack, city, 1)}
    preview = await admin.post("/api/customers/merge", both)
    assert (preview["done"], preview["activities"]) == (False, 1)
    assert (await admin.get(f"/api/customers/{id_of(stack, city, 1)}"))["orders"] == 1
    assert (await admin.post("/api/customers/merge", {**both, "confirm": True}))["done"]
    for number in (0, 1):
        kept = await admin.get(f"/api/customers/{id_of(stack, city, number)}")
        assert (kept["id"], kept["orders"], kept["spend"]) == (id_of(stack, city, 0), 2, 21.0)
    await admin.add_customers([person(city, 2)])
    campaign = await launch(admin, city)
    statistics = await wait_until_finished(admin, campaign)
    assert (statistics["audience"], statistics["skipped_reasons"]) == (2, {"no_consent": 1})
    assert set(await sent_addresses(stack, campaign)) <= {inbox(city, 2)}


async def test_campaign_that_is_paused_when_all_is_sent_finishes(stack: Stack, admin: HeraldClient, city: str) -> None:
    """The vendor has all messages already, and its reports come during the pause, or just before it."""
    await admin.add_customers([person(city, number) for number in range(3)])
    campaign = await launch(admin, city)
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while len(await sent_addresses(stack, campaign)) < 3:
            await asyncio.sleep(0.05)
    with suppress(ApiError):  # it may be finished already
        await admin.post(f"/api/campaigns/{campaign}/pause")
    statistics = await wait_until_finished(admin, campaign)
    assert statistics["sent"] + statistics["failed"] == 3


async def test_segment_of_a_scheduled_campaign_stays(admin: HeraldClient, city: str) -> None:
    """Until the campaign is a draft again; it can then be launched, archived once it is over, and the segment goes."""
    await admin.add_customers([person(city, number) for number in range(3)])
    segment = (await admin.post("/api/segments", {"name": city, "text": f'city = "{city}"'}))["id"]
    draft = {"name": "Test", "text": f'in segment "{city}"', "message": MESSAGE, "vendor": "simulator"}
    campaign = (await admin.post("/api/campaigns", draft))["id"]
    start = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await admin.post(f"/api/campaigns/{campaign}/launch", {"at": start})
    with pytest.raises(ApiError) as refused:
        await admin.delete(f"/api/segments/{segment}")
    assert refused.value.status == 409
    await admin.post(f"/api/campaigns/{campaign}/unschedule")
    await admin.post(f"/api/campaigns/{campaign}/launch")
    assert (await wait_until_finished(admin, campaign))["audience"] == 3
    await admin.post(f"/api/campaigns/{campaign}/archive")
    assert campaign not in [item["id"] for item in (await admin.get("/api/campaigns"))["items"]]
    await admin.delete(f"/api/segments/{segment}")
