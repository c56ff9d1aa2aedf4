"""The preview of a campaign's message over HTTP."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from common.events import MessageTemplate, Personalization, WritingStyle
from common.messages.templates import render, render_preview, validate_template
from common.rules import Everyone
from common.web.app import DocumentId
from common.web.auth import Manager, guarded_router
from common.writing.tasks import PersonalizedText

from ..model.campaign import CampaignResponse, Sentences, get_campaign_or_404
from ..reports.checklist import resolve_audience
from ..reports.message_preview import Choice, MissingField, PreviewPerson, sample_recipients, used_fields
from ..sending.language_choice import TextName, require_text
from ..sending.recipients import message_fields
from ..services import CampaignServices, ServicesDep

MAX_WRITTEN_AT_RANDOM = 2  # with the others five people, for whom Gemini writes in one preview
router = guarded_router("/api/campaigns/{campaign_id}", tag="campaigns")


class MessagePreviewRequest(BaseModel):
    """How many people to choose at random; another seed chooses others."""

    model_config = ConfigDict(extra="forbid")

    people: int = Field(default=3, ge=0, le=10)
    seed: str = Field(default="", max_length=100)
    language: TextName | None = Field(
        default=None,
        description="only people who would get this text of the message; default: all, each with their own",
    )
    message: MessageTemplate | None = Field(default=None, description="a text that is not saved yet")
    style: WritingStyle | None = Field(default=None, description="one that is not saved yet")
    sentences: Sentences | None = Field(default=None, description="some that are not saved yet")
    written_by: Personalization = Field(
        default="template", description="gemini: its texts as well, for at most five people; this costs calls"
    )
    variant: int = Field(default=0, ge=0, le=1_000, description="another number asks Gemini for other texts")


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
    language: str | None = None  # which of the message's texts it is; null if it has only one
    preview: str | None = None  # what mail programs show beside the subject; Gemini does not write it
    gemini: PreviewText | None = None  # null if Gemini was not asked, or its text did not pass
    fallback: str | None = None  # why Gemini's text did not pass: this person would get the template


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
    """The campaign's message for people who would get it: random ones, one without a name, one with a long name, and
    one whose `attributes.language` is another than the message's. Each gets the text in their language.

    With `written_by: gemini`, Gemini's texts as well, within the calls that the deployment allows for a day (429).
    `missing` says how many of all the people lack a field that their text uses.
    """
    wanted = body or MessagePreviewRequest()
    campaign = CampaignResponse.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))
    message = wanted.message or campaign.message
    validate_template(message)
    require_text(message, wanted.language)
    audience = await resolve_audience(services, campaign)
    is_written = wanted.written_by == "gemini"
    sample = await sample_recipients(
        services,
        campaign,
        audience.rule or Everyone(),
        people=min(wanted.people, MAX_WRITTEN_AT_RANDOM) if is_written else wanted.people,
        message=message,
        text=wanted.language,
        seed=wanted.seed,
    )
    people = [_person(person, message, services) for person in sample.people]
    if is_written:
        fields_of = {one.row.id: message_fields(one.row, services.currency, services.zone) for one in sample.people}
        written = await services.previews.write(
            message,
            wanted.style or campaign.style,
            fields_of,
            sentences=campaign.own_sentences if wanted.sentences is None else wanted.sentences,
            variant=wanted.variant,
        )
        people = [_with_gemini(person, written[person.customer_id]) for person in people]
    return MessagePreview(
        reachable=sample.reachable,
        is_audience=audience.rule is not None,
        people=people,
        missing=MissingField.from_counts(sample.missing),
    )


def _with_gemini(person: PersonPreview, written: PersonalizedText) -> PersonPreview:
    text = written.text
    gemini = PreviewText(subject=text.subject, body=text.body) if text else None
    return person.model_copy(update={"gemini": gemini, "fallback": written.fallback})


def _person(person: PreviewPerson, message: MessageTemplate, services: CampaignServices) -> PersonPreview:
    """The text for one person, in their language, and what they lack."""
    values = message_fields(person.row, services.currency, services.zone)
    language = message.language_for(values)
    template = message.text_in(language)
    text = render(template, values)
    flat = values | {f"attributes.{name}": value for name, value in person.row.attributes.items()}
    return PersonPreview(
        customer_id=person.row.id,
        name=person.row.name,
        choice=person.choice,
        missing=[field for field in used_fields(template) if flat.get(field) in (None, "")],
        template=PreviewText(subject=text.subject, body=text.body),
        language=language,
        preview=render_preview(template, values),
    )
