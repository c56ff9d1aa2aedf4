"""The whole stack through its public API: real emulators, real functions, real HTTP.

Every Pub/Sub message is delivered twice on purpose, and the vendor reports everything twice.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.ids import random_id
from common.storage.documents import Query, Where
from common.storage.firestore import FirestoreDocuments
from local.client import ApiError, Client, signed_in
from local.stack import Stack

pytestmark = pytest.mark.stack
SECONDS = 120
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[Client]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


@pytest.fixture
async def documents(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FirestoreDocuments]:
    """A look into the database."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", stack.firestore)
    found = FirestoreDocuments(stack.plan.project)
    yield found
    await found.close()


def people(group: str, number: int, **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"{group}-{index}",
            "email": f"{group}.{index}@example.com".lower(),
            "name": f"Asha {index} Rao",
            "city": group,
            **fields,
        }
        for index in range(number)
    ]


async def launched(client: Client, text: str, **changes: Any) -> str:
    campaign = await client.post("/api/campaigns", {"name": "Test", "text": text, "message": MESSAGE} | changes)
    await client.post(f"/api/campaigns/{campaign['id']}/launch")
    return str(campaign["id"])


async def finished(client: Client, campaign: str) -> Any:
    """The campaign's statistics once it is finished; on the way, the numbers always add up."""
    async with asyncio.timeout(SECONDS):
        while True:
            statistics = await client.get(f"/api/campaigns/{campaign}/statistics")
            outcomes = sum(statistics[kind] for kind in ("sent", "failed", "skipped", "pending"))
            assert statistics["audience"] == outcomes
            assert statistics["pending"] >= 0
            if statistics["state"] == "finished":
                return statistics
            await asyncio.sleep(0.3)


def sends(stack: Stack, campaign: str) -> Counter[str]:
    """How often the vendor was given each message of a campaign, by its own book."""
    book = Path(stack.plan.environ["SIMULATOR_BOOK"])
    lines = (line.split() for line in book.read_text().splitlines()) if book.exists() else ()
    return Counter(message for of, message, _ in lines if of == campaign)


async def test_five_hundred_people_each_exactly_once(
    stack: Stack, admin: Client, documents: FirestoreDocuments
) -> None:
    """The vendor's book, the ledger, the counters and the claims all tell the same."""
    city = f"C{random_id()}"
    rows = people(city, 500)
    rows += people(f"{city}-no", 20, city=city, consent={"email": False})
    rows += [{"external_id": f"{city}-{n}-phone", "phone": f"+9198765{n:05}", "city": city} for n in range(10)]
    await admin.add_customers(rows)
    preview = await admin.post("/api/segments/preview", {"text": f'city = "{city.lower()}"'})
    assert preview["count"] == 530
    campaign = await launched(admin, f'city = "{city}"')
    statistics = await finished(admin, campaign)

    assert (statistics["audience"], statistics["skipped"], statistics["pending"]) == (530, 30, 0)
    assert statistics["skipped_reasons"] == {"no_consent": 20, "no_address": 10}
    assert statistics["sent"] + statistics["failed"] == 500
    assert 20 <= statistics["failed"] <= 80

    book = sends(stack, campaign)
    assert (len(book), set(book.values())) == (500, {1})
    of_campaign = [Where("campaign", "==", campaign)]
    receipts = await documents.query(Query(collection="receipts", where=of_campaign))
    kinds = Counter(receipt["kind"] for receipt in receipts)
    assert kinds == {kind: statistics[kind] for kind in ("sent", "failed", "skipped")}
    claims = await documents.query(Query(collection="claims", where=of_campaign))
    assert {claim.id for claim in claims} == set(book)

    messages = await admin.all(f"/api/campaigns/{campaign}/messages", limit=200)
    assert len(messages) == len({one["customer_id"] for one in messages}) == 530
    assert Counter(one["state"] for one in messages) == kinds
    written = [one for one in messages if one["body"]]
    assert all(one["name"] in one["body"] for one in written)
    assert Counter(one["personalized_by"] for one in written)["gemini"] > 450

    stored = await admin.get(f"/api/campaigns/{campaign}")
    assert stored["totals"] == {name: statistics[name] for name in stored["totals"]}
    summary = await admin.get(f"/api/campaigns/{campaign}/summary")
    assert summary["by"] == "gemini"
    assert "530" in summary["text"]


