"""Rules as SQL, compared with the oracle."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from common.audience import Audience, Happening, change, happened, row_of
from common.ids import bucket_of
from common.rules import Now, Rule, check, parse, where
from common.rules.fields import FIELDS
from common.rules.sql import MACROS
from common.storage.memory import MemoryDocuments
from tests.oracle import NOW, ZONE, customers, matches, resolved_trees


async def audience_of(people: dict[str, dict[str, Any]]) -> Audience:
    """What each of them did stands under `events`."""
    documents = MemoryDocuments()
    rows = [row_of(customer_id, customer) for customer_id, customer in people.items()]
    happenings = [
        Happening(
            id=f"{customer_id}-{number}",
            customer=customer_id,
            bucket=customer["bucket"],
            version=number,
            kind=one["kind"],
            campaign=one["campaign"],
            happened=one["at"],
            amount=one["amount"],
        )
        for customer_id, customer in people.items()
        for number, one in enumerate(customer.get("events", ()))
    ]
    await documents.commit([*change(rows), *happened(happenings)])
    audience = Audience(documents, zone=ZONE)
    await audience.refresh()
    return audience


async def found(rule: Rule, people: dict[str, dict[str, Any]], now: datetime = NOW) -> set[str]:
    """By every way there is to ask."""
    audience = await audience_of(people)
    newest = {row.id for row in await audience.newest(rule, now)}
    pages = [await audience.page(rule, now, bucket=bucket) for bucket in {bucket_of(one) for one in people}]
    assert {row.id for page in pages for row in page} == newest
    assert await audience.count(rule, now) == len(newest)
    return newest


@settings(max_examples=150, deadline=None)
@given(resolved_trees, customers())
def test_finds_whom_the_oracle_finds(tree: object, people: dict[str, dict[str, Any]]) -> None:
    rule = check(tree)
    expected = {customer_id for customer_id, customer in people.items() if matches(rule, customer, NOW)}
    assert asyncio.run(found(rule, people)) == expected


WORDS = {"id", "IN", "SELECT", "FROM", "WHERE", "GROUP", "BY", "HAVING", "NOT", "AND", "OR", "IS", "NULL", "VARCHAR"}
WORDS |= {"true", "false", "lambda", "m", "unnest", "count", "sum", "coalesce", "lower", "nullif", "len", "contains"}
WORDS |= {"starts_with", "list_contains", "list_transform", "events", "customer", "kind", "campaign", "happened"}
WORDS |= {"amount", "attributes", "consent", "CASE", "WHEN", "THEN", "END"}


@settings(deadline=None)
@given(resolved_trees)
def test_no_value_is_ever_part_of_the_sql(tree: object) -> None:
    """Whatever is compared with, however attributes are called: the SQL is made of words of ours."""
    sql = where(check(tree), Now(NOW, ZONE)).sql
    assert set(re.findall(r"[^\W\d]\w*", sql)) <= {*WORDS, *FIELDS, *MACROS}
    assert set(re.sub(r"\w+", "", sql)) <= set(" ?(),:[]*=<>'"), sql


def person(**fields: Any) -> dict[str, dict[str, Any]]:
    return {"one": {"bucket": bucket_of("one"), "version": 1, **fields}}


FIRST = datetime(2026, 3, 1, tzinfo=ZONE)
LAST = datetime(2026, 3, 1, 23, 59, 59, 999_999, ZONE)


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("spend > 10000", {"spend": 1_000_000}, False),
        ("spend > 10000", {"spend": 1_000_001}, True),
        ("spend = 0.29", {"spend": 29}, True),
        ("spend != 5", {}, False),
        ("city != 'Pune'", {"city": ""}, False),
        ("city != 'Pune'", {"city": "Delhi"}, True),
        ("city < 'z'", {"city": ""}, False),
        ("city = 'PUNE'", {"city": "pune"}, True),
        ("city = 'École'", {"city": "éCOLE"}, True),
        ("city = '%'", {"city": "Pune"}, False),
        ("inactive for 90 days", {}, False),
        ("inactive for 90 days", {"last_active_at": NOW - timedelta(days=90)}, True),
        ("inactive for 90 days", {"last_active_at": NOW - timedelta(days=90) + timedelta(microseconds=1)}, False),
        ("created_at = '2026-03-01'", {"created_at": LAST}, True),
        ("created_at > '2026-03-01'", {"created_at": LAST}, False),
        ("created_at <= '2026-03-01'", {"created_at": LAST}, True),
        ("created_at > '2026-03-01T00:00:00+05:30'", {"created_at": FIRST + timedelta(microseconds=1)}, True),
        ("everyone", {}, True),
        ("spend > 1 AND visits < 3 OR everyone", {}, True),
    ],
)
async def test_boundaries_and_missing_values(text: str, fields: dict[str, Any], expected: bool) -> None:
    assert (await found(parse(text), person(**fields)) == {"one"}) is expected


async def test_the_segment_that_the_demo_launches() -> None:
    kinds = [(10_001, 2, 0), (10_001, 3, 0), (10_000, 2, 0), (0, 9, 90), (0, 9, 89)]
    people = {
        f"p{number}": {
            "bucket": number,
            "version": 1,
            "spend": spend * 100,
            "visits": visits,
            "last_active_at": NOW - timedelta(days=days),
        }
        for number, (spend, visits, days) in enumerate(kinds)
    }
    audience = await audience_of(people)
    rule = parse("spend > 10000 AND visits < 3 OR inactive for 90 days")
    assert await audience.count(rule, NOW) == 2
    assert [row.id for row in await audience.sample(rule, NOW)] == ["p0", "p3"]
