"""Each port, as the fake and as the adapter on an emulator."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from common.pubsub.client import PubSubPublisher
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents
from common.storage.firestore import FirestoreDocuments
from common.storage.memory import MemoryDocuments, MemoryPublisher

TOPICS = ("greetings", "partings")


class UnindexedDocuments(MemoryDocuments):
    """Needs no indexes, like the emulator: these tests have collections of their own."""

    indexes = None


@pytest.fixture(params=["memory", "firestore"])
async def documents(
    request: pytest.FixtureRequest, project: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Documents]:
    if request.param == "memory":
        yield UnindexedDocuments()
        return
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", request.getfixturevalue("firestore"))
    adapter = FirestoreDocuments(project)
    yield adapter
    await adapter.close()


@pytest.fixture(params=["memory", "pubsub"])
async def publisher(
    request: pytest.FixtureRequest, project: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Publisher]:
    if request.param == "memory":
        yield MemoryPublisher(topics=TOPICS)
        return
    pubsub = request.getfixturevalue("pubsub")
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    async with httpx.AsyncClient(base_url=f"http://{pubsub}/v1/projects/{project}", timeout=60) as http:
        for topic in TOPICS:
            (await http.put(f"/topics/{topic}")).raise_for_status()
            body = {"topic": f"projects/{project}/topics/{topic}"}
            (await http.put(f"/subscriptions/{topic}", json=body)).raise_for_status()
    adapter = PubSubPublisher(project)
    yield adapter
    await adapter.close()


@pytest.fixture
def published(
    publisher: Publisher, project: str, request: pytest.FixtureRequest
) -> Callable[[str], Awaitable[list[tuple[bytes, dict[str, str]]]]]:
    async def published_to(topic: str) -> list[tuple[bytes, dict[str, str]]]:
        if isinstance(publisher, MemoryPublisher):
            events: list[tuple[bytes, dict[str, str]]] = [
                (event.encode(), {}) for event in publisher.events if event.topic == topic
            ]
            return events + [(data, attributes) for name, data, attributes in publisher.raw if name == topic]
        return await _pull(request.getfixturevalue("pubsub"), f"projects/{project}/subscriptions/{topic}")

    return published_to


async def _pull(pubsub: str, subscription: str) -> list[tuple[bytes, dict[str, str]]]:
    """Pulls and acknowledges all messages of the subscription."""
    pulled: list[tuple[bytes, dict[str, str]]] = []
    url = f"http://{pubsub}/v1/{subscription}"
    async with httpx.AsyncClient(timeout=30) as http:
        while True:
            response = await http.post(f"{url}:pull", json={"maxMessages": 1000, "returnImmediately": True})
            received = response.raise_for_status().json().get("receivedMessages", [])
            if not received:
                return pulled
            messages = [one["message"] for one in received]
            pulled += [(b64decode(message.get("data", "")), message.get("attributes", {})) for message in messages]
            await http.post(f"{url}:acknowledge", json={"ackIds": [one["ackId"] for one in received]})
