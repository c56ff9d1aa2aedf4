"""Rules as JSON: what is accepted, and that errors name the place in the tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from common.errors import FieldError, Invalid
from common.rules import AllOf, AnyOf, Comparison, Everyone, Inactive, check, parse
from tests.oracle import JSON, trees

BIG = {"op": ">", "field": "spend", "value": 10_000}


def group(op: str, *of: object) -> dict[str, Any]:
    return {"op": op, "of": list(of)}


def test_a_tree_is_the_rule_that_its_text_is() -> None:
    tree = group("or", group("and", BIG, {"op": "<", "field": "visits", "value": 3}), {"op": "inactive", "days": 90})
    assert check(tree) == parse("spend > 10000 AND visits < 3 OR inactive for 90 days")


@settings(deadline=None)
@given(trees)
def test_a_rule_stored_as_json_is_the_same_rule(tree: object) -> None:
    rule = check(tree)
    assert check(rule.model_dump()) == check(rule.model_dump(mode="json")) == rule


def test_a_group_of_one_is_that_one() -> None:
    assert check(group("and", group("or", {"op": "everyone"}))) == Everyone()
    assert check(group("or", BIG, group("and", {"op": "inactive", "days": 5}))) == AnyOf(
        of=(Comparison(op=">", field="spend", value=10_000), Inactive(days=5))
    )


def test_a_rule_cannot_be_changed() -> None:
    rule = Inactive(days=5)
    with pytest.raises(ValidationError):
        rule.days = 6  # type: ignore[misc]


def test_whole_numbers_are_the_same_however_they_were_written() -> None:
    assert check(BIG | {"value": 10_000.0}) == check(BIG)
    assert AllOf(of=(check(BIG),)) == AllOf(of=(check(BIG | {"value": 10_000.0}),))


@pytest.mark.parametrize(
    ("tree", "field", "code"),
    [
        (None, "rules", "type"),
        ([], "rules", "type"),
        ("spend > 3", "rules", "type"),
        ({}, "rules", "missing"),
        ({"op": "xor"}, "rules", "unknown_operator"),
        ({"op": ["and"]}, "rules", "unknown_operator"),
        ({"op": "everyone", "of": []}, "rules.of", "unknown"),
        (BIG | {"why": 1}, "rules.why", "unknown"),
        ({"op": ">", "field": "spend"}, "rules.value", "missing"),
        ({"op": ">", "value": 3}, "rules.field", "missing"),
        (BIG | {"field": "spnd"}, "rules.field", "unknown_field"),
        (BIG | {"field": "id; DROP TABLE people"}, "rules.field", "unknown_field"),
        (BIG | {"field": 7}, "rules.field", "type"),
        (BIG | {"value": "10000"}, "rules.value", "type"),
        (BIG | {"value": True}, "rules.value", "type"),
        (BIG | {"value": None}, "rules.value", "type"),
        (BIG | {"value": float("nan")}, "rules.value", "too_large"),
        (BIG | {"value": float("-inf")}, "rules.value", "too_large"),
        (BIG | {"value": 10**400}, "rules.value", "too_large"),
        (BIG | {"value": 0.001}, "rules.value", "type"),
        ({"op": "=", "field": "city", "value": "\ud800"}, "rules.value", "type"),
        ({"op": "=", "field": "created_at", "value": "0001-01-01T00:00:00+14:00"}, "rules.value", "type"),
        ({"op": "=", "field": "created_at", "value": "9999-12-31"}, "rules.value", "type"),
        ({"op": "inactive", "days": 0}, "rules.days", "range"),
        ({"op": "inactive", "days": 36_501}, "rules.days", "range"),
        ({"op": "inactive", "days": True}, "rules.days", "type"),
        ({"op": "inactive", "days": "90"}, "rules.days", "type"),
        (group("and"), "rules.of", "empty"),
        ({"op": "or", "of": BIG}, "rules.of", "type"),
        (
            group("or", BIG, group("and", BIG, {"op": "<", "field": "visits", "value": "x"})),
            "rules.of.1.of.1.value",
            "type",
        ),
        (group("or", *[{"op": "everyone"}] * 200), "rules", "too_many"),
        (group("or", *[{"op": "=", "field": "name", "value": "x" * 900}] * 12), "rules", "too_long"),
    ],
)
def test_an_error_names_its_place(tree: object, field: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(tree)
    assert [(error.field, error.code) for error in caught.value.fields] == [(field, code)]


def test_a_tree_as_deep_as_its_sender_likes_is_refused() -> None:
    tree: object = BIG
    for _ in range(100_000):
        tree = group("and", tree)
    with pytest.raises(Invalid, match="nested 20 levels deep"):
        check(tree)


KEYS = st.sampled_from(["op", "of", "field", "value", "days"])
NODES = st.dictionaries(KEYS, JSON | st.sampled_from(["and", "=", "spend"]))


def refusal(tree: object) -> Sequence[FieldError] | None:
    try:
        check(tree)
    except Invalid as error:
        return error.fields
    return None


@settings(deadline=None)
@given(JSON | NODES | st.lists(NODES, max_size=3).map(lambda of: {"op": "or", "of": of}))
def test_any_json_is_a_rule_or_refused_with_a_reason(tree: object) -> None:
    errors = refusal(tree)
    assert errors is None or (errors and all(one.field.startswith("rules") for one in errors))
