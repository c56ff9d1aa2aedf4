"""The daily comparison: what the index has wrong is found and put right, and a rebuild puts everything right."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.audience import (
    EVENTS,
    Audience,
    Happening,
    change,
    fold,
    happened,
    order_or_visit,
    reaction,
    row_of,
    tombstone,
)
from common.audience.index.reconciliation import STATE, Comparison, Progress, compared
from common.ids import BUCKETS, NOBODY, bucket_of
from common.storage.documents import Delete, Put, Query, Snapshot, Update, Write
from common.storage.memory import MemoryDocuments
from tests.index_simulation import PEOPLE

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EVER = float("inf")


class Counted(MemoryDocuments):
    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Sequence[Write]] = []
        self.listed = 0

    async def commit(self, writes: Sequence[Write]) -> None:
        self.commits.append(writes)
        await super().commit(writes)

    async def query(self, query: Query) -> list[Snapshot]:
        found = await super().query(query)
        self.listed += len(found) if query.collection != "audience" and query.limit else 0
        return found


def customer(person: str, version: int = 1, **fields: Any) -> dict[str, Any]:
    figures = {"spend": 100, "visits": 1, "orders": 0, "active_days": 1, "name": "Ü", "tags": ["a"]}
    maps = {"attributes": {"b": [1, None], "a": {"since": NOW}}, "consent": {"email": True}}
    return {"bucket": bucket_of(person), "version": version, **figures, **maps, **fields}


async def world(*, told: Sequence[str] = PEOPLE) -> Counted:
    documents = Counted()
    rows = [row_of(one, customer(one)) for one in told]
    await documents.commit([*(Put(f"customers/{one}", customer(one)) for one in PEOPLE), *change(rows)])
    await fold(documents, now=NOW, owner="a")
    documents.commits.clear()
    return documents


async def names(documents: Counted) -> dict[str, str | None]:
    return {row.id: row.name for row in await Audience(documents).newest(None, NOW)}


@pytest.mark.parametrize("deep", [True, False])
async def test_nothing_is_written_where_both_agree(deep: bool) -> None:
    documents = await world()
    assert await compared(documents, [0, 1], deep=[0, 1] if deep else []) == 0
    assert documents.commits == []
    assert documents.listed == (len(PEOPLE) if deep else 0)


async def repaired(documents: Counted, *, deep: bool) -> int:
    found = await compared(documents, [0, 1], deep=[0, 1] if deep else [])
    assert await compared(documents, [0, 1], deep=[0, 1]) == 0
    return found


async def test_a_customer_whom_the_index_lacks() -> None:
    documents = await world(told=PEOPLE[1:])
    assert await repaired(documents, deep=False) == 1
    assert set(await names(documents)) == set(PEOPLE)


async def test_a_customer_who_is_in_the_index_alone() -> None:
    documents = await world()
    await documents.commit([Delete(f"customers/{PEOPLE[0]}")])
    assert await repaired(documents, deep=False) == 1
    assert set(await names(documents)) == set(PEOPLE[1:])


async def test_figures_that_differ() -> None:
    documents = await world()
    await documents.commit([Update(f"customers/{PEOPLE[0]}", {"spend": 7, "version": 2})])
    assert await repaired(documents, deep=False) == 1


async def test_a_name_that_differs_is_found_where_every_customer_is_looked_at() -> None:
    documents = await world()
    await documents.commit([Update(f"customers/{PEOPLE[0]}", {"name": "Other"})])
    assert await repaired(documents, deep=True) == 1
    assert (await names(documents))[PEOPLE[0]] == "Other"


async def test_who_is_changed_meanwhile_is_left_to_whoever_did_it() -> None:
    class Busy(Counted):
        async def commit(self, writes: Sequence[Write]) -> None:
            first = writes[0]
            if isinstance(first, Update) and first.expected:
                await super().commit([Update(first.path, {"name": "Newer"})])
            await super().commit(writes)

    documents = Busy()
    await documents.commit([Put(f"customers/{PEOPLE[0]}", customer(PEOPLE[0]))])
    assert await compared(documents, [0, 1], deep=[0, 1]) == 0


async def test_once_a_day_every_bucket_and_one_of_them_deeply() -> None:
    documents = await world()
    clock = [NOW]
    comparison = Comparison(documents, clock=lambda: clock[0])
    await comparison.go_on(EVER)
    state = await documents.get(STATE)
    assert (state["day"], state["left"], state["deep"]) == ("2026-11-23", [], [NOW.date().toordinal() % BUCKETS])
    documents.commits.clear()
    await comparison.go_on(EVER)
    assert documents.commits == []
    clock[0] += timedelta(days=1)
    await comparison.go_on(time.monotonic() - 1)
    assert documents.commits == []
    await comparison.go_on(EVER)
    assert (await documents.get(STATE))["deep"] == [(NOW.date().toordinal() + 1) % BUCKETS]


async def test_a_rebuild_brings_back_an_index_that_is_lost() -> None:
    documents = await past()
    everything = await documents.query(Query(collection="audience", fields=()))
    await documents.commit([Delete(one.path) for one in everything])
    await documents.commit(change([tombstone(PEOPLE[0], version=1)]))
    assert await names(documents) == {}
    comparison = Comparison(documents, clock=lambda: NOW)
    assert await comparison.progress() == Progress(day="", left=0, rebuilding=False)
    await comparison.rebuild()
    assert await comparison.progress() == Progress(day="2026-11-23", left=BUCKETS, rebuilding=True)
    await comparison.go_on(EVER)
    assert await comparison.progress() == Progress(day="2026-11-23", left=0, rebuilding=False)
    assert set(await names(documents)) == set(PEOPLE)
    assert await deeds(documents) == DONE


def order(event_id: str, amount: int = 5) -> tuple[Put, Happening]:
    stored = {"customer": PEOPLE[0], "type": "order", "at": NOW, "amount": amount, "counted_at": NOW}
    deed = order_or_visit(event_id, customer=PEOPLE[0], kind="order", at=NOW, amount=amount, now=NOW)
    return Put(f"activities/{event_id}", stored), deed


def opened(receipt_id: str, customer: str = PEOPLE[0]) -> tuple[Put, Happening]:
    stored = {"customer": customer, "kind": "opened", "at": NOW, "campaign": "c"}
    deed = reaction(receipt_id, customer=customer, kind="opened", campaign="c", at=NOW)
    return Put(f"receipts/{receipt_id}", stored), deed


DEEDS = [order("00a"), order("ffa"), opened("00b.opened"), opened("7fb.opened.2")]
EVERY = list(range(BUCKETS))


async def past(*, told: Sequence[int] = range(len(DEEDS)), fold_them: bool = True) -> Counted:
    """A world in which things were done, and the index was told of some of them."""
    documents = await world()
    visit = {"customer": PEOPLE[0], "type": "browsed", "at": NOW, "counted_at": NOW}
    delivered = {"customer": PEOPLE[0], "kind": "delivered", "at": NOW, "campaign": "c"}
    others = [Put("activities/00c", visit), Put("receipts/00b.delivered", delivered)]
    stored = [put for put, _ in DEEDS]
    await documents.commit([*others, *stored, *happened([DEEDS[one][1] for one in told])])
    if fold_them:
        await fold(documents, now=NOW, owner="a", sheet=EVENTS)
    documents.commits.clear()
    return documents


async def deeds(documents: Counted) -> set[tuple[str, int | None]]:
    audience = Audience(documents)
    await audience.recall()
    return {*await audience.select("SELECT id, amount FROM events", [])}


DONE = {(deed.id, deed.amount) for _, deed in DEEDS}


@pytest.mark.parametrize("deep", [EVERY, []])
@pytest.mark.parametrize("fold_them", [True, False])
async def test_nothing_is_written_where_both_know_the_same_past(deep: list[int], fold_them: bool) -> None:
    documents = await past(fold_them=fold_them)
    assert await compared(documents, EVERY, deep=deep) == 0
    assert documents.commits == []
    assert documents.listed == (len(PEOPLE) + len(DEEDS) if deep else 0)


@pytest.mark.parametrize("missing", range(len(DEEDS)))
async def test_what_the_index_was_not_told_of(missing: int) -> None:
    documents = await past(told=[one for one in range(len(DEEDS)) if one != missing])
    assert await compared(documents, EVERY, deep=[]) == 1
    assert await deeds(documents) == DONE
    assert await compared(documents, EVERY, deep=EVERY) == 0


async def test_what_never_was_goes_alone() -> None:
    documents = await past()
    await documents.commit(happened([order("00d")[1]]))
    assert await compared(documents, EVERY, deep=[]) == 1
    for _ in range(2):
        assert await deeds(documents) == DONE
        assert await compared(documents, EVERY, deep=EVERY) == 0
        await fold(documents, now=NOW, owner="a", sheet=EVENTS)


async def test_what_was_otherwise_is_found_where_each_is_looked_at() -> None:
    documents = await past()
    await documents.commit([order("00a", amount=7)[0]])
    assert await compared(documents, EVERY, deep=[]) == 0
    assert await compared(documents, EVERY, deep=EVERY) == 1
    assert await deeds(documents) == DONE - {("00a", 5)} | {("00a", 7)}


async def test_what_an_erased_person_did_stays_forgotten() -> None:
    documents = await past(told=[])
    emptied = Put("activities/00a", {"customer": NOBODY, "erased": True})
    await documents.commit([emptied, Delete("activities/ffa"), *(opened(d.id, NOBODY)[0] for _, d in DEEDS[2:])])
    documents.commits.clear()
    assert await compared(documents, EVERY, deep=[]) == 0
    assert await compared(documents, EVERY, deep=EVERY) == 0
    assert documents.commits == []
