"""The contract of the publisher port, tested on the fake and on the Pub/Sub emulator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest

from common.errors import Unavailable
from common.events import Event
from common.pubsub.publisher import Publisher

Published = Callable[[str], Awaitable[list[tuple[bytes, dict[str, str]]]]]
"""Returns what was published to a topic so far, in any order."""


class GreetingPublished(Event):
    topic: ClassVar[str] = "greetings"
    name: str


class PartingPublished(Event):
    topic: ClassVar[str] = "partings"
    name: str


async def test_publish_sends_each_event_to_its_topic(publisher: Publisher, published: Published) -> None:
    """Each event is published to the topic of its class."""
    await publisher.publish([GreetingPublished(name="a"), PartingPublished(name="b"), GreetingPublished(name="c")])
    assert sorted(GreetingPublished.decode(data).name for data, _ in await published("greetings")) == ["a", "c"]
    assert [PartingPublished.decode(data) for data, _ in await published("partings")] == [PartingPublished(name="b")]


async def test_publish_raw_keeps_data_and_attributes(publisher: Publisher, published: Published) -> None:
    """Raw data and its attributes arrive unchanged."""
    await publisher.publish_raw("greetings", b"\xff", {"reason": "unverändert"})
    assert await published("greetings") == [(b"\xff", {"reason": "unverändert"})]


async def test_concurrent_publish_over_the_batch_limits_delivers_all(
    publisher: Publisher, published: Published
) -> None:
    """Concurrent publishers with more events and bytes than fit into one call lose no event."""
    events = [GreetingPublished(name=f"{number}-{'x' * 2000}") for number in range(3000)]
    await asyncio.gather(*(publisher.publish(events[start : start + 100]) for start in range(0, 3000, 100)))
    names = {GreetingPublished.decode(data).name for data, _ in await published("greetings")}
    assert names == {event.name for event in events}


async def test_publish_without_events_publishes_nothing(publisher: Publisher, published: Published) -> None:
    """Publishing an empty list is not an error."""
    await publisher.publish([])
    assert await published("greetings") == []


async def test_publish_to_unknown_topic_is_tried_again(publisher: Publisher) -> None:
    """No message is guilty of a topic that is missing; once the topic exists, they are published."""
    with pytest.raises(Unavailable):
        await publisher.publish_raw("no-such-topic", b"x", {})
