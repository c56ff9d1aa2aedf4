"""Divides what happened among the webhooks: each gets a delivery with those events of a batch that it wants."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from common.clock import Clock
from common.errors import Conflict, Exists
from common.storage.documents import Documents, Query, Snapshot, Update, Where, Write
from common.webhooks.store import delivery

from .webhook_target import WebhookTarget

log = logging.getLogger(__name__)
MAX_BATCHES = 100
WAITING = Query(
    collection="outgoing_events", where=[Where("waiting", "==", True)], limit=MAX_BATCHES, fields=("types",)
)


class Dispatcher:
    """Each batch is divided once: its deliveries, and the note that this is done, are one commit."""

    def __init__(self, documents: Documents, *, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def dispatch(self, webhooks: Sequence[WebhookTarget], *, has_time: Callable[[], bool]) -> None:
        """Divide all batches that wait, as long as there is time. One that fails waits for the next tick."""
        divided = True
        while divided and has_time() and (batches := await self._documents.query(WAITING)):
            divided = all([has_time() and await self._divide(batch, webhooks) for batch in batches])

    async def _divide(self, batch: Snapshot, webhooks: Sequence[WebhookTarget]) -> bool:
        """Whether this batch holds up no other one: it is divided, here or by another tick at the same time."""
        try:
            with suppress(Conflict, Exists):
                await self._documents.commit(self._writes(batch, webhooks))
        except Exception:
            log.exception(
                "events were not divided",
                extra={"event": "tick_duty_failed", "duty": "divide events", "batch": batch.id},
            )
            return False
        return True

    def _writes(self, batch: Snapshot, webhooks: Sequence[WebhookTarget]) -> list[Write]:
        """A webhook that is switched off gets nothing; a replay catches up."""
        now = self._clock()
        wanted = {
            webhook.id: [number for number, type_ in enumerate(batch["types"]) if type_ in webhook.state.types]
            for webhook in webhooks
            if webhook.state.enabled
        }
        deliveries = [delivery(id_, batch.id, numbers, now=now) for id_, numbers in wanted.items() if numbers]
        return [*deliveries, Update(batch.path, {"waiting": False}, batch.version)]
