"""Into the ledger: what concurrent requests bring is written in one commit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from common.batching import Batcher
from common.events import Receipt, ReceiptsReported
from common.messages.campaign_state import Controls
from common.messages.ledger import Ledger

log = logging.getLogger(__name__)
MOST_RECEIPTS = 400  # in one commit, with their counters


class Recorder:
    """One commit at a time: two would only wait for each other at this instance's counter."""

    def __init__(
        self, ledger: Ledger, controls: Controls, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._ledger = ledger
        self._controls = controls
        self._clock = clock
        self._batches: Batcher[Receipt, None] = Batcher(self._write, most=MOST_RECEIPTS)

    async def record(self, event: ReceiptsReported) -> None:
        """Receipts of campaigns or attempts that do not exist are logged, and not counted."""
        known = [receipt for receipt in event.receipts if await self._is_known(receipt)]
        await asyncio.gather(*(self._batches.put(receipt) for receipt in known))

    async def _is_known(self, receipt: Receipt) -> bool:
        known = (await self._controls.get(receipt.campaign_id)).state is not None
        if not known:
            log.error("receipt of no campaign", extra=_known_by(receipt))
        return known

    async def _write(self, receipts: Sequence[Receipt]) -> Sequence[None]:
        unknown = await self._ledger.unknown(receipts)
        for receipt in unknown:
            log.error("receipt of no attempt", extra=_known_by(receipt))
        await self._ledger.record([receipt for receipt in receipts if receipt not in unknown])
        return [None] * len(receipts)


def _known_by(receipt: Receipt) -> dict[str, Any]:
    """For the log: nothing of the person but ids."""
    return {"receipt": receipt.model_dump(mode="json", exclude={"name", "to", "reason"})}
