"""Customers with the same address, page by page: perhaps one person who came in twice."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from common.audience.reader import Audience
from common.catalogue.channels import ADDRESS_KINDS
from common.errors import FieldError, Invalid

MAX_SHOWN_PER_GROUP = 20
"""An address that stands for "none" may have thousands of customers."""

COLUMNS = "id, name, external_id, spend, orders, created_at"
ADDRESSED = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, {kind} AS address, {COLUMNS} FROM customers WHERE {kind} IS NOT NULL"
    for kind in ADDRESS_KINDS
)
GROUPS = "SELECT kind, address, count(*) AS total FROM addressed GROUP BY kind, address HAVING count(*) > 1"
COUNT = f"WITH addressed AS NOT MATERIALIZED ({ADDRESSED}) SELECT count(*) FROM ({GROUPS})"
PAGE = f"""
WITH addressed AS NOT MATERIALIZED ({ADDRESSED}),
     page AS (
         SELECT * FROM ({GROUPS}) WHERE kind > ? OR (kind = ? AND address > ?) ORDER BY kind, address LIMIT ?
     )
SELECT kind, address, total, {COLUMNS} FROM page JOIN addressed USING (kind, address)
QUALIFY row_number() OVER (PARTITION BY kind, address ORDER BY created_at, id) <= {MAX_SHOWN_PER_GROUP}
ORDER BY kind, address, created_at, id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicateRow:
    """One of several customers with the same address."""

    id: str
    name: str | None
    external_id: str | None
    spend: int  # minor units
    orders: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicateGroup:
    """The customers who have one address."""

    kind: str  # email or phone
    address: str
    total: int
    customers: list[DuplicateRow]  # the oldest `MAX_SHOWN_PER_GROUP`


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicatePage:
    """One page, and the cursor of the next page; None on the last page."""

    groups: list[DuplicateGroup]
    next: str | None


async def list_duplicates(audience: Audience, *, after: str | None, limit: int) -> DuplicatePage:
    """One page of the groups, in the order of their addresses. A group that does not change is on exactly one page."""
    kind, address = _decode_cursor(after) if after else ("", "")
    records = await audience.select(PAGE, [kind, kind, address, limit + 1])
    groups = [_to_group(list(rows)) for _, rows in groupby(records, key=lambda record: record[:2])]
    page = groups[:limit]
    return DuplicatePage(groups=page, next=_encode_cursor(page[-1]) if len(groups) > limit else None)


async def count_duplicates(audience: Audience) -> int:
    """How many groups all pages have together."""
    [(number,)] = await audience.select(COUNT, [])
    return int(number)


def _to_group(records: Sequence[tuple[Any, ...]]) -> DuplicateGroup:
    kind, address, total = records[0][:3]
    return DuplicateGroup(kind=kind, address=address, total=total, customers=[_to_row(one[3:]) for one in records])


def _to_row(values: Sequence[Any]) -> DuplicateRow:
    id_, name, external_id, spend, orders, created_at = values
    at = created_at.replace(tzinfo=UTC)
    return DuplicateRow(id=id_, name=name, external_id=external_id, spend=spend, orders=orders, created_at=at)


def _encode_cursor(last: DuplicateGroup) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.kind, last.address]).encode()).decode().rstrip("=")


def _decode_cursor(cursor: str) -> tuple[str, str]:
    """The kind and the address of the last group on the previous page. Raises `Invalid`."""
    try:
        kind, address = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if kind not in ADDRESS_KINDS:
            raise ValueError("not an address")
        address.encode()  # a query cannot take a lone surrogate
    except (AttributeError, binascii.Error, RecursionError, TypeError, ValueError) as error:
        place = FieldError(field="after", code="cursor", message="Send the `next` of the previous page, unchanged.")
        raise Invalid("The cursor is not valid.", fields=[place]) from error
    return kind, address
