"""Messages that no function could work off, as they arrive from the dead-letter topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ValidationError

from common.events import ImportLane, MessageId, MessagePersonalized, Receipt
from common.pubsub.push import Pushed

TO_PEOPLE = frozenset({"recipients", "deliveries"})
"""The subscriptions whose messages are each about one person."""


class Addressed(BaseModel):
    """What is needed of a broken event to know whose message it was."""

    message_id: MessageId
    campaign_id: str
    customer_id: str
    attempt: int = 1
    asked: int | None = None
    name: str | None = None
    to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    data: bytes
    subscription: str  # where it died
    reason: str

    @classmethod
    def of(cls, pushed: Pushed) -> Self:
        """Either a function gave it up and says why, or Pub/Sub did after the last attempt."""
        given_up = pushed.attributes.get("CloudPubSubDeadLetterSourceDeliveryCount", "several")
        return cls(
            data=pushed.data,
            subscription=pushed.attributes.get("subscription")
            or pushed.attributes.get("CloudPubSubDeadLetterSourceSubscription", ""),
            reason=pushed.attributes.get("reason") or f"Given up after {given_up} attempts.",
        )

    def receipt(self, now: datetime) -> Receipt | None:
        """None where it was not about one person, or too broken to know about whom."""
        if self.subscription not in TO_PEOPLE:
            return None
        try:
            person = Addressed.model_validate_json(self.data)
            known = person.model_dump() | {"asked": self._asked(person)}
            return Receipt(**known, kind="failed", at=now, reason=self.reason[:1000])
        except ValidationError:
            return None

    def _asked(self, person: Addressed) -> int | None:
        """Whoever could not be delivered to may have been all the same."""
        return (person.asked or person.attempt) if self.subscription == MessagePersonalized.topic else None

    @property
    def import_id(self) -> str | None:
        """Of the import whose lane this was; None where it was none."""
        if self.subscription != ImportLane.topic:
            return None
        try:
            return ImportLane.model_validate_json(self.data).import_id
        except ValidationError:
            return None
