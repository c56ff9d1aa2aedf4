"""Counts every segment once a day, so that lists have a fresh number, and the size can be shown over time.

The tick holds no audience index. So it publishes one `CountSegments` a day, when the index was reconciled, and the
fan-out worker walks through the index as for a campaign. If a command is lost, that day has no size.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, tzinfo

from common.audience.reader import query_time_limit
from common.audience.walk import AudienceWalk
from common.clock import Clock
from common.errors import AudienceTooLarge, Conflict, HeraldError
from common.events import CountSegments
from common.pubsub.publisher import Publisher
from common.rules import Rule, validate
from common.rules.references import resolve_references
from common.storage.documents import Documents, Query, Snapshot, Update

from ..model.segment_sizes import add_size

log = logging.getLogger(__name__)
PAGE_SIZE = 100
"""Segments that one command counts, in one walk. They must be counted before Pub/Sub delivers the command again."""
SECONDS_PER_STEP = 2.0
"""A rule that takes longer for the customers of one step has no size."""


class DailySizes:
    """Stores how many customers are in each segment today; `zone` decides which day that is."""

    def __init__(
        self,
        *,
        documents: Documents,
        begin_walk: Callable[[], AbstractAsyncContextManager[AudienceWalk]],
        publisher: Publisher,
        zone: tzinfo,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._begin_walk = begin_walk
        self._publisher = publisher
        self._zone = zone
        self._clock = clock

    async def run(self, command: CountSegments) -> None:
        """Counts a page of the segments, in order of id, and publishes the command for the next one."""
        after = (command.after,) if command.after else None
        page = await self._documents.query(Query(collection="segments", after=after, limit=PAGE_SIZE))
        if not page:
            return
        now = self._clock()
        try:
            counts = await self._count(await self._find_rules(page), now)
        except AudienceTooLarge:
            return  # is logged where it was noticed; the next reconciliation tries again
        for segment in page:
            if segment.id in counts:
                await self._store(segment, counts[segment.id], now)
        if len(page) == PAGE_SIZE:
            await self._publisher.publish([CountSegments(command="count_segments", after=page[-1].id)])

    async def _find_rules(self, page: Sequence[Snapshot]) -> dict[str, Rule]:
        """By segment, without those whose rule is not valid any more."""
        rules: dict[str, Rule] = {}
        for segment in page:
            with _skip(segment.id):
                rules[segment.id] = await resolve_references(self._documents, validate(json.loads(segment["rules"])))
        return rules

    async def _count(self, rules: Mapping[str, Rule], now: datetime) -> dict[str, int]:
        """The customers of each rule at one moment, without rules that take too long."""
        counts = dict.fromkeys(rules, 0)
        async with self._begin_walk() as walk:
            async for _ in walk.steps():
                for segment in list(counts):
                    before = counts.pop(segment)
                    with _skip(segment), query_time_limit(SECONDS_PER_STEP):
                        counts[segment] = before + await walk.count(rules[segment], now)
        return counts

    async def _store(self, segment: Snapshot, count: int, now: datetime) -> None:
        """A segment that was changed meanwhile keeps the size with which it was saved."""
        sizes = add_size(segment.get("sizes", {}), now.astimezone(self._zone).date(), count)
        with contextlib.suppress(Conflict):
            await self._documents.commit([Update(segment.path, {"count": count, "sizes": sizes}, segment.version)])


@contextlib.contextmanager
def _skip(segment: str) -> Iterator[None]:
    """Goes on after an error that no repetition helps against, so that it stops no other segment."""
    try:
        yield
    except HeraldError as error:
        if not error.permanent:
            raise
        log.warning("segment not counted", extra={"event": "segment_not_counted", "segment": segment})
