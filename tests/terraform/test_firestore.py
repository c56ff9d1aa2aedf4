"""Firestore in the cloud has an index for each query, and none that grows with time; what expires, expires."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from common.events import Tick
from common.storage.documents import Query
from customers.commands.record_activities import Activities
from customers.model.activity import ActivityIn
from tests.in_memory_herald import Herald
from tests.support import HASHES
from tests.terraform.queries import Indexes, Shape, indexes, shapes
from tests.terraform.syntax import everything
from tests.terraform.tree import TERRAFORM, Tree

ORDER = {"event_id": "one", "type": "order", "email": "p@example.com", "amount": "12.50", "fields": {"shop": "Pune"}}

ELSEWHERE = {"audit", "campaigns", "held", "imports", "parcels", "segments"}
"""Collections that an ordinary campaign does not write, or not with every field."""

MOST_SUMS = 4  # Firestore takes five aggregations in a query: the count is the fifth
EXPIRES = "expires_at"
EXPIRING = {"vendor.claims": {"claims"}, "customers.imports.jobs": {"imports", "parcels"}}
"""Which collections have it, by the module that writes them."""


def unanswered(defined: Indexes) -> list[Shape]:
    return [shape for shape in shapes() if not defined.answers(shape)]


def defined(tree: Tree) -> Indexes:
    """Fields that expire have no index either."""
    unindexed = {name: list(fields) for name, fields in tree.local("unindexed").items()}
    for collection, field in tree.local("expiring").items():
        unindexed.setdefault(collection, []).append(field)
    return indexes(tree.local("indexes"), unindexed)


def test_every_query_has_its_index() -> None:
    assert unanswered(defined(Tree.read())) == []


@pytest.mark.parametrize("name", sorted(Tree.read().local("indexes")))
def test_an_index_that_is_missing_is_found(name: str) -> None:
    """So there is none without a query, either."""
    tree = Tree.read()
    del tree.local("indexes")[name]
    assert unanswered(defined(tree)) != []


@pytest.mark.parametrize(
    ("collection", "field"), [("campaigns", "created_at"), ("campaigns", "open"), ("claims", "campaign")]
)
def test_a_field_that_a_query_needs_keeps_its_index(collection: str, field: str) -> None:
    tree = Tree.read()
    tree.local("unindexed")[collection].append(field)
    assert [shape for shape in unanswered(defined(tree)) if shape.collection == collection]


def test_no_query_sums_more_than_firestore_can() -> None:
    """The emulator takes any number."""
    assert [shape for shape in shapes() if len(shape.summed) > MOST_SUMS] == []


def test_an_index_in_another_order_does_not_answer() -> None:
    shape = Shape(collection="notes", equal=frozenset({"of"}), ordered=(("at", "desc"),), summed=frozenset({"size"}))
    right = [("of", "asc"), ("at", "desc"), ("size", "asc")]
    assert Indexes(composite=[("notes", right)], unindexed={}).answers(shape)
    wrong = [*itertools.permutations(right)][1:]
    assert not any(Indexes(composite=[("notes", one)], unindexed={}).answers(shape) for one in wrong)
    assert not Indexes(composite=[("notes", [("of", "asc"), ("at", "asc"), ("size", "asc")])], unindexed={}).answers(
        shape
    )


@cache
def _queried() -> dict[str, set[str]]:
    """The fields that queries look for by their automatic index, by collection."""
    found: dict[str, set[str]] = {}
    for shape in shapes():
        if len(shape.fields) == 1:
            found.setdefault(shape.collection, set()).update(shape.fields)
    return found


async def stored() -> dict[str, dict[str, Any]]:
    """What a campaign leaves behind: each field of each collection, with a value that it had."""
    herald = Herald()
    await herald.customers(20, city="Pune", last_active_at="2026-01-01T00:00:00Z", tags=["vip"], attributes={"size": 1})
    await herald.customers(3, consent={"email": False})
    order = ActivityIn.model_validate({**ORDER, "at": "2026-01-01T00:00:00Z"})
    await Activities(herald.documents, hashes=HASHES).record([order], unknown="create")
    await herald.launch()
    await herald.work()
    await herald.ticker.tick(Tick())
    collections = ("activities", "audience", "campaigns", "claims", "counters", "customers", "pages", "receipts")
    return {name: await _fields(herald, name) for name in collections}


async def _fields(herald: Herald, collection: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in await herald.documents.query(Query(collection=collection)):
        found |= {name: value for name, value in (one.data or {}).items() if value is not None}
    return found


def overlooked(tree: Tree, fields: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Instants, maps, lists and bytes that are indexed, although no query looks for them."""
    return {
        f"{collection}.{name}"
        for collection, values in fields.items()
        for name, value in values.items()
        if isinstance(value, datetime | dict | list | bytes)
        and name not in _queried().get(collection, ())
        and name not in defined(tree).unindexed.get(collection, ())
    }


async def test_nothing_is_indexed_that_grows_or_is_large() -> None:
    fields = await stored()
    assert overlooked(Tree.read(), fields) == set()
    tree = Tree.read()
    tree.local("unindexed")["receipts"].remove("at")
    assert overlooked(tree, fields) == {"receipts.at"}


async def test_what_is_not_indexed_is_stored() -> None:
    """A name that no document has would protect nothing."""
    fields = await stored()
    unindexed = Tree.read().local("unindexed")
    strangers = {
        f"{collection}.{name}"
        for collection in unindexed.keys() - ELSEWHERE
        for name in unindexed[collection]
        if name not in fields[collection]
    }
    assert strangers <= {"audience.lease"}  # between two folds there is none


def test_what_expires_is_what_the_code_says() -> None:
    """Whoever writes an `expires_at` has it removed by Firestore; there is nothing else that does it."""
    writing = {
        piece.module.name
        for piece in everything()
        for node in ast.walk(piece.node)
        if isinstance(node, ast.Dict) and EXPIRES in [getattr(key, "value", None) for key in node.keys]
    }
    assert writing == EXPIRING.keys()
    assert Tree.read().local("expiring") == dict.fromkeys(set().union(*EXPIRING.values()), EXPIRES)


async def test_what_expires_is_an_instant() -> None:
    assert isinstance((await stored())["claims"][EXPIRES], datetime)


def test_the_database_is_protected() -> None:
    database = Tree.read().block("google_firestore_database.database").body
    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert "DELETE_PROTECTION_ENABLED" in database["delete_protection_state"]
    assert Tree.read().block("var.keep_data").body["default"] is True
    rules = (TERRAFORM / "firestore.rules").read_text()
    assert re.findall(r"allow .*", rules) == ["allow read, write: if false;"]
