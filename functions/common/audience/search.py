"""The list of customers that match a rule and a search text, sorted, page by page."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from common.audience.index.rows import CUSTOMER_COLUMN_NAMES, CustomerRow, row_from_duckdb
from common.audience.reader import Audience
from common.audience.sorting import SortKey, SortOrder
from common.catalogue.fields import FIELDS
from common.errors import FieldError, Invalid
from common.rules.nodes import Everyone, Rule
from common.rules.sql import Condition, and_, compose, parameter

SORTABLE_FIELDS = tuple(record.name for record in FIELDS.values() if record.sortable)
MAX_SEARCH_LENGTH = 200
EVERYONE = Everyone()
NEWEST_FIRST = SortOrder("created_at", descending=True)
MIN_FORGIVEN = 4
"""Letters of a word that may have a typo. In shorter ones everything would be similar."""
MAX_DIGITS = 19
"""Of a number in a cursor; every number of a customer is shorter."""
MIN_PHONE_DIGITS = 3
"""In a search, fewer digits are not searched in phone numbers, unless a + precedes them."""

PHONE_WORD = re.compile(r"[\d+().-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerSearch:
    """What to list, and which page."""

    rule: Rule = EVERYONE
    search: str = ""  # each word or number must occur in the name, the email or the phone
    order: SortOrder = NEWEST_FIRST
    after: str | None = None  # `next` of the previous page
    limit: int = 50
    forgives_typos: bool = False  # a word of the name may differ by a letter or two


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerPage:
    """One page, and the cursor of the next page; None on the last page."""

    rows: list[CustomerRow]
    next: str | None


def parse_sort(sort: str) -> SortOrder:
    """The order that `spend`, or `-spend` for descending, stands for. Raises `Invalid`."""
    name = sort.removeprefix("-")
    if name not in SORTABLE_FIELDS:
        error = FieldError(field="sort", code="unknown_field", message=f"Sort by one of {', '.join(SORTABLE_FIELDS)}.")
        raise Invalid("The list cannot be sorted by this field.", fields=[error])
    return SortOrder(name, descending=sort.startswith("-"))


async def search_customers(audience: Audience, search: CustomerSearch, now: datetime) -> CustomerPage:
    """One page. Customers that do not change appear on exactly one page, even if others change between two requests."""
    order = search.order
    condition = await _matching(audience, search, now)
    if search.after:
        condition = and_(condition, order.after(*_decode_cursor(search.after, order)))
    sql = (
        f"SELECT {CUSTOMER_COLUMN_NAMES}, {order.key} FROM customers WHERE {condition.sql} ORDER BY {order.sql} LIMIT ?"
    )
    records = await audience.select(sql, [*condition.parameters, search.limit + 1])
    page = records[: search.limit]
    cursor = _encode_cursor(order, page[-1][-1], page[-1][0]) if len(records) > len(page) else None
    return CustomerPage(rows=[row_from_duckdb(record[:-1]) for record in page], next=cursor)


async def count_matches(audience: Audience, search: CustomerSearch, now: datetime) -> int:
    """How many customers all pages of the search have together."""
    condition = await _matching(audience, search, now)
    [(number,)] = await audience.select(f"SELECT count(*) FROM customers WHERE {condition.sql}", condition.parameters)
    return int(number)


async def matching_ids(audience: Audience, search: CustomerSearch, now: datetime, *, limit: int) -> list[str]:
    """The ids of the customers on all pages of the search, in order of id; at most `limit`."""
    condition = await _matching(audience, search, now)
    sql = f"SELECT id FROM customers WHERE {condition.sql} ORDER BY id LIMIT ?"
    return [id_ for (id_,) in await audience.select(sql, [*condition.parameters, limit])]


async def forgive_typos(audience: Audience, search: CustomerSearch, now: datetime) -> CustomerSearch:
    """The search itself if it finds somebody; else one that also finds names that are similar to its words."""
    if not search.search.strip() or await count_matches(audience, search, now):
        return search
    return replace(search, forgives_typos=True)


async def _matching(audience: Audience, search: CustomerSearch, now: datetime) -> Condition:
    """The rule and the words of the search as one condition."""
    condition = await audience.where(search.rule, now)
    for word in _split_words(search.search):
        matches = _matches_word(word)
        if search.forgives_typos:
            matches = compose("({exactly} OR {nearly})", exactly=matches, nearly=_resembles_word(word))
        condition = and_(condition, matches)
    return condition


def _split_words(search: str) -> Iterator[str]:
    """The words of the search. Adjacent groups of digits are one word, because people write phone numbers in groups."""
    for in_phone, group in groupby(search.split(), key=lambda word: bool(PHONE_WORD.fullmatch(word))):
        words = list(group)
        yield from ["".join(words)] if in_phone else words


def _matches_word(word: str) -> Condition:
    """The word occurs in the name, the email or the phone. In a phone, only digits count."""
    digits = re.sub(r"\D", "", word)
    text = compose(
        "(contains(lower(name), lower({word})) OR contains(lower(email), lower({word})))", word=parameter(word)
    )
    if not PHONE_WORD.fullmatch(word) or len(digits) < (1 if word.startswith("+") else MIN_PHONE_DIGITS):
        return text
    return compose("({text} OR contains(phone, {digits}))", text=text, digits=parameter(digits.lstrip("0") or digits))


def _resembles_word(word: str) -> Condition:
    """A word of the name begins like this one, but for a letter that is wrong, missing, too much, or swapped with the
    next one; in long words two."""
    if not word.isalpha() or len(word) < MIN_FORGIVEN:
        return Condition("false", ())
    typos = 1 if len(word) < 2 * MIN_FORGIVEN else 2
    return compose(
        "EXISTS (SELECT 1 FROM unnest(string_split(lower(name), ' ')) AS parts(part)"
        " WHERE least(damerau_levenshtein(left(part, {shorter}), {word}),"
        " damerau_levenshtein(left(part, {same}), {word}),"
        " damerau_levenshtein(left(part, {longer}), {word})) <= {typos})",
        word=parameter(word.lower()),
        shorter=parameter(len(word) - 1),
        same=parameter(len(word)),
        longer=parameter(len(word) + 1),
        typos=parameter(typos),
    )


def _encode_cursor(order: SortOrder, key: SortKey, customer_id: str) -> str:
    position = [order.field, order.descending, key.isoformat() if isinstance(key, datetime) else key, customer_id]
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def _decode_cursor(cursor: str, order: SortOrder) -> tuple[SortKey, str]:
    """The key and the id of the last customer on the previous page. Raises `Invalid`."""
    try:
        name, descending, key, customer_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if (name, descending) != (order.field, order.descending) or not isinstance(customer_id, str):
            raise ValueError("cursor of another order")
        return _parse_key(key, order), _encodable(customer_id)
    except (binascii.Error, RecursionError, TypeError, ValueError) as error:
        place = FieldError(field="after", code="cursor", message="Send the `next` of the previous page, unchanged.")
        raise Invalid("The cursor is not valid.", fields=[place]) from error


def _encodable(text: str) -> str:
    """The text itself. Raises `ValueError` for a lone surrogate, which a query cannot take."""
    text.encode()
    return text


def _parse_key(key: object, order: SortOrder) -> SortKey:
    """The key from its JSON value. Raises `TypeError` or `ValueError`."""
    kind = FIELDS[order.field].kind
    if key is None:
        return None
    if kind == "date":
        return datetime.fromisoformat(str(key))
    if kind == "text":
        return _encodable(str(key))
    return int(str(key)[:MAX_DIGITS])
