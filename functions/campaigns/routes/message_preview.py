"""The preview of a campaign's message over HTTP."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from common.events import MessageTemplate
from common.messages.templates import render, validate_template
from common.rules import Everyone
from common.web.app import DocumentId
from common.web.auth import Manager, guarded_router

from ..model.campaign import CampaignResponse, get_campaign_or_404
from ..reports.checklist import resolve_audience
from ..reports.message_preview import Choice, MissingField, PreviewPerson, sample_recipients, used_fields
from ..sending.recipients import message_fields
from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}", tag="campaigns")


class MessagePreviewRequest(BaseModel):
    """How many people to choose at random; another seed chooses others."""

    model_config = ConfigDict(extra="forbid")

    people: int = Field(default=3, ge=0, le=10)
    seed: str = Field(default="", max_length=100)
    message: MessageTemplate | None = Field(default=None, description="a text that is not saved yet")


class PreviewText(BaseModel):
    """One text for one person."""

    subject: str
    body: str


class PersonPreview(BaseModel):
    """One person of the audience, and what they would get."""

    customer_id: str
    name: str | None
    choice: Choice  # why this person is shown
    missing: list[str]  # the fields of the message that the person lacks
    template: PreviewText


class MessagePreview(BaseModel):
    """The message for real people."""

    reachable: int  # how many people would get it
    is_audience: bool  # false: the campaign has no valid audience yet, so the people are any customers
    people: list[PersonPreview]
    missing: list[MissingField]


@router.post("/preview", operation_id="preview_message")
async def preview_message(
    campaign_id: DocumentId, services: ServicesDep, member: Manager, body: MessagePreviewRequest | None = None
) -> MessagePreview:
    """The campaign's template for people who would get it: random ones, one without a name, one with a long name.

    Gemini is not asked. `missing` says how many of all of them lack a field that the message uses.
    """
    wanted = body or MessagePreviewRequest()
    campaign = CampaignResponse.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))
    message = wanted.message or campaign.message
    validate_template(message)
    audience = await resolve_audience(services, campaign)
    fields = used_fields(message)
    sample = await sample_recipients(
        services, campaign, audience.rule or Everyone(), fields=fields, people=wanted.people, seed=wanted.seed
    )
    return MessagePreview(
        reachable=sample.reachable,
        is_audience=audience.rule is not None,
        people=[_person(person, message, fields, services) for person in sample.people],
        missing=MissingField.from_counts(sample.missing),
    )


def _person(
    person: PreviewPerson, message: MessageTemplate, fields: list[str], services: CampaignServices
) -> PersonPreview:
    """The text for one person, and what they lack."""
    values = message_fields(person.row, services.currency, services.zone)
    text = render(message, values)
    flat = values | {f"attributes.{name}": value for name, value in person.row.attributes.items()}
    return PersonPreview(
        customer_id=person.row.id,
        name=person.row.name,
        choice=person.choice,
        missing=[field for field in fields if flat.get(field) in (None, "")],
        template=PreviewText(subject=text.subject, body=text.body),
    )
