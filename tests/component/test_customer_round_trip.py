"""What the API gives of a customer goes in again: PUT takes what GET gives; ids are numbers or texts; null clears."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.composition import CustomersSettings, compose
from tests.support import SETTINGS, ApiClient, IdCheckingStore, examples, identity_from_token

FULL = {
    "external_id": "7",
    "email": "asha@example.com",
    "phone": "+919812345678",
    "name": "Asha Rao",
    "city": "Pune",
    "company": "Rao & Co",
    "timezone": "Asia/Kolkata",
    "spend": 12.5,
    "visits": 3,
    "orders": 2,
    "active_days": 2,
    "last_active_at": "2026-01-02T00:00:00Z",
    "first_order_at": "2025-01-02T00:00:00Z",
    "created_at": "2020-05-01T00:00:00Z",
    "tags": ["vip", "a, b"],
    "attributes": {"plan": "gold", "n": 5, "flag": True, "list": [1, "x"], "map": {"a": None}},
    "consent": {"email": True, "sms": False},
}


class Herald:
    """The customers function in memory."""

    def __init__(self) -> None:
        self.documents = IdCheckingStore()
        function = compose(
            documents=self.documents,
            publisher=MemoryPublisher(),
            open_access=MemoryDocuments,
            verify_id_token=identity_from_token,
            settings=CustomersSettings(SETTINGS),
        )
        self.call = ApiClient(function.app)

    async def add(self, **fields: Any) -> str:
        [result] = (await self.call("POST", "/api/customers", json=fields)).json()["results"]
        assert not result["errors"], result
        return str(result["id"])

    async def get(self, id_: str) -> Any:
        return (await self.call("GET", f"/api/customers/{id_}")).json()

    async def put(self, id_: str, body: Any) -> Any:
        response = await self.call("PUT", f"/api/customers/{id_}", json=body)
        assert response.status_code == 200, response.text
        return await self.get(id_)


async def test_put_of_what_get_gives_changes_nothing() -> None:
    """Not even the version or a consent's time."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    got = await herald.get(id_)
    assert await herald.put(id_, got) == got
    assert (got["created_at"], got["consent"]) == (FULL["created_at"], FULL["consent"])


TEXT = st.text("abc é,'", min_size=1, max_size=5).map(str.strip).filter(bool)
VALUES = st.integers(-9, 9) | st.booleans() | TEXT | st.floats(-5, 5) | st.lists(TEXT, max_size=2)
CUSTOMERS = st.fixed_dictionaries(
    {"external_id": st.integers(1, 99) | st.just("x")},
    optional={
        "name": TEXT | st.none(),
        "email": st.sampled_from(["a@example.com", None]),
        "spend": st.integers(0, 9_999).map(lambda minor: minor / 100) | st.none(),
        "visits": st.integers(0, 9) | st.none(),
        "tags": st.lists(TEXT, max_size=3, unique=True) | st.none(),
        "attributes": st.dictionaries(TEXT, VALUES, max_size=3) | st.none(),
        "consent": st.dictionaries(st.sampled_from(["email", "sms"]), st.booleans()) | st.none(),
        "created_at": st.sampled_from(["2020-01-01", None]),
    },
)


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow])
@given(CUSTOMERS)
def test_put_of_any_customer_that_get_gives_changes_nothing(fields: dict[str, Any]) -> None:
    """Whatever their fields are."""

    async def round_trip() -> None:
        herald = Herald()
        id_ = await herald.add(**fields)
        got = await herald.get(id_)
        assert await herald.put(id_, got) == got

    asyncio.run(round_trip())


async def test_put_clears_what_is_not_given() -> None:
    """Attributes are replaced as a whole; consents and the time at which the customer was first known stay."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    after = await herald.put(id_, {"external_id": "7", "email": FULL["email"], "attributes": {"plan": "red"}})
    assert (after["name"], after["phone"], after["spend"], after["tags"]) == (None, None, 0, [])
    assert after["attributes"] == {"plan": "red"}
    assert (after["consent"], after["created_at"]) == (FULL["consent"], FULL["created_at"])


async def test_put_records_a_changed_consent_as_said_now() -> None:
    """Only of the channel that changed."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    got = await herald.get(id_)
    after = await herald.put(id_, got | {"consent": {"email": False, "sms": False}})
    assert after["consent"] == {"email": False, "sms": False}
    assert after["consents"]["sms"] == got["consents"]["sms"]
    assert after["consents"]["email"]["at"] is not None


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"external_id": "8"}, "external_id", "identity"),
        ({"external_id": None}, "external_id", "identity"),
        ({"colour": "red"}, "colour", "unknown"),
        ({"created_at": "2999-01-01"}, "created_at", "date"),
    ],
)
async def test_put_of_what_is_no_customer_is_refused(change: dict[str, Any], field: str, code: str) -> None:
    """A misspelled field is not dropped, and what identifies a customer does not change."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    response = await herald.call("PUT", f"/api/customers/{id_}", json=await herald.get(id_) | change)
    [error] = response.json()["errors"]
    assert (response.status_code, error["field"], error["code"]) == (422, field, code)


async def test_ids_and_phones_may_be_numbers() -> None:
    """Programs send them so; they are the same as the texts."""
    herald = Herald()
    id_ = await herald.add(external_id=7, phone=9812345678)
    assert await herald.add(external_id="7") == id_
    got = await herald.get(id_)
    assert (got["external_id"], got["phone"]) == ("7", "+919812345678")
    order = {"event_id": 12, "type": "visit", "at": "2026-01-01", "external_id": 7}
    [counted] = (await herald.call("POST", "/api/activities", json=order)).json()["results"]
    assert (counted["status"], counted["id"]) == ("counted", id_)
    [again] = (await herald.call("POST", "/api/activities", json=order | {"event_id": "12"})).json()["results"]
    assert again["status"] == "duplicate"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_null_clears_every_field(method: str) -> None:
    """In both ways of changing a customer; a null consent says nothing."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    cleared = dict.fromkeys(FULL.keys() - {"external_id"})
    if method == "POST":
        await herald.add(**cleared, external_id="7")
    else:
        response = await herald.call("PATCH", f"/api/customers/{id_}", json=cleared)
        assert response.status_code == 200, response.text
    after = await herald.get(id_)
    kept = {"external_id", "consent", "created_at"}
    assert {name: after[name] for name in kept} == {name: FULL[name] for name in kept}
    empty = {"spend": 0, "visits": 0, "orders": 0, "active_days": 0, "tags": [], "attributes": {}}
    assert {name: after[name] for name in FULL.keys() - kept} == dict.fromkeys(FULL.keys() - kept) | empty


async def test_null_removes_one_attribute_also_in_a_list_of_customers() -> None:
    """As in a change of one customer."""
    herald = Herald()
    id_ = await herald.add(**FULL)
    await herald.add(external_id="7", attributes={"plan": None, "new": 1})
    assert (await herald.get(id_))["attributes"].keys() == {"n", "flag", "list", "map", "new"}


async def test_earliest_time_at_which_a_customer_was_known_is_kept() -> None:
    """A migrated list does not make everybody new, and a later one changes nothing."""
    herald = Herald()
    id_ = await herald.add(external_id="7")
    for given_time, expected in [("2021-01-01", "2021"), ("2020-01-01", "2020"), ("2022-01-01", "2020")]:
        await herald.add(external_id="7", created_at=given_time + "T00:00:00Z")
        assert (await herald.get(id_))["created_at"].startswith(expected)
