"""Customers: identity, validation, merging of rows, and commits."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr, ValidationError

from common.addresses.address import Address, AddressHasher
from common.addresses.changes import MAX_IN_MEMORY, MAX_LOOKED_UP
from common.addresses.state import suppression_write
from common.batching import chunked
from common.ids import stable_hash
from common.storage.documents import MAX_WRITES, Snapshot, Update
from common.storage.memory import MemoryDocuments
from customers.commands.upsert import MIN_NEW_IN_A_ROW, CustomerUpserts
from customers.formats.json_rows import ParsedRow, row_from_json
from customers.imports.chunks import shard_of
from customers.imports.row_identity import identities_in
from customers.imports.row_validation import validate_customers
from customers.model.customer import Customer, CustomerInput, merge_row
from customers.model.time_zones import ZONES_OF_HALF_HOURS, time_zone_name
from tests.support import HASHER

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ID = "0" * 32
OTHER_HASHER = AddressHasher(SecretStr("another key for the tests"))


def customer(**fields: Any) -> CustomerInput:
    return CustomerInput.model_validate({"email": "asha@example.com"} | fields)


async def statuses(upserts: CustomerUpserts, rows: list[CustomerInput]) -> list[str]:
    return [result.status for result in await upserts.upsert(rows)]


def test_customer_with_differently_written_addresses_has_the_same_id() -> None:
    """The same person is the same customer however the address was typed."""
    asha = customer(email=" Asha.Rao@EXAMPLE.com ", phone="098765 43210", name="  ")
    assert (asha.email, asha.phone, asha.name) == ("asha.rao@example.com", "+919876543210", None)
    assert asha.id_with(HASHER) == customer(email="ASHA.RAO@example.com").id_with(HASHER)


def test_customer_id_uses_external_id_then_email_then_phone() -> None:
    """The external id decides; the phone counts only without an e-mail."""
    by_id = customer(external_id="7")
    assert by_id.id_with(HASHER) == customer(external_id="7", email="other@example.com").id_with(HASHER)
    assert by_id.id_with(HASHER) != customer().id_with(HASHER)
    assert customer().id_with(HASHER) == customer(phone="+919876543210").id_with(HASHER)
    assert len(by_id.id_with(HASHER)) == 32


@pytest.mark.parametrize(
    "identifier", [{"external_id": "7"}, {"email": "a@example.com"}, {"email": None, "phone": "+919876543210"}]
)
def test_customer_id_cannot_be_computed_without_the_key(identifier: dict[str, Any]) -> None:
    """Whoever tries all phone numbers finds nobody: with another key the id is another one."""
    row = customer(**identifier)
    kind, value = row.identifier or ("", "")
    computed = {stable_hash("customer", kind, value), stable_hash(kind, value), row.id_with(OTHER_HASHER)}
    assert row.id_with(HASHER) not in computed
    assert row.id_with(HASHER) == HASHER.customer_id(kind, value)


@pytest.mark.parametrize("written", ["'721\u00e9", "721e\u0301", " '721\u00e9 ", "''721e\u0301"])
def test_external_id_is_the_same_however_it_is_written(written: str) -> None:
    """Spreadsheets put an apostrophe before a number that is text; and one letter has several codes."""
    known = customer(external_id="721\u00e9")
    same = customer(external_id=written)
    assert (same.external_id, same.id_with(HASHER)) == (known.external_id, known.id_with(HASHER))
    rows = [ParsedRow(number=1, data={"external_id": one}, sent={}) for one in ("721\u00e9", written)]
    assert shard_of(rows[0]) == shard_of(rows[1])
    assert identities_in(rows[0].data or {}, HASHER) == identities_in(rows[1].data or {}, HASHER)


def test_external_id_of_nothing_but_an_apostrophe_is_none() -> None:
    """It is an empty cell."""
    assert customer(external_id="'").external_id is None


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Asia/Kolkata", "Asia/Kolkata"),
        (" asia/kolkata ", "Asia/Kolkata"),
        ("america/NEW york", "America/New_York"),
        ("IST", "Asia/Kolkata"),
        ("India Standard Time", "Asia/Kolkata"),
        ("UTC+05:30", "Asia/Kolkata"),
        ("GMT+5:30", "Asia/Kolkata"),
        ("+0530", "Asia/Kolkata"),
        ("(GMT+05:30)", "Asia/Kolkata"),
        ("UTC+5:45", "Asia/Kathmandu"),
        ("utc", "UTC"),
        ("UTC+0", "UTC"),
        ("GMT\N{MINUS SIGN}3", "Etc/GMT+3"),
        ("UTC+08:00", "Etc/GMT-8"),
        ("", None),
    ],
)
def test_time_zone_in_a_usual_spelling_is_stored_by_its_name(written: str, zone: str | None) -> None:
    """In any case, by its offset, or as India's is called."""
    assert customer(timezone=written).timezone == zone


