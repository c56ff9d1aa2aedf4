"""The proxy in front of an emulator, as the real clients see it: what is refused never happened, what is lost did."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest

from common.errors import Exists, HeraldError, Unavailable
from common.events import Tick
from common.pubsub.client import PubSubPublisher
from common.storage.documents import Create, Query
from common.storage.firestore import FirestoreDocuments
from local.proxy import Abort, Call, Proxy


class Watcher:
    """Keeps the calls' names; the code to refuse the next call with, or to lose its answer with."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refuse: grpc.StatusCode | None = None
        self.lose: grpc.StatusCode | None = None

    async def asked(self, call: Call) -> None:
        self.calls.append(call.method)
        code, self.refuse = self.refuse, None
        if code:
            raise Abort(code, "refused")

    async def answered(self, call: Call) -> None:
        code, self.lose = self.lose, None
        if code:
            raise Abort(code, "lost")


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
async def documents(
    firestore: str, project: str, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[FirestoreDocuments]:
    async with Proxy(firestore, watcher) as address:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        documents = FirestoreDocuments(project)
        yield documents
        await documents.close()


async def test_calls_pass_through(documents: FirestoreDocuments, watcher: Watcher) -> None:
    await documents.commit([Create("c/1", {"n": 1}), Create("c/2", {"n": 2})])
    assert [one["n"] for one in await documents.get_all(["c/1", "c/2"])] == [1, 2]
    assert len(await documents.query(Query(collection="c"))) == 2
    assert (await documents.sums(Query(collection="c"), ["n"]))["n"] == 3
    with pytest.raises(Exists):
        await documents.commit([Create("c/1", {})])
    assert watcher.calls == ["Commit", "BatchGetDocuments", "RunQuery", "RunAggregationQuery", "Commit"]


async def test_a_commit_that_is_refused_never_happened(documents: FirestoreDocuments, watcher: Watcher) -> None:
    watcher.refuse = grpc.StatusCode.ABORTED
    with pytest.raises(Unavailable, match="refused"):
        await documents.commit([Create("c/1", {})])
    assert not (await documents.get("c/1")).exists


async def test_a_commit_whose_answer_is_lost_has_happened(documents: FirestoreDocuments, watcher: Watcher) -> None:
    watcher.lose = grpc.StatusCode.DEADLINE_EXCEEDED
    with pytest.raises(Unavailable, match="lost"):
        await documents.commit([Create("c/1", {})])
    assert (await documents.get("c/1")).exists


async def test_the_client_tries_again_by_itself_and_finds_its_own_document(
    documents: FirestoreDocuments, watcher: Watcher
) -> None:
    """So `Exists` may speak of what the very same call has created."""
    watcher.lose = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(Exists):
        await documents.commit([Create("c/1", {})])
    assert watcher.calls == ["Commit", "Commit"]


async def test_a_query_can_break_off(documents: FirestoreDocuments, watcher: Watcher) -> None:
    await documents.commit([Create("c/1", {})])
    watcher.lose = grpc.StatusCode.INTERNAL
    with pytest.raises(Unavailable, match="lost"):
        await documents.query(Query(collection="c"))


async def test_publishing_passes_through_too(
    pubsub: str, project: str, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Proxy(pubsub, watcher) as address:
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", address)
        publisher = PubSubPublisher(project)
        with pytest.raises(HeraldError, match="Topic not found"):
            await publisher.publish([Tick()])
        await publisher.close()
    assert watcher.calls == ["Publish"]
