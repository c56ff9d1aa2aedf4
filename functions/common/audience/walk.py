"""A walk through the whole index at one moment, a few buckets at a time.

Memory holds the buckets of one step, and the deltas that are not compacted yet. Everything is read as it was at the
moment at which the walk began, however long it takes: manifests, blocks, deltas and the lists of static segments. So
the steps together are exactly what one query over the whole index would have seen then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, tzinfo

from common.audience.bucket_choice import ALL_BUCKETS, group_buckets
from common.audience.index.connection import WORKER_SHARE, memory_of_instance
from common.audience.index.manifest import Manifest
from common.audience.index.tables import CUSTOMERS, EVENTS, IndexTable
from common.audience.list_reader import HashAddress
from common.audience.reader import Audience
from common.rules.sql import Condition
from common.storage.documents import Documents, Snapshot


class AudienceWalk(Audience):
    """The audience of one moment, whose customers and events are those of the present step's buckets."""

    def __init__(
        self,
        documents: Documents,
        *,
        manifests: Mapping[str, Snapshot],
        groups: list[list[int]],
        customers: Collection[int] = ALL_BUCKETS,
        zone: tzinfo = UTC,
        events: Condition | None = None,
        hash_address: HashAddress | None = None,
        memory_bytes: int | None = None,
    ) -> None:
        """`manifests` are those of all tables at one moment, by name; `groups` are the buckets of each step. Customers
        are loaded only of the buckets in `customers`."""
        super().__init__(
            documents,
            zone=zone,
            buckets=self._present_buckets,
            at=manifests[CUSTOMERS.name].at,
            events=events,
            hash_address=hash_address,
            memory_bytes=memory_bytes or int(memory_of_instance() * WORKER_SHARE),
        )
        self._manifests.update(manifests)
        self._groups = groups
        self._with_customers = customers
        self._present: list[int] = []

    async def steps(self) -> AsyncIterator[list[int]]:
        """Goes through all buckets in order; the buckets of each step. Every query sees these buckets only."""
        for group in self._groups:
            self._present = group
            self._forget_blocks()
            await self.refresh()
            yield group

    def _present_buckets(self, table: IndexTable, _: Manifest) -> Collection[int]:
        if table == CUSTOMERS:
            return [bucket for bucket in self._present if bucket in self._with_customers]
        return self._present


@asynccontextmanager
async def begin_walk(
    documents: Documents,
    *,
    customers: Collection[int] = ALL_BUCKETS,
    zone: tzinfo = UTC,
    events: Condition | None = None,
    hash_address: HashAddress | None = None,
    memory_bytes: int | None = None,
) -> AsyncIterator[AudienceWalk]:
    """A walk at this moment. Its memory, at most `memory_bytes`, is freed at the end.

    With `customers`, there are only the customers of these buckets, with `events`, only the events that it selects.
    """
    manifest = await documents.get(CUSTOMERS.manifest_path)
    manifests = {CUSTOMERS.name: manifest, EVENTS.name: await documents.get(EVENTS.manifest_path, at=manifest.at)}
    walk = AudienceWalk(
        documents,
        manifests=manifests,
        groups=group_buckets([Manifest.from_document(one.data) for one in manifests.values()]),
        customers=customers,
        zone=zone,
        events=events,
        hash_address=hash_address,
        memory_bytes=memory_bytes,
    )
    try:
        yield walk
    finally:
        walk.close()
