"""Campaigns over HTTP: drafted, changed, launched."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from common import template
from common.access import Manager, Member, Viewer
from common.documents import Create, Snapshot, Update
from common.errors import Conflict, FieldError, Invalid, NotFound, Refused
from common.events import FanOut
from common.ids import BUCKETS, random_id
from common.rules import check

from .api import Services, With
from .campaign import Campaign, CampaignChange, CampaignIn
from .segments import newest_first, next_of, stored_segment
from .targeting import AudienceIn, rule_fields, rule_of

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])


class CampaignList(BaseModel):
    items: list[Campaign]
    next: str | None


@router.post("", status_code=201, operation_id="create_campaign")
async def create_campaign(given: CampaignIn, services: With, member: Manager) -> Campaign:
    """A draft: nobody is written to before it is launched."""
    template.check(given.message)
    path = f"campaigns/{random_id()}"
    fields = given.model_dump(include={"name", "message", "channel", "vendor", "personalization"})
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
async def get_campaign(campaign_id: str, services: With, member: Viewer) -> Campaign:
    return Campaign.of(await stored_campaign(services, campaign_id))


@router.patch("/{campaign_id}", operation_id="change_campaign")
async def change_campaign(campaign_id: str, given: CampaignChange, services: With, member: Manager) -> Campaign:
    """Changes a draft; a campaign that was launched stays as it is (409)."""
    found = await _draft(services, campaign_id)
    if given.message:
        template.check(given.message)
    chosen = {"text", "rules", "segment_id"}
    audience = await _audience(given, services) if given.model_fields_set & chosen else {}
    fields = given.model_dump(exclude=chosen, exclude_none=True)
    await _change(services, found, {**fields, **audience})
    return Campaign.of(await services.documents.get(found.path))


@router.post("/{campaign_id}/launch", status_code=202, operation_id="launch_campaign")
async def launch_campaign(campaign_id: str, services: With, member: Manager) -> Campaign:
    """From here on everybody whom the rule finds at this moment is written to, once. A second launch is refused."""
    found = await _draft(services, campaign_id)
    await _change(services, found, await _launch(found, services, member), f"launched by {member.email}", member)
    await services.publisher.publish([FanOut(campaign_id=found.id, bucket=bucket) for bucket in range(BUCKETS)])
    return Campaign.of(await services.documents.get(found.path))


async def stored_campaign(services: Services, campaign_id: str) -> Snapshot:
    found = await services.documents.get(f"campaigns/{campaign_id}") if "/" not in campaign_id else None
    if found is None or not found.exists:
        raise NotFound("There is no such campaign.")
    return found


async def _draft(services: Services, campaign_id: str) -> Snapshot:
    found = await stored_campaign(services, campaign_id)
    if found["state"] != "draft":
        raise Refused(f"The campaign is {found['state']}: only a draft can be changed or launched.")
    return found


async def _audience(given: AudienceIn, services: Services) -> dict[str, Any]:
    """The rule's fields; those of a segment as it is now, until the launch."""
    if given.segment_id is None:
        return {
            "segment_id": None,
            **rule_fields(rule_of(given), services.currency),
        }
    if given.text is not None or given.rules is not None:
        place = FieldError(field="segment_id", code="one_of", message="Give a segment or a rule, not both.")
        raise Invalid("Give exactly one audience.", fields=[place])
    return {"segment_id": given.segment_id, **await _segment_rule(services, given.segment_id)}


async def _segment_rule(services: Services, segment_id: str) -> dict[str, Any]:
    try:
        segment = await stored_segment(services, segment_id)
    except NotFound as error:
        place = FieldError(field="segment_id", code="not_found", message="There is no such segment.")
        raise Invalid("The audience does not exist.", fields=[place]) from error
    return dict(rule_fields(check(json.loads(segment["rules"])), services.currency))


async def _launch(found: Snapshot, services: Services, member: Member) -> dict[str, Any]:
    frozen = await _segment_rule(services, found["segment_id"]) if found.get("segment_id") else {}
    return frozen | {"state": "running", "launched_at": services.clock(), "launched_by": member.email}


async def _change(
    services: Services, found: Snapshot, fields: dict[str, Any], what: str | None = None, who: Member | None = None
) -> None:
    """Of two changes in the same moment one wins, and the other is told."""
    writes: list[Create | Update] = [Update(found.path, fields, found.version)]
    if what and who:
        entry = {"at": services.clock(), "who": who.email, "what": what, "campaign": found.id}
        writes.append(Create(f"audit/{random_id()}", entry))
    try:
        await services.documents.commit(writes)
    except Conflict as error:
        raise Refused("The campaign was changed or launched by somebody else in the same moment.") from error
