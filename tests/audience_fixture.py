"""The audience index with given customers, on documents in memory."""

from __future__ import annotations

from typing import Any

from common.audience import Audience, CustomerEvent, customer_delta, event_delta, row_from_document
from common.storage.memory import MemoryDocuments
from tests.oracle import ZONE


async def audience_of(people: dict[str, dict[str, Any]]) -> Audience:
    """The index of these customers; the key `events` has the events of each."""
    documents = MemoryDocuments()
    rows = [row_from_document(customer_id, customer) for customer_id, customer in people.items()]
    events = [
        CustomerEvent(
            id=f"{customer_id}-{number}",
            customer=customer_id,
            bucket=customer["bucket"],
            version=number,
            kind=one["kind"],
            campaign=one["campaign"],
            occurred_at=one["at"],
            amount=one["amount"],
        )
        for customer_id, customer in people.items()
        for number, one in enumerate(customer.get("events", ()))
    ]
    await documents.commit([*customer_delta(rows), *event_delta(events)])
    audience = Audience(documents, zone=ZONE)
    await audience.refresh()
    return audience
