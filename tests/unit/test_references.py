"""Segments within segments, and campaigns by their name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from common.errors import Invalid
from common.rules import Received, Rule, check, parse, write
from common.rules.nodes import walk
from common.rules.references import resolved
from common.storage.documents import Create
from common.storage.memory import MemoryDocuments

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def saved(*segments: tuple[str, str], campaigns: tuple[str, ...] = ()) -> MemoryDocuments:
    documents = MemoryDocuments()
    for number, (name, text) in enumerate(segments):
        fields = {"name": name, "rules": parse(text).model_dump_json(), "created_at": NOW + timedelta(days=number)}
        await documents.commit([Create(f"segments/s{number}", fields)])
    for number, name in enumerate(campaigns):
        await documents.commit([Create(f"campaigns/c{number}", {"name": name, "created_at": NOW})])
    return documents


async def ids(documents: MemoryDocuments, text: str) -> tuple[str, ...] | None:
    rule = await resolved(documents, parse(text))
    assert isinstance(rule, Received)
    return rule.campaigns


async def test_a_segment_stands_for_its_rule_however_deep() -> None:
    documents = await saved(("Big", "spend > 10000"), ("Good", "in segment 'Big' AND NOT visits < 3"))
    rule = await resolved(documents, parse("city = 'Pune' OR in segment 'Good'"))
    assert [write(one) for one in walk(rule)] == [
        'city = "Pune" OR in segment "Good"',
        'city = "Pune"',
        'in segment "Good"',
        'in segment "Big" AND NOT visits < 3',
        'in segment "Big"',
        "spend > 10000",
        "NOT visits < 3",
        "visits < 3",
    ]
    assert check(rule.model_dump(mode="json")) == rule


async def test_it_is_what_it_is_now_whatever_it_was_before() -> None:
    documents = await saved(("Big", "spend > 10000"))
    before = await resolved(await saved(("Big", "spend > 5")), parse("in segment 'Big'"))
    assert await resolved(documents, before) == await resolved(documents, parse("in segment 'Big'"))


async def test_names_are_found_in_any_case() -> None:
    documents = await saved(("Big", "spend > 10000"), campaigns=("Diwali",))
    assert await resolved(documents, parse("in segment 'BIG' AND opened campaign 'diwali'"))


async def test_every_campaign_of_that_name_counts() -> None:
    documents = await saved(campaigns=("Diwali", "Holi", "Diwali"))
    assert await ids(documents, "received campaign 'Diwali'") == ("c0", "c2")
    assert await ids(documents, "received any campaign") is None


async def test_what_refers_to_nothing_costs_nothing() -> None:
    rule = parse("spend > 3 AND NOT clicked")
    assert await resolved(MemoryDocuments(), rule) is rule


async def refusal(documents: MemoryDocuments, rule: Rule, saved_as: str | None = None) -> tuple[str, str, str]:
    with pytest.raises(Invalid) as caught:
        await resolved(documents, rule, field="text", saved_as=saved_as)
    [error] = caught.value.fields
    return error.field, error.code, error.message


async def test_segments_that_contain_each_other_are_refused_by_name() -> None:
    documents = await saved(("A", "in segment 'B'"), ("B", "visits > 1 OR in segment 'C'"), ("C", "everyone"))
    assert await refusal(documents, parse("in segment 'A'"), "C") == (
        "text", "cycle", "segments cannot contain each other: C → A → B → C",
    )  # fmt: skip
    assert await refusal(documents, parse("NOT in segment 'a'"), "A") == (
        "text", "cycle", "segments cannot contain each other: A → a",
    )  # fmt: skip
    assert await resolved(documents, parse("in segment 'A' AND in segment 'B'"), saved_as="D")


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("in segment 'Lapsd'", "not_found", "there is no segment named “Lapsd”: did you mean “Lapsed”?"),
        ("in segment 'xyz'", "not_found", "there is no segment named “xyz”"),
        ("opened campaign 'Diwal'", "not_found", "there is no campaign named “Diwal”: did you mean “Diwali”?"),
        ("in segment 'Twice'", "ambiguous", "there are two segments named “Twice”: give one of them another name"),
    ],
)
async def test_a_name_that_says_nothing_is_refused(text: str, code: str, message: str) -> None:
    twice = [("Twice", "everyone"), ("Twice", "visits > 1")]
    documents = await saved(("Lapsed", "everyone"), *twice, campaigns=("Diwali",))
    assert await refusal(documents, parse(text)) == ("text", code, message)


async def test_a_rule_does_not_grow_without_bounds_through_its_segments() -> None:
    doubling = [(f"S{number}", f"in segment 'S{number - 1}' OR in segment 'S{number - 1}'") for number in range(1, 9)]
    documents = await saved(("S0", "visits > 1"), *doubling)
    assert (await refusal(documents, parse("in segment 'S8'")))[1] == "too_many"
    deep = [(f"D{number}", f"in segment 'D{number - 1}'") for number in range(1, 25)]
    documents = await saved(("D0", "visits > 1"), *deep)
    with pytest.raises(Invalid, match="nested 20 levels deep"):
        await resolved(documents, parse("in segment 'D24'"))
