"""Campaigns over HTTP: create, list, read, change, copy and delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from common.catalogue.vendor_choice import check_vendor
from common.errors import FieldError, Forbidden, Invalid, Refused
from common.events import MessageTemplate
from common.messages import templates
from common.rules.validation import MAX_RULE_LENGTH
from common.storage.documents import Snapshot
from common.web.app import DocumentId
from common.web.auth import Manager, Viewer, guarded_router
from common.web.idempotency import IdempotencyDep
from common.web.principal import Principal
from common.web.private_queries import not_in_url
from common.web.rate_limits import costs

from ..lifecycle.drafts import (
    AUDIENCE_FIELDS,
    CONTENT_FIELDS,
    NO_AUDIENCE,
    copied_fields,
    create_draft,
    delete_draft,
)
from ..lifecycle.resend import build_unopened_rule
from ..model.approved_sentences import says_something_else, stored_sentences
from ..model.audience import AudienceRequest, resolve_rule, rule_fields
from ..model.campaign import (
    CampaignName,
    CampaignResponse,
    CreateCampaignRequest,
    UpdateCampaignRequest,
    get_campaign_or_404,
)
from ..model.states import State
from ..model.topic_choice import check_topic, topic_if_kept
from ..reports.campaign_list import CampaignFilter, count_by_state, find_campaigns, with_live_totals
from ..reports.checklist import Checklist, build_checklist, require_complete
from ..services import CampaignServices, ServicesDep
from .languages import DescriptionLanguage

router = guarded_router("/api/campaigns", tag="campaigns")
PageSize = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str | None, Field(max_length=1_000, description="`next` of the previous page")]
TEXTS_WRITTEN = (
    "After the launch only the pace can be changed, while the campaign is paused. The texts are already written for a "
    "part of the audience, and the ledger does not say who would get which version. Cancel the campaign, and launch a "
    "copy of it to those who got no message."
)

NULLABLE = frozenset(
    {"per_minute", "topic", "quiet_hours", "local_hour", "frequency_cap", "conversion_days", "simulation"}
)
"""Fields of which null says something of its own. Of the others, it changes nothing."""


class CampaignList(BaseModel):
    """A page of campaigns, newest first; `next` is the cursor of the next page."""

    items: list[CampaignResponse]
    next: str | None
    counts: dict[State, int] | None = None  # by state, without archived ones; on the first page only
    archived: int | None = None  # how many are archived; on the first page only


class CopyCampaignRequest(BaseModel):
    """The copy's name; without it, the original's with “(copy)”."""

    model_config = ConfigDict(extra="forbid")

    name: CampaignName | None = Field(default=None, min_length=1)


AsDraft = Annotated[
    bool,
    Query(
        alias="draft",
        description="save also what is not valid yet (template, rule, vendor); the checklist has the errors",
    ),
]


@router.post("", status_code=201, operation_id="create_campaign")
async def create_campaign(
    body: CreateCampaignRequest,
    services: ServicesDep,
    member: Manager,
    *,
    request: IdempotencyDep,
    as_draft: AsDraft = False,
) -> CampaignResponse:
    """Creates a draft; anything may be missing, and its checklist says what. Nothing is sent before the launch.

    With an `Idempotency-Key`, a repeated request creates one.
    """

    _check_may_be_transactional(member, body.transactional)

    async def create(campaign_id: str) -> CampaignResponse:
        if not as_draft:
            templates.validate_template(body.message)
            check_vendor(body.vendor, body.channel, services.available_vendors)
            await check_topic(services.documents, body.topic)
        audience = await _audience_fields(body, services, as_draft=as_draft)
        sentences = stored_sentences(body.sentences, (), by=member.actor, is_other_message=False)
        content = {**body.model_dump(include={*CONTENT_FIELDS}), **audience, "sentences": sentences}
        return await create_draft(services.documents, campaign_id, content, by=member.actor, now=services.clock())

    return await request.run(
        CampaignResponse, create, documents=services.documents, member=member, clock=services.clock
    )


class SearchCampaignsRequest(BaseModel):
    """Which campaigns, and which page of them."""

    model_config = ConfigDict(extra="forbid")

    search: str = Field(default="", max_length=200, description="words that the name contains, in any case")
    state: list[State] = Field(default=[], description="only these states")
    archived: bool = Field(default=False, description="archived campaigns instead of all others")
    limit: PageSize = 50
    after: Cursor = None


@router.get("", operation_id="list_campaigns", dependencies=not_in_url("search", instead="POST /api/campaigns/search"))
async def list_campaigns(
    services: ServicesDep,
    member: Viewer,
    *,
    limit: Annotated[PageSize, Query()] = 50,
    after: Annotated[Cursor, Query()] = None,
    state: Annotated[list[State], Query(description="only these states; repeat it for several")] = [],  # noqa: B006  # FastAPI copies it
    archived: Annotated[bool, Query(description="archived campaigns instead of all others")] = False,
) -> CampaignList:
    """Newest first. The totals of campaigns that are not finished are those of this moment.

    At most 1,000 campaigns are read for a page. Where many are archived, it can be short, and still have a `next`.
    """
    return await _list(SearchCampaignsRequest(state=state, archived=archived, limit=limit, after=after), services)


@router.post("/search", operation_id="search_campaigns")
async def search_campaigns(body: SearchCampaignsRequest, services: ServicesDep, member: Viewer) -> CampaignList:
    """The campaigns whose names have these words, as `GET /api/campaigns` lists all of them.

    At most 1,000 campaigns are read for a page: it can be short, and still have a `next`.
    """
    return await _list(body, services)


async def _list(wanted: SearchCampaignsRequest, services: CampaignServices) -> CampaignList:
    """One page; the first one also has the number of campaigns of each state."""
    chosen = CampaignFilter(states=wanted.state, search=wanted.search, archived=wanted.archived)
    page = await find_campaigns(services.documents, chosen, after=wanted.after, limit=wanted.limit)
    counts = None if wanted.after else await count_by_state(services.documents)
    items = [one.model_copy(update={"sentences": None}) for one in await with_live_totals(services.ledger, page.items)]
    return CampaignList(
        items=items, next=page.next, counts=counts and counts.by_state, archived=counts and counts.archived
    )


@router.get("/{campaign_id}", operation_id="get_campaign")
async def get_campaign(
    campaign_id: DocumentId, services: ServicesDep, member: Viewer, language: DescriptionLanguage = "en"
) -> CampaignResponse:
    campaign = CampaignResponse.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))
    rule = campaign.rule and campaign.rule.in_language(language, services.currency)
    return campaign.model_copy(update={"rule": rule})


@router.get("/{campaign_id}/checklist", operation_id="get_checklist", dependencies=costs(3))
async def get_checklist(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> Checklist:
    """What is missing or wrong before the campaign can be launched, and whom it would reach now."""
    return await build_checklist(services, await get_campaign_or_404(services.documents, campaign_id))


@router.patch("/{campaign_id}", operation_id="change_campaign")
async def change_campaign(
    campaign_id: DocumentId,
    body: UpdateCampaignRequest,
    services: ServicesDep,
    member: Manager,
    as_draft: AsDraft = False,
) -> CampaignResponse:
    """Changes a draft or scheduled campaign. After the launch only the pace can be changed, while paused (else 409).

    A scheduled campaign must stay complete: what its checklist would object to is refused (422).
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    _check_may_be_transactional(member, bool(body.transactional or campaign.get("transactional")))
    if campaign.get("launched_at"):
        return await _change_launched(services, campaign, body, by=member.actor)
    if body.message and not as_draft:
        templates.validate_template(body.message)
    has_audience = bool(body.model_fields_set & AUDIENCE_FIELDS)
    audience = await _audience_fields(body, services, as_draft=as_draft) if has_audience else {}
    given = body.model_dump(exclude={*AUDIENCE_FIELDS}, exclude_unset=True)
    if body.message and "languages" not in body.message.model_fields_set:  # as an old page of the editor sends it
        given["message"] |= {name: texts for name, texts in campaign["message"].items() if name == "languages"}
    fields = {name: value for name, value in given.items() if value is not None or name in NULLABLE} | audience
    fields.pop("sentences", None)
    fields |= _writing_fields(body, CampaignResponse.from_snapshot(campaign))
    message = MessageTemplate.model_validate(fields["message"]) if "message" in fields else None
    fields |= _sentence_fields(body, CampaignResponse.from_snapshot(campaign), message, by=member.actor)
    changed = replace(campaign, data={**(campaign.data or {}), **fields})
    if ("vendor" in fields or "channel" in fields) and not as_draft:
        check_vendor(changed["vendor"], changed["channel"], services.available_vendors)
    if not as_draft:
        await check_topic(services.documents, body.topic)
    if campaign["state"] == "scheduled":
        await require_complete(services, changed)
    if changed.data != campaign.data:  # a campaign as GET gave it changes nothing, not even its approval
        await services.lifecycle.change(campaign, fields, by=member.actor)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


