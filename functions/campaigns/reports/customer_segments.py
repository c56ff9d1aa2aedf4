"""The segments that one customer is in now."""

from __future__ import annotations

from pydantic import BaseModel

from common.audience.membership import which_match
from common.audience.reader import query_time_limit
from common.errors import Invalid, NotFound
from common.rules import Rule
from common.storage.documents import Query, Snapshot

from ..services import CampaignServices

MAX_SEGMENTS = 200
"""The newest segments that one request looks at."""
CHUNK = 20
"""The rules of one query."""


class SegmentOfCustomer(BaseModel):
    """A segment that the customer is in."""

    id: str
    name: str


class SegmentsOfCustomer(BaseModel):
    """The segments that the customer is in now, by name."""

    items: list[SegmentOfCustomer]
    next: None = None


async def find_segments_of(services: CampaignServices, customer_id: str) -> SegmentsOfCustomer:
    """Asks the rules of the newest `MAX_SEGMENTS` segments about one customer. Raises `NotFound` if there is none.

    Where something that a rule refers to is gone, nobody is in the segment.
    """
    await services.audience.refresh()
    if customer_id not in await services.audience.rows([customer_id]):
        raise NotFound("Customer not found.")
    newest = Query(collection="segments", order_by=("created_at", "desc"), limit=MAX_SEGMENTS)
    segments = [
        (stored, rule)
        for stored in await services.documents.query(newest)
        if (rule := await _rule_of(services, stored)) is not None
    ]
    found: list[SegmentOfCustomer] = []
    now = services.clock()
    with query_time_limit():
        for start in range(0, len(segments), CHUNK):
            chunk = segments[start : start + CHUNK]
            matches = await which_match(services.audience, [rule for _, rule in chunk], now, customer_id)
            found += [
                SegmentOfCustomer(id=stored.id, name=stored["name"])
                for (stored, _), is_in in zip(chunk, matches, strict=True)
                if is_in
            ]
    return SegmentsOfCustomer(items=sorted(found, key=lambda segment: segment.name.casefold()))


async def _rule_of(services: CampaignServices, stored: Snapshot) -> Rule | None:
    try:
        return await services.lifecycle.segment_rule(stored.id)
    except Invalid:
        return None
