"""The events that webhooks can ask for, and how they are read from the writes of a commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict, get_args

from common.logs import without_addresses
from common.storage.documents import Create, Delete, Put, Update, Write

EventType = Literal[
    "message.sent",
    "message.failed",
    "message.opened",
    "message.clicked",
    "message.unsubscribed",
    "customer.changed",
    "campaign.finished",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)
TEST_TYPE = "webhook.test"
"""Sent when an admin asks for it, to one webhook."""
SOURCES = ("receipts/", "customers/", "campaigns/")
"""Only writes of these collections can be events."""
TECHNICAL_FIELDS = frozenset({"version", "updated_at", "created_at", "bucket", "identifiers"})


class WebhookEvent(TypedDict):
    """The body of a request, as Standard Webhooks advises. It has ids and facts; a name or an address is in none."""

    type: str
    timestamp: str  # ISO 8601: when it happened, as far as Herald knows
    data: dict[str, Any]


def may_have_events(writes: Sequence[Write]) -> bool:
    """Whether it is worth asking which events are wanted."""
    return any(write.path.startswith(SOURCES) for write in writes)


def events_of(writes: Sequence[Write], wanted: Collection[str], *, now: datetime) -> list[WebhookEvent]:
    """What a commit of these writes says has happened, of the types that are wanted."""
    found = [event for write in writes if (event := _event_of(write, now))]
    return [event for event in found if event["type"] in wanted]


def _event_of(write: Write, now: datetime) -> WebhookEvent | None:
    """The event that the write means, whether a webhook wants it or not; None for any other write."""
    collection, _, id_ = write.path.partition("/")
    match collection:
        case "receipts" if isinstance(write, Create):
            return _receipt_event(write.data, now)
        case "customers":
            return _customer_event(id_, write, now)
        case "campaigns" if isinstance(write, Update) and write.data.get("state") == "finished":
            return _finished_event(id_, write.data, now)
    return None


def _receipt_event(receipt: Mapping[str, Any], now: datetime) -> WebhookEvent:
    """Of any kind; only those of `EVENT_TYPES` can be wanted."""
    ids = {f"{name}_id": receipt.get(name) for name in ("message", "campaign", "customer")}
    facts: dict[str, Any] = {"permanent": True} if receipt.get("permanent") else {}
    if reason := receipt.get("reason"):
        facts["reason"] = without_addresses(reason)  # an erasure does not change stored events
    data = {**ids, "attempt": receipt.get("attempt", 1), **facts}
    return _event(f"message.{receipt.get('kind')}", receipt.get("at") or now, data)


def _customer_event(customer_id: str, write: Write, now: datetime) -> WebhookEvent | None:
    """Of a new version of a customer. What is only noted about one, without a version, is no change."""
    if isinstance(write, Delete):
        return _event("customer.changed", now, {"customer_id": customer_id, "change": "erased", "fields": []})
    if "version" not in write.data and not isinstance(write, Put):
        return None
    fields = sorted({name.partition(".")[0] for name in write.data} - TECHNICAL_FIELDS)
    change = "created" if isinstance(write, Create) else "merged" if "merged_into" in write.data else "changed"
    if change == "changed" and not fields:
        return None
    data = {"customer_id": customer_id, "change": change, "fields": [] if change == "merged" else fields}
    return _event("customer.changed", now, data)


def _finished_event(campaign_id: str, campaign: Mapping[str, Any], now: datetime) -> WebhookEvent:
    totals = campaign.get("totals") or {}
    return _event("campaign.finished", campaign.get("finished_at") or now, {"campaign_id": campaign_id, **totals})


def _event(type_: str, at: datetime, data: dict[str, Any]) -> WebhookEvent:
    return WebhookEvent(type=type_, timestamp=at.isoformat(), data=data)
