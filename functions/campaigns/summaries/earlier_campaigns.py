"""The rates of a deployment's earlier campaigns, which a campaign is compared with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from common.caching import TtlCache
from common.catalogue.vendors import VENDORS
from common.messages.ledger import Ledger
from common.storage.documents import Documents, Query, Snapshot, Where

from ..model.campaign import Campaign
from .comparison import shares_of
from .rates import Rate, RateName, rates_of

READ = 60
"""Finished campaigns that are read at most; they include other channels."""
COMPARED = 20
CACHE_SECONDS = 3600
CACHE_SIZE = 1_000


@dataclass(frozen=True, slots=True)
class EarlierRates:
    """What one campaign is remembered by."""

    rates: Mapping[RateName, Rate]
    shares: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class EarlierCampaigns:
    """Reads the counters of up to 20 finished campaigns; each instance keeps their rates for an hour."""

    documents: Documents
    ledger: Ledger
    _rates: TtlCache[str, EarlierRates] = field(
        default_factory=lambda: TtlCache(max_size=CACHE_SIZE, ttl=CACHE_SECONDS), init=False
    )

    async def rates_before(self, campaign: Campaign) -> Sequence[Mapping[RateName, Rate]]:
        """The rates of the last campaigns on the same channel that were launched before this one.

        Those of the simulator, which reaches nobody, and those of real vendors are not compared with each other.
        """
        return [one.rates for one in await self._before(campaign)]

    async def shares_before(self, campaign: Campaign) -> Sequence[Mapping[str, float]]:
        """The shares of the same campaigns, as the figures of a campaign's page show them."""
        return [one.shares for one in await self._before(campaign)]

    async def _before(self, campaign: Campaign) -> Sequence[EarlierRates]:
        """The earlier campaigns on the channel, read once an hour."""
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

    async def _load(self, campaign: str) -> EarlierRates:
        statistics = await self.ledger.statistics(campaign)
        return EarlierRates(rates_of(statistics), shares_of(statistics))


def _is_earlier(one: Snapshot, campaign: Campaign) -> bool:
    launched = one.get("launched_at")
    before = campaign.launched_at is None or (launched is not None and launched < campaign.launched_at)
    is_alike = one["channel"] == campaign.channel and _is_real(one["vendor"]) == _is_real(campaign.vendor)
    return one.id != campaign.id and is_alike and before


def _is_real(vendor: str) -> bool:
    """Whether people get its messages."""
    return vendor not in VENDORS or VENDORS[vendor].sends_real_messages
