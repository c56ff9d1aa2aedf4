"""From what a person or a program wrote to a rule, or to errors that say where it is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from common.errors import FieldError, Invalid
from common.rules.formatting import write
from common.rules.nodes import DEEPEST, MOST_NODES, OPERATORS, Rule

if TYPE_CHECKING:
    from common.rules.parser import Placed

LONGEST_RULE = 10_000

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)

CODES = {
    "extra_forbidden": "unknown",
    "greater_than_equal": "range",
    "less_than_equal": "range",
    "int_type": "type",
    "model_attributes_type": "type",
    "string_type": "type",
    "tuple_type": "type",
    "union_tag_invalid": "unknown_operator",
    "union_tag_not_found": "missing",
}
KINDS = f'name the kind of node in "op": {", ".join(OPERATORS)}'
MESSAGES = {
    "extra_forbidden": "this does not belong here",
    "missing": "this is missing",
    "model_attributes_type": "a rule is an object",
    "tuple_type": "a group is a list of rules",
    "union_tag_invalid": KINDS,
    "union_tag_not_found": KINDS,
}
"""What pydantic finds wrong, in Herald's words; its own serve where there are none."""

Path = tuple[str | int, ...]


def parse(text: str) -> Rule:
    """Raises `Invalid` whose errors are on the field `text` and name the character."""
    if len(text) > LONGEST_RULE:
        raise _too_long("text")
    if not text.strip():
        raise _refused(FieldError(field="text", code="missing", message="write a rule, or everyone"))
    from common.rules.parser import placed

    tree = placed(text)
    try:
        return check(tree)
    except Invalid as error:
        raise _refused(*(_on_text(one, tree) for one in error.fields)) from None


def check(tree: object) -> Rule:
    """Raises `Invalid` whose errors are on the field `rules`, as a path: `rules.of.0.value`."""
    _measure(tree)
    try:
        rule = RULE.validate_python(tree)
    except ValidationError as error:
        raise _refused(*(_on_tree(one) for one in error.errors(include_url=False, include_input=False))) from None
    if len(write(rule)) > LONGEST_RULE:
        raise _too_long("rules")
    return rule


def _measure(tree: object) -> None:
    """Before anything descends into it: a tree from outside can be as deep as its sender likes."""
    for number, depth in enumerate(_depths(tree), start=1):
        if depth > DEEPEST:
            message = f"groups may be nested {DEEPEST} levels deep"
            raise _refused(FieldError(field="rules", code="too_deep", message=message))
        if number > MOST_NODES:
            message = f"a rule may have {MOST_NODES} parts"
            raise _refused(FieldError(field="rules", code="too_many", message=message))


def _depths(tree: object) -> Iterator[int]:
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield depth
        waiting.extend((part, depth + 1) for part in _parts(node))


def _parts(node: object) -> list[object]:
    """What may be rules in it: a group's, the one that NOT is about, the one that a segment stands for."""
    if not isinstance(node, dict):
        return []
    parts = node.get("of")
    listed = [*parts] if isinstance(parts, list | tuple) else [parts]
    return [part for part in (*listed, node.get("rule")) if part is not None]


def _on_tree(error: ErrorDetails) -> FieldError:
    path = _path(error["loc"])
    field = ".".join(("rules", *map(str, path)))
    return FieldError(field=field, code=_code(error), message=_message(error))


def _path(location: Sequence[str | int]) -> Path:
    """Pydantic's location without the kinds of node it names: each stands where a rule begins."""
    pairs = zip((0, *location), location, strict=False)
    return tuple(step for before, step in pairs if isinstance(step, int) or not _begins_rule(before))


def _begins_rule(before: str | int) -> bool:
    return isinstance(before, int) or before in {"of", "rule"}


def _code(error: ErrorDetails) -> str:
    return CODES.get(error["type"], error["type"])


def _message(error: ErrorDetails) -> str:
    if error["loc"][-1:] == ("days",):
        return "days are a whole number from 1 to 36,500"
    message = MESSAGES.get(error["type"], error["msg"])
    return message[0].lower() + message[1:]


def _on_text(error: FieldError, tree: Placed) -> FieldError:
    place = _place(tree, error.field.split(".")[1:])
    message = f"at character {place}: {error.message}" if place else error.message
    return FieldError(field="text", code=error.code, message=message)


def _place(node: Any, path: Sequence[str]) -> int | None:
    """Where the part of the tree at this path stands in the text, if it stands in one place."""
    for step in path[:-1]:
        node = node[int(step) if isinstance(node, list) else step]
    return node.places.get(path[-1]) if path else None


def _too_long(field: str) -> Invalid:
    message = f"a rule may have {LONGEST_RULE:,} characters"
    return _refused(FieldError(field=field, code="too_long", message=message))


def _refused(*errors: FieldError) -> Invalid:
    return Invalid(f"The rule is not valid: {'; '.join(one.message for one in errors)}.", fields=errors)
