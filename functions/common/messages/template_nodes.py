"""The message language: text, values and choices.

A template has no loop and no arithmetic, so its output is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.catalogue.days import day_in_words
from common.catalogue.fields import Language

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TextNode:
    """Text that every recipient gets."""

    text: str


@dataclass(frozen=True, slots=True)
class ValueNode:
    """`{{ city | upper | default("your city") }}`: a value of the recipient."""

    path: tuple[str, ...]  # `("attributes", "plan")`
    filters: tuple[str, ...] = ()
    default: str = ""  # what stands there without a value


@dataclass(frozen=True, slots=True)
class ChoiceNode:
    """`{% if city %}…{% else %}…{% endif %}`."""

    path: tuple[str, ...]
    negated: bool
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...]


Node = TextNode | ValueNode | ChoiceNode


@dataclass(frozen=True, slots=True)
class FilledValue:
    """A value in the text of one recipient."""

    name: str  # `city`, `attributes.plan`
    text: str


Segment = str | FilledValue


def evaluate(nodes: Sequence[Node], values: Mapping[str, Any], language: Language) -> Iterator[Segment]:
    """The pieces of one recipient's text, in order. `language` is the message's: days are in its words."""
    for node in nodes:
        match node:
            case TextNode(text):
                yield text
            case ValueNode():
                yield _fill(node, values, language)
            case ChoiceNode(path, negated, then, otherwise):
                has_value = look_up(values, path) not in (None, "", 0, False)
                yield from evaluate(then if has_value != negated else otherwise, values, language)


def text_of(segments: Iterator[Segment] | Sequence[Segment]) -> str:
    return "".join(segment if isinstance(segment, str) else segment.text for segment in segments)


def look_up(values: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The value at the path; None if it is missing, or is no single value."""
    found: Any = values
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str | int | float) else None


def paths_of(nodes: Sequence[Node]) -> Iterator[tuple[str, ...]]:
    """The paths of all values that a template uses, also in its choices."""
    for node in nodes:
        match node:
            case ValueNode():
                yield node.path
            case ChoiceNode(path, _, then, otherwise):
                yield path
                yield from paths_of(then)
                yield from paths_of(otherwise)
            case _:
                pass


def _fill(node: ValueNode, values: Mapping[str, Any], language: Language) -> Segment:
    value = look_up(values, node.path)
    if value is None or value == "":
        return node.default
    text = format_value(value, language)
    for name in node.filters:
        text = FILTERS[name](text, language)
    return FilledValue(".".join(node.path), text)


def format_value(value: str | float, language: Language) -> str:
    """Whole numbers without a point, and a day (`2026-11-26`) in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return _date(value, language) if _DAY.fullmatch(value) else value
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _number(text: str, _: Language) -> str:
    """`12500` as `12,500`; what is no number stays."""
    try:
        return f"{int(text):,}"
    except ValueError:
        return text


def _date(text: str, language: Language) -> str:
    """`2026-08-12` and `20260812` as `12 August 2026`; what is no date stays."""
    try:
        return day_in_words(date.fromisoformat(text), language)
    except ValueError:
        return text


FILTERS: Mapping[str, Callable[[str, Language], str]] = {
    "upper": lambda text, _: text.upper(),
    "lower": lambda text, _: text.lower(),
    "title": lambda text, _: " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" ")),
    "number": _number,
    "date": _date,  # for dates without dashes; `2026-08-12` is in words without it
}
