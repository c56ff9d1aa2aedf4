"""Attributes whose values have another kind than the one that a rule compares them with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from common.audience.reader import Audience
from common.rules import nodes
from common.rules.dates import Value
from common.rules.fields import field_named
from common.rules.nodes import Rule, value_kind, walk
from common.rules.sql import Condition, compose, json_macro

ValueKind = Literal["flag", "number", "date", "text"]
MAX_COUNTED = 20
"""Attributes of one rule whose values are looked at."""

KIND_TESTS: dict[ValueKind, str] = {
    "flag": "({flag_at} IS NOT NULL)",
    "number": "{is_number_at}",
    "text": "{is_text_at}",
    "date": "({instant_at} IS NOT NULL OR {local_at} IS NOT NULL)",
}
MACROS = ("flag_at", "is_number_at", "is_text_at", "instant_at", "local_at", "is_set_at", "members_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherKind:
    """How many people have a value that the rule's conditions on this attribute cannot match."""

    field: str
    kind: ValueKind  # with which the rule compares
    people: int


async def count_other_kinds(audience: Audience, rule: Rule) -> list[OtherKind]:
    """For each attribute that the rule compares, how many people have it as another kind; only where there are some."""
    compared = list(dict.fromkeys(pair for node in walk(rule) for pair in _compared(node)))[:MAX_COUNTED]
    if not compared:
        return []
    tests = [_other_kind(field, kind, in_list=in_list) for field, kind, in_list in compared]
    sql = ", ".join(f"count(*) FILTER (WHERE {test.sql})" for test in tests)
    [counts] = await audience.select(
        f"SELECT {sql} FROM customers", [value for test in tests for value in test.parameters]
    )
    pairs = zip(compared, counts, strict=True)
    return [OtherKind(field=field, kind=kind, people=people) for (field, kind, _), people in pairs if people]


def _compared(node: Rule) -> Iterator[tuple[str, ValueKind, bool]]:
    """The attributes of one node, the kind of the value, and whether a list with the value matches too."""
    if not isinstance(node, nodes.FieldNode) or not node.field.startswith("attributes."):
        return
    kinds = set(map(_kind_of, _values(node)))
    for kind in kinds if len(kinds) == 1 else ():  # a list of several kinds looks for each of them
        is_contained = isinstance(node, nodes.Contains | nodes.TextEdgeNode) and kind == "date"
        yield node.field, "text" if is_contained else kind, isinstance(node, nodes.Contains)
    if isinstance(node, nodes.RelativeDateNode):
        yield node.field, "date", False


def _kind_of(value: Value) -> ValueKind:
    return value_kind(value)


def _values(node: nodes.FieldNode) -> tuple[Value, ...]:
    match node:
        case nodes.Comparison(value=value) | nodes.Contains(value=value) | nodes.TextEdgeNode(value=value):
            return (value,)
        case nodes.Between(low=low):
            return (low,)
        case nodes.In(values=values):
            return values
    return ()


def _other_kind(name: str, kind: ValueKind, *, in_list: bool) -> Condition:
    """The attribute has a value, and it is of another kind; with `in_list`, a list is none."""
    field = field_named(name)
    parts = {macro: json_macro(macro, field) for macro in MACROS}
    fitting = KIND_TESTS[kind] + (" OR {members_at} IS NOT NULL" if in_list else "")
    return compose(f"{{is_set_at}} AND NOT coalesce({fitting}, false)", **parts)
