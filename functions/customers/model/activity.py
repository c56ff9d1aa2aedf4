"""An activity: something a customer did, and how it changes the customer's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from common import ids
from common.addresses.address import Address, AddressHasher, addresses_of
from common.audience.customer_writes import with_changes
from common.clock import zone_or

from .active_days import add_days
from .attributes import Attributes
from .customer import (
    MAX_CONSENTS,
    ConsentInput,
    ConsentName,
    CustomerIdentity,
    LimitedText,
    Money,
    number_to_text,
)
from .past_time import PastTime

ORDER, REFUND, VISIT = "order", "refund", "visit"
TYPES_WITH_AMOUNT = frozenset({ORDER, REFUND})

OnUnknownCustomer = Literal["reject", "create"]
"""What happens to an activity whose customer does not exist."""


class PersonStatement(CustomerIdentity):
    """What a row of activities says about a person: who it is, by `customer_id` or else like a row of customers, and
    what they said about messages."""

    customer_id: Annotated[
        Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None, BeforeValidator(lambda value: value or None)
    ] = None
    consent: Annotated[
        dict[ConsentName, ConsentInput], BeforeValidator(lambda value: {} if value is None else value)
    ] = Field(
        default_factory=dict,
        max_length=MAX_CONSENTS,
        description="what the person said about messages; a no counts also if the activity does not",
    )

    @property
    def identifier(self) -> tuple[str, str] | None:
        """What identifies the customer, with its kind: the `customer_id`, or what identifies a row of customers."""
        return ("customer_id", self.customer_id) if self.customer_id else super().identifier

    def id_with(self, hashes: AddressHasher) -> str:
        """The id of the customer."""
        return self.customer_id or super().id_with(hashes)

    @property
    def address(self) -> Address | None:
        """What the customer has to be found by; None if there is an id."""
        return None if self.customer_id else super().address

    @property
    def other_addresses(self) -> list[Address]:
        """Those by which the customer is found too, if nobody has the `external_id`."""
        if self.customer_id or not self.external_id:
            return []
        return addresses_of({"email": self.email, "phone": self.phone})

    @property
    def refusals(self) -> dict[str, ConsentInput]:
        """What the person said no to."""
        return {name: said for name, said in self.consent.items() if said.state == "denied"}


class ActivityInput(PersonStatement):
    """One activity as the caller sends it. The customer is identified by `customer_id`, or else like a row of
    customers."""

    event_id: Annotated[
        LimitedText,
        BeforeValidator(number_to_text),
        Field(min_length=1, description="your own id; each one is counted once"),
    ]
    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$", description="order, refund, visit, or your own")]
    at: PastTime
    amount: Money | None = Field(default=None, description="of an order or a refund, in the deployment's currency")
    fields: Attributes = Field(default_factory=dict)

    @property
    def path(self) -> str:
        """The document's path. It depends on `event_id` only, so that the same event is stored once."""
        return f"activities/{ids.stable_hash('activity', self.event_id)}"

    @model_validator(mode="after")
    def _check_amount(self) -> Self:
        if self.type in TYPES_WITH_AMOUNT and self.amount is None:
            raise PydanticCustomError("amount_missing", "An order or a refund needs an amount")
        if self.type not in TYPES_WITH_AMOUNT and self.amount is not None:
            raise PydanticCustomError("amount_given", "Only an order or a refund has an amount; use `fields`")
        return self

    @property
    def spend_change(self) -> int:
        """How much it adds to the customer's spend, in minor units; negative for a refund."""
        return int((self.amount or 0) * 100) * (-1 if self.type == REFUND else 1)

    def to_document(self, *, now: datetime) -> dict[str, Any]:
        """The document to store. It refers to the customer by `customer_id` and holds the amount in minor units."""
        document = {"event_id": self.event_id, "type": self.type, "at": self.at, "fields": self.fields}
        amount = {"amount": abs(self.spend_change)} if self.type in TYPES_WITH_AMOUNT else {}
        return document | amount | {"customer": self.customer_id, "counted_at": now}


def apply_activities(
    before: Mapping[str, Any], activities: Sequence[ActivityInput], *, zone: tzinfo, now: datetime
) -> dict[str, Any]:
    """Return the customer's document after these activities are counted. The order of the activities does not matter.

    `zone` is the time zone of the days of a customer without one.
    """
    orders = [activity for activity in activities if activity.type == ORDER]
    active = [activity for activity in activities if activity.type != REFUND]
    days, new_days = add_days(before.get("days", b""), _local_days(before, active, zone))
    figures = {
        "spend": before["spend"] + sum(activity.spend_change for activity in activities),
        "orders": before["orders"] + len(orders),
        "visits": before["visits"] + sum(activity.type == VISIT for activity in activities),
        "active_days": before["active_days"] + new_days,
        "days": days,
        "last_active_at": max(_times(before.get("last_active_at"), active), default=None),
        "first_order_at": min(_times(before.get("first_order_at"), orders), default=None),
    }
    return with_changes(before, figures, now=now)


def _local_days(customer: Mapping[str, Any], activities: Sequence[ActivityInput], zone: tzinfo) -> set[date]:
    own_zone = zone_or(zone, customer.get("timezone"))
    return {activity.at.astimezone(own_zone).date() for activity in activities}


def _times(stored: datetime | None, activities: Sequence[ActivityInput]) -> list[datetime]:
    return [*([stored] if stored else []), *(activity.at for activity in activities)]
