"""CSV export of customers: safe to open in a spreadsheet, and in a form that can be imported again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from common.audience import Audience, CustomerRow
from common.audience.search import CustomerSearch, search_customers
from common.catalogue.fields import FIELDS, fields_of_kind
from common.csv_row import csv_row
from common.ids import BUCKETS
from common.money import to_major_units

from ..formats.typed_headings import AttributeColumns, list_cell

PAGE_SIZE = 1000
MONEY_FIELDS, LIST_FIELDS = frozenset(fields_of_kind("money")), frozenset(fields_of_kind("list"))
EXPORT_FIELDS = ["id", *(record.name for record in FIELDS.values() if record.in_export and record.kind != "map")]


async def export_csv(audience: Audience, wanted: CustomerSearch, now: datetime) -> AsyncIterator[str]:
    """Yield the CSV in pieces that are good to send. There is a column for each consent channel and attribute that any
    of the customers has; its heading says the type of the values where an import would guess otherwise."""
    attributes = AttributeColumns()
    channels: dict[str, None] = {}
    async for customers in _pages(audience, wanted, now):
        for customer in customers:
            attributes.add(customer.attributes)
            channels |= dict.fromkeys(customer.consent)
    columns = [*EXPORT_FIELDS, *(f"consent.{name}" for name in channels), *attributes.headings]
    yield "\ufeff" + csv_row(columns)
    async for customers in _pages(audience, wanted, now):
        yield "".join(csv_row(_cells(customer, channels, attributes)) for customer in customers)


async def _pages(audience: Audience, wanted: CustomerSearch, now: datetime) -> AsyncIterator[list[CustomerRow]]:
    """Yield the customers who are wanted, at most `PAGE_SIZE` at a time."""
    pages = _search_pages(audience, wanted, now) if wanted.search else _rule_pages(audience, wanted, now)
    async for customers in pages:
        yield customers


async def _search_pages(audience: Audience, wanted: CustomerSearch, now: datetime) -> AsyncIterator[list[CustomerRow]]:
    page = await search_customers(audience, replace(wanted, limit=PAGE_SIZE), now)
    yield page.rows
    while page.next:
        page = await search_customers(audience, replace(wanted, limit=PAGE_SIZE, after=page.next), now)
        yield page.rows


async def _rule_pages(audience: Audience, wanted: CustomerSearch, now: datetime) -> AsyncIterator[list[CustomerRow]]:
    """Without a search, each page reads only its own bucket."""
    for bucket in range(BUCKETS):
        last = ""
        while customers := await audience.page(wanted.rule, now, bucket=bucket, after_id=last, limit=PAGE_SIZE):
            yield customers
            last = customers[-1].id


def _cells(customer: CustomerRow, channels: dict[str, None], attributes: AttributeColumns) -> list[Any]:
    """One customer's values in the order of the columns."""
    values = [_cell_value(name, getattr(customer, name)) for name in EXPORT_FIELDS]
    return [*values, *map(customer.consent.get, channels), *attributes.cells(customer.attributes)]


def _cell_value(field: str, value: Any) -> Any:
    if field in LIST_FIELDS:
        return list_cell(value)
    return to_major_units(value) if field in MONEY_FIELDS and value is not None else value
