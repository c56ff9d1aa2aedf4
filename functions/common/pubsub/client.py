"""Pub/Sub behind the `Publisher` port.

The asynchronous client publishes lists; what concurrent requests publish at the same time goes out in one call
(`common/batching.py`), without the threads and timers of the blocking client.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from itertools import groupby

from google.api_core import exceptions as google
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from grpc import aio

from common.batching import Batcher
from common.errors import HeraldError, Unavailable
from common.events import Event

MOST_MESSAGES = 500  # in one call; Pub/Sub takes 1,000
MOST_BYTES = 4_000_000  # in one call; Pub/Sub takes 10 MB
TIMEOUT_SECONDS = 30


class PubSubPublisher:
    def __init__(self, project: str) -> None:
        self._project = project
        self._client = _client()
        self._topics: dict[str, Batcher[PubsubMessage, None]] = {}

    async def close(self) -> None:
        """Only tests end a client; a function keeps it as long as its instance lives."""
        await self._client.transport.close()  # type: ignore[no-untyped-call]

    async def publish(self, events: Sequence[Event]) -> None:
        for topic, same in groupby(events, key=lambda event: event.topic):
            await self._send(topic, [PubsubMessage(data=event.encode()) for event in same])

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        await self._send(topic, [PubsubMessage(data=data, attributes=dict(attributes))])

    async def _send(self, topic: str, messages: Sequence[PubsubMessage]) -> None:
        batcher = self._topics.get(topic) or self._topics.setdefault(topic, self._batcher(topic))
        await asyncio.gather(*(batcher.submit(message) for message in messages))

    def _batcher(self, topic: str) -> Batcher[PubsubMessage, None]:
        return Batcher(
            lambda batch: self._call(topic, batch),
            most=MOST_MESSAGES,
            parallel=4,
            size=lambda message: len(message.data),
            most_size=MOST_BYTES,
        )

    async def _call(self, topic: str, messages: Sequence[PubsubMessage]) -> Sequence[None]:
        path = f"projects/{self._project}/topics/{topic}"
        try:
            await self._client.publish(topic=path, messages=list(messages), timeout=TIMEOUT_SECONDS)
        except google.GoogleAPICallError as error:
            raise _translated(topic, error) from error
        return [None] * len(messages)


def _client() -> PublisherAsyncClient:
    """The asynchronous client does not look at the emulator's variable by itself."""
    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")
    if not emulator:
        return PublisherAsyncClient()
    return PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=aio.insecure_channel(emulator)))


def _translated(topic: str, error: google.GoogleAPICallError) -> HeraldError:
    if isinstance(error, google.NotFound | google.InvalidArgument | google.PermissionDenied):
        return HeraldError(f"Pub/Sub does not take messages on {topic}: {error}")
    return Unavailable(f"Pub/Sub: {error}")
