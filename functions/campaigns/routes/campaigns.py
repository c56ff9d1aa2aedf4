"""Campaigns over HTTP: create, list, read and change."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel

from common.errors import FieldError, Invalid
from common.ids import random_id
from common.messages import templates
from common.storage.documents import Create
from common.web.app import DocumentId
from common.web.auth import Manager, Viewer, guarded_router

from ..model.audience import AudienceRequest, resolve_rule, rule_fields
from ..model.campaign import Campaign, CreateCampaignRequest, UpdateCampaignRequest, get_campaign_or_404
from ..model.vendor_choice import check_vendor
from ..services import CampaignServices, ServicesDep
from .pagination import newest_first_query, next_cursor

router = guarded_router("/api/campaigns", tag="campaigns")


class CampaignList(BaseModel):
    """A page of campaigns, newest first; `next` is the cursor of the next page."""

    items: list[Campaign]
    next: str | None


@router.post("", status_code=201, operation_id="create_campaign")
async def create_campaign(body: CreateCampaignRequest, services: ServicesDep, member: Manager) -> Campaign:
    """Creates a draft. Nothing is sent before the launch."""
    templates.validate_template(body.message)
    check_vendor(body.vendor, body.channel, services.available_vendors)
    path = f"campaigns/{random_id()}"
    fields = body.model_dump(include={"name", "message", "channel", "vendor", "personalization", "per_minute"})
    created = {"state": "draft", "created_at": services.clock(), "created_by": member.email}
    audience = await _audience_fields(body, services)
    await services.documents.commit([Create(path, {**fields, **audience, **created})])
    return Campaign.from_snapshot(await services.documents.get(path))


@router.get("", operation_id="list_campaigns")
async def list_campaigns(
    services: ServicesDep,
    member: Viewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(description="`next` of the previous page")] = None,
) -> CampaignList:
    """Newest first."""
    page = await services.documents.query(newest_first_query("campaigns", after=after, limit=limit))
    return CampaignList(items=[Campaign.from_snapshot(stored) for stored in page], next=next_cursor(page, limit))


@router.get("/{campaign_id}", operation_id="get_campaign")
async def get_campaign(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> Campaign:
    return Campaign.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))


@router.patch("/{campaign_id}", operation_id="change_campaign")
async def change_campaign(
    campaign_id: DocumentId, body: UpdateCampaignRequest, services: ServicesDep, member: Manager
) -> Campaign:
    """Changes a draft or scheduled campaign. After the launch, changes are refused (409)."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    if body.message:
        templates.validate_template(body.message)
    audience_names = {"text", "rules", "segment_id"}
    audience = await _audience_fields(body, services) if body.model_fields_set & audience_names else {}
    given = body.model_dump(exclude=audience_names, exclude_unset=True)
    fields = {name: value for name, value in given.items() if value is not None or name == "per_minute"}
    if "vendor" in fields or "channel" in fields:
        changed = {**(campaign.data or {}), **fields}
        check_vendor(changed["vendor"], changed["channel"], services.available_vendors)
    await services.lifecycle.change(campaign, {**fields, **audience}, by=member.email)
    return Campaign.from_snapshot(await services.documents.get(campaign.path))


async def _audience_fields(body: AudienceRequest, services: CampaignServices) -> dict[str, Any]:
    """The stored fields of the audience. The rule of a segment is read again at the launch."""
    if body.segment_id is None:
        return {"segment_id": None, **rule_fields(await resolve_rule(body, services.documents), services.currency)}
    if body.text is not None or body.rules is not None:
        error = FieldError(field="segment_id", code="one_of", message="Give a segment or a rule, not both.")
        raise Invalid("Give exactly one audience.", fields=[error])
    return {"segment_id": body.segment_id, **await services.lifecycle.resolve_segment(body.segment_id)}
