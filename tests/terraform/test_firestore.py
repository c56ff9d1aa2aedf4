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


def written_fields(deployment: InMemoryDeployment) -> WrittenFields:
    written: dict[str, dict[str, Any]] = {}
    for usage in deployment.usage.values():
        for collection, fields in usage.fields.items():
            written.setdefault(collection, {}).update(fields)
    return written


def indexed_fields(tree: Tree) -> set[str]:
    """Return the fields that have an index of their own."""
    return {f"{collection}.{name}" for collection, fields in tree.local("indexed").items() for name in fields}


def single_field_queries(deployment: InMemoryDeployment) -> set[str]:
    """Return the fields that queries use with an index of one field."""
    return {
        f"{shape.collection}.{name}"
        for shape in issued_queries(deployment)
        for name in shape.fields
        if len(shape.fields) == 1
    }


def test_every_written_field_is_queried_or_exempt(deployment: InMemoryDeployment) -> None:
    """No index entry is written that no query asks for: by default no field of a collection is indexed."""
    tree = Tree.read()
    assert set(written_fields(deployment)) <= set(tree.local("indexed"))
    assert indexed_fields(tree) == single_field_queries(deployment)
    assert tree.block("google_firestore_field.unindexed").body["field"] == "*"


def test_written_fields_that_nobody_asks_for_have_no_index(deployment: InMemoryDeployment) -> None:
    """A name or an address in a receipt, and the owner of a claim, are written and not indexed."""
    fields = written_fields(deployment)
    written = {f"{collection}.{name}" for collection, names in fields.items() for name in names}
    exempt = {"receipts.name", "receipts.to", "receipts.message", "claims.owner", "claims.to", "claims.name"}
    assert exempt <= written
    assert not exempt & indexed_fields(Tree.read())


@pytest.mark.parametrize("name", sorted(indexed_fields(Tree.read())))
def test_missing_index_of_one_field_is_found(name: str, deployment: InMemoryDeployment) -> None:
    """Without any one of these indexes a query is unsupported."""
    tree = Tree.read()
    collection, _, field = name.partition(".")
    del tree.local("indexed")[collection][field]
    unsupported = unsupported_queries(index_definitions(tree), deployment)
    assert {shape.collection for shape in unsupported} == {collection}


@pytest.mark.parametrize("name", ["campaigns.created_at", "addresses.at"])
def test_index_in_the_wrong_direction_is_found(name: str, deployment: InMemoryDeployment) -> None:
    """An index in the other direction does not serve the query's order."""
    tree = Tree.read()
    collection, _, field = name.partition(".")
    orders = tree.local("indexed")[collection][field]
    tree.local("indexed")[collection][field] = ["ASCENDING" if orders == ["DESCENDING"] else "DESCENDING"]
    assert unsupported_queries(index_definitions(tree), deployment) != []


def test_expiring_collections_match_the_code(deployment: InMemoryDeployment) -> None:
    """Every collection with an expiry time, a timestamp, has a TTL policy; nothing else deletes its documents."""
    fields = written_fields(deployment)
    expiring = {name: "expires_at" for name, values in fields.items() if "expires_at" in values}
    assert Tree.read().local("expiring") == expiring
    assert all(isinstance(fields[name][field], datetime) for name, field in expiring.items())


def test_collections_are_written_in_their_database(deployment: InMemoryDeployment) -> None:
    """What Terraform takes for a collection of the access database is written there, and nothing else."""
    assert deployment.access.collections() == set(Tree.read().local("access_collections"))
    assert not deployment.documents.collections() & deployment.access.collections()


def test_only_the_members_function_writes_the_access_database(deployment: InMemoryDeployment) -> None:
    """Every feature was used once: the others only read it."""
    writers = {entry for entry, usage in deployment.usage.items() if "access-writer" in usage.services}
    assert writers == {"members", "move_audit"}
    readers = {entry for entry, usage in deployment.usage.items() if "access" in usage.services}
    assert readers == {"campaigns", "customers", "send_events"}


def test_function_that_anybody_may_call_only_reads(deployment: InMemoryDeployment) -> None:
    """Vendors and the readers of mails sign with no account: what they say is written by another function."""
    assert deployment.usage["receipts"].services == {"firestore-reader"}
    assert not deployment.usage["receipts"].fields


def test_databases_are_protected() -> None:
    """Recovery, backups and delete protection of both are enabled, and clients have no access."""
    for name, backup in (("database", "daily"), ("access", "access")):
        database = Tree.read().block(f"google_firestore_database.{name}").body
        assert "var.point_in_time_recovery ?" in database["point_in_time_recovery_enablement"]
        assert "DELETE_PROTECTION_ENABLED" in database["delete_protection_state"]
        schedule = Tree.read().block(f"google_firestore_backup_schedule.{backup}").body
        assert schedule["database"] == f"${{google_firestore_database.{name}.name}}"
    assert Tree.read().block("var.point_in_time_recovery").body["default"] is True
    assert Tree.read().block("var.keep_data").body["default"] is True
    rules = (TERRAFORM / "firestore.rules").read_text()
    assert re.findall(r"allow .*", rules) == ["allow read, write: if false;"]
