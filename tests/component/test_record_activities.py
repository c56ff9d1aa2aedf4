"""Activities are counted exactly once: in any order, with repeats, from several senders, and after failures."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.audience import Audience, row_from_document
from common.errors import Unavailable
from common.rules import Everyone
from common.storage.documents import Query, Snapshot, Write
from common.storage.memory import MemoryDocuments
from customers.commands.record_activities import ActivityRecorder, ActivityResult
from customers.commands.upsert import CustomerUpserts
from customers.formats.json_rows import ParsedRow
from customers.imports.row_validation import validate_activities
from customers.model.active_days import add_days
from customers.model.activity import ActivityInput, apply_activities
from customers.model.customer import CustomerInput, new_customer
from tests.support import HASHER

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEPLOYMENT_ZONE = ZoneInfo("Pacific/Auckland")
ZONES = {"a": "Asia/Kolkata", "b": None, "c": "America/New_York"}


def activity(event: Any, **fields: Any) -> ActivityInput:
    return ActivityInput.model_validate(
        {"event_id": str(event), "type": "visit", "at": NOW, "external_id": "a"} | fields
    )


def customer(external_id: str, **fields: Any) -> CustomerInput:
    return CustomerInput.model_validate({"external_id": external_id} | fields)


def expected(activities: Iterable[ActivityInput]) -> dict[str, dict[str, Any]]:
    """The figures by external_id, computed directly from the distinct activities."""
    distinct = {one.event_id: one for one in activities}.values()
    return {name: figures([one for one in distinct if one.external_id == name]) for name in ZONES}


def figures(activities: Sequence[ActivityInput]) -> dict[str, Any]:
    orders = [one for one in activities if one.type == "order"]
    active = [one for one in activities if one.type != "refund"]
    zone = ZoneInfo((activities and ZONES[activities[0].external_id or ""]) or DEPLOYMENT_ZONE.key)
    refunds = sum(int((one.amount or 0) * 100) for one in activities if one.type == "refund")
    return {
        "spend": sum(int((one.amount or 0) * 100) for one in orders) - refunds,
        "orders": len(orders),
        "visits": len([one for one in activities if one.type == "visit"]),
        "active_days": len({one.at.astimezone(zone).date() for one in active}),
        "last_active_at": max((one.at for one in active), default=None),
        "first_order_at": min((one.at for one in orders), default=None),
    }


async def stored(documents: MemoryDocuments) -> dict[str, dict[str, Any]]:
    customers = await documents.query(Query(collection="customers"))
    return {one["external_id"]: {name: one[name] for name in figures([])} for one in customers}


class ContendedStore(MemoryDocuments):
    """Other tasks run before each call. Responses are lost: of commits that succeeded, and of some that did not."""

    def __init__(self, rng: random.Random, loss_rate: float) -> None:
        super().__init__()
        self._rng = rng
        self._loss_rate = loss_rate

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        await self._yield_to_others()
        return await super().get_all(paths, at=at)

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._yield_to_others()
        if self._rng.random() < self._loss_rate:
            raise Unavailable("The request was lost.")
        await super().commit(writes)
        if self._rng.random() < self._loss_rate:
            raise Unavailable("The response was lost.")

    async def _yield_to_others(self) -> None:
        for _ in range(self._rng.randrange(4)):
            await asyncio.sleep(0)


def random_activities(rng: random.Random) -> list[ActivityInput]:
    return [_random_activity(number, rng) for number in range(rng.randint(1, 60))]


def _random_activity(number: int, rng: random.Random) -> ActivityInput:
    kind = rng.choice(["order", "refund", "visit", "app_opened"])
    paid = {"amount": rng.randrange(10**6) / 100} if kind in {"order", "refund"} else {}
    at = NOW - timedelta(hours=7 * rng.randrange(40))
    return activity(number, type=kind, at=at, external_id=rng.choice(sorted(ZONES)), **paid)


@pytest.mark.parametrize("seed", range(40))
async def test_concurrent_recorders_with_retries_match_a_plain_computation(seed: int) -> None:
    """Three recorders run at once, a third of the activities is sent twice, shuffled; without a response they are sent
    again."""
    rng = random.Random(seed)
    distinct = random_activities(rng)
    documents = ContendedStore(rng, loss_rate=0.1)
    arriving = [*distinct, *rng.sample(distinct, len(distinct) // 3)]
    rng.shuffle(arriving)
    customers = [customer(name, timezone=zone) for name, zone in ZONES.items()]
    await retry_until_available(lambda: CustomerUpserts(documents, hashes=HASHER).upsert(customers))
    await asyncio.gather(
        *(
            send(ActivityRecorder(documents, hashes=HASHER, zone=DEPLOYMENT_ZONE), arriving[number::3], rng)
            for number in range(3)
        )
    )
    assert await stored(documents) == expected(distinct)
    assert await index_rows(documents) == await document_rows(documents)


async def send(recorder: ActivityRecorder, activities: Sequence[ActivityInput], rng: random.Random) -> None:
    while activities:
        count = rng.randint(1, 5)
        await retry_until_available(lambda part=activities[:count]: recorder.record(part, on_unknown_customer="reject"))
        activities = activities[count:]


async def retry_until_available(call: Any) -> Any:
    while True:
        try:
            return await call()
        except Unavailable:
            await asyncio.sleep(0)


async def index_rows(documents: MemoryDocuments) -> dict[str, Any]:
    audience = Audience(documents)
    await audience.refresh()
    return {row.id: row for row in await audience.newest(None, NOW)}


async def document_rows(documents: MemoryDocuments) -> dict[str, Any]:
    return {
        one.id: row_from_document(one.id, one.data or {})
        for one in await documents.query(Query(collection="customers"))
    }


async def record(
    documents: MemoryDocuments, *activities: ActivityInput, on_unknown_customer: Any = "reject"
) -> list[ActivityResult]:
    return await ActivityRecorder(documents, hashes=HASHER, zone=DEPLOYMENT_ZONE).record(
        activities, on_unknown_customer=on_unknown_customer
    )


async def test_activity_of_an_unknown_customer_is_rejected_or_creates_the_customer() -> None:
    """The caller chooses; a customer_id alone is not enough to create a customer."""
    documents = MemoryDocuments()
    [refused] = await record(documents, activity(1))
    assert (refused.status, refused.errors[0].code) == ("rejected", "unknown")
    created = await record(documents, activity(1, email="a@example.com"), activity(2), on_unknown_customer="create")
    assert [one.status for one in created] == ["counted", "counted"]
    stored_customer = await documents.get(f"customers/{created[0].id}")
    assert (stored_customer["external_id"], stored_customer["email"], stored_customer["visits"]) == (
        "a",
        "a@example.com",
        2,
    )
    [by_id] = await record(documents, activity(3, customer_id="0" * 32), on_unknown_customer="create")
    assert (by_id.status, by_id.errors[0].field) == ("rejected", "customer")


async def test_activity_with_only_an_address_finds_the_customer_who_came_with_an_id() -> None:
    """A shop's customers have ids, and its orders only have e-mail addresses or phone numbers."""
    documents = MemoryDocuments()
    people = [customer("a", email="a@example.com"), customer("b", phone="+919876543210")]
    await CustomerUpserts(documents, hashes=HASHER).upsert(people)
    given = [{"email": "A@example.com"}, {"phone": "098765 43210"}]
    activities = [activity(number, external_id=None, **address) for number, address in enumerate(given)]
    results = await record(documents, *activities, on_unknown_customer="create")
    assert [(one.status, one.id) for one in results] == [("counted", person.id_with(HASHER)) for person in people]
    again = await record(documents, *activities)
    assert [one.status for one in again] == ["duplicate", "duplicate"]
    stored_customers = await documents.query(Query(collection="customers"))
    assert [one["visits"] for one in stored_customers] == [1, 1]
    assert {one["customer"] for one in documents.stored("activities")} == {person.id_with(HASHER) for person in people}


