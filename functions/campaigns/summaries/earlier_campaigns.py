"""The rates of a deployment's earlier campaigns, which a campaign is compared with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from common.caching import TtlCache
from common.messages.ledger import Ledger
from common.storage.documents import Documents, Query, Snapshot, Where

from ..model.campaign import Campaign
from .rates import Rate, RateName, rates_of

READ = 60
"""Finished campaigns that are read at most; they include other channels."""
COMPARED = 20
CACHE_SECONDS = 3600
CACHE_SIZE = 1_000


@dataclass(frozen=True, kw_only=True, eq=False)
class EarlierCampaigns:
    """Reads the counters of up to 20 finished campaigns; each instance keeps their rates for an hour."""

    documents: Documents
    ledger: Ledger
    _rates: TtlCache[str, Mapping[RateName, Rate]] = field(
        default_factory=lambda: TtlCache(max_size=CACHE_SIZE, ttl=CACHE_SECONDS), init=False
    )

    async def rates_before(self, campaign: Campaign) -> Sequence[Mapping[RateName, Rate]]:
        """The rates of the last campaigns on the same channel that were launched before this one."""
        newest = await self.documents.query(
            Query(
                collection="campaigns",
                where=[Where("state", "==", "finished")],
                order_by=("created_at", "desc"),
                limit=READ,
            )
        )
        earlier = [one.id for one in newest if _is_earlier(one, campaign)][:COMPARED]
        return await asyncio.gather(*(self._rates.get_or_load(id_, self._load) for id_ in earlier))

    async def _load(self, campaign: str) -> Mapping[RateName, Rate]:
        return rates_of(await self.ledger.statistics(campaign))


def _is_earlier(one: Snapshot, campaign: Campaign) -> bool:
    launched = one.get("launched_at")
    before = campaign.launched_at is None or (launched is not None and launched < campaign.launched_at)
    return one.id != campaign.id and one["channel"] == campaign.channel and before
