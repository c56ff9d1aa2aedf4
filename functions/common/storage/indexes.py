"""The indexes that a query needs in Firestore. Neither the emulator nor the in-memory store needs any; tests check it.

| the fields of the query, without the id | the index                                                              |
|-----------------------------------------|------------------------------------------------------------------------|
| none                                    | none: Firestore keeps the documents in the order of their ids          |
| one, in conditions, the order or a sum  | its automatic index in that direction, if that is not switched off     |
| several                                 | a composite index: first the fields of `==` and `in`, then the fields  |
|                                         | of ranges and of the order, with their directions, then the summed     |
|                                         | fields; the order matters only for the second group                    |

In one respect this is stricter than Firestore, which can merge the automatic indexes of several `==` conditions: it
then reads the entries of all of them, also of a field with few values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from common.errors import HeraldError
from common.storage.documents import Query

Direction = Literal["asc", "desc"]

MAX_SUMS = 4
"""Firestore computes at most five aggregations for a query; one of them is the count."""

EQUALITY_OPERATORS = frozenset({"==", "in"})


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryShape:
    """The parts of a query that determine its index."""

    collection: str
    equal: frozenset[str] = frozenset()  # fields of `==` and `in`
    ordered: tuple[tuple[str, Direction], ...] = ()  # fields of ranges, then of the order
    summed: frozenset[str] = frozenset()

    @classmethod
    def of_query(cls, query: Query, *, summed: Sequence[str] = ()) -> QueryShape:
        """The shape of a query, or of an aggregation with these sums. A range without an order sorts ascending."""
        equal = frozenset(where.field for where in query.where if where.operator in EQUALITY_OPERATORS)
        order = [query.order_by] if query.order_by else []
        ranges: list[tuple[str, Direction]] = [
            (where.field, "asc")
            for where in query.where
            if where.operator not in EQUALITY_OPERATORS and where.field not in dict(order)
        ]
        ordered = tuple(item for item in dict.fromkeys([*ranges, *order]) if item[0] not in equal)
        shape_summed = frozenset(summed).difference(equal, dict(ordered))
        return cls(collection=query.collection, equal=equal, ordered=ordered, summed=shape_summed)

    @property
    def fields(self) -> frozenset[str]:
        return self.equal.union(self.summed, dict(self.ordered))


class QueryCheck(Protocol):
    """Decides whether a query is allowed."""

    def check(self, shape: QueryShape) -> None:
        """Raises `HeraldError` if it is not."""
        ...


@dataclass(frozen=True, kw_only=True)
class IndexDefinitions:
    """The indexes of a database."""

    composite: Sequence[tuple[str, Sequence[tuple[str, Direction]]]]  # the collection, and the fields in order
    unindexed: Mapping[str, Sequence[str]]  # fields without an automatic index, by collection
    indexed: Mapping[str, Mapping[str, Sequence[Direction]]] = field(default_factory=dict)
    """Collections in which no field has an automatic index but these, with their directions."""

    def check(self, shape: QueryShape) -> None:
        """Raises `HeraldError` if no index supports the query."""
        if not self.supports(shape):
            raise HeraldError(f"No index supports the query: {shape}")

    def supports(self, shape: QueryShape) -> bool:
        """Whether an index supports the query: see the table above."""
        if len(shape.fields) > 1:
            return any(name == shape.collection and _fits(shape, fields) for name, fields in self.composite)
        if shape.collection in self.indexed:
            return all(_direction(shape) in self.indexed[shape.collection].get(name, ()) for name in shape.fields)
        return not shape.fields & set(self.unindexed.get(shape.collection, ()))


def _direction(shape: QueryShape) -> Direction:
    """The direction of the automatic index that a query over one field needs. A condition by value sorts by id."""
    return shape.ordered[0][1] if shape.ordered else "asc"


def _fits(shape: QueryShape, fields: Sequence[tuple[str, Direction]]) -> bool:
    first, last = len(shape.equal), len(shape.equal) + len(shape.ordered)
    return (
        {name for name, _ in fields[:first]} == shape.equal
        and tuple(fields[first:last]) == shape.ordered
        and {name for name, _ in fields[last:]} == shape.summed
    )
