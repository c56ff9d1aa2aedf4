"""The grammar of rules as text. Apart from the rest, because importing the parser library takes a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, NoReturn

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from common.errors import FieldError, Invalid
from common.rules.dates import DATE, span
from common.rules.fields import shown, unescaped

GRAMMAR = rf"""
?start: any
any: all (_OR all)*
all: unit (_AND unit)*
?unit: _NOT unit                        -> negation
    | "(" any ")"
    | NAME OPERATOR value               -> comparison
    | NAME _BETWEEN value _AND value    -> between
    | NAME _IN "(" value ("," value)* ")" -> among
    | NAME _CONTAINS value              -> contains
    | NAME _STARTS _WITH TEXT           -> starts_with
    | NAME _IS SET                      -> known
    | NAME _IS MISSING                  -> known
    | NAME _IN _THE LAST NUMBER _DAYS   -> near
    | NAME _IN _THE NEXT NUMBER _DAYS   -> near
    | INACTIVE _FOR NUMBER _DAYS        -> activity
    | ACTIVE _WITHIN NUMBER _DAYS       -> activity
    | _HAS _TAG TEXT                    -> has_tag
    | _IN _SEGMENT TEXT                 -> in_segment
    | REACTED [of_campaign] [recently]  -> received
    | DID [measure] [recently]          -> did
    | EVERYONE                          -> everyone
?of_campaign: _ANY _CAMPAIGN            -> any_campaign
    | _CAMPAIGN TEXT                    -> this_campaign
measure: OPERATOR NUMBER _TIMES         -> times
    | _FOR OPERATOR NUMBER              -> amount
recently: _IN _THE LAST NUMBER _DAYS
value: NUMBER                           -> plain
    | TEXT                              -> plain
    | DATE                              -> plain
    | FLAG                              -> plain
    | DAY                               -> plain
    | NUMBER _DAYS _AGO                 -> days_ago
    | NUMBER _DAYS _FROM _NOW           -> days_ahead

