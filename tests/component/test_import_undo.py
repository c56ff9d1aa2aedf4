"""Imports as objects: they are listed, cancelled and undone, exactly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from common.audience import Audience
from common.errors import HeraldError, Unavailable
from common.events import ProcessImportShard
from common.rules import parse
from common.storage.documents import Create, Query, Snapshot, Update, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.composition import CustomersFunction, CustomersSettings, compose
from customers.imports import undo as undo_module
from customers.imports.changes import read_changes
from customers.imports.jobs import MAX_CHUNK_ROWS
from tests.component.test_api_customers import CustomersApiFixture
from tests.support import AT, SETTINGS, ApiClient, IdCheckingStore, identity_from_token, logged_actions

KNOWN = {
    "external_id": "known",
    "email": "known@example.com",
    "name": "Asha Rao",
    "city": "Pune",
    "spend": 10,
    "tags": ["vip"],
    "attributes": {"size": "M", "colour": "red"},
}
FILE: list[dict[str, Any]] = [
    {"external_id": "new", "email": "new@example.com", "name": "New"},
    {
        "external_id": "known",
        "name": "Asha R.",
        "email": "wrong@example.com",
        "spend": 99,
        "tags": ["file"],
        "attributes": {"size": "L", "shoe": 7, "colour": None},
    },
]


class UndoFixture(CustomersApiFixture):
    """The API, and what tests of undo ask it."""

    async def run(self, rows: Sequence[dict[str, Any]], path: str = "/api/customers", **params: Any) -> str:
        """Import the rows, process them, and return the import's id."""
        import_id = await self.start(rows, path, **params)
        await self.process_imports()
        return import_id

    async def start(self, rows: Sequence[dict[str, Any]], path: str = "/api/customers", **params: Any) -> str:
        answer = await self.call("POST", path, json=list(rows), params={"background": True, **params})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["import_id"])

    async def undo_import(self, import_id: str) -> dict[str, Any]:
        """Undo the import; each command is delivered twice. Returns what was done."""
        answer = await self.call("POST", f"/api/imports/{import_id}/undo")
        assert answer.status_code == 202, answer.text
        await self.process_imports()
        return await self.undone(import_id)

    async def undone(self, import_id: str) -> dict[str, Any]:
        undo = (await self.status(import_id))["undo"]
        assert undo["state"] == "done"
        kept = {reason: number for reason, number in undo["kept"].items() if number}
        return {name: undo[name] for name in ("removed", "put_back", "opt_outs")} | {"kept": kept}

    async def status(self, import_id: str) -> dict[str, Any]:
        status: dict[str, Any] = (await self.call("GET", f"/api/imports/{import_id}")).json()
        return status

    async def people(self) -> dict[str, dict[str, Any]]:
        """All customers by external id or address, without their versions."""
        found = await self.all_customers()
        return {one["external_id"] or one["email"] or one["phone"]: without_times(one) for one in found}

    async def id_of(self, external_id: str) -> str:
        [found] = [one["id"] for one in await self.all_customers() if one["external_id"] == external_id]
        return str(found)


def without_times(customer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in customer.items() if name not in {"updated_at", "created_at"}}


@pytest.fixture
async def api() -> UndoFixture:
    api = UndoFixture()
    await api.add_members("viewer", "manager")
    return api


async def test_imports_are_listed_newest_first_with_state_who_and_counts(api: UndoFixture) -> None:
    """A page has as many as it is asked for, and leads to the next one."""
    first = await api.run(FILE, file="people.json")
    second = await api.start([{"external_id": "x"}], dry_run=True)
    page = (await api.call("GET", "/api/imports", params={"limit": 1}, by="viewer@example.com")).json()
    assert [one["id"] for one in page["items"]] == [second]
    rest = (await api.call("GET", "/api/imports", params={"limit": 1, "after": page["next"]})).json()
    [listed] = rest["items"]
    assert (listed["id"], listed["file"], listed["by"], listed["state"]) == (
        first, "people.json", "admin@example.com", "completed",
    )  # fmt: skip
    assert (listed["rows"], listed["done"], listed["created"], listed["undo"]) == (2, 2, 2, None)


