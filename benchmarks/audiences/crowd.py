"""The same customers for both sides: rows of the audience index, and what they did."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from common.audience import Happening, Row
from common.ids import bucket_of, hashed

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NAMES = (
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
FAMILIES = ("Rao", "Shah", "Iyer", "Khan", "Das", "Nair", "Patel", "Singh", "Joshi", "Menon", "Gupta", "Bose", "Sen")
CITIES = ("Mumbai", "Pune", "Delhi", "Chennai", "Kochi", "Kolkata", "Jaipur", "Surat")
PLANS = ["gold", "silver", "bronze", None]
EVENTS_EACH = 2

T = TypeVar("T")


def crowd(number: int) -> Iterator[Row]:
    chance = random.Random(number)
    return (_person(position, chance) for position in range(number))


def _person(position: int, chance: random.Random) -> Row:
    customer_id = hashed("customer", str(position))
    name = f"{chance.choice(NAMES)} {chance.choice(FAMILIES)}"
    return Row(
        id=customer_id,
        bucket=bucket_of(customer_id),
        version=position + 1,
        external_id=f"c{position}",
        name=name,
        email=f"{name.replace(' ', '.').lower()}.{position}@example.com",
        phone=f"+9198{position:08}",
        city=chance.choice(CITIES),
        timezone="Asia/Kolkata",
        spend=chance.randrange(2_000_000),
        visits=chance.randrange(20),
        orders=chance.randrange(10),
        active_days=chance.randrange(30),
        last_active_at=NOW - timedelta(minutes=chance.randrange(180 * 24 * 60)),
        created_at=NOW - timedelta(minutes=chance.randrange(1_000 * 24 * 60)),
        updated_at=NOW,
        tags=("vip",) if chance.random() < 0.1 else (),
        attributes={"plan": chance.choice(PLANS), "score": chance.randrange(100), "sizes": ["M", "L"]},
        consent={"email": chance.random() < 0.9},
    )


def deeds(number: int) -> Iterator[Happening]:
    """What the crowd did: orders, and reactions to four campaigns."""
    chance = random.Random(-number)
    for position in range(number):
        customer_id = hashed("customer", str(position))
        bucket = bucket_of(customer_id)
        for turn in range(EVENTS_EACH):
            yield _deed(f"{position}.{turn}", customer_id, bucket, chance)


def _deed(event_id: str, customer_id: str, bucket: int, chance: random.Random) -> Happening:
    kind = chance.choice(["order", "order", "order", "sent", "opened"])
    return Happening(
        id=hashed("event", event_id),
        customer=customer_id,
        bucket=bucket,
        version=1,
        kind=kind,  # type: ignore[arg-type]
        campaign=None if kind == "order" else f"campaign-{chance.randrange(4)}",
        happened=NOW - timedelta(minutes=chance.randrange(200 * 24 * 60)),
        amount=chance.randrange(500_000) if kind == "order" else None,
    )


def packs(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    while pack := list(islice(rows, size)):
        yield pack
