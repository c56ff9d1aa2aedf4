"""The reader: how it stays current at low cost, and its queries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from common.audience import Audience, CustomerRow, compact, customer_delta, row_from_document, tombstone
from common.audience.index.connection import connect
from common.audience.index.database import interrupt, select
from common.audience.reader import query_time_limit
from common.errors import Invalid, Unavailable
from common.rules import parse
from common.storage.documents import Query, Snapshot
from common.storage.memory import MemoryDocuments
from tests.index_simulation import Actor, Gate

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EVERYONE = parse("everyone")
MANIFEST = "audience/customers-manifest"


def person(number: int, *, version: int = 1, **more: object) -> CustomerRow:
    """`p0` … `p9` are in bucket 0, `p10` … `p19` in bucket 1."""
    customer = {"bucket": number // 10, "version": version, "created_at": NOW, "visits": number}
    return row_from_document(f"p{number}", customer | more)


class ReadRecordingDocuments(MemoryDocuments):
    """Records what is read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        self.read.extend(paths)
        return await super().get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        self.read.append("query")
        return await super().query(query)


async def audience_with(*numbers: int) -> tuple[ReadRecordingDocuments, Audience]:
    documents = ReadRecordingDocuments()
    await documents.commit(customer_delta([person(number) for number in numbers]))
    return documents, Audience(documents)


async def test_empty_index_has_no_customers() -> None:
    """An empty index has no customers."""
    audience = Audience(MemoryDocuments())
    assert await audience.count_all() == 0
    assert await audience.rows(["p1"]) == {}


async def test_refresh_after_commit_shows_changes_and_erasures() -> None:
    """After a refresh, changed customers are visible and erased customers are not."""
    documents, audience = await audience_with(1, 2)
    assert await audience.count(parse("visits = 2"), NOW) == 1
    await documents.commit(customer_delta([person(2, version=2, visits=7), tombstone("p1", version=2)]))
    await audience.refresh()
    assert {row.id: row.visits for row in await audience.newest(None, NOW)} == {"p2": 7}


async def test_refresh_without_changes_reads_the_manifest_twice_and_delta_ids() -> None:
    """A refresh without changes costs two reads and one query of ids."""
    documents, audience = await audience_with(1, 11)
    await audience.refresh()
    documents.read.clear()
    await audience.refresh()
    assert documents.read == [MANIFEST, "query", MANIFEST]


async def test_refresh_loads_only_changed_buckets() -> None:
    """A refresh loads only the blocks of buckets that changed."""
    documents, audience = await audience_with(1, 11)
    await compact(documents, now=NOW, owner="a")
    await audience.refresh()
    await documents.commit(customer_delta([person(12)]))
    await compact(documents, now=NOW, owner="a")
    documents.read.clear()
    await audience.refresh()
    assert documents.read == [MANIFEST, "query", "audience/customers-block-2-1-0", MANIFEST]
    assert await audience.count_all() == 3


async def test_concurrent_refreshes_are_shared() -> None:
    """Callers that arrive during a refresh share the next one."""
    documents, audience = await audience_with(1)
    first = asyncio.ensure_future(audience.refresh())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.gather(first, *(audience.refresh() for _ in range(10)))
    assert documents.read.count(MANIFEST) == 2 * 2


async def test_cancelled_refresh_continues_for_other_callers() -> None:
    """A cancelled caller does not stop the refresh that others wait for."""
    documents, audience = await audience_with(1)
    impatient = asyncio.ensure_future(audience.refresh())
    while not documents.read:
        await asyncio.sleep(0)
    patient = asyncio.ensure_future(audience.refresh())
    impatient.cancel()
    await patient
    assert await audience.count_all() == 1


class VanishingBlocks(MemoryDocuments):
    """Blocks are missing the first few times they are read."""

    times = 0

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        if paths and "block" in paths[0] and self.times:
            self.times -= 1
            return [await self.get("audience/missing", at=at) for _ in paths]
        return await super().get_all(paths, at=at)


async def test_refresh_with_deleted_block_starts_again() -> None:
    """A block that is deleted during a refresh makes the reader start again, a limited number of times."""
    documents = VanishingBlocks()
    await documents.commit(customer_delta([person(1)]))
    await compact(documents, now=NOW, owner="a")
    documents.times = 2
    assert await Audience(documents).count_all() == 1
    documents.times = 100
    with pytest.raises(Unavailable):
        await Audience(documents).refresh()