@pytest.mark.parametrize("rule", ["reject", "oldest"])
async def test_activity_with_the_address_of_several_customers_follows_the_callers_rule(rule: Any) -> None:
    """It is rejected, and the answer says why; or it is the oldest customer's."""
    documents = MemoryDocuments()
    people = [customer(name, email="family@example.com") for name in ("a", "b")]
    for number, person in enumerate(people):
        upserts = CustomerUpserts(documents, hashes=HASHER, clock=partial(later, number))
        await upserts.upsert([person])
    recorder = ActivityRecorder(documents, hashes=HASHER, zone=DEPLOYMENT_ZONE)
    order = activity(1, external_id=None, email="family@example.com")
    options: dict[str, Any] = {"on_unknown_customer": "create", "on_several_customers": rule}
    [result] = await recorder.record([order], **options)
    if rule == "reject":
        assert (result.status, result.errors[0].code, len(documents.stored("activities"))) == (
            "rejected",
            "several_customers",
            0,
        )
        assert "2 customers" in result.errors[0].message
    else:
        assert (result.status, result.id) == ("counted", people[0].id_with(HASHER))
    assert len(documents.stored("customers")) == 2


def later(days: int) -> datetime:
    return NOW + timedelta(days=days)


async def test_activity_with_an_address_prefers_the_customer_who_is_identified_by_it() -> None:
    """Such a customer has no other id, so that it can be nobody else's by mistake."""
    documents = MemoryDocuments()
    own = CustomerInput(email="a@example.com")
    await CustomerUpserts(documents, hashes=HASHER).upsert([own, customer("a", email="a@example.com")])
    [result] = await record(documents, activity(1, external_id=None, email="a@example.com"))
    assert (result.status, result.id) == ("counted", own.id_with(HASHER))


