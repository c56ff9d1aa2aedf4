"""Imports about the same people and the same values, undone in any order: what something else gives stays."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.errors import HeraldError
from common.storage.documents import Create, Update, Write
from customers.imports import undo as undo_module
from tests.component.test_import_undo import DyingStore, UndoFixture, deliver, function_on
from tests.support import AT, examples

KNOWN = {"external_id": "k", "city": "Pune", "tags": ["vip"], "attributes": {"size": "M"}}
SAME = {"external_id": "k", "city": "Agra", "tags": ["file"], "attributes": {"size": "L"}}


@pytest.fixture
async def api() -> UndoFixture:
    api = UndoFixture()
    await api.add_members("viewer", "manager")
    return api


async def fields_of(api: UndoFixture, name: str) -> tuple[Any, ...]:
    person = (await api.people())[name]
    return person["city"], person["tags"], person["attributes"]


OLD = ("Pune", ["vip"], {"size": "M"})
NEW = ("Agra", ["vip", "file"], {"size": "L"})


@pytest.mark.parametrize("first", [0, 1])
async def test_value_stays_as_long_as_one_of_two_imports_gives_it(api: UndoFixture, first: int) -> None:
    """The second one changed nothing, and yet gave the value; once both are undone, the value of before is back."""
    await api.call("POST", "/api/customers", json=KNOWN)
    imports = [await api.run([SAME]), await api.run([SAME])]
    assert (await api.status(imports[1]))["unchanged"] == 1
    undone = await api.undo_import(imports[first])
    assert await fields_of(api, "k") == NEW
    assert (undone["put_back"], undone["kept"]) == (0, {} if first else {"named": 1})
    assert (await api.undo_import(imports[1 - first]))["put_back"] == 1
    assert await fields_of(api, "k") == OLD


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_value_that_a_request_gives_again_stays(api: UndoFixture, method: str) -> None:
    """A request is never undone, so the value stays for good."""
    await api.call("POST", "/api/customers", json=KNOWN)
    import_id = await api.run([SAME])
    path = "/api/customers" if method == "POST" else f"/api/customers/{await api.id_of('k')}"
    named = {"external_id": "k"} if method == "POST" else {}
    assert (await api.call(method, path, json={**named, "city": "Agra"})).status_code == 200
    assert await fields_of(api, "k") == NEW
    assert (await api.undo_import(import_id))["kept"] == {"named": 1}
    assert await fields_of(api, "k") == ("Agra", *OLD[1:])


@pytest.mark.parametrize("first", [0, 1])
async def test_value_that_two_imports_changed_goes_back_to_that_of_before_both(api: UndoFixture, first: int) -> None:
    """Not to that of the other import, which is undone too."""
    await api.call("POST", "/api/customers", json=KNOWN)
    later = {"external_id": "k", "city": "Thane", "tags": ["late"], "attributes": {"size": "S"}}
    imports = [await api.run([SAME]), await api.run([later])]
    await api.undo_import(imports[first])
    assert (await fields_of(api, "k"))[0] == ("Agra" if first else "Thane")
    await api.undo_import(imports[1 - first])
    assert await fields_of(api, "k") == OLD


@pytest.mark.parametrize("first", [0, 1])
async def test_person_stays_as_long_as_one_of_two_imports_names_them(api: UndoFixture, first: int) -> None:
    """Whichever of them created the person; nobody is left when both are undone."""
    imports = [await api.run([{"external_id": "n", "city": "Agra"}]), await api.run([{"external_id": "n", "spend": 7}])]
    await api.undo_import(imports[first])
    [person] = (await api.people()).values()
    assert (person["city"], person["spend"]) == ("Agra", 0 if first else 7)
    assert (await api.undo_import(imports[1 - first]))["removed"] == 1
    assert await api.people() == {}


async def test_person_who_is_imported_again_after_the_undo_is_a_new_one(api: UndoFixture) -> None:
    """The undo of the first import is not repeated for the second one."""
    rows = [{"external_id": "n", "city": "Agra"}]
    first = await api.run(rows)
    await api.undo_import(first)
    second = await api.run(rows)
    await api.undo_import(first)
    assert set(await api.people()) == {"n"}
    assert (await api.undo_import(second))["removed"] == 1


async def test_yes_of_two_imports_goes_only_with_both_and_a_no_of_before_comes_back_with_the_first(
    api: UndoFixture,
) -> None:
    """Nobody who had said no gets messages because a second file had the same yes."""
    no = {"email": {"state": "denied", "at": "2026-01-01T00:00:00Z"}}
    yes = {"email": {"state": "granted", "at": "2026-02-01T00:00:00Z"}}
    people = [{"external_id": "a", "email": "a@example.com"}, {"external_id": "b", "email": "b@example.com"}]
    await api.call("POST", "/api/customers", json=[people[0], {**people[1], "consent": no}])
    rows = [{**one, "consent": yes} for one in people]
    imports = [await api.run(rows), await api.run(rows)]
    await api.undo_import(imports[0])
    assert {name: one["consent"] for name, one in (await api.people()).items()} == {
        "a": {"email": True},
        "b": {"email": False},
    }
    await api.undo_import(imports[1])
    assert {name: one["consent"] for name, one in (await api.people()).items()} == {"a": {}, "b": {"email": False}}


async def test_person_with_orders_of_another_import_goes_with_the_last_of_both(api: UndoFixture) -> None:
    """The orders keep the person, until these are undone as well."""
    people = await api.run([{"external_id": "n", "city": "Agra"}])
    order = {"event_id": "o1", "type": "order", "at": "2026-03-01T10:00:00Z", "amount": 5, "external_id": "n"}
    orders = await api.run([order], "/api/activities")
    assert (await api.undo_import(people))["kept"] == {"activities": 1}
    assert (await api.undo_import(orders))["removed"] == 1
    assert await api.people() == {}


async def test_orphan_with_messages_stays(api: UndoFixture) -> None:
    """Messages are newer than both imports."""
    rows = [{"external_id": "n", "city": "Agra"}]
    imports = [await api.run(rows), await api.run(rows)]
    await api.undo_import(imports[0])
    await api.documents.commit([Create("claims/m.1", {"campaign": "c", "customer": await api.id_of("n"), "at": AT})])
    assert (await api.undo_import(imports[1]))["removed"] == 0
    assert set(await api.people()) == {"n"}


async def test_file_that_is_sent_every_hour_writes_nobody_each_time(api: UndoFixture) -> None:
    """Only the first imports after the one that changed something are noted by name; the others are the same as a
    request: what they give stays."""
    await api.call("POST", "/api/customers", json=KNOWN)
    first = await api.run([SAME])
    path = f"customers/{await api.id_of('k')}"
    written = []
    for _ in range(8):
        await api.run([SAME])
        written.append((await api.documents.get(path)).version)
    assert len(set(written[-3:])) == 1
    assert (await api.undo_import(first))["kept"] == {"named": 1}
    assert await fields_of(api, "k") == NEW


async def test_row_that_is_unchanged_long_after_an_import_writes_nothing(api: UndoFixture) -> None:
    """The import can no longer be undone."""
    await api.run([SAME])
    path = f"customers/{await api.id_of('k')}"
    stored = await api.documents.get(path)
    notes = {**stored["import_notes"], "until": stored["updated_at"]}
    await api.documents.commit([Update(path, {"import_notes": notes})])
    before = await api.documents.get(path)
    await api.run([SAME])
    assert (await api.documents.get(path)).version == before.version


PEOPLE = [{"external_id": name, "email": f"{name}@example.com"} for name in ("n1", "n2")]
WRONG: list[dict[str, Any]] = [SAME, *({**one, "city": "Agra"} for one in PEOPLE)]
CORRECTED: list[dict[str, Any]] = [{**SAME, "city": "Thane"}, PEOPLE[0], {**PEOPLE[1], "city": "Agra", "spend": 4}]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("first", [0, 1])
async def test_undo_of_two_imports_that_dies_at_any_commit_leaves_nothing_of_them(
    monkeypatch: pytest.MonkeyPatch, first: int, *, after: bool
) -> None:
    """The process dies at each of the commits of both undos in turn, and a new one ends the work."""
    monkeypatch.setattr(undo_module, "MAX_CUSTOMERS", 1)
    for nth in range(1, 100):
        api = UndoFixture()
        await api.add_members("manager")
        await api.call("POST", "/api/customers", json=KNOWN)
        before = await api.people()
        imports = [await api.run(WRONG), await api.run(CORRECTED)]
        dying = DyingStore(api.documents, nth, after=after)
        for import_id in (imports[first], imports[1 - first]):
            await api.call("POST", f"/api/imports/{import_id}/undo")
            with suppress(HeraldError):
                await deliver(function_on(dying, api.publisher), api.publisher)
        for import_id in imports:
            await api.undo_import(import_id)
        assert await api.people() == before
        if not dying.is_dead:
            assert nth > 6
            return
    pytest.fail("It never lived to the end.")


async def test_import_that_is_written_between_two_commits_of_an_undo_loses_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The corrected file is imported right before each commit of the undo of the wrong one, in turn: before the undo it
    finds people and names them, after it they are new. In any case they are all there, and go with its own undo."""
    monkeypatch.setattr(undo_module, "MAX_CUSTOMERS", 1)
    for nth in range(1, 100):
        api = UndoFixture()
        await api.add_members("manager")
        await api.call("POST", "/api/customers", json=KNOWN)
        before = await api.people()
        wrong = await api.run(WRONG)
        overtaken = _OvertakenStore(api, nth)
        await api.call("POST", f"/api/imports/{wrong}/undo")
        await deliver(function_on(overtaken, api.publisher), api.publisher)
        if not overtaken.import_id:
            assert nth > 3
            return
        people = await api.people()
        assert {name: (one["city"], one["spend"]) for name, one in people.items()} == {
            "k": ("Thane", 0), "n1": (people["n1"]["city"], 0), "n2": ("Agra", 4),
        }  # fmt: skip
        assert people["n1"]["city"] in {None, "Agra"}  # it is the same person, or a new one
        await api.undo_import(overtaken.import_id)
        assert await api.people() == before
    pytest.fail("The undo never ended.")


