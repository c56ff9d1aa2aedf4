"""Rules that leave out people who were never active, and the rules that include them."""

from __future__ import annotations

import pytest
from hypothesis import given

from common.rules import parse, to_text, validate
from common.rules.never_active import with_never_active
from tests.oracle import NOW, customers, matches, resolved_trees


@pytest.mark.parametrize(
    ("text", "wider"),
    [
        ("inactive for 90 days", "inactive for 90 days OR last_active_at is missing"),
        (
            "visits < 3 AND inactive for 90 days",
            "visits < 3 AND (inactive for 90 days OR last_active_at is missing)",
        ),
        (
            "visits < 3 OR inactive for 90 days OR inactive for 5 days",
            "visits < 3 OR inactive for 90 days OR inactive for 5 days OR last_active_at is missing",
        ),
        ("inactive for 90 days OR last_active_at is missing", "inactive for 90 days OR last_active_at is missing"),
        ("NOT inactive for 90 days", "NOT inactive for 90 days"),
        ("active within 90 days", "active within 90 days"),
    ],
)
def test_rule_includes_people_who_were_never_active(text: str, wider: str) -> None:
    """Beside each condition that leaves them out."""
    assert to_text(with_never_active(parse(text))) == wider


@given(resolved_trees, customers())
def test_wider_rule_adds_only_people_who_were_never_active(tree: object, people: dict[str, dict[str, object]]) -> None:
    """For any rule."""
    rule = validate(tree)
    for person in people.values():
        before, after = (matches(one, person, NOW) for one in (rule, with_never_active(rule)))
        assert before == after or (after and person.get("last_active_at") is None)
