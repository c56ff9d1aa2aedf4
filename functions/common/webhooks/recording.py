"""Writes down what happened for the webhooks, in the commit that makes it happen.

So an event is written if and only if what it tells of is, once, and a slow or broken server of a webhook slows down
nobody: it is delivered later, by the function `webhooks`. While no webhook wants anything, no commit is different, and
every instance asks once in half a minute whether there is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from common.caching import TtlCache
from common.clock import Clock, utc_now
from common.storage.documents import Documents, Query, Snapshot, Write
from common.webhooks.event_types import events_of, may_have_events
from common.webhooks.store import WebhookState, new_batch

CACHE_TTL_SECONDS = 30
"""So long after a webhook was added, there may be no events for it."""
ALL_STATES = Query(collection="webhook_states")


class EventRecordingDocuments:
    """`Documents` that write one document more in commits with events that a webhook wants."""

    def __init__(
        self, documents: Documents, *, clock: Clock = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._wanted: TtlCache[str, frozenset[str]] = TtlCache(max_size=1, ttl=CACHE_TTL_SECONDS, clock=monotonic)

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        return await self._documents.get(path, at=at)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        return await self._documents.get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        return await self._documents.query(query)

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        return await self._documents.sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        """Applies all writes, and what they mean for webhooks, or none."""
        await self._documents.commit([*writes, *await self._batch(writes)])

    async def _batch(self, writes: Sequence[Write]) -> Sequence[Write]:
        if not may_have_events(writes):
            return ()
        wanted = await self._wanted.get_or_load("", self._read_wanted)
        now = self._clock()
        events = events_of(writes, wanted, now=now) if wanted else []
        return [new_batch(events, now=now)] if events else ()

    async def _read_wanted(self, _: str) -> frozenset[str]:
        states = map(WebhookState.from_snapshot, await self._documents.query(ALL_STATES))
        return frozenset(type_ for state in states if state.enabled for type_ in state.types)