def _writing_fields(body: UpdateCampaignRequest, campaign: CampaignResponse) -> dict[str, Any]:
    """The style, which keeps how Gemini writes if the request does not say it, as a page that was open before."""
    if body.style is None or "writing" in body.style.model_fields_set:
        return {}
    return {"style": body.style.model_copy(update={"writing": campaign.style.writing}).model_dump()}


def _sentence_fields(
    body: UpdateCampaignRequest, campaign: CampaignResponse, message: MessageTemplate | None, *, by: str
) -> dict[str, Any]:
    """The sentences as they are stored, if they or the message change; `message` is what it is then."""
    known = campaign.own_sentences
    given = known if body.sentences is None else body.sentences
    if not given and not known:
        return {}
    is_other_message = message is not None and says_something_else(message, campaign.message)
    if body.sentences is None and not is_other_message:
        return {}
    return {"sentences": stored_sentences(given, known, by=by, is_other_message=is_other_message)}


async def _change_launched(
    services: CampaignServices, campaign: Snapshot, body: UpdateCampaignRequest, *, by: str
) -> CampaignResponse:
    """Changes the pace of a paused campaign. Raises `Refused`, with the reason, for everything else."""
    if body.model_fields_set != {"per_minute"}:
        raise Refused(TEXTS_WRITTEN)
    if campaign["state"] == "running":
        raise Refused("Pause the campaign before you change its pace.")
    await services.lifecycle.change_pace(campaign, body.per_minute, by=by)
    return CampaignResponse.from_snapshot(await services.documents.get(campaign.path))


