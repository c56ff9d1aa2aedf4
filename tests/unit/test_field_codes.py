"""The codes of field errors: all of them are listed in one place, and pydantic's types are mapped to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from common.catalogue.field_codes import FIELD_CODES, field_code
from common.errors import Invalid
from common.rules import parse
from common.rules.validation import ERROR_CODES

FUNCTIONS = Path(__file__).parents[2] / "functions"
RAISING = {"PydanticCustomError", "rule_error", "_fail", "_missing", "Misfit"}
"""The functions whose first argument is a code, or whose code is a keyword of `FieldError`."""


def codes_in_source() -> Iterator[tuple[str, str]]:
    """Each literal code in the code of all functions, with its file."""
    for path in FUNCTIONS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                arguments = [word.value for word in node.keywords if word.arg == "code" and name == "FieldError"]
                arguments += node.args[:1] if name in RAISING and name != "_missing" else []
                for argument in arguments:
                    if isinstance(argument, ast.Constant):
                        yield str(argument.value), str(path.relative_to(FUNCTIONS))


def test_every_code_in_the_source_is_listed() -> None:
    """A new kind of error needs its entry in `FIELD_CODES`, so that the site can have a text for it."""
    found = set(codes_in_source())
    assert len({code for code, _ in found}) > 30
    assert {item for item in found if item[0] not in FIELD_CODES} == set()


def test_every_listed_code_is_used() -> None:
    """Nobody translates a code that does not occur."""
    mapped = {field_code(error) for error in get_args(ErrorType)} | set(ERROR_CODES.values())
    assert set(FIELD_CODES) - {code for code, _ in codes_in_source()} - mapped == set()


@pytest.mark.parametrize("error_type", get_args(ErrorType))
def test_every_error_of_pydantic_has_a_listed_code(error_type: str) -> None:
    """A client depends on our codes, not on pydantic's."""
    assert field_code(error_type) in FIELD_CODES


@pytest.mark.parametrize(
    ("error_type", "code"),
    [
        ("string_too_long", "too_long"),
        ("int_parsing", "type"),
        ("string_type", "type"),
        ("datetime_from_date_parsing", "date"),
        ("less_than_equal", "range"),
        ("extra_forbidden", "unknown"),
        ("missing", "missing"),
        ("literal_error", "option"),
    ],
)
def test_frequent_errors_have_the_code_that_says_what_to_do(error_type: str, code: str) -> None:
    """Several types of pydantic are one problem for a person."""
    assert field_code(error_type) == code


@pytest.mark.parametrize(
    ("text", "position", "suggestion"),
    [
        ("city = Pune", 8, 'city = "Pune"'),
        ("city = New Delhi AND visits < 3", 8, 'city = "New Delhi" AND visits < 3'),
        ("name = Asha OR city = Pune", 8, 'name = "Asha" OR city = "Pune"'),
        ("city in (Pune, Delhi)", 10, 'city in ("Pune", "Delhi")'),
        ("city = ‘Pune’", 8, "city = 'Pune'"),
        ('city = "Pune', 8, 'city = "Pune"'),
        ("spend == 500 && visits < 3", 14, "spend == 500 AND visits < 3"),
        ("spend > $1,250", 9, None),
        ("city is Pune AND attributes.plan is not gold", 9, 'city is "Pune" AND attributes.plan is not "gold"'),
        ("has tag vip", 9, 'has tag "vip"'),
        ("last_active_at > 3/11/2026", 19, "last_active_at > 2026-11-03"),
        ("spned > 3", 1, "spend > 3"),
        ("spned > 3 AND city = Pune", None, None),
        ("spend > abc", 9, None),
        ("city =", 7, None),
        ('city = "a && b" AND', 20, None),
    ],
)
def test_rule_error_has_position_and_suggestion(text: str, position: int | None, suggestion: str | None) -> None:
    """A suggestion is a valid rule: one click repairs what was typed."""
    with pytest.raises(Invalid) as caught:
        parse(text)
    error = caught.value.fields[0]
    if position:
        assert (error.position, error.suggestion) == (position, suggestion)
    if error.suggestion:
        parse(error.suggestion)
