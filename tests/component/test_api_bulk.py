"""Changes of many customers at once, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from common.addresses.address import Address
from common.addresses.holders import suppression_writes
from common.storage.documents import Query
from customers.routes import bulk
from tests.component.test_api_customers import CustomersApiFixture
from tests.support import AT, HASHER

TAGS = "/api/customers/bulk/tags"
SUPPRESS = "/api/customers/bulk/suppress"


@pytest.fixture
async def api() -> CustomersApiFixture:
    return await CustomersApiFixture().add_members("viewer", "manager")


async def add(api: CustomersApiFixture, *rows: dict[str, Any]) -> list[str]:
    answer = (await api.call("POST", "/api/customers", json=list(rows))).json()
    return [row["id"] for row in answer["results"]]


async def change(api: CustomersApiFixture, path: str, **body: Any) -> dict[str, Any]:
    response = await api.call("POST", path, json=body, by="manager@example.com")
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def get(api: CustomersApiFixture, id_: str) -> dict[str, Any]:
    customer: dict[str, Any] = (await api.call("GET", f"/api/customers/{id_}")).json()
    return customer


def people(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"external_id": f"p{index}", "email": f"p{index}@example.com", **fields} for index in range(number)]


async def test_tags_are_added_and_removed_for_ids(api: CustomersApiFixture) -> None:
    """Whoever has the tag in another case keeps it; the answer says who is different now, and who is gone."""
    asha, ben, cleo = await add(
        api,
        {"external_id": "a", "tags": ["new", "Gold"]},
        {"external_id": "b", "tags": ["NEW"]},
        {"external_id": "c", "tags": ["gold"]},
    )
    gone = "0" * 32
    answer = await change(api, TAGS, ids=[asha, ben, cleo, gone, asha], add=["gold"], remove=["new"])
    assert (sorted(answer["changed"]), answer["unchanged"], answer["missing"]) == (sorted([asha, ben]), 1, 1)
    assert [(await get(api, id_))["tags"] for id_ in (asha, ben, cleo)] == [["Gold"], ["gold"], ["gold"]]
    again = await change(api, TAGS, ids=[asha, ben, cleo], add=["gold"], remove=["new"])
    assert (again["changed"], again["unchanged"]) == ([], 3)


async def test_all_who_match_are_changed_once_part_by_part(
    api: CustomersApiFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who got the tag do not match any more, and the next part still begins where the last one ended."""
    monkeypatch.setattr(bulk, "MAX_PART", 3)
    await add(api, *people(10, city="Pune"), {"external_id": "other", "city": "Delhi"})
    wanted = {"filter": 'city = "Pune" AND NOT has tag "vip"', "add": ["vip"]}
    parts = [await change(api, TAGS, **wanted)]
    while parts[-1]["next"]:
        parts.append(await change(api, TAGS, **wanted, after=parts[-1]["next"]))
    changed = [id_ for part in parts for id_ in part["changed"]]
    assert (len(parts), len(changed), len(set(changed)), parts[0]["total"]) == (4, 10, 10, 10)
    listed = await api.call("POST", "/api/customers/search", json={"filter": 'has tag "vip"', "limit": 50})
    assert {row["city"] for row in listed.json()["items"]} == {"Pune"}
    assert listed.json()["total"] == 10


async def test_search_and_everybody_choose_customers(api: CustomersApiFixture) -> None:
    """A search without a filter finds by name; everybody has to be asked for."""
    await add(api, *people(4, name="Asha"), {"external_id": "x", "name": "Ben"})
    assert len((await change(api, TAGS, search="asha", add=["a"]))["changed"]) == 4
    assert len((await change(api, TAGS, everybody=True, add=["all"]))["changed"]) == 5


async def test_merged_customer_stands_for_both(api: CustomersApiFixture) -> None:
    """Two ids of one person change this person once."""
    keep, merged = await add(api, {"external_id": "a"}, {"external_id": "b"})
    await api.call("POST", "/api/customers/merge", json={"keep": keep, "merge": merged, "confirm": True})
    answer = await change(api, TAGS, ids=[keep, merged], add=["vip"])
    assert answer["changed"] == [keep]
    assert (await get(api, keep))["tags"] == ["vip"]


async def test_addresses_are_suppressed_on_all_channels(api: CustomersApiFixture) -> None:
    """Also for others who have the address; who is suppressed already keeps the reason."""
    first, second, shared, none = await add(
        api,
        {"external_id": "a", "email": "a@example.com", "phone": "+919876543210"},
        {"external_id": "b", "email": "b@example.com"},
        {"external_id": "c", "email": "a@example.com"},
        {"external_id": "d"},
    )
    await api.call("POST", "/api/suppressions", json={"email": "b@example.com", "reason": "earlier"})
    answer = await change(api, SUPPRESS, ids=[first, second, none], reason="asked us")
    assert (answer["changed"], answer["unchanged"]) == ([first], 2)
    assert [(await get(api, id_))["suppressed"] for id_ in (first, second, shared)] == [
        ["email", "sms", "whatsapp"],
        ["email"],
        ["email"],
    ]
    reasons = [one["reason"] for id_ in (first, second) for one in (await get(api, id_))["suppressions"]]
    assert sorted(reasons) == ["asked us", "asked us", "earlier"]
    assert (await change(api, SUPPRESS, ids=[first]))["changed"] == []