class _OvertakenStore:
    """A database in which the corrected file is imported, by another process, right before the `nth` commit."""

    def __init__(self, api: UndoFixture, nth: int) -> None:
        self._api = api
        self._left = nth
        self.import_id = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api.documents, name)

    async def commit(self, writes: Sequence[Write]) -> None:
        self._left -= 1
        if self._left == 0:
            waiting, self._api.publisher.events[:] = list(self._api.publisher.events), []
            self.import_id = await self._api.run(CORRECTED)
            self._api.publisher.events[:] = waiting
        await self._api.documents.commit(writes)


@dataclass
class Statement:
    """What one row or edit gave a field."""

    source: int | None  # the import; None for what is never undone
    value: Any
    is_base: bool = False  # of the import that created the person: it stays as long as the person does


@dataclass
class OraclePerson:
    """What is known of one person: who names them, and what was given, in order."""

    creator: int | None
    holders: set[int | None] = field(default_factory=set)
    given: dict[str, list[Statement]] = field(default_factory=dict)


class Oracle:
    """The same in plain Python: a value is that of the last statement that is not undone."""

    def __init__(self) -> None:
        self.people: dict[str, OraclePerson] = {}

    def give(self, name: str, fields: dict[str, Any], source: int | None) -> None:
        person = self.people.setdefault(name, OraclePerson(creator=source))
        person.holders.add(source)
        for field_name, value in fields.items():
            is_base = source is not None and source == person.creator
            person.given.setdefault(field_name, []).append(Statement(source, value, is_base))

    def undo(self, source: int) -> None:
        for name, person in list(self.people.items()):
            if source not in person.holders:
                continue
            person.holders.discard(source)
            if not person.holders:
                del self.people[name]
                continue
            for statements in person.given.values():
                statements[:] = [one for one in statements if one.source != source or one.is_base]

    def state(self) -> dict[str, dict[str, Any]]:
        return {
            name: {key: said[-1].value for key, said in sorted(person.given.items()) if said}
            for name, person in self.people.items()
        }


