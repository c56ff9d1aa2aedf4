"""The languages of a campaign's audience over HTTP."""

from __future__ import annotations

from common.web.app import DocumentId
from common.web.auth import Viewer, guarded_router
from common.web.rate_limits import costs

from ..model.campaign import CampaignResponse, get_campaign_or_404
from ..reports.message_languages import MessageLanguages, count_languages
from ..services import ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}", tag="campaigns")


@router.get("/languages", operation_id="get_message_languages", dependencies=costs(3))
async def get_message_languages(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> MessageLanguages:
    """How many of the people whom a launch would reach now speak which language, by their `attributes.language`.

    `message.languages` of a campaign can have a text for each language in `available`. Several people with one address
    count each.
    """
    campaign = CampaignResponse.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))
    return await count_languages(services, campaign)
