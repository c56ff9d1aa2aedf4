from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.messages.suppressions import Address, suppression
from common.storage.documents import Snapshot, Update
from common.storage.memory import MemoryDocuments
from customers.commands.upsert import Ingestion
from customers.formats.json_rows import row
from customers.imports.row_validation import checked_customers
from customers.model.customer import Customer, CustomerIn, merged
from tests.support import HASHES

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def customer(**fields: Any) -> CustomerIn:
    return CustomerIn.model_validate({"email": "asha@example.com"} | fields)


async def statuses(ingestion: Ingestion, rows: list[CustomerIn]) -> list[str]:
    return [one.status for one in await ingestion.upsert(rows)]


def test_addresses_are_normalized() -> None:
    """So that the same person is the same customer however the address was typed."""
    one = customer(email=" Asha.Rao@EXAMPLE.com ", phone="098765 43210", name="  ")
    assert (one.email, one.phone, one.name) == ("asha.rao@example.com", "+919876543210", None)
    assert one.id == customer(email="ASHA.RAO@example.com").id


def test_a_person_is_known_by_external_id_then_email_then_phone() -> None:
    by_id = customer(external_id="7")
    assert by_id.id == customer(external_id="7", email="other@example.com").id
    assert by_id.id != customer().id
    assert customer().id == customer(phone="+919876543210").id
    assert len(by_id.id) == 32


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "Nobody"}, "body"),
        ({"email": "not an address"}, "email"),
        ({"email": "a@example.com", "phone": "123"}, "phone"),
        ({"email": "a@example.com", "spend": -1}, "spend"),
        ({"email": "a@example.com", "spend": 1.234}, "spend"),
        ({"email": "a@example.com", "spend": "much"}, "spend"),
        ({"email": "a@example.com", "visits": 1.5}, "visits"),
        ({"email": "a@example.com", "last_active_at": "soon"}, "last_active_at"),
        ({"email": "a@example.com", "timezone": "Mars/Olympus"}, "timezone"),
        ({"email": "a@example.com", "tags": [""]}, "tags.0"),
        ({"email": "a@example.com", "nmae": "Asha"}, "nmae"),
        ("no object", "body"),
    ],
)
def test_what_is_wrong_is_named(given: Any, field: str) -> None:
    customers, finish = checked_customers([row(1, given)])
    [errors] = [one.errors for one in finish([])]
    assert not customers
    assert errors[0].field == field
    assert errors[0].message


def test_a_new_customer_has_every_field() -> None:
    stored = merged(None, customer(spend="12500.50", last_active_at="2026-11-01T10:00:00+05:30"), now=NOW)
    shown = Customer.of("x", stored)
    assert (stored["spend"], shown.spend, shown.visits, shown.tags) == (1_250_050, 12500.5, 0, [])
    assert stored["last_active_at"] == datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
    assert stored["created_at"] == stored["updated_at"] == NOW
    assert 0 <= stored["bucket"] < 64


def test_fields_that_are_not_given_stay() -> None:
    before = merged(None, customer(name="Asha", visits=3, attributes={"a": 1}, consent={"email": True}), now=NOW)
    after = merged(before, customer(city="Pune", attributes={"b": 2}, consent={"sms": False}), now=LATER)
    assert (after["name"], after["visits"], after["city"]) == ("Asha", 3, "Pune")
    assert (after["attributes"], after["consent"]) == ({"a": 1, "b": 2}, {"email": True, "sms": False})
    assert (after["created_at"], after["updated_at"]) == (NOW, LATER)
    assert after["version"] > before["version"]


def test_nothing_new_changes_nothing() -> None:
    before = merged(None, customer(name="Asha"), now=NOW)
    assert merged(before, customer(name="Asha"), now=LATER) == before


def test_versions_grow_even_when_the_clock_does_not() -> None:
    before = merged(None, customer(name="Asha"), now=NOW)
    assert merged(before, customer(name="Bela"), now=NOW - timedelta(days=1))["version"] == before["version"] + 1