async def test_activity_with_a_known_event_id_is_a_duplicate() -> None:
    """The event id decides, even if the second activity names another customer."""
    documents = MemoryDocuments()
    first = await record(documents, activity(1), activity(1), on_unknown_customer="create")
    assert [one.status for one in first] == ["counted", "duplicate"]
    again = await record(documents, activity(1, external_id="b"), on_unknown_customer="create")
    assert [one.status for one in again] == ["duplicate"]
    assert len(await documents.query(Query(collection="customers"))) == 1


async def test_concurrent_activities_share_one_commit() -> None:
    """Two hundred concurrent calls are one commit."""
    commits: list[int] = []

    class CountingStore(MemoryDocuments):
        async def commit(self, writes: Sequence[Write]) -> None:
            commits.append(len(writes))
            await super().commit(writes)

    recorder = ActivityRecorder(CountingStore(), hashes=HASHER, zone=DEPLOYMENT_ZONE)
    await asyncio.gather(*(recorder.record([activity(number)], on_unknown_customer="create") for number in range(200)))
    assert commits == [200 + 3]  # and the customer, its index change, and the index change of the events


async def test_activities_after_an_import_add_to_its_figures() -> None:
    """An import sets the figures; later activities add to them."""
    documents = MemoryDocuments()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    order = {"type": "order", "amount": 10, "at": NOW - timedelta(days=1)}
    await record(documents, activity(1, **order), on_unknown_customer="create")
    await upserts.upsert([customer("a", spend=500, orders=7, active_days=5)])
    await record(documents, activity(2, **order), activity(3))
    [now] = (await stored(documents)).values()
    assert (now["spend"], now["orders"]) == (51_000, 8)
    assert now["active_days"] == 6  # one of the two days was already counted
    assert now["first_order_at"] == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"event_id": ""}, "event_id"),
        ({"type": "Big Order"}, "type"),
        ({"type": "order"}, "body"),
        ({"amount": 5}, "body"),
        ({"type": "order", "amount": -5}, "amount"),
        ({"type": "order", "amount": 5.001}, "amount"),
        ({"at": "tomorrow"}, "at"),
        ({"at": "2199-01-01"}, "at"),
        ({"at": "1899-01-01"}, "at"),
        ({"external_id": None}, "body"),
        ({"customer_id": "7"}, "customer_id"),
        ({"fields": {"__id__": 1}}, "fields"),
        ({"fields": {"a": [[1]]}}, "fields"),
        ({"fields": {"a": float("nan")}}, "fields"),
        ({"fields": {"a": "\ud800"}}, "fields"),
        ({"fields": {"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}}}, "fields"),
        ({"fields": {"a": "x" * 9000}}, "fields"),
    ],
)
def test_activity_with_an_invalid_field_names_the_field(fields: dict[str, Any], field: str) -> None:
    """Each validation error has the name of its field."""
    data = {"event_id": "1", "type": "visit", "at": "2026-01-01", "external_id": "a"} | fields
    _, finish = validate_activities([ParsedRow(number=1, data=data)], zone=UTC)
    [result] = finish([])
    assert [error.field for error in result.errors] == [field]


@given(st.lists(st.dates(date(1970, 1, 1), date(2030, 1, 1)), max_size=30), st.integers(0, 30))
def test_active_days_count_each_day_once(days: list[date], cut: int) -> None:
    """The packed set counts each day once, however the days are split."""
    packed, first = add_days(b"", days[:cut])
    packed, second = add_days(packed, days[cut:])
    assert first + second == len(set(days))
    assert add_days(packed, days) == (packed, 0)


def test_active_days_of_ten_years_take_460_bytes() -> None:
    """Every day of ten years fits into 460 bytes."""
    every = [date(2016, 1, 1) + timedelta(days=number) for number in range(3653)]
    packed, new = add_days(b"", every)
    assert (new, len(packed)) == (3653, 460)


def test_active_days_use_the_time_zone_of_the_customer() -> None:
    """Midnight in the customer's time zone separates two days."""
    late = [activity(1, at="2026-11-01T18:00:00Z"), activity(2, at="2026-11-01T19:00:00Z")]  # midnight in between
    there = new_customer("a", customer("a"), now=NOW) | {"timezone": "Asia/Kolkata"}
    assert apply_activities(there, late, zone=UTC, now=NOW)["active_days"] == 2
    assert apply_activities(new_customer("a", customer("a"), now=NOW), late, zone=UTC, now=NOW)["active_days"] == 1


async def test_recorded_activities_are_in_the_audience_index() -> None:
    """A rule sees the figures as soon as the activity is recorded."""
    documents = MemoryDocuments()
    await record(documents, activity(1, type="order", amount=99), on_unknown_customer="create")
    audience = Audience(documents)
    await audience.refresh()
    [row] = await audience.sample(Everyone(), NOW)
    assert (row.spend, row.orders, row.active_days) == (9900, 1, 1)
