"""What is asked of an audience beyond its count: parts, reasons, explanations, lists, histograms."""

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
from campaigns.sending.recipients import left_out, reasons
from common.audience import Audience, change, row_of
from common.audience.explain import explained
from common.audience.histogram import Bin, Histogram, histogram, nice
from common.audience.preview import Preview, previewed
from common.audience.search import SORTED, Listing, listed, order_of
from common.errors import Invalid, NotFound
from common.ids import bucket_of
from common.rules import check, parse, write
from common.rules.parts import taken_apart
from common.rules.sql import Now
from common.storage.memory import MemoryDocuments
from tests.oracle import NOW, ZONE, customers, matches, resolved_trees
from tests.unit.test_rules_sql import audience_of
from tests.unit.test_rules_table import NOW as TABLE_NOW
from tests.unit.test_rules_table import people

CHANNELS = st.sampled_from(["email", "sms"])
EVERYONE = parse("everyone")
CAMPAIGN = {
    "id": "c",
    "name": "Diwali",
    "rules": {"op": "everyone"},
    "text": "everyone",
    "words": "all customers",
    "message": {"subject": "Hi", "body": "Come"},
    "vendor": "simulator",
    "personalization": "template",
    "state": "running",
    "created_at": NOW,
    "created_by": "a@example.com",
}


async def preview(audience: Audience, text: str, channel: str = "email") -> Preview:
    return await previewed(audience, parse(text), TABLE_NOW, reasons=reasons(channel), samples=2)  # type: ignore[arg-type]


async def test_every_part_is_counted() -> None:
    found = await preview(await people(), "spend > 10000 AND NOT visits < 2 OR city is missing")
    assert [(part.path, write(part.rule), count) for part, count in found.parts] == [
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
    [("email", {"no_consent": 1, "no_address": 4}), ("sms", {"no_address": 4})],
)
async def test_who_would_be_left_out_and_why(channel: str, expected: dict[str, int]) -> None:
    assert (await preview(await people(), "everyone", channel)).left_out == expected


async def test_nobody_is_nobody() -> None:
    found = await preview(Audience(MemoryDocuments()), "spend > 1")
    assert (found.count, found.left_out, found.samples) == (0, {}, [])


@settings(max_examples=40, deadline=None)
@given(resolved_trees, customers())
def test_the_parts_are_counted_as_the_oracle_counts_them(tree: object, everybody: dict[str, dict[str, Any]]) -> None:
    rule = check(tree)
    paths = [part.path for part in taken_apart(rule, Now(NOW, ZONE)).parts]
    assert len(set(paths)) == len(paths)

    async def ask() -> None:
        audience = await audience_of(everybody)
        found = await previewed(audience, rule, NOW, reasons={}, samples=9)
        for part, count in found.parts:
            assert count == sum(matches(part.rule, one, NOW) for one in everybody.values()), write(part.rule)
        assert {row.id for row in found.samples} == {
            customer_id for customer_id, one in everybody.items() if matches(rule, one, NOW)
        }
        for customer_id, person in everybody.items():
            for verdict in await explained(audience, rule, NOW, customer_id):
                assert verdict.matches == matches(verdict.part.rule, person, NOW)

    asyncio.run(ask())


@settings(max_examples=40, deadline=None)
@given(CHANNELS, customers())
def test_the_reasons_as_rules_agree_with_fan_out(channel: str, everybody: dict[str, dict[str, Any]]) -> None:
    campaign = Campaign.model_validate(CAMPAIGN | {"channel": channel})
    expected: dict[str, int] = {}
    for customer_id, person in everybody.items():
        reason = left_out(campaign, row_of(customer_id, person))
        if reason:
            expected[reason] = expected.get(reason, 0) + 1

    async def ask() -> None:
        audience = await audience_of(everybody)
        found = await previewed(audience, EVERYONE, NOW, reasons=reasons(channel), samples=1)  # type: ignore[arg-type]
        assert found.left_out == expected

    asyncio.run(ask())