async def test_undo_removes_who_was_created_and_puts_back_who_was_changed(api: UndoFixture) -> None:
    """Each field, attribute and tag is as before, also in the audience index; the log has who undid it."""
    await api.call("POST", "/api/customers", json=KNOWN)
    before = await api.people()
    import_id = await api.run(FILE, tag="spring")
    assert (await api.people())["known"]["name"] == "Asha R."
    assert await api.undo_import(import_id) == {"removed": 1, "put_back": 1, "opt_outs": 0, "kept": {}}
    assert await api.people() == before
    [progress] = await api.documents.query(Query(collection="import_undos"))
    assert progress["expires_at"] > (await api.documents.get(f"imports/{import_id}"))["expires_at"]
    audience = Audience(api.documents)
    await audience.refresh()
    [row] = await audience.newest(parse("everyone"), datetime.now(UTC))
    assert (row.name, row.email, row.tags, row.attributes["size"]) == ("Asha Rao", "known@example.com", ("vip",), "M")
    [entry] = await logged_actions(api.documents, "import undone")
    assert entry["import"] == import_id


@pytest.mark.parametrize("again", ["another import", "a request"])
async def test_undo_keeps_a_created_person_who_is_in_what_came_later(api: UndoFixture, again: str) -> None:
    """Of a corrected file most rows change nothing; the people in them are not removed with the wrong file."""
    wrong = await api.run([{"external_id": "right", "name": "Asha"}, {"external_id": "wrong", "name": "Bela"}])
    if again == "a request":
        answer = await api.call("POST", "/api/customers", json={"external_id": "right", "name": "Asha"})
        assert [result["status"] for result in answer.json()["results"]] == ["unchanged"]
    else:
        corrected = await api.run([{"external_id": "right", "name": "Asha"}])
        assert (await api.status(corrected))["unchanged"] == 1
    undone = await api.undo_import(wrong)
    assert (undone["removed"], undone["kept"]) == (1, {"named": 1})
    assert set(await api.people()) == {"right"}


async def test_undo_removes_a_created_person_whom_the_same_file_has_twice(api: UndoFixture) -> None:
    """In two chunks, the second of which changes nothing."""
    rows = [{"external_id": f"n{number}"} for number in range(MAX_CHUNK_ROWS["customers"] * 9)]
    import_id = await api.run([{"external_id": "twice"}, *rows, {"external_id": "twice"}])
    assert (await api.status(import_id))["unchanged"] == 1
    assert (await api.undo_import(import_id))["kept"] == {}
    assert await api.people() == {}


async def test_row_that_changes_nothing_is_written_once_at_most(api: UndoFixture) -> None:
    """Only after an import that can still be undone, and only the first time. It is no new version of the customer, so
    nothing changes in the audience index."""
    await api.run([{"external_id": "right"}])
    path = f"customers/{await api.id_of('right')}"
    stored = [await api.documents.get(path)]
    for _ in range(3):
        await api.call("POST", "/api/customers", json={"external_id": "right"})
        stored.append(await api.documents.get(path))
    assert len({one["version"] for one in stored}) == 1
    assert stored[0].version != stored[1].version
    assert len({one.version for one in stored[1:]}) == 1


async def test_undo_twice_changes_nothing_more(api: UndoFixture) -> None:
    """The second undo answers the same, also after somebody imported the same people again."""
    import_id = await api.run(FILE)
    first = await api.undo_import(import_id)
    assert first["removed"] == 2
    await api.run(FILE)
    assert await api.undo_import(import_id) == first
    assert set(await api.people()) == {"new", "known"}
    assert len(await logged_actions(api.documents, "import undone")) == 1


async def test_undo_keeps_what_is_newer_and_puts_the_rest_back(api: UndoFixture) -> None:
    """A value that somebody changed since stays; every other one of the same person is put back."""
    await api.call("POST", "/api/customers", json=KNOWN)
    import_id = await api.run(FILE)
    known = await api.id_of("known")
    change = {"name": "Asha Kulkarni", "attributes": {"shoe": 8}, "tags": ["vip", "file", "later"]}
    assert (await api.call("PATCH", f"/api/customers/{known}", json=change)).status_code == 200
    assert await api.undo_import(import_id) == {
        "removed": 1, "put_back": 0, "opt_outs": 0, "kept": {"changed": 1},
    }  # fmt: skip
    person = (await api.people())["known"]
    assert (person["name"], person["email"], person["spend"]) == ("Asha Kulkarni", "known@example.com", 10)
    assert (person["attributes"], person["tags"]) == ({"size": "M", "colour": "red", "shoe": 8}, ["vip", "later"])


