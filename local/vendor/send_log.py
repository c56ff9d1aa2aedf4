"""The vendor's send log: the requested messages by idempotency key, with their outcome."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from common.events import Receipt
from vendor.vendors.simulator.sender import stable_fraction

ReportedOutcome = Literal["sent", "failed"]
PERMANENT_SHARE = 0.05  # permanent failure
TEMPORARY_SHARE = 0.05  # temporary failure


class VendorMessage(BaseModel):
    """The message in a request of Herald."""

    model_config = ConfigDict(extra="forbid")

    message_id: str
    campaign_id: str
    customer_id: str
    attempt: int
    channel: str
    to: str
    name: str | None
    subject: str
    body: str


class SendRequest(BaseModel):
    """The body of a request, in the format of Standard Webhooks."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["message.send"]
    data: VendorMessage


@dataclass
class SendLogEntry:
    """The state of one idempotency key. The outcome depends only on the key."""

    message: VendorMessage
    outcome: ReportedOutcome
    permanent: bool = False
    accepted: int = 0  # how often the person was messaged: 0 if it was rejected, 2 if the vendor forgot the key
    accepted_requests: int = 0  # how often a vendor without any memory would have messaged the person
    accepted_at: float = 0.0  # Unix time, of the last time that the person was messaged
    requests: int = 0
    request_times: list[float] = field(default_factory=list)  # Unix times
    content_changes: int = 0  # requests whose content differs from the first one
    reports_delivered: int = 0  # in accepted callbacks
    is_accepted: bool = True
    contradicted: bool = False  # the vendor reported the opposite, too

    def receipt(self, *, contradicts: bool = False) -> Receipt:
        """Return the report of this message, as Herald's callback accepts it; or of the opposite outcome."""
        opposite: ReportedOutcome = "sent" if self.outcome == "failed" else "failed"
        outcome = opposite if contradicts else self.outcome
        return Receipt(
            message_id=self.message.message_id,
            campaign_id=self.message.campaign_id,
            customer_id=self.message.customer_id,
            attempt=self.message.attempt,
            kind=outcome,
            at=datetime.now(UTC),
            reason="The mailbox is full." if outcome == "failed" else None,
            permanent=self.permanent and not contradicts,
        )


class SendLog:
    """The entries by idempotency key. The vendor forgets a key after `memory_seconds`, and then accepts it again."""

    def __init__(self, *, memory_seconds: float = math.inf, clock: Callable[[], float] = time.time) -> None:
        self._memory_seconds = memory_seconds
        self._clock = clock
        self._entries: dict[str, SendLogEntry] = {}

    def record_request(self, idempotency_key: str, message: VendorMessage, *, reject: bool = False) -> SendLogEntry:
        """Record a request. The first request decides the outcome; repeated requests get the same."""
        now = self._clock()
        entry = self._entries.get(idempotency_key)
        if entry is None:
            entry = self._entries[idempotency_key] = (
                _rejected_entry(message) if reject else _accepted_entry(idempotency_key, message)
            )
        entry.requests += 1
        entry.request_times.append(now)
        if entry.is_accepted:
            entry.accepted_requests += 1
            if not entry.accepted or now - entry.accepted_at > self._memory_seconds:
                entry.accepted, entry.accepted_at = entry.accepted + 1, now
        entry.content_changes += entry.message != message
        return entry

    def entries(self, campaign: str | None) -> Mapping[str, Any]:
        """Return the entries of one campaign or of all, as JSON."""
        return {
            idempotency_key: asdict(entry) | {"message": entry.message.model_dump()}
            for idempotency_key, entry in self._entries.items()
            if campaign in (None, entry.message.campaign_id)
        }


def _rejected_entry(message: VendorMessage) -> SendLogEntry:
    return SendLogEntry(message, "failed", permanent=True, is_accepted=False)


def _accepted_entry(idempotency_key: str, message: VendorMessage) -> SendLogEntry:
    fraction = stable_fraction("outcome", idempotency_key)
    failed = fraction < PERMANENT_SHARE + TEMPORARY_SHARE
    return SendLogEntry(message, "failed" if failed else "sent", permanent=fraction < PERMANENT_SHARE)
