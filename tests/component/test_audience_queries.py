"""Queries of the audience beyond the count: previews, explanations, lists, histograms."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta, tzinfo
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.model.campaign import Campaign
from campaigns.sending.recipients import exclusion_reason, exclusion_rules
from common.audience import Audience, customer_delta, row_from_document
from common.audience.explain import explain
from common.audience.histogram import Bin, Histogram, histogram, nice_bin_width
from common.audience.preview import AudiencePreview, preview
from common.audience.search import SORTABLE_FIELDS, CustomerSearch, parse_sort, search_customers
from common.errors import Invalid, NotFound
from common.ids import bucket_of
from common.rules import Rule, parse, to_text, validate
from common.rules.parts import decompose
from common.rules.sql import ReferenceTime
from common.storage.memory import MemoryDocuments
from tests.audience_fixture import audience_of
from tests.cases.test_rules_examples import NOW as TABLE_NOW
from tests.cases.test_rules_examples import table_audience
from tests.oracle import NOW, ZONE, customers, matches, resolved_trees
from tests.support import examples

CHANNELS = st.sampled_from(["email", "sms"])
EVERYONE = parse("everyone")
CAMPAIGN = {
    "id": "c",
    "name": "Diwali",
    "rule": {"text": "everyone", "tree": {"op": "everyone"}, "description": "all customers"},
    "message": {"subject": "Hi", "body": "Come"},
    "vendor": "simulator",
    "personalization": "template",
    "state": "running",
    "created_at": NOW,
    "created_by": "a@example.com",
}


UNKNOWN_ALLOWED = ("email",)


def excluding(channel: str) -> dict[str, Rule]:
    return exclusion_rules(channel, None, transactional=False, unknown_allowed=UNKNOWN_ALLOWED)


async def preview_text(audience: Audience, text: str, channel: str = "email") -> AudiencePreview:
    return await preview(
        audience,
        parse(text),
        TABLE_NOW,
        exclusion_rules=excluding(channel),
        samples=2,
    )


async def test_preview_of_nested_rule_counts_every_part() -> None:
    """The preview has the count of each part of the rule, and samples."""
    found = await preview_text(await table_audience(), "spend > 10000 AND NOT visits < 2 OR city is missing")
    assert [(part.path, to_text(part.rule), count) for part, count in found.parts] == [
        ("rules", "spend > 10000 AND NOT visits < 2 OR city is missing", 4),
        ("rules.of.0", "spend > 10000 AND NOT visits < 2", 1),
        ("rules.of.0.of.0", "spend > 10000", 2),
        ("rules.of.0.of.1", "NOT visits < 2", 5),
        ("rules.of.0.of.1.of", "visits < 2", 1),
        ("rules.of.1", "city is missing", 3),
    ]
    assert found.count == 4
    assert [row.id for row in found.samples] == ["asha", "chand"]


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("email", {"no_consent": 1, "no_address": 4}), ("sms", {"no_address": 4, "unknown_consent": 2})],
)
async def test_preview_counts_excluded_customers_by_reason(channel: str, expected: dict[str, int]) -> None:
    """The preview counts by reason the customers that get no message."""
    assert (await preview_text(await table_audience(), "everyone", channel)).excluded == expected


async def test_preview_of_empty_index_is_empty() -> None:
    """An empty index gives a preview without customers."""
    found = await preview_text(Audience(MemoryDocuments()), "spend > 1")
    assert (found.count, found.excluded, found.samples) == (0, {}, [])


@settings(max_examples=examples(40))  # each example is a query of the whole audience
@given(resolved_trees, customers())
def test_preview_and_explanation_of_any_rule_agree_with_oracle(
    tree: object, everybody: dict[str, dict[str, Any]]
) -> None:
    """For any rule and customers, counts, samples and explanations agree with the oracle."""
    rule = validate(tree)
    paths = [part.path for part in decompose(rule, ReferenceTime(NOW, ZONE)).parts]
    assert len(set(paths)) == len(paths)

    async def ask() -> None:
        audience = await audience_of(everybody)
        found = await preview(audience, rule, NOW, exclusion_rules={}, samples=9)
        for part, count in found.parts:
            assert count == sum(matches(part.rule, one, NOW) for one in everybody.values()), to_text(part.rule)
        assert {row.id for row in found.samples} == {
            customer_id for customer_id, one in everybody.items() if matches(rule, one, NOW)
        }
        for customer_id, person in everybody.items():
            for verdict in await explain(audience, rule, NOW, customer_id):
                assert verdict.matches == matches(verdict.part.rule, person, NOW)

    asyncio.run(ask())


@settings(max_examples=examples(40))  # each example is a query of the whole audience
@given(CHANNELS, customers())
def test_exclusion_rules_agree_with_exclusion_reason_of_fan_out(
    channel: str, everybody: dict[str, dict[str, Any]]
) -> None:
    """The exclusion rules of the preview give the same reasons as the fan-out."""
    campaign = Campaign.model_validate(CAMPAIGN | {"channel": channel})
    expected: dict[str, int] = {}
    for customer_id, person in everybody.items():
        reason = exclusion_reason(campaign, row_from_document(customer_id, person), unknown_allowed=UNKNOWN_ALLOWED)
        if reason:
            expected[reason] = expected.get(reason, 0) + 1

    async def ask() -> None:
        audience = await audience_of(everybody)
        found = await preview(
            audience,
            EVERYONE,
            NOW,
            exclusion_rules=excluding(channel),
            samples=1,
        )
        assert found.excluded == expected

    asyncio.run(ask())


async def test_explain_returns_result_and_value_of_each_part() -> None:
    """The explanation has the result and the customer's value of each part; an unknown customer is not found."""
    rule = parse(
        "spend > 10000 AND (attributes.seat.row = 5 OR NOT has tag 'vip') OR ordered at least 4 times "
        "OR ordered for more than 9000 OR opened in the last 7 days OR inactive for 90 days OR city is missing"
    )
    verdicts = await explain(await table_audience(), rule, TABLE_NOW, "asha")
    assert [(to_text(one.part.rule), one.matches, one.value) for one in verdicts[2:]] == [
        ("spend > 10000", True, 12_500.5),
        ('attributes.seat.row = 5 OR NOT has tag "vip"', False, None),
        ("attributes.seat.row = 5", False, 4),
        ('NOT has tag "vip"', False, None),
        ('has tag "vip"', True, ["VIP", "Diwali 2025"]),
        ("ordered >= 4 times", False, 3),
        ("ordered for > 9000", False, 9_000.0),
        ("opened any campaign in the last 7 days", False, None),
        ("inactive for 90 days", False, TABLE_NOW - timedelta(days=5)),
        ("city is missing", False, "Mumbai"),
    ]
    assert verdicts[0].matches is False
    with pytest.raises(NotFound):
        await explain(await table_audience(), rule, TABLE_NOW, "stranger")