async def test_undo_keeps_created_people_with_activities_messages_or_changes(api: UndoFixture) -> None:
    """Each is counted by its reason, and nobody else is kept."""
    names = ["ordered", "messaged", "changed", "merged", "erased", "same"]
    import_id = await api.run([{"external_id": name, "email": f"{name}@example.com"} for name in names])
    ids = {name: await api.id_of(name) for name in names}
    order = {"event_id": "o1", "type": "order", "at": "2026-01-02", "amount": 5, "external_id": "ordered"}
    await api.call("POST", "/api/activities", json=order)
    await api.documents.commit([Create("claims/m.1", {"campaign": "c", "customer": ids["messaged"], "at": AT})])
    await api.call("PATCH", f"/api/customers/{ids['changed']}", json={"city": "Pune"})
    kept = (await api.call("POST", "/api/customers", json={"external_id": "kept"})).json()["results"][0]["id"]
    merge = {"keep": kept, "merge": ids["merged"], "confirm": True}
    assert (await api.call("POST", "/api/customers/merge", json=merge)).status_code == 200
    assert (await api.call("DELETE", f"/api/customers/{ids['erased']}")).status_code < 300
    undone = await api.undo_import(import_id)
    reasons = {"activities": 1, "messages": 1, "changed": 1, "merged": 1, "erased": 1}
    assert undone == {"removed": 1, "put_back": 0, "opt_outs": 0, "kept": reasons}
    assert set(await api.people()) == {"ordered", "messaged", "changed", "kept"}
    assert (await api.people())["kept"]["email"] == "merged@example.com"


