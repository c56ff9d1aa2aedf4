"""Traces: everything that Herald knows of one person, wherever it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from common.storage.documents import Documents, Query, Snapshot, Where

COLLECTIONS = ("activities", "claims", "receipts", "held")
SHOWN = ("activities", "claims", "receipts")
MOST_SHOWN = 500
"""Of each, for a page: enough for 100 messages with five receipts each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    customer: Snapshot
    activities: Sequence[Snapshot]
    claims: Sequence[Snapshot]  # the texts that were written for them
    receipts: Sequence[Snapshot]
    held: Sequence[Snapshot]  # messages to them that wait

    @property
    def anything(self) -> bool:
        return bool(self.customer.exists or self.activities or self.claims or self.receipts or self.held)


class Traces:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def of(self, customer_id: str) -> Found:
        customer = await self._documents.get(f"customers/{customer_id}")
        found = await asyncio.gather(*(self._in(one, customer_id) for one in COLLECTIONS))
        return Found(customer=customer, **dict(zip(COLLECTIONS, found, strict=True)))

    async def newest(self, customer_id: str) -> Found:
        """Of each the newest alone, and of what waits nothing: however long someone is a customer, it costs no more."""
        customer = await self._documents.get(f"customers/{customer_id}")
        found = await asyncio.gather(*(self._newest_in(one, customer_id) for one in SHOWN))
        return Found(customer=customer, held=(), **dict(zip(SHOWN, found, strict=True)))

    async def _newest_in(self, collection: str, customer_id: str) -> list[Snapshot]:
        of_them = [Where("customer", "==", customer_id)]
        return await self._documents.query(
            Query(collection=collection, where=of_them, order_by=("at", "desc"), limit=MOST_SHOWN)
        )

    async def _in(self, collection: str, customer_id: str) -> list[Snapshot]:
        of_them = [Where("customer", "==", customer_id)]
        return await self._documents.query(Query(collection=collection, where=of_them))