async def test_an_audience_by_text_and_by_tree(admin: Client) -> None:
    city = f"C{random_id()}"
    now = datetime.now(UTC)
    await admin.post("/api/customers", people(city, 1, spend=20_000.5, visits=2)[0])
    await admin.add_customers(people(f"{city}-b", 3, city=city, spend=20_000, visits=3))
    lapsed = (now - timedelta(days=91)).isoformat()
    await admin.add_customers(people(f"{city}-c", 4, city=city, last_active_at=lapsed))
    text = f'city = "{city}" AND (spend > 10000 AND visits < 3 OR inactive for 90 days)'
    by_text = await admin.post("/api/segments/preview", {"text": text})
    by_tree = await admin.post("/api/segments/preview", {"rules": by_text["rules"]})
    assert by_text == by_tree
    assert by_text["count"] == 5
    assert len(by_text["samples"]) == 5
    segment = await admin.post("/api/segments", {"name": "Test", "text": text})
    campaign = await admin.post(
        "/api/campaigns", {"name": "By segment", "segment_id": segment["id"], "message": MESSAGE}
    )
    launch = await admin.post(f"/api/campaigns/{campaign['id']}/launch")
    assert launch["state"] == "running"
    assert (await finished(admin, campaign["id"]))["audience"] == 5
    newest = (await admin.get("/api/campaigns", limit=50))["items"]
    assert campaign["id"] in [one["id"] for one in newest]
    assert [one["created_at"] for one in newest] == sorted((one["created_at"] for one in newest), reverse=True)


async def test_a_large_import_is_worked_off_in_the_background(admin: Client) -> None:
    city = f"C{random_id()}"
    answer = await admin.post("/api/customers", people(city, 1200))
    assert answer["accepted"] == 1200
    async with asyncio.timeout(SECONDS):
        while (await admin.post("/api/segments/preview", {"text": f'city = "{city}"'}))["count"] < 1200:
            await asyncio.sleep(0.3)


async def test_the_audience_is_right_while_changes_are_folded(admin: Client, documents: FirestoreDocuments) -> None:
    """`tick` turns changes into blocks; what is counted does not change by it."""
    city = f"C{random_id()}"
    rule = {"text": f'city = "{city}"'}
    for number in range(5):
        await admin.post("/api/customers", people(f"{city}-{number}", 1, city=city)[0])
        assert (await admin.post("/api/segments/preview", rule))["count"] == number + 1
    changes = Query(collection="audience", id_from="change-", id_before="change.", fields=())
    async with asyncio.timeout(SECONDS):
        while await documents.query(changes):
            await asyncio.sleep(0.3)
    assert (await admin.post("/api/segments/preview", rule))["count"] == 5


async def test_who_may_do_what(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.site) as http:
        for path in ("/api/customers", "/api/campaigns", "/api/segments", "/api/me"):
            assert (await http.get(path)).status_code == 401
        answer = await http.get("/api/me", headers={"Authorization": "Bearer nonsense"})
        assert answer.status_code == 401
    async with signed_in(site=stack.site, auth=stack.auth, email="stranger@example.com") as stranger:
        with pytest.raises(ApiError, match="403"):
            await stranger.get("/api/customers")
    async with signed_in(site=stack.site, auth=stack.auth, email="viewer@example.com") as viewer:
        assert (await viewer.get("/api/me"))["role"] == "viewer"
        assert (await viewer.get("/api/customers", limit=1))["items"] is not None
        with pytest.raises(ApiError, match="403"):
            await viewer.post("/api/customers", {"email": "x@example.com"})


async def test_the_functions_answer_only_the_subscriptions_own_pushes(stack: Stack) -> None:
    body = {"message": {"data": "e30=", "messageId": "1"}, "subscription": "projects/p/subscriptions/s"}
    async with httpx.AsyncClient() as http:
        for name, function in stack.plan.topology.functions.items():
            if function.trigger == "pubsub":
                assert (await http.post(stack.url(name), json=body)).status_code == 401


async def test_a_body_over_32_mb_is_refused(admin: Client) -> None:
    with pytest.raises(ApiError, match="413"):
        await admin.post("/api/customers", [{"email": "x@example.com", "name": "x" * 33_000_000}])


async def test_a_malformed_event_is_dead_lettered_and_the_rest_goes_on(stack: Stack, admin: Client) -> None:
    """It is not retried for ever: the person it was for is recorded as failed, with the reason."""
    [message, customer] = [random_id() + "0" * 12, random_id()]
    campaign = await launched(admin, 'city = "nowhere"')
    known = {"message_id": message, "campaign_id": campaign, "customer_id": customer, "name": "Asha"}
    await publish(stack, "deliveries", json.dumps(known).encode())
    await publish(stack, "recipients", b"\xff no JSON")
    async with asyncio.timeout(SECONDS):
        while True:
            failed = (await admin.get(f"/api/campaigns/{campaign}/messages", state="failed"))["items"]
            if failed:
                break
            await asyncio.sleep(0.3)
    assert [(one["customer_id"], one["state"]) for one in failed] == [(customer, "failed")]
    assert "subject" in failed[0]["reason"]


async def publish(stack: Stack, topic: str, data: bytes) -> None:
    url = f"http://{stack.pubsub}/v1/projects/{stack.plan.project}/topics/{topic}:publish"
    async with httpx.AsyncClient() as http:
        answer = await http.post(url, json={"messages": [{"data": b64encode(data).decode()}]})
        answer.raise_for_status()
