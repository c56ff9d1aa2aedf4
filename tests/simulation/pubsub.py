"""Pub/Sub: every message is delivered at least once, in any order, with backoff, copies and dead letters."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from common.errors import HeraldError
from local.topology import SubscriptionDefinition, Topology
from tests.simulation.faults import Faults
from tests.simulation.story import Habits

ACCEPTED = 204
MAX_ATTRIBUTE_BYTES = 1024
Post = Callable[[str, bytes], Awaitable[int]]
"""Delivers an envelope to an instance of a function; returns the status of its response."""


class SimulatedPubSub:
    """The subscriptions of the topology. `post` delivers; `latency` is the next random delay, in seconds."""

    def __init__(
        self, *, habits: Habits, faults: Faults, dice: random.Random, post: Post, latency: Callable[[], float]
    ) -> None:
        self.subscriptions = dict(Topology.read().subscriptions)
        self.published: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.dead_letters: Counter[str] = Counter()
        self.dead_letter_data: list[bytes] = []
        self._habits = habits
        self._faults = faults
        self._dice = dice
        self._post = post
        self._latency = latency
        self._outstanding: set[asyncio.Task[None]] = set()

    @property
    def outstanding(self) -> int:
        """The number of messages, and of copies, that are not acknowledged."""
        return len(self._outstanding)

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        """Stores the message. It is delivered later, and some messages are delivered twice."""
        if any(len(value.encode()) > MAX_ATTRIBUTE_BYTES for value in attributes.values()):
            raise HeraldError(f"Pub/Sub does not accept messages on {topic}: 400 attribute value too long")
        self.published[topic] += 1
        if topic == "dead-letters":
            self.dead_letter_data.append(data)
        for name, subscription in self.subscriptions.items():
            if subscription.topic == topic:
                self._deliver_soon(name, subscription, data, attributes, self._latency())
                if self._dice.random() < self._habits.copies:
                    late = self._dice.uniform(0, self._habits.copies_late)
                    self._deliver_soon(name, subscription, data, attributes, late)

    def _deliver_soon(
        self,
        name: str,
        subscription: SubscriptionDefinition,
        data: bytes,
        attributes: Mapping[str, str],
        delay: float,
    ) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(name, subscription, data, attributes, delay))
        self._outstanding.add(task)
        task.add_done_callback(self._outstanding.discard)

    async def _deliver(
        self,
        name: str,
        subscription: SubscriptionDefinition,
        data: bytes,
        attributes: Mapping[str, str],
        delay: float,
    ) -> None:
        """Posts the message until it is accepted, or until it becomes a dead letter."""
        attempt = 1
        while True:
            await asyncio.sleep(delay)
            while self._faults.outage("deliveries", name):
                await asyncio.sleep(10)
            counted = attempt if subscription.dead_letter_topic else None
            status = await self._post(subscription.function, _envelope(name, data, attributes, counted))
            if status == ACCEPTED:
                return
            self.refused[name] += 1
            if subscription.dead_letter_topic and attempt >= (subscription.max_delivery_attempts or 0):
                self.dead_letters[name] += 1
                self.publish(subscription.dead_letter_topic, data, {**attributes, **_dead_letter(name, attempt)})
                return
            doubled = subscription.minimum_backoff_seconds << min(attempt - 1, 30)
            delay = min(subscription.maximum_backoff_seconds, doubled) * self._dice.uniform(0.9, 1.1)
            attempt += 1


def _envelope(name: str, data: bytes, attributes: Mapping[str, str], attempt: int | None) -> bytes:
    """The body of a push request."""
    message = {"data": base64.b64encode(data).decode(), "attributes": dict(attributes), "messageId": "1"}
    counted = {"deliveryAttempt": attempt} if attempt else {}
    return json.dumps({"message": message, "subscription": f"projects/p/subscriptions/{name}", **counted}).encode()


def _dead_letter(name: str, attempt: int) -> dict[str, str]:
    """The attributes that Pub/Sub adds to a dead letter."""
    return {
        "CloudPubSubDeadLetterSourceDeliveryCount": str(attempt),
        "CloudPubSubDeadLetterSourceSubscription": name,
    }
