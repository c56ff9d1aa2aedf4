"""Processes that die at a chosen step: before it, in the middle of it, or right after it.

A commit is atomic, so it has no middle; the middle of publishing several messages is half of them. Who is dead does
nothing more: whatever was under way in the same process stops at its next step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from common.events import Event, MessagePersonalized
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Delete, Documents, Put, Query, Snapshot, Update, Write
from vendor.vendor import Accepted, Rejected, Vendor

When = Literal["before", "middle", "after"]
T = TypeVar("T")


class Died(Exception):
    """The process is gone."""


@dataclass
class Plan:
    """Where the next death happens: at the `nth` time that a step is taken."""

    step: str
    when: When
    nth: int = 1
    happened: bool = False

    def due(self, step: str) -> When | None:
        if self.happened or step != self.step:
            return None
        self.nth -= 1
        self.happened = self.nth == 0
        return self.when if self.happened else None


class Life:
    """One process, from its start to its death."""

    def __init__(self, plan: Plan | None) -> None:
        self._plan = plan
        self.over = False

    async def through(
        self, step: str, act: Callable[[], Awaitable[T]], half: Callable[[], Awaitable[object]] | None = None
    ) -> T:
        self._breathe()
        when = self._plan.due(step) if self._plan else None
        if when == "middle" and half:
            await half()
        self.over = self.over or when in {"before", "middle"}
        self._breathe()
        result = await act()
        self.over = self.over or when == "after"
        self._breathe()
        return result

    def _breathe(self) -> None:
        if self.over:
            raise Died


class MortalDocuments:
    """The database, as a process sees it that may die."""

    def __init__(self, documents: Documents, life: Life) -> None:
        self._documents = documents
        self._life = life

    async def get(self, path: str, *, at: Any = None) -> Snapshot:
        return await self._life.through("read", lambda: self._documents.get(path, at=at))

    async def get_all(self, paths: Sequence[str], *, at: Any = None) -> list[Snapshot]:
        return await self._life.through("read", lambda: self._documents.get_all(paths, at=at))

    async def query(self, query: Query) -> list[Snapshot]:
        return await self._life.through("read", lambda: self._documents.query(query))

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        return await self._life.through("read", lambda: self._documents.sums(query, fields))

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._life.through(step_of(writes), lambda: self._documents.commit(writes))


class MortalPublisher:
    def __init__(self, publisher: Publisher, life: Life) -> None:
        self._publisher = publisher
        self._life = life

    async def publish(self, events: Sequence[Event]) -> None:
        if not events:
            return
        half = events[: len(events) // 2]
        step = f"publish {events[0].topic}"
        await self._life.through(step, lambda: self._publisher.publish(events), lambda: self._publisher.publish(half))

    async def publish_raw(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        await self._life.through("release", lambda: self._publisher.publish_raw(topic, data, attributes))


class MortalSender:
    """The vendor lives on; whoever talks to it may die."""

    def __init__(self, vendor: Vendor, life: Life) -> None:
        self.room = vendor.room
        self._vendor = vendor
        self._life = life

    async def send(self, message: MessagePersonalized) -> Accepted | Rejected:
        return await self._life.through("send", lambda: self._vendor.send(message))


def step_of(writes: Sequence[Write]) -> str:
    """What a commit is for."""
    for write in writes:
        if isinstance(write, Create) and write.path.startswith("audit/"):
            return str(write.data["what"])
    first = writes[0] if writes else Delete("nothing/at all")
    if isinstance(first, Update) and first.path.startswith("campaigns/"):
        return next(step for field, step in ABOUT_A_CAMPAIGN.items() if field in first.data)
    return COMMITS.get((first.path.partition("/")[0], type(first)), f"write {first.path.partition('/')[0]}")


ABOUT_A_CAMPAIGN: Mapping[str, str] = {
    "untold": "note that all are told",
    "finished_at": "finish",
    "retrying": "finish a retry",
    "discrepancy": "note a discrepancy",
    "start_problem": "note why it did not start",
}
COMMITS: Mapping[tuple[str, type], str] = {
    ("pages", Create): "plan a page",
    ("pages", Update): "finish a page",
    ("pages", Put): "note the progress",
    ("claims", Create): "claim",
    ("claims", Update): "renew or end a claim",
    ("receipts", Create): "record",
    ("held", Put): "put aside",
    ("held", Delete): "forget what was released",
}
