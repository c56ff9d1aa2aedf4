"""Counts every segment once a day, so that lists have a fresh number, and the size can be shown over time.

The tick holds no audience index. So it publishes one `CountSegments` a day, when the index was reconciled, and the
fan-out worker counts: it loads the index for its campaigns anyway. If a command is lost, that day has no size.
"""

from __future__ import annotations

import contextlib
import json
import logging
from datetime import tzinfo

from common.audience import Audience
from common.audience.reader import query_time_limit
from common.clock import Clock
from common.errors import AudienceTooLarge, Conflict, HeraldError
from common.events import CountSegments
from common.pubsub.publisher import Publisher
from common.rules import validate
from common.rules.references import resolve_references
from common.storage.documents import Documents, Query, Snapshot, Update

from ..model.segment_sizes import add_size

log = logging.getLogger(__name__)
PAGE_SIZE = 20
"""Segments that one command counts. All of them together must be counted before Pub/Sub delivers it again."""
SECONDS_PER_SEGMENT = 20.0
"""A rule that takes longer has no size."""


class DailySizes:
    """Stores how many customers are in each segment today; `zone` decides which day that is."""

    def __init__(
        self,
        *,
        documents: Documents,
        audience: Audience,
        publisher: Publisher,
        zone: tzinfo,
        clock: Clock,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._documents = documents
        self._audience = audience
        self._publisher = publisher
        self._zone = zone
        self._clock = clock
        self._page_size = page_size

    async def run(self, command: CountSegments) -> None:
        """Counts a page of the segments, in order of id, and publishes the command for the next one."""
        after = (command.after,) if command.after else None
        page = await self._documents.query(Query(collection="segments", after=after, limit=self._page_size))
        if not page:
            return
        try:
            await self._audience.refresh()
            for segment in page:
                await self._count(segment)
        except AudienceTooLarge:
            return  # is logged where it was noticed; the next reconciliation tries again
        if len(page) == self._page_size:
            await self._publisher.publish([CountSegments(command="count_segments", after=page[-1].id)])

    async def _count(self, segment: Snapshot) -> None:
        """Stores the size of one segment. One that cannot be counted, or that is changed meanwhile, gets none."""
        now = self._clock()
        try:
            rule = await resolve_references(self._documents, validate(json.loads(segment["rules"])))
            with query_time_limit(SECONDS_PER_SEGMENT):
                count = await self._audience.count(rule, now=now)
        except HeraldError as error:
            if not error.permanent:
                raise
            log.warning("segment not counted", extra={"event": "segment_not_counted", "segment": segment.id})
            return
        sizes = add_size(segment.get("sizes", {}), now.astimezone(self._zone).date(), count)
        with contextlib.suppress(Conflict):
            await self._documents.commit([Update(segment.path, {"count": count, "sizes": sizes}, segment.version)])
