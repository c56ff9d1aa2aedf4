"""Pub/Sub behind the `Publisher` port.

The asynchronous client publishes lists. Messages of concurrent requests are published in one call
(`common/batching.py`), without the threads and timers of the blocking client.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby

from google.api_core import exceptions as google
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from grpc import aio

from common.batching import Batcher
from common.errors import HeraldError, InvalidWrite, Unavailable
from common.events import Event
from common.pubsub.publisher import trace_attributes

MAX_MESSAGES = 500  # in one call; the limit of Pub/Sub is 1,000
MAX_BYTES = 4_000_000  # in one call; the limit of Pub/Sub is 10 MB
TIMEOUT_SECONDS = 30


class PubSubPublisher:
    """The `Publisher` port on Pub/Sub."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._topics: dict[str, Batcher[PubsubMessage, None]] = {}

    @cached_property
    def _client(self) -> PublisherAsyncClient:
        """Created at the first message, because a gRPC channel belongs to the event loop that is running then."""
        return _create_client()

    async def close(self) -> None:
        """Closes the connection. Only tests do this; a function keeps it for the life of its instance."""
        await self._client.transport.close()  # type: ignore[no-untyped-call]

    async def publish(self, events: Sequence[Event]) -> None:
        for topic, topic_events in groupby(events, key=lambda event: event.topic):
            await self._send(topic, [_message(event) for event in topic_events])

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        await self._send(topic, [PubsubMessage(data=data, attributes={**trace_attributes(), **attributes})])

    async def _send(self, topic: str, messages: Sequence[PubsubMessage]) -> None:
        batcher = self._topics.get(topic) or self._topics.setdefault(topic, self._batcher(topic))
        await asyncio.gather(*(batcher.submit(message) for message in messages))

    def _batcher(self, topic: str) -> Batcher[PubsubMessage, None]:
        return Batcher(
            lambda batch: self._call(topic, batch),
            max_items=MAX_MESSAGES,
            max_concurrent=4,
            size_of=lambda message: len(message.data),
            max_size=MAX_BYTES,
        )

    async def _call(self, topic: str, messages: Sequence[PubsubMessage]) -> Sequence[None]:
        path = f"projects/{self._project}/topics/{topic}"
        try:
            await self._client.publish(topic=path, messages=list(messages), timeout=TIMEOUT_SECONDS)
        except google.GoogleAPICallError as error:
            raise _to_herald_error(topic, error) from error
        return [None] * len(messages)


def _message(event: Event) -> PubsubMessage:
    return PubsubMessage(data=event.encode(), attributes=trace_attributes(event))


def _create_client() -> PublisherAsyncClient:
    """The client for the cloud or the emulator. The asynchronous client ignores the emulator's variable."""
    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")
    if not emulator:
        return PublisherAsyncClient()
    return PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=aio.insecure_channel(emulator)))


def _to_herald_error(topic: str, error: google.GoogleAPICallError) -> HeraldError:
    """Only what a message is guilty of is permanent: a right or a topic that is missing is restored."""
    if isinstance(error, google.InvalidArgument):
        return InvalidWrite(f"Pub/Sub does not accept a message on {topic}: {error}")
    return Unavailable(f"Pub/Sub: {error}")
