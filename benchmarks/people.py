"""The same people for both sides: about one in three is in the audience."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

RULE = "spend > 10000 AND visits < 3 OR inactive for 90 days"

Person = dict[str, Any]


def people(count: int, *, called: str = "customer") -> list[Person]:
    chance, now = random.Random(count), datetime.now(UTC)
    return [_person(f"{called}{number}", chance, now) for number in range(count)]


def _person(name: str, chance: random.Random, now: datetime) -> Person:
    return {
        "external_id": name,
        "name": name.capitalize(),
        "email": f"{name}@example.com",
        "city": chance.choice(["Pune", "Delhi", "Chennai", "Kochi"]),
        "spend": chance.randrange(20_000),
        "visits": chance.randrange(10),
        "last_active_at": (now - timedelta(days=chance.randrange(1, 120), hours=12)).isoformat(),
        "consent": {"email": True},
    }
