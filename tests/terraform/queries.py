"""The queries that the code can issue, and the indexes they take in Firestore. The emulator answers without any."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from tests.terraform.syntax import Piece, Unclear, assigned, everything, values

QUERY = ("common.storage.documents", "Query")
EQUAL = {"==", "in"}


@dataclass(frozen=True, kw_only=True)
class Shape:
    collection: str
    equal: frozenset[str] = frozenset()
    ordered: tuple[tuple[str, str], ...] = ()  # the fields of ranges and of the order, each with "asc" or "desc"
    summed: frozenset[str] = frozenset()

    @property
    def fields(self) -> set[str]:
        return {*self.equal, *(name for name, _ in self.ordered), *self.summed}


@dataclass(frozen=True, kw_only=True)
class Indexes:
    composite: Sequence[tuple[str, Sequence[tuple[str, str]]]]  # collection, then fields with "asc" or "desc"
    unindexed: Mapping[str, Sequence[str]]  # by collection: fields without the automatic index

    def answers(self, shape: Shape) -> bool:
        """By the id alone, by one field's automatic index, or by an index that is made for it."""
        if not shape.fields:
            return True
        if len(shape.fields) == 1 and not shape.summed:
            [field] = shape.fields
            return field not in self.unindexed.get(shape.collection, ())
        return any(of == shape.collection and _fits(shape, fields) for of, fields in self.composite)


def _fits(shape: Shape, fields: Sequence[tuple[str, str]]) -> bool:
    """Equal ones come first, in any order; then the order, as it is; then what is added up, in any order."""
    first, last = len(shape.equal), len(shape.equal) + len(shape.ordered)
    return (
        {name for name, _ in fields[:first]} == shape.equal
        and tuple(fields[first:last]) == shape.ordered
        and {name for name, _ in fields[last:]} == shape.summed - shape.equal
    )


def shapes() -> set[Shape]:
    return {shape for piece in everything() for call in _calls(piece) for shape in _shapes(piece, call)}


def _calls(piece: Piece) -> Iterator[ast.Call]:
    return (call for call in piece.calls() if piece.resolve(call.func) == QUERY)


def _shapes(piece: Piece, call: ast.Call) -> Iterator[Shape]:
    if call.args:
        raise Unclear(f"{piece.module.name}: {ast.unparse(call)}")
    given = {one.arg: one.value for one in call.keywords}
    possible = {
        name: values(piece, given[name], call) if name in given else [None]
        for name in ("collection", "where", "order_by")
    }
    for collection, where, order, summed in product(*possible.values(), _summed(piece, call)):
        conditions = [(field, operator in EQUAL) for _, field, operator in where or ()]
        ranges = [(field, "asc") for field, equal in conditions if not equal]
        yield Shape(
            collection=collection,
            equal=frozenset(field for field, equal in conditions if equal),
            ordered=tuple(dict.fromkeys([*ranges, *([tuple(order)] if order else [])])),
            summed=summed,
        )


def _summed(piece: Piece, query: ast.Call) -> list[frozenset[str]]:
    for call in piece.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "sums" and query in _of(piece, call):
            return [frozenset(fields) for fields in values(piece, call.args[1], call)]
    return [frozenset()]


def _of(piece: Piece, call: ast.Call) -> list[ast.AST]:
    """The query that is summed, also where it has a name."""
    query = call.args[0]
    local = assigned(piece, query.id, call) if isinstance(query, ast.Name) else []
    return [node for one in [query, *local] for node in ast.walk(one)]


def indexes(composite: Mapping[str, Any], unindexed: Mapping[str, Sequence[str]]) -> Indexes:
    """From the locals of `firestore.tf`."""
    directions = {"ASCENDING": "asc", "DESCENDING": "desc"}
    return Indexes(
        composite=[
            (one["collection"], [(name, directions[order]) for name, order in one["fields"]])
            for one in composite.values()
        ],
        unindexed=unindexed,
    )
