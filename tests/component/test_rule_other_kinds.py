"""How many people a rule misses because their attribute has another kind than the rule's value."""

from __future__ import annotations

import pytest

from common.audience.other_kinds import count_other_kinds
from common.ids import bucket_of
from common.rules import parse
from tests.audience_fixture import audience_of

VALUES = {
    "number": 500,
    "text": "1,234",
    "flag": True,
    "day": "2026-01-31",
    "list": ["gold", 5],
    "map": {"a": 1},
    "none": None,
    "empty": "",
}


@pytest.mark.parametrize(
    ("text", "kind", "people"),
    [
        ("attributes.x > 400", "number", 5),
        ("attributes.x between 1 and 400", "number", 5),
        ("attributes.x = 'gold'", "text", 4),
        ("attributes.x in ('gold', 'red')", "text", 4),
        ("attributes.x starts with '2026-01-31'", "text", 4),
        ("attributes.x contains 'gold'", "text", 3),
        ("attributes.x = true", "flag", 5),
        ("attributes.x > 2026-01-01", "date", 5),
        ("attributes.x in the last 30 days", "date", 5),
        ("NOT (visits < 3 OR attributes.x > yesterday)", "date", 5),
    ],
)
async def test_rule_misses_people_whose_attribute_has_another_kind(text: str, kind: str, people: int) -> None:
    """A missing or empty attribute is none of another kind; a list fits where the rule looks into it."""
    stored = {
        name: {"bucket": bucket_of(name), "version": 1, "attributes": {"x": value}} for name, value in VALUES.items()
    }
    audience = await audience_of(stored)
    [other] = await count_other_kinds(audience, parse(text))
    assert (other.field, other.kind, other.people) == ("attributes.x", kind, people)


@pytest.mark.parametrize(
    "text", ["attributes.x is set", "attributes.x in (5, 'gold')", "attributes.y = 5", "spend > 5", "everyone"]
)
async def test_rule_that_compares_no_such_attribute_misses_nobody(text: str) -> None:
    """Only attributes have kinds that differ between people."""
    audience = await audience_of({"one": {"bucket": bucket_of("one"), "version": 1, "attributes": {"x": "gold"}}})
    assert await count_other_kinds(audience, parse(text)) == []
