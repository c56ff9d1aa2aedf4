"""Activities count exactly once: in whatever order, however often, from however many senders, whoever dies."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.audience import Audience, row_of
from common.errors import Unavailable
from common.rules import Everyone
from common.storage.documents import Query, Snapshot, Write
from common.storage.memory import MemoryDocuments
from customers.commands.record_activities import Activities, Counted
from customers.commands.upsert import Ingestion
from customers.formats.json_rows import Given
from customers.imports.row_validation import checked_activities
from customers.model.active_days import with_days
from customers.model.activity import ActivityIn, rolled_up
from customers.model.customer import CustomerIn, newcomer
from tests.support import HASHES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZONES = {"a": "Asia/Kolkata", "b": None, "c": "America/New_York"}


def activity(event: Any, **fields: Any) -> ActivityIn:
    return ActivityIn.model_validate({"event_id": str(event), "type": "visit", "at": NOW, "external_id": "a"} | fields)


def person(external_id: str, **fields: Any) -> CustomerIn:
    return CustomerIn.model_validate({"external_id": external_id} | fields)


def expected(activities: Iterable[ActivityIn]) -> dict[str, dict[str, Any]]:
    """Plainly, over the distinct activities: by external_id."""
    distinct = {one.event_id: one for one in activities}.values()
    return {name: figures([one for one in distinct if one.external_id == name]) for name in ZONES}


def figures(own: Sequence[ActivityIn]) -> dict[str, Any]:
    orders = [one for one in own if one.type == "order"]
    active = [one for one in own if one.type != "refund"]
    zone = ZoneInfo((own and ZONES[own[0].external_id or ""]) or "UTC")
    refunds = sum(int((one.amount or 0) * 100) for one in own if one.type == "refund")
    return {
        "spend": sum(int((one.amount or 0) * 100) for one in orders) - refunds,
        "orders": len(orders),
        "visits": len([one for one in own if one.type == "visit"]),
        "active_days": len({one.at.astimezone(zone).date() for one in active}),
        "last_active_at": max((one.at for one in active), default=None),
        "first_order_at": min((one.at for one in orders), default=None),
    }


async def stored(documents: MemoryDocuments) -> dict[str, dict[str, Any]]:
    found = await documents.query(Query(collection="customers"))
    return {one["external_id"]: {name: one[name] for name in figures([])} for one in found}


class Crowded(MemoryDocuments):
    """Others get their turn before each call, and answers are lost: of commits that went through, and of some that did
    not."""

    def __init__(self, chance: random.Random, lost: float) -> None:
        super().__init__()
        self._chance = chance
        self._lost = lost

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        await self._others()
        return await super().get_all(paths, at=at)

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._others()
        if self._chance.random() < self._lost:
            raise Unavailable("It was not even sent.")
        await super().commit(writes)
        if self._chance.random() < self._lost:
            raise Unavailable("The answer was lost.")

    async def _others(self) -> None:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)


def made_up(chance: random.Random) -> list[ActivityIn]:
    return [_made_up(number, chance) for number in range(chance.randint(1, 60))]


def _made_up(number: int, chance: random.Random) -> ActivityIn:
    kind = chance.choice(["order", "refund", "visit", "app_opened"])
    paid = {"amount": chance.randrange(10**6) / 100} if kind in {"order", "refund"} else {}
    at = NOW - timedelta(hours=7 * chance.randrange(40))
    return activity(number, type=kind, at=at, external_id=chance.choice(sorted(ZONES)), **paid)


@pytest.mark.parametrize("seed", range(40))
async def test_the_figures_are_those_of_a_plain_computation(seed: int) -> None:
    """Three instances at once, a third of the activities again, shuffled; who gets no answer sends again."""
    chance = random.Random(seed)
    distinct = made_up(chance)
    documents = Crowded(chance, lost=0.1)
    arriving = [*distinct, *chance.sample(distinct, len(distinct) // 3)]
    chance.shuffle(arriving)
    people = [person(name, timezone=zone) for name, zone in ZONES.items()]
    await again_and_again(lambda: Ingestion(documents, hashes=HASHES).upsert(people))
    await asyncio.gather(
        *(send(Activities(documents, hashes=HASHES), arriving[number::3], chance) for number in range(3))
    )
    assert await stored(documents) == expected(distinct)
    assert await in_the_index(documents) == await in_the_documents(documents)


async def send(instance: Activities, activities: Sequence[ActivityIn], chance: random.Random) -> None:
    while activities:
        some = chance.randint(1, 5)
        await again_and_again(lambda part=activities[:some]: instance.record(part, unknown="refuse"))
        activities = activities[some:]


async def again_and_again(call: Any) -> Any:
    while True:
        try:
            return await call()
        except Unavailable:
            await asyncio.sleep(0)


async def in_the_index(documents: MemoryDocuments) -> dict[str, Any]:
    audience = Audience(documents)
    await audience.refresh()
    return {row.id: row for row in await audience.newest(None, NOW)}


async def in_the_documents(documents: MemoryDocuments) -> dict[str, Any]:
    return {one.id: row_of(one.id, one.data or {}) for one in await documents.query(Query(collection="customers"))}


async def record(documents: MemoryDocuments, *activities: ActivityIn, unknown: Any = "refuse") -> list[Counted]:
    return await Activities(documents, hashes=HASHES).record(activities, unknown=unknown)


async def test_who_is_unknown_is_refused_or_created_as_the_caller_says() -> None:
    documents = MemoryDocuments()
    [refused] = await record(documents, activity(1))
    assert (refused.status, refused.errors[0].code) == ("rejected", "unknown")
    created = await record(documents, activity(1, email="a@example.com"), activity(2), unknown="create")
    assert [one.status for one in created] == ["counted", "counted"]
    found = await documents.get(f"customers/{created[0].id}")
    assert (found["external_id"], found["email"], found["visits"]) == ("a", "a@example.com", 2)
    [by_id] = await record(documents, activity(3, customer_id="0" * 32), unknown="create")
    assert (by_id.status, by_id.errors[0].field) == ("rejected", "customer")


async def test_a_second_one_is_a_duplicate_whoever_it_is_of() -> None:
    documents = MemoryDocuments()
    first = await record(documents, activity(1), activity(1), unknown="create")
    assert [one.status for one in first] == ["counted", "duplicate"]
    again = await record(documents, activity(1, external_id="b"), unknown="create")
    assert [one.status for one in again] == ["duplicate"]
    assert len(await documents.query(Query(collection="customers"))) == 1


async def test_what_comes_at_once_is_one_commit() -> None:
    commits: list[int] = []

    class Counting(MemoryDocuments):
        async def commit(self, writes: Sequence[Write]) -> None:
            commits.append(len(writes))
            await super().commit(writes)

    instance = Activities(Counting(), hashes=HASHES)
    await asyncio.gather(*(instance.record([activity(number)], unknown="create") for number in range(200)))
    assert commits == [200 + 3]  # with the customer, the change, and what the audience index is told of the orders


async def test_an_import_states_figures_and_activities_add_to_them() -> None:
    documents = MemoryDocuments()
    ingestion = Ingestion(documents, hashes=HASHES)
    order = {"type": "order", "amount": 10, "at": NOW - timedelta(days=1)}
    await record(documents, activity(1, **order), unknown="create")
    await ingestion.upsert([person("a", spend=500, orders=7, active_days=5)])
    await record(documents, activity(2, **order), activity(3))
    [now] = (await stored(documents)).values()
    assert (now["spend"], now["orders"], now["active_days"]) == (51_000, 8, 6)  # one of the two days was known
    assert now["first_order_at"] == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "place"),
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
def test_what_is_wrong_with_an_activity_is_named(fields: dict[str, Any], place: str) -> None:

    data = {"event_id": "1", "type": "visit", "at": "2026-01-01", "external_id": "a"} | fields
    _, finish = checked_activities([Given(number=1, data=data)])
    [result] = finish([])
    assert [error.field for error in result.errors] == [place]


@given(st.lists(st.dates(date(1970, 1, 1), date(2030, 1, 1)), max_size=30), st.integers(0, 30))
def test_days_are_a_set(days: list[date], cut: int) -> None:
    packed, first = with_days(b"", days[:cut])
    packed, second = with_days(packed, days[cut:])
    assert first + second == len(set(days))
    assert with_days(packed, days) == (packed, 0)


def test_ten_years_of_days_take_half_a_kilobyte() -> None:
    every = [date(2016, 1, 1) + timedelta(days=number) for number in range(3653)]
    packed, new = with_days(b"", every)
    assert (new, len(packed)) == (3653, 460)


def test_a_day_is_one_where_the_person_lives() -> None:
    late = [activity(1, at="2026-11-01T18:00:00Z"), activity(2, at="2026-11-01T19:00:00Z")]  # midnight in between
    there = newcomer(person("a"), now=NOW) | {"timezone": "Asia/Kolkata"}
    assert rolled_up(there, late, now=NOW)["active_days"] == 2
    assert rolled_up(newcomer(person("a"), now=NOW), late, now=NOW)["active_days"] == 1


async def test_everyone_is_found_by_what_they_did() -> None:
    documents = MemoryDocuments()
    await record(documents, activity(1, type="order", amount=99), unknown="create")
    audience = Audience(documents)
    await audience.refresh()
    [row] = await audience.sample(Everyone(), NOW)
    assert (row.spend, row.orders, row.active_days) == (9900, 1, 1)
