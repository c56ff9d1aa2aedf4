"""Moves entries of the audit log from the outbox, where every function can write, to where only this one can.

1. The entries are created in the access database under the same ids; those that are there already stay as they are.
2. In the outbox a mark takes the place of each entry, for a day: a client that sends a commit again still finds out
   that it has succeeded, and no entry is written a second time.

If the process stops in between, the next move does both steps again, and the first one does nothing. So no entry is
lost, none is there twice, and what is in the log cannot be changed through the outbox.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from common.audit import log_path
from common.clock import Clock, utc_now
from common.storage.create_if_absent import create_absent
from common.storage.documents import Create, Documents, Put, Query, Snapshot

MAX_ENTRIES = 200
"""In one commit."""
MARK_RETENTION = timedelta(days=1)
"""Longer than any request takes."""


class AuditOutbox:
    """The entries in `documents` that are not yet in the log, in `access`."""

    def __init__(
        self,
        documents: Documents,
        access: Documents,
        *,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._access = access
        self._clock = clock
        self._monotonic = monotonic

    async def move(self, *, seconds: float) -> None:
        """Move all entries, the oldest first; after so many seconds the next move goes on."""
        until = self._monotonic() + seconds
        waiting = Query(collection="audit_outbox", order_by=("at", "asc"), limit=MAX_ENTRIES)
        while entries := await self._documents.query(waiting):  # a mark has no `at`
            await self._move(entries)
            if self._monotonic() > until:
                return

    async def _move(self, entries: Sequence[Snapshot]) -> None:
        await create_absent(self._access, [Create(log_path(entry.path), entry.data or {}) for entry in entries])
        mark = {"expires_at": self._clock() + MARK_RETENTION}
        await self._documents.commit([Put(entry.path, mark) for entry in entries])
