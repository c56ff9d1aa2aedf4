"""The grammar of rules as text. Apart from the rest, because importing the parser library takes a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NoReturn

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from common.errors import FieldError, Invalid
from common.rules.fields import FIELDS, shown

GRAMMAR = r"""
?start: any
any: all (_OR all)*
all: one (_AND one)*
?one: NAME OPERATOR value           -> comparison
    | _INACTIVE _FOR NUMBER _DAYS   -> inactive
    | EVERYONE                      -> everyone
    | "(" any ")"
?value: NUMBER | TEXT

_OR.2: /or\b/i
_AND.2: /and\b/i
_INACTIVE.2: /inactive\b/i
_FOR.2: /for\b/i
_DAYS.2: /days?\b/i
EVERYONE.2: /everyone\b/i
NAME: /[a-z_][a-z0-9_.]*/i
OPERATOR: /!=|>=|<=|=|>|</
NUMBER: /-?([0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}|[0-9]+)(\.[0-9]+)?/
TEXT: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
%ignore /\s+/
"""

NAMES = {
    "NAME": "a field",
    "OPERATOR": "a comparison (= != > >= < <=)",
    "NUMBER": "a number",
    "TEXT": "a text in quotes",
    "_INACTIVE": "inactive",
    "_FOR": "for",
    "_DAYS": "days",
    "EVERYONE": "everyone",
    "_AND": "AND",
    "_OR": "OR",
    "LPAR": "(",
    "RPAR": ")",
    "$END": "the end",
}
"""What people call each terminal, in the order in which they are listed."""


class Placed(dict[str, Any]):
    """A node of a tree still to be checked, which knows at which character (from 1) each of its parts stands."""

    def __init__(self, places: dict[str, int], **parts: Any) -> None:
        super().__init__(parts)
        self.places = places


class Placing(Transformer[Token, Placed]):
    def any(self, children: Sequence[Placed]) -> Placed:
        return _group("or", children)

    def all(self, children: Sequence[Placed]) -> Placed:
        return _group("and", children)

    def comparison(self, children: Sequence[Token]) -> Placed:
        name, operator, value = children
        places = {"field": _place(name), "op": _place(operator), "value": _place(value)}
        return Placed(places, op=str(operator), field=_field(name), value=_value(value))

    def inactive(self, children: Sequence[Token]) -> Placed:
        return Placed({"days": _place(children[0])}, op="inactive", days=_number(children[0]))

    def everyone(self, _children: Sequence[Token]) -> Placed:
        return Placed({}, op="everyone")


def _group(op: str, children: Sequence[Placed]) -> Placed:
    return Placed({}, op=op, of=list(children)) if len(children) > 1 else children[0]


def _place(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _field(token: Token) -> str:
    """Fields may be written in any case."""
    return token.lower() if token.lower() in FIELDS else str(token)


def _value(token: Token) -> str | int | float:
    return _number(token) if token.type == "NUMBER" else _unquoted(token)


def _number(token: Token) -> int | float:
    digits = token.replace(",", "")
    return float(digits) if "." in digits or len(digits) > 20 else int(digits)


def _unquoted(token: Token) -> str:
    """A backslash stands before a quote or a backslash that is meant itself."""
    pieces = token[1:-1].split("\\\\")
    return "\\".join(piece.replace('\\"', '"').replace("\\'", "'") for piece in pieces)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=Placing())


def placed(text: str) -> Placed:
    """Raises `Invalid` with the place of the first thing that does not fit, and what would have."""
    try:
        return _parser().parse(text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        _refuse(text, error)


def _refuse(text: str, error: UnexpectedInput) -> NoReturn:
    message = _explained(text, error)
    wrong = FieldError(field="text", code="syntax", message=message)
    raise Invalid(f"The rule cannot be read: {message}.", fields=[wrong])


def _explained(text: str, error: UnexpectedInput) -> str:
    at, found = _unexpected(text, error)
    if found in {'"', "'"}:
        return f"at character {at}: the quote that begins here is not closed"
    expected = _listed(sorted(_expected(error), key=list(NAMES).index))
    return f"at character {at}: expected {expected}, found {shown(found) if found else 'the end'}"


def _unexpected(text: str, error: UnexpectedInput) -> tuple[int, str]:
    """Where (from 1), and what was there: nothing at the end."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text.rstrip()) + 1, ""
    at = error.pos_in_stream or 0
    return at + 1, str(error.token) if isinstance(error, UnexpectedToken) else text[at]


def _expected(error: UnexpectedInput) -> Iterable[str]:
    if isinstance(error, UnexpectedToken):
        return error.accepts or error.expected
    return error.allowed if isinstance(error, UnexpectedCharacters) else ()


def _listed(terminals: Sequence[str]) -> str:
    names = [NAMES[one] for one in terminals]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
