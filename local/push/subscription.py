"""One subscription: pull, post, and do what the answer says."""

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

ACCEPTED = {102, 200, 201, 202, 204}
EXTENSIONS = 3  # of the leases of outstanding messages, in the time that a lease lasts
RETRY_SECONDS = 1.0  # when the emulator does not answer
LATEST_COPY_SECONDS = 0.5  # a deliberate duplicate comes up to so much later

log = logging.getLogger(__name__)


@dataclass
class Counts:
    """What happened since the start."""

    posts: int = 0  # copies included
    accepted: int = 0  # messages acknowledged
    refused: int = 0
    dead_lettered: int = 0


@dataclass(slots=True, eq=False)
class Delivery:
    """A message that is being posted."""

    lease: str
    message: Any  # a `PubsubMessage`
    attempt: int
    awaited: int  # how many of its copies have not been answered
    refused: bool = False
    started: float = field(default_factory=time.monotonic)


class Subscription:
    def __init__(
        self,
        name: str,
        definition: topology.Subscription,
        *,
        project: str,
        broker: Broker,
        connections: Connections,
        token: Callable[[], str],
        duplicate_share: float = 0.0,
        lease_seconds: int = topology.LEASE_SECONDS,
    ) -> None:
        self.path = f"projects/{project}/subscriptions/{name}"
        self.window = Window()
        self.counts = Counts()
        self._pulled_at = Counts()
        self._definition = definition
        self._project = project
        self._broker = broker
        self._connections = connections
        self._token = token
        self._duplicate_share = duplicate_share
        self._lease_seconds = lease_seconds
        self._leases = Leases(broker, self.path)
        self._outstanding: set[Delivery] = set()
        self._attempts: dict[str, int] = {}  # by message id, of those that were refused
        self._room = asyncio.Event()
        self._forwarding: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._extend())
            while True:
                await self._wait_for_room()
                await self._slow_down()
                for received in await self._pull():
                    self._deliver(received)

    async def _wait_for_room(self) -> None:
        """Until a quarter of the window is free, because small pulls cost as much as large ones."""
        while self._free < self.window.size / 4:
            self._room.clear()
            await self._room.wait()

    async def _slow_down(self) -> None:
        """A function that refuses everything is asked less and less often."""
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
        message = received.message
        attempt = self._attempts.get(message.message_id, 0) + 1
        copies = 2 if random.random() < self._duplicate_share else 1
        delivery = Delivery(received.ack_id, message, attempt, copies)
        self._outstanding.add(delivery)
        self._post(delivery, attempt)
        if copies == 2:
            later = random.choice((0, random.random() * LATEST_COPY_SECONDS))
            asyncio.get_running_loop().call_later(later, self._post, delivery, attempt + 1)

    def _post(self, delivery: Delivery, attempt: int) -> None:
        counted = attempt if self._definition.dead_letter_topic else None
        body = envelope(delivery.message, self.path, counted)
        answered = partial(self._answered, delivery)
        self.counts.posts += 1
        self._connections.post(body, self._token(), answered, self._definition.ack_deadline_seconds)

    def _answered(self, delivery: Delivery, status: int) -> None:
        """Every copy must have been accepted."""
        delivery.awaited -= 1
        delivery.refused |= status not in ACCEPTED
        if status not in ACCEPTED:
            log.warning("%s: %s refused with %s", self.path, delivery.message.message_id, status or "no answer")
        if delivery.awaited == 0:
            self._finish(delivery)

    def _finish(self, delivery: Delivery) -> None:
        self._outstanding.discard(delivery)
        if self._free >= self.window.size / 4:
            self._room.set()
        if delivery.refused:
            self._refused(delivery)
        else:
            self._accepted(delivery)

    def _accepted(self, delivery: Delivery) -> None:
        self.counts.accepted += 1
        self.window.accepted(time.monotonic() - delivery.started)
        self._forget(delivery)

    def _forget(self, delivery: Delivery) -> None:
        self._attempts.pop(delivery.message.message_id, None)
        self._leases.acknowledge(delivery.lease)

    def _refused(self, delivery: Delivery) -> None:
        self.counts.refused += 1
        self.window.refused()
        self._attempts[delivery.message.message_id] = delivery.attempt
        most = self._definition.max_delivery_attempts
        if most and delivery.attempt >= most:
            self._forward_soon(delivery)
        else:
            self._leases.extend(delivery.lease, self._backoff(delivery.attempt))

    def _backoff(self, attempt: int) -> int:
        doubled = self._definition.minimum_backoff_seconds << min(attempt - 1, 30)
        return min(self._definition.maximum_backoff_seconds, doubled)

    def _forward_soon(self, delivery: Delivery) -> None:
        self._outstanding.add(delivery)  # its lease is extended until the dead-letter topic has it
        task = asyncio.get_running_loop().create_task(self._forward(delivery))
        self._forwarding.add(task)
        task.add_done_callback(self._forwarding.discard)

    async def _forward(self, delivery: Delivery) -> None:
        """To the dead-letter topic; acknowledged only when that has it, else posted once more after the back-off."""
        topic = f"projects/{self._project}/topics/{self._definition.dead_letter_topic}"
        attributes = dead_letter_attributes(delivery.message, self.path, delivery.attempt)
        try:
            await self._broker.publish(topic, delivery.message.data, attributes)
        except grpc.aio.AioRpcError as error:
            log.warning("%s: cannot forward to %s: %s", self.path, topic, error.details())
            self._leases.extend(delivery.lease, self._backoff(delivery.attempt))
        else:
            self.counts.dead_lettered += 1
            self._forget(delivery)
        self._outstanding.discard(delivery)
        self._room.set()

    async def _extend(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / EXTENSIONS)
            for delivery in self._outstanding:
                self._leases.extend(delivery.lease, self._lease_seconds)

    def status(self) -> dict[str, Any]:
        return {"outstanding": len(self._outstanding), "window": int(self.window.size)} | asdict(self.counts)

    async def close(self) -> None:
        """Send the acknowledgements that wait. What is outstanding will be delivered again when its lease is over."""
        self._connections.close()
        await self._leases.close()
