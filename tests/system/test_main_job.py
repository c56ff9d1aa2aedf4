"""The whole stack through its public API: real emulators, real functions, real HTTP.

Every Pub/Sub message is delivered twice, and the vendor reports every outcome twice.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from common.ids import message_id, random_id
from common.settings import TimeZoneSettings
from common.storage.documents import Query, Where, pages
from common.storage.firestore import FirestoreDocuments
from local.client import ApiError, HeraldClient, signed_in
from local.stack import Stack
from local.trace import in_order, read_spans
from tests.system.log_check import LogCheck, secret_settings
from tests.system.vendor_modes import unavailable_vendor

pytestmark = pytest.mark.stack
TIMEOUT_SECONDS = 120
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Dear {{ name }}, 15% off with WELCOME15 this week."}


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[HeraldClient]:
    async with signed_in(site=stack.site, auth=stack.auth, email="admin@example.com") as client:
        yield client


@pytest.fixture
async def documents(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FirestoreDocuments]:
    """Direct access to the database."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", stack.firestore)
    store = FirestoreDocuments(stack.config.project)
    yield store
    await store.close()


NAMES = ("Asha Rao", "Bela Shah", "Chand Mehta", "Deepa Iyer")


def sample_customers(group: str, number: int, **fields: Any) -> list[dict[str, Any]]:
    """Return customers of one city."""
    return [
        {
            "external_id": f"{group}-{index}",
            "email": f"{group}.{index}@example.com".lower(),
            "name": NAMES[index % len(NAMES)],
            "city": group,
            **fields,
        }
        for index in range(number)
    ]


async def launch_campaign(client: HeraldClient, text: str, **changes: Any) -> str:
    campaign = await client.post("/api/campaigns", {"name": "Test", "text": text, "message": MESSAGE} | changes)
    await client.post(f"/api/campaigns/{campaign['id']}/launch")
    return str(campaign["id"])


async def wait_until_finished(client: HeraldClient, campaign: str) -> Any:
    """Return the statistics of the finished campaign, and check at each poll that they add up."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            statistics = await client.get(f"/api/campaigns/{campaign}/statistics")
            outcomes = sum(statistics[kind] for kind in ("sent", "failed", "skipped", "unknown", "pending"))
            assert statistics["audience"] == outcomes
            assert statistics["pending"] >= 0
            if statistics["state"] == "finished":
                return statistics
            await asyncio.sleep(0.3)


def vendor_sends(stack: Stack, campaign: str) -> Counter[str]:
    """Return how often the vendor got each message of a campaign, by the simulator's log."""
    log = Path(stack.config.environ["SIMULATOR_BOOK"])
    lines = (line.split() for line in log.read_text().splitlines()) if log.exists() else ()
    return Counter(message for campaign_id, message, _ in lines if campaign_id == campaign)


async def test_campaign_with_duplicate_deliveries_sends_each_message_once(
    stack: Stack, admin: HeraldClient, documents: FirestoreDocuments
) -> None:
    """The vendor's log, the ledger, the counters and the claims agree."""
    city = f"C{random_id()}"
    rows = sample_customers(city, 500)
    rows += sample_customers(f"{city}-no", 20, city=city, consent={"email": False})
    rows += [{"external_id": f"{city}-{n}-phone", "phone": f"+9198765{n:05}", "city": city} for n in range(10)]
    await admin.add_customers(rows)
    preview = await admin.post("/api/segments/preview", {"text": f'city = "{city.lower()}"'})
    assert preview["count"] == 530
    campaign = await launch_campaign(admin, f'city = "{city}"')
    statistics = await wait_until_finished(admin, campaign)

    assert (statistics["audience"], statistics["skipped"], statistics["pending"]) == (530, 30, 0)
    assert statistics["skipped_reasons"] == {"no_consent": 20, "no_address": 10}
    assert statistics["sent"] + statistics["failed"] == 500
    assert 20 <= statistics["failed"] <= 80

    send_counts = vendor_sends(stack, campaign)
    assert (len(send_counts), set(send_counts.values())) == (500, {1})
    campaign_filter = [Where("campaign", "==", campaign)]
    receipts = await documents.query(Query(collection="receipts", where=campaign_filter))
    kinds = Counter(receipt["kind"] for receipt in receipts)
    assert kinds == {kind: statistics[kind] for kind in ("sent", "failed", "skipped")}
    claims = await documents.query(Query(collection="claims", where=campaign_filter))
    assert {claim.id for claim in claims} == set(send_counts)

    messages = await admin.list_all(f"/api/campaigns/{campaign}/messages", limit=200)
    assert len(messages) == len({item["customer_id"] for item in messages}) == 530
    assert Counter(item["state"] for item in messages) == kinds
    texts = [item for item in messages if item["body"]]
    assert all(item["name"] in item["body"] for item in texts)
    assert Counter(item["personalized_by"] for item in texts)["gemini"] > 450

    stored = await admin.get(f"/api/campaigns/{campaign}")
    assert stored["totals"] == {name: statistics[name] for name in stored["totals"]}
    summary = await admin.post(f"/api/campaigns/{campaign}/summary")
    assert summary["by"] == "gemini"
    assert "530" in summary["text"]

    await check_trace(stack, texts[0]["message_id"])
    await check_logs(stack, documents)


