"""Rows of customers that give only an address: whose they are, in one call, in several, and in an import."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from common.storage.documents import Query, Snapshot
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.record_activities import ActivityRecorder
from customers.commands.update import CustomerUpdates
from customers.commands.upsert import CustomerUpserts, UpsertResult
from customers.formats.columns import CUSTOMERS
from customers.imports.jobs import ImportJobs, ImportSpec
from customers.imports.upload import Upload
from customers.model.activity import ActivityInput
from customers.model.customer import CustomerInput, CustomerPatch
from tests.support import HASHER, ResponseLosingStore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class ReadCountingStore(MemoryDocuments):
    """Counts what reads of customers cost: each document, and one for a query without a result."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.queries = 0

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        self.reads += len([path for path in paths if path.startswith("customers/")])
        return await super().get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        found = await super().query(query)
        if query.collection == "customers":
            self.reads += len(found) or 1
            self.queries += 1
        return found


def row(**fields: Any) -> CustomerInput:
    return CustomerInput.model_validate(fields)


async def upsert(documents: MemoryDocuments, *rows: CustomerInput, days: int = 0, **options: Any) -> list[UpsertResult]:
    clock = NOW + timedelta(days=days)
    return await CustomerUpserts(documents, hashes=HASHER, clock=lambda: clock).upsert(rows, **options)


async def stored(documents: MemoryDocuments, customer_id: str | None) -> Snapshot:
    return await documents.get(f"customers/{customer_id}")


async def test_row_with_only_an_address_changes_the_customer_who_came_with_an_id() -> None:
    """A newsletter's list has e-mail addresses, and the shop's customers have ids."""
    documents = MemoryDocuments()
    people = [row(external_id="a", email="a@example.com"), row(external_id="b", phone="+919876543210")]
    await upsert(documents, *people)
    results = await upsert(
        documents,
        row(email="A@example.com", city="Pune"),
        row(external_id=None, phone="098765 43210", city="Agra"),
        row(email="new@example.com"),
    )
    assert [(one.status, one.id) for one in results[:2]] == [("updated", person.id_with(HASHER)) for person in people]
    assert results[2].status == "created"
    changed = [await stored(documents, person.id_with(HASHER)) for person in people]
    assert [(one["external_id"], one["city"]) for one in changed] == [("a", "Pune"), ("b", "Agra")]
    assert len(documents.stored("customers")) == 3


@pytest.mark.parametrize("rule", ["reject", "oldest"])
async def test_row_with_the_address_of_several_customers_follows_the_callers_rule(rule: Any) -> None:
    """It is rejected, and the answer says why; or it is the oldest customer's."""
    documents = MemoryDocuments()
    family = [row(external_id=name, email="family@example.com") for name in ("a", "b")]
    for number, person in enumerate(reversed(family)):
        await upsert(documents, person, days=number)
    given = row(email="family@example.com", city="Pune")
    [result] = await upsert(documents, given, days=2, on_several_customers=rule)
    cities = [(await stored(documents, person.id_with(HASHER)))["city"] for person in family]
    if rule == "reject":
        assert (result.status, result.id, result.errors[0].code) == ("rejected", None, "several_customers")
        assert "2 customers" in result.errors[0].message
        assert cities == [None, None]
    else:
        assert (result.status, result.id, cities) == ("updated", family[1].id_with(HASHER), [None, "Pune"])
    assert len(documents.stored("customers")) == 2


async def test_calls_with_different_rules_share_a_commit_and_keep_their_rules() -> None:
    """The rule is the call's own, also where two calls are committed together."""
    documents = MemoryDocuments()
    await upsert(documents, *(row(external_id=name, email="family@example.com") for name in ("a", "b")))
    upserts = CustomerUpserts(documents, hashes=HASHER)
    given = row(email="family@example.com", city="Pune")
    answers = await asyncio.gather(
        upserts.upsert([given]), upserts.upsert([given], on_several_customers="oldest"), upserts.upsert([given])
    )
    assert [one.status for [one] in answers] == ["rejected", "updated", "rejected"]


