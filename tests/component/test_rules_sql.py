"""Rules as SQL, compared with the oracle."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from common.ids import bucket_of
from common.rules import ReferenceTime, Rule, parse, validate, where
from common.rules.fields import FIELDS
from common.rules.sql import MACROS
from tests.audience_fixture import audience_of
from tests.oracle import NOW, ZONE, customers, matches, resolved_trees
from tests.support import examples


async def matching_ids(rule: Rule, people: dict[str, dict[str, Any]], now: datetime = NOW) -> set[str]:
    """The ids by each query method, which must agree."""
    audience = await audience_of(people)
    newest = {row.id for row in await audience.newest(rule, now)}
    pages = [await audience.page(rule, now, bucket=bucket) for bucket in {bucket_of(one) for one in people}]
    assert {row.id for page in pages for row in page} == newest
    assert await audience.count(rule, now) == len(newest)
    return newest


@settings(max_examples=examples(150))  # rules have many forms
@given(resolved_trees, customers())
def test_any_rule_matches_the_same_customers_as_oracle(tree: object, people: dict[str, dict[str, Any]]) -> None:
    """The SQL of any rule matches the customers that the oracle matches."""
    rule = validate(tree)
    expected = {customer_id for customer_id, customer in people.items() if matches(rule, customer, NOW)}
    assert asyncio.run(matching_ids(rule, people)) == expected


SQL_WORDS = {
    "id",
    "IN",
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "HAVING",
    "NOT",
    "AND",
    "OR",
    "IS",
    "NULL",
    "VARCHAR",
}
SQL_WORDS |= {
    "true",
    "false",
    "lambda",
    "m",
    "unnest",
    "count",
    "sum",
    "coalesce",
    "lower",
    "nullif",
    "len",
    "contains",
}
SQL_WORDS |= {
    "starts_with",
    "ends_with",
    "list_contains",
    "list_transform",
    "events",
    "customer",
    "kind",
    "campaign",
    "occurred_at",
}
SQL_WORDS |= {"string_split", "amount", "attributes", "consent", "CASE", "WHEN", "THEN", "END"}


@given(resolved_trees)
def test_sql_of_any_rule_contains_no_input(tree: object) -> None:
    """For any values and attribute names, the SQL has only known words."""
    sql = where(validate(tree), ReferenceTime(NOW, ZONE)).sql
    assert set(re.findall(r"[^\W\d]\w*", sql)) <= {*SQL_WORDS, *FIELDS, *MACROS}
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
async def test_rule_at_boundary_or_missing_value_matches_as_expected(
    text: str, fields: dict[str, Any], expected: bool
) -> None:
    """Boundaries of comparisons, and missing values."""
    assert (await matching_ids(parse(text), person(**fields)) == {"one"}) is expected


async def test_demo_segment_matches_expected_customers() -> None:
    """The segment of the demo matches the expected customers."""
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
