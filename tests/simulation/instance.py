"""One process: its clock, its life, and its connections to the database, Pub/Sub and the vendor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import TypeVar

from common.errors import Unavailable
from common.events import Event, MessageReady
from common.storage.documents import Documents, Query, Snapshot, Write
from tests.crash_points import SimulatedCrash, step_of
from tests.simulation.audience import index_without_work, without_deltas
from tests.simulation.faults import Faults, raise_refusal, run_with_fault
from tests.simulation.pubsub import SimulatedPubSub
from tests.simulation.vendor import StoryVendor
from vendor.vendor import Accepted, Rejected

T = TypeVar("T")
Trace = Callable[..., None]
"""Takes who did it, what it is, and what it is about."""
handled: ContextVar[str] = ContextVar("handled", default="a request")
"""What the current task handles: "retry", "delivery", …"""
COMMANDS = ("plan", "check", "retry", "count_segments")
SUBSCRIPTION_WORDS = {
    "ticks": "tick",
    "recipients": "recipient",
    "deliveries": "delivery",
    "receipts": "receipts",
    "dead-letters": "dead letter",
    "ingest": "import",
}


def describe_event(subscription: str, data: bytes) -> str:
    """What a message is, in one word."""
    if subscription in SUBSCRIPTION_WORDS:
        return SUBSCRIPTION_WORDS[subscription]
    return next((name for name in COMMANDS if f'"command":"{name}"'.encode() in data), "fan_out")


class Instance:
    """One process of a function. Its clock is `skew` seconds ahead. After `die` every step fails."""

    def __init__(self, function: str, number: int, *, faults: Faults, now: Callable[[], datetime], skew: float) -> None:
        self.function = function
        self.name = f"{function}-{number}"
        self.alive = True
        self.faults = faults
        self._now = now
        self._skew = timedelta(seconds=skew)

    def clock(self) -> datetime:
        return self._now() + self._skew

    def die(self) -> None:
        self.alive = False

    async def step(
        self, name: str, act: Callable[[], Awaitable[T]], half: Callable[[], Awaitable[object]] | None = None
    ) -> T:
        """Runs a step with its faults."""
        self._check()
        fault = self.faults.at(name)
        result = await run_with_fault(fault, lambda: self._alive(act), die=self.die, half=half)
        self._check()
        return result

    async def _alive(self, act: Callable[[], Awaitable[T]]) -> T:
        self._check()
        return await act()

    def _check(self) -> None:
        if not self.alive:
            raise SimulatedCrash


class InstanceDocuments:
    """The database for one instance. The audience index looks complete, and its deltas are not stored."""

    def __init__(self, documents: Documents, instance: Instance, trace: Trace) -> None:
        self._documents = documents
        self._instance = instance
        self._trace = trace

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        [snapshot] = await self.get_all([path], at=at)
        return snapshot

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        if not paths:
            return []
        snapshots = await self._read(lambda: self._documents.get_all(paths, at=at))
        return [index_without_work(snapshot, self._instance.clock()) for snapshot in snapshots]

    async def query(self, query: Query) -> list[Snapshot]:
        return await self._read(lambda: self._documents.query(query))

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        return await self._read(lambda: self._documents.sums(query, fields))

    async def commit(self, writes: Sequence[Write]) -> None:
        stored = without_deltas(writes)
        if not stored:
            return
        self._refuse()
        step = step_of(stored)
        is_opening = step == "record" and self._instance.function == "fan_out"
        await self._instance.step("open attempts" if is_opening else step, lambda: self._commit(stored))

    async def _commit(self, writes: Sequence[Write]) -> None:
        await self._documents.commit(writes)
        self._trace(self._instance.name, step_of(writes), *(write.path for write in writes))

    async def _read(self, act: Callable[[], Awaitable[T]]) -> T:
        self._refuse()
        return await self._instance.step(f"read for {handled.get()}", act)

    def _refuse(self) -> None:
        outage = self._instance.faults.outage("database", self._instance.function)
        if outage:
            raise_refusal(outage.kind)  # type: ignore[arg-type]


class InstancePublisher:
    """Pub/Sub for one instance."""

    def __init__(
        self, pubsub: SimulatedPubSub, instance: Instance, trace: Trace, turn: Callable[[], Awaitable[object]]
    ) -> None:
        self._pubsub = pubsub
        self._instance = instance
        self._trace = trace
        self._turn = turn

    async def publish(self, events: Sequence[Event]) -> None:
        if not events:
            return
        self._refuse()
        half = events[: len(events) // 2]
        step = f"publish {events[0].topic}"
        await self._instance.step(step, lambda: self._publish(events), lambda: self._publish(half))

    async def _publish(self, events: Sequence[Event]) -> None:
        await self._turn()
        encoded = [event.encode() for event in events]
        for event, data in zip(events, encoded, strict=True):
            self._pubsub.publish(event.topic, data, {})
        words = Counter(describe_event(event.topic, data) for event, data in zip(events, encoded, strict=True))
        what = ", ".join(f"{number} {word}" for word, number in words.items())
        self._trace(self._instance.name, f"publishes {what}", *encoded)
        await self._turn()

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        self._refuse()
        step = "publish dead-letters" if topic == "dead-letters" else "requeue"
        await self._instance.step(step, lambda: self._publish_raw(topic, data, attributes))

    async def _publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        await self._turn()
        self._pubsub.publish(topic, data, attributes)
        self._trace(self._instance.name, f"publishes to {topic}", data)
        await self._turn()

    def _refuse(self) -> None:
        if self._instance.faults.outage("pubsub", self._instance.function):
            raise Unavailable("Pub/Sub: the service is unavailable")


class InstanceVendor:
    """The vendor for one instance."""

    def __init__(self, vendor: StoryVendor, instance: Instance, trace: Trace) -> None:
        self.concurrency_limit: AbstractAsyncContextManager[object] = nullcontext()
        self._vendor = vendor
        self._instance = instance
        self._trace = trace

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        self._trace(self._instance.name, f"sends under the key of attempt {message.idempotency_attempt}", message)
        answer = await self._instance.step("send", lambda: self._vendor.send(message))
        self._trace(self._instance.name, f"gets {answer}", message)
        return answer


def is_about(topic: object, subjects: frozenset[str]) -> bool:
    """Whether a path, an event or its bytes is about one of these messages or people."""
    if isinstance(topic, MessageReady):
        return topic.message_id in subjects
    text = topic.decode(errors="replace") if isinstance(topic, bytes) else str(topic)
    return any(subject in text for subject in subjects)
