"""What is done to a campaign, over HTTP. Each can be asked for again by who had no answer: it is done once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from common.web.app import Id
from common.web.auth import Manager

from ..app import With
from ..lifecycle.lifecycle import stored_campaign
from ..model.campaign import Campaign

router = APIRouter(prefix="/api/campaigns/{campaign_id}", tags=["campaigns"])


def _utc(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


class Start(BaseModel):
    model_config = ConfigDict(extra="forbid")

    at: Annotated[datetime, AfterValidator(_utc)] | None = Field(default=None, description="later; now, if not given")


@router.post("/launch", status_code=202, operation_id="launch_campaign")
async def launch_campaign(campaign_id: Id, services: With, member: Manager, start: Start | None = None) -> Campaign:
    """Everybody whom the rule finds at this moment, or at the start that is given, is written to once.

    A launch by somebody else is refused (409); whoever launched it may ask again, having had no answer.
    """
    found = await stored_campaign(services.documents, campaign_id)
    if start and start.at:
        await services.conductor.schedule(found, start.at, by=member.email)
    else:
        await services.conductor.launch(found, by=member.email)
    return Campaign.of(await services.documents.get(found.path))


@router.post("/pause", operation_id="pause_campaign")
async def pause_campaign(campaign_id: Id, services: With, member: Manager) -> Campaign:
    """Within five seconds nobody is sent to any more, until it is resumed."""
    found = await stored_campaign(services.documents, campaign_id)
    await services.conductor.pause(found, by=member.email)
    return Campaign.of(await services.documents.get(found.path))


@router.post("/resume", operation_id="resume_campaign")
async def resume_campaign(campaign_id: Id, services: With, member: Manager) -> Campaign:
    """Goes on where it was paused."""
    found = await stored_campaign(services.documents, campaign_id)
    await services.conductor.resume(found, by=member.email)
    return Campaign.of(await services.documents.get(found.path))


@router.post("/cancel", operation_id="cancel_campaign")
async def cancel_campaign(campaign_id: Id, services: With, member: Manager) -> Campaign:
    """Everybody who was not sent to yet is skipped, for good."""
    found = await stored_campaign(services.documents, campaign_id)
    await services.conductor.cancel(found, by=member.email)
    return Campaign.of(await services.documents.get(found.path))


@router.post("/retry", status_code=202, operation_id="retry_campaign")
async def retry_campaign(campaign_id: Id, services: With, member: Manager) -> Campaign:
    """Sends again to those whose message failed for a reason that may pass, and to nobody else."""
    found = await stored_campaign(services.documents, campaign_id)
    await services.conductor.retry(found, by=member.email)
    return Campaign.of(await services.documents.get(found.path))
