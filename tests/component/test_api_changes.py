"""Changing one customer over HTTP, and the customer's history, with an in-memory store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.storage.documents import Create
from tests.component.test_api_customers import CustomersApiFixture

ASHA: dict[str, Any] = {"external_id": "7", "email": "asha@example.com", "name": "Asha Rao", "city": "Pune"}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
async def api() -> CustomersApiFixture:
    return await CustomersApiFixture().add_members("viewer", "manager")


async def add_asha(api: CustomersApiFixture, **fields: Any) -> str:
    response = await api.call("POST", "/api/customers", json={**ASHA, **fields})
    return f"/api/customers/{response.json()['results'][0]['id']}"


async def test_patch_changes_only_the_given_fields(api: CustomersApiFixture) -> None:
    """Attributes and consent are merged; everything else stays, also in the audience index."""
    path = await add_asha(api, attributes={"size": 7, "shop": "Pune"}, consent={"email": True}, tags=["vip"])
    before = (await api.call("GET", path)).json()
    patch = {"name": "Asha R.", "spend": 12.5, "attributes": {"size": 8}, "consent": {"sms": False}}
    after = await api.call("PATCH", path, json=patch, by="manager@example.com")
    assert after.status_code == 200
    expected = patch | {"attributes": {"size": 8, "shop": "Pune"}, "consent": {"email": True, "sms": False}}
    different = {name for name, value in after.json().items() if before[name] != value}
    assert {name: after.json()[name] for name in expected} == expected
    assert different == {*patch, "consents", "updated_at"}
    [listed] = await api.all_customers()  # the audience index
    assert (listed["name"], listed["spend"], listed["attributes"]) == ("Asha R.", 12.5, expected["attributes"])


async def test_patch_with_null_removes_the_value(api: CustomersApiFixture) -> None:
    """Null removes a field or an attribute."""
    path = await add_asha(api, phone="+919876543210", attributes={"size": 7, "shop": "Pune"})
    after = await api.call("PATCH", path, json={"email": None, "city": None, "attributes": {"size": None}})
    customer = after.json()
    assert (customer["email"], customer["city"], customer["phone"]) == (None, None, "+919876543210")
    assert customer["attributes"] == {"shop": "Pune"}


async def test_patch_without_changes_writes_nothing(api: CustomersApiFixture) -> None:
    """The time of the last update stays the same."""
    path = await add_asha(api)
    before = (await api.call("GET", path)).json()["updated_at"]
    patches: list[dict[str, Any]] = [{}, {"name": "Asha Rao"}, {"consent": {}}]
    for patch in patches:
        assert (await api.call("PATCH", path, json=patch)).json()["updated_at"] == before


async def test_patch_with_suppressed_address_sets_the_flag(api: CustomersApiFixture) -> None:
    """The flag follows the new address, in both directions."""
    path = await add_asha(api)
    await api.call("POST", "/api/suppressions", json={"email": "old@example.com"})
    flags = [(await api.call("PATCH", path, json={"email": f"{name}@example.com"})).json() for name in ("old", "new")]
    assert [customer["suppressed"] for customer in flags] == [["email"], []]


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"email": "wrong"}, "email"),
        ({"spend": "much"}, "spend"),
        ({"visits": -1}, "visits"),
        ({"external_id": "8"}, "external_id"),
        ({"attributes": {"a": [[1]]}}, "attributes"),
        ({"attributes": dict.fromkeys("abcd", "x" * 1900) | {"e": "y"}, "tags": ["z" * 100] * 30}, "body"),
        ([], "body"),
    ],
)
async def test_patch_with_invalid_field_names_it_and_changes_nothing(
    api: CustomersApiFixture, patch: Any, field: str
) -> None:
    """The response is 422 with the name of the field."""
    path = await add_asha(api)
    before = (await api.call("GET", path)).json()
    response = await api.call("PATCH", path, json=patch)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, field)
    assert (await api.call("GET", path)).json() == before


async def test_patch_of_identifying_field_is_refused(api: CustomersApiFixture) -> None:
    """A customer without an external id is identified by the e-mail address; other addresses can change."""
    response = await api.call("POST", "/api/customers", json={"email": "b@example.com", "phone": "+919876543210"})
    path = f"/api/customers/{response.json()['results'][0]['id']}"
    assert (await api.call("PATCH", path, json={"phone": "+919876543211"})).status_code == 200
    refused = await api.call("PATCH", path, json={"email": "c@example.com"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "identity")


async def test_patch_by_viewer_or_of_unknown_customer_is_refused(api: CustomersApiFixture) -> None:
    """A viewer gets 403; a manager gets 404 for an unknown customer."""
    path = await add_asha(api)
    assert (await api.call("PATCH", path, json={}, by="viewer@example.com")).status_code == 403
    assert (await api.call("PATCH", "/api/customers/none", json={})).status_code == 404


async def test_import_with_shared_address_matches_by_external_id(api: CustomersApiFixture) -> None:
    """Family members can share an address; a row without an external id is another customer."""
    email = {"email": "asha@example.com"}
    rows = [email, email | {"external_id": "7"}, email | {"external_id": "8"}, email | {"name": "Asha"}]
    response = (await api.call("POST", "/api/customers", json=rows)).json()
    assert [result["status"] for result in response["results"]] == ["created", "created", "created", "updated"]
    names = {customer["external_id"]: customer["name"] for customer in await api.all_customers()}
    assert names == {None: "Asha", "7": None, "8": None}


async def test_customer_response_contains_activities_and_messages(api: CustomersApiFixture) -> None:
    """Activities and messages are newest first; a message has the text of its last attempt."""
    path = await add_asha(api)
    for number, kind in enumerate(["order", "visit"]):
        amount = {"amount": 5} if kind == "order" else {}
        activity = {"event_id": kind, "type": kind, "at": f"2026-01-0{number + 1}", "external_id": "7"} | amount
        await api.call("POST", "/api/activities", json=activity)
    customer = path.rpartition("/")[2]
    common: dict[str, Any] = {"campaign": "c", "customer": customer}
    claims = [
        common | {"attempt": n, "to": ASHA["email"], "subject": f"Try {n}", "body": "B", "at": NOW} for n in (1, 2)
    ]
    receipts = [
        common | {"message": message, "kind": kind, "at": NOW + timedelta(minutes=minutes), "reason": reason}
        for message, kind, minutes, reason in [
            ("m", "failed", 0, "full"),
            ("m", "retried", 1, None),
            ("m", "sent", 2, None),
            ("n", "skipped", 9, "no consent"),
        ]
    ]
    texts = [Create(path, data) for path, data in zip(["claims/m", "claims/m.2"], claims, strict=True)]
    await api.documents.commit([*texts, *(Create(f"receipts/{n}", receipt) for n, receipt in enumerate(receipts))])
    response = (await api.call("GET", path, by="viewer@example.com")).json()
    assert [(one["type"], one["amount"]) for one in response["activities"]] == [("visit", None), ("order", 5)]
    assert [
        (one["id"], one["subject"], [(each["kind"], each["reason"]) for each in one["history"]])
        for one in response["messages"]
    ] == [
        ("n", None, [("skipped", "no consent")]),
        ("m", "Try 2", [("failed", "full"), ("retried", None), ("sent", None)]),
    ]


async def test_customer_messages_have_campaign_name_state_and_cause(api: CustomersApiFixture) -> None:
    """What a person's time line says about each message, after its last attempt."""
    path = await add_asha(api)
    ids = {"campaign": "ca", "customer": path.rpartition("/")[2], "at": NOW}
    facts: list[dict[str, Any]] = [
        {"message": "m1", "kind": "failed", "reason": "The mailbox is full.", "attempt": 1},
        {"message": "m2", "kind": "failed", "reason": "user unknown", "permanent": True, "attempt": 1},
        {"message": "m3", "kind": "failed", "reason": "full", "attempt": 1},
        {"message": "m3", "kind": "retried", "attempt": 2},
        {"message": "m4", "kind": "skipped", "reason": "no_consent", "campaign": "gone", "attempt": 1},
        {"message": "m5", "kind": "sent", "attempt": 1},
        {"message": "m5", "kind": "opened", "attempt": 1},
        {"message": "m6", "kind": "unknown", "reason": "suppressed after it may have been sent", "attempt": 1},
        {"message": "m7", "kind": "unknown", "reason": "The vendor has forgotten it.", "attempt": 1},
        {"message": "m8", "kind": "unknown", "reason": "The vendor has forgotten it.", "attempt": 1},
        {"message": "m8", "kind": "corrected", "attempt": 2},
        {"message": "m8", "kind": "sent", "attempt": 2},
    ]
    await api.documents.commit([Create(f"receipts/{n}", ids | fact) for n, fact in enumerate(facts)])
    await api.documents.commit([Create("campaigns/ca", {"name": "Diwali"})])
    messages = (await api.call("GET", path, by="viewer@example.com")).json()["messages"]
    assert {one["id"]: (one["campaign_name"], one["state"], one["cause"], one["retryable"]) for one in messages} == {
        "m1": ("Diwali", "failed", "mailbox_full", True),
        "m2": ("Diwali", "failed", "no_mailbox", False),
        "m3": ("Diwali", "pending", None, False),
        "m4": (None, "skipped", "no_consent", False),
        "m5": ("Diwali", "sent", None, False),
        "m6": ("Diwali", "unknown", "suppressed", False),
        "m7": ("Diwali", "unknown", "no_report", False),
        "m8": ("Diwali", "sent", None, False),
    }