async def test_channel_that_is_suppressed_already_keeps_its_reason(api: CustomersApiFixture) -> None:
    """Somebody who answered STOP to an SMS has said so, whatever is suppressed by hand later."""
    phone = Address(kind="phone", value="+919876543210")
    [asha] = await add(api, {"external_id": "a", "phone": phone.value})
    stop = {phone: ("stop", ("sms",))}
    await api.documents.commit(await suppression_writes(api.documents, HASHER, stop, by="vendor", now=AT))
    assert (await change(api, SUPPRESS, ids=[asha], reason="by hand"))["changed"] == [asha]
    stored = (await api.documents.get(HASHER.path(phone)))["suppressions"]
    assert {channel: one["reason"] for channel, one in stored.items()} == {"sms": "stop", "whatsapp": "by hand"}


@pytest.mark.parametrize("path", [SUPPRESS, "/api/suppressions"])
async def test_address_of_very_many_customers_is_suppressed(api: CustomersApiFixture, path: str) -> None:
    """They do not fit into one commit. Everybody has the flag afterwards."""
    rows = [{"external_id": f"p{number}", "email": "club@example.com"} for number in range(600)]
    ids = await add(api, *rows[:300]) + await add(api, *rows[300:])
    body = {"ids": ids[:1]} if path == SUPPRESS else {"email": "club@example.com"}
    response = await api.call("POST", path, json=body)
    assert response.status_code < 300, response.text
    assert {tuple(one["suppressed"]) for one in await api.all_customers()} == {("email",)}


async def test_tags_that_differ_in_case_only_are_added_once(api: CustomersApiFixture) -> None:
    """The first spelling of the request counts."""
    [asha] = await add(api, {"external_id": "a", "tags": ["x"]})
    await change(api, TAGS, ids=[asha], add=["Vip", "VIP", "new", "vip"])
    assert (await get(api, asha))["tags"] == ["x", "Vip", "new"]


async def test_many_customers_are_suppressed_in_several_commits(api: CustomersApiFixture) -> None:
    """Each commit has an entry in the audit log; together they have the numbers of the answer."""
    await add(api, *people(40))
    answer = await change(api, SUPPRESS, everybody=True)
    entries = [entry.data or {} for entry in await api.documents.query(Query(collection="audit_outbox"))]
    logged = [entry for entry in entries if entry["what"] == "addresses suppressed"]
    assert len(answer["changed"]) == sum(entry["customers"] for entry in logged) == 40
    assert (len(logged), {entry["by"] for entry in logged}) == (3, {"manager@example.com"})


async def test_tagging_is_in_the_audit_log_without_personal_data(api: CustomersApiFixture) -> None:
    """The entry has the tags and the number; nothing is logged where nothing changes."""
    ids = await add(api, *people(3, name="Asha Rao"))
    await change(api, TAGS, ids=ids, add=["vip"])
    await change(api, TAGS, ids=ids, add=["vip"])
    entries = [entry.data or {} for entry in await api.documents.query(Query(collection="audit_outbox"))]
    [entry] = [entry for entry in entries if entry["what"] == "customers tagged"]
    assert (entry["customers"], entry["added"], entry["removed"]) == (3, ["vip"], [])
    assert not [value for value in (*ids, "Asha", "p0@") if value in str(entry)]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (TAGS, {"add": ["vip"]}, "one_of"),
        (TAGS, {"add": ["vip"], "everybody": True, "search": "asha"}, "one_of"),
        (TAGS, {"add": ["vip"], "ids": ["0" * 32], "filter": "spend > 1"}, "one_of"),
        (TAGS, {"everybody": True}, "missing"),
        (TAGS, {"everybody": True, "add": [" "]}, "too_short"),
        (TAGS, {"ids": ["x"], "add": ["vip"]}, "invalid"),
        (TAGS, {"filter": "spend >", "add": ["vip"]}, "syntax"),
        (SUPPRESS, {}, "one_of"),
    ],
)
async def test_request_without_a_clear_choice_is_refused(
    api: CustomersApiFixture, path: str, body: dict[str, Any], code: str
) -> None:
    """Nobody is changed by what may be a mistake: an empty filter is not everybody."""
    [id_] = await add(api, {"external_id": "a", "email": "a@example.com"})
    response = await api.call("POST", path, json=body)
    assert response.status_code == 422
    assert [error["code"] for error in response.json()["errors"]] == [code]
    customer = await get(api, id_)
    assert (customer["tags"], customer["suppressed"]) == ([], [])


async def test_viewer_changes_nobody(api: CustomersApiFixture) -> None:
    """Both need the rights of a manager."""
    for path in (TAGS, SUPPRESS):
        body = {"everybody": True, "add": ["x"]} if path == TAGS else {"everybody": True}
        assert (await api.call("POST", path, json=body, by="viewer@example.com")).status_code == 403


async def test_no_of_an_address_of_very_many_customers_is_not_lost(api: CustomersApiFixture) -> None:
    """Their flags do not fit into the commit of a receipt; so the address is remembered while it is suppressed."""
    rows = [{"external_id": f"p{number}", "email": "club@example.com"} for number in range(600)]
    await add(api, *rows[:300])
    await add(api, *rows[300:])
    address = Address(kind="email", value="club@example.com")
    no = {address: ("unsubscribed", ("email",))}
    await api.documents.commit(await suppression_writes(api.documents, HASHER, no, by="vendor", now=AT))
    stored = await api.documents.get(HASHER.path(address))
    assert (stored["suppressed"], stored["unflagged"]) == (True, True)
