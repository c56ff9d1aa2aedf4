"""The list of customers with the same address, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.test_api_customers import CustomersApiFixture

PHONE = "+919876543210"


@pytest.fixture
async def api() -> CustomersApiFixture:
    return await CustomersApiFixture().add_members("viewer")


async def list_duplicates(api: CustomersApiFixture, **params: Any) -> dict[str, Any]:
    response = await api.call("GET", "/api/customers/duplicates", params=params, by="viewer@example.com")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_duplicates_are_customers_with_the_same_address(api: CustomersApiFixture) -> None:
    """Each address that several customers have is a group of them, the oldest first; all others are in no group."""
    rows = [
        {"external_id": "a", "email": "Shared@example.com", "name": "Asha", "spend": 12.5, "orders": 2},
        {"external_id": "b", "email": "shared@example.com", "phone": PHONE},
        {"external_id": "c", "phone": "098765 43210"},
        {"external_id": "d", "email": "alone@example.com", "phone": "+919876543211"},
        {"external_id": "e"},
        {"external_id": "f"},
    ]
    for row in rows:
        await api.call("POST", "/api/customers", json=row)
    found = await list_duplicates(api)
    assert (found["total"], found["next"]) == (2, None)
    groups = [(one["kind"], one["address"], one["total"]) for one in found["items"]]
    assert groups == [("email", "shared@example.com", 2), ("phone", PHONE, 2)]
    names = [[one["external_id"] for one in group["customers"]] for group in found["items"]]
    assert names == [["a", "b"], ["b", "c"]]
    asha = found["items"][0]["customers"][0]
    assert asha["created_at"] is not None
    assert (asha["name"], asha["spend"], asha["orders"]) == ("Asha", 12.5, 2)
    details = (await api.call("GET", f"/api/customers/{asha['id']}")).json()
    assert details["external_id"] == "a"


async def test_pages_of_duplicates_have_each_group_once(api: CustomersApiFixture) -> None:
    """The pages together are the whole list, and each says how many groups there are."""
    rows = [
        {"external_id": f"{n}", "email": f"{n // 2}@example.com", "phone": f"+9198765432{n // 2:02}"} for n in range(14)
    ]
    await api.call("POST", "/api/customers", json=rows)
    whole = await list_duplicates(api)
    assert len(whole["items"]) == whole["total"] == 14
    pages: list[dict[str, Any]] = [await list_duplicates(api, limit=4)]
    while pages[-1]["next"]:
        pages.append(await list_duplicates(api, limit=4, after=pages[-1]["next"]))
    assert [len(page["items"]) for page in pages] == [4, 4, 4, 2]
    assert [group for page in pages for group in page["items"]] == whole["items"]
    assert {page["total"] for page in pages} == {14}


async def test_large_group_of_duplicates_shows_the_oldest(api: CustomersApiFixture) -> None:
    """An address that stands for "none" may have thousands: the group has their number, and the first 20."""
    rows = [{"external_id": f"{n:02}", "email": "none@example.com"} for n in range(50)]
    await api.call("POST", "/api/customers", json=rows[0])
    await api.call("POST", "/api/customers", json=rows)
    [group] = (await list_duplicates(api))["items"]
    assert (group["total"], len(group["customers"])) == (50, 20)
    assert group["customers"][0]["external_id"] == "00"


async def test_erased_customer_is_no_duplicate(api: CustomersApiFixture) -> None:
    """After an erasure, the other one is alone."""
    answer = await api.call("POST", "/api/customers", json=[{"external_id": n, "phone": PHONE} for n in "ab"])
    await api.call("DELETE", f"/api/customers/{answer.json()['results'][0]['id']}")
    assert await list_duplicates(api) == {"items": [], "next": None, "total": 0}


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "WyJlbWFpbCJd", "WyJ4IiwgIngiXQ", "WyJlbWFpbCIsIDFd"])
async def test_invalid_cursor_of_duplicates_is_named(api: CustomersApiFixture, cursor: str) -> None:
    """A cursor is what a page gave, unchanged."""
    response = await api.call("GET", "/api/customers/duplicates", params={"after": cursor})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "after")
