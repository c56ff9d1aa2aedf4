"""What becomes of messages that no function could work off."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from common.errors import Conflict
from common.events import ReceiptsReported
from common.storage.documents import Documents, Update

from .dead_letters import DeadLetter
from .recorder import Recorder

log = logging.getLogger(__name__)


class Burials:
    def __init__(
        self, documents: Documents, recorder: Recorder, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._documents = documents
        self._recorder = recorder
        self._clock = clock

    async def bury(self, letter: DeadLetter) -> None:
        """A person's message is recorded as failed, and so is an import; all else can only be logged, whole."""
        receipt = letter.receipt(self._clock())
        if receipt is not None:
            await self._recorder.record(ReceiptsReported(receipts=[receipt]))
        if letter.import_id:
            with suppress(Conflict):  # it is kept for some days only
                failed = {"state": "failed", "reason": letter.reason}
                await self._documents.commit([Update(f"imports/{letter.import_id}", failed)])
        recorded = receipt is not None or letter.import_id is not None
        known = {"subscription": letter.subscription, "reason": letter.reason, "recorded": recorded}
        log.error("dead letter", extra=known if recorded else {**known, "data": letter.data.decode(errors="replace")})
