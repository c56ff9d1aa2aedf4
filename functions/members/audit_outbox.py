"""Moves entries of the audit log from the outbox, where every function can write, to where only this one can.

1. The entries are created in the access database under the same ids; those that are there already stay as they are.
   One that is no entry, because a function wrote something else, is replaced by one that says so.
2. In the outbox a mark takes the place of each entry, for a day: a client that sends a commit again still finds out
   that it has succeeded, and no entry is written a second time.

If the process stops in between, the next move does both steps again, and the first one does nothing. So no entry is
lost, none is there twice, and what is in the log cannot be changed through the outbox.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from common.audit import log_path
from common.clock import Clock, utc_now
from common.storage.create_if_absent import create_absent
from common.storage.documents import Create, Documents, Put, Query, Snapshot

log = logging.getLogger(__name__)
MAX_ENTRIES = 100
"""In one commit."""
MAX_ENTRY_BYTES = 20_000
MAX_CLOCK_DIFFERENCE = timedelta(minutes=10)
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
        now = self._clock()
        checked = [Create(log_path(entry.path), _checked(entry, now)) for entry in entries]
        await create_absent(self._access, checked)
        mark = {"expires_at": now + MARK_RETENTION}
        await self._documents.commit([Put(entry.path, mark) for entry in entries])


class _Entry(BaseModel):
    """What every entry has; the rest is JSON."""

    model_config = ConfigDict(extra="allow")

    what: str = Field(min_length=1, max_length=200)
    by: str = Field(min_length=1, max_length=1_000)
    at: AwareDatetime


def _checked(stored: Snapshot, now: datetime) -> dict[str, Any]:
    """The entry as it is, or an entry about one that is none: it must not make the log unreadable for ever."""
    data = stored.data or {}
    try:
        entry = _Entry.model_validate(data)
        is_possible = entry.at <= now + MAX_CLOCK_DIFFERENCE and _size(data) <= MAX_ENTRY_BYTES
    except (ValidationError, TypeError, ValueError):
        is_possible = False
    if is_possible:
        return data
    log.error("an entry of the audit log is not valid", extra={"event": "audit_entry_refused", "id": stored.id})
    return {"what": "invalid entry", "by": "unknown", "at": now, "entry": stored.id}


def _size(data: Mapping[str, Any]) -> int:
    """The bytes of its JSON. Raises `TypeError` for values that JSON does not have."""
    return len(json.dumps(data, default=_as_text).encode(errors="replace"))


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError
