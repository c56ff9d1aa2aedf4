"""Receipts that vendors report. Each one is validated by itself, so that an invalid one does not affect the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from common.clock import utc_now
from common.errors import FieldError
from common.events import OptOut, Receipt, field_errors
from common.ids import ERASED_CUSTOMER_ID, is_of_form, message_id

VendorKind = Literal[
    "sent", "failed", "delivered", "bounced", "complained", "opened", "clicked", "unsubscribed", "converted"
]
"""The kinds that a vendor can report; Herald itself records the others."""
MAX_ATTEMPT = 10_000
HERALDS_OWN = {"retry_of_attempt", "replaces", "round", "link", "tracked", "address_hash"}
"""The fields of a receipt that no vendor decides."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MAX_CLOCK_SKEW = timedelta(days=1)
"""How far in the future a vendor's time may be."""


class VendorReceipt(Receipt):
    """A receipt from a vendor, for a message that Herald can have sent to it."""

    kind: VendorKind
    attempt: int = Field(default=1, ge=1, le=MAX_ATTEMPT)
    name: str | None = Field(default=None, max_length=500)
    to: str | None = Field(default=None, max_length=500)

    @field_validator("at")
    @classmethod
    def _is_possible(cls, at: datetime) -> datetime:
        """The time in UTC; without a time zone it is UTC already."""
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        if not EARLIEST <= at <= utc_now() + MAX_CLOCK_SKEW:
            raise PydanticCustomError("out_of_range", "The time must be between the year 2000 and tomorrow")
        return at.astimezone(UTC)

    @model_validator(mode="after")
    def _is_of_this_message(self) -> VendorReceipt:
        """A form has sent several mails to one address; all of their receipts are about that: see `form_mails`."""
        is_erased = self.customer_id == ERASED_CUSTOMER_ID  # nothing was sent under this id
        is_known = is_of_form(self.campaign_id) or self.message_id == message_id(self.campaign_id, self.customer_id)
        if is_erased or not is_known:
            raise PydanticCustomError("unknown_message", "This campaign has no such message for this customer")
        return self


@dataclass(frozen=True, slots=True)
class ParsedReceipts:
    """The valid receipts of one callback, the errors of the others, and who wants no more messages."""

    receipts: list[Receipt] = field(default_factory=list)
    refused: list[FieldError] = field(default_factory=list)  # `field` is a path such as `events.3.kind`
    opt_outs: list[OptOut] = field(default_factory=list)


def parse(events: Sequence[Any], read: Callable[[Any], Sequence[Any]] = lambda event: [event]) -> ParsedReceipts:
    """Validates the events of one callback, one by one. `read` returns the receipts that an event means."""
    parsed = ParsedReceipts()
    for number, event in enumerate(events):
        try:
            parsed.receipts.extend([_validate(receipt) for receipt in read(event)])
        except ValidationError as error:
            parsed.refused.extend(_at(number, detail) for detail in field_errors(error))
    return parsed


def _validate(receipt: Any) -> Receipt:
    return Receipt(**VendorReceipt.model_validate(receipt).model_dump(exclude=HERALDS_OWN))


def _at(number: int, error: FieldError) -> FieldError:
    path = f"events.{number}" if error.field == "body" else f"events.{number}.{error.field}"
    return FieldError(field=path, code=error.code, message=error.message)