async def ids(audience: Audience, **options: Any) -> list[str]:
    """The ids of all pages, with two customers per page."""
    found: list[str] = []
    after = None
    while True:
        page = await search_customers(audience, CustomerSearch(after=after, limit=2, **options), TABLE_NOW)
        found += [row.id for row in page.rows]
        after = page.next
        if not after:
            return found


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("spend", "dev bela chand asha esha nobody"),
        ("-spend", "asha chand bela dev esha nobody"),
        ("name", "asha bela chand dev esha nobody"),
        ("-name", "esha dev chand bela asha nobody"),
        ("city", "asha esha bela chand dev nobody"),
        ("last_active_at", "bela chand asha dev esha nobody"),
        ("-created_at", "bela chand dev asha esha nobody"),
    ],
)
async def test_search_customers_by_pages_returns_all_in_order(sort: str, expected: str) -> None:
    """The pages together list every customer once, in the requested order."""
    assert await ids(await table_audience(), order=parse_sort(sort)) == expected.split()


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("ASH", "asha"),
        ("sha", "asha esha"),
        ("d'souza", "bela"),
        ("example", "asha bela"),
        ("example.org", "bela"),
        ("98123 45678", "asha"),
        ("98123-45", "asha"),
        ("98123 45", "asha"),
        ("+91", "asha"),
        ("+91 98123-45678", "asha"),
        ("asha +91 98123 45678 rao", "asha"),
        ("91", ""),
        ("a1 23", ""),
        ("98123 asha 45", ""),
        ("(415) 555", "chand"),
        ("09812345678", "asha"),
        ("rao example", "asha"),
        ("rao 415", ""),
        ("%", ""),
        ("' OR 1=1 --", ""),
        ("  ", "asha bela chand dev esha nobody"),
    ],
)
async def test_search_text_matches_name_email_and_phone(search: str, expected: str) -> None:
    """Each word of the search text must occur in the name, the email or the phone."""
    assert await ids(await table_audience(), search=search, order=parse_sort("name")) == expected.split()


