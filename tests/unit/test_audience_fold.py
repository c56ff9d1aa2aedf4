"""Folding: what it writes and removes, who may do it, and what is left when it dies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from common.audience import Audience, Folded, Row, change, fold, row_of, tombstone
from common.audience.index.connection import connect, files
from common.audience.index.manifest import Head
from common.audience.index.tables import HEAD
from common.errors import Conflict
from common.ids import bucket_of
from common.storage.documents import Create, Documents, Query, Write
from common.storage.memory import MemoryDocuments
from tests.index_simulation import Actor, Gate
from tests.unit.test_audience_rows import noise

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=6)
MUCH_LATER = NOW + timedelta(minutes=20)


def asha(version: int, name: str = "Asha") -> Row:
    return row_of("asha", {"bucket": bucket_of("asha"), "version": version, "name": name})


async def write(documents: Documents, rows: Sequence[Row], change_id: str | None = None) -> None:
    [one] = change(rows)
    await documents.commit([Create(f"audience/change-{change_id}", one.data) if change_id else one])


async def names(documents: Documents) -> dict[str, str | None]:
    audience = Audience(documents)
    return {row.id: row.name for row in await audience.newest(None, NOW)}


async def ids(documents: Documents, prefix: str) -> set[str]:
    found = await documents.query(Query(collection="audience", fields=()))
    return {one.id for one in found if one.id.startswith(prefix)}


async def head(documents: Documents) -> Head:
    return Head.of((await documents.get(HEAD)).data)


async def rows_in_blocks(documents: Documents) -> list[tuple[str, bool]]:
    with files() as folder:
        found = await documents.get_all([f"audience/{block}" for block in await ids(documents, "block-")])
        paths = folder.write({block.id: block["rows"] for block in found})
        return connect().execute("SELECT id, erased FROM read_parquet(?)", [paths]).fetchall()


async def test_changes_become_blocks() -> None:
    documents = MemoryDocuments()
    await write(documents, [asha(1), row_of("ravi", {"bucket": bucket_of("ravi"), "version": 2, "name": "Ravi"})])
    await write(documents, [asha(3, "Asha Rao")])
    assert await fold(documents, now=NOW, owner="a") == Folded(generation=1, changes=2, buckets=2, remaining=0)
    assert await ids(documents, "change-") == set()
    assert await ids(documents, "block-") == (await head(documents)).named()
    assert await names(documents) == {"asha": "Asha Rao", "ravi": "Ravi"}


async def test_nothing_to_fold_leaves_everything_as_it_is() -> None:
    documents = MemoryDocuments()
    assert await fold(documents, now=NOW, owner="a") is None
    assert not (await documents.get(HEAD)).exists


async def test_a_fold_takes_only_so_many_changes() -> None:
    documents = MemoryDocuments()
    for version in range(1, 6):
        await write(documents, [asha(version, f"Asha {version}")])
    folds = [await fold(documents, now=NOW, owner="a", most=2) for _ in range(4)]
    assert [one and one.remaining for one in folds] == [3, 1, 0, None]
    assert await names(documents) == {"asha": "Asha 5"}


async def test_a_tombstone_stays_while_an_older_change_waits() -> None:
    documents = MemoryDocuments()
    await write(documents, [asha(1)], "z")
    await write(documents, [tombstone("asha", version=2)], "a")
    await fold(documents, now=NOW, owner="a", most=1)
    assert await ids(documents, "change-") == {"change-z"}
    assert await rows_in_blocks(documents) == [("asha", True)]
    assert await names(documents) == {}
    await fold(documents, now=NOW, owner="a", most=1)
    assert await names(documents) == {}


async def test_a_fold_that_takes_everything_leaves_no_tombstone() -> None:
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    await write(documents, [tombstone("asha", version=2)])
    await fold(documents, now=NOW, owner="a")
    assert await rows_in_blocks(documents) == []


async def test_a_reader_follows_a_bucket_that_is_emptied_again_and_again() -> None:
    documents = MemoryDocuments()
    audience = Audience(documents)
    for version in (1, 3, 5):
        await write(documents, [asha(version)])
        await audience.refresh()
        assert await audience.count_all() == 1
        await write(documents, [tombstone("asha", version=version + 1)])
        await fold(documents, now=NOW, owner="a")
        await audience.refresh()
        assert await audience.count_all() == 0


async def test_replaced_blocks_stay_for_those_who_may_be_reading_them_and_then_go() -> None:
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    await fold(documents, now=NOW, owner="a")
    [first] = await ids(documents, "block-")
    await write(documents, [tombstone("asha", version=2)])
    await fold(documents, now=NOW, owner="a")
    assert first in await ids(documents, "block-")
    assert await fold(documents, now=LATER, owner="a") is None
    assert first in await ids(documents, "block-")
    assert await fold(documents, now=MUCH_LATER, owner="a") == Folded(generation=3, changes=0, buckets=0, remaining=0)
    assert first not in await ids(documents, "block-")
    assert await fold(documents, now=MUCH_LATER, owner="a") is None


async def test_blocks_are_small_enough_for_a_document() -> None:
    documents = MemoryDocuments()
    rows = [row_of(f"p{n}", {"bucket": 7, "version": 1, "name": noise(1_000 + n)}) for n in range(2_000)]
    await documents.commit(change(rows))
    await fold(documents, now=NOW, owner="a")
    blocks = (await head(documents)).blocks[7]
    sizes = [len(block["rows"]) for block in await documents.get_all([f"audience/{block}" for block in blocks])]
    assert len(sizes) > 1
    assert max(sizes) <= 900_000
    assert await Audience(documents).rows([row.id for row in rows]) == {row.id: row for row in rows}


async def begun(documents: Documents, calls: int, now: datetime = NOW) -> Actor:
    """A fold that has made some of its calls to the database."""
    gate = Gate(documents)
    actor = Actor(gate, fold(gate, now=now, owner="slow"))
    await actor.proceed(calls)
    return actor


async def test_two_do_not_fold_at_once() -> None:
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    slow = await begun(documents, 3)
    assert await fold(documents, now=NOW + timedelta(minutes=4), owner="b") is None
    await slow.finish()
    assert await names(documents) == {"asha": "Asha"}
    assert (await head(documents)).lease is None


@pytest.mark.parametrize("calls", range(1, 12))
async def test_a_fold_that_dies_anywhere_leaves_the_index_right(calls: int) -> None:
    documents = MemoryDocuments()
    await write(documents, [asha(1), row_of("ravi", {"bucket": bucket_of("ravi"), "version": 2, "name": "Ravi"})])
    await fold(documents, now=NOW, owner="a")
    await write(documents, [tombstone("asha", version=3)])
    slow = await begun(documents, calls)
    await slow.die()
    assert await names(documents) == {"ravi": "Ravi"}
    await fold(documents, now=LATER, owner="b")
    assert await names(documents) == {"ravi": "Ravi"}
    assert await ids(documents, "change-") == set()
    assert await ids(documents, "block-") == (await head(documents)).named()


@pytest.mark.parametrize("calls", range(3, 9))
async def test_a_slow_fold_that_was_overtaken_changes_nothing(calls: int) -> None:
    documents = MemoryDocuments()
    await write(documents, [asha(1)])
    slow = await begun(documents, calls)
    assert await fold(documents, now=LATER, owner="b")
    await write(documents, [asha(2, "Asha Rao")])
    moved = await head(documents)
    await slow.finish()
    assert await head(documents) == moved
    assert await ids(documents, "block-") == moved.named()
    assert await names(documents) == {"asha": "Asha Rao"}


class LosesAnAnswer(MemoryDocuments):
    """The commit that moves the head goes through, but is reported as a conflict, as after a client's own retry."""

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        if len(writes) > 1 and writes[0].path == HEAD:
            raise Conflict


async def test_a_lost_answer_does_not_cost_the_blocks() -> None:
    documents = LosesAnAnswer()
    await write(documents, [asha(1)])
    assert await fold(documents, now=NOW, owner="a") is None
    assert await names(documents) == {"asha": "Asha"}
