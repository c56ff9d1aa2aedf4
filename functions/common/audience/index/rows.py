"""One customer as the index holds them, and one thing that they did, and the columns that makes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from typing import Any, Literal

from common.errors import Invalid
from common.ids import bucket_of
from common.money import average
from common.rules.fields import FIELDS, Kind

TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "money": "BIGINT",
    "whole": "BIGINT",
    "date": "TIMESTAMP",
    "list": "VARCHAR[]",
}

COLUMNS: dict[str, str] = {
    "id": "VARCHAR",
    "bucket": "SMALLINT",
    "version": "BIGINT",
    "erased": "BOOLEAN",
    **{name: TYPES[field.kind] for name, field in FIELDS.items()},
    "attributes": "JSON",
    "consent": "JSON",
}
"""Column to DuckDB type. Instants are in UTC without saying so: DuckDB needs an extension for time zones."""

NAMES = ", ".join(COLUMNS)
LISTS = tuple(name for name, kind in COLUMNS.items() if kind.endswith("[]"))

EVENT_COLUMNS = {
    "id": "VARCHAR",
    "bucket": "SMALLINT",
    "version": "BIGINT",
    "erased": "BOOLEAN",
    "customer": "VARCHAR",
    "kind": "VARCHAR",
    "campaign": "VARCHAR",
    "happened": "TIMESTAMP",
    "amount": "BIGINT",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    id: str
    bucket: int
    version: int  # microseconds; grows with every commit that writes this customer, erasure included
    erased: bool = False  # a tombstone: it has no more than the fields above
    external_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    city: str | None = None
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
    suppressed: tuple[str, ...] = ()  # those of email and phone that must not be written to
    attributes: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, bool] = field(default_factory=dict)  # by channel; who said nothing is not in it


HappeningKind = Literal["order", "visit", "sent", "opened", "clicked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """Something a customer did, or that was done for them. It never changes."""

    id: str  # of the activity or the receipt
    customer: str
    bucket: int  # the customer's
    version: int  # microseconds, when it was written: not after an erasure that is to take it along
    erased: bool = False  # takes along: everything of that customer which is older, or what has the same id
    kind: HappeningKind | None = None
    campaign: str | None = None
    happened: datetime | None = None
    amount: int | None = None  # minor units


def order_or_visit(
    event_id: str, *, customer: str, kind: Literal["order", "visit"], at: datetime, amount: int | None, now: datetime
) -> Happening:
    """What stands for the document at `activities/{event_id}`; `now` is when it is written."""
    return Happening(
        id=event_id,
        customer=customer,
        bucket=bucket_of(customer),
        version=microseconds(now),
        kind=kind,
        happened=at,
        amount=amount,
    )


def reaction(
    receipt_id: str, *, customer: str, kind: Literal["sent", "opened", "clicked"], campaign: str, at: datetime
) -> Happening:
    """What stands for the document at `receipts/{receipt_id}`."""
    return Happening(
        id=receipt_id,
        customer=customer,
        bucket=bucket_of(customer),
        version=microseconds(at),
        kind=kind,
        campaign=campaign,
        happened=at,
    )


def forgotten(customer: str, *, version: int) -> Happening:
    """What takes along everything that an erased customer did; the version is the one of their tombstone."""
    return Happening(id=customer, customer=customer, bucket=bucket_of(customer), version=version, erased=True)


def undone(happening: Happening) -> Happening:
    """What takes along this one alone: it never was."""
    return Happening(id=happening.id, customer="", bucket=happening.bucket, version=happening.version + 1, erased=True)


def microseconds(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def row_of(customer_id: str, customer: Mapping[str, Any]) -> Row:
    """The row of a stored customer: the fields of the document at `customers/{customer_id}`."""
    known = {name: customer[name] for name in COLUMNS if customer.get(name) is not None}
    lists = {name: tuple(known.get(name, ())) for name in LISTS}
    each = average(known.get("spend", 0), known.get("orders", 0))
    return Row(**(known | {"id": customer_id, "average_order_value": each} | lists))


def tombstone(customer_id: str, *, version: int) -> Row:
    """What stands for a customer who was erased."""
    return Row(id=customer_id, bucket=bucket_of(customer_id), version=version, erased=True)


def line(row: Row | Happening) -> bytes:
    """The row as one line of JSON. Raises `Invalid` for what JSON cannot say: infinities, halves of characters."""
    fields = {one.name: getattr(row, one.name) for one in dataclass_fields(row)}
    try:
        return json.dumps(fields, ensure_ascii=False, allow_nan=False, default=_plain).encode()
    except ValueError as error:
        raise Invalid(f"{row.id} has a value that cannot be stored: {error}.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return dict(value) if isinstance(value, Mapping) else list(value)


def row_from(values: Sequence[Any]) -> Row:
    """The row that DuckDB's values, in the order of `COLUMNS`, stand for."""
    return Row(**{name: _read(name, value) for name, value in zip(COLUMNS, values, strict=True)})


def happening_from(values: Sequence[Any]) -> Happening:
    """Likewise, in the order of `EVENT_COLUMNS`."""
    return Happening(**{name: _read(name, value) for name, value in zip(EVENT_COLUMNS, values, strict=True)})


def _read(name: str, value: Any) -> Any:
    if name in {"attributes", "consent"}:
        return json.loads(value) if value else {}
    if name in LISTS:
        return tuple(value or ())
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