async def test_search_with_rule_text_and_order_combines_them() -> None:
    """Rule, search text and order can be combined."""
    rule = parse("spend >= 10000")
    assert await ids(await table_audience(), rule=rule, search="a", order=parse_sort("-spend")) == [
        "asha",
        "chand",
        "bela",
    ]


@pytest.mark.parametrize("sort", ["id", "attributes.x", "", "--spend", "spend; DROP TABLE people", "tags"])
def test_parse_sort_with_invalid_field_is_refused(sort: str) -> None:
    """A field that cannot be sorted by is refused."""
    with pytest.raises(Invalid):
        parse_sort(sort)


@pytest.mark.parametrize("after", ["x", "W10", "WyJzcGVuZCIsZmFsc2UsMCwiYSJd", "é"])
async def test_search_with_foreign_cursor_is_refused(after: str) -> None:
    """A cursor that does not belong to this order is refused."""
    with pytest.raises(Invalid):
        await search_customers(await table_audience(), CustomerSearch(after=after), TABLE_NOW)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_during_changes_show_unchanged_customers_once(seed: int, descending: bool) -> None:
    """A customer that does not change is listed exactly once, while other customers change."""
    chance = random.Random(seed)
    documents = MemoryDocuments()
    still = {f"still-{number}": chance.choice([None, 1, 2, 3, 4]) for number in range(12)}
    rows = [
        row_from_document(name, {"bucket": bucket_of(name), "version": 1, "visits": visits})
        for name, visits in still.items()
    ]
    await documents.commit(customer_delta(rows))
    audience = Audience(documents)
    seen: list[str] = []
    after = None
    for version in range(2, 100):
        await audience.refresh()
        order = parse_sort("-visits" if descending else "visits")
        page = await search_customers(audience, CustomerSearch(order=order, after=after, limit=2), NOW)
        seen += [row.id for row in page.rows if row.id in still]
        after = page.next
        if not after:
            break
        if version < 12:
            moving = [f"moving-{chance.randrange(4)}"]
            fields = {"bucket": bucket_of(moving[0]), "version": version, "visits": chance.choice([None, 1, 3, 5])}
            await documents.commit(customer_delta([row_from_document(moving[0], fields)]))
    assert sorted(seen) == sorted(still)


@pytest.mark.parametrize("sort", SORTABLE_FIELDS)
async def test_search_sorted_by_each_field_returns_all(sort: str) -> None:
    """Each sortable field works in both directions."""
    audience = await table_audience()
    assert sorted(await ids(audience, order=parse_sort(sort))) == sorted(
        await ids(audience, order=parse_sort(f"-{sort}"))
    )


async def test_histogram_of_numbers_has_bins() -> None:
    """Numbers are counted in bins of equal, round width."""
    audience = await table_audience()
    assert await histogram(audience, EVERYONE, TABLE_NOW, "visits", bins=5) == Histogram(
        count=6,
        missing=2,
        bins=[
            Bin(low=0, high=2, count=1),
            Bin(low=2, high=4, count=2),
            Bin(low=4, high=6, count=0),
            Bin(low=6, high=8, count=0),
            Bin(low=8, high=10, count=1),
        ],
    )
    spend = await histogram(audience, EVERYONE, TABLE_NOW, "spend", bins=3)
    assert [(one.low, one.high, one.count) for one in spend.bins] == [
        (0, 5_000, 1),
        (5_000, 10_000, 0),
        (10_000, 15_000, 3),
    ]
    score = await histogram(audience, EVERYONE, TABLE_NOW, "attributes.score", bins=2)
    assert [(one.low, one.high, one.count) for one in score.bins] == [(0, 50, 1), (50, 100, 1)]


async def test_histogram_of_dates_has_bins_of_days() -> None:
    """Dates are counted in bins of whole days."""
    found = await histogram(await table_audience(), parse("inactive for 1 day"), TABLE_NOW, "last_active_at", bins=4)
    assert sum(one.count for one in found.bins) == 3
    assert found.missing == 0
    first, last = found.bins[0].low, found.bins[-1].high
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    assert first <= TABLE_NOW - timedelta(days=90) < TABLE_NOW - timedelta(days=5) < last
    assert first.utcoffset() == timedelta(hours=5, minutes=30)


