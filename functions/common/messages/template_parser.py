"""Parses the message language. Jinja's parser reads it; whatever is not on the list of nodes here is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from common.catalogue.fields import FIELDS
from common.errors import HeraldError
from common.messages.template_nodes import FILTERS, ChoiceNode, Node, TextNode, ValueNode
from common.messages.template_tags import foreign_tags, spelling_of

MESSAGE_FIELDS = tuple(record.name for record in FIELDS.values() if record.in_messages)
"""The fields that a message can use."""

MAX_DEPTH = 8  # of choices in choices, and of names in a path
MAX_DEFAULT = 100  # characters
MAX_FILTERS = 4
LANGUAGE = (
    "{{ field }}, the filters default, title, upper, lower, number and date, and {% if field %}…{% else %}…{% endif %}"
)
_TAG = re.compile(r"(?<!\{)\{\{(?![{#/^>&!])[^{}]{0,500}\}\}")
_LIQUID_DEFAULT = re.compile(r"""\|\s{0,5}default\s{0,5}:\s{0,5}("[^"\n]{0,200}"|'[^'\n]{0,200}')""")
_SYNTAX = Environment(keep_trailing_newline=True)


class TemplateProblem(HeraldError):
    """A template is not in the message language."""

    status = 422

    def __init__(self, message: str, *, line: int = 1, kind: str = "template") -> None:
        super().__init__(f"Line {line}: {message}" if line > 1 else message)
        self.kind = kind


@lru_cache(maxsize=200)
def parse(text: str) -> tuple[Node, ...]:
    """The nodes of a template. Raises `TemplateProblem`."""
    for tag in foreign_tags(_TAG.sub(" ", text)):
        raise TemplateProblem(tag.advice, kind="foreign_tag")
    try:
        body = _SYNTAX.parse(_TAG.sub(_with_jinja_default, text)).body
        return tuple(_convert(body, 0))
    except TemplateSyntaxError as error:
        raise TemplateProblem(_in_our_words(error), line=error.lineno) from error
    except RecursionError as error:
        raise TemplateProblem("There are too many brackets or choices in each other.") from error


def _with_jinja_default(tag: re.Match[str]) -> str:
    """Liquid's `default: "there"` as Jinja's `default("there")`."""
    return _LIQUID_DEFAULT.sub(r"| default(\1)", tag.group())


def _in_our_words(error: TemplateSyntaxError) -> str:
    message = error.message or ""
    if "unknown tag" in message or "Unexpected end of template" in message or "end of print" in message:
        return f"A tag is not complete, or not part of the message language: {LANGUAGE}."
    return f"This is not part of the message language ({LANGUAGE}): {message}"


def _convert(body: Sequence[nodes.Node], depth: int) -> Iterator[Node]:
    for node in body:
        match node:
            case nodes.Output():
                yield from (_output(part) for part in node.nodes)
            case nodes.If():
                yield _choice(node, node.elif_, depth)
            case _:
                raise TemplateProblem(f"There is no {_tag_of(node)} in messages, only {LANGUAGE}.", line=node.lineno)


def _tag_of(node: nodes.Node) -> str:
    return f"{{% {type(node).__name__.lower()} %}}"


def _output(node: nodes.Node) -> Node:
    """Text, or a value with its filters, the outermost of which is read first."""
    if isinstance(node, nodes.TemplateData):
        return TextNode(node.data)
    filters: list[str] = []
    default = ""
    while isinstance(node, nodes.Filter | nodes.Or):
        inner, name, argument = _step(node)
        if name == "default":
            default = argument
        else:
            filters.insert(0, name)
        node = inner
        if len(filters) > MAX_FILTERS:
            raise TemplateProblem("A value has too many filters.", line=node.lineno)
    return ValueNode(_path(node), tuple(filters), default)


def _step(node: nodes.Filter | nodes.Or) -> tuple[nodes.Node, str, str]:
    """A filter taken off: what it is applied to, its name, and the text of a default."""
    if isinstance(node, nodes.Or):  # `{{ first_name or "there" }}`
        return node.left, "default", _default_text(node.right)
    if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
        raise TemplateProblem(f"The filter {node.name} cannot be written like this.", line=node.lineno)
    if node.name in {"default", "d"} and len(node.args) in {1, 2}:
        return node.node, "default", _default_text(node.args[0])
    if node.name not in FILTERS or node.args:
        names = ", ".join(["default", *FILTERS])
        raise TemplateProblem(f"There is no filter {node.name} like this; the filters are {names}.", line=node.lineno)
    return node.node, node.name, ""


def _default_text(node: nodes.Node) -> str:
    if isinstance(node, nodes.Const) and isinstance(node.value, str | int):
        text = str(node.value)
        if len(text) <= MAX_DEFAULT and (text.isprintable() or not text):
            return text
    raise TemplateProblem(f"A default is a text of at most {MAX_DEFAULT} characters in quotes.", line=node.lineno)


def _choice(node: nodes.If, rest: Sequence[nodes.If], depth: int) -> ChoiceNode:
    """An `if`, with its `elif`s as choices in the `else`."""
    if depth == MAX_DEPTH or len(rest) > MAX_DEPTH:
        raise TemplateProblem("There are too many choices in each other.", line=node.lineno)
    negated = isinstance(node.test, nodes.Not)
    path = _path(node.test.node if isinstance(node.test, nodes.Not) else node.test)
    if rest:
        otherwise: tuple[Node, ...] = (_choice_of_rest(node, rest, depth),)
    else:
        otherwise = tuple(_convert(node.else_, depth + 1))
    return ChoiceNode(path, negated, tuple(_convert(node.body, depth + 1)), otherwise)


def _choice_of_rest(node: nodes.If, rest: Sequence[nodes.If], depth: int) -> ChoiceNode:
    first = rest[0]
    first.else_ = node.else_
    return _choice(first, rest[1:], depth)


def _path(node: nodes.Node) -> tuple[str, ...]:
    """`attributes.seat.row` as a path. Raises `TemplateProblem` if it is no field of a message."""
    path: list[str] = []
    line = node.lineno
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        path.insert(0, _member(node))
        node = node.node
    if not isinstance(node, nodes.Name):
        raise TemplateProblem(f"A tag shows one field and nothing else. Messages have {LANGUAGE}.", line=line)
    path.insert(0, node.name)
    _check_path(path, line)
    return tuple(path)


def _member(node: nodes.Getattr | nodes.Getitem) -> str:
    if isinstance(node, nodes.Getattr):
        return node.attr
    if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        return node.arg.value
    raise TemplateProblem('The name of an attribute stands in quotes: attributes["shoe size"].', line=node.lineno)


def _check_path(path: Sequence[str], line: int) -> None:
    name = path[0]
    if name not in MESSAGE_FIELDS:
        raise TemplateProblem(_unknown(path), line=line, kind="unknown_field")
    is_map = name in FIELDS and FIELDS[name].kind == "map"
    if is_map != (len(path) > 1) or len(path) > MAX_DEPTH or any(part.startswith("__") for part in path):
        example = f"{{{{ {name}.plan }}}}" if is_map else f"{{{{ {name} }}}}"
        raise TemplateProblem(f"Write {example}.", line=line)


def _unknown(path: Sequence[str]) -> str:
    close = get_close_matches(path[0], MESSAGE_FIELDS, n=1)
    offered = spelling_of(".".join(path)) or spelling_of(path[-1]) or (f"{{{{ {close[0]} }}}}" if close else None)
    hint = f" Did you mean {offered}?" if offered else ""
    return f"Unknown field {'.'.join(path)!r}.{hint} The fields are: {', '.join(MESSAGE_FIELDS)}"
