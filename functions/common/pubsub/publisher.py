"""The port to the topics. `common/pubsub/client.py` is the adapter, `common/storage/memory.py` has the fake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from common.events import Event
from common.trace import ATTRIBUTE, traceparent

DEAD_LETTERS = "dead-letters"


def trace_attributes(event: Event | None = None) -> dict[str, str]:
    """The attributes that carry the trace: of the message that the event is about, or of what is done now."""
    value = traceparent(event.message_ids if event else ())
    return {ATTRIBUTE: value} if value else {}


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