async def test_customer_has_each_suppressed_address_with_its_reason(api: CustomersApiFixture) -> None:
    """The badge says since when, why and by whom; an address that is not suppressed has none."""
    path = await add_asha(api)
    assert (await api.call("GET", path)).json()["suppressions"] == []
    await api.call("POST", "/api/suppressions", json={"email": ASHA["email"], "reason": "asked by phone"})
    [found] = (await api.call("GET", path)).json()["suppressions"]
    assert (found["kind"], found["address"], found["reason"]) == ("email", ASHA["email"], "asked by phone")
    assert found["by"] == "admin@example.com"


async def test_suppressions_are_listed_searched_and_counted(api: CustomersApiFixture) -> None:
    """The latest first, in pages; an address is shown if a customer has it, and else found only as a whole."""
    await add_asha(api)
    entries = [{"email": f"s{number}@example.com", "reason": f"r{number}"} for number in range(3)]
    for entry in [*entries, {"email": ASHA["email"]}]:
        await api.call("POST", "/api/suppressions", json=entry)
    first = (await api.call("GET", "/api/suppressions", params={"limit": 3})).json()
    second = (await api.call("GET", "/api/suppressions", params={"limit": 3, "after": first["next"]})).json()
    assert (first["total"], second["next"]) == (4, None)
    reasons = {item["reason"] for item in [*first["items"], *second["items"]]}
    assert reasons == {"r0", "r1", "r2", "by hand"}
    assert {item["address"] for item in [*first["items"], *second["items"]]} == {None, ASHA["email"]}
    for search, expected in [("asha", [ASHA["email"]]), ("S1@example.com", ["s1@example.com"]), ("s1@", [])]:
        found = (await api.call("POST", "/api/suppressions/search", json={"search": search})).json()
        assert [item["address"] for item in found["items"]] == expected
    assert (await api.call("GET", "/api/suppressions", by="viewer@example.com")).status_code == 403


async def test_customers_list_has_the_total_of_filter_and_search(api: CustomersApiFixture) -> None:
    """The same on every page."""
    rows = [{"external_id": f"t{n}", "name": f"Total {n}", "visits": n} for n in range(5)]
    await api.call("POST", "/api/customers", json=rows)
    query = {"search": "total", "filter": "visits > 1", "limit": 2}
    first = (await api.call("POST", "/api/customers/search", json=query)).json()
    second = (await api.call("POST", "/api/customers/search", json=query | {"after": first["next"]})).json()
    assert ([len(page["items"]) for page in (first, second)], first["total"], second["total"]) == ([2, 1], 3, 3)
