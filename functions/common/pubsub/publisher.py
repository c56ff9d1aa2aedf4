"""The port to the topics. `common/pubsub/client.py` is the real one, `common/storage/memory.py` has the fake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from common.events import Event

DEAD_LETTERS = "dead-letters"


class Publisher(Protocol):
    """Both return when Pub/Sub has it all; `Unavailable` when that is not sure, and then it may be published twice."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Each event to its class's topic."""
        ...

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None: ...
