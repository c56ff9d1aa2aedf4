"""The proxy counts and enforces limits of Firestore that the emulator does not have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.cloud.firestore_v1 import types

from benchmarks.limits import MAX_REQUEST_BYTES, CallWatchers, FirestoreLimits
from common.storage import firestore_encoding as encoding
from common.storage.documents import Create, Delete, Write
from common.storage.indexes import IndexDefinitions
from local.proxy import AbortCall, Call

AT = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = "projects/p/databases/(default)/documents/"
INDEXES = IndexDefinitions(
    composite=[("deferred", [("campaign", "asc"), ("until", "asc")])], unindexed={"deferred": ["until", "data"]}
)
DEFERRED = {
    "campaign": "c",
    "until": AT,
    "data": b"x",
    "reason": "rate",
    "tags": ["a", "b"],
    "counts": {"a": 1, "b": 2},
}


def commit(*writes: Write) -> Call:
    request = types.CommitRequest(database="d")
    for write in writes:
        encoding.encode_write(types.CommitRequest.pb(request).writes.add(), ROOT + write.path, write)
    return Call(method="Commit", request=types.CommitRequest.serialize(request))


def limits(**options: Any) -> FirestoreLimits:
    return FirestoreLimits(INDEXES, clock=lambda: 5.0, **options)


async def test_index_entries_of_a_write_are_counted() -> None:
    """A plain field has two entries, a list one more for each value, a map those of its fields; some have none."""
    watcher = limits()
    await watcher.after_call(commit(Create("deferred/1", DEFERRED), Delete("deferred/2")))
    # campaign and reason 2 each, tags 2 + 2, counts 2 + 2, and the composite index
    assert (watcher.writes, watcher.index_entries) == (2, 13)
    assert "2 writes with 6.5 index entries each: deferred 6.5" in watcher.lines()


async def test_only_the_indexes_of_a_deployment_are_counted() -> None:
    """Where a collection names its indexed fields, no other field has an entry, and no other time is a growing key."""
    definitions = IndexDefinitions(composite=[], unindexed={}, indexed={"deferred": {"campaign": ["asc"]}, "audit": {}})
    watcher = FirestoreLimits(definitions, clock=lambda: 5.0)
    await watcher.after_call(commit(Create("deferred/1", DEFERRED), Create("audit/1", {"at": AT})))
    assert watcher.entries_by_collection == {"deferred": 1, "audit": 0}
    assert not watcher.sequential_seconds


async def test_writes_a_second_are_counted_by_document_and_by_growing_index() -> None:
    """Two writes of one document in a second are too many; keys that only grow are counted for each index."""
    watcher = limits()
    for _ in range(2):
        await watcher.after_call(commit(Create("deferred/1", DEFERRED), Create("audit/1", {"at": AT})))
    assert watcher.document_seconds["deferred/1", 5] == 2
    assert dict(watcher.sequential_seconds) == {("deferred(campaign c, until)", 5): 2, ("audit(at)", 5): 2}
    assert any(line.startswith("2 times a document was written more than once a second") for line in watcher.lines())


async def test_contended_document_is_answered_with_aborted() -> None:
    """When it is asked to, the proxy aborts a commit of a document that was written a moment ago."""
    write = commit(Create("deferred/1", DEFERRED))
    watcher = CallWatchers([limits(), contended := limits(contention_seconds=0.05)])
    await watcher.before_call(write)
    await watcher.after_call(write)
    with pytest.raises(AbortCall) as aborted:
        await watcher.before_call(write)
    assert aborted.value.code is grpc.StatusCode.ABORTED
    assert contended.aborted == 1


async def test_request_larger_than_the_limit_is_refused() -> None:
    """Firestore takes at most 10 MiB; other calls than commits are not looked at."""
    watcher = limits()
    large = Call(method="Commit", request=b"x" * (MAX_REQUEST_BYTES + 1))
    with pytest.raises(AbortCall) as refused:
        await watcher.before_call(large)
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
    await watcher.before_call(Call(method="RunQuery", request=large.request))
    await watcher.after_call(Call(method="RunQuery", request=b""))
    assert (watcher.refused, watcher.writes) == (1, 0)
