"""Takes people who were erased out of campaigns that are over: see `common/messages/redactions.py`."""

from __future__ import annotations

import asyncio

from common.batching import chunked
from common.ids import bucket_of
from common.messages.redactions import redact_claim, redact_page, redact_receipt
from common.storage.documents import Delete, Documents, Query, Snapshot, Where, Write, pages

from ..sending.audience_plan import redact_plan

PAGE_SIZE = 100
MAX_UPDATES = 400
"""In one commit."""


class ErasedPeople:
    """Works through the notes of erasures. Every step can be repeated."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def redact_due(self) -> None:
        """Redacts what is left of erased people in campaigns that are not open, and removes their notes."""
        async for notes in pages(self._documents, Query(collection="redactions"), PAGE_SIZE):
            campaigns = await self._documents.get_all([f"campaigns/{note['campaign']}" for note in notes])
            for note, campaign in zip(notes, campaigns, strict=True):
                if not campaign.get("open"):
                    await self._redact(campaign, note["customer"])
                    await self._documents.commit([Delete(note.path)])

    async def _redact(self, campaign: Snapshot, customer_id: str) -> None:
        """Takes the person out of the plan, the pages, and what was written about the message after the erasure."""
        await redact_plan(self._documents, campaign, customer_id)
        prefix = f"{campaign.id}.{bucket_of(customer_id)}."
        planned = await self._documents.query(Query(collection="pages", id_from=prefix, id_before=f"{prefix}~"))
        claims, receipts = await asyncio.gather(
            self._records("claims", campaign, customer_id), self._records("receipts", campaign, customer_id)
        )
        writes: list[Write] = [write for page in planned if (write := redact_page(page, customer_id))]
        writes += [*map(redact_claim, claims), *map(redact_receipt, receipts)]
        for batch in chunked(writes, MAX_UPDATES):
            await self._documents.commit(batch)

    async def _records(self, collection: str, campaign: Snapshot, customer_id: str) -> list[Snapshot]:
        """What was written about the person's message after the erasure: that it is skipped."""
        own = Query(collection=collection, where=[Where("customer", "==", customer_id)])
        return [record for record in await self._documents.query(own) if record["campaign"] == campaign.id]
