"""Actions on a campaign over HTTP. A repeated request has no further effect, so a client can always repeat it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from common.clock import UtcDatetime
from common.events import RetryScope
from common.web.app import DocumentId
from common.web.auth import Manager, Sender, guarded_router
from common.web.idempotency import IdempotencyDep

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
    campaign_id: DocumentId,
    *,
    services: ServicesDep,
    member: Sender,
    request: IdempotencyDep,
    start: LaunchRequest | None = None,
) -> CampaignResponse:
    """Sends one message to every customer who matches the rule at the start: now, or at the given time.

    A second launch by another member is refused (409). The member who launched can repeat the request. A campaign with
    open points in its checklist, or an audience of nobody, is refused (422), with one error for each of them. With an
    `Idempotency-Key`, a repeated request gets the first answer, whatever has happened to the campaign since.
    """

    async def launch(_: str) -> CampaignResponse:
        campaign = await get_campaign_or_404(services.documents, campaign_id)
        if campaign["state"] in {"draft", "scheduled"}:
            await require_ready(services, campaign)
        if start and start.at:
            await services.lifecycle.schedule(campaign, start.at, by=member.email)
        else:
            await services.lifecycle.launch(campaign, by=member.email)
        return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))

    return await request.run(
        CampaignResponse, launch, documents=services.documents, member=member, clock=services.clock
    )


@router.post("/unschedule", operation_id="unschedule_campaign")
async def unschedule_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Makes a scheduled campaign a draft again."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.unschedule(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


@router.post("/archive", operation_id="archive_campaign")
async def archive_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Takes a finished or cancelled campaign out of the list. Its results are kept."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.archive(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


@router.post("/restore", operation_id="restore_campaign")
async def restore_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Brings an archived campaign back into the list."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.restore(campaign, by=member.email)
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


class UnknownDecision(BaseModel):
    """What to do with the messages whose fate is unknown."""

    model_config = ConfigDict(extra="forbid")

    decision: Literal["send_again", "record_as_failed"] = Field(
        description="`send_again`: people who got the message may get it a second time"
    )


SCOPES: dict[str, RetryScope] = {"send_again": "unknown", "record_as_failed": "unknown_as_failed"}


@router.post("/unknown", status_code=202, operation_id="decide_unknown")
async def decide_unknown(
    campaign_id: DocumentId, body: UnknownDecision, services: ServicesDep, member: Sender
) -> CampaignResponse:
    """Sends all messages again that the vendor may have or not have, or records them as failed.

    Herald never does this by itself: the vendor did not report, and no longer recognizes these messages.
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await services.lifecycle.retry(campaign, by=member.email, scope=SCOPES[body.decision])
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))
