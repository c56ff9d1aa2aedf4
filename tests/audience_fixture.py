"""The audience index with given customers, and static segments with them, on documents in memory."""

from __future__ import annotations

from typing import Any

from common.audience import Audience, CustomerEvent, customer_delta, event_delta, row_from_document
from common.audience.people_lists import PeopleList, read_list
from common.storage.documents import Create, Documents
from common.storage.memory import MemoryDocuments
from tests.oracle import ZONE


async def write_list(documents: Documents, segment_id: str, content: PeopleList) -> None:
    """Writes a static segment that does not exist."""
    await documents.commit([Create(f"segments/{segment_id}", {"kind": "static"})])
    await documents.commit((await read_list(documents, segment_id)).writes(content))


async def audience_of(people: dict[str, dict[str, Any]]) -> Audience:
    """The index of these customers."""
    audience = Audience(await documents_with(people), zone=ZONE)
    await audience.refresh()
    return audience


async def documents_with(people: dict[str, dict[str, Any]]) -> MemoryDocuments:
    """The index of these customers; the key `events` has the events of each, `lists` the static segments."""
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
    for segment in {segment for customer in people.values() for segment in customer.get("lists", ())}:
        members = frozenset(id_ for id_, customer in people.items() if segment in customer.get("lists", ()))
        await write_list(documents, segment, PeopleList(people=members))
    return documents
