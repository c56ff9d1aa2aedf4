"""The audience index on the fake and on the Firestore emulator: what is committed is what is found."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from common.audience import SHEETS, Audience, change, fold, row_of
from common.ids import bucket_of
from common.rules import parse
from common.storage.documents import Documents, Put
from tests.index_simulation import PEOPLE, WHOLE, Play

NOW = datetime(2026, 11, 23, 9, 30, 0, 123_456, tzinfo=UTC)


async def test_a_stored_customer_is_the_same_in_the_index(documents: Documents) -> None:
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
    await documents.commit([Put("customers/p1", customer), *change([row_of("p1", customer)])])
    stored = await documents.get("customers/p1")
    expected = {"p1": row_of("p1", stored.data or {})}
    assert await Audience(documents).rows(["p1"]) == expected
    await fold(documents, now=NOW, owner="a")
    assert await Audience(documents).rows(["p1"]) == expected


async def test_a_thousand_customers_in_all_buckets(documents: Documents) -> None:
    people = {f"p{n}": {"bucket": bucket_of(f"p{n}"), "version": n, "visits": n % 10} for n in range(1_000)}
    await documents.commit(change([row_of(one, customer) for one, customer in people.items()]))
    folded = await fold(documents, now=NOW, owner="a")
    assert folded
    assert (folded.changes, folded.buckets, folded.remaining) == (1, 64, 0)
    audience = Audience(documents)
    assert await audience.count(parse("visits < 3"), NOW) == 300


@pytest.mark.parametrize("seed", range(3))
async def test_any_interleaving_shows_what_was_committed(documents: Documents, seed: int) -> None:
    """As in `tests/unit/test_audience_play.py`, with fewer steps."""
    chance = random.Random(seed)
    play = Play(documents)
    for _ in range(50):
        await chance.choice(steps(play, chance))()
    await play.end()


def steps(play: Play, chance: random.Random) -> list[Callable[[], Awaitable[None]]]:
    calls, most = chance.choice([1, 2, 3, 5, 8, WHOLE]), chance.choice([1, 2, 400])
    possible: list[Callable[[], Awaitable[None]]] = [
        lambda: play.write(chance.sample(PEOPLE, 2), chance.randrange(5)),
        lambda: play.erase(chance.choice(PEOPLE)),
        lambda: play.order(chance.choice(PEOPLE), chance.randrange(5)),
        lambda: play.open(chance.choice(PEOPLE)),
        lambda: play.fold(most, chance.choice(SHEETS)),
        lambda: play.proceed_reader(chance.randrange(2), calls),
        lambda: wait(play, chance.choice([1, 6, 11])),
    ]
    if len(play.folds) < 2:
        possible.append(lambda: play.begin_fold(most, calls, chance.choice(SHEETS)))
    if play.folds:
        possible += [lambda: play.proceed_fold(0, calls), lambda: play.kill_fold(-1)]
    return possible


async def wait(play: Play, minutes: int) -> None:
    play.pass_time(minutes)