async def test_customer_created_by_an_address_keeps_being_identified_by_it() -> None:
    """Others with an id may have the same address: the row is still this customer's."""
    documents = MemoryDocuments()
    own = row(email="a@example.com")
    await upsert(documents, own)
    await upsert(documents, *(row(external_id=name, email="a@example.com") for name in ("a", "b")))
    [result] = await upsert(documents, row(email="a@example.com", city="Pune"))
    assert (result.status, result.id) == ("updated", own.id_with(HASHER))


async def test_rows_of_one_call_find_each_other_by_their_addresses() -> None:
    """The rows are merged in order, whether they give the id or the address, also when all customers are new."""
    documents = MemoryDocuments()
    results = await upsert(
        documents,
        row(external_id="a", email="a@example.com", city="Pune"),
        row(email="a@example.com", name="Asha"),
        row(external_id="a", email="new@example.com"),
        row(email="new@example.com", company="Acme"),
        row(email="a@example.com"),
    )
    assert [one.status for one in results] == ["created", "updated", "updated", "updated", "created"]
    person = await stored(documents, results[0].id)
    assert [one.id == person.id for one in results] == [True, True, True, True, False]
    assert [person[name] for name in ("city", "name", "company", "email")] == [
        "Pune",
        "Asha",
        "Acme",
        "new@example.com",
    ]


async def test_activities_of_one_call_find_the_customer_whom_it_creates() -> None:
    """The first gives the id and the address, the second only the address."""
    documents = MemoryDocuments()
    common = {"type": "visit", "at": NOW, "email": "a@example.com"}
    visits = [
        ActivityInput.model_validate({**common, "event_id": "1", "external_id": "a"}),
        ActivityInput.model_validate({**common, "event_id": "2"}),
    ]
    recorder = ActivityRecorder(documents, hashes=HASHER, zone=UTC)
    results = await recorder.record(visits, on_unknown_customer="create")
    assert [(one.status, one.id) for one in results] == [("counted", visits[0].id_with(HASHER))] * 2
    assert [one["visits"] for one in documents.stored("customers")] == [2]


async def test_large_call_of_new_people_finds_the_one_who_is_known() -> None:
    """After a commit with only new customers the next one is not read first; it still finds who has an address."""
    documents = MemoryDocuments()
    known = row(external_id="a", email="700@example.com")
    await upsert(documents, known)
    results = await upsert(documents, *(row(email=f"{number}@example.com", visits=1) for number in range(900)))
    assert [number for number, one in enumerate(results) if one.id == known.id_with(HASHER)] == [700]
    assert results[700].status == "updated"
    assert len(documents.stored("customers")) == 900


async def test_row_by_address_cannot_change_what_identifies_the_customer() -> None:
    """Somebody came with a phone number and was given an e-mail address: a row with this address and another number is
    refused, as a change of the number is."""
    documents = MemoryDocuments()
    [created] = await upsert(documents, row(phone="+919876543210"))
    person = await stored(documents, created.id)
    await CustomerUpdates(documents, hashes=HASHER).update(
        person.id, CustomerPatch.model_validate({"email": "a@example.com"}), by="manager@example.com"
    )
    [result] = await upsert(documents, row(email="a@example.com", phone="+919876543211"))
    assert (result.status, result.id) == ("rejected", created.id)
    assert (result.errors[0].field, result.errors[0].code) == ("phone", "identity")
    [same] = await upsert(documents, row(email="a@example.com", phone="+919876543210", city="Pune"))
    assert (same.status, same.id) == ("updated", created.id)


async def test_reads_of_rows_are_few() -> None:
    """Rows with an id cost what they did. Of the others, up to thirty new ones cost a query, and any number nothing but
    the refresh of the audience index. Known ones cost a read each; the first ones after many new ones, two."""
    documents = ReadCountingStore()
    upserts = CustomerUpserts(documents, hashes=HASHER)
    await upserts.upsert([row(external_id=str(number), email=f"{number}@example.com") for number in range(800)])
    assert (documents.reads, documents.queries) == (400, 0)
    documents.reads = 0
    await upserts.upsert([row(email=f"new{number}@example.com") for number in range(800)])
    assert (documents.reads, documents.queries) == (0, 0)
    for reads, queries in ((30 + 30, 1), (30, 0)):
        documents.reads = documents.queries = 0
        await upserts.upsert([row(email=f"new{number}@example.com") for number in range(30)])
        assert (documents.reads, documents.queries) == (reads, queries)
    documents.reads = 0
    await upserts.upsert([row(email=f"newer{number}@example.com") for number in range(30)])
    assert (documents.reads, documents.queries) == (30 + 1, 1)


