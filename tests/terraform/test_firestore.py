"""Firestore has an index for each query, no index that grows with time, and a TTL policy for each expiring field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from common.storage.indexes import IndexDefinitions, QueryShape
from tests.terraform.deployment_run import InMemoryDeployment
from tests.terraform.indexes import index_definitions
from tests.terraform.tree import TERRAFORM, Tree

WrittenFields = Mapping[str, Mapping[str, Any]]
"""A value of each field that was written, by collection and field."""


def issued_queries(deployment: InMemoryDeployment) -> set[QueryShape]:
    return set().union(*(usage.queries for usage in deployment.usage.values()))


def unsupported_queries(indexes: IndexDefinitions, deployment: InMemoryDeployment) -> list[QueryShape]:
    return [shape for shape in issued_queries(deployment) if not indexes.supports(shape)]


def test_every_query_has_an_index(deployment: InMemoryDeployment) -> None:
    """Every query of the entry points is supported by the defined indexes."""
    assert unsupported_queries(index_definitions(Tree.read()), deployment) == []


@pytest.mark.parametrize("name", sorted(Tree.read().local("indexes")))
def test_missing_index_is_found(name: str, deployment: InMemoryDeployment) -> None:
    """Without any one of the indexes a query is unsupported, so that none is superfluous."""
    tree = Tree.read()
    del tree.local("indexes")[name]
    assert unsupported_queries(index_definitions(tree), deployment) != []


@pytest.mark.parametrize(
    ("collection", "field"), [("campaigns", "created_at"), ("campaigns", "open"), ("claims", "campaign")]
)
def test_needed_automatic_index_is_not_disabled(collection: str, field: str, deployment: InMemoryDeployment) -> None:
    """Disabling the automatic index of a queried field is reported."""
    tree = Tree.read()
    tree.local("unindexed")[collection].append(field)
    unsupported = unsupported_queries(index_definitions(tree), deployment)
    assert [shape for shape in unsupported if shape.collection == collection]


def queried_fields(deployment: InMemoryDeployment) -> set[str]:
    """Return the fields that queries use with an automatic index."""
    return {
        f"{shape.collection}.{field}"
        for shape in issued_queries(deployment)
        for field in shape.fields
        if len(shape.fields) == 1
    }


def written_fields(deployment: InMemoryDeployment) -> WrittenFields:
    written: dict[str, dict[str, Any]] = {}
    for usage in deployment.usage.values():
        for collection, fields in usage.fields.items():
            written.setdefault(collection, {}).update(fields)
    return written


def indexed_needlessly(tree: Tree, fields: WrittenFields, queried: set[str]) -> set[str]:
    """Return the timestamps, maps, lists and bytes that have an index although no query uses it."""
    unindexed = index_definitions(tree).unindexed
    return {
        f"{collection}.{name}"
        for collection, values in fields.items()
        for name, value in values.items()
        if isinstance(value, datetime | dict | list | bytes)
        and f"{collection}.{name}" not in queried
        and name not in unindexed.get(collection, ())
    }


def test_large_and_growing_fields_are_not_indexed(deployment: InMemoryDeployment) -> None:
    """Timestamps, maps, lists and bytes have an index only if a query uses it."""
    fields, queried = written_fields(deployment), queried_fields(deployment)
    assert indexed_needlessly(Tree.read(), fields, queried) == set()
    tree = Tree.read()
    tree.local("unindexed")["receipts"].remove("at")
    assert indexed_needlessly(tree, fields, queried) == {"receipts.at"}


def test_unindexed_fields_exist(deployment: InMemoryDeployment) -> None:
    """A field that no document has would be a mistake in the definition."""
    fields = written_fields(deployment)
    unindexed = Tree.read().local("unindexed")
    defined = {f"{collection}.{name}" for collection, names in unindexed.items() for name in names}
    written = {f"{collection}.{name}" for collection, values in fields.items() for name in values}
    assert defined - written == set()


def test_expiring_collections_match_the_code(deployment: InMemoryDeployment) -> None:
    """Every collection with an expiry time, a timestamp, has a TTL policy; nothing else deletes its documents."""
    fields = written_fields(deployment)
    expiring = {name: "expires_at" for name, values in fields.items() if "expires_at" in values}
    assert Tree.read().local("expiring") == expiring
    assert all(isinstance(fields[name][field], datetime) for name, field in expiring.items())


def test_database_is_protected() -> None:
    """Recovery and delete protection are enabled, and clients have no access."""
    database = Tree.read().block("google_firestore_database.database").body
    assert "var.point_in_time_recovery ?" in database["point_in_time_recovery_enablement"]
    assert Tree.read().block("var.point_in_time_recovery").body["default"] is True
    assert "DELETE_PROTECTION_ENABLED" in database["delete_protection_state"]
    assert Tree.read().block("var.keep_data").body["default"] is True
    rules = (TERRAFORM / "firestore.rules").read_text()
    assert re.findall(r"allow .*", rules) == ["allow read, write: if false;"]
