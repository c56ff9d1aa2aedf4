from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.documents import Documents, Update
from common.memory import MemoryDocuments
from customers.checking import checked_customers
from customers.customer import Customer, CustomerIn, merged
from customers.ingestion import Ingestion
from customers.rows import row
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


async def test_many_rows_go_in_in_several_commits() -> None:
    commits: list[int] = []

    class Counting(MemoryDocuments):
        async def commit(self, writes: Any) -> None:
            commits.append(len(writes))
            await super().commit(writes)

    documents: Documents = Counting()
    rows = [customer(external_id=str(n)) for n in range(1001)]
    assert set(await statuses(Ingestion(documents, hashes=HASHES), rows)) == {"created"}
    assert commits == [401, 401, 202]
