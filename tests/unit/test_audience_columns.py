"""Code of two times meets at one index: columns that one of them does not know are missing there, and come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from common.audience import CUSTOMERS, Audience, change, fold, row_of
from common.audience.index.connection import connect, files
from common.audience.index.manifest import Head
from common.audience.index.reconciliation import STATE, Comparison
from common.audience.index.tables import HEAD, path
from common.ids import bucket_of
from common.rules import parse
from common.storage.documents import Put
from common.storage.memory import MemoryDocuments
from tests.index_simulation import PEOPLE
from tests.unit.test_audience_comparison import EVER, customer

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NEW = "average_order_value"
OLDER = replace(
    CUSTOMERS,
    columns={**{name: kind for name, kind in CUSTOMERS.columns.items() if name != NEW}, "shoe_size": "BIGINT"},
)
"""The customers' sheet before that column came, and while there was another."""


async def write(documents: MemoryDocuments, *people: str, version: int = 1) -> None:
    stored = {one: customer(one, version, spend=300 * version, orders=2) for one in people}
    rows = [row_of(one, data) for one, data in stored.items()]
    await documents.commit([*(Put(f"customers/{one}", data) for one, data in stored.items()), *change(rows)])


async def values(documents: MemoryDocuments) -> dict[str, int | None]:
    return {row.id: row.average_order_value for row in await Audience(documents).newest(None, NOW)}


def shares_a_block(person: str) -> bool:
    """With the first of them."""
    return bucket_of(person) == bucket_of(PEOPLE[0])


async def folded_by_older_code() -> MemoryDocuments:
    documents = MemoryDocuments()
    await write(documents, *PEOPLE)
    await fold(documents, now=NOW, owner="older", sheet=OLDER)
    return documents


async def test_a_column_that_blocks_lack_is_missing() -> None:
    documents = await folded_by_older_code()
    assert await values(documents) == dict.fromkeys(PEOPLE)
    audience = Audience(documents)
    assert await audience.count(parse("spend = 3 AND orders = 2 AND average_order_value is missing"), NOW) == 3


async def test_blocks_with_and_without_it_are_read_together() -> None:
    documents = await folded_by_older_code()
    await write(documents, PEOPLE[0], version=2)
    assert await values(documents) == {**dict.fromkeys(PEOPLE), PEOPLE[0]: 300}
    await fold(documents, now=NOW, owner="newer")
    assert await values(documents) == {**dict.fromkeys(PEOPLE), PEOPLE[0]: 300}


async def test_older_code_reads_what_newer_code_folded() -> None:
    documents = MemoryDocuments()
    await write(documents, *PEOPLE)
    await fold(documents, now=NOW, owner="newer")
    blocks = Head.of((await documents.get(HEAD)).data).named()
    with files() as folder:
        found = await documents.get_all([path(block) for block in blocks])
        paths = folder.write({block.id: block["rows"] for block in found})
        rows = connect().execute(f"SELECT id, spend, shoe_size FROM ({OLDER.from_blocks})", [paths]).fetchall()
    assert sorted(rows) == sorted((one, 300, None) for one in PEOPLE)


async def test_every_customer_is_looked_at_once_the_columns_are_others() -> None:
    documents = await folded_by_older_code()
    comparison = Comparison(documents, clock=lambda: NOW)
    await comparison.go_on(EVER)
    await write(documents, PEOPLE[0], version=2)
    await fold(documents, now=NOW, owner="newer")
    await comparison.go_on(EVER)
    assert await values(documents) == {**dict.fromkeys(PEOPLE, 150), PEOPLE[0]: 300}
    before = await documents.get(STATE)
    await fold(documents, now=NOW, owner="newer")
    await comparison.go_on(EVER)
    assert await documents.get(STATE) == replace(before, at=(await documents.get(STATE)).at)


async def test_what_an_older_fold_loses_comes_back() -> None:
    """As when both run while a version is deployed, or after it was taken back for a day."""
    documents = MemoryDocuments()
    comparison = Comparison(documents, clock=lambda: NOW)
    for version, sheet in enumerate([CUSTOMERS, OLDER, CUSTOMERS], start=1):
        await write(documents, *PEOPLE, version=version)
        await fold(documents, now=NOW, owner="a", sheet=sheet)
        await comparison.go_on(EVER)
    await write(documents, PEOPLE[0], version=4)
    await fold(documents, now=NOW, owner="older", sheet=OLDER)
    assert await values(documents) == {one: None if shares_a_block(one) else 450 for one in PEOPLE}
    await write(documents, PEOPLE[0], version=5)
    await fold(documents, now=NOW, owner="newer")
    await comparison.go_on(EVER)
    assert await values(documents) == {**dict.fromkeys(PEOPLE, 450), PEOPLE[0]: 750}