async def check_trace(stack: Stack, message: str) -> None:
    """The message's way through real services can be read from the logs, each hop below the one before."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while (1, "receipts") not in (steps := _steps(stack, message)):
            await asyncio.sleep(0.3)
    assert steps[0] == (0, "fan-outs")
    assert {(1, "recipients"), (2, "deliveries"), (0, "Herald receipts"), (1, "receipts")} <= set(steps)


def _steps(stack: Stack, message: str) -> list[tuple[int, str]]:
    """The depth and the name of each step of a message."""
    logs = [log.read_text(errors="replace") for log in stack.config.logs.glob("*.log")]
    return [(depth, span.step) for depth, span in in_order(read_spans(logs, message))]


async def check_logs(stack: Stack, documents: FirestoreDocuments) -> None:
    """No log of this run has a secret, or an address or a name of anybody in the database."""
    customers = [row async for page in pages(documents, Query(collection="customers"), 500) for row in page]
    secrets = {
        "CALLBACK_SECRET": stack.config.callback_secret,
        "SUPPRESSION_KEY": stack.config.suppression_key,
        "WEBHOOK_SECRET": stack.config.webhook_secret,
    }
    check = LogCheck(
        secrets=secret_settings(secrets, secrets), customers=[customer.data or {} for customer in customers]
    )
    logs = list(stack.config.logs.glob("*.log"))
    lines = sum(log.read_text(errors="replace").count("\n") for log in logs)
    looked_for = {"e-mails": len(check.emails), "phones": len(check.phones), "names": len(check.names)}
    assert looked_for["e-mails"] >= 520, looked_for
    assert looked_for["phones"] >= 10, looked_for
    assert {*NAMES, "Asha"} <= check.names
    assert (len(check.secrets), len(logs) >= len(stack.config.functions), lines > 2_000) == (6, True, True)
    assert check.find(logs) == []


async def test_audience_by_text_and_by_tree_is_the_same(admin: HeraldClient) -> None:
    """A text and its rule tree select the same customers, for a preview, a segment and a campaign."""
    city = f"C{random_id()}"
    now = datetime.now(UTC)
    await admin.post("/api/customers", sample_customers(city, 1, spend=20_000.5, visits=2)[0])
    await admin.add_customers(sample_customers(f"{city}-b", 3, city=city, spend=20_000, visits=3))
    lapsed = (now - timedelta(days=91)).isoformat()
    await admin.add_customers(sample_customers(f"{city}-c", 4, city=city, last_active_at=lapsed))
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
    assert (await wait_until_finished(admin, campaign["id"]))["audience"] == 5
    newest = (await admin.get("/api/campaigns", limit=50))["items"]
    assert campaign["id"] in [item["id"] for item in newest]
    assert [item["created_at"] for item in newest] == sorted((item["created_at"] for item in newest), reverse=True)


async def test_time_without_a_zone_is_the_deployments_from_the_file_to_the_message(
    stack: Stack, admin: HeraldClient, documents: FirestoreDocuments
) -> None:
    """An evening in a file and the start of a campaign are local times, and the message shows that day in words."""
    zone = TimeZoneSettings.read(stack.config.environ).time_zone
    city = f"C{random_id()}"
    rows = "\n".join(f"{city}-{n},{n}.{city}@example.com,{city},2026-11-25 23:30" for n in range(3))

    async def file() -> AsyncIterator[bytes]:
        yield f"external_id,email,city,last active\n{rows}\n".encode()

    accepted = await admin.upload("/api/customers", file(), media_type="text/csv", background=True)
    await wait_until_imported(admin, accepted["import_id"])
    rule = f'city = "{city}" AND last_active_at = 2026-11-25'
    assert (await admin.post("/api/segments/preview", {"text": rule}))["count"] == 3

    body = {"subject": "Hi", "body": "आप {{ last_active_at }} को आए थे"}
    draft = {"name": "Test", "text": rule, "message": body, "personalization": "template"}
    campaign = await admin.post("/api/campaigns", draft)
    start = datetime.now(zone).replace(tzinfo=None, microsecond=0) + timedelta(seconds=15)
    scheduled = await admin.post(f"/api/campaigns/{campaign['id']}/launch", {"at": start.isoformat()})
    assert datetime.fromisoformat(scheduled["start_at"]) == start.replace(tzinfo=zone)
    assert (await wait_until_finished(admin, campaign["id"]))["audience"] == 3
    claims = await documents.query(Query(collection="claims", where=[Where("campaign", "==", campaign["id"])]))
    assert {claim["body"] for claim in claims} == {"आप 25 नवंबर 2026 को आए थे"}


async def wait_until_imported(client: HeraldClient, import_id: str) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while (await client.get(f"/api/imports/{import_id}"))["state"] != "completed":
            await asyncio.sleep(0.3)


async def test_large_import_is_processed_in_the_background(admin: HeraldClient) -> None:
    """More customers than one request processes are imported by background jobs."""
    city = f"C{random_id()}"
    answer = await admin.post("/api/customers", sample_customers(city, 1200))
    assert answer["accepted"] == 1200
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while (await admin.post("/api/segments/preview", {"text": f'city = "{city}"'}))["count"] < 1200:
            await asyncio.sleep(0.3)


async def test_audience_during_compaction_is_correct(admin: HeraldClient, documents: FirestoreDocuments) -> None:
    """Compaction turns deltas into blocks without changing any count."""
    city = f"C{random_id()}"
    rule = {"text": f'city = "{city}"'}
    for number in range(5):
        await admin.post("/api/customers", sample_customers(f"{city}-{number}", 1, city=city)[0])
        assert (await admin.post("/api/segments/preview", rule))["count"] == number + 1
    changes = Query(collection="audience", id_from="customers-delta-", id_before="customers-delta.", fields=())
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while await documents.query(changes):
            await asyncio.sleep(0.3)
    assert (await admin.post("/api/segments/preview", rule))["count"] == 5


async def test_api_access_follows_authentication_and_role(stack: Stack) -> None:
    """Requests without a valid token get 401, strangers 403, and viewers may only read."""
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


async def test_push_without_token_is_rejected(stack: Stack) -> None:
    """A function that is triggered by Pub/Sub rejects a push without a token."""
    body = {"message": {"data": "e30=", "messageId": "1"}, "subscription": "projects/p/subscriptions/s"}
    async with httpx.AsyncClient() as http:
        for name, function in stack.config.topology.functions.items():
            if function.trigger == "pubsub":
                assert (await http.post(stack.url(name), json=body)).status_code == 401


async def test_body_over_32_mb_is_rejected(admin: HeraldClient) -> None:
    """The API returns 413, as Cloud Run does."""
    with pytest.raises(ApiError, match="413"):
        await admin.post("/api/customers", [{"email": "x@example.com", "name": "x" * 33_000_000}])


async def test_malformed_event_becomes_failed_message(stack: Stack, admin: HeraldClient) -> None:
    """A malformed event is not retried forever: its message is recorded as failed, with the reason."""
    city = f"C{random_id()}"
    await admin.add_customers(sample_customers(city, 1))
    [customer] = await admin.search_all("/api/customers/search", filter=f'city = "{city}"')
    async with unavailable_vendor(stack):  # the message waits, so that only the malformed copy has an outcome
        campaign = await launch_campaign(admin, f'city = "{city}"', vendor="webhook")
        await wait_until(admin, f"/api/campaigns/{campaign}/statistics", lambda now: bool(now["deferred"]))
        ids = {"message_id": message_id(campaign, customer["id"]), "campaign_id": campaign, "name": "Asha"}
        await publish_raw(stack, "deliveries", json.dumps({**ids, "customer_id": customer["id"]}).encode())
        await publish_raw(stack, "recipients", b"\xff no JSON")
        path = f"/api/campaigns/{campaign}/messages"
        malformed = (await wait_until(admin, path, lambda found: bool(found["items"]), state="failed"))["items"]
    assert [item["customer_id"] for item in malformed] == [customer["id"]]
    assert "subject" in malformed[0]["reason"]


async def wait_until(client: HeraldClient, path: str, condition: Callable[[Any], bool], **parameters: str) -> Any:
    """Poll until the answer meets the condition, and return it."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not condition(found := await client.get(path, **parameters)):
            await asyncio.sleep(0.3)
    return found


async def publish_raw(stack: Stack, topic: str, data: bytes) -> None:
    url = f"http://{stack.pubsub}/v1/projects/{stack.config.project}/topics/{topic}:publish"
    async with httpx.AsyncClient() as http:
        answer = await http.post(url, json={"messages": [{"data": b64encode(data).decode()}]})
        answer.raise_for_status()
