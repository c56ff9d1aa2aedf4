"""What is done each minute: what happened is divided among the webhooks, then each is sent what is due.

A webhook whose server is slow or broken holds up no other one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from common.events import EventTick
from common.storage.documents import DocumentReader, Query
from common.webhooks.store import state_path

from .deliveries import Deliveries
from .dispatch import Dispatcher
from .webhook_target import WebhookTarget

log = logging.getLogger(__name__)
BUDGET_SECONDS = 50.0
"""The next tick comes after a minute, and goes on."""
DIVIDING_SECONDS = 25.0
"""However much has happened, the rest of the time is for sending."""


class EventJob:
    """Runs the work of a tick."""

    def __init__(
        self,
        *,
        documents: DocumentReader,
        access: DocumentReader,
        dispatcher: Dispatcher,
        deliveries: Deliveries,
        monotonic: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._access = access
        self._dispatcher = dispatcher
        self._deliveries = deliveries
        self._monotonic = monotonic

    async def tick(self, _: EventTick) -> None:
        """Divide and send. Without webhooks it costs two reads."""
        began = self._monotonic()

        def has_time(seconds: float = BUDGET_SECONDS) -> bool:
            return self._monotonic() < began + seconds

        webhooks = await self._read_webhooks()
        await self._dispatcher.dispatch(webhooks, has_time=partial(has_time, DIVIDING_SECONDS))
        await asyncio.gather(*(self._send(webhook, has_time) for webhook in webhooks))

    async def _read_webhooks(self) -> list[WebhookTarget]:
        stored = await self._access.query(Query(collection="webhooks"))
        states = await self._documents.get_all([state_path(webhook.id) for webhook in stored])
        return [WebhookTarget.from_snapshots(*pair) for pair in zip(stored, states, strict=True)]

    async def _send(self, webhook: WebhookTarget, has_time: Callable[[], bool]) -> None:
        """An error about one webhook is logged; the next tick tries again."""
        try:
            await self._deliveries.send_due(webhook, has_time=has_time)
        except Exception:
            fields = {"event": "tick_duty_failed", "duty": "send events", "webhook": webhook.id}
            log.exception("the events of a webhook were not sent", extra=fields)