async def bins_of(field: str, *values: Any, zone: tzinfo = UTC, bins: int = 20) -> list[Bin]:
    documents = MemoryDocuments()
    ids = [f"c{number}" for number in range(len(values))]
    rows = [
        row_from_document(one, {"bucket": bucket_of(one), "version": 1, field: value})
        for one, value in zip(ids, values, strict=True)
    ]
    await documents.commit(customer_delta(rows))
    audience = Audience(documents, zone=zone)
    column = "attributes.n" if field == "attributes" else field
    return (await histogram(audience, EVERYONE, NOW, column, bins=bins)).bins


async def test_histogram_of_dates_begins_days_at_local_midnight() -> None:
    """Days begin at midnight in the deployment's time zone; in Kolkata this is five and a half hours earlier than in
    UTC."""
    before, after = datetime(2026, 1, 31, 18, 29, tzinfo=UTC), datetime(2026, 1, 31, 18, 31, tzinfo=UTC)
    midnight = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
    one, other = await bins_of("last_active_at", before, after, after, zone=ZoneInfo("Asia/Kolkata"))
    assert (one.count, one.high, other.low, other.count) == (1, midnight, midnight, 2)
    assert isinstance(other.low, datetime)
    assert other.low.isoformat() == "2026-02-01T00:00:00+05:30"  # its day can be read from it
    assert [one.count for one in await bins_of("last_active_at", before, after, after)] == [3]


async def test_histogram_of_extreme_dates_stays_in_calendar() -> None:
    """The edges of bins are limited to the calendar."""
    far = [datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 12, tzinfo=UTC)]
    assert (await bins_of("last_active_at", *far))[-1].high == datetime.max.replace(tzinfo=UTC)
    early = datetime(1, 1, 1, 1, tzinfo=UTC)
    found = await bins_of("last_active_at", early, *far)
    assert found[0].low == datetime.min.replace(tzinfo=UTC)
    assert sum(one.count for one in found) == 3


@pytest.mark.parametrize(
    "values",
    [(-1e308, 1e308), (0, 1.7e308), (1e300,), (1e300, 1.0000000000000002e300), (0, 1e-322), (5e-324,), (-1.7e308,)],
)
async def test_histogram_of_extreme_numbers_has_few_finite_bins(values: tuple[float, ...]) -> None:
    """Extreme numbers give a limited number of bins with finite edges."""
    found = await bins_of("attributes", *({"n": value} for value in values))
    assert len(found) <= 30
    assert sum(one.count for one in found) == len(values)
    assert all(isfinite(one.low) and isfinite(one.high) for one in found)  # type: ignore[arg-type]


async def test_histogram_of_texts_has_most_frequent_values() -> None:
    """Texts and list members are counted by value, ignoring case."""
    audience = await table_audience()
    assert await histogram(audience, EVERYONE, TABLE_NOW, "attributes.plan") == Histogram(
        count=6, missing=3, values=[("GOLD", 2), ("silver", 1)]
    )
    cities = await histogram(audience, EVERYONE, TABLE_NOW, "city")
    assert (cities.missing, cities.values) == (3, [("Mumbai", 1), ("Navi Mumbai", 1), ("pune", 1)])
    tags = await histogram(audience, EVERYONE, TABLE_NOW, "tags")
    assert (tags.missing, tags.values) == (5, [("Diwali 2025", 1), ("VIP", 1)])


async def test_histogram_without_values_has_only_missing() -> None:
    """A field that no customer has gives a histogram with only missing values."""
    audience = await table_audience()
    for name in ("spend", "city", "attributes.absent", "tags", "updated_at"):
        found = await histogram(audience, parse("name is missing"), TABLE_NOW, name)
        assert found == Histogram(count=1, missing=1)


@pytest.mark.parametrize(
    ("width", "unit", "expected"),
    [(0, 1, 1), (0.3, 1, 1), (3, 1, 5), (11, 1, 20), (0.03, 0, 0.05), (1, 1, 1), (50, 1, 50), (3e10, 8.64e10, 8.64e10)],
)
def test_nice_bin_width_is_round_and_wide_enough(width: float, unit: float, expected: float) -> None:
    """The width of a bin is 1, 2 or 5 times a power of ten of the unit."""
    assert nice_bin_width(width, unit) == pytest.approx(expected)
