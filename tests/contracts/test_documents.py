"""One contract for the database port, on the fake and on the Firestore emulator alike."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from common.errors import Conflict, Exists, HeraldError
from common.storage.documents import Create, Delete, Documents, Increment, Merge, Put, Query, Update, Where

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


async def test_reads_what_was_written(documents: Documents) -> None:
    """Every kind of value comes back as it went in."""
    data = {"text": "é", "number": 7, "share": 0.5, "yes": True, "none": None, "at": NOON, "raw": b"\x00\xff"}
    nested = data | {"list": [1, "two"], "map": {"a": {"b": 1}}}
    await documents.commit([Create("things/a", nested)])
    found = await documents.get("things/a")
    assert found.data == nested
    assert (found.id, found["text"], found.get("absent", 3)) == ("a", "é", 3)
    [together] = await documents.get_all(["things/a"])
    assert (together.path, together.data, together.version) == ("things/a", nested, found.version)
    await documents.commit([Update("things/a", {"number": 8}, together.version)])


async def test_a_missing_document_is_an_empty_snapshot(documents: Documents) -> None:
    found = await documents.get("things/none")
    assert (found.exists, found.data, found.version) == (False, None, None)
    assert found.at is not None
    with pytest.raises(KeyError):
        found["name"]


async def test_get_all_answers_in_order_also_for_what_is_missing_or_asked_twice(documents: Documents) -> None:
    await documents.commit([Create("things/a", {"n": 1}), Create("things/b", {"n": 2})])
    found = await documents.get_all(["things/b", "things/none", "things/a", "things/b"])
    assert [one.get("n") for one in found] == [2, None, 1, 2]
    assert await documents.get_all([]) == []


async def test_create_happens_once_and_takes_the_whole_commit_with_it(documents: Documents) -> None:
    await documents.commit([Create("things/a", {"n": 1})])
    with pytest.raises(Exists):
        await documents.commit([Create("things/b", {"n": 2}), Create("things/a", {"n": 3})])
    assert not (await documents.get("things/b")).exists
    assert (await documents.get("things/a")).data == {"n": 1}


async def test_of_many_creating_at_once_one_wins(documents: Documents) -> None:
    async def attempt(number: int) -> bool:
        try:
            await documents.commit([Create("things/once", {"by": number})])
        except Exists:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(8)))) == 1


async def test_increments_add_up(documents: Documents) -> None:
    """In every kind of write, on what is there or not, at the top and inside maps; concurrent ones are not lost."""
    await documents.commit([Create("things/a", {"n": Increment(2), "kinds": {"sent": 1}})])
    await documents.commit([Update("things/a", {"n": Increment(3), "kinds.sent": Increment(1), "kinds.failed": 9})])
    await asyncio.gather(*(documents.commit([Merge("things/a", {"kinds": {"sent": Increment(1)}})]) for _ in range(5)))
    await documents.commit([Merge("things/new", {"n": Increment(4), "m": {"x": Increment(1)}})])
    assert (await documents.get("things/a")).data == {"n": 5, "kinds": {"sent": 7, "failed": 9}}
    assert (await documents.get("things/new")).data == {"n": 4, "m": {"x": 1}}


async def test_update_changes_the_named_fields_of_what_exists(documents: Documents) -> None:
    await documents.commit([Create("things/a", {"n": 1, "map": {"x": 1, "y": 2}})])
    await documents.commit([Update("things/a", {"m": 2, "map.x": 3})])
    assert (await documents.get("things/a")).data == {"n": 1, "m": 2, "map": {"x": 3, "y": 2}}
    with pytest.raises(Conflict):
        await documents.commit([Update("things/none", {"n": 1})])


async def test_put_replaces_all_of_it_and_merge_none_of_the_rest(documents: Documents) -> None:
    """An empty map is a value like any other: merged in, it replaces the one that was there."""
    await documents.commit([Create("things/a", {"n": 1, "map": {"x": 1}})])
    await documents.commit([Merge("things/a", {"map": {"y": 2}})])
    assert (await documents.get("things/a")).data == {"n": 1, "map": {"x": 1, "y": 2}}
    await documents.commit([Merge("things/a", {"map": {}})])
    assert (await documents.get("things/a")).data == {"n": 1, "map": {}}
    await documents.commit([Put("things/a", {"m": 2})])
    assert (await documents.get("things/a")).data == {"m": 2}


@pytest.mark.parametrize("write", [Put, Update])
async def test_an_expected_version_that_is_no_longer_current_is_a_conflict(
    documents: Documents, write: type[Put] | type[Update]
) -> None:
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


async def test_deleting_what_is_not_there_is_fine(documents: Documents) -> None:
    await documents.commit([Delete("things/none")])


async def test_an_earlier_instant_can_be_read(documents: Documents) -> None:
    """A read `at` an instant sees that state, in gets and queries alike."""
    await documents.commit([Create("things/a", {"n": 1})])
    then = (await documents.get("things/head")).at
    await asyncio.sleep(0.01)
    await documents.commit([Update("things/a", {"n": 2}), Create("things/b", {"n": 3})])
    assert (await documents.get("things/a", at=then)).data == {"n": 1}
    assert [one.get("n") for one in await documents.get_all(["things/a", "things/b"], at=then)] == [1, None]
    assert [one.data for one in await documents.query(Query(collection="things", at=then))] == [{"n": 1}]
    assert len(await documents.query(Query(collection="things"))) == 2


async def fill(documents: Documents) -> None:
    rows = [("a", 1, "x"), ("b", 3, "x"), ("c", 2, "y"), ("d", 2, "x")]
    await documents.commit([Create(f"things/{name}", {"n": n, "of": of}) for name, n, of in rows])
    await documents.commit([Create("things/odd", {"of": "x"}), Create("others/a", {"n": 1, "of": "x"})])


async def ids(documents: Documents, query: Query) -> list[str]:
    return [one.id for one in await documents.query(query)]


async def test_queries_filter_and_order(documents: Documents) -> None:
    await fill(documents)
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


async def test_pages_follow_one_another(documents: Documents) -> None:
    await fill(documents)
    assert await ids(documents, Query(collection="things", limit=2)) == ["a", "b"]
    assert await ids(documents, Query(collection="things", limit=2, after=("b",))) == ["c", "d"]
    assert await ids(documents, Query(collection="things", order_by=("n", "desc"), after=(2, "d"))) == ["c", "a"]
    assert await ids(documents, Query(collection="things", order_by=("n", "asc"), after=(2, "c"))) == ["d", "b"]


async def test_ids_can_be_bounded_and_fields_left_out(documents: Documents) -> None:
    await fill(documents)
    bounded = Query(collection="things", id_from="b", id_before="d", fields=())
    assert [(one.id, one.data) for one in await documents.query(bounded)] == [("b", {}), ("c", {})]
    some = Query(collection="things", fields=["of"], limit=1)
    assert [one.data for one in await documents.query(some)] == [{"of": "x"}]


async def test_sums_count_and_add_up(documents: Documents) -> None:
    await fill(documents)
    x = Query(collection="things", where=[Where("of", "==", "x")])
    assert await documents.sums(x, ["n"]) == {"count": 3, "n": 6}
    nothing = Query(collection="things", where=[Where("of", "==", "none")])
    assert await documents.sums(nothing, ["n"]) == {"count": 0, "n": 0}


async def test_an_empty_commit_is_nothing(documents: Documents) -> None:
    await documents.commit([])


async def test_four_fields_can_be_summed_and_no_more(documents: Documents) -> None:
    await documents.commit([Create("greetings/a", dict.fromkeys("abcde", 1))])
    assert await documents.sums(Query(collection="greetings"), "abcd") == {"count": 1, "a": 1, "b": 1, "c": 1, "d": 1}
    with pytest.raises(HeraldError):
        await documents.sums(Query(collection="greetings"), "abcde")


async def test_every_kind_of_value_comes_back_as_it_went_in(documents: Documents) -> None:
    """However it is written, whole or in part."""
    at = datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)
    values = {"none": None, "yes": True, "whole": -(2**63), "real": 0.1, "text": "é", "raw": b"\x00\xff", "at": at}
    data = values | {"list": [*values.values()], "map": {"a.b": values, "empty": {}}, "nothing": []}
    await documents.commit([Create("greetings/a", data), Put("greetings/b", data), Merge("greetings/c", data)])
    await documents.commit([Create("greetings/d", {"a": 1}), Create("greetings/e", {"a": 1})])
    version = (await documents.get("greetings/e")).version
    await documents.commit([Update("greetings/d", data), Update("greetings/e", data, version)])
    for one in "abcde":
        found = (await documents.get(f"greetings/{one}")).data or {}
        assert {name: found[name] for name in data} == data
