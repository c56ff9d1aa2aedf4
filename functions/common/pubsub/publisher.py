"""The port to the topics. `common/pubsub/client.py` is the adapter, `common/storage/memory.py` has the fake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from common.events import Event

DEAD_LETTERS = "dead-letters"


class Publisher(Protocol):
    """Publishes messages. A call returns when Pub/Sub has stored all of them.

    `Unavailable` means that this is not certain: if the caller tries again, they may be published twice.
    """

    async def publish(self, events: Sequence[Event]) -> None:
        """Publishes each event to the topic of its class."""
        ...

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Publishes one message to a topic."""
        ...
