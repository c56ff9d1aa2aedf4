"""The Pub/Sub emulator over gRPC, without the client library, which costs more CPU time than the messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

PULL_SECONDS = 60  # an empty pull is a long poll: it returns when a message arrives, or at this deadline
CALL_SECONDS = 10

Call = Callable[..., Awaitable[Any]]
Pull = types.PullRequest.pb()
Acknowledge = types.AcknowledgeRequest.pb()
Modify = types.ModifyAckDeadlineRequest.pb()
Publish = types.PublishRequest.pb()
Message = types.PubsubMessage.pb()


class Broker:
    """The calls of the push service. They raise `grpc.aio.AioRpcError`."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=[("grpc.max_receive_message_length", -1)])
        self._pull = self._method("Subscriber/Pull", types.PullResponse.pb())
        self._acknowledge = self._method("Subscriber/Acknowledge", Empty)
        self._modify = self._method("Subscriber/ModifyAckDeadline", Empty)
        self._publish = self._method("Publisher/Publish", types.PublishResponse.pb())

    def _method(self, name: str, answer: Any) -> Call:
        method: Call = self._channel.unary_unary(
            f"/google.pubsub.v1.{name}",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        return method

    async def pull(self, subscription: str, max_messages: int) -> Sequence[Any]:
        """Return up to `max_messages` messages as `ReceivedMessage`s, or none if none arrived within the long poll."""
        answer = await self._pull(Pull(subscription=subscription, max_messages=max_messages), timeout=PULL_SECONDS)
        received: Sequence[Any] = answer.received_messages
        return received

    async def acknowledge(self, subscription: str, leases: Sequence[str]) -> None:
        await self._acknowledge(Acknowledge(subscription=subscription, ack_ids=leases), timeout=CALL_SECONDS)

    async def extend(self, subscription: str, leases: Sequence[str], seconds: int) -> None:
        """Delay the next delivery of the messages by `seconds`; 0 returns them immediately."""
        request = Modify(subscription=subscription, ack_ids=leases, ack_deadline_seconds=seconds)
        await self._modify(request, timeout=CALL_SECONDS)

    async def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        message = Message(data=data, attributes=attributes)
        await self._publish(Publish(topic=topic, messages=[message]), timeout=CALL_SECONDS)

    async def close(self) -> None:
        await self._channel.close()