VALUES: dict[str, list[Any]] = {
    "city": ["Pune", "Agra"],
    "attributes.size": ["M", "L"],
    "tags.file": [True],
    "tags.vip": [True],
}
rows_of_people = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()}),
    min_size=1,
)
actions = st.one_of(
    st.tuples(st.just("import"), rows_of_people),
    st.tuples(st.just("undo"), st.integers(0, 4)),
    st.tuples(st.just("request"), rows_of_people),
    st.tuples(st.just("edit"), st.sampled_from(["a", "b"]), st.sampled_from(VALUES["city"])),
)


def as_row(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"external_id": name}
    for key, value in fields.items():
        group, _, entry = key.partition(".")
        if group == "tags":
            row.setdefault("tags", []).append(entry)
        elif entry:
            row.setdefault("attributes", {})[entry] = value
        else:
            row[key] = value
    return row


async def state_of(api: UndoFixture) -> dict[str, dict[str, Any]]:
    """The customers in the form of the oracle."""
    state = {}
    for person in await api.all_customers():
        fields: dict[str, Any] = {"city": person["city"]} if person["city"] else {}
        fields |= {f"attributes.{name}": value for name, value in person["attributes"].items()}
        fields |= {f"tags.{tag}": True for tag in person["tags"]}
        state[person["external_id"]] = dict(
            sorted({**fields, **{f"tags.{tag}": True for tag in person["tags"]}}.items())
        )
    return state


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(actions, min_size=2, max_size=9))
@example([("import", {"a": {"city": "Pune"}}), ("import", {"a": {"city": "Pune"}}), ("undo", 0), ("undo", 1)])
@example(
    [
        ("import", {"a": {"city": "Agra"}}),
        ("import", {"a": {"city": "Pune"}}),
        ("request", {"a": {}}),
        ("import", {"a": {"city": "Agra"}}),
    ]
)
def test_imports_edits_and_undos_in_any_order_leave_what_was_not_undone(sequence: list[Any]) -> None:
    """Compared with the oracle after each action, and in the end with all imports undone."""
    asyncio.run(_play(sequence))


async def _play(sequence: Sequence[Any]) -> None:
    api, oracle, imports = UndoFixture(), Oracle(), list[str]()
    await api.add_members("manager")
    for kind, what, *city in sequence:
        if kind == "import" and len(imports) < 5:
            for name, fields in what.items():
                oracle.give(name, fields, len(imports))
            imports.append(await api.run([as_row(*one) for one in what.items()]))
        elif kind == "undo" and what < len(imports):
            oracle.undo(what)
            await api.undo_import(imports[what])
        elif kind == "request":
            for name, fields in what.items():
                oracle.give(name, fields, None)
            await api.call("POST", "/api/customers", json=[as_row(*one) for one in what.items()])
        elif kind == "edit" and what in oracle.people:
            oracle.give(what, {"city": city[0]}, None)
            await api.call("PATCH", f"/api/customers/{await api.id_of(what)}", json={"city": city[0]})
        assert await state_of(api) == oracle.state(), (kind, what)
    for number, import_id in enumerate(imports):
        oracle.undo(number)
        await api.undo_import(import_id)
    assert await state_of(api) == oracle.state()