@pytest.mark.parametrize("minutes", [*range(-12 * 60, 15 * 60, 60), *ZONES_OF_HALF_HOURS])
def test_time_zone_of_an_offset_has_it_all_year(minutes: int) -> None:
    """So an offset never becomes a zone with summer time."""
    hours, rest = divmod(abs(minutes), 60)
    zone = ZoneInfo(time_zone_name(f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}") or "")
    offsets = {datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in range(1, 13)}
    assert offsets == {timedelta(minutes=minutes)}


@pytest.mark.parametrize("written", ["Mars/Olympus", "UTC+25", "GMT+5:17", "+", "5", "Eastern Time", "../etc/passwd"])
def test_unknown_time_zone_is_an_error(written: str) -> None:
    """With a name to use instead."""
    with pytest.raises(ValidationError, match="Unknown time zone; use a name like Asia/Kolkata"):
        customer(timezone=written)


@pytest.mark.parametrize(
    ("data", "field"),
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
def test_customer_with_an_invalid_field_names_the_field(data: Any, field: str) -> None:
    """Each validation error has the name of its field and a message."""
    customers, finish = validate_customers([row_from_json(1, data)], zone=UTC)
    [errors] = [result.errors for result in finish([])]
    assert not customers
    assert errors[0].field == field
    assert errors[0].message


def test_new_customer_has_every_field() -> None:
    """A new document has all fields, in minor units and UTC, and the response shows them."""
    stored = merge_row(ID, None, customer(spend="12500.50", last_active_at="2026-11-01T10:00:00+05:30"), now=NOW)
    shown = Customer.from_document("x", stored)
    assert (stored["spend"], shown.spend, shown.visits, shown.tags) == (1_250_050, 12500.5, 0, [])
    assert stored["last_active_at"] == datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
    assert stored["created_at"] == stored["updated_at"] == NOW
    assert 0 <= stored["bucket"] < 64


def test_merge_without_a_field_keeps_its_value() -> None:
    """Fields that a row does not give stay; attributes and consent are merged."""
    before = merge_row(ID, None, customer(name="Asha", visits=3, attributes={"a": 1}, consent={"email": True}), now=NOW)
    after = merge_row(ID, before, customer(city="Pune", attributes={"b": 2}, consent={"sms": False}), now=LATER)
    assert (after["name"], after["visits"], after["city"]) == ("Asha", 3, "Pune")
    assert (after["attributes"], after["consent"]) == ({"a": 1, "b": 2}, {"email": True, "sms": False})
    assert (after["created_at"], after["updated_at"]) == (NOW, LATER)
    assert after["version"] > before["version"]


def test_merge_without_changes_returns_the_same_document() -> None:
    """A row that repeats the known values creates no new version."""
    before = merge_row(ID, None, customer(name="Asha"), now=NOW)
    assert merge_row(ID, before, customer(name="Asha"), now=LATER) == before


def test_version_with_a_clock_that_runs_back_still_grows() -> None:
    """Versions always grow, even if the clock does not."""
    before = merge_row(ID, None, customer(name="Asha"), now=NOW)
    assert merge_row(ID, before, customer(name="Bela"), now=NOW - timedelta(days=1))["version"] == before["version"] + 1


async def test_upsert_with_rows_of_one_customer_merges_them_in_order() -> None:
    """Each row is applied to the result of the row before."""
    documents = MemoryDocuments()
    rows = [customer(name="Asha", visits=1), customer(email="b@example.com"), customer(visits=2), customer(visits=2)]
    results = await statuses(CustomerUpserts(documents, hashes=HASHER), rows)
    assert results == ["created", "created", "updated", "unchanged"]
    stored = await documents.get(f"customers/{rows[0].id_with(HASHER)}")
    assert (stored["name"], stored["visits"]) == ("Asha", 2)


async def test_upsert_after_a_conflict_keeps_both_changes() -> None:
    """The commit fails, everything is read again, and both changes are stored."""

    class InterruptedStore(MemoryDocuments):
        async def commit(self, writes: Any) -> None:
            if first := self.__dict__.pop("interruption", None):
                await super().commit([first])
            await super().commit(writes)

    documents: Any = InterruptedStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    await upserts.upsert([customer(name="Asha")])
    documents.interruption = Update(f"customers/{customer().id_with(HASHER)}", {"city": "Pune"})
    assert await statuses(upserts, [customer(visits=5)]) == ["updated"]
    stored = await documents.get(f"customers/{customer().id_with(HASHER)}")
    assert (stored["name"], stored["city"], stored["visits"]) == ("Asha", "Pune", 5)


class CommitCountingStore(MemoryDocuments):
    """Counts the writes of each commit and the documents of each read."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[int] = []  # how many writes each had
        self.gets: list[int] = []  # of customers
        self.looked_up: list[int] = []  # addresses

    async def commit(self, writes: Any) -> None:
        await asyncio.sleep(0)
        self.commits.append(len(writes))
        await super().commit(writes)

    async def get_all(self, paths: Any, **options: Any) -> list[Snapshot]:
        (self.gets if paths[0].startswith("customers/") else self.looked_up).append(len(paths))
        return await super().get_all(paths, **options)


async def test_upsert_of_many_rows_uses_several_commits() -> None:
    """A commit has at most 400 customers and one index change."""
    documents = CommitCountingStore()
    rows = [customer(external_id=str(n)) for n in range(1001)]
    assert set(await statuses(CustomerUpserts(documents, hashes=HASHER), rows)) == {"created"}
    assert documents.commits == [401, 401, 202]


async def test_upsert_after_only_new_customers_skips_the_read_until_one_exists() -> None:
    """After many new customers the next ones are expected to be new; if one exists, everything is read again."""
    documents = CommitCountingStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    rows = [customer(external_id=str(n), visits=n) for n in range(1200)]
    assert set(await statuses(upserts, rows)) == {"created"}
    assert documents.gets == [400]
    again = [*rows[800:], *(customer(external_id=str(n), city="Pune") for n in range(1200))]
    assert await statuses(upserts, again) == ["unchanged"] * 400 + ["updated"] * 1200
    assert documents.gets == [400] * 5
    assert (await documents.get(f"customers/{rows[7].id_with(HASHER)}"))["visits"] == 7


async def test_one_customer_a_call_skips_the_read_after_many_new_ones() -> None:
    """Also where each call has a commit of its own; a customer who exists is then read after the commit has failed, and
    keeps what the call does not give."""
    documents = CommitCountingStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    for n in range(MIN_NEW_IN_A_ROW + 20):
        assert await statuses(upserts, [customer(external_id=str(n), visits=n)]) == ["created"]
    assert documents.gets == [1] * MIN_NEW_IN_A_ROW
    assert await statuses(upserts, [customer(external_id="7", city="Pune")]) == ["updated"]
    assert await statuses(upserts, [customer(external_id="8", city="Pune")]) == ["updated"]
    assert documents.gets == [1] * (MIN_NEW_IN_A_ROW + 2)
    for n in (7, 8):
        stored = await documents.get(f"customers/{customer(external_id=str(n)).id_with(HASHER)}")
        assert (stored["visits"], stored["city"]) == (n, "Pune")


async def test_two_instances_that_expect_new_customers_create_each_once() -> None:
    """Both send the same people at the same moment: one creates them, and the other one adds to them."""
    documents = CommitCountingStore()
    instances = [CustomerUpserts(documents, hashes=HASHER) for _ in range(2)]
    for number, upserts in enumerate(instances):
        await statuses(upserts, [customer(external_id=f"{number}.{n}") for n in range(MIN_NEW_IN_A_ROW)])
    sent = [
        upserts.upsert([customer(external_id=f"same {n}", tags=[f"{number}"])])
        for n in range(20)
        for number, upserts in enumerate(instances)
    ]
    answers = [result for [result] in await asyncio.gather(*sent)]
    assert Counter(answer.status for answer in answers) == {"created": 20, "updated": 20}
    for answer in answers:
        assert sorted((await documents.get(f"customers/{answer.id}"))["tags"]) == ["0", "1"]


async def test_concurrent_upserts_share_one_commit_in_order() -> None:
    """Small calls go into the same commit, and the later call's value is stored."""
    documents = CommitCountingStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    calls = [upserts.upsert([customer(external_id=str(n % 16), visits=n)]) for n in range(32)]
    answers = [result.status for [result] in await asyncio.gather(*calls)]
    assert answers == ["created"] * 16 + ["updated"] * 16
    assert documents.commits == [17]
    stored = await documents.get_all([f"customers/{customer(external_id=str(n)).id_with(HASHER)}" for n in range(16)])
    assert [one["visits"] for one in stored] == list(range(16, 32))


async def test_upsert_with_suppressed_addresses_flags_the_customers() -> None:
    """A few addresses are looked up. For many, a short list is read once, and a long one looked up. The flags are the
    same."""
    few, many = MAX_LOOKED_UP, MAX_LOOKED_UP + 1
    for others, number, looked_up in ((0, few, [few]), (0, many, []), (MAX_IN_MEMORY, many, [many])):
        documents = CommitCountingStore()
        addresses = [
            Address(kind="email", value=f"{name}@example.com") for name in (3, *(f"x{n}" for n in range(others)))
        ]
        for batch in chunked(addresses, MAX_WRITES):
            await documents.commit(
                [suppression_write(HASHER.path(address), address, reason="", by="", now=NOW) for address in batch]
            )
        rows = [customer(external_id=str(n), email=f"{n}@example.com") for n in range(number)]
        await CustomerUpserts(documents, hashes=HASHER).upsert(rows)
        assert documents.looked_up == looked_up
        stored = await documents.get_all([f"customers/{row.id_with(HASHER)}" for row in rows])
        assert [one["suppressed"] for one in stored] == [["email"] if n == 3 else [] for n in range(number)]