async def test_rows_for_the_same_person_are_merged_in_order() -> None:
    documents = MemoryDocuments()
    rows = [customer(name="Asha", visits=1), customer(email="b@example.com"), customer(visits=2), customer(visits=2)]
    assert await statuses(Ingestion(documents, hashes=HASHES), rows) == ["created", "created", "updated", "unchanged"]
    stored = await documents.get(f"customers/{rows[0].id}")
    assert (stored["name"], stored["visits"]) == ("Asha", 2)


async def test_somebody_elses_change_in_between_is_not_lost() -> None:
    """The commit fails, everything is read again, and both changes are there in the end."""

    class Interrupted(MemoryDocuments):
        async def commit(self, writes: Any) -> None:
            if first := self.__dict__.pop("interruption", None):
                await super().commit([first])
            await super().commit(writes)

    documents: Any = Interrupted()
    ingestion = Ingestion(documents, hashes=HASHES)
    await ingestion.upsert([customer(name="Asha")])
    documents.interruption = Update(f"customers/{customer().id}", {"city": "Pune"})
    assert await statuses(ingestion, [customer(visits=5)]) == ["updated"]
    stored = await documents.get(f"customers/{customer().id}")
    assert (stored["name"], stored["city"], stored["visits"]) == ("Asha", "Pune", 5)


class Counting(MemoryDocuments):
    def __init__(self) -> None:
        super().__init__()
        self.commits: list[int] = []  # how many writes each had
        self.gets: list[int] = []

    async def commit(self, writes: Any) -> None:
        await asyncio.sleep(0)
        self.commits.append(len(writes))
        await super().commit(writes)

    async def get_all(self, paths: Any, **options: Any) -> list[Snapshot]:
        self.gets.append(len(paths))
        return await super().get_all(paths, **options)


async def test_many_rows_go_in_in_several_commits() -> None:
    documents = Counting()
    rows = [customer(external_id=str(n)) for n in range(1001)]
    assert set(await statuses(Ingestion(documents, hashes=HASHES), rows)) == {"created"}
    assert documents.commits == [401, 401, 202]


async def test_after_many_new_ones_the_next_are_supposed_to_be_new_until_they_are_not() -> None:
    documents = Counting()
    ingestion = Ingestion(documents, hashes=HASHES)
    rows = [customer(external_id=str(n), visits=n) for n in range(1200)]
    assert set(await statuses(ingestion, rows)) == {"created"}
    assert documents.gets == [400]
    again = [*rows[800:], *(customer(external_id=str(n), city="Pune") for n in range(1200))]
    assert await statuses(ingestion, again) == ["unchanged"] * 400 + ["updated"] * 1200
    assert documents.gets == [400] * 5
    assert (await documents.get(f"customers/{rows[7].id}"))["visits"] == 7


async def test_what_concurrent_callers_bring_goes_in_together_and_in_order() -> None:
    documents = Counting()
    ingestion = Ingestion(documents, hashes=HASHES)
    calls = [ingestion.upsert([customer(external_id=str(n % 16), visits=n)]) for n in range(32)]
    answers = [one.status for [one] in await asyncio.gather(*calls)]
    assert answers == ["created"] * 16 + ["updated"] * 16
    assert documents.commits == [17]
    stored = await documents.get_all([f"customers/{customer(external_id=str(n)).id}" for n in range(16)])
    assert [one["visits"] for one in stored] == list(range(16, 32))


async def test_a_short_list_of_suppressions_is_read_once_and_a_long_one_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And either way the customers know."""
    for short, gets in ((10, [20]), (0, [20, 20])):
        monkeypatch.setattr("common.messages.suppressions.SHORT", short)
        documents = Counting()
        address = Address(kind="email", value="3@example.com")
        await documents.commit([suppression(HASHES.path(address), "email", reason="", by="", now=NOW)])
        rows = [customer(external_id=str(n), email=f"{n}@example.com") for n in range(20)]
        await Ingestion(documents, hashes=HASHES).upsert(rows)
        assert documents.gets == gets
        stored = await documents.get_all([f"customers/{row.id}" for row in rows])
        assert [one["suppressed"] for one in stored] == [["email"] if n == 3 else [] for n in range(20)]
