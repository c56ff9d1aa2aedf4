"""Exports: all customers as CSV, fit to be opened in a spreadsheet and to be brought in again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from common.audience import Audience, Row
from common.ids import BUCKETS
from common.money import decimal
from common.rules import Rule
from common.rules.fields import FIELDS as RULE_FIELDS

from ..formats.columns import harmless

PAGE = 1000
MONEY = frozenset(name for name, of in RULE_FIELDS.items() if of.kind == "money")
FIELDS = ["id", *(name for name, of in RULE_FIELDS.items() if name != "updated_at" and of.kind != "list"), "tags"]


async def table(audience: Audience, rule: Rule, now: datetime) -> AsyncIterator[str]:
    """As many at a time as are good to send. The free columns are those that anybody has a value in."""
    attributes: dict[str, None] = {}
    channels: dict[str, None] = {}
    async for people in _pages(audience, rule, now):
        for person in people:
            attributes |= dict.fromkeys(person.attributes)
            channels |= dict.fromkeys(person.consent)
    columns = [*FIELDS, *(f"consent.{one}" for one in channels), *(f"attributes.{one}" for one in attributes)]
    yield "\ufeff" + written_row(columns)
    async for people in _pages(audience, rule, now):
        yield "".join(written_row(_cells(person, channels, attributes)) for person in people)


async def _pages(audience: Audience, rule: Rule, now: datetime) -> AsyncIterator[list[Row]]:
    for bucket in range(BUCKETS):
        last = ""
        while people := await audience.page(rule, now, bucket=bucket, after_id=last, limit=PAGE):
            yield people
            last = people[-1].id


def _cells(person: Row, channels: dict[str, None], attributes: dict[str, None]) -> list[Any]:
    known = [_known(name, getattr(person, name)) for name in FIELDS]
    return [*known, *(person.consent.get(one) for one in channels), *(person.attributes.get(one) for one in attributes)]


def _known(field: str, value: Any) -> Any:
    if field == "tags":
        return ", ".join(value)
    return decimal(value) if field in MONEY and value is not None else value


def written_row(cells: Sequence[Any]) -> str:
    """One line of a CSV in which no cell is a formula."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow([harmless(_text(cell)) for cell in cells])
    return line.getvalue()


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).isoformat()
        case str() | int() | float():
            return str(value)
    return json.dumps(value, ensure_ascii=False)
