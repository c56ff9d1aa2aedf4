"""Processes that crash at a chosen step: before it, in the middle of it, or right after it.

A commit is atomic and has no middle. In the middle of publishing several messages, half of them are published. After a
crash, everything else in the same process also stops at its next step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from common.events import Event, MessageReady
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Delete, Documents, Put, Query, Snapshot, Update, Write
from vendor.vendor import Accepted, Rejected, Vendor

CrashTime = Literal["before", "middle", "after"]
T = TypeVar("T")


class SimulatedCrash(Exception):
    """The process has crashed."""


@dataclass
class CrashPlan:
    """Where the process crashes: the `nth` time that it reaches a step."""

    step: str
    when: CrashTime
    nth: int = 1
    triggered: bool = False

    def due(self, step: str) -> CrashTime | None:
        if self.triggered or step != self.step:
            return None
        self.nth -= 1
        self.triggered = self.nth == 0
        return self.when if self.triggered else None


class ProcessLife:
    """One process, from its start to its crash."""

    def __init__(self, plan: CrashPlan | None) -> None:
        self._plan = plan
        self.crashed = False

    async def run_step(
        self, step: str, act: Callable[[], Awaitable[T]], half: Callable[[], Awaitable[object]] | None = None
    ) -> T:
        """Runs `act`, and crashes before, after or in the middle of it, as planned. `half` does half of the step."""
        self._check()
        when = self._plan.due(step) if self._plan else None
        if when == "middle" and half:
            await half()
        self.crashed = self.crashed or when in {"before", "middle"}
        self._check()
        result = await act()
        self.crashed = self.crashed or when == "after"
        self._check()
        return result

    def _check(self) -> None:
        if self.crashed:
            raise SimulatedCrash


class CrashingDocuments:
    """The database for a process that may crash."""

    def __init__(self, documents: Documents, life: ProcessLife) -> None:
        self._documents = documents
        self._life = life

    async def get(self, path: str, *, at: Any = None) -> Snapshot:
        return await self._life.run_step("read", lambda: self._documents.get(path, at=at))

    async def get_all(self, paths: Sequence[str], *, at: Any = None) -> list[Snapshot]:
        return await self._life.run_step("read", lambda: self._documents.get_all(paths, at=at))

    async def query(self, query: Query) -> list[Snapshot]:
        return await self._life.run_step("read", lambda: self._documents.query(query))

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        return await self._life.run_step("read", lambda: self._documents.sums(query, fields))

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._life.run_step(step_of(writes), lambda: self._documents.commit(writes))


class CrashingPublisher:
    """The publisher for a process that may crash."""

    def __init__(self, publisher: Publisher, life: ProcessLife) -> None:
        self._publisher = publisher
        self._life = life

    async def publish(self, events: Sequence[Event]) -> None:
        if not events:
            return
        half = events[: len(events) // 2]
        step = f"publish {events[0].topic}"
        await self._life.run_step(step, lambda: self._publisher.publish(events), lambda: self._publisher.publish(half))

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        await self._life.run_step("requeue", lambda: self._publisher.publish_raw(topic, data, attributes))


class CrashingSender:
    """The vendor for a process that may crash; the vendor itself keeps running."""

    def __init__(self, vendor: Vendor, life: ProcessLife) -> None:
        self.concurrency_limit = vendor.concurrency_limit
        self._vendor = vendor
        self._life = life

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        return await self._life.run_step("send", lambda: self._vendor.send(message))


def step_of(writes: Sequence[Write]) -> str:
    """The name of the step that a commit is part of, as in docs/exactness.md."""
    for write in writes:
        if isinstance(write, Create) and write.path.startswith("audit_outbox/"):
            return str(write.data["what"])
    first = writes[0] if writes else Delete("nothing/at all")
    if isinstance(first, Update) and first.path.startswith("campaigns/"):
        return next((step for field, step in CAMPAIGN_STEPS.items() if field in first.data), "update a campaign")
    return COMMIT_STEPS.get((first.path.partition("/")[0], type(first)), f"write {first.path.partition('/')[0]}")


CAMPAIGN_STEPS: Mapping[str, str] = {
    "finished_at": "finish",
    "commands_pending": "clear commands_pending",
    "audience_plan": "set the audience plan",
    "retrying": "finish a retry",
    "discrepancy": "record a discrepancy",
    "start_error": "record the start error",
    "totals": "update the totals",
}
COMMIT_STEPS: Mapping[tuple[str, type], str] = {
    ("plans", Put): "write the audience plan",
    ("pages", Create): "plan a page",
    ("pages", Update): "finish a page",
    ("pages", Put): "record progress",
    ("claims", Create): "claim",
    ("claims", Update): "renew or end a claim",
    ("retries", Create): "start a shard of a retry",
    ("retries", Put): "start a shard of a retry",
    ("retries", Update): "finish a shard of a retry",
    ("receipts", Create): "record",
    ("counters", Update): "update the totals",
    ("deferred", Put): "defer",
    ("deferred", Delete): "delete deferred messages",
}