async def test_many_addresses_find_who_has_come_and_not_who_has_gone() -> None:
    """The index is as new as the call: with another instance's people, without those who were erased or renamed."""
    documents = MemoryDocuments()
    upserts = CustomerUpserts(documents, hashes=HASHER, clock=lambda: NOW)
    await upserts.upsert([row(email=f"first{number}@example.com") for number in range(40)])
    people = [
        row(external_id=str(number), email=f"{number}@example.com", phone=f"98765432{number:02d}")
        for number in range(4)
    ]
    [kept, changed, *_] = await upsert(documents, *people)
    await upsert(documents, row(external_id="1", email="changed@example.com"), days=1)
    rows = [row(email=f"{number}@example.com", city="Pune") for number in range(50)]
    results = await upserts.upsert([*rows, row(phone="9876543203", city="Agra")])
    assert [(one.status, one.id == kept.id) for one in results[:1]] == [("updated", True)]
    assert (results[1].status, results[1].id == changed.id) == ("created", False)
    assert [one.status for one in results].count("updated") == 4
    assert (await stored(documents, results[-1].id))["external_id"] == "3"


def mixed_upload(people: int) -> Upload:
    """Each person once with an id and once without."""

    async def body() -> AsyncIterator[bytes]:
        yield b"external_id,email,city,company\n"
        for number in range(people):
            yield f"c{number},c{number}@example.com,Pune,\n,c{number}@example.com,,Acme\n".encode()

    request: Any = SimpleNamespace(headers={"content-type": "text/csv"}, stream=body)
    return Upload(request, CUSTOMERS, None)


@pytest.mark.parametrize("seed", range(3))
async def test_import_with_both_kinds_of_rows_counts_each_once_and_is_the_same_when_sent_again(seed: int) -> None:
    """The two rows of a person may be in different shards, which run at the same time, twice, and lose responses. Both
    rows count once: for one customer, or, if the row with the address was first, for one with and one without the id.
    The same file again changes nothing that the file says."""
    rng = random.Random(seed)
    documents, publisher = ResponseLosingStore(), MemoryPublisher()
    jobs = ImportJobs(
        documents=documents,
        publisher=publisher,
        customer_upserts=CustomerUpserts(documents, hashes=HASHER),
        hashes=HASHER,
        activity_recorder=ActivityRecorder(documents, hashes=HASHER, zone=UTC),
        zone=UTC,
    )
    first = await process(jobs, documents, publisher, rng)
    assert first["created"] + first["updated"] == first["done"] == 600
    customers = await stated_data(documents)
    assert len(customers) == first["created"]
    again = await process(jobs, documents, publisher, rng)
    assert (again["unchanged"], again["done"]) == (600, 600)
    assert await stated_data(documents) == customers


async def stated_data(documents: ResponseLosingStore) -> dict[str, dict[str, Any]]:
    """Each customer's fields by path, without those that say which write was the last and of which import."""
    of_the_write = {"version", "updated_at", "import_notes"}
    return {
        one.path: {field: value for field, value in (one.data or {}).items() if field not in of_the_write}
        for one in await documents.query(Query(collection="customers"))
    }


async def process(
    jobs: ImportJobs, documents: ResponseLosingStore, publisher: MemoryPublisher, rng: random.Random
) -> dict[str, Any]:
    """Imports a file of 300 people, and returns the import's status."""
    upload = mixed_upload(300)
    spec = ImportSpec(what="customers", dry_run=False, by="admin@example.com")
    publisher.events.clear()
    rows = await upload.read_rows(501)
    import_id, _ = await jobs.accept(spec, rows, upload)
    commands: list[Any] = [*publisher.events, *publisher.events]
    rng.shuffle(commands)
    documents.lost = 10
    await asyncio.gather(*map(jobs.process, commands))
    return await jobs.status(import_id)
