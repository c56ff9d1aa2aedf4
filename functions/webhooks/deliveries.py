"""Delivers events to one webhook, and tries again with growing delays for about a day.

A delivery is a batch of events that a webhook still has to get. It is leased before it is sent, so that two ticks do
not send it at the same time. What was accepted is taken out of it; the rest is due later. If the process dies in
between, all of it is sent again under the same ids, by which the server knows what it has already.

When several requests in a row fail, the others wait for a later tick: a broken server gets a few requests a minute.
After days without any success, or at once if the server says that it is gone, the webhook is switched off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from common.batching import run_bounded
from common.clock import Clock
from common.errors import Conflict
from common.storage.documents import Create, Delete, Documents, Merge, Query, Snapshot, Update, Where, Write
from common.webhooks.store import (
    RETENTION,
    WebhookState,
    batch_path,
    event_id,
    new_attempt_path,
    read_events,
    state_path,
)

from .event_sender import GONE, Answer, EventSender
from .webhook_target import WebhookTarget

log = logging.getLogger(__name__)
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 480))
"""After each attempt that failed; after the last one, 24 hours later, the events are given up."""
LEASE = timedelta(minutes=5)
"""Longer than a tick lasts, with the last request that it has begun."""
PARALLEL_REQUESTS = 10
"""To one webhook."""
MAX_FAILURES_IN_A_ROW = 5
SWITCHED_OFF_AFTER = timedelta(days=3)
MAX_DELIVERIES = 50


@dataclass(slots=True)
class _Results:
    """What became of the events of a delivery, by their numbers."""

    answers: dict[int, Answer] = field(default_factory=dict)
    failures_in_a_row: int = 0

    def add(self, number: int, answer: Answer) -> None:
        self.answers[number] = answer
        self.failures_in_a_row = 0 if answer.is_success else self.failures_in_a_row + 1

    @property
    def is_broken(self) -> bool:
        return self.is_gone or self.failures_in_a_row >= MAX_FAILURES_IN_A_ROW

    @property
    def is_gone(self) -> bool:
        return any(answer.status == GONE for answer in self.answers.values())

    @property
    def accepted(self) -> set[int]:
        return {number for number, answer in self.answers.items() if answer.is_success}


class Deliveries:
    """Sends what is due."""

    def __init__(
        self, documents: Documents, sender: EventSender, *, clock: Clock, monotonic: Callable[[], float]
    ) -> None:
        self._documents = documents
        self._sender = sender
        self._clock = clock
        self._monotonic = monotonic

    async def send_due(self, webhook: WebhookTarget, *, has_time: Callable[[], bool]) -> None:
        """Send all deliveries of the webhook that are due, the oldest first, until its server fails."""
        state = webhook.state
        while state.enabled and has_time() and (due := await self._find_due(webhook)):
            for delivery in due:
                if not state.enabled or not has_time():
                    return
                results, state = await self._attempt(webhook, delivery, state, has_time)
                if results.is_broken:
                    return

    async def _find_due(self, webhook: WebhookTarget) -> list[Snapshot]:
        where = [Where("webhook", "==", webhook.id), Where("due_at", "<=", self._clock())]
        query = Query(collection="webhook_deliveries", where=where, order_by=("due_at", "asc"), limit=MAX_DELIVERIES)
        return await self._documents.query(query)

    async def _attempt(
        self, webhook: WebhookTarget, delivery: Snapshot, state: WebhookState, has_time: Callable[[], bool]
    ) -> tuple[_Results, WebhookState]:
        """Send one delivery. Nothing happens if another tick has it, or if its events are deleted already."""
        results = _Results()
        batch = await self._documents.get(batch_path(delivery["batch"]))
        if not batch.exists:
            await self._documents.commit([Delete(delivery.path)])
            return results, state
        try:
            await self._documents.commit([Update(delivery.path, {"due_at": self._clock() + LEASE}, delivery.version)])
        except Conflict:
            return results, state
        events = read_events(batch)

        async def send(number: int) -> None:
            if has_time() and not results.is_broken:
                id_ = event_id(batch.id, number)
                results.add(number, await self._sender.send(webhook, id_, events[number]))

        await run_bounded(delivery["left"], send, limit=PARALLEL_REQUESTS)
        after = self._state_after(webhook, state, results)
        rest = self._rest(webhook, delivery, results)
        entry = self._log_entry(webhook, delivery, batch, results)
        await self._documents.commit([rest, entry, *_state_writes(webhook, state, after)])
        return results, after

    def _rest(self, webhook: WebhookTarget, delivery: Snapshot, results: _Results) -> Write:
        """What is left of the delivery. If only the time ran out, it goes on at the next tick."""
        left = [number for number in delivery["left"] if number not in results.accepted]
        if not left:
            return Delete(delivery.path)
        if len(results.accepted) == len(results.answers):
            return Update(delivery.path, {"left": left, "due_at": self._clock()})
        due_at = self._next_at(delivery)
        if due_at is None:
            fields = {"event": "webhook_events_given_up", "webhook": webhook.id, "events": len(left)}
            log.warning("a webhook did not take events for a day", extra=fields)
            return Delete(delivery.path)
        return Update(delivery.path, {"left": left, "attempt": delivery["attempt"] + 1, "due_at": due_at})

    def _next_at(self, delivery: Snapshot) -> datetime | None:
        """When events that failed are tried again; None after the last attempt."""
        attempt: int = delivery["attempt"]
        return self._clock() + DELAYS[attempt] if attempt < len(DELAYS) else None

    def _log_entry(self, webhook: WebhookTarget, delivery: Snapshot, batch: Snapshot, results: _Results) -> Write:
        """What became of each request, as the page of the webhook shows it."""
        now, has_failures = self._clock(), len(results.accepted) < len(results.answers)
        entry = {
            "at": now,
            "attempt": delivery["attempt"] + 1,
            "events": [_log_line(batch, number, answer) for number, answer in sorted(results.answers.items())],
            "not_tried": len(delivery["left"]) - len(results.answers),
            "next_at": self._next_at(delivery) if has_failures else None,
            "expires_at": now + RETENTION,
        }
        return Create(new_attempt_path(webhook.id, now), entry)

    def _state_after(self, webhook: WebhookTarget, state: WebhookState, results: _Results) -> WebhookState:
        """Since when it fails: one success is enough. After days it is switched off, and says why."""
        now = self._clock()
        changes: dict[str, Any] = {}
        if results.accepted:
            changes = {"failing_since": None, "last_success_at": now}
        elif results.answers and state.failing_since is None:
            changes = {"failing_since": now}
        is_failing = not results.accepted and state.failing_since and now - state.failing_since >= SWITCHED_OFF_AFTER
        reason = "gone" if results.is_gone else "failing" if is_failing else None
        if reason:
            changes |= {"enabled": False, "needs_attention": reason}
            fields = {"event": "webhook_switched_off", "webhook": webhook.id, "reason": reason}
            log.error("a webhook was switched off", extra=fields)
        return _changed(state, changes)


def _changed(state: WebhookState, changes: Mapping[str, Any]) -> WebhookState:
    values = {name: getattr(state, name) for name in state.__slots__}
    return WebhookState(**{**values, **changes})


def _state_writes(webhook: WebhookTarget, before: WebhookState, after: WebhookState) -> list[Write]:
    """Only what has changed: an admin may change the rest meanwhile."""
    changes = {name: getattr(after, name) for name in after.__slots__ if getattr(after, name) != getattr(before, name)}
    return [Merge(state_path(webhook.id), changes)] if changes else []


def _log_line(batch: Snapshot, number: int, answer: Answer) -> dict[str, Any]:
    return {
        "id": event_id(batch.id, number),
        "type": batch["types"][number],
        "status": answer.status,
        "error": answer.error,
        "milliseconds": answer.milliseconds,
    }
