"""One contract for the port to the topics, on the fake and on the Pub/Sub emulator alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest

from common.errors import HeraldError, Unavailable
from common.events import Event
from common.pubsub.publisher import Publisher

Published = Callable[[str], Awaitable[list[tuple[bytes, dict[str, str]]]]]
"""What was published on a topic so far, in any order."""


class Greeted(Event):
    topic: ClassVar[str] = "greetings"
    name: str


class Parted(Event):
    topic: ClassVar[str] = "partings"
    name: str


async def test_each_event_goes_to_its_topic(publisher: Publisher, published: Published) -> None:
    await publisher.publish([Greeted(name="a"), Parted(name="b"), Greeted(name="c")])
    assert sorted(Greeted.decode(data).name for data, _ in await published("greetings")) == ["a", "c"]
    assert [Parted.decode(data) for data, _ in await published("partings")] == [Parted(name="b")]


async def test_raw_data_keeps_its_attributes(publisher: Publisher, published: Published) -> None:
    await publisher.publish_raw("greetings", b"\xff", {"reason": "wörtlich"})
    assert await published("greetings") == [(b"\xff", {"reason": "wörtlich"})]


async def test_many_at_once_all_arrive(publisher: Publisher, published: Published) -> None:
    """Concurrent publishers, more than fit in one call, in number and in bytes."""
    events = [Greeted(name=f"{number}-{'x' * 2000}") for number in range(3000)]
    await asyncio.gather(*(publisher.publish(events[start : start + 100]) for start in range(0, 3000, 100)))
    names = {Greeted.decode(data).name for data, _ in await published("greetings")}
    assert names == {event.name for event in events}


async def test_nothing_is_nothing(publisher: Publisher, published: Published) -> None:
    await publisher.publish([])
    assert await published("greetings") == []


async def test_a_topic_that_does_not_exist_is_a_permanent_error(publisher: Publisher) -> None:
    with pytest.raises(HeraldError) as error:
        await publisher.publish_raw("no-such-topic", b"x", {})
    assert not isinstance(error.value, Unavailable)
