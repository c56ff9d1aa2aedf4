"""The reader: in step with the database at the least cost, and what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from common.audience import Audience, Row, change, fold, row_of, tombstone
from common.audience.index.connection import connect
from common.errors import Unavailable
from common.rules import parse
from common.storage.documents import Query, Snapshot
from common.storage.memory import MemoryDocuments
from tests.index_simulation import Actor, Gate

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EVERYONE = parse("everyone")


def person(number: int, *, version: int = 1, **more: object) -> Row:
    """`p0` … `p9` are in bucket 0, `p10` … `p19` in bucket 1."""
    customer = {"bucket": number // 10, "version": version, "created_at": NOW, "visits": number}
    return row_of(f"p{number}", customer | more)


class Watched(MemoryDocuments):
    """Notes what is read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        await asyncio.sleep(0)
        self.read.append(path)
        return await super().get(path, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        self.read.append("query")
        return await super().query(query)


async def filled(*numbers: int) -> tuple[Watched, Audience]:
    documents = Watched()
    await documents.commit(change([person(number) for number in numbers]))
    return documents, Audience(documents)


async def test_an_empty_index_has_nobody() -> None:
    audience = Audience(MemoryDocuments())
    assert await audience.count_all() == 0
    assert await audience.rows(["p1"]) == {}


async def test_a_committed_customer_is_seen_at_once_and_an_erased_one_no_more() -> None:
    documents, audience = await filled(1, 2)
    assert await audience.count(parse("visits = 2"), NOW) == 1
    await documents.commit(change([person(2, version=2, visits=7), tombstone("p1", version=2)]))
    await audience.refresh()
    assert {row.id: row.visits for row in await audience.newest(None, NOW)} == {"p2": 7}


async def test_a_refresh_without_news_reads_the_head_and_the_ids_of_changes() -> None:
    documents, audience = await filled(1, 11)
    await audience.refresh()
    documents.read.clear()
    await audience.refresh()
    assert documents.read == ["audience/head", "query"]


async def test_only_buckets_that_changed_are_loaded_again() -> None:
    documents, audience = await filled(1, 11)
    await fold(documents, now=NOW, owner="a")
    await audience.refresh()
    await documents.commit(change([person(12)]))
    await fold(documents, now=NOW, owner="a")
    documents.read.clear()
    await audience.refresh()
    assert documents.read == ["audience/head", "query", "audience/block-2-1-0"]
    assert await audience.count_all() == 3


async def test_those_who_ask_at_the_same_time_share_a_refresh() -> None:
    """The first one began before the others asked, so they need another; but one is enough for all of them."""
    documents, audience = await filled(1)
    first = asyncio.ensure_future(audience.refresh())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.gather(first, *(audience.refresh() for _ in range(10)))
    assert documents.read.count("audience/head") == 2


async def test_one_who_leaves_does_not_take_the_refresh_with_them() -> None:
    _, audience = await filled(1)
    impatient = asyncio.ensure_future(audience.refresh())
    await asyncio.sleep(0.001)
    patient = asyncio.ensure_future(audience.refresh())
    impatient.cancel()
    await patient
    assert await audience.count_all() == 1


class Vanishing(MemoryDocuments):
    """Blocks are gone the first few times they are read."""

    times = 0

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        if paths and "block" in paths[0] and self.times:
            self.times -= 1
            return [await self.get("audience/gone", at=at) for _ in paths]
        return await super().get_all(paths, at=at)


async def test_a_block_that_vanishes_makes_the_reader_start_over() -> None:
    documents = Vanishing()
    await documents.commit(change([person(1)]))
    await fold(documents, now=NOW, owner="a")
    documents.times = 2
    assert await Audience(documents).count_all() == 1
    documents.times = 100
    with pytest.raises(Unavailable):
        await Audience(documents).refresh()


async def test_a_failed_refresh_leaves_what_was_there() -> None:
    documents = Vanishing()
    await documents.commit(change([person(1)]))
    audience = Audience(documents)
    await audience.refresh()
    await documents.commit(change([person(2)]))
    await fold(documents, now=NOW, owner="a")
    documents.times = 100
    with pytest.raises(Unavailable):
        await audience.refresh()
    assert await audience.count_all() == 1
    documents.times = 0
    await audience.refresh()
    assert await audience.count_all() == 2


async def test_a_fold_in_the_middle_of_a_refresh_is_seen_not_at_all() -> None:
    documents, _ = await filled(1)
    gate = Gate(documents)
    audience = Audience(gate)
    refresh = Actor(gate, audience.refresh())
    await refresh.proceed(1)
    await fold(documents, now=NOW, owner="a")
    await refresh.finish()
    assert await audience.count_all() == 1


async def test_pages_of_a_bucket_in_order_of_id() -> None:
    _, audience = await filled(*range(20))
    rule = parse("visits != 3")
    page = await audience.page(rule, NOW, bucket=0, limit=4)
    assert [row.id for row in page] == ["p0", "p1", "p2", "p4"]
    rest = await audience.page(rule, NOW, bucket=0, after_id=page[-1].id, limit=50)
    assert [row.id for row in rest] == ["p5", "p6", "p7", "p8", "p9"]
    assert await audience.page(rule, NOW, bucket=0, after_id="p9") == []


async def test_samples_are_a_few_and_the_same_each_time() -> None:
    _, audience = await filled(*range(20))
    samples = await audience.sample(parse("visits > 4"), NOW, limit=3)
    assert len(samples) == 3
    assert samples == await audience.sample(parse("visits > 4"), NOW, limit=3)


async def test_the_newest_come_first_and_a_cursor_misses_nobody() -> None:
    documents = MemoryDocuments()
    ages = [0, 5, 5, 5, 1, 2, 5, 9]
    rows = [person(number, created_at=NOW - timedelta(days=age)) for number, age in enumerate(ages)]
    await documents.commit(change([*rows, person(10, created_at=None), person(11, created_at=None)]))
    audience = Audience(documents)
    seen: list[Row] = []
    while page := await audience.newest(
        EVERYONE, NOW, after=(seen[-1].created_at, seen[-1].id) if seen else None, limit=2
    ):
        seen += page
    assert [row.id for row in seen] == ["p0", "p4", "p5", "p1", "p2", "p3", "p6", "p7", "p10", "p11"]
    assert [row.id for row in await audience.newest(parse("visits < 3"), NOW)] == ["p0", "p1", "p2"]


async def test_rows_of_some_customers() -> None:
    _, audience = await filled(1, 2, 11)
    assert set(await audience.rows(["p1", "p11", "nobody"])) == {"p1", "p11"}
    assert (await audience.rows(["p1"]))["p1"] == person(1)
    assert await audience.rows([]) == {}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '/var/herald'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
    ],
)
def test_even_sql_from_elsewhere_could_not_leave_the_table(sql: str) -> None:
    with pytest.raises(Exception, match=r"(Permission|Invalid Input) Error"):
        connect().execute(sql)