@router.delete("/{campaign_id}", status_code=204, operation_id="delete_campaign")
async def delete_campaign(campaign_id: DocumentId, services: ServicesDep, member: Manager) -> None:
    """Deletes a draft. A campaign in any other state is refused (409): its results are kept."""
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    await delete_draft(services.documents, campaign, by=member.actor, now=services.clock())


@router.post("/{campaign_id}/copy", status_code=201, operation_id="copy_campaign")
async def copy_campaign(
    campaign_id: DocumentId,
    services: ServicesDep,
    member: Manager,
    *,
    request: IdempotencyDep,
    body: CopyCampaignRequest | None = None,
) -> CampaignResponse:
    """A new draft with the content and the audience of this campaign, in whatever state it is.

    An audience that is a segment stays that segment, as it is now; if the segment is gone, its rule stays. A topic that
    was removed meanwhile is taken away. With an `Idempotency-Key`, a repeated request makes one copy.
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    name = (body and body.name) or f"{campaign['name'][:190]} (copy)".strip()
    fields = {**NO_AUDIENCE, **copied_fields(campaign), "name": name}
    fields |= await _still_allowed(fields, services, member)
    if segment := campaign.get("segment_id"):
        fields |= await _segment_fields(segment, services)

    async def copy(copy_id: str) -> CampaignResponse:
        return await create_draft(services.documents, copy_id, fields, by=member.actor, now=services.clock())

    return await request.run(CampaignResponse, copy, documents=services.documents, member=member, clock=services.clock)


@router.post("/{campaign_id}/resend", status_code=201, operation_id="resend_campaign")
async def resend_campaign(
    campaign_id: DocumentId,
    services: ServicesDep,
    member: Manager,
    *,
    request: IdempotencyDep,
    body: CopyCampaignRequest | None = None,
) -> CampaignResponse:
    """A new draft of this campaign, to those whom it reached and who did not open it.

    Only what a person did counts: a mail that only a machine opened, such as a scanner, counts as not opened. Who opens
    it before the launch of the draft gets nothing again. A topic that was removed meanwhile is taken away. With an
    `Idempotency-Key`, a repeated request makes one draft.
    """
    campaign = await get_campaign_or_404(services.documents, campaign_id)
    rule = await build_unopened_rule(services.documents, services.ledger, campaign)
    name = (body and body.name) or f"{campaign['name'][:190]} (again)".strip()
    fields = {**NO_AUDIENCE, **copied_fields(campaign), "segment_id": None, "name": name}
    fields |= rule_fields(rule, services.currency)
    fields |= await _still_allowed(fields, services, member)

    async def create(copy_id: str) -> CampaignResponse:
        return await create_draft(services.documents, copy_id, fields, by=member.actor, now=services.clock())

    return await request.run(
        CampaignResponse, create, documents=services.documents, member=member, clock=services.clock
    )


async def _still_allowed(fields: dict[str, Any], services: CampaignServices, member: Principal) -> dict[str, Any]:
    """Of a copy: what the member may not mark, and what was removed meanwhile, is taken away."""
    transactional = bool(fields.get("transactional")) and member.role == "admin"
    return {"transactional": transactional, "topic": await topic_if_kept(services.documents, fields.get("topic"))}


def _check_may_be_transactional(member: Principal, transactional: bool) -> None:
    """A transactional campaign reaches people who said no: an admin answers for what it says, and to whom."""
    if transactional and member.role != "admin":
        raise Forbidden("Only an admin may mark a campaign as transactional, and change such a campaign.")


async def _segment_fields(segment_id: str, services: CampaignServices) -> dict[str, Any]:
    """The rule of the segment as it is now. Without the segment, the copied rule is the audience."""
    try:
        return await services.lifecycle.resolve_segment(segment_id)
    except Invalid:
        return {"segment_id": None}


async def _audience_fields(body: AudienceRequest, services: CampaignServices, *, as_draft: bool) -> dict[str, Any]:
    """The stored fields of the audience. The rule of a segment is read again at the launch."""
    if not body.text and body.rules is None and body.segment_id is None:
        return NO_AUDIENCE
    try:
        return {**NO_AUDIENCE, **await _resolve_audience_fields(body, services)}
    except Invalid:
        if not as_draft or not body.text or body.segment_id or body.rules is not None:
            raise
        return {**NO_AUDIENCE, "rule_text": body.text[:MAX_RULE_LENGTH]}


async def _resolve_audience_fields(body: AudienceRequest, services: CampaignServices) -> dict[str, Any]:
    if body.segment_id is None:
        return rule_fields(await resolve_rule(body, services.documents, services.currency), services.currency)
    if body.text is not None or body.rules is not None:
        error = FieldError(field="segment_id", code="one_of", message="Give a segment or a rule, not both.")
        raise Invalid("Give exactly one audience.", fields=[error])
    return {"segment_id": body.segment_id, **await services.lifecycle.resolve_segment(body.segment_id)}
