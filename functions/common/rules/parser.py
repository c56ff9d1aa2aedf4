"""The grammar and the parser of the rule language. A separate module, because importing lark takes 0.1 seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, NoReturn

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError
from pydantic_core import PydanticCustomError

from common.catalogue.days import MONTHS
from common.errors import FieldError, Invalid
from common.rules.amounts import AMOUNT_PATTERN, NUMBER_PATTERN, read_amount
from common.rules.dates import DATE_PATTERN, YEAR_PATTERN, span
from common.rules.fields import excerpt, field_named, unescape

UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}
"""The days of each unit of a duration. Herald writes them as days."""

MONTH_NAMES = {name.lower(): number for names in MONTHS.values() for number, name in enumerate(names, start=1)}
LONG_DATE_PATTERN = rf"[0-9]{{1,2}}\s+({'|'.join(MONTH_NAMES)}),?\s+{YEAR_PATTERN}"
"""A day as Herald writes it in words: 26 November 2026."""

GRAMMAR = rf"""
?start: any_of
any_of: all_of (_OR all_of)*
all_of: unit (_AND unit)*
?unit: _NOT unit                        -> negation
    | "(" any_of ")"
    | NAME OPERATOR value               -> comparison
    | NAME _IS value                    -> equal
    | NAME _IS _NOT value               -> unequal
    | NAME _IS SET                      -> presence
    | NAME _IS MISSING                  -> presence
    | NAME _IS _NOT SET                 -> absence
    | NAME _IS _NOT MISSING             -> absence
    | NAME test                         -> field_test
    | NAME _NOT test                    -> negated_field_test
    | INACTIVE _FOR days                -> recency
    | ACTIVE _WITHIN days               -> recency
    | _HAS _TAG TEXT                    -> has_tag
    | _IN _SEGMENT TEXT                 -> in_segment
    | ENGAGEMENT [campaign] [last_days] -> engagement
    | ACTIVITY [measure] [last_days]    -> activity
    | EVERYONE                          -> everyone
?test: _BETWEEN value _AND value        -> between
    | _IN "(" value ("," value)* ")"    -> in_list
    | _CONTAINS value                   -> contains
    | _STARTS _WITH TEXT                -> starts_with
    | _ENDS _WITH TEXT                  -> ends_with
    | _IN _THE LAST days                -> relative_date
    | _IN _THE NEXT days                -> relative_date
?campaign: _ANY _CAMPAIGN               -> any_campaign
    | _CAMPAIGN TEXT                    -> named_campaign
measure: OPERATOR NUMBER _TIMES         -> times
    | _FOR OPERATOR NUMBER              -> amount
    | _FOR OPERATOR AMOUNT              -> amount
last_days: _IN _THE LAST days
days: NUMBER UNIT
value: NUMBER                           -> literal
    | AMOUNT                            -> literal
    | TEXT                              -> literal
    | DATE                              -> literal
    | LONG_DATE                         -> literal
    | FLAG                              -> literal
    | DAY                               -> literal
    | days _AGO                         -> days_ago
    | days _FROM _NOW                   -> days_ahead

