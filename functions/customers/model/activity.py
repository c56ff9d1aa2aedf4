"""An activity: something a person did, and what that makes of their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from common import ids

from .active_days import with_days
from .attributes import FreeMap
from .customer import Instant, Money, Person, Text, renewed

ORDER, REFUND, VISIT = "order", "refund", "visit"
PAID = frozenset({ORDER, REFUND})
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
"""How far the caller's clock may be before ours."""

Unknown = Literal["refuse", "create"]
"""What becomes of an activity of somebody who is not a customer."""


def _past(value: datetime) -> datetime:
    if not EARLIEST <= value <= datetime.now(UTC) + AHEAD:
        raise PydanticCustomError("date", "Activities are of the past, since 1970")
    return value


class ActivityIn(Person):
    """One activity as a caller gives it. The person is known by `customer_id`, else as a customer is."""

    event_id: Annotated[Text, Field(min_length=1, description="the caller's own; the same one is counted once")]
    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,49}$", description="order, refund, visit, or your own")]
    at: Annotated[Instant, AfterValidator(_past)]
    customer_id: Annotated[
        Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None, BeforeValidator(lambda value: value or None)
    ] = None
    amount: Money | None = Field(default=None, description="of an order or a refund, in the deployment's currency")
    fields: FreeMap = Field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.customer_id or super().id

    @property
    def path(self) -> str:
        return f"activities/{ids.hashed('activity', self.event_id)}"

    @model_validator(mode="after")
    def _paid_or_not(self) -> Self:
        if self.type in PAID and self.amount is None:
            raise PydanticCustomError("amount_missing", "An order and a refund have an amount")
        if self.type not in PAID and self.amount is not None:
            raise PydanticCustomError("amount_given", "Only an order and a refund have an amount; use `fields`")
        return self

    @property
    def value(self) -> int:
        """What it adds to the person's spend, in minor units."""
        return int((self.amount or 0) * 100) * (-1 if self.type == REFUND else 1)

    def stored(self, *, now: datetime) -> dict[str, Any]:
        known = {"event_id": self.event_id, "type": self.type, "at": self.at, "fields": self.fields}
        amount = {"amount": abs(self.value)} if self.type in PAID else {}
        return known | amount | {"customer": self.id, "counted_at": now}


def rolled_up(before: Mapping[str, Any], activities: Sequence[ActivityIn], *, now: datetime) -> dict[str, Any]:
    """The customer's document once these activities count. The order in which activities come makes no difference."""
    orders = [one for one in activities if one.type == ORDER]
    active = [one for one in activities if one.type != REFUND]
    days, new_days = with_days(before.get("days", b""), _local_days(before, active))
    figures = {
        "spend": before["spend"] + sum(one.value for one in activities),
        "orders": before["orders"] + len(orders),
        "visits": before["visits"] + sum(one.type == VISIT for one in activities),
        "active_days": before["active_days"] + new_days,
        "days": days,
        "last_active_at": max(_instants(before.get("last_active_at"), active), default=None),
        "first_order_at": min(_instants(before.get("first_order_at"), orders), default=None),
    }
    return renewed(before, figures, now=now)


def _local_days(customer: Mapping[str, Any], activities: Sequence[ActivityIn]) -> set[date]:
    zone = ZoneInfo(customer.get("timezone") or "UTC")
    return {one.at.astimezone(zone).date() for one in activities}


def _instants(known: datetime | None, activities: Sequence[ActivityIn]) -> list[datetime]:
    return [*([known] if known else []), *(one.at for one in activities)]
