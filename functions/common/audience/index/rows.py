"""The rows of the index, customers and events, and their columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from typing import Any, Literal

from common.catalogue.fields import FIELDS, FieldKind, fields_of_kind
from common.errors import Invalid
from common.ids import bucket_of
from common.money import average

DUCKDB_TYPES: dict[FieldKind, str] = {
    "text": "VARCHAR",
    "money": "BIGINT",
    "whole": "BIGINT",
    "date": "TIMESTAMP",
    "list": "VARCHAR[]",
    "map": "JSON",
}

CUSTOMER_COLUMNS: dict[str, str] = {
    "id": "VARCHAR",
    "bucket": "SMALLINT",
    "version": "BIGINT",
    "erased": "BOOLEAN",
    **{name: DUCKDB_TYPES[record.kind] for name, record in FIELDS.items()},
}
"""Column to DuckDB type. Instants are in UTC, without a time zone, because DuckDB needs an extension for time zones."""

CUSTOMER_COLUMN_NAMES = ", ".join(CUSTOMER_COLUMNS)
LIST_COLUMNS = fields_of_kind("list")
MAP_COLUMNS = fields_of_kind("map")

EVENT_COLUMNS = {
    "id": "VARCHAR",
    "bucket": "SMALLINT",
    "version": "BIGINT",
    "erased": "BOOLEAN",
    "customer": "VARCHAR",
    "kind": "VARCHAR",
    "campaign": "VARCHAR",
    "occurred_at": "TIMESTAMP",
    "amount": "BIGINT",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerRow:
    """A customer in the index."""

    id: str
    bucket: int
    version: int  # microseconds; grows with every commit that writes this customer, erasure included
    erased: bool = False  # a tombstone: only the fields above are set
    external_id: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    city: str | None = None
    company: str | None = None
    timezone: str | None = None
    spend: int | None = None  # minor units
    visits: int | None = None
    orders: int | None = None
    average_order_value: int | None = None  # minor units
    active_days: int | None = None
    last_active_at: datetime | None = None
    first_order_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    tags: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()  # the suppressed ones of email and phone
    attributes: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, bool] = field(default_factory=dict)  # by channel; a channel without a choice is not in it


EventKind = Literal["order", "visit", "sent", "opened", "clicked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerEvent:
    """Something that a customer did, or a message that was sent to the customer. Events never change."""

    id: str  # of the activity or the receipt
    customer: str
    bucket: int  # the customer's
    version: int  # microseconds; when it was written. An erasure with a higher version deletes it
    erased: bool = False  # a tombstone, of all older events of the customer or of the event with this id
    kind: EventKind | None = None
    campaign: str | None = None
    occurred_at: datetime | None = None
    amount: int | None = None  # minor units


def activity_event(
    event_id: str, *, customer: str, kind: Literal["order", "visit"], at: datetime, amount: int | None, now: datetime
) -> CustomerEvent:
    """The event of the activity at `activities/{event_id}`; `now` is when it is written."""
    return CustomerEvent(
        id=event_id,
        customer=customer,
        bucket=bucket_of(customer),
        version=microseconds(now),
        kind=kind,
        occurred_at=at,
        amount=amount,
    )


def engagement_event(
    receipt_id: str, *, customer: str, kind: Literal["sent", "opened", "clicked"], campaign: str, at: datetime
) -> CustomerEvent:
    """The event of the receipt at `receipts/{receipt_id}`."""
    return CustomerEvent(
        id=receipt_id,
        customer=customer,
        bucket=bucket_of(customer),
        version=microseconds(at),
        kind=kind,
        campaign=campaign,
        occurred_at=at,
    )


def events_tombstone(customer: str, *, version: int) -> CustomerEvent:
    """Deletes all events of an erased customer; `version` is the version of the customer's tombstone."""
    return CustomerEvent(id=customer, customer=customer, bucket=bucket_of(customer), version=version, erased=True)


def event_tombstone(event: CustomerEvent) -> CustomerEvent:
    """Deletes this event only, because it has no document."""
    return CustomerEvent(id=event.id, customer="", bucket=event.bucket, version=event.version + 1, erased=True)


def microseconds(at: datetime) -> int:
    """The instant as microseconds since the epoch, the unit of versions."""
    return int(at.timestamp() * 1_000_000)


def row_from_document(customer_id: str, customer: Mapping[str, Any]) -> CustomerRow:
    """The row of the document at `customers/{customer_id}`, given its fields."""
    present = {name: customer[name] for name in CUSTOMER_COLUMNS if customer.get(name) is not None}
    lists = {name: tuple(present.get(name, ())) for name in LIST_COLUMNS}
    order_value = average(present.get("spend", 0), present.get("orders", 0))
    return CustomerRow(**(present | {"id": customer_id, "average_order_value": order_value} | lists))


def tombstone(customer_id: str, *, version: int) -> CustomerRow:
    """The row of an erased customer."""
    return CustomerRow(id=customer_id, bucket=bucket_of(customer_id), version=version, erased=True)


def to_json_line(row: CustomerRow | CustomerEvent) -> bytes:
    """The row as one line of JSON. Raises `Invalid` for a value that JSON cannot hold: infinity, lone surrogates."""
    fields = {column.name: getattr(row, column.name) for column in dataclass_fields(row)}
    try:
        return json.dumps(fields, ensure_ascii=False, allow_nan=False, default=_to_json_value).encode()
    except ValueError as error:
        raise Invalid(f"{row.id} has a value that cannot be stored: {error}.") from error


def _to_json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return dict(value) if isinstance(value, Mapping) else list(value)


def row_from_duckdb(values: Sequence[Any]) -> CustomerRow:
    """The customer of DuckDB's values, which are in the order of `CUSTOMER_COLUMNS`."""
    return CustomerRow(
        **{name: _from_duckdb_value(name, value) for name, value in zip(CUSTOMER_COLUMNS, values, strict=True)}
    )


def event_from_duckdb(values: Sequence[Any]) -> CustomerEvent:
    """The event of DuckDB's values, which are in the order of `EVENT_COLUMNS`."""
    return CustomerEvent(
        **{name: _from_duckdb_value(name, value) for name, value in zip(EVENT_COLUMNS, values, strict=True)}
    )


def _from_duckdb_value(name: str, value: Any) -> Any:
    if name in MAP_COLUMNS:
        return json.loads(value) if value else {}
    if name in LIST_COLUMNS:
        return tuple(value or ())
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
