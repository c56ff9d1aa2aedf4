"""Actions on a campaign over HTTP. A repeated request has no further effect, so a client can always repeat it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from common.clock import UtcDatetime
from common.web.app import DocumentId
from common.web.auth import Manager, Sender, guarded_router

from ..model.campaign import CampaignResponse, get_campaign_or_404
from ..reports.checklist import require_ready
from ..services import ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}", tag="campaigns")


class LaunchRequest(BaseModel):
    """When the campaign starts."""

    model_config = ConfigDict(extra="forbid")

    at: UtcDatetime | None = Field(default=None, description="the start; default: now")


@router.post("/launch", status_code=202, operation_id="launch_campaign")
async def launch_campaign(
    campaign_id: DocumentId, services: ServicesDep, member: Sender, start: LaunchRequest | None = None
) -> CampaignResponse:
    """Sends one message to every customer who matches the rule at the start: now, or at the given time.

    A second launch by another member is refused (409). The member who launched can repeat the request. A campaign with
    open points in its checklist, or an audience of nobody, is refused (422), with one error for each of them.
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    if campaign["state"] in {"draft", "scheduled"}:
        await require_ready(services, campaign)
    if start and start.at:
        await services.lifecycle.schedule(campaign, start.at, by=member.email)
    else:
        await services.lifecycle.launch(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


@router.post("/pause", operation_id="pause_campaign")
async def pause_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Within five seconds nothing more is sent, until the campaign is resumed."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.pause(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


@router.post("/resume", operation_id="resume_campaign")
async def resume_campaign(campaign_id: DocumentId, services: ServicesDep, member: Sender) -> CampaignResponse:
    """Continues a paused campaign."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.resume(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


@router.post("/cancel", operation_id="cancel_campaign")
async def cancel_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Skips every message that was not sent yet. This cannot be undone."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.cancel(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


@router.post("/retry", status_code=202, operation_id="retry_campaign")
async def retry_campaign(campaign_id: DocumentId, services: ServicesDep, member: Sender) -> CampaignResponse:
    """Sends only those messages again that failed with a temporary error."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.retry(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))
