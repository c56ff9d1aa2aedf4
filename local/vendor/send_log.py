"""The vendor's book: what it was asked to send, by idempotency key, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from common.events import Receipt
from vendor.vendors.simulator.sender import chance

PERMANENT_SHARE = 0.05  # fails for good
PASSING_SHARE = 0.05  # fails, and may work another time


class Message(BaseModel):
    """What Herald posts."""

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


class Post(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["message.send"]
    data: Message


@dataclass
class Entry:
    """One idempotency key. The outcome depends on it alone."""

    message: Message
    outcome: Literal["sent", "failed"]
    permanent: bool = False
    accepted: int = 0  # 0 where it was rejected
    asked: int = 0
    changed: int = 0  # asked with another content than the first time
    reported: int = 0  # in callbacks that were taken

    def receipt(self) -> Receipt:
        return Receipt(
            message_id=self.message.message_id,
            campaign_id=self.message.campaign_id,
            customer_id=self.message.customer_id,
            attempt=self.message.attempt,
            kind=self.outcome,
            at=datetime.now(UTC),
            reason="The mailbox is full." if self.outcome == "failed" else None,
            permanent=self.permanent,
        )


class Book:
    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def ask(self, key: str, message: Message, *, reject: bool = False) -> Entry:
        """Decided the first time; whoever asks again is told the same."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _rejected(message) if reject else _accepted(key, message)
        entry.asked += 1
        entry.changed += entry.message != message
        return entry

    def pages(self, campaign: str | None) -> Mapping[str, Any]:
        """The entries of one campaign or of all, as JSON."""
        return {
            key: asdict(entry) | {"message": entry.message.model_dump()}
            for key, entry in self._entries.items()
            if campaign in (None, entry.message.campaign_id)
        }


def _rejected(message: Message) -> Entry:
    return Entry(message, "failed", permanent=True)


def _accepted(key: str, message: Message) -> Entry:
    luck = chance("outcome", key)
    failed = luck < PERMANENT_SHARE + PASSING_SHARE
    return Entry(message, "failed" if failed else "sent", permanent=luck < PERMANENT_SHARE, accepted=1)
