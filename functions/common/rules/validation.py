"""Parsing and validation: from text or JSON to a rule, or to errors that name the position and the fix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from common.catalogue.field_codes import field_code
from common.errors import FieldError, Invalid
from common.rules.formatting import to_text
from common.rules.nodes import MAX_DEPTH, MAX_NODES, MAX_WEIGHT, NODE_OPS, Rule, weight_of
from common.rules.suggestions import FindError, suggest, with_field

if TYPE_CHECKING:
    from common.rules.parser import LocatedNode

MAX_RULE_LENGTH = 10_000
NEAREST_FIELD = re.compile(r"did you mean (\w+)\?")

RULE_ADAPTER: TypeAdapter[Rule] = TypeAdapter(Rule)

ERROR_CODES = {
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
OP_MESSAGE = f'name the kind of node in "op": {", ".join(NODE_OPS)}'
ERROR_MESSAGES = {
    "extra_forbidden": "this key is not allowed here",
    "missing": "this is missing",
    "model_attributes_type": "a rule must be an object",
    "tuple_type": "a group must be a list of rules",
    "union_tag_invalid": OP_MESSAGE,
    "union_tag_not_found": OP_MESSAGE,
}
"""Messages by pydantic's error type. For other types, pydantic's own message is used."""

TOO_HEAVY = "a rule may have at most 10 conditions on orders, visits and messages, or about 70 on attributes"

Path = tuple[str | int, ...]


def parse(text: str, currency: str = "INR") -> Rule:
    """The rule that the text says. Raises `Invalid`; its errors are on the field `text` and name the character.

    Amounts are in `currency`, the deployment's; an amount that is written with another one is an error.
    """
    if len(text) > MAX_RULE_LENGTH:
        raise _too_long("text")
    if not text.strip():
        raise _invalid(
            FieldError(field="text", code="missing", message="write a rule, or everyone to match all customers")
        )
    try:
        return _parse_once(text, currency)
    except Invalid as invalid:
        suggestion = _suggest(text, invalid.fields[0], partial(_find_error, currency=currency))
        raise Invalid(str(invalid), fields=[replace(one, suggestion=suggestion) for one in invalid.fields]) from None


def _suggest(text: str, error: FieldError, find_error: FindError) -> str | None:
    """A valid rule that may be meant, or None. The message for an unknown field names the field that is most alike."""
    nearest = NEAREST_FIELD.search(error.message) if error.code == "unknown_field" else None
    if not nearest or not error.position:
        return suggest(text, find_error)
    corrected = with_field(text, error.position, nearest.group(1))
    return corrected if find_error(corrected) is None else suggest(corrected, find_error)


def _parse_once(text: str, currency: str) -> Rule:
    from common.rules.parser import parse_tree

    tree = parse_tree(text, currency)
    try:
        return validate(tree)
    except Invalid as invalid:
        raise _invalid(*(_text_error(error, tree) for error in invalid.fields)) from None


def _find_error(text: str, currency: str) -> int | None:
    """The character, from 1, of the first error; 0 if it has no position, None if there is no error."""
    try:
        _parse_once(text, currency)
    except Invalid as invalid:
        return invalid.fields[0].position or 0
    return None


def validate(tree: object) -> Rule:
    """The rule of a JSON tree. Raises `Invalid`; its errors are on a path below `rules`, like `rules.of.0.value`."""
    _check_size(tree)
    try:
        rule = RULE_ADAPTER.validate_python(tree)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        raise _invalid(*(_tree_error(error) for error in errors)) from None
    if len(to_text(rule)) > MAX_RULE_LENGTH:
        raise _too_long("rules")
    return rule


def _check_size(tree: object) -> None:
    """Limits depth, size and work before any recursion, because a client can send a tree of any depth."""
    weight = 0
    for number, (node, depth) in enumerate(_walk(tree), start=1):
        if depth > MAX_DEPTH:
            message = f"groups may be nested at most {MAX_DEPTH} levels deep"
            raise _invalid(FieldError(field="rules", code="too_deep", message=message))
        if number > MAX_NODES:
            message = f"a rule may have at most {MAX_NODES} parts"
            raise _invalid(FieldError(field="rules", code="too_many", message=message))
        if isinstance(node, dict):
            weight += weight_of(node.get("op"), node.get("field"))
        if weight > MAX_WEIGHT:
            raise _invalid(FieldError(field="rules", code="too_heavy", message=TOO_HEAVY))


def _walk(tree: object) -> Iterator[tuple[object, int]]:
    """Yield each node with its depth."""
    pending = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        yield node, depth
        pending.extend((child, depth + 1) for child in _child_nodes(node))


def _child_nodes(node: object) -> list[object]:
    """The values of a node that should be rules: those in `of` (of a group or NOT), and the rule of a segment."""
    if not isinstance(node, dict):
        return []
    of = node.get("of")
    listed = [*of] if isinstance(of, list | tuple) else [of]
    return [child for child in (*listed, node.get("rule")) if child is not None]


def _tree_error(error: ErrorDetails) -> FieldError:
    path = _path(error["loc"])
    field = ".".join(("rules", *map(str, path)))
    return FieldError(field=field, code=_code(error), message=_message(error))


def _path(location: Sequence[str | int]) -> Path:
    """Pydantic's location without the node kinds that it inserts where a rule begins."""
    pairs = zip((0, *location), location, strict=False)
    return tuple(step for before, step in pairs if isinstance(step, int) or not _is_before_rule(before))


def _is_before_rule(before: str | int) -> bool:
    return isinstance(before, int) or before in {"of", "rule"}


def _code(error: ErrorDetails) -> str:
    return ERROR_CODES.get(error["type"], field_code(error["type"]))


def _message(error: ErrorDetails) -> str:
    if error["loc"][-1:] == ("days",):
        return "days must be a whole number from 1 to 36,500"
    message = ERROR_MESSAGES.get(error["type"], error["msg"])
    return message[0].lower() + message[1:]


def _text_error(error: FieldError, tree: LocatedNode) -> FieldError:
    position = _position_at(tree, error.field.split(".")[1:])
    message = f"at character {position}: {error.message}" if position else error.message
    return replace(error, field="text", message=message, position=position)


def _position_at(node: Any, path: Sequence[str]) -> int | None:
    """The character, from 1, at which the part of the tree at this path stands; None if it has no single position."""
    for step in path[:-1]:
        node = node[int(step) if isinstance(node, list) else step]
    return node.positions.get(path[-1]) if path else None


def _too_long(field: str) -> Invalid:
    message = f"a rule may have at most {MAX_RULE_LENGTH:,} characters"
    return _invalid(FieldError(field=field, code="too_long", message=message))


def _invalid(*errors: FieldError) -> Invalid:
    return Invalid(f"The rule is not valid: {'; '.join(error.message for error in errors)}.", fields=errors)