async def test_failed_refresh_keeps_previous_state() -> None:
    """A failed refresh leaves the loaded state unchanged, and the next one catches up."""
    documents = VanishingBlocks()
    await documents.commit(customer_delta([person(1)]))
    audience = Audience(documents)
    await audience.refresh()
    await documents.commit(customer_delta([person(2)]))
    await compact(documents, now=NOW, owner="a")
    documents.times = 100
    with pytest.raises(Unavailable):
        await audience.refresh()
    assert await audience.count_all() == 1
    documents.times = 0
    await audience.refresh()
    assert await audience.count_all() == 2


async def test_refresh_during_compaction_shows_one_instant() -> None:
    """A compaction during a refresh does not affect it."""
    documents, _ = await audience_with(1)
    gate = Gate(documents)
    audience = Audience(gate)
    refresh = Actor(gate, audience.refresh())
    await refresh.proceed(1)
    await compact(documents, now=NOW, owner="a")
    await refresh.finish()
    assert await audience.count_all() == 1


async def test_page_of_bucket_is_sorted_by_id() -> None:
    """The pages of a bucket are in order of id and continue after the last id."""
    _, audience = await audience_with(*range(20))
    rule = parse("visits != 3")
    page = await audience.page(rule, NOW, bucket=0, limit=4)
    assert [row.id for row in page] == ["p0", "p1", "p2", "p4"]
    rest = await audience.page(rule, NOW, bucket=0, after_id=page[-1].id, limit=50)
    assert [row.id for row in rest] == ["p5", "p6", "p7", "p8", "p9"]
    assert await audience.page(rule, NOW, bucket=0, after_id="p9") == []


async def test_sample_is_limited_and_stable() -> None:
    """A sample has the requested size and is the same every time."""
    _, audience = await audience_with(*range(20))
    samples = await audience.sample(parse("visits > 4"), NOW, limit=3)
    assert len(samples) == 3
    assert samples == await audience.sample(parse("visits > 4"), NOW, limit=3)


async def test_newest_by_pages_returns_all_newest_first() -> None:
    """The pages together list every customer once, the newest first."""
    documents = MemoryDocuments()
    ages = [0, 5, 5, 5, 1, 2, 5, 9]
    rows = [person(number, created_at=NOW - timedelta(days=age)) for number, age in enumerate(ages)]
    await documents.commit(customer_delta([*rows, person(10, created_at=None), person(11, created_at=None)]))
    audience = Audience(documents)
    seen: list[CustomerRow] = []
    while page := await audience.newest(
        EVERYONE, NOW, after=(seen[-1].created_at, seen[-1].id) if seen else None, limit=2
    ):
        seen += page
    assert [row.id for row in seen] == ["p0", "p4", "p5", "p1", "p2", "p3", "p6", "p7", "p10", "p11"]
    assert [row.id for row in await audience.newest(parse("visits < 3"), NOW)] == ["p0", "p1", "p2"]


ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range % 7 = 3"


async def test_query_over_its_time_limit_is_interrupted() -> None:
    """Somebody who waits gets an error that says what to do, the thread is free again, and others go on."""
    _, audience = await audience_with(1, 2)
    with pytest.raises(Invalid) as caught, query_time_limit(0.05):
        await audience.select(ENDLESS, [])
    assert [(error.field, error.code) for error in caught.value.fields] == [("rules", "too_heavy")]
    await asyncio.gather(*(audience.count(EVERYONE, NOW) for _ in range(50)))
    assert await audience.count(EVERYONE, NOW) == 2


async def test_query_that_must_be_done_has_no_time_limit() -> None:
    """Fan-out waits as long as it takes: a limit of one request does not reach another."""
    _, audience = await audience_with(1, 2)

    async def preview() -> None:
        with query_time_limit(0.0):
            await audience.count(EVERYONE, NOW)

    await audience.refresh()
    limited = asyncio.create_task(preview())
    assert await audience.count(EVERYONE, NOW) == 2
    with pytest.raises(Invalid):
        await limited


async def test_query_that_is_over_can_be_interrupted() -> None:
    """The thread may have closed the cursor just before the limit is noticed: that is no error of the server."""
    cursor = duckdb.connect()
    assert select(cursor, "SELECT 1", ()) == [(1,)]
    interrupt(cursor)
    with pytest.raises(duckdb.ConnectionException):
        cursor.interrupt()


async def test_rows_of_ids_returns_existing_customers() -> None:
    """Rows are returned for the ids that exist."""
    _, audience = await audience_with(1, 2, 11)
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
def test_connection_refuses_external_access(sql: str) -> None:
    """Even injected SQL cannot read files, write files or load extensions."""
    with pytest.raises(Exception, match=r"(Permission|Invalid Input) Error"):
        connect().execute(sql)