_OR.2: /or\b/i
_AND.2: /and\b/i
_NOT.2: /not\b/i
_BETWEEN.2: /between\b/i
_IN.2: /in\b/i
_CONTAINS.2: /contains\b/i
_STARTS.2: /starts\b/i
_ENDS.2: /ends\b/i
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
ENGAGEMENT.2: /(received|opened|clicked)\b/i
_ANY.2: /any\b/i
_CAMPAIGN.2: /campaign\b/i
ACTIVITY.2: /(ordered|visited)\b/i
_TIMES.2: /times?\b/i
_AGO.2: /ago\b/i
_FROM.2: /from\b/i
_NOW.2: /now\b/i
UNIT.2: /({"|".join(UNITS)})s?\b/i
EVERYONE.2: /everyone\b/i
FLAG.2: /(true|false)\b/i
DAY.2: /(today|yesterday|tomorrow)\b/i
OPERATOR.2: /!=|<>|≠|>=|≥|<=|≤|==|=|>|<|(before|after|exactly|at\s+least|at\s+most|(more|less|fewer)\s+than)\b/i
DATE.2: /{DATE_PATTERN}(?![0-9])/i
LONG_DATE.3: /{LONG_DATE_PATTERN}/i
NAME: /[^\W\d]\w*(\.(\w+|"(\\.|[^"\\])*"))*/
NUMBER: /-?{NUMBER_PATTERN}/
AMOUNT.2: /{AMOUNT_PATTERN}/i
TEXT: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|“[^”]*”/s
%ignore /\s+/
"""

TERMINAL_GROUPS = {
    "VALUE": {"NUMBER", "AMOUNT", "TEXT", "DATE", "LONG_DATE", "FLAG", "DAY"},
    "NUMBER": {"NUMBER", "AMOUNT"},
    "CONDITION": {"NAME", "INACTIVE", "ACTIVE", "_HAS", "_IN", "ENGAGEMENT", "ACTIVITY", "EVERYONE"},
}

TERMINAL_LABELS = {
    "CONDITION": "a condition (like spend > 10000)",
    "VALUE": "a value (a number, a text in quotes, a date)",
    "NAME": "a field",
    "OPERATOR": "a comparison (= != > >= < <=)",
    "_BETWEEN": "between",
    "_IN": "in",
    "_CONTAINS": "contains",
    "_STARTS": "starts with",
    "_ENDS": "ends with",
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
    "ENGAGEMENT": "received, opened, clicked",
    "ACTIVITY": "ordered, visited",
    "_ANY": "any campaign",
    "_CAMPAIGN": "campaign",
    "_SEGMENT": "segment",
    "_FOR": "for",
    "_WITHIN": "within",
    "_THE": "the",
    "LAST": "last",
    "NEXT": "next",
    "UNIT": "days",
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
"""How error messages name each terminal, in the order in which they list them."""

OPERATORS = {
    "==": "=",
    "<>": "!=",
    "≠": "!=",
    "≥": ">=",
    "≤": "<=",
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

GROUPING_MESSAGE = "in a list, write numbers without thousands separators, and a space after each comma"


class Located(NamedTuple):
    """A value and its position in the text."""

    value: Any
    position: int  # of its first character, from 1
    is_grouped: bool = False  # a number with thousands separators, like 1,00,000
    currency: str | None = None  # of an amount that was written with one


FieldTest = tuple[str, dict[str, Located]]
"""The `op` of a condition on a field, and its other parts."""


class LocatedNode(dict[str, Any]):
    """A node of a tree before validation. `positions` has the character, from 1, at which each of its keys stands."""

    def __init__(self, positions: dict[str, int], **parts: Any) -> None:
        super().__init__(parts)
        self.positions = positions


def _node(op: str, **parts: Located | None) -> LocatedNode:
    """A node with these keys; keys that are None are omitted."""
    present = {name: part for name, part in parts.items() if part is not None}
    positions = {name: part.position for name, part in present.items()}
    return LocatedNode(positions, op=op, **{name: part.value for name, part in present.items()})


class TreeBuilder(Transformer[Token, Any]):
    """Builds the tree; each method handles the grammar rule of the same name. Amounts are in `currency`."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency

    def any_of(self, children: Sequence[LocatedNode]) -> LocatedNode:
        return _group("or", children)

    def all_of(self, children: Sequence[LocatedNode]) -> LocatedNode:
        return _group("and", children)

    def negation(self, children: Sequence[LocatedNode]) -> LocatedNode:
        return LocatedNode({}, op="not", of=children[0])

    def comparison(self, children: Sequence[Any]) -> LocatedNode:
        name, operator, value = children
        return _condition(_operator(operator), name, value=value)

    def equal(self, children: Sequence[Any]) -> LocatedNode:
        name, value = children
        return _condition("=", name, value=value)

    def unequal(self, children: Sequence[Any]) -> LocatedNode:
        name, value = children
        return _condition("!=", name, value=value)

    def presence(self, children: Sequence[Token]) -> LocatedNode:
        name, word = children
        return _node(f"is_{word.lower()}", field=_located(name))

    def absence(self, children: Sequence[Token]) -> LocatedNode:
        name, word = children
        return _node("is_missing" if word.lower() == "set" else "is_set", field=_located(name))

    def field_test(self, children: Sequence[Any]) -> LocatedNode:
        name, (op, parts) = children
        return _condition(op, name, **parts)

    def negated_field_test(self, children: Sequence[Any]) -> LocatedNode:
        return LocatedNode({}, op="not", of=self.field_test(children))

    def between(self, children: Sequence[Any]) -> FieldTest:
        low, high = children
        return "between", {"low": low, "high": high}

    def in_list(self, values: Sequence[Any]) -> FieldTest:
        """Refuses `(100,200)`, because it could be two numbers or one."""
        for value in values:
            if value.is_grouped:
                _fail("grouping", f"at character {value.position}: {GROUPING_MESSAGE}", value.position)
        currency = next((value.currency for value in values if value.currency), None)
        return "in", {"values": Located([value.value for value in values], values[0].position, currency=currency)}

    def contains(self, children: Sequence[Any]) -> FieldTest:
        return "contains", {"value": children[0]}

    def starts_with(self, children: Sequence[Token]) -> FieldTest:
        return "starts_with", {"value": _text(children[0])}

    def ends_with(self, children: Sequence[Token]) -> FieldTest:
        return "ends_with", {"value": _text(children[0])}

    def relative_date(self, children: Sequence[Any]) -> FieldTest:
        word, days = children
        return f"in_{word.lower()}", {"days": days}

    def recency(self, children: Sequence[Any]) -> LocatedNode:
        word, days = children
        return _node(word.lower(), days=days)

    def has_tag(self, children: Sequence[Token]) -> LocatedNode:
        return _node("has_tag", tag=_text(children[0]))

    def in_segment(self, children: Sequence[Token]) -> LocatedNode:
        return _node("in_segment", segment=_text(children[0]))

    def engagement(self, children: Sequence[Any]) -> LocatedNode:
        word, campaign, days = children
        return _node(word.lower(), campaign=campaign, days=days)

    def any_campaign(self, _children: Sequence[Any]) -> None:
        return None

    def named_campaign(self, children: Sequence[Token]) -> Located:
        return _text(children[0])

    def activity(self, children: Sequence[Any]) -> LocatedNode:
        word, measure, days = children
        return _node(word.lower(), **(measure or {}), days=days)

    def times(self, children: Sequence[Token]) -> dict[str, Located]:
        return self._measure("times", *children)

    def amount(self, children: Sequence[Token]) -> dict[str, Located]:
        return self._measure("amount", *children)

    def last_days(self, children: Sequence[Any]) -> Located:
        return children[1]  # type: ignore[no-any-return]

    def days(self, children: Sequence[Token]) -> Located:
        number, unit = children
        days = _number(number)
        return days._replace(value=days.value * UNITS[unit.lower().removesuffix("s")])

    def everyone(self, _children: Sequence[Token]) -> LocatedNode:
        return LocatedNode({}, op="everyone")

    def literal(self, children: Sequence[Token]) -> Located:
        token = children[0]
        return self._amount(token) if token.type == "AMOUNT" else READERS[token.type](token)

    def days_ago(self, children: Sequence[Located]) -> Located:
        return _relative_day(children[0], 1)

    def days_ahead(self, children: Sequence[Located]) -> Located:
        return _relative_day(children[0], -1)

    def _measure(self, measure: str, operator: Token, value: Token) -> dict[str, Located]:
        position = _position(operator)
        compare = Located(_operator(operator), position)
        return {"measure": Located(measure, position), "compare": compare, "value": self._amount(value)}

    def _amount(self, token: Token) -> Located:
        """The number; its currency, if it has one, must be the deployment's."""
        amount = _number(token)
        if amount.currency not in {None, self._currency}:
            message = f"amounts are in {self._currency}, and {excerpt(token)} is in {amount.currency}"
            _fail("currency", f"at character {amount.position}: {message}", amount.position)
        return amount