async def test_created_person_who_is_kept_keeps_the_values_of_all_rows(
    api: UndoFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those of a row in a later chunk; only the yes goes."""
    monkeypatch.setitem(cast(dict[str, int], MAX_CHUNK_ROWS), "customers", 1)
    later = {"external_id": "m", "email": "m@example.com", "tags": ["file"], "consent": {"email": True}}
    import_id = await api.run([{"external_id": "m", "name": "Mira"}, later])
    await api.documents.commit([Create("claims/m.1", {"campaign": "c", "customer": await api.id_of("m"), "at": AT})])
    assert (await api.undo_import(import_id))["kept"] == {"messages": 1}
    person = (await api.people())["m"]
    assert (person["name"], person["email"], person["tags"], person["consent"]) == (
        "Mira", "m@example.com", ["file"], {},
    )  # fmt: skip


async def test_undo_reads_no_records_of_people_who_were_known_before(
    api: UndoFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may have very many messages, and none of these matters."""
    await api.call("POST", "/api/customers", json=KNOWN)
    import_id = await api.run(FILE[1:])
    asked: list[str] = []
    query = api.documents.query

    async def noted(wanted: Query) -> list[Snapshot]:
        asked.append(wanted.collection)
        return await query(wanted)

    monkeypatch.setattr(api.documents, "query", noted)
    assert (await api.undo_import(import_id))["put_back"] == 1
    assert not {"activities", "claims", "receipts", "deferred"} & set(asked)


async def test_undo_takes_a_yes_back_and_never_a_no(api: UndoFixture) -> None:
    """Who is kept loses the yes of the file; whoever said no in it, says no for the address, also when removed."""
    await api.call("POST", "/api/customers", json={"external_id": "a", "email": "a@example.com"})
    known = {"external_id": "b", "email": "b@example.com", "consent": {"email": True}}
    await api.call("POST", "/api/customers", json=known)
    rows: list[dict[str, Any]] = [
        {"external_id": "a"},
        {"external_id": "b", "consent": {"email": False}},
        {"external_id": "c", "email": "c@example.com", "consent": {"email": False}},
        {"external_id": "d", "email": "d@example.com"},
    ]
    import_id = await api.run(rows, consent="granted")
    assert (await api.people())["a"]["consent"] == {"email": True}
    await api.call("PATCH", f"/api/customers/{await api.id_of('d')}", json={"city": "Pune"})
    undone = await api.undo_import(import_id)
    assert undone == {"removed": 1, "put_back": 2, "opt_outs": 2, "kept": {"changed": 1}}
    people = await api.people()
    assert {name: one["consent"] for name, one in people.items()} == {"a": {}, "b": {"email": False}, "d": {}}
    await api.call("POST", "/api/customers", json={"email": "c@example.com", "consent": {"email": True}})
    assert (await api.people())["c@example.com"]["consent"] == {"email": False}


async def test_undo_of_a_newer_yes_gives_the_no_back_to_all_who_have_the_address(api: UndoFixture) -> None:
    """The no holds again for the address: for those who have it, and for whoever gets it later."""
    said = {"consent": {"email": {"state": "denied", "at": "2026-01-01T00:00:00Z"}}}
    for name in ("a", "b"):
        await api.call("POST", "/api/customers", json={"external_id": name, "email": "family@example.com", **said})
    yes = {"consent": {"email": {"state": "granted", "at": "2026-02-01T00:00:00Z"}}}
    import_id = await api.run([{"external_id": "c", "email": "family@example.com", **yes}])
    assert {one["consent"]["email"] for one in (await api.people()).values()} == {True}
    await api.undo_import(import_id)
    await api.call("POST", "/api/customers", json={"external_id": "later", "email": "family@example.com"})
    people = await api.people()
    assert {name: one["consent"]["email"] for name, one in people.items()} == {"a": False, "b": False, "later": False}


async def test_undo_of_a_newer_yes_reaches_those_who_got_it_with_the_address_since(api: UndoFixture) -> None:
    """By another import, or by a merge. Otherwise the next change of theirs would store the yes again."""
    said = {"consent": {"email": {"state": "denied", "at": "2026-01-01T00:00:00Z"}}}
    await api.call("POST", "/api/customers", json={"external_id": "a", "email": "family@example.com", **said})
    yes = {"consent": {"email": {"state": "granted", "at": "2026-02-01T00:00:00Z"}}}
    import_id = await api.run([{"external_id": name, "email": "family@example.com", **yes} for name in ("c", "d")])
    await api.call("POST", "/api/customers", json={"external_id": "later", "email": "family@example.com"})
    await api.call("POST", "/api/customers", json={"external_id": "kept"})
    merge = {"keep": await api.id_of("kept"), "merge": await api.id_of("c"), "confirm": True}
    assert (await api.call("POST", "/api/customers/merge", json=merge)).status_code == 200
    undone = await api.undo_import(import_id)
    assert undone == {"removed": 1, "put_back": 1, "opt_outs": 0, "kept": {"merged": 1}}
    topic = {"external_id": "later", "consent": {"email_news": True}}
    await api.call("POST", "/api/customers", json=topic)
    people = await api.people()
    assert {name: one["consent"]["email"] for name, one in people.items()} == {
        "a": False,
        "kept": False,
        "later": False,
    }


async def test_undo_reaches_more_people_with_an_address_than_fit_into_one_commit(api: UndoFixture) -> None:
    """The import changes them in commits of their own, and each of these keeps what it changes."""
    said = {"consent": {"email": {"state": "denied", "at": "2026-01-01T00:00:00Z"}}}
    crowd = [{"external_id": f"p{n}", "email": "club@example.com", **said} for n in range(450)]
    await api.call("POST", "/api/customers", json=crowd)
    yes = {"consent": {"email": {"state": "granted", "at": "2026-02-01T00:00:00Z"}}}
    import_id = await api.run([{"external_id": "c", "email": "club@example.com", **yes}])
    assert {one["consent"]["email"] for one in (await api.people()).values()} == {True}
    assert await api.undo_import(import_id) == {"removed": 1, "put_back": 450, "opt_outs": 0, "kept": {}}
    assert {one["consent"]["email"] for one in (await api.people()).values()} == {False}


async def test_undo_leaves_suppressions_as_they_are(api: UndoFixture) -> None:
    """An address that is suppressed since the import stays so, and the person is kept."""
    import_id = await api.run([{"external_id": "a", "email": "a@example.com"}])
    await api.call("POST", "/api/suppressions", json={"email": "a@example.com"})
    assert (await api.undo_import(import_id))["kept"] == {"changed": 1}
    assert (await api.people())["a"]["suppressed"] == ["email"]


async def test_undo_of_a_person_whom_several_chunks_changed_goes_back_to_the_beginning(api: UndoFixture) -> None:
    """Rows with an id and rows with only an address are in different shards; the last change is undone first."""
    await api.call("POST", "/api/customers", json={"external_id": "a", "email": "a@example.com", "city": "Pune"})
    before = await api.people()
    rows = [{"email": "a@example.com", "city": "Thane"}, {"external_id": "a", "city": "Nashik"}]
    import_id = await api.run([*rows, {"email": "a@example.com", "city": "Agra"}])
    assert (await api.undo_import(import_id))["put_back"] == 1
    assert await api.people() == before


ORDERS: list[dict[str, Any]] = [
    {"event_id": "f1", "type": "order", "at": "2026-03-01T10:00:00Z", "amount": 40, "external_id": "known"},
    {"event_id": "f2", "type": "visit", "at": "2026-03-02T10:00:00Z", "external_id": "known"},
    {"event_id": "f3", "type": "refund", "at": "2026-03-03T10:00:00Z", "amount": 15, "external_id": "known"},
    {"event_id": "f4", "type": "order", "at": "2026-03-01T10:00:00Z", "amount": 7, "external_id": "stranger"},
]


async def test_undo_of_orders_takes_them_out_of_the_figures_and_they_can_be_counted_again(api: UndoFixture) -> None:
    """Figures, days and times are as before, the events leave the index, and the same file counts again."""
    await api.call("POST", "/api/customers", json=KNOWN)
    own = {"event_id": "o1", "type": "order", "at": "2026-01-05T10:00:00Z", "amount": 3, "external_id": "known"}
    await api.call("POST", "/api/activities", json=own)
    before = await api.people()
    import_id = await api.run(ORDERS, "/api/activities", on_unknown_customer="create")
    after = await api.people()
    assert after["known"]["spend"] == 38
    assert await api.undo_import(import_id) == {"removed": 1, "put_back": 1, "opt_outs": 0, "kept": {}}
    assert await api.people() == before
    audience = Audience(api.documents)
    await audience.load_events()
    assert await audience.select("SELECT kind FROM events", []) == [("order",)]
    await api.run(ORDERS, "/api/activities", on_unknown_customer="create")
    assert await api.people() == after


async def test_undo_of_orders_keeps_those_that_were_counted_since(api: UndoFixture) -> None:
    """The newer orders stay in the sums, the days and the times, also of somebody whom the import created."""
    await api.call("POST", "/api/customers", json=KNOWN)
    import_id = await api.run(ORDERS, "/api/activities", on_unknown_customer="create")
    newer = [
        {"event_id": f"n{name}", "type": "order", "at": "2026-03-02T12:00:00Z", "amount": 2, "external_id": name}
        for name in ("known", "stranger")
    ]
    await api.call("POST", "/api/activities", json=newer)
    assert await api.undo_import(import_id) == {
        "removed": 0, "put_back": 1, "opt_outs": 0, "kept": {"activities": 1},
    }  # fmt: skip
    people = await api.people()
    assert {name: (one["spend"], one["orders"], one["visits"], one["active_days"]) for name, one in people.items()} == {
        "known": (12, 1, 0, 1), "stranger": (2, 1, 0, 1),
    }  # fmt: skip
    assert {one["last_active_at"] for one in people.values()} == {"2026-03-02T12:00:00Z"}
    assert {one["first_order_at"] for one in people.values()} == {"2026-03-02T12:00:00Z"}


async def test_undo_of_very_many_orders_of_one_person_takes_several_commits(api: UndoFixture) -> None:
    """More than fit into one commit, of somebody who was known and of somebody whom the import created."""
    await api.call("POST", "/api/customers", json=KNOWN)
    before = await api.people()
    rows = [
        {"event_id": f"{name}{n}", "type": "order", "at": "2026-03-01", "amount": 1, "external_id": name}
        for name in ("known", "stranger")
        for n in range(450)
    ]
    import_id = await api.run(rows, "/api/activities", on_unknown_customer="create")
    assert (await api.people())["stranger"]["orders"] == 450
    assert await api.undo_import(import_id) == {"removed": 1, "put_back": 1, "opt_outs": 0, "kept": {}}
    assert await api.people() == before
    assert not await api.documents.query(Query(collection="activities", fields=()))


async def test_undo_of_very_many_orders_puts_days_and_times_back(api: UndoFixture) -> None:
    """Several commits take them out; the first and the last day are in any of these."""
    await api.call("POST", "/api/customers", json=KNOWN)
    own = {"event_id": "own", "type": "order", "at": "2024-06-01T10:00:00Z", "amount": 3, "external_id": "known"}
    await api.call("POST", "/api/activities", json=own)
    before = await api.people()
    days = [(AT.replace(year=2024, month=1, day=1) + timedelta(days=n)).isoformat() for n in range(450)]
    orders = [
        {"event_id": f"m{n}", "type": "order", "at": day, "amount": 1, "external_id": "known"}
        for n, day in enumerate(days)
    ]
    import_id = await api.run(orders, "/api/activities")
    assert (await api.people())["known"]["active_days"] == 450
    assert await api.undo_import(import_id) == {"removed": 0, "put_back": 1, "opt_outs": 0, "kept": {}}
    assert await api.people() == before


async def test_order_between_two_commits_of_an_undo_keeps_only_its_own_amount(api: UndoFixture) -> None:
    """Somebody with very many orders of a file orders while these are taken out: the rest is taken out as well."""
    rows = [
        {"event_id": f"m{n}", "type": "order", "at": "2026-03-01", "amount": 1, "external_id": "stranger"}
        for n in range(450)
    ]
    import_id = await api.run(rows, "/api/activities", on_unknown_customer="create")
    await api.call("POST", f"/api/imports/{import_id}/undo")
    with pytest.raises(Unavailable):
        await deliver(function_on(DyingStore(api.documents, 1, after=True), api.publisher), api.publisher)
    newer = {"event_id": "new", "type": "order", "at": "2026-03-02", "amount": 2, "external_id": "stranger"}
    await api.call("POST", "/api/activities", json=newer)
    await api.process_imports()
    assert (await api.undone(import_id))["kept"] == {"activities": 1}
    person = (await api.people())["stranger"]
    assert (person["spend"], person["orders"], person["active_days"]) == (2, 1, 1)


async def test_undo_goes_on_with_each_delivery_however_long_it_reads(
    api: UndoFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the import changed may take longer to read than the time budget of a delivery."""
    monkeypatch.setattr(undo_module, "MAX_CUSTOMERS", 2)
    import_id = await api.run([{"external_id": f"c{n}"} for n in range(5)])
    await api.call("POST", f"/api/imports/{import_id}/undo")
    slow = function_on(api.documents, api.publisher, import_seconds=-1).import_undo
    for left in (3, 1, 0):
        event = api.publisher.events.pop()
        assert isinstance(event, ProcessImportShard)
        await slow.process(event)
        assert len(await api.people()) == left


async def test_undo_of_many_opt_outs_reads_none_of_their_addresses(
    api: UndoFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A no stays, so there is nothing to put back; to read each address in each part would take too long."""
    rows = [{"external_id": f"c{n}", "email": f"c{n}@example.com", "consent": {"email": False}} for n in range(20)]
    import_id = await api.run(rows)
    read: list[str] = []
    get = api.documents.get

    async def noted(path: str, **options: Any) -> Snapshot:
        read.append(path)
        return await get(path, **options)

    monkeypatch.setattr(api.documents, "get", noted)
    assert await api.undo_import(import_id) == {"removed": 20, "put_back": 0, "opt_outs": 20, "kept": {}}
    assert not [path for path in read if path.startswith("addresses/")]


@pytest.mark.parametrize("collection", ["import_changes", "import_chunks"])
async def test_two_erasures_at_once_leave_nothing_of_either_in_an_import(
    api: UndoFixture, monkeypatch: pytest.MonkeyPatch, collection: str
) -> None:
    """The second one redacts a document right before the first one writes it. Both people are in the same shard."""
    both = [{"external_id": name, "email": f"{name}@example.com", "name": f"Before {name}"} for name in ("e1", "e9")]
    await api.call("POST", "/api/customers", json=both)
    import_id = await api.run([{**one, "name": f"After {one['external_id']}"} for one in both])
    ids = [await api.id_of(name) for name in ("e1", "e9")]
    commit, second = api.documents.commit, [ids[1]]

    async def overtaken(writes: Sequence[Write]) -> None:
        if second and any(write.path.startswith(f"{collection}/") for write in writes):  # it was read before
            await api.call("DELETE", f"/api/customers/{second.pop()}")
        await commit(writes)

    monkeypatch.setattr(api.documents, "commit", overtaken)
    assert (await api.call("DELETE", f"/api/customers/{ids[0]}")).status_code < 300
    assert not second
    customers, _ = await read_changes(api.documents, import_id)
    results = (await api.call("GET", f"/api/imports/{import_id}/results")).text
    assert not [id_ for id_ in ids if id_ in customers or id_ in results]


async def test_cancelled_import_writes_nothing_more(api: UndoFixture) -> None:
    """What is written stays, the rest is never written, also by commands on their way, and the status says so."""
    import_id = await api.start([{"external_id": f"c{n}"} for n in range(100)])
    command = api.publisher.events[0]
    assert isinstance(command, ProcessImportShard)
    await api.imports.process(command)
    answer = await api.call("POST", f"/api/imports/{import_id}/cancel")
    done = answer.json()["done"]
    assert (answer.status_code, answer.json()["state"], 0 < done < 100) == (200, "cancelled", True)
    await api.process_imports()
    assert ((await api.status(import_id))["done"], len(await api.all_customers())) == (done, done)
    assert (await api.call("POST", f"/api/imports/{import_id}/cancel")).status_code == 200
    assert len(await logged_actions(api.documents, "import cancelled")) == 1


async def test_import_that_ended_while_it_was_cancelled_is_completed(api: UndoFixture) -> None:
    """Its last rows were written in between: nothing of it was cancelled."""
    import_id = await api.run(FILE)
    await api.documents.commit([Update(f"imports/{import_id}", {"state": "cancelled"})])
    status = await api.status(import_id)
    assert (status["state"], status["done"], status["rows"]) == ("completed", 2, 2)


async def test_undo_of_a_running_import_cancels_it_first(api: UndoFixture) -> None:
    """Nothing of it is left, although commands are still delivered."""
    import_id = await api.start([{"external_id": f"c{n}"} for n in range(100)])
    command = api.publisher.events[0]
    assert isinstance(command, ProcessImportShard)
    await api.imports.process(command)
    undone = await api.undo_import(import_id)
    assert (undone["removed"] > 0, await api.people()) == (True, {})
    assert (await api.status(import_id))["state"] == "cancelled"


@pytest.mark.parametrize("action", ["cancel", "undo"])
async def test_action_on_an_import_that_cannot_have_it_is_refused(api: UndoFixture, action: str) -> None:
    """An unknown one is not found, a viewer may not, and a dry run has nothing to undo."""
    dry_run = await api.run(FILE, dry_run=True)
    refused = await api.call("POST", f"/api/imports/{dry_run}/{action}")
    assert (refused.status_code, "import" in refused.json()["detail"].lower()) == (409, True)
    assert (await api.call("POST", f"/api/imports/abc/{action}")).status_code == 404
    viewer = await api.call("POST", f"/api/imports/{dry_run}/{action}", by="viewer@example.com")
    assert viewer.status_code == 403


async def test_undo_after_a_day_is_refused(api: UndoFixture) -> None:
    """The answer says why, and nothing is changed."""
    import_id = await api.run(FILE)
    stored = await api.documents.get(f"imports/{import_id}")
    past = {"undo_until": stored["at"] - timedelta(seconds=1)}
    await api.documents.commit([Update(stored.path, past)])
    refused = await api.call("POST", f"/api/imports/{import_id}/undo")
    assert (refused.status_code, "for a day" in refused.json()["detail"]) == (409, True)
    assert (await api.status(import_id))["undo"] is None


async def test_erased_person_is_nowhere_in_what_an_import_keeps(api: UndoFixture) -> None:
    """Neither the id nor a value of before is kept, and the undo counts the person as erased."""
    await api.call("POST", "/api/customers", json=KNOWN)
    import_id = await api.run(FILE)
    known = await api.id_of("known")
    await api.call("DELETE", f"/api/customers/{known}")
    kept = await api.documents.query(Query(collection="import_changes"))
    customers, _ = await read_changes(api.documents, import_id)
    text = json.dumps({id_: [str(one) for one in changes] for id_, changes in customers.items()})
    assert (bool(kept), known in text, "Asha" in text) == (True, False, False)
    assert await api.undo_import(import_id) == {"removed": 1, "put_back": 0, "opt_outs": 0, "kept": {"erased": 1}}


class DyingStore:
    """The database of a process that dies before or after its `nth` commit; then nothing of it goes on."""

    def __init__(self, documents: MemoryDocuments, nth: int, *, after: bool) -> None:
        self._documents = documents
        self._left = nth
        self._after = after
        self.is_dead = False

    def __getattr__(self, name: str) -> Any:
        if self.is_dead:
            raise Unavailable("The process is dead.")
        return getattr(self._documents, name)

    async def commit(self, writes: Sequence[Write]) -> None:
        self._left -= 1
        self.is_dead = self.is_dead or (self._left == 0 and not self._after)
        if self.is_dead:
            raise Unavailable("The process is dead.")
        await self._documents.commit(writes)
        if self._left == 0:
            self.is_dead = True
            raise Unavailable("The process is dead.")


def function_on(documents: Any, publisher: MemoryPublisher, **settings: Any) -> CustomersFunction:
    """A new process."""
    access = IdCheckingStore()
    return compose(
        documents=documents,
        publisher=publisher,
        open_access=lambda: access,
        verify_id_token=identity_from_token,
        settings=CustomersSettings(SETTINGS),
        **settings,
    )


async def deliver(function: CustomersFunction, publisher: MemoryPublisher) -> None:
    """Process what is published. What a process dies over is delivered again."""
    while publisher.events:
        event = publisher.events[0]
        assert isinstance(event, ProcessImportShard)
        await (function.import_undo if event.action == "undo" else function.import_jobs).process(event)
        publisher.events.pop(0)


YES = {"email": {"state": "granted", "at": "2026-02-01T00:00:00Z"}}
NO = {"email": {"state": "denied", "at": "2026-01-01T00:00:00Z"}}
MIXED: list[dict[str, Any]] = [
    *({"external_id": f"n{n}", "email": f"n{n}@example.com"} for n in range(3)),
    *({"external_id": f"k{n}", "city": "Thane", "tags": ["file"], "consent": {"email": True}} for n in range(3)),
    {"external_id": "family", "email": "k0@example.com", "consent": YES},
    {"external_id": "opted out", "email": "out@example.com", "consent": {"email": False}},
]


async def mixed_api() -> UndoFixture:
    """Known customers, one of whom says no."""
    api = UndoFixture()
    rows: list[dict[str, Any]] = [
        {"external_id": f"k{n}", "email": f"k{n}@example.com", "city": "Pune", "consent": NO if n == 0 else {}}
        for n in range(3)
    ]
    await api.call("POST", "/api/customers", json=rows)
    return api


async def state_of(api: UndoFixture) -> tuple[dict[str, Any], dict[str, Any]]:
    """The customers, and what is said about each address."""
    stored = await api.documents.query(Query(collection="addresses"))
    said = {one.id: {name: said["state"] for name, said in one.get("consents", {}).items()} for one in stored}
    return await api.people(), {id_: states for id_, states in said.items() if states}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("phase", ["import", "undo"])
async def test_process_that_dies_at_any_commit_is_undone_exactly(
    monkeypatch: pytest.MonkeyPatch, phase: str, *, after: bool
) -> None:
    """The import or its undo dies at each of its commits in turn; a new process ends it, and the result is the same."""
    monkeypatch.setattr(undo_module, "MAX_CUSTOMERS", 2)
    for nth in range(1, 100):
        api = await mixed_api()
        people, addresses = await state_of(api)
        dying = DyingStore(api.documents, nth, after=after)
        import_id = await api.start(MIXED)
        if phase == "import":
            await _survive(dying, api)
        await api.process_imports()
        if phase == "undo":
            with suppress(HeraldError):
                await ApiClient(function_on(dying, api.publisher).app)("POST", f"/api/imports/{import_id}/undo")
            await _survive(dying, api)
        assert await api.undo_import(import_id) == {"removed": 5, "put_back": 3, "opt_outs": 1, "kept": {}}
        people_left, addresses_left = await state_of(api)
        assert people_left == people
        assert {**addresses_left, **addresses} == addresses_left
        assert [said for id_, said in addresses_left.items() if id_ not in addresses] == [{"email": "denied"}]
        if not dying.is_dead:
            assert nth > 3
            return
    pytest.fail("It never lived to the end.")


async def test_two_processes_that_undo_the_same_part_count_each_person_once() -> None:
    """Both read the same progress; one of them finds it moved on."""
    api = await mixed_api()
    people, _ = await state_of(api)
    import_id = await api.run(MIXED)
    assert (await api.call("POST", f"/api/imports/{import_id}/undo")).status_code == 202
    [event] = api.publisher.events
    assert isinstance(event, ProcessImportShard)
    processes = [function_on(api.documents, api.publisher).import_undo for _ in range(3)]
    await asyncio.gather(*(one.process(event) for one in processes))
    assert await api.undone(import_id) == {"removed": 5, "put_back": 3, "opt_outs": 1, "kept": {}}
    assert await api.people() == people


async def _survive(dying: DyingStore, api: UndoFixture) -> None:
    """Process the commands until the process dies."""
    try:
        await deliver(function_on(dying, api.publisher), api.publisher)
    except HeraldError:
        assert dying.is_dead
