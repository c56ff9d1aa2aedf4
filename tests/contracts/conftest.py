"""Each port, as the fake and as the real thing."""

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


@pytest.fixture(params=["memory", "firestore"])
async def documents(
    request: pytest.FixtureRequest, project: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Documents]:
    if request.param == "memory":
        yield MemoryDocuments()
        return
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", request.getfixturevalue("firestore"))
    found = FirestoreDocuments(project)
    yield found
    await found.close()


@pytest.fixture(params=["memory", "pubsub"])
async def publisher(
    request: pytest.FixtureRequest, project: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Publisher]:
    if request.param == "memory":
        yield MemoryPublisher(topics=TOPICS)
        return
    pubsub = request.getfixturevalue("pubsub")
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub)
    async with httpx.AsyncClient(base_url=f"http://{pubsub}/v1/projects/{project}") as http:
        for topic in TOPICS:
            (await http.put(f"/topics/{topic}")).raise_for_status()
            body = {"topic": f"projects/{project}/topics/{topic}"}
            (await http.put(f"/subscriptions/{topic}", json=body)).raise_for_status()
    found = PubSubPublisher(project)
    yield found
    await found.close()


@pytest.fixture
def published(
    publisher: Publisher, project: str, request: pytest.FixtureRequest
) -> Callable[[str], Awaitable[list[tuple[bytes, dict[str, str]]]]]:
    async def of(topic: str) -> list[tuple[bytes, dict[str, str]]]:
        if isinstance(publisher, MemoryPublisher):
            events: list[tuple[bytes, dict[str, str]]] = [
                (event.encode(), {}) for event in publisher.events if event.topic == topic
            ]
            return events + [(data, attributes) for name, data, attributes in publisher.raw if name == topic]
        return await _pulled(request.getfixturevalue("pubsub"), f"projects/{project}/subscriptions/{topic}")

    return of


async def _pulled(pubsub: str, subscription: str) -> list[tuple[bytes, dict[str, str]]]:
    """Everything that waits there, acknowledged."""
    found: list[tuple[bytes, dict[str, str]]] = []
    url = f"http://{pubsub}/v1/{subscription}"
    async with httpx.AsyncClient(timeout=30) as http:
        while True:
            answer = await http.post(f"{url}:pull", json={"maxMessages": 1000, "returnImmediately": True})
            received = answer.raise_for_status().json().get("receivedMessages", [])
            if not received:
                return found
            messages = [one["message"] for one in received]
            found += [(b64decode(one.get("data", "")), one.get("attributes", {})) for one in messages]
            await http.post(f"{url}:acknowledge", json={"ackIds": [one["ackId"] for one in received]})
