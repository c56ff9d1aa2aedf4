"""The port to the topics. `common/pubsub/client.py` is the adapter, `common/storage/memory.py` has the fake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from common.events import Event, ReceiptsReported
from common.trace import ATTRIBUTE, traceparent

DEAD_LETTERS = "dead-letters"


def trace_attributes(event: Event | None = None) -> dict[str, str]:
    """The attributes that carry the trace: of the message that the event is about, or of what is done now."""
    value = traceparent(_message_of(event))
    return {ATTRIBUTE: value} if value else {}


def _message_of(event: Event | None) -> str | None:
    """The message that the event is about; of a report about several, there is none."""
    if isinstance(event, ReceiptsReported):
        messages = {receipt.message_id for receipt in event.receipts}
        return messages.pop() if len(messages) == 1 else None
    return getattr(event, "message_id", None)


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
