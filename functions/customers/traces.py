"""Traces: everything that Herald knows of one person, wherever it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from common.documents import Documents, Query, Snapshot, Where


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    customer: Snapshot
    activities: Sequence[Snapshot]
    claims: Sequence[Snapshot]  # the texts that were written for them
    receipts: Sequence[Snapshot]

    @property
    def anything(self) -> bool:
        return bool(self.customer.exists or self.activities or self.claims or self.receipts)


class Traces:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def of(self, customer_id: str) -> Found:
        customer = await self._documents.get(f"customers/{customer_id}")
        collections = ("activities", "claims", "receipts")
        activities, claims, receipts = await asyncio.gather(*(self._in(one, customer_id) for one in collections))
        return Found(customer=customer, activities=activities, claims=claims, receipts=receipts)

    async def _in(self, collection: str, customer_id: str) -> list[Snapshot]:
        of_them = [Where("customer", "==", customer_id)]
        return await self._documents.query(Query(collection=collection, where=of_them))
