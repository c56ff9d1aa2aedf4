"""The proxy in front of an emulator, as the real clients see it: a refused call is not executed, a lost one is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest

from common.errors import Exists, HeraldError, Unavailable
from common.events import Tick
from common.pubsub.client import PubSubPublisher
from common.storage.documents import Create, Query
from common.storage.firestore import FirestoreDocuments
from local.proxy import AbortCall, Call, EmulatorProxy


class RecordingWatcher:
    """Records the names of the calls; refuses the next call, or loses its response, with a status code."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuse: grpc.StatusCode | None = None
        self.lose: grpc.StatusCode | None = None
        self.breaks_streams = False

    async def before_call(self, call: Call) -> None:
        self.calls.append(call.method)
        call.is_broken_off = lambda: self.breaks_streams
        code, self.refuse = self.refuse, None
        if code:
            raise AbortCall(code, "refused")

    async def after_call(self, call: Call) -> None:
        code, self.lose = self.lose, None
        if code:
            raise AbortCall(code, "lost")


@pytest.fixture
def watcher() -> RecordingWatcher:
    return RecordingWatcher()


@pytest.fixture
async def documents(
    firestore: str, project: str, watcher: RecordingWatcher, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FirestoreDocuments]:
    async with EmulatorProxy(firestore, watcher) as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        documents = FirestoreDocuments(project)
        yield documents
        await documents.close()


async def test_proxy_passes_calls_through(documents: FirestoreDocuments, watcher: RecordingWatcher) -> None:
    """The proxy passes every kind of call and its errors through."""
    await documents.commit([Create("c/1", {"n": 1}), Create("c/2", {"n": 2})])
    assert [one["n"] for one in await documents.get_all(["c/1", "c/2"])] == [1, 2]
    assert len(await documents.query(Query(collection="c"))) == 2
    assert (await documents.sums(Query(collection="c"), ["n"]))["n"] == 3
    with pytest.raises(Exists):
        await documents.commit([Create("c/1", {})])
    assert watcher.calls == ["Commit", "BatchGetDocuments", "RunQuery", "RunAggregationQuery", "Commit"]


async def test_stream_that_is_broken_off_is_an_error(documents: FirestoreDocuments, watcher: RecordingWatcher) -> None:
    """The client does not take the first part of an answer for all of it."""
    await documents.commit([Create("c/1", {"n": 1}), Create("c/2", {"n": 2})])
    watcher.breaks_streams = True
    with pytest.raises(Unavailable, match="broken off"):
        await documents.query(Query(collection="c"))
    with pytest.raises(Unavailable, match="broken off"):
        await documents.get_all(["c/1", "c/2"])
    watcher.breaks_streams = False
    assert len(await documents.query(Query(collection="c"))) == 2


async def test_commit_refused_by_the_proxy_is_not_applied(
    documents: FirestoreDocuments, watcher: RecordingWatcher
) -> None:
    """A refused commit is not applied."""
    watcher.refuse = grpc.StatusCode.ABORTED
    with pytest.raises(Unavailable, match="refused"):
        await documents.commit([Create("c/1", {})])
    assert not (await documents.get("c/1")).exists


async def test_commit_with_lost_response_is_applied(documents: FirestoreDocuments, watcher: RecordingWatcher) -> None:
    """A commit whose response is lost is applied."""
    watcher.lose = grpc.StatusCode.DEADLINE_EXCEEDED
    with pytest.raises(Unavailable, match="lost"):
        await documents.commit([Create("c/1", {})])
    assert (await documents.get("c/1")).exists


async def test_commit_with_unavailable_response_is_retried_by_the_client_and_exists(
    documents: FirestoreDocuments, watcher: RecordingWatcher
) -> None:
    """The client itself tries again, so `Exists` can refer to a document that the same call has created."""
    watcher.lose = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(Exists):
        await documents.commit([Create("c/1", {})])
    assert watcher.calls == ["Commit", "Commit"]


async def test_query_with_lost_response_is_unavailable(
    documents: FirestoreDocuments, watcher: RecordingWatcher
) -> None:
    """A query whose response is lost raises `Unavailable`."""
    await documents.commit([Create("c/1", {})])
    watcher.lose = grpc.StatusCode.INTERNAL
    with pytest.raises(Unavailable, match="lost"):
        await documents.query(Query(collection="c"))


async def test_proxy_passes_publish_calls_through(
    pubsub: str, project: str, watcher: RecordingWatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy works for Pub/Sub too."""
    async with EmulatorProxy(pubsub, watcher) as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        publisher = PubSubPublisher(project)
        with pytest.raises(HeraldError, match="Topic not found"):
            await publisher.publish([Tick()])
        await publisher.close()
    assert watcher.calls == ["Publish"]
