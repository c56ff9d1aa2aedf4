"""The contract of the database port, tested on the fake and on the Firestore emulator."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from common.errors import Conflict, Exists, HeraldError, InvalidWrite
from common.storage.documents import Create, Delete, Documents, Increment, Merge, Put, Query, Update, Where

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


async def test_create_with_every_kind_of_value_is_read_back_equal(documents: Documents) -> None:
    """Every kind of value is read as it was written, by `get` and by `get_all`."""
    data = {"text": "é", "number": 7, "share": 0.5, "yes": True, "none": None, "at": NOON, "raw": b"\x00\xff"}
    nested = data | {"list": [1, "two"], "map": {"a": {"b": 1}}}
    await documents.commit([Create("things/a", nested)])
    snapshot = await documents.get("things/a")
    assert snapshot.data == nested
    assert (snapshot.id, snapshot["text"], snapshot.get("absent", 3)) == ("a", "é", 3)
    [same] = await documents.get_all(["things/a"])
    assert (same.path, same.data, same.version) == ("things/a", nested, snapshot.version)
    await documents.commit([Update("things/a", {"number": 8}, same.version)])


async def test_get_of_missing_document_returns_empty_snapshot(documents: Documents) -> None:
    """The snapshot of a missing document has no data and no version, but a read time."""
    snapshot = await documents.get("things/none")
    assert (snapshot.exists, snapshot.data, snapshot.version) == (False, None, None)
    assert snapshot.at is not None
    with pytest.raises(KeyError):
        snapshot["name"]


async def test_get_all_with_missing_and_repeated_paths_keeps_order(documents: Documents) -> None:
    """`get_all` returns a snapshot for each path, in order, also for missing and repeated paths."""
    await documents.commit([Create("things/a", {"n": 1}), Create("things/b", {"n": 2})])
    snapshots = await documents.get_all(["things/b", "things/none", "things/a", "things/b"])
    assert [snapshot.get("n") for snapshot in snapshots] == [2, None, 1, 2]
    assert await documents.get_all([]) == []


async def test_create_of_existing_document_fails_the_whole_commit(documents: Documents) -> None:
    """If one document of a commit exists already, none of its writes is applied."""
    await documents.commit([Create("things/a", {"n": 1})])
    with pytest.raises(Exists):
        await documents.commit([Create("things/b", {"n": 2}), Create("things/a", {"n": 3})])
    assert not (await documents.get("things/b")).exists
    assert (await documents.get("things/a")).data == {"n": 1}


async def test_concurrent_creates_of_one_document_succeed_once(documents: Documents) -> None:
    """Of several concurrent creates of the same document, exactly one succeeds."""

    async def attempt(number: int) -> bool:
        try:
            await documents.commit([Create("things/once", {"by": number})])
        except Exists:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(8)))) == 1


async def test_increments_in_every_kind_of_write_add_up(documents: Documents) -> None:
    """Increments work in every kind of write, on existing and missing fields, in maps, and concurrently."""
    await documents.commit([Create("things/a", {"n": Increment(2), "kinds": {"sent": 1}})])
    await documents.commit([Update("things/a", {"n": Increment(3), "kinds.sent": Increment(1), "kinds.failed": 9})])
    await asyncio.gather(*(documents.commit([Merge("things/a", {"kinds": {"sent": Increment(1)}})]) for _ in range(5)))
    await documents.commit([Merge("things/new", {"n": Increment(4), "m": {"x": Increment(1)}})])
    assert (await documents.get("things/a")).data == {"n": 5, "kinds": {"sent": 7, "failed": 9}}
    assert (await documents.get("things/new")).data == {"n": 4, "m": {"x": 1}}


async def test_increments_in_put_and_in_maps_of_an_update_start_at_zero(documents: Documents) -> None:
    """A put and a map in an update replace the stored values first, so their increments start at 0."""
    await documents.commit([Create("things/a", {"n": 1, "kinds": {"sent": 5, "failed": 1}})])
    await documents.commit([Update("things/a", {"kinds": {"sent": Increment(2)}})])
    assert (await documents.get("things/a")).data == {"n": 1, "kinds": {"sent": 2}}
    await documents.commit([Put("things/a", {"n": Increment(3), "m": {"x": {"y": Increment(1)}, "z": 1}})])
    assert (await documents.get("things/a")).data == {"n": 3, "m": {"x": {"y": 1}, "z": 1}}


async def test_merge_with_unusual_field_names_changes_only_these(documents: Documents) -> None:
    """Dots, quotes and other characters in a name of `Create` and `Merge` are a part of the name."""
    await documents.commit([Create("things/a", {"a.b": {"c-d": 1, "`": 2}, "a": {"b": 3}})])
    await documents.commit([Merge("things/a", {"a.b": {"c-d": 4, "é.\\": Increment(5)}})])
    assert (await documents.get("things/a")).data == {"a.b": {"c-d": 4, "`": 2, "é.\\": 5}, "a": {"b": 3}}


async def test_update_of_deep_paths_keeps_other_values(documents: Documents) -> None:
    """A path in an update creates missing maps and keeps the other values of existing ones."""
    await documents.commit([Create("things/a", {"map": {"x": {"y": 1, "z": 2}}})])
    await documents.commit([Update("things/a", {"map.x.y": 3, "new.a-b.c": [1], "map.w": Increment(1)})])
    data = (await documents.get("things/a")).data
    assert data == {"map": {"x": {"y": 3, "z": 2}, "w": 1}, "new": {"a-b": {"c": [1]}}}


async def test_query_for_none_returns_documents_with_none(documents: Documents) -> None:
    """A condition can compare with None; a missing field is not None."""
    await documents.commit([Create("things/a", {"n": None}), Create("things/b", {"n": 1}), Create("things/c", {})])
    assert await ids(documents, Query(collection="things", where=[Where("n", "==", None)])) == ["a"]


async def test_update_changes_named_fields_and_needs_a_document(documents: Documents) -> None:
    """An update changes only the named fields; it fails if the document is missing."""
    await documents.commit([Create("things/a", {"n": 1, "map": {"x": 1, "y": 2}})])
    await documents.commit([Update("things/a", {"m": 2, "map.x": 3})])
    assert (await documents.get("things/a")).data == {"n": 1, "m": 2, "map": {"x": 3, "y": 2}}
    with pytest.raises(Conflict):
        await documents.commit([Update("things/none", {"n": 1})])


async def test_put_replaces_the_document_and_merge_keeps_other_fields(documents: Documents) -> None:
    """A put replaces the document, a merge keeps other fields; a merged empty map replaces the map."""
    await documents.commit([Create("things/a", {"n": 1, "map": {"x": 1}})])
    await documents.commit([Merge("things/a", {"map": {"y": 2}})])
    assert (await documents.get("things/a")).data == {"n": 1, "map": {"x": 1, "y": 2}}
    await documents.commit([Merge("things/a", {"map": {}})])
    assert (await documents.get("things/a")).data == {"n": 1, "map": {}}
    await documents.commit([Put("things/a", {"m": 2})])
    assert (await documents.get("things/a")).data == {"m": 2}


@pytest.mark.parametrize("write", [Put, Update])
async def test_write_with_outdated_expected_version_is_a_conflict(
    documents: Documents, write: type[Put] | type[Update]
) -> None:
    """A write that expects a version fails with `Conflict` if that is not the current version."""
    await documents.commit([Create("things/a", {"n": 1})])
    first = await documents.get("things/a")
    await documents.commit([write("things/a", {"n": 2}, first.version)])
    with pytest.raises(Conflict):
        await documents.commit([write("things/a", {"n": 3}, first.version)])
    with pytest.raises(Conflict):
        await documents.commit([Delete("things/a", first.version)])
    second = await documents.get("things/a")
    assert second.data == {"n": 2}
    await documents.commit([Delete("things/a", second.version)])
    with pytest.raises(Conflict):
        await documents.commit([write("things/a", {"n": 4}, second.version)])


async def test_delete_of_missing_document_succeeds(documents: Documents) -> None:
    """Deleting a missing document is not an error."""
    await documents.commit([Delete("things/none")])


async def test_read_at_an_earlier_instant_sees_the_earlier_state(documents: Documents) -> None:
    """Reads `at` an instant see the state of that instant, in gets and queries."""
    await documents.commit([Create("things/a", {"n": 1})])
    then = (await documents.get("things/head")).at
    await asyncio.sleep(0.01)
    await documents.commit([Update("things/a", {"n": 2}), Create("things/b", {"n": 3})])
    assert (await documents.get("things/a", at=then)).data == {"n": 1}
    assert [one.get("n") for one in await documents.get_all(["things/a", "things/b"], at=then)] == [1, None]
    assert [one.data for one in await documents.query(Query(collection="things", at=then))] == [{"n": 1}]
    assert len(await documents.query(Query(collection="things"))) == 2


async def create_examples(documents: Documents) -> None:
    rows = [("a", 1, "x"), ("b", 3, "x"), ("c", 2, "y"), ("d", 2, "x")]
    await documents.commit([Create(f"things/{name}", {"n": n, "of": of}) for name, n, of in rows])
    await documents.commit([Create("things/odd", {"of": "x"}), Create("others/a", {"n": 1, "of": "x"})])


async def ids(documents: Documents, query: Query) -> list[str]:
    return [one.id for one in await documents.query(query)]


async def test_query_with_conditions_and_order_returns_matching_documents(documents: Documents) -> None:
    """A query returns the documents that fulfil its conditions, in its order."""
    await create_examples(documents)
    things = "things"
    assert await ids(documents, Query(collection=things)) == ["a", "b", "c", "d", "odd"]
    assert await ids(documents, Query(collection=things, where=[Where("of", "==", "y")])) == ["c"]
    assert await ids(documents, Query(collection=things, where=[Where("of", "in", ["y", "z"])])) == ["c"]
    newest = Query(collection=things, where=[Where("of", "==", "x")], order_by=("n", "desc"))
    assert await ids(documents, newest) == ["b", "d", "a"]
    assert await ids(documents, Query(collection=things, where=[Where("n", ">=", 2)], order_by=("n", "asc"))) == [
        "c", "d", "b",
    ]  # fmt: skip
    assert await ids(documents, Query(collection=things, order_by=("n", "desc"))) == ["b", "d", "c", "a"]


async def test_query_after_a_document_returns_the_next_page(documents: Documents) -> None:
    """`after` continues behind the last document of the previous page."""
    await create_examples(documents)
    assert await ids(documents, Query(collection="things", limit=2)) == ["a", "b"]
    assert await ids(documents, Query(collection="things", limit=2, after=("b",))) == ["c", "d"]
    assert await ids(documents, Query(collection="things", order_by=("n", "desc"), after=(2, "d"))) == ["c", "a"]
    assert await ids(documents, Query(collection="things", order_by=("n", "asc"), after=(2, "c"))) == ["d", "b"]


async def test_query_with_id_bounds_and_fields_returns_only_these(documents: Documents) -> None:
    """A query can be limited to a range of ids and to some fields."""
    await create_examples(documents)
    bounded = Query(collection="things", id_from="b", id_before="d", fields=())
    assert [(one.id, one.data) for one in await documents.query(bounded)] == [("b", {}), ("c", {})]
    projected = Query(collection="things", fields=["of"], limit=1)
    assert [one.data for one in await documents.query(projected)] == [{"of": "x"}]


BAD_RANGES = [Query(collection="things", id_from="b/"), Query(collection="things", id_before="d/")]


@pytest.mark.parametrize("query", BAD_RANGES)
async def test_query_with_a_slash_in_its_id_bounds_is_refused(documents: Documents, query: Query) -> None:
    """The ends of a range are ids, and an id has no slash: the error is one that no repetition helps against."""
    with pytest.raises(InvalidWrite):
        await documents.query(query)


async def test_sums_over_a_query_returns_count_and_totals(documents: Documents) -> None:
    """`sums` returns the number of documents with the field, and the total; both are 0 for no documents."""
    await create_examples(documents)
    x = Query(collection="things", where=[Where("of", "==", "x")])
    assert await documents.sums(x, ["n"]) == {"count": 3, "n": 6}
    no_match = Query(collection="things", where=[Where("of", "==", "none")])
    assert await documents.sums(no_match, ["n"]) == {"count": 0, "n": 0}


async def test_commit_without_writes_succeeds(documents: Documents) -> None:
    """A commit without writes is not an error."""
    await documents.commit([])


async def test_sums_over_more_than_four_fields_fails(documents: Documents) -> None:
    """Four fields can be summed in one query; five are an error."""
    await documents.commit([Create("greetings/a", dict.fromkeys("abcde", 1))])
    assert await documents.sums(Query(collection="greetings"), "abcd") == {"count": 1, "a": 1, "b": 1, "c": 1, "d": 1}
    with pytest.raises(HeraldError):
        await documents.sums(Query(collection="greetings"), "abcde")


async def test_every_kind_of_write_stores_every_kind_of_value(documents: Documents) -> None:
    """Every kind of value is read as it was written, with each kind of write."""
    at = datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)
    values = {"none": None, "yes": True, "whole": -(2**63), "real": 0.1, "text": "é", "raw": b"\x00\xff", "at": at}
    data = values | {"list": [*values.values()], "map": {"a.b": values, "empty": {}}, "nothing": []}
    await documents.commit([Create("greetings/a", data), Put("greetings/b", data), Merge("greetings/c", data)])
    await documents.commit([Create("greetings/d", {"a": 1}), Create("greetings/e", {"a": 1})])
    version = (await documents.get("greetings/e")).version
    await documents.commit([Update("greetings/d", data), Update("greetings/e", data, version)])
    for document_id in "abcde":
        stored = (await documents.get(f"greetings/{document_id}")).data or {}
        assert {name: stored[name] for name in data} == data