async def test_why_one_person_is_in_or_out() -> None:
    rule = parse(
        "spend > 10000 AND (attributes.seat.row = 5 OR NOT has tag 'vip') OR ordered at least 4 times "
        "OR ordered for more than 9000 OR opened in the last 7 days OR inactive for 90 days OR city is missing"
    )
    verdicts = await explained(await people(), rule, TABLE_NOW, "asha")
    assert [(write(one.part.rule), one.matches, one.value) for one in verdicts[2:]] == [
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
        await explained(await people(), rule, TABLE_NOW, "stranger")


async def ids(audience: Audience, **options: Any) -> list[str]:
    """By pages of two."""
    found: list[str] = []
    after = None
    while True:
        page = await listed(audience, Listing(after=after, limit=2, **options), TABLE_NOW)
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
async def test_the_list_is_sorted_and_nobody_is_lost_between_pages(sort: str, expected: str) -> None:
    assert await ids(await people(), order=order_of(sort)) == expected.split()


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
async def test_a_search_looks_into_name_email_and_phone(search: str, expected: str) -> None:
    assert await ids(await people(), search=search, order=order_of("name")) == expected.split()


async def test_filter_search_and_order_together() -> None:
    rule = parse("spend >= 10000")
    assert await ids(await people(), rule=rule, search="a", order=order_of("-spend")) == ["asha", "chand", "bela"]


@pytest.mark.parametrize("sort", ["id", "attributes.x", "", "--spend", "spend; DROP TABLE people", "tags"])
def test_what_cannot_be_sorted_by(sort: str) -> None:
    with pytest.raises(Invalid):
        order_of(sort)


@pytest.mark.parametrize("after", ["x", "W10", "WyJzcGVuZCIsZmFsc2UsMCwiYSJd", "é"])
async def test_a_cursor_of_another_list_is_refused(after: str) -> None:
    with pytest.raises(Invalid):
        await listed(await people(), Listing(after=after), TABLE_NOW)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("descending", [True, False])
async def test_pages_stay_in_step_while_others_come_go_and_change(seed: int, descending: bool) -> None:
    """Who does not change is seen exactly once, however much the others do."""
    chance = random.Random(seed)
    documents = MemoryDocuments()
    still = {f"still-{number}": chance.choice([None, 1, 2, 3, 4]) for number in range(12)}
    rows = [row_of(name, {"bucket": bucket_of(name), "version": 1, "visits": visits}) for name, visits in still.items()]
    await documents.commit(change(rows))
    audience = Audience(documents)
    seen: list[str] = []
    after = None
    for version in range(2, 100):
        await audience.refresh()
        order = order_of("-visits" if descending else "visits")
        page = await listed(audience, Listing(order=order, after=after, limit=2), NOW)
        seen += [row.id for row in page.rows if row.id in still]
        after = page.next
        if not after:
            break
        if version < 12:
            moving = [f"moving-{chance.randrange(4)}"]
            fields = {"bucket": bucket_of(moving[0]), "version": version, "visits": chance.choice([None, 1, 3, 5])}
            await documents.commit(change([row_of(moving[0], fields)]))
    assert sorted(seen) == sorted(still)


@pytest.mark.parametrize("sort", SORTED)
async def test_every_field_can_be_sorted_by(sort: str) -> None:
    audience = await people()
    assert sorted(await ids(audience, order=order_of(sort))) == sorted(await ids(audience, order=order_of(f"-{sort}")))


async def test_numbers_are_counted_in_bins() -> None:
    audience = await people()
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


async def test_dates_are_counted_in_days() -> None:
    found = await histogram(await people(), parse("inactive for 1 day"), TABLE_NOW, "last_active_at", bins=4)
    assert sum(one.count for one in found.bins) == 3
    assert found.missing == 0
    first, last = found.bins[0].low, found.bins[-1].high
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    assert first <= TABLE_NOW - timedelta(days=90) < TABLE_NOW - timedelta(days=5) < last
    assert first.tzinfo is UTC


async def spread(field: str, *values: Any, zone: tzinfo = UTC, bins: int = 20) -> list[Bin]:
    documents = MemoryDocuments()
    ids = [f"c{number}" for number in range(len(values))]
    rows = [
        row_of(one, {"bucket": bucket_of(one), "version": 1, field: value})
        for one, value in zip(ids, values, strict=True)
    ]
    await documents.commit(change(rows))
    audience = Audience(documents, zone=zone)
    column = "attributes.n" if field == "attributes" else field
    return (await histogram(audience, EVERYONE, NOW, column, bins=bins)).bins


async def test_days_begin_where_they_do_in_the_deployments_time_zone() -> None:
    """In Kolkata it is five and a half hours later."""
    before, after = datetime(2026, 1, 31, 18, 29, tzinfo=UTC), datetime(2026, 1, 31, 18, 31, tzinfo=UTC)
    midnight = datetime(2026, 1, 31, 18, 30, tzinfo=UTC)
    one, other = await spread("last_active_at", before, after, after, zone=ZoneInfo("Asia/Kolkata"))
    assert (one.count, one.high, other.low, other.count) == (1, midnight, midnight, 2)
    assert [one.count for one in await spread("last_active_at", before, after, after)] == [3]


async def test_bins_of_dates_end_where_the_calendar_does() -> None:
    far = [datetime(2026, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 12, tzinfo=UTC)]
    assert (await spread("last_active_at", *far))[-1].high == datetime.max.replace(tzinfo=UTC)
    early = datetime(1, 1, 1, 1, tzinfo=UTC)
    found = await spread("last_active_at", early, *far)
    assert found[0].low == datetime.min.replace(tzinfo=UTC)
    assert sum(one.count for one in found) == 3


@pytest.mark.parametrize(
    "values",
    [(-1e308, 1e308), (0, 1.7e308), (1e300,), (1e300, 1.0000000000000002e300), (0, 1e-322), (5e-324,), (-1.7e308,)],
)
async def test_bins_of_extreme_numbers_are_few_and_finite(values: tuple[float, ...]) -> None:
    found = await spread("attributes", *({"n": value} for value in values))
    assert len(found) <= 30
    assert sum(one.count for one in found) == len(values)
    assert all(isfinite(one.low) and isfinite(one.high) for one in found)  # type: ignore[arg-type]


async def test_texts_are_counted_by_their_most_frequent_values() -> None:
    audience = await people()
    assert await histogram(audience, EVERYONE, TABLE_NOW, "attributes.plan") == Histogram(
        count=6, missing=3, values=[("GOLD", 2), ("silver", 1)]
    )
    cities = await histogram(audience, EVERYONE, TABLE_NOW, "city")
    assert (cities.missing, cities.values) == (3, [("Mumbai", 1), ("Navi Mumbai", 1), ("pune", 1)])
    tags = await histogram(audience, EVERYONE, TABLE_NOW, "tags")
    assert (tags.missing, tags.values) == (5, [("Diwali 2025", 1), ("VIP", 1)])


async def test_what_nobody_has_is_missing_everywhere() -> None:
    audience = await people()
    for name in ("spend", "city", "attributes.absent", "tags", "updated_at"):
        found = await histogram(audience, parse("name is missing"), TABLE_NOW, name)
        assert found == Histogram(count=1, missing=1)


@pytest.mark.parametrize(
    ("width", "unit", "expected"),
    [(0, 1, 1), (0.3, 1, 1), (3, 1, 5), (11, 1, 20), (0.03, 0, 0.05), (1, 1, 1), (50, 1, 50), (3e10, 8.64e10, 8.64e10)],
)
def test_bins_have_round_widths(width: float, unit: float, expected: float) -> None:
    assert nice(width, unit) == pytest.approx(expected)
