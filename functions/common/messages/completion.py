"""Whether a campaign has nothing pending any more, at one read.

pages/{campaign}.…      audience, last   who is in the audience, and whether all of its pages are done
counters/{campaign}.…   outcomes         the number of outcomes, without those that a later attempt replaces
"""

from __future__ import annotations

from cachetools import LRUCache

from common.ids import BUCKETS
from common.storage.documents import Documents, Query, Where

MAX_CACHED = 1000


class Completion:
    """Looks whether campaigns are complete. The size of an audience is kept as soon as it is final."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._audiences: LRUCache[str, int] = LRUCache(MAX_CACHED)

    async def is_complete(self, campaign_id: str) -> bool:
        """Whether fan-out is finished and everybody has an outcome.

        If outcomes and pages come from several processes, each looks after its last commit, and one of them sees all.
        """
        audience = self._audiences.get(campaign_id)
        if audience is None:
            audience = await self._read_audience(campaign_id)
        if audience is None:
            return False
        counted = await self._documents.sums(_of_campaign("counters", campaign_id), ["outcomes"])
        return counted["outcomes"] >= audience

    async def _read_audience(self, campaign_id: str) -> int | None:
        """The size of the audience; None while fan-out is not finished."""
        pages = await self._documents.sums(_of_campaign("pages", campaign_id), ["audience", "last"])
        if pages["last"] != BUCKETS:
            return None
        self._audiences[campaign_id] = pages["audience"]
        return pages["audience"]


def _of_campaign(collection: str, campaign_id: str) -> Query:
    return Query(collection=collection, where=[Where("campaign", "==", campaign_id)])
