"""The audience index on the in-memory store and on the Firestore emulator: it shows what is committed."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from common.audience import TABLES, Audience, compact, customer_delta, row_from_document
from common.ids import bucket_of
from common.rules import parse
from common.storage.documents import Documents, Put
from tests.index_simulation import ALL_CALLS, PEOPLE, IndexSimulation

NOW = datetime(2026, 11, 23, 9, 30, 0, 123_456, tzinfo=UTC)


async def test_stored_customer_is_the_same_in_index(documents: Documents) -> None:
    """A customer in the index equals the stored customer, before and after compaction."""
    customer = {
        "bucket": bucket_of("p1"),
        "version": 1,
        "name": "Ünï 🙂",
        "spend": 2**62,
        "created_at": NOW,
        "last_active_at": None,
        "tags": ["vip"],
        "attributes": {"plan": {"price": 9.5, "since": "2026"}, "list": [1, "two", None]},
        "consent": {"email": True},
    }
    await documents.commit([Put("customers/p1", customer), *customer_delta([row_from_document("p1", customer)])])
    stored = await documents.get("customers/p1")
    expected = {"p1": row_from_document("p1", stored.data or {})}
    assert await Audience(documents).rows(["p1"]) == expected
    await compact(documents, now=NOW, owner="a")
    assert await Audience(documents).rows(["p1"]) == expected


async def test_compact_of_thousand_customers_writes_all_buckets(documents: Documents) -> None:
    """A delta with customers in all buckets is compacted into all of them."""
    people = {f"p{n}": {"bucket": bucket_of(f"p{n}"), "version": n, "visits": n % 10} for n in range(1_000)}
    await documents.commit(customer_delta([row_from_document(one, customer) for one, customer in people.items()]))
    folded = await compact(documents, now=NOW, owner="a")
    assert folded
    assert (folded.deltas, folded.buckets, folded.remaining) == (1, 64, 0)
    audience = Audience(documents)
    assert await audience.count(parse("visits < 3"), NOW) == 300


@pytest.mark.parametrize("seed", range(3))
async def test_random_interleaving_shows_what_was_committed(documents: Documents, seed: int) -> None:
    """Like `tests/component/test_audience_simulation.py`, with fewer steps."""
    chance = random.Random(seed)
    simulation = IndexSimulation(documents)
    for _ in range(50):
        await chance.choice(steps(simulation, chance))()
    await simulation.end()


def steps(simulation: IndexSimulation, chance: random.Random) -> list[Callable[[], Awaitable[None]]]:
    calls, max_deltas = chance.choice([1, 2, 3, 5, 8, ALL_CALLS]), chance.choice([1, 2, 400])
    possible: list[Callable[[], Awaitable[None]]] = [
        lambda: simulation.write(chance.sample(PEOPLE, 2), chance.randrange(5)),
        lambda: simulation.erase(chance.choice(PEOPLE)),
        lambda: simulation.order(chance.choice(PEOPLE), chance.randrange(5)),
        lambda: simulation.open(chance.choice(PEOPLE)),
        lambda: simulation.compact(max_deltas, chance.choice(TABLES)),
        lambda: simulation.proceed_reader(chance.randrange(2), calls),
        lambda: wait(simulation, chance.choice([1, 6, 11])),
    ]
    if len(simulation.compactions) < 2:
        possible.append(lambda: simulation.begin_compaction(max_deltas, calls, chance.choice(TABLES)))
    if simulation.compactions:
        possible += [lambda: simulation.proceed_compaction(0, calls), lambda: simulation.kill_compaction(-1)]
    return possible


async def wait(simulation: IndexSimulation, minutes: int) -> None:
    simulation.pass_time(minutes)
