"""Which queries Firestore's indexes support. Source: https://firebase.google.com/docs/firestore/query-data/indexing and
https://firebase.google.com/docs/firestore/query-data/aggregation-queries."""

from __future__ import annotations

import itertools

import pytest

from common.errors import HeraldError
from common.storage.documents import Query, Where
from common.storage.indexes import Direction, IndexDefinitions, QueryShape
from common.storage.memory import MemoryDocuments

OF, AT = Where("of", "==", 1), Where("at", ">", 1)
NEWEST: tuple[str, Direction] = ("at", "desc")
NOTES: tuple[tuple[str, Direction], ...] = (("of", "asc"), ("at", "desc"), ("size", "asc"))


def supports(
    query: Query, *composite: tuple[str, Direction], summed: tuple[str, ...] = (), unindexed: tuple[str, ...] = ()
) -> bool:
    """Whether the composite index of the collection `notes`, and the automatic indexes, support the query."""
    indexes = [("notes", composite)] if composite else []
    definitions = IndexDefinitions(composite=indexes, unindexed={"notes": unindexed})
    return definitions.supports(QueryShape.of_query(query, summed=summed))


def notes(*where: Where, order_by: tuple[str, Direction] | None = None) -> Query:
    return Query(collection="notes", where=where, order_by=order_by)


@pytest.mark.parametrize(
    "query",
    [
        notes(),
        Query(collection="notes", id_from="a", id_before="b", after=("a",)),
        notes(OF),
        Query(collection="notes", where=[OF], id_from="a", after=("a",)),
        notes(Where("of", "in", [1, 2])),
        notes(AT),
        notes(AT, Where("at", "<", 5)),
        notes(AT, order_by=NEWEST),
        notes(order_by=NEWEST),
    ],
)
def test_query_on_one_field_has_an_automatic_index(query: Query) -> None:
    """Ids need no index, a single field has one in both directions, also together with ids."""
    assert supports(query)


@pytest.mark.parametrize("query", [notes(OF), notes(Where("of", "in", [1])), notes(order_by=("of", "asc"))])
def test_query_on_field_without_automatic_index_is_refused(query: Query) -> None:
    """An exempted field can be neither a condition nor the order."""
    assert not supports(query, unindexed=("of",))


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (notes(OF, AT), (("of", "asc"), ("at", "asc"))),
        (notes(OF, order_by=NEWEST), (("of", "asc"), ("at", "desc"))),
        (notes(OF, AT, order_by=NEWEST), (("of", "asc"), ("at", "desc"))),
        (notes(OF, Where("kind", "==", 1)), (("kind", "asc"), ("of", "asc"))),
        (notes(AT, order_by=("size", "asc")), (("at", "asc"), ("size", "asc"))),
    ],
)
def test_query_on_several_fields_needs_a_composite_index(
    query: Query, index: tuple[tuple[str, Direction], ...]
) -> None:
    """The index may have fields without an automatic one; it must belong to the collection."""
    assert not supports(query)
    assert supports(query, *index, unindexed=("of", "at"))
    other = IndexDefinitions(composite=[("letters", index)], unindexed={})
    assert not other.supports(QueryShape.of_query(query))


def test_composite_index_with_other_fields_does_not_support_query() -> None:
    """A document without a value for the additional field is not in the index."""
    assert not supports(notes(OF, order_by=NEWEST), *NOTES)


def test_composite_index_in_another_order_does_not_support_query() -> None:
    """The order of the fields and the direction matter."""
    query = notes(OF, order_by=NEWEST)
    assert supports(query, *NOTES, summed=("size",))
    assert not any(supports(query, *other, summed=("size",)) for other in [*itertools.permutations(NOTES)][1:])
    assert not supports(query, ("of", "asc"), ("at", "asc"), ("size", "asc"), summed=("size",))


def test_count_needs_only_the_index_of_its_query() -> None:
    """A count reads the same index entries as the query."""
    assert supports(notes(OF), summed=())
    assert not supports(notes(OF, AT), summed=())


@pytest.mark.parametrize("summed", [("size", "pages"), ("pages", "size")])
def test_sum_with_condition_needs_its_field_in_the_composite_index(summed: tuple[str, ...]) -> None:
    """A sum is computed from the entries of one index; the order of the summed fields does not matter."""
    assert not supports(notes(OF), summed=summed)
    assert not supports(notes(OF), ("of", "asc"), ("size", "asc"), summed=summed)
    assert supports(notes(OF), ("of", "asc"), ("size", "asc"), ("pages", "asc"), summed=summed)


def test_sum_of_one_field_without_conditions_uses_its_automatic_index() -> None:
    """Unless that is switched off."""
    assert supports(notes(), summed=("size",))
    assert not supports(notes(), summed=("size",), unindexed=("size",))


async def test_memory_store_refuses_query_without_index() -> None:
    """A query and a sum fail as in the cloud; more than five aggregations fail in any case."""

    class NotesStore(MemoryDocuments):
        indexes = IndexDefinitions(composite=[("notes", [("of", "asc"), ("size", "asc")])], unindexed={})

    documents = NotesStore()
    assert await documents.query(notes(OF)) == []
    assert (await documents.sums(notes(OF), ["size"]))["count"] == 0
    for failing in (documents.query(notes(OF, AT)), documents.sums(notes(OF), ["pages"])):
        with pytest.raises(HeraldError, match="No index"):
            await failing
    with pytest.raises(HeraldError, match="at most 4"):
        await documents.sums(notes(), ["a", "b", "c", "d", "e"])


async def test_memory_store_of_tests_has_the_indexes_of_terraform() -> None:
    """So each query that a test issues is checked."""
    documents = MemoryDocuments()
    await documents.query(
        Query(collection="receipts", where=[Where("campaign", "==", "c"), Where("kind", "==", "sent")])
    )
    with pytest.raises(HeraldError, match="No index"):
        await documents.query(Query(collection="receipts", where=[Where("campaign", "==", "c"), Where("at", ">", 1)]))
