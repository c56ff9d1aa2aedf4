"""Removes old entries of the audit log: this is the only way in which an entry ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from common.clock import Clock, utc_now
from common.storage.documents import Delete, Documents, Query, Where

MAX_ENTRIES = 400
"""In one commit."""


class AuditRetention:
    """Removes entries that are older than `keep_for`; none if that is None."""

    def __init__(
        self,
        access: Documents,
        *,
        keep_for: timedelta | None,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._keep_for = keep_for
        self._clock = clock
        self._monotonic = monotonic

    async def run(self, *, seconds: float) -> None:
        """Removes the oldest entries first; after so many seconds the next tick goes on."""
        if self._keep_for is None:
            return
        until = self._monotonic() + seconds
        old = [Where("at", "<=", self._clock() - self._keep_for)]
        query = Query(collection="audit", where=old, order_by=("at", "asc"), fields=(), limit=MAX_ENTRIES)
        while entries := await self._access.query(query):
            await self._access.commit([Delete(entry.path) for entry in entries])
            if self._monotonic() > until:
                return