_OR.2: /or\b/i
_AND.2: /and\b/i
_NOT.2: /not\b/i
_BETWEEN.2: /between\b/i
_IN.2: /in\b/i
_CONTAINS.2: /contains\b/i
_STARTS.2: /starts\b/i
_WITH.2: /with\b/i
_IS.2: /is\b/i
SET.2: /set\b/i
MISSING.2: /missing\b/i
_THE.2: /the\b/i
LAST.2: /last\b/i
NEXT.2: /next\b/i
INACTIVE.2: /inactive\b/i
ACTIVE.2: /active\b/i
_FOR.2: /for\b/i
_WITHIN.2: /within\b/i
_HAS.2: /has\b/i
_TAG.2: /tag\b/i
_SEGMENT.2: /segment\b/i
REACTED.2: /(received|opened|clicked)\b/i
_ANY.2: /any\b/i
_CAMPAIGN.2: /campaign\b/i
DID.2: /(ordered|visited)\b/i
_TIMES.2: /times?\b/i
_AGO.2: /ago\b/i
_FROM.2: /from\b/i
_NOW.2: /now\b/i
_DAYS.2: /days?\b/i
EVERYONE.2: /everyone\b/i
FLAG.2: /(true|false)\b/i
DAY.2: /(today|yesterday|tomorrow)\b/i
OPERATOR.2: /!=|>=|<=|=|>|<|(before|after|exactly|at\s+least|at\s+most|(more|less|fewer)\s+than)\b/i
DATE.2: /{DATE}(?![0-9])/i
NAME: /[^\W\d]\w*(\.(\w+|"(\\.|[^"\\])*"))*/
NUMBER: /-?([0-9]{{1,3}}(,[0-9]{{2,3}})*,[0-9]{{3}}|[0-9]+)(\.[0-9]+)?/
TEXT: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
%ignore /\s+/
"""

GROUPS = {
    "VALUE": {"NUMBER", "TEXT", "DATE", "FLAG", "DAY"},
    "CONDITION": {"NAME", "INACTIVE", "ACTIVE", "_HAS", "_IN", "REACTED", "DID", "EVERYONE"},
}

NAMES = {
    "CONDITION": "a condition (like spend > 10000)",
    "VALUE": "a value (a number, a text in quotes, a date)",
    "NAME": "a field",
    "OPERATOR": "a comparison (= != > >= < <=)",
    "_BETWEEN": "between",
    "_IN": "in",
    "_CONTAINS": "contains",
    "_STARTS": "starts with",
    "_WITH": "with",
    "_IS": "is",
    "SET": "set",
    "MISSING": "missing",
    "NUMBER": "a number",
    "TEXT": "a text in quotes",
    "DATE": "a date",
    "FLAG": "true, false",
    "DAY": "today",
    "INACTIVE": "inactive",
    "ACTIVE": "active",
    "_HAS": "has tag",
    "_TAG": "tag",
    "REACTED": "received, opened, clicked",
    "DID": "ordered, visited",
    "_ANY": "any campaign",
    "_CAMPAIGN": "campaign",
    "_SEGMENT": "segment",
    "_FOR": "for",
    "_WITHIN": "within",
    "_THE": "the",
    "LAST": "last",
    "NEXT": "next",
    "_DAYS": "days",
    "_TIMES": "times",
    "_AGO": "ago",
    "_FROM": "from now",
    "_NOW": "now",
    "EVERYONE": "everyone",
    "_NOT": "NOT",
    "_AND": "AND",
    "_OR": "OR",
    "LPAR": "(",
    "COMMA": "a comma",
    "RPAR": ")",
    "$END": "the end",
}
"""What people call each terminal, in the order in which they are listed."""

OPERATORS = {
    "before": "<",
    "after": ">",
    "exactly": "=",
    "at least": ">=",
    "at most": "<=",
    "more than": ">",
    "less than": "<",
    "fewer than": "<",
}
DAYS_AGO = {"today": 0, "yesterday": 1, "tomorrow": -1}

UNGROUPED = "in a list, write numbers without grouping their digits, and a space after each comma"


class Found(NamedTuple):
    value: Any
    place: int  # the character where it stands, from 1
    is_grouped: bool = False  # a number written like 1,00,000


class Placed(dict[str, Any]):
    """A node of a tree still to be checked, which knows at which character (from 1) each of its parts stands."""

    def __init__(self, places: dict[str, int], **parts: Any) -> None:
        super().__init__(parts)
        self.places = places


def _node(op: str, **found: Found | None) -> Placed:
    """Of parts of which each knows its place; those that were left out are left out."""
    given = {name: one for name, one in found.items() if one is not None}
    places = {name: one.place for name, one in given.items()}
    return Placed(places, op=op, **{name: one.value for name, one in given.items()})


class Placing(Transformer[Token, Any]):
    def any(self, children: Sequence[Placed]) -> Placed:
        return _group("or", children)

    def all(self, children: Sequence[Placed]) -> Placed:
        return _group("and", children)

    def negation(self, children: Sequence[Placed]) -> Placed:
        return Placed({}, op="not", of=children[0])

    def comparison(self, children: Sequence[Any]) -> Placed:
        name, operator, value = children
        return _node(_operator(operator), field=_found(name), value=value)

    def between(self, children: Sequence[Any]) -> Placed:
        name, low, high = children
        return _node("between", field=_found(name), low=low, high=high)

    def among(self, children: Sequence[Any]) -> Placed:
        """`(100,200)` could be two numbers or one: nobody may have to guess."""
        name, *values = children
        for one in values:
            if one.is_grouped:
                _wrong("grouping", f"at character {one.place}: {UNGROUPED}")
        return _node("in", field=_found(name), values=Found([one.value for one in values], values[0].place))

    def contains(self, children: Sequence[Any]) -> Placed:
        name, value = children
        return _node("contains", field=_found(name), value=value)

    def starts_with(self, children: Sequence[Token]) -> Placed:
        name, value = children
        return _node("starts_with", field=_found(name), value=_text(value))

    def known(self, children: Sequence[Token]) -> Placed:
        name, what = children
        return _node(f"is_{what.lower()}", field=_found(name))

    def near(self, children: Sequence[Token]) -> Placed:
        name, when, days = children
        return _node(f"in_{when.lower()}", field=_found(name), days=_number(days))

    def activity(self, children: Sequence[Token]) -> Placed:
        what, days = children
        return _node(what.lower(), days=_number(days))

    def has_tag(self, children: Sequence[Token]) -> Placed:
        return _node("has_tag", tag=_text(children[0]))

    def in_segment(self, children: Sequence[Token]) -> Placed:
        return _node("in_segment", segment=_text(children[0]))

    def received(self, children: Sequence[Any]) -> Placed:
        what, campaign, days = children
        return _node(what.lower(), campaign=campaign, days=days)

    def any_campaign(self, _children: Sequence[Any]) -> None:
        return None

    def this_campaign(self, children: Sequence[Token]) -> Found:
        return _text(children[0])

    def did(self, children: Sequence[Any]) -> Placed:
        what, measure, days = children
        return _node(what.lower(), **(measure or {}), days=days)

    def times(self, children: Sequence[Token]) -> dict[str, Found]:
        return _measure("times", *children)

    def amount(self, children: Sequence[Token]) -> dict[str, Found]:
        return _measure("amount", *children)

    def recently(self, children: Sequence[Token]) -> Found:
        return _number(children[1])

    def everyone(self, _children: Sequence[Token]) -> Placed:
        return Placed({}, op="everyone")

    def plain(self, children: Sequence[Token]) -> Found:
        return READ[children[0].type](children[0])

    def days_ago(self, children: Sequence[Token]) -> Found:
        return _counted(children[0], 1)

    def days_ahead(self, children: Sequence[Token]) -> Found:
        return _counted(children[0], -1)


def _group(op: str, children: Sequence[Placed]) -> Placed:
    return Placed({}, op=op, of=list(children)) if len(children) > 1 else children[0]


def _measure(measure: str, operator: Token, value: Token) -> dict[str, Found]:
    place = _place(operator)
    return {"measure": Found(measure, place), "compare": Found(_operator(operator), place), "value": _number(value)}


def _place(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _found(token: Token) -> Found:
    return Found(str(token), _place(token))


def _operator(token: Token) -> str:
    word = " ".join(token.lower().split())
    return OPERATORS.get(word, word)


def _number(token: Token) -> Found:
    digits = token.replace(",", "")
    number = float(digits) if "." in digits or len(digits) > 20 else int(digits)
    return Found(number, _place(token), is_grouped="," in token)


def _text(token: Token) -> Found:
    return Found(unescaped(token[1:-1]), _place(token))


def _date(token: Token) -> Found:
    if span(token) is None:
        _wrong(
            "date", f"at character {_place(token)}: expected {NAMES['DATE']}, and the calendar has no {shown(token)}"
        )
    return _found(token)


def _flag(token: Token) -> Found:
    return Found(token.lower() == "true", _place(token))


def _day(token: Token) -> Found:
    return Found({"days_ago": DAYS_AGO[token.lower()]}, _place(token))


def _counted(token: Token, sign: int) -> Found:
    number = _number(token)
    return Found({"days_ago": sign * number.value}, number.place)


READ = {"NUMBER": _number, "TEXT": _text, "DATE": _date, "FLAG": _flag, "DAY": _day}


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, transformer=Placing())


def placed(text: str) -> Placed:
    """Raises `Invalid` with the place of the first thing that does not fit, and what would have."""
    try:
        return _parser().parse(text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        _wrong("syntax", _explained(text, error))
    except VisitError as error:  # what `Placing` raised
        raise error.orig_exc from None


def _wrong(code: str, message: str) -> NoReturn:
    raise Invalid(f"The rule cannot be read: {message}.", fields=[FieldError(field="text", code=code, message=message)])


def _explained(text: str, error: UnexpectedInput) -> str:
    at, found = _unexpected(text, error)
    if found in {'"', "'"}:
        return f"at character {at}: the quote that begins here is not closed"
    expected = _listed(sorted(_grouped(set(_expected(error))), key=list(NAMES).index))
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


def _grouped(terminals: set[str]) -> set[str]:
    """What only together says what is expected goes under one name."""
    for name, group in GROUPS.items():
        if terminals >= group:
            terminals = terminals - group | {name}
    return terminals


def _listed(terminals: Sequence[str]) -> str:
    names = [NAMES[one] for one in terminals]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
