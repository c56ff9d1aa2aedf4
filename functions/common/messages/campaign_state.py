"""The state of a campaign, as the functions that handle its messages need it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from common.batching import Batcher
from common.caching import TtlCache
from common.events import SimulationChoice, TrackingChoice
from common.storage.documents import Documents, Snapshot

CLOSED_STATES = frozenset({"finished", "cancelled"})
CACHE_TTL_SECONDS = 2.0
"""A pause takes effect everywhere within 5 seconds; this is the part of that time that a cached state may add."""
MAX_CACHED = 1000


@dataclass(frozen=True, slots=True)
class CampaignState:
    """Whether the messages of one campaign are to be sent, deferred or skipped, and how."""

    state: str | None  # None if the campaign does not exist
    tracking: TrackingChoice = field(default_factory=TrackingChoice)
    frequency_cap: str | None = None  # the one with which the audience was planned; `off`: its messages only count
    simulation: SimulationChoice | None = None  # how the simulator behaves for it

    @property
    def paused(self) -> bool:
        return self.state == "paused"

    @property
    def cancelled(self) -> bool:
        return self.state == "cancelled"


def is_closed(campaign: Snapshot) -> bool:
    """Whether each message of the campaign has its outcome. A cancelled campaign is open until then."""
    return campaign.get("state") in CLOSED_STATES and not campaign.get("open")


def _state_of(campaign: Snapshot) -> CampaignState:
    simulation = campaign.get("simulation")
    return CampaignState(
        campaign.get("state"),
        tracking=TrackingChoice.model_validate(campaign.get("tracking") or {}),
        frequency_cap=campaign.get("planned_cap"),
        simulation=SimulationChoice.model_validate(simulation) if simulation else None,
    )


class CampaignStates:
    """Campaign states, cached for two seconds.

    The state "paused" is not cached: a message that arrives now may have been requeued after the campaign was resumed,
    and must not be deferred again. `monotonic` is the clock of the cache, in seconds.
    """

    def __init__(self, documents: Documents, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._documents = documents
        self._cache: TtlCache[str, CampaignState] = TtlCache(
            max_size=MAX_CACHED, ttl=CACHE_TTL_SECONDS, clock=monotonic
        )
        self._reads: Batcher[str, CampaignState] = Batcher(self._read, max_items=1000, max_concurrent=4)

    async def get(self, campaign_id: str) -> CampaignState:
        return self._cache.get(campaign_id) or await self._reads.submit(campaign_id)

    async def _read(self, campaign_ids: Sequence[str]) -> Sequence[CampaignState]:
        """The states in the order of the ids; each campaign is read once."""
        unique_ids = list(dict.fromkeys(campaign_ids))
        snapshots = await self._documents.get_all([f"campaigns/{campaign_id}" for campaign_id in unique_ids])
        states = {campaign_id: _state_of(snapshot) for campaign_id, snapshot in zip(unique_ids, snapshots, strict=True)}
        for campaign_id, state in states.items():
            if not state.paused:
                self._cache.set(campaign_id, state)
        return [states[campaign_id] for campaign_id in campaign_ids]
