"""The same customers for both systems. About one in three is in the audience."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

RULE = "spend > 10000 AND visits < 3 OR inactive for 90 days"

PersonRow = dict[str, Any]


def make_people(count: int, *, prefix: str = "customer") -> list[PersonRow]:
    rng, now = random.Random(count), datetime.now(UTC)
    return [_make_person(f"{prefix}{number}", rng, now) for number in range(count)]


def _make_person(name: str, rng: random.Random, now: datetime) -> PersonRow:
    """Return one customer as the API accepts it."""
    return {
        "external_id": name,
        "name": name.capitalize(),
        "email": f"{name}@example.com",
        "city": rng.choice(["Pune", "Delhi", "Chennai", "Kochi"]),
        "spend": rng.randrange(20_000),
        "visits": rng.randrange(10),
        "last_active_at": (now - timedelta(days=rng.randrange(1, 120), hours=12)).isoformat(),
        "consent": {"email": True},
    }