def _group(op: str, children: Sequence[LocatedNode]) -> LocatedNode:
    return LocatedNode({}, op=op, of=list(children)) if len(children) > 1 else children[0]


def _condition(op: str, name: Token, **parts: Located) -> LocatedNode:
    """A condition on a field. Refuses amounts of money for a field that has none."""
    for part in parts.values():
        if part.currency and not _has_money(name):
            message = f"{name} is no amount of money: write the number without the currency"
            _fail("type", f"at character {part.position}: {message}", part.position)
    return _node(op, field=_located(name), **parts)


def _has_money(name: str) -> bool:
    """Whether the field can be an amount; also for an unknown field, which validation refuses."""
    try:
        return field_named(name).kind in {"money", "any"}
    except PydanticCustomError:
        return True


def _position(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _located(token: Token) -> Located:
    return Located(str(token), _position(token))


def _operator(token: Token) -> str:
    word = " ".join(token.lower().split())
    return OPERATORS.get(word, word)


def _number(token: Token) -> Located:
    number, currency = read_amount(token)
    return Located(number, _position(token), is_grouped="," in token, currency=currency)


def _text(token: Token) -> Located:
    """The text in the quotes. In the curved quotes of descriptions nothing is escaped."""
    return Located(token[1:-1] if token[0] == "“" else unescape(token[1:-1]), _position(token))


def _long_date(token: Token) -> Located:
    day, month, year = token.replace(",", " ").split()
    return _date(Token.new_borrow_pos("DATE", f"{year}-{MONTH_NAMES[month.lower()]:02}-{day:0>2}", token))


def _date(token: Token) -> Located:
    if span(token) is None:
        message = (
            f"at character {_position(token)}: expected {TERMINAL_LABELS['DATE']}, {excerpt(token)} does not exist"
        )
        _fail("date", message, _position(token))
    return _located(token)


def _flag(token: Token) -> Located:
    return Located(token.lower() == "true", _position(token))


def _named_day(token: Token) -> Located:
    return Located({"days_ago": DAYS_AGO[token.lower()]}, _position(token))


def _relative_day(days: Located, sign: int) -> Located:
    return Located({"days_ago": sign * days.value}, days.position)


READERS = {
    "NUMBER": _number,
    "TEXT": _text,
    "DATE": _date,
    "LONG_DATE": _long_date,
    "FLAG": _flag,
    "DAY": _named_day,
}


@cache
def _parser(currency: str) -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=True, transformer=TreeBuilder(currency))


