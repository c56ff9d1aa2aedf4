"""The same data for both systems: customer rows of the audience index, and their events."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from common.audience import CustomerEvent, CustomerRow
from common.ids import bucket_of, stable_hash

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST_NAMES = (
    "Asha",
    "Bela",
    "Chand",
    "Dev",
    "Esha",
    "Farid",
    "Gita",
    "Hari",
    "Indu",
    "Jai",
    "Kiran",
    "Lata",
    "Mohan",
    "Nila",
)
LAST_NAMES = ("Rao", "Shah", "Iyer", "Khan", "Das", "Nair", "Patel", "Singh", "Joshi", "Menon", "Gupta", "Bose", "Sen")
CITIES = ("Mumbai", "Pune", "Delhi", "Chennai", "Kochi", "Kolkata", "Jaipur", "Surat")
PLANS = ["gold", "silver", "bronze", None]
EVENTS_EACH = 2

T = TypeVar("T")


def customer_rows(number: int) -> Iterator[CustomerRow]:
    rng = random.Random(number)
    return (_customer_row(position, rng) for position in range(number))


def _customer_row(position: int, rng: random.Random) -> CustomerRow:
    """Return one row of the audience index."""
    customer_id = stable_hash("customer", str(position))
    name = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
    return CustomerRow(
        id=customer_id,
        bucket=bucket_of(customer_id),
        version=position + 1,
        external_id=f"c{position}",
        name=name,
        email=f"{name.replace(' ', '.').lower()}.{position}@example.com",
        phone=f"+9198{position:08}",
        city=rng.choice(CITIES),
        timezone="Asia/Kolkata",
        spend=rng.randrange(2_000_000),
        visits=rng.randrange(20),
        orders=rng.randrange(10),
        active_days=rng.randrange(30),
        last_active_at=NOW - timedelta(minutes=rng.randrange(180 * 24 * 60)),
        created_at=NOW - timedelta(minutes=rng.randrange(1_000 * 24 * 60)),
        updated_at=NOW,
        tags=("vip",) if rng.random() < 0.1 else (),
        attributes={"plan": rng.choice(PLANS), "score": rng.randrange(100), "sizes": ["M", "L"]},
        consent={"email": rng.random() < 0.9},
    )


def customer_events(number: int) -> Iterator[CustomerEvent]:
    """Orders, and engagement with four campaigns."""
    rng = random.Random(-number)
    for position in range(number):
        customer_id = stable_hash("customer", str(position))
        bucket = bucket_of(customer_id)
        for sequence in range(EVENTS_EACH):
            yield _event(f"{position}.{sequence}", customer_id, bucket, rng)


def _event(event_id: str, customer_id: str, bucket: int, rng: random.Random) -> CustomerEvent:
    """Return one event of a customer."""
    kind = rng.choice(["order", "order", "order", "sent", "opened"])
    return CustomerEvent(
        id=stable_hash("event", event_id),
        customer=customer_id,
        bucket=bucket,
        version=1,
        kind=kind,  # type: ignore[arg-type]
        campaign=None if kind == "order" else f"campaign-{rng.randrange(4)}",
        occurred_at=NOW - timedelta(minutes=rng.randrange(200 * 24 * 60)),
        amount=rng.randrange(500_000) if kind == "order" else None,
    )


def batches(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(rows, size)):
        yield batch
