"""Person records: everything that is stored about one customer, in all collections."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from common.audience.merged_customers import ids_of, read_customer
from common.storage.documents import Documents, Query, Snapshot, Where

COLLECTIONS = ("activities", "claims", "receipts", "deferred")
SHOWN_COLLECTIONS = ("activities", "claims", "receipts")
MAX_SHOWN = 500
"""Documents per collection for a page: enough for 100 messages with five receipts each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRecordSet:
    """All records of one customer."""

    customer: Snapshot
    ids: Sequence[str]  # the customer's own, and those of the customers who were merged into this one
    activities: Sequence[Snapshot]
    claims: Sequence[Snapshot]  # the messages that were written for them
    receipts: Sequence[Snapshot]
    deferred: Sequence[Snapshot]  # messages to them that are deferred

    @property
    def exists(self) -> bool:
        """Whether anything at all is stored about the customer."""
        return bool(self.customer.exists or self.activities or self.claims or self.receipts or self.deferred)


class PersonRecords:
    """Reads the records of a customer."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def read_all(self, customer_id: str) -> PersonRecordSet:
        """Read all records, for an export or an erasure."""
        customer = await read_customer(self._documents, customer_id)
        return await self.read_records(customer, ids_of(customer))

    async def read_records(self, customer: Snapshot, ids: Sequence[str]) -> PersonRecordSet:
        """Read all records that are stored under these ids of the customer."""
        records = await asyncio.gather(*(self._read(collection, ids) for collection in COLLECTIONS))
        return PersonRecordSet(customer=customer, ids=ids, **dict(zip(COLLECTIONS, records, strict=True)))

    async def read_newest(self, customer_id: str) -> PersonRecordSet:
        """Read the newest records of each collection, without deferred messages. The cost does not grow with the
        customer's age."""
        customer = await read_customer(self._documents, customer_id)
        ids = ids_of(customer)
        records = await asyncio.gather(*(self._read_newest(collection, ids) for collection in SHOWN_COLLECTIONS))
        newest = dict(zip(SHOWN_COLLECTIONS, records, strict=True))
        return PersonRecordSet(customer=customer, ids=ids, deferred=(), **newest)

    async def _read_newest(self, collection: str, ids: Sequence[str]) -> list[Snapshot]:
        own = [Where("customer", "in", ids)]
        return await self._documents.query(
            Query(collection=collection, where=own, order_by=("at", "desc"), limit=MAX_SHOWN)
        )

    async def _read(self, collection: str, ids: Sequence[str]) -> list[Snapshot]:
        own = [Where("customer", "in", ids)]
        return await self._documents.query(Query(collection=collection, where=own))
