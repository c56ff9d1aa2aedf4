"""The list of attributes that customers have, with the types of their values."""

from __future__ import annotations

from typing import Any

import pytest

from common.audience.attribute_types import list_attributes
from common.ids import bucket_of
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.audience_fixture import audience_of
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_company import customers_api
from tests.support import HASHER, customer_id, logged_actions


async def types_of(*values: Any) -> dict[str, int]:
    stored = {
        f"p{number}": {"bucket": bucket_of(f"p{number}"), "version": 1, "attributes": {"x": value}}
        for number, value in enumerate(values)
    }
    return {use.name: use.types for use in await list_attributes(await audience_of(stored))}.get("x", {})  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        (5, "number"),
        (-2.5, "number"),
        ("411001", "text"),
        ("31/01/2026", "text"),
        ("2026-01-31", "date"),
        ("2026-01-31T10:00:00Z", "date"),
        (True, "flag"),
        (["a"], "list"),
        ({"a": 1}, "map"),
    ],
)
async def test_type_of_a_value_is_the_one_that_rules_compare(value: Any, type_: str) -> None:
    """A text of digits is a text."""
    assert await types_of(value) == {type_: 1}


@pytest.mark.parametrize("value", [None, "", [], {}])
async def test_empty_value_is_none(value: Any) -> None:
    """As in rules."""
    assert await types_of(value) == {}


async def test_most_frequent_type_is_first() -> None:
    """It is the type of the attribute."""
    assert [*(await types_of(1, "a", 2, "b", 3)).items()] == [("number", 3), ("text", 2)]


async def test_api_lists_attributes_with_types_people_and_examples() -> None:
    """By name, as rules write them."""
    api = CampaignsApiFixture()
    wallets = (500, "1,234", 750, 500)
    rows = [
        CustomerInput(external_id=str(n), attributes={"wallet": value, "my plan": "x" * 150})
        for n, value in enumerate(wallets)
    ]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)
    plan, wallet = (await api.call("GET", "/api/attributes")).json()["items"]
    assert plan == {
        "name": "my plan",
        "field": 'attributes."my plan"',
        "type": "text",
        "is_chosen": False,
        "people": 4,
        "types": {"text": 4},
        "others": 0,
        "other_examples": [],
        "examples": ["x" * 100],
    }
    assert (wallet["field"], wallet["type"], wallet["people"]) == ("attributes.wallet", "number", 4)
    assert (wallet["types"], wallet["examples"]) == ({"number": 3, "text": 1}, ["500", "750"])


@pytest.fixture
async def wallets() -> CampaignsApiFixture:
    """Three wallets, of which one is a text."""
    api = CampaignsApiFixture()
    rows = [CustomerInput(external_id=str(n), attributes={"my/wallet": one}) for n, one in enumerate((5, "n/a", 7))]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)
    return api


PATH = "/api/attributes/my/wallet"


async def test_change_says_before_how_many_people_do_not_fit(wallets: CampaignsApiFixture) -> None:
    """A dry run has the answer of the change, and writes nothing."""
    answer = (await wallets.call("PUT", f"{PATH}?dry_run=true", json={"type": "text"})).json()
    assert (answer["type"], answer["others"], answer["other_examples"]) == ("text", 2, ["5", "7"])
    [now] = (await wallets.call("GET", "/api/attributes")).json()["items"]
    assert (now["type"], now["is_chosen"], now["others"], now["other_examples"]) == ("number", False, 1, ["n/a"])


async def test_chosen_type_is_shown_and_taken_back(wallets: CampaignsApiFixture) -> None:
    """What GET gives is what PUT takes; null is the type of most values again."""
    changed = await wallets.call("PUT", PATH, json={"type": "text"})
    [listed] = (await wallets.call("GET", "/api/attributes")).json()["items"]
    assert listed == changed.json()
    assert (listed["type"], listed["is_chosen"]) == ("text", True)
    assert (await wallets.call("PUT", PATH, json=listed)).json() == listed
    assert (await wallets.call("PUT", PATH, json={"type": None})).json()["type"] == "number"
    assert len(await logged_actions(wallets.documents, "attribute type changed")) == 2


async def test_stored_values_stay_and_rules_say_whom_they_miss(wallets: CampaignsApiFixture) -> None:
    """The type does not change what a rule finds."""
    await wallets.call("PUT", PATH, json={"type": "text"})
    preview = await wallets.call("POST", "/api/segments/preview", json={"text": 'attributes."my/wallet" > 1'})
    assert preview.json()["count"] == 2
    assert [(note["code"], note["people"]) for note in preview.json()["notes"]] == [("other_kind", 1)]


async def test_files_are_read_as_the_chosen_type(wallets: CampaignsApiFixture) -> None:
    """A cell that does not fit is left out with a warning; an export of Herald goes in again without a change."""
    call = customers_api(wallets)
    await wallets.call("PUT", PATH, json={"type": "text"})
    table = "external_id,my/wallet\n8,12\n"
    await call("POST", "/api/customers", content=table, headers={"Content-Type": "text/csv"})
    got = (await call("GET", f"/api/customers/{customer_id('external_id', '8')}")).json()
    assert got["attributes"] == {"my/wallet": "12"}
    exported = (await call("GET", "/api/customers.csv")).content
    again = await call("POST", "/api/customers", content=exported, headers={"Content-Type": "text/csv"})
    assert (again.json()["unchanged"], again.json()["updated"]) == (4, 0)
    await wallets.call("PUT", PATH, json={"type": "number"})
    table = "external_id,my/wallet\n9,unknown\n"
    answer = await call("POST", "/api/customers", content=table, headers={"Content-Type": "text/csv"})
    [result] = answer.json()["results"]
    assert (result["status"], [one["field"] for one in result["warnings"]]) == ("created", ["attributes.my/wallet"])


async def test_unknown_attribute_and_type_are_refused(wallets: CampaignsApiFixture) -> None:
    """Nobody has it; or it is no type."""
    assert (await wallets.call("PUT", "/api/attributes/nothing", json={"type": "text"})).status_code == 404
    refused = await wallets.call("PUT", PATH, json={"type": "colour"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "option")
