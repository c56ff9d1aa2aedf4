"""The customers as a list: those a rule finds and a search leaves over, in an order, page by page."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from common.audience.index.rows import NAMES, Row, row_from
from common.audience.reader import Audience
from common.audience.sorting import Key, Order
from common.errors import FieldError, Invalid
from common.rules.fields import FIELDS
from common.rules.nodes import Everyone, Rule
from common.rules.sql import Condition, both, filled, value

SORTED = tuple(name for name, field in FIELDS.items() if field.kind != "list")
LONGEST_SEARCH = 200
EVERYONE = Everyone()
NEWEST_FIRST = Order("created_at", descending=True)
FEWEST_DIGITS = 3
"""In a search, fewer digits are no part of a phone number, unless a + stands before them."""

IN_PHONES = re.compile(r"[\d+().-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    rule: Rule = EVERYONE
    search: str = ""  # each of its words, and each number, is part of the name, the e-mail or the phone
    order: Order = NEWEST_FIRST
    after: str | None = None  # `next` of the page before
    limit: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    rows: list[Row]
    next: str | None


def order_of(sort: str) -> Order:
    """`spend`, or `-spend` for the largest first. Raises `Invalid`."""
    name = sort.removeprefix("-")
    if name not in SORTED:
        place = FieldError(field="sort", code="unknown_field", message=f"Sort by one of {', '.join(SORTED)}.")
        raise Invalid("The list cannot be sorted so.", fields=[place])
    return Order(name, descending=sort.startswith("-"))


async def listed(audience: Audience, listing: Listing, now: datetime) -> Page:
    """Nobody is missed or seen twice because others came, went or changed between two pages."""
    order = listing.order
    condition = await audience.where(listing.rule, now)
    for word in _words(listing.search):
        condition = both(condition, _found_by(word))
    if listing.after:
        condition = both(condition, order.after(*_place(listing.after, order)))
    sql = f"SELECT {NAMES}, {order.key} FROM customers WHERE {condition.sql} ORDER BY {order.sql} LIMIT ?"
    found = await audience.select(sql, [*condition.parameters, listing.limit + 1])
    shown = found[: listing.limit]
    following = _cursor(order, shown[-1][-1], shown[-1][0]) if len(found) > len(shown) else None
    return Page(rows=[row_from(one[:-1]) for one in shown], next=following)


def _words(search: str) -> Iterator[str]:
    """The groups of a number are one word."""
    for in_phone, some in groupby(search.split(), key=lambda word: bool(IN_PHONES.fullmatch(word))):
        words = list(some)
        yield from ["".join(words)] if in_phone else words


def _found_by(word: str) -> Condition:
    """A phone is found by a part of its digits, however they are grouped."""
    digits = re.sub(r"\D", "", word)
    text = filled("(contains(lower(name), lower({word})) OR contains(lower(email), lower({word})))", word=value(word))
    if not IN_PHONES.fullmatch(word) or len(digits) < (1 if word.startswith("+") else FEWEST_DIGITS):
        return text
    return filled("({text} OR contains(phone, {digits}))", text=text, digits=value(digits.lstrip("0") or digits))


def _cursor(order: Order, key: Key, customer_id: str) -> str:
    plain = [order.field, order.descending, key.isoformat() if isinstance(key, datetime) else key, customer_id]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _place(cursor: str, order: Order) -> tuple[Key, str]:
    try:
        name, descending, key, customer_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if (name, descending) != (order.field, order.descending) or not isinstance(customer_id, str):
            raise ValueError("a place in another order")
        return _key(key, order), customer_id
    except (binascii.Error, RecursionError, TypeError, ValueError) as error:
        place = FieldError(field="after", code="cursor", message="Send the `next` of the page before, unchanged.")
        raise Invalid("There is no such place in the list.", fields=[place]) from error


def _key(key: object, order: Order) -> Key:
    kind = FIELDS[order.field].kind
    if key is None:
        return None
    if kind == "date":
        return datetime.fromisoformat(str(key))
    return str(key) if kind == "text" else int(str(key))
