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
from tests.support import HASHER


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
        "people": 4,
        "types": {"text": 4},
        "examples": ["x" * 100],
    }
    assert (wallet["field"], wallet["type"], wallet["people"]) == ("attributes.wallet", "number", 4)
    assert (wallet["types"], wallet["examples"]) == ({"number": 3, "text": 1}, ["500", "750"])
