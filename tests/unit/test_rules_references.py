"""Resolving segments and campaigns by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from common.errors import Invalid
from common.rules import EngagementNode, Rule, parse, to_text, validate
from common.rules.nodes import walk
from common.rules.references import resolve_references
from common.storage.documents import Create
from common.storage.memory import MemoryDocuments

NOW = datetime(2026, 11, 23, tzinfo=UTC)


async def documents_with(*segments: tuple[str, str], campaigns: tuple[str, ...] = ()) -> MemoryDocuments:
    documents = MemoryDocuments()
    for number, (name, text) in enumerate(segments):
        fields = {"name": name, "rules": parse(text).model_dump_json(), "created_at": NOW + timedelta(days=number)}
        await documents.commit([Create(f"segments/s{number}", fields)])
    for number, name in enumerate(campaigns):
        await documents.commit([Create(f"campaigns/c{number}", {"name": name, "created_at": NOW})])
    return documents


async def campaign_ids(documents: MemoryDocuments, text: str) -> tuple[str, ...] | None:
    rule = await resolve_references(documents, parse(text))
    assert isinstance(rule, EngagementNode)
    return rule.campaigns


async def test_resolve_of_nested_segments_adds_their_rules() -> None:
    """Segments inside segments are replaced by their rules."""
    documents = await documents_with(("Big", "spend > 10000"), ("Good", "in segment 'Big' AND NOT visits < 3"))
    rule = await resolve_references(documents, parse("city = 'Pune' OR in segment 'Good'"))
    assert [to_text(one) for one in walk(rule)] == [
        'city = "Pune" OR in segment "Good"',
        'city = "Pune"',
        'in segment "Good"',
        'in segment "Big" AND NOT visits < 3',
        'in segment "Big"',
        "spend > 10000",
        "NOT visits < 3",
        "visits < 3",
    ]
    assert validate(rule.model_dump(mode="json")) == rule


async def test_resolve_of_resolved_rule_uses_present_meaning() -> None:
    """Resolving again uses the present rule of a segment."""
    documents = await documents_with(("Big", "spend > 10000"))
    before = await resolve_references(await documents_with(("Big", "spend > 5")), parse("in segment 'Big'"))
    assert await resolve_references(documents, before) == await resolve_references(documents, parse("in segment 'Big'"))


async def test_resolve_ignores_case_of_names() -> None:
    """Names are found regardless of case."""
    documents = await documents_with(("Big", "spend > 10000"), campaigns=("Diwali",))
    assert await resolve_references(documents, parse("in segment 'BIG' AND opened campaign 'diwali'"))


async def test_resolve_of_campaign_name_adds_all_ids() -> None:
    """A name stands for all campaigns that have it."""
    documents = await documents_with(campaigns=("Diwali", "Holi", "Diwali"))
    assert await campaign_ids(documents, "received campaign 'Diwali'") == ("c0", "c2")
    assert await campaign_ids(documents, "received any campaign") is None


async def test_resolve_without_references_returns_same_rule() -> None:
    """A rule without references is returned unchanged."""
    rule = parse("spend > 3 AND NOT clicked")
    assert await resolve_references(MemoryDocuments(), rule) is rule


async def refusal(documents: MemoryDocuments, rule: Rule, saved_as: str | None = None) -> tuple[str, str, str]:
    with pytest.raises(Invalid) as caught:
        await resolve_references(documents, rule, field="text", saved_as=saved_as)
    [error] = caught.value.fields
    return error.field, error.code, error.message


async def test_resolve_of_segment_cycle_is_refused() -> None:
    """Segments that contain each other are refused, and the error shows the cycle."""
    documents = await documents_with(("A", "in segment 'B'"), ("B", "visits > 1 OR in segment 'C'"), ("C", "everyone"))
    assert await refusal(documents, parse("in segment 'A'"), "C") == (
        "text", "cycle", "segments cannot contain each other: C → A → B → C",
    )  # fmt: skip
    assert await refusal(documents, parse("NOT in segment 'a'"), "A") == (
        "text", "cycle", "segments cannot contain each other: A → a",
    )  # fmt: skip
    assert await resolve_references(documents, parse("in segment 'A' AND in segment 'B'"), saved_as="D")


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("in segment 'Lapsd'", "not_found", "segment “Lapsd” not found: did you mean “Lapsed”?"),
        ("in segment 'xyz'", "not_found", "segment “xyz” not found"),
        ("opened campaign 'Diwal'", "not_found", "campaign “Diwal” not found: did you mean “Diwali”?"),
        ("in segment 'Twice'", "ambiguous", "two segments have the name “Twice”: rename one of them"),
    ],
)
async def test_resolve_of_unknown_or_ambiguous_name_is_refused(text: str, code: str, message: str) -> None:
    """An unknown or ambiguous name is refused, with a suggestion if there is one."""
    twice = [("Twice", "everyone"), ("Twice", "visits > 1")]
    documents = await documents_with(("Lapsed", "everyone"), *twice, campaigns=("Diwali",))
    assert await refusal(documents, parse(text)) == ("text", code, message)


async def test_resolve_of_too_many_or_too_deep_references_is_refused() -> None:
    """The number of references and the depth of the resolved rule are limited."""
    doubling = [(f"S{number}", f"in segment 'S{number - 1}' OR in segment 'S{number - 1}'") for number in range(1, 9)]
    documents = await documents_with(("S0", "visits > 1"), *doubling)
    assert (await refusal(documents, parse("in segment 'S8'")))[1] == "too_many"
    deep = [(f"D{number}", f"in segment 'D{number - 1}'") for number in range(1, 25)]
    documents = await documents_with(("D0", "visits > 1"), *deep)
    with pytest.raises(Invalid, match="nested at most 20 levels deep"):
        await resolve_references(documents, parse("in segment 'D24'"))
