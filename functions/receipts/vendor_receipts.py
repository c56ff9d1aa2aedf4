"""What a vendor may report, checked one by one: a wrong report among a thousand does not cost the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from common.errors import FieldError
from common.events import Receipt, field_errors
from common.ids import message_id

VendorKind = Literal[
    "sent", "failed", "delivered", "bounced", "complained", "opened", "clicked", "unsubscribed", "converted"
]
"""The rest of the kinds are Herald's own."""
MOST_ATTEMPTS = 10_000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST_AHEAD = timedelta(days=1)
"""A vendor's clock may be wrong, but not by more."""


class VendorReceipt(Receipt):
    """A receipt as a vendor reports it: about a message that Herald can have given it."""

    kind: VendorKind
    attempt: int = Field(default=1, ge=1, le=MOST_ATTEMPTS)
    name: str | None = Field(default=None, max_length=500)
    to: str | None = Field(default=None, max_length=500)

    @field_validator("at")
    @classmethod
    def _is_possible(cls, at: datetime) -> datetime:
        """In UTC, which is also meant where nothing is said."""
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        if not EARLIEST <= at <= datetime.now(UTC) + MOST_AHEAD:
            raise PydanticCustomError("out_of_range", "This is neither now nor a moment since the year 2000")
        return at.astimezone(UTC)

    @model_validator(mode="after")
    def _is_of_this_message(self) -> VendorReceipt:
        if self.message_id != message_id(self.campaign_id, self.customer_id):
            raise PydanticCustomError("unknown_message", "There is no such message of this campaign and customer")
        return self


@dataclass(frozen=True, slots=True)
class Reports:
    receipts: list[Receipt] = field(default_factory=list)
    refused: list[FieldError] = field(default_factory=list)  # fields are paths: `events.3.kind`


def read(events: Sequence[Any]) -> Reports:
    reports = Reports()
    for number, event in enumerate(events):
        try:
            reports.receipts.append(Receipt(**VendorReceipt.model_validate(event).model_dump(exclude={"asked"})))
        except ValidationError as error:
            reports.refused.extend(_at(number, one) for one in field_errors(error))
    return reports


def _at(number: int, error: FieldError) -> FieldError:
    place = f"events.{number}" if error.field == "body" else f"events.{number}.{error.field}"
    return FieldError(field=place, code=error.code, message=error.message)
