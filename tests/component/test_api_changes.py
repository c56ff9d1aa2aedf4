"""Changing one customer over HTTP, and their history, on documents in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.storage.documents import Create
from tests.component.test_api_customers import World

ASHA: dict[str, Any] = {"external_id": "7", "email": "asha@example.com", "name": "Asha Rao", "city": "Pune"}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
async def world() -> World:
    return await World().admit("viewer", "manager")


async def added(world: World, **fields: Any) -> str:
    answer = await world.call("POST", "/api/customers", json={**ASHA, **fields})
    return f"/api/customers/{answer.json()['results'][0]['id']}"


async def test_what_is_given_is_changed_and_the_rest_stays(world: World) -> None:
    path = await added(world, attributes={"size": 7, "shop": "Pune"}, consent={"email": True}, tags=["vip"])
    before = (await world.call("GET", path)).json()
    patch = {"name": "Asha R.", "spend": 12.5, "attributes": {"size": 8}, "consent": {"sms": False}}
    after = await world.call("PATCH", path, json=patch, by="manager@example.com")
    assert after.status_code == 200
    expected = patch | {"attributes": {"size": 8, "shop": "Pune"}, "consent": {"email": True, "sms": False}}
    different = {name for name, value in after.json().items() if before[name] != value}
    assert {name: after.json()[name] for name in expected} == expected
    assert different == {*patch, "consents", "updated_at"}
    [listed] = await world.everybody()  # the audience index
    assert (listed["name"], listed["spend"], listed["attributes"]) == ("Asha R.", 12.5, expected["attributes"])


async def test_null_takes_away(world: World) -> None:
    path = await added(world, phone="+919876543210", attributes={"size": 7, "shop": "Pune"})
    after = await world.call("PATCH", path, json={"email": None, "city": None, "attributes": {"size": None}})
    known = after.json()
    assert (known["email"], known["city"], known["phone"]) == (None, None, "+919876543210")
    assert known["attributes"] == {"shop": "Pune"}


async def test_to_change_nothing_writes_nothing(world: World) -> None:
    path = await added(world)
    before = (await world.call("GET", path)).json()["updated_at"]
    patches: list[dict[str, Any]] = [{}, {"name": "Asha Rao"}, {"consent": {}}]
    for patch in patches:
        assert (await world.call("PATCH", path, json=patch)).json()["updated_at"] == before


async def test_a_new_address_that_is_suppressed_marks_the_customer(world: World) -> None:
    path = await added(world)
    await world.call("POST", "/api/suppressions", json={"email": "old@example.com"})
    marks = [(await world.call("PATCH", path, json={"email": f"{one}@example.com"})).json() for one in ("old", "new")]
    assert [one["suppressed"] for one in marks] == [["email"], []]


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"email": "wrong"}, "email"),
        ({"spend": None}, "spend"),
        ({"visits": -1}, "visits"),
        ({"external_id": "8"}, "external_id"),
        ({"attributes": {"a": [[1]]}}, "attributes"),
        ({"attributes": dict.fromkeys("abcd", "x" * 1900) | {"e": "y"}, "tags": ["z" * 100] * 30}, "body"),
        ([], "body"),
    ],
)
async def test_what_cannot_be_is_named_and_nothing_is_changed(world: World, patch: Any, field: str) -> None:
    path = await added(world)
    before = (await world.call("GET", path)).json()
    answer = await world.call("PATCH", path, json=patch)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await world.call("GET", path)).json() == before


async def test_what_a_customer_is_known_by_stays(world: World) -> None:
    answer = await world.call("POST", "/api/customers", json={"email": "b@example.com", "phone": "+919876543210"})
    path = f"/api/customers/{answer.json()['results'][0]['id']}"
    assert (await world.call("PATCH", path, json={"phone": "+919876543211"})).status_code == 200
    refused = await world.call("PATCH", path, json={"email": "c@example.com"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "identity")


async def test_viewers_change_nothing_and_nobody_changes_who_is_not_there(world: World) -> None:
    path = await added(world)
    assert (await world.call("PATCH", path, json={}, by="viewer@example.com")).status_code == 403
    assert (await world.call("PATCH", "/api/customers/none", json={})).status_code == 404


async def test_a_row_is_of_whoever_came_in_with_its_external_id_whatever_the_address(world: World) -> None:
    """A family may share an address; who came in without an id is somebody else."""
    email = {"email": "asha@example.com"}
    rows = [email, email | {"external_id": "7"}, email | {"external_id": "8"}, email | {"name": "Asha"}]
    answer = (await world.call("POST", "/api/customers", json=rows)).json()
    assert [one["status"] for one in answer["results"]] == ["created", "created", "created", "updated"]
    names = {one["external_id"]: one["name"] for one in await world.everybody()}
    assert names == {None: "Asha", "7": None, "8": None}


async def test_one_customer_comes_with_what_they_did_and_what_was_written_to_them(world: World) -> None:
    path = await added(world)
    for number, kind in enumerate(["order", "visit"]):
        amount = {"amount": 5} if kind == "order" else {}
        one = {"event_id": kind, "type": kind, "at": f"2026-01-0{number + 1}", "external_id": "7"} | amount
        await world.call("POST", "/api/activities", json=one)
    customer = path.rpartition("/")[2]
    of_them: dict[str, Any] = {"campaign": "c", "customer": customer}
    claims = [
        of_them | {"attempt": n, "to": ASHA["email"], "subject": f"Try {n}", "body": "B", "at": NOW} for n in (1, 2)
    ]
    receipts = [
        of_them | {"message": message, "kind": kind, "at": NOW + timedelta(minutes=minutes), "reason": reason}
        for message, kind, minutes, reason in [
            ("m", "failed", 0, "full"),
            ("m", "retried", 1, None),
            ("m", "sent", 2, None),
            ("n", "skipped", 9, "no consent"),
        ]
    ]
    texts = [Create(path, data) for path, data in zip(["claims/m", "claims/m.2"], claims, strict=True)]
    await world.documents.commit([*texts, *(Create(f"receipts/{n}", one) for n, one in enumerate(receipts))])
    found = (await world.call("GET", path, by="viewer@example.com")).json()
    assert [(one["type"], one["amount"]) for one in found["activities"]] == [("visit", None), ("order", 5)]
    assert [
        (one["id"], one["subject"], [(each["kind"], each["reason"]) for each in one["history"]])
        for one in found["messages"]
    ] == [
        ("n", None, [("skipped", "no consent")]),
        ("m", "Try 2", [("failed", "full"), ("retried", None), ("sent", None)]),
    ]
