"""The estimate of a campaign over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from common.clock import UtcDatetime
from common.web.app import DocumentId
from common.web.auth import Manager, guarded_router

from ..model.campaign import CampaignResponse, get_campaign_or_404
from ..reports.estimate import CampaignEstimate, estimate_campaign
from ..services import ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}", tag="campaigns")


@router.post("/estimate", operation_id="estimate_campaign")
async def estimate(
    campaign_id: DocumentId,
    services: ServicesDep,
    member: Manager,
    start_at: Annotated[UtcDatetime | None, Query(description="when it starts; without it, now")] = None,
) -> CampaignEstimate:
    """What a launch would cost now and how long it would take: computed from some of the people, without Gemini.

    `missing` says how many people lack a field that the message uses, `waiting` how many wait for the clock where they
    are, and when the last one gets the message.
    """
    stored = await get_campaign_or_404(services.documents, campaign_id)
    return await estimate_campaign(services, CampaignResponse.from_snapshot(stored), start_at=start_at)
