"""Older and newer code on one index: columns that one of them does not know are missing, and are restored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from common.audience import CUSTOMERS, Audience, compact, customer_delta, row_from_document
from common.audience.index.connection import connect, scratch_directory
from common.audience.index.manifest import Manifest
from common.audience.index.tables import document_path
from common.audience.reconciliation import STATE_PATH, Reconciliation
from common.ids import bucket_of
from common.rules import parse
from common.storage.documents import Put
from common.storage.memory import MemoryDocuments
from tests.component.test_audience_reconciliation import NO_DEADLINE, customer
from tests.index_simulation import PEOPLE

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
NEW_COLUMN = "average_order_value"
OLDER_TABLE = replace(
    CUSTOMERS,
    columns={**{name: kind for name, kind in CUSTOMERS.columns.items() if name != NEW_COLUMN}, "shoe_size": "BIGINT"},
)
"""The table of customers as older code knows it: without the new column, with another one."""


async def write(documents: MemoryDocuments, *people: str, version: int = 1) -> None:
    stored = {one: customer(one, version, spend=300 * version, orders=2) for one in people}
    rows = [row_from_document(one, data) for one, data in stored.items()]
    await documents.commit([*(Put(f"customers/{one}", data) for one, data in stored.items()), *customer_delta(rows)])


async def values(documents: MemoryDocuments) -> dict[str, int | None]:
    return {row.id: row.average_order_value for row in await Audience(documents).newest(None, NOW)}


def shares_a_block(person: str) -> bool:
    """Whether the customer is in the bucket of the first one."""
    return bucket_of(person) == bucket_of(PEOPLE[0])


async def compacted_by_older_code() -> MemoryDocuments:
    documents = MemoryDocuments()
    await write(documents, *PEOPLE)
    await compact(documents, now=NOW, owner="older", table=OLDER_TABLE)
    return documents


async def test_column_missing_in_blocks_reads_as_missing() -> None:
    """A column that older blocks lack is missing in the rows."""
    documents = await compacted_by_older_code()
    assert await values(documents) == dict.fromkeys(PEOPLE)
    audience = Audience(documents)
    assert await audience.count(parse("spend = 3 AND orders = 2 AND average_order_value is missing"), NOW) == 3


async def test_blocks_with_and_without_column_are_read_together() -> None:
    """Blocks of older and newer code can be read together."""
    documents = await compacted_by_older_code()
    await write(documents, PEOPLE[0], version=2)
    assert await values(documents) == {**dict.fromkeys(PEOPLE), PEOPLE[0]: 300}
    await compact(documents, now=NOW, owner="newer")
    assert await values(documents) == {**dict.fromkeys(PEOPLE), PEOPLE[0]: 300}


async def test_older_code_reads_blocks_of_newer_code() -> None:
    """Older code ignores columns that it does not know."""
    documents = MemoryDocuments()
    await write(documents, *PEOPLE)
    await compact(documents, now=NOW, owner="newer")
    blocks = Manifest.from_document((await documents.get(CUSTOMERS.manifest_path)).data).referenced_blocks()
    with scratch_directory() as folder:
        found = await documents.get_all([document_path(block) for block in blocks])
        paths = folder.write({block.id: block["rows"] for block in found})
        rows = (
            connect()
            .execute(f"SELECT id, spend, shoe_size FROM ({OLDER_TABLE.select_from_blocks})", [paths])
            .fetchall()
        )
    assert sorted(rows) == sorted((one, 300, None) for one in PEOPLE)


async def test_changed_columns_start_a_full_scan() -> None:
    """After a change of the columns, every customer is compared once."""
    documents = await compacted_by_older_code()
    comparison = Reconciliation(documents, clock=lambda: NOW)
    await comparison.run_until(NO_DEADLINE)
    await write(documents, PEOPLE[0], version=2)
    await compact(documents, now=NOW, owner="newer")
    await comparison.run_until(NO_DEADLINE)
    assert await values(documents) == {**dict.fromkeys(PEOPLE, 150), PEOPLE[0]: 300}
    before = await documents.get(STATE_PATH)
    await compact(documents, now=NOW, owner="newer")
    await comparison.run_until(NO_DEADLINE)
    assert await documents.get(STATE_PATH) == replace(before, at=(await documents.get(STATE_PATH)).at)


async def test_column_lost_by_older_compaction_is_restored() -> None:
    """A column that a compaction by older code dropped is restored, as during a deployment or after a rollback."""
    documents = MemoryDocuments()
    comparison = Reconciliation(documents, clock=lambda: NOW)
    for version, table in enumerate([CUSTOMERS, OLDER_TABLE, CUSTOMERS], start=1):
        await write(documents, *PEOPLE, version=version)
        await compact(documents, now=NOW, owner="a", table=table)
        await comparison.run_until(NO_DEADLINE)
    await write(documents, PEOPLE[0], version=4)
    await compact(documents, now=NOW, owner="older", table=OLDER_TABLE)
    assert await values(documents) == {one: None if shares_a_block(one) else 450 for one in PEOPLE}
    await write(documents, PEOPLE[0], version=5)
    await compact(documents, now=NOW, owner="newer")
    await comparison.run_until(NO_DEADLINE)
    assert await values(documents) == {**dict.fromkeys(PEOPLE, 450), PEOPLE[0]: 750}
