"""Rules as JSON: validation, and errors with their path in the tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from common.errors import FieldError, Invalid
from common.rules import AllOf, AnyOf, Comparison, Everyone, Inactive, parse, validate
from tests.oracle import JSON, trees

BIG_SPENDER = {"op": ">", "field": "spend", "value": 10_000}


def group(op: str, *of: object) -> dict[str, Any]:
    return {"op": op, "of": list(of)}


def test_tree_equals_rule_of_same_text() -> None:
    """A JSON tree and the equivalent text give the same rule."""
    tree = group(
        "or", group("and", BIG_SPENDER, {"op": "<", "field": "visits", "value": 3}), {"op": "inactive", "days": 90}
    )
    assert validate(tree) == parse("spend > 10000 AND visits < 3 OR inactive for 90 days")


@given(trees)
def test_rule_survives_json_round_trip(tree: object) -> None:
    """A rule stored as JSON is the same rule."""
    rule = validate(tree)
    assert validate(rule.model_dump()) == validate(rule.model_dump(mode="json")) == rule


def test_group_of_one_rule_is_unwrapped() -> None:
    """A group with one rule becomes that rule."""
    assert validate(group("and", group("or", {"op": "everyone"}))) == Everyone()
    assert validate(group("or", BIG_SPENDER, group("and", {"op": "inactive", "days": 5}))) == AnyOf(
        of=(Comparison(op=">", field="spend", value=10_000), Inactive(days=5))
    )


def test_rule_is_immutable() -> None:
    """The fields of a rule cannot be assigned."""
    rule = Inactive(days=5)
    with pytest.raises(ValidationError):
        rule.days = 6  # type: ignore[misc]


def test_whole_number_as_float_equals_integer() -> None:
    """10000.0 and 10000 give the same rule."""
    assert validate(BIG_SPENDER | {"value": 10_000.0}) == validate(BIG_SPENDER)
    assert AllOf(of=(validate(BIG_SPENDER),)) == AllOf(of=(validate(BIG_SPENDER | {"value": 10_000.0}),))


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
        (BIG_SPENDER | {"why": 1}, "rules.why", "unknown"),
        ({"op": ">", "field": "spend"}, "rules.value", "missing"),
        ({"op": ">", "value": 3}, "rules.field", "missing"),
        (BIG_SPENDER | {"field": "spnd"}, "rules.field", "unknown_field"),
        (BIG_SPENDER | {"field": "id; DROP TABLE people"}, "rules.field", "unknown_field"),
        (BIG_SPENDER | {"field": 7}, "rules.field", "type"),
        (BIG_SPENDER | {"value": "10000"}, "rules.value", "type"),
        (BIG_SPENDER | {"value": True}, "rules.value", "type"),
        (BIG_SPENDER | {"value": None}, "rules.value", "type"),
        (BIG_SPENDER | {"value": float("nan")}, "rules.value", "too_large"),
        (BIG_SPENDER | {"value": float("-inf")}, "rules.value", "too_large"),
        (BIG_SPENDER | {"value": 10**400}, "rules.value", "too_large"),
        (BIG_SPENDER | {"value": 0.001}, "rules.value", "type"),
        ({"op": "=", "field": "city", "value": "\ud800"}, "rules.value", "type"),
        ({"op": "=", "field": "created_at", "value": "0001-01-01T00:00:00+14:00"}, "rules.value", "type"),
        ({"op": "=", "field": "created_at", "value": "9999-12-31"}, "rules.value", "type"),
        ({"op": "inactive", "days": 0}, "rules.days", "range"),
        ({"op": "inactive", "days": 36_501}, "rules.days", "range"),
        ({"op": "inactive", "days": True}, "rules.days", "type"),
        ({"op": "inactive", "days": "90"}, "rules.days", "type"),
        (group("and"), "rules.of", "empty"),
        ({"op": "or", "of": BIG_SPENDER}, "rules.of", "type"),
        (
            group("or", BIG_SPENDER, group("and", BIG_SPENDER, {"op": "<", "field": "visits", "value": "x"})),
            "rules.of.1.of.1.value",
            "type",
        ),
        (group("or", *[{"op": "everyone"}] * 200), "rules", "too_many"),
        (group("or", *[{"op": "ordered", "value": n} for n in range(11)]), "rules", "too_heavy"),
        (group("or", *[{"op": "received", "days": n + 1} for n in range(11)]), "rules", "too_heavy"),
        (group("or", *[{"op": "is_set", "field": f"attributes.a{n}"} for n in range(74)]), "rules", "too_heavy"),
        (group("or", *[{"op": "=", "field": "name", "value": "x" * 900}] * 12), "rules", "too_long"),
    ],
)
def test_invalid_tree_error_names_path_and_code(tree: object, field: str, code: str) -> None:
    """An error names the path in the tree and a code."""
    with pytest.raises(Invalid) as caught:
        validate(tree)
    assert [(error.field, error.code) for error in caught.value.fields] == [(field, code)]


def test_rule_with_ten_conditions_on_events_is_accepted() -> None:
    """The limit of work leaves room for every rule that somebody would write."""
    events = [{"op": "ordered", "value": n} for n in range(10)]
    assert validate(group("and", group("or", *events[:5]), group("or", *events[5:], BIG_SPENDER)))


def test_extremely_deep_tree_is_refused() -> None:
    """A tree of any depth is refused without a recursion error."""
    tree: object = BIG_SPENDER
    for _ in range(100_000):
        tree = group("and", tree)
    with pytest.raises(Invalid, match="nested at most 20 levels deep"):
        validate(tree)


KEYS = st.sampled_from(["op", "of", "field", "value", "days"])
NODES = st.dictionaries(KEYS, JSON | st.sampled_from(["and", "=", "spend"]))


def refusal(tree: object) -> Sequence[FieldError] | None:
    try:
        validate(tree)
    except Invalid as error:
        return error.fields
    return None


@given(JSON | NODES | st.lists(NODES, max_size=3).map(lambda of: {"op": "or", "of": of}))
def test_any_json_is_a_rule_or_refused_with_error(tree: object) -> None:
    """Any JSON is a rule or is refused with an error."""
    errors = refusal(tree)
    assert errors is None or (errors and all(one.field.startswith("rules") for one in errors))
