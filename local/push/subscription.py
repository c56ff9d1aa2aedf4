"""One subscription: pull messages, post them, and acknowledge, retry or dead-letter by the response."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any

import grpc

from local import topology
from local.push.broker import Broker
from local.push.connections import Connections
from local.push.envelope import dead_letter_attributes, envelope
from local.push.leases import Leases
from local.push.window import Window

ACCEPTED_STATUSES = {102, 200, 201, 202, 204}
EXTENSIONS_PER_LEASE = 3  # lease extensions of an outstanding message during one lease
RETRY_SECONDS = 1.0  # after an error of the emulator
MAX_COPY_DELAY_SECONDS = 0.5  # maximum delay of a deliberate duplicate

log = logging.getLogger(__name__)


@dataclass
class DeliveryCounts:
    """Counters since the start."""

    posts: int = 0  # including copies
    accepted: int = 0  # messages acknowledged
    refused: int = 0
    dead_lettered: int = 0
    late_copies: int = 0  # posted again long after they were acknowledged


@dataclass(slots=True, eq=False)
class Delivery:
    """A message that is being posted."""

    lease: str
    message: Any  # a `PubsubMessage`
    attempt: int
    pending_copies: int  # copies without a response
    refused: bool = False
    started: float = field(default_factory=time.monotonic)


class PushSubscription:
    """Delivers the messages of one subscription to one URL."""

    def __init__(
        self,
        name: str,
        definition: topology.SubscriptionDefinition,
        *,
        project: str,
        broker: Broker,
        connections: Connections,
        token: Callable[[], str],
        duplicate_share: float = 0.0,
        late_copy_share: float = 0.0,
        late_copy_seconds: float = 0.0,
        lease_seconds: int = topology.LEASE_SECONDS,
    ) -> None:
        self.path = f"projects/{project}/subscriptions/{name}"
        self.window = Window()
        self.counts = DeliveryCounts()
        self._pulled_at = DeliveryCounts()
        self._definition = definition
        self._project = project
        self._broker = broker
        self._connections = connections
        self._token = token
        self._duplicate_share = duplicate_share
        self._late_copy_share = late_copy_share
        self._late_copy_seconds = late_copy_seconds
        self._late_copies = 0  # that are waiting, or have no response yet
        self._lease_seconds = lease_seconds
        self._leases = Leases(broker, self.path)
        self._outstanding: set[Delivery] = set()
        self._attempts: dict[str, int] = {}  # by message id, of refused messages
        self._space_available = asyncio.Event()
        self._forwarding: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._extend())
            while True:
                await self._wait_for_space()
                await self._slow_down()
                for received in await self._pull():
                    self._deliver(received)

    async def _wait_for_space(self) -> None:
        """Wait until a quarter of the window is free, because small pulls cost as much as large ones."""
        while self._free < self.window.size / 4:
            self._space_available.clear()
            await self._space_available.wait()

    async def _slow_down(self) -> None:
        """Increase the pause if the function has refused everything since the last pull."""
        if self.counts.refused > self._pulled_at.refused and self.counts.accepted == self._pulled_at.accepted:
            self.window.slow_down()
        self._pulled_at = replace(self.counts)
        await asyncio.sleep(self.window.pause)

    @property
    def _free(self) -> int:
        return int(self.window.size) - len(self._outstanding)

    async def _pull(self) -> Any:
        try:
            return await self._broker.pull(self.path, self._free)
        except grpc.aio.AioRpcError as error:
            log.warning("%s: cannot pull: %s", self.path, error.details())
            await asyncio.sleep(RETRY_SECONDS)
            return ()

    def _deliver(self, received: Any) -> None:
        """Post a pulled message, and sometimes a copy of it."""
        message = received.message
        attempt = self._attempts.get(message.message_id, 0) + 1
        copies = 2 if random.random() < self._duplicate_share else 1
        delivery = Delivery(received.ack_id, message, attempt, copies)
        self._outstanding.add(delivery)
        self._post(delivery, attempt)
        if copies == 2:
            later = random.choice((0, random.random() * MAX_COPY_DELAY_SECONDS))
            asyncio.get_running_loop().call_later(later, self._post, delivery, attempt + 1)

    def _post(self, delivery: Delivery, attempt: int) -> None:
        counted = attempt if self._definition.dead_letter_topic else None
        body = envelope(delivery.message, self.path, counted)
        answered = partial(self._record_answer, delivery)
        self.counts.posts += 1
        self._connections.post(body, self._token(), answered, self._definition.ack_deadline_seconds)

    def _record_answer(self, delivery: Delivery, status: int) -> None:
        """Handle a response. A message is accepted if every copy is accepted."""
        delivery.pending_copies -= 1
        delivery.refused |= status not in ACCEPTED_STATUSES
        if status not in ACCEPTED_STATUSES:
            log.warning("%s: %s refused with %s", self.path, delivery.message.message_id, status or "no answer")
        if delivery.pending_copies == 0:
            self._finish(delivery)

    def _finish(self, delivery: Delivery) -> None:
        self._outstanding.discard(delivery)
        if self._free >= self.window.size / 4:
            self._space_available.set()
        if delivery.refused:
            self._handle_refused(delivery)
        else:
            self._handle_accepted(delivery)

    def _handle_accepted(self, delivery: Delivery) -> None:
        self.counts.accepted += 1
        self.window.record_accepted(time.monotonic() - delivery.started)
        self._remove(delivery)

        if random.random() < self._late_copy_share:
            self._late_copies += 1
            later = random.random() * self._late_copy_seconds
            asyncio.get_running_loop().call_later(later, self._post_late_copy, delivery)

    def _post_late_copy(self, delivery: Delivery) -> None:
        """Post an acknowledged message once more, as Pub/Sub may. Nobody waits for the answer."""
        self.counts.late_copies += 1
        body = envelope(delivery.message, self.path, 1 if self._definition.dead_letter_topic else None)
        self._connections.post(body, self._token(), self._record_late_answer, self._definition.ack_deadline_seconds)

    def _record_late_answer(self, status: int) -> None:
        self._late_copies -= 1

    def _remove(self, delivery: Delivery) -> None:
        self._attempts.pop(delivery.message.message_id, None)
        self._leases.acknowledge(delivery.lease)

    def _handle_refused(self, delivery: Delivery) -> None:
        self.counts.refused += 1
        self.window.record_refused()
        self._attempts[delivery.message.message_id] = delivery.attempt
        max_messages = self._definition.max_delivery_attempts
        if max_messages and delivery.attempt >= max_messages:
            self._forward_soon(delivery)
        else:
            self._leases.extend(delivery.lease, self._backoff(delivery.attempt))

    def _backoff(self, attempt: int) -> int:
        doubled = self._definition.minimum_backoff_seconds << min(attempt - 1, 30)
        return min(self._definition.maximum_backoff_seconds, doubled)

    def _forward_soon(self, delivery: Delivery) -> None:
        self._outstanding.add(delivery)  # its lease is extended until it is published
        task = asyncio.get_running_loop().create_task(self._forward(delivery))
        self._forwarding.add(task)
        task.add_done_callback(self._forwarding.discard)

    async def _forward(self, delivery: Delivery) -> None:
        """Publish to the dead-letter topic and acknowledge. After an error, post the message again."""
        topic = f"projects/{self._project}/topics/{self._definition.dead_letter_topic}"
        attributes = dead_letter_attributes(delivery.message, self.path, delivery.attempt)
        try:
            await self._broker.publish(topic, delivery.message.data, attributes)
        except grpc.aio.AioRpcError as error:
            log.warning("%s: cannot forward to %s: %s", self.path, topic, error.details())
            self._leases.extend(delivery.lease, self._backoff(delivery.attempt))
        else:
            self.counts.dead_lettered += 1
            self._remove(delivery)
        self._outstanding.discard(delivery)
        self._space_available.set()

    async def _extend(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / EXTENSIONS_PER_LEASE)
            for delivery in self._outstanding:
                self._leases.extend(delivery.lease, self._lease_seconds)

    def status(self) -> dict[str, Any]:
        outstanding = len(self._outstanding) + self._late_copies
        return {"outstanding": outstanding, "window": int(self.window.size)} | asdict(self.counts)

    async def close(self) -> None:
        """Send pending acknowledgements. Outstanding messages are delivered again when their lease expires."""
        self._connections.close()
        await self._leases.close()
