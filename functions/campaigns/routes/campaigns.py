"""Campaigns over HTTP: drafted, listed, changed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from common.errors import FieldError, Invalid
from common.ids import random_id
from common.messages import templates as template
from common.storage.documents import Create
from common.web.app import Id
from common.web.auth import Manager, Viewer

from ..app import Services, With
from ..lifecycle.lifecycle import stored_campaign
from ..model.audience import AudienceIn, complete_rule, rule_fields
from ..model.campaign import Campaign, CampaignChange, CampaignIn
from .segments import newest_first, next_of

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])


class CampaignList(BaseModel):
    items: list[Campaign]
    next: str | None


@router.post("", status_code=201, operation_id="create_campaign")
async def create_campaign(given: CampaignIn, services: With, member: Manager) -> Campaign:
    """A draft: nobody is written to before it is launched."""
    template.check(given.message)
    path = f"campaigns/{random_id()}"
    fields = given.model_dump(include={"name", "message", "channel", "vendor", "personalization", "per_minute"})
    created = {"state": "draft", "created_at": services.clock(), "created_by": member.email}
    audience = await _audience(given, services)
    await services.documents.commit([Create(path, {**fields, **audience, **created})])
    return Campaign.of(await services.documents.get(path))


@router.get("", operation_id="list_campaigns")
async def list_campaigns(
    services: With,
    member: Viewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
) -> CampaignList:
    """Newest first."""
    found = await services.documents.query(newest_first("campaigns", after=after, limit=limit))
    return CampaignList(items=[Campaign.of(one) for one in found], next=next_of(found, limit))


@router.get("/{campaign_id}", operation_id="get_campaign")
async def get_campaign(campaign_id: Id, services: With, member: Viewer) -> Campaign:
    return Campaign.of(await stored_campaign(services.documents, campaign_id))


@router.patch("/{campaign_id}", operation_id="change_campaign")
async def change_campaign(campaign_id: Id, given: CampaignChange, services: With, member: Manager) -> Campaign:
    """Changes a campaign that was not launched yet; one that was stays as it is (409)."""
    found = await stored_campaign(services.documents, campaign_id)
    if given.message:
        template.check(given.message)
    chosen = {"text", "rules", "segment_id"}
    audience = await _audience(given, services) if given.model_fields_set & chosen else {}
    changed = given.model_dump(exclude=chosen, exclude_unset=True)
    fields = {name: value for name, value in changed.items() if value is not None or name == "per_minute"}
    await services.conductor.change(found, {**fields, **audience}, by=member.email)
    return Campaign.of(await services.documents.get(found.path))


async def _audience(given: AudienceIn, services: Services) -> dict[str, Any]:
    """The rule's fields; those of a segment as it is now, until the launch."""
    if given.segment_id is None:
        return {"segment_id": None, **rule_fields(await complete_rule(given, services.documents), services.currency)}
    if given.text is not None or given.rules is not None:
        place = FieldError(field="segment_id", code="one_of", message="Give a segment or a rule, not both.")
        raise Invalid("Give exactly one audience.", fields=[place])
    return {"segment_id": given.segment_id, **await services.conductor.segment_rule(given.segment_id)}
