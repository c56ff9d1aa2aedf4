"""Refused sign-ins, in the audit log and in the logs."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable

from common.audit import audit_entry, commit_entry
from common.caching import TtlCache
from common.clock import Clock, utc_now
from common.storage.documents import Documents

log = logging.getLogger(__name__)
PERIOD_SECONDS = 600
MAX_ENTRIES = 60
"""By each instance in a period: anybody can have many Google accounts, and an entry costs a write."""


class SignInRefusals:
    """Records whom Google knows and Herald does not let in: each once in ten minutes.

    A token that is not valid says nothing about who sent it; it is in the logs only.
    """

    def __init__(
        self, documents: Documents, *, clock: Clock = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._monotonic = monotonic
        self._recorded: TtlCache[tuple[str, str], bool] = TtlCache(
            max_size=MAX_ENTRIES, ttl=PERIOD_SECONDS, clock=monotonic
        )
        self._times: deque[float] = deque(maxlen=MAX_ENTRIES)

    async def record(self, who: str, reason: str) -> None:
        """Writes the entry, unless there is one already, or this instance has written too many."""
        log.warning("sign-in refused", extra={"event": "sign_in_refused", "reason": reason})
        if self._recorded.get((who, reason)) or self._is_at_limit():
            return
        self._recorded.set((who, reason), True)
        self._times.append(self._monotonic())
        entry = audit_entry("sign-in refused", by=who, at=self._clock(), subject={"reason": reason})
        await commit_entry(self._documents, entry)

    def _is_at_limit(self) -> bool:
        return len(self._times) == MAX_ENTRIES and self._monotonic() - self._times[0] < PERIOD_SECONDS
