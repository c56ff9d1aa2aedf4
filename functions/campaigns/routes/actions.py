"""Actions on a campaign over HTTP. A repeated request has no further effect, so a client can always repeat it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from common.clock import UtcDatetime
from common.events import RetryScope
from common.web.app import DocumentId
from common.web.auth import Manager, Principal, Sender, guarded_router
from common.web.idempotency import IdempotencyDep
from common.web.rate_limits import costs

from ..model.campaign import CampaignResponse, get_campaign_or_404
from ..reports.checklist import require_ready
from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}", tag="campaigns")


class LaunchRequest(BaseModel):
    """When the campaign starts."""

    model_config = ConfigDict(extra="forbid")

    at: UtcDatetime | None = Field(default=None, description="the start; default: now")


@router.post("/launch", status_code=202, operation_id="launch_campaign", dependencies=costs(5))
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
    return await _perform(services.lifecycle.unschedule, campaign_id, services, member)


@router.post("/archive", operation_id="archive_campaign")
async def archive_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Takes a finished or cancelled campaign out of the list. Its results are kept."""
    return await _perform(services.lifecycle.archive, campaign_id, services, member)


@router.post("/restore", operation_id="restore_campaign")
async def restore_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Brings an archived campaign back into the list."""
    return await _perform(services.lifecycle.restore, campaign_id, services, member)


@router.post("/pause", operation_id="pause_campaign")
async def pause_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Within five seconds nothing more is sent, until the campaign is resumed."""
    return await _perform(services.lifecycle.pause, campaign_id, services, member)


@router.post("/resume", operation_id="resume_campaign")
async def resume_campaign(campaign_id: DocumentId, services: ServicesDep, member: Sender) -> CampaignResponse:
    """Continues a paused campaign."""
    return await _perform(services.lifecycle.resume, campaign_id, services, member)


@router.post("/cancel", operation_id="cancel_campaign")
async def cancel_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> CampaignResponse:
    """Skips every message that was not sent yet. This cannot be undone."""
    return await _perform(services.lifecycle.cancel, campaign_id, services, member)


@router.post("/retry", status_code=202, operation_id="retry_campaign")
async def retry_campaign(campaign_id: DocumentId, services: ServicesDep, member: Sender) -> CampaignResponse:
    """Sends only those messages again that failed with a temporary error."""
    return await _perform(services.lifecycle.retry, campaign_id, services, member)


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
    retry = partial(services.lifecycle.retry, scope=SCOPES[body.decision])
    return await _perform(retry, campaign_id, services, member)


async def _perform(
    action: Callable[..., Awaitable[None]], campaign_id: str, services: CampaignServices, member: Principal
) -> CampaignResponse:
    """Perform an action of the lifecycle, and return the campaign as it is afterwards."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await action(campaign, by=member.email)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))