def parse_tree(text: str, currency: str) -> LocatedNode:
    """The tree of the text, before validation. Raises `Invalid` with the position of the first syntax error."""
    try:
        return _parser(currency).parse(text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        _fail("syntax", _explain(text, error), _unexpected(text, error)[0])
    except VisitError as error:  # wraps what `TreeBuilder` raised
        raise error.orig_exc from None


def _fail(code: str, message: str, position: int | None = None) -> NoReturn:
    error = FieldError(field="text", code=code, message=message, position=position)
    raise Invalid(f"The rule cannot be read: {message}.", fields=[error])


def _explain(text: str, error: UnexpectedInput) -> str:
    """A message that says where the error is, what was expected, and what was found."""
    at, unexpected = _unexpected(text, error)
    if unexpected in {'"', "'"}:
        return f"at character {at}: the quote that begins here is not closed"
    expected = _join_labels(sorted(_merge_groups(set(_expected(error))), key=list(TERMINAL_LABELS).index))
    return f"at character {at}: expected {expected}, found {excerpt(unexpected) if unexpected else 'the end'}"


def _unexpected(text: str, error: UnexpectedInput) -> tuple[int, str]:
    """The position, from 1, and the text there; the text is empty at the end of the input."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text.rstrip()) + 1, ""
    at = error.pos_in_stream or 0
    return at + 1, str(error.token) if isinstance(error, UnexpectedToken) else text[at]


def _expected(error: UnexpectedInput) -> Iterable[str]:
    if isinstance(error, UnexpectedToken):
        return error.accepts or error.expected
    return error.allowed if isinstance(error, UnexpectedCharacters) else ()


def _merge_groups(terminals: set[str]) -> set[str]:
    """Replaces terminals that together form a group by the name of the group."""
    for name, group in TERMINAL_GROUPS.items():
        if terminals >= group:
            terminals = terminals - group | {name}
    return terminals


def _join_labels(terminals: Sequence[str]) -> str:
    names = [TERMINAL_LABELS[terminal] for terminal in terminals]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
