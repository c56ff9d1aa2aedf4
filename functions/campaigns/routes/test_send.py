"""Test messages over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.audience import CustomerRow
from common.audit import audit_entry, commit_entry
from common.errors import NotFound
from common.events import Personalization
from common.messages.templates import MessageText, render, render_preview
from common.rules import Everyone
from common.web.app import DocumentId
from common.web.auth import Sender, guarded_router
from common.web.principal import Principal
from common.writing.tasks import PersonalizedText

from ..model.campaign import CampaignResponse, get_campaign_or_404
from ..reports.checklist import require_message, resolve_audience
from ..reports.message_preview import sample_recipients
from ..sending.language_choice import PersonText, TextName, require_text, text_for
from ..sending.recipients import message_fields
from ..sending.test_send import MAX_ADDRESSES, create_messages
from ..services import CampaignServices, ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}", tag="campaigns")
AddressText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]


class SendTestRequest(BaseModel):
    """Where a test goes, and whose values it shows."""

    model_config = ConfigDict(extra="forbid")

    to: list[AddressText] = Field(min_length=1, max_length=MAX_ADDRESSES, description="of the campaign's channel")
    customer_id: str | None = Field(
        default=None, max_length=100, description="whose values the message shows; default: somebody of the audience"
    )
    language: TextName | None = Field(
        default=None, description="which of the message's texts; default: the one that the person would get"
    )


class SentTest(BaseModel):
    """What was sent."""

    to: list[str]
    customer_id: str | None  # whose values it shows; null if there is nobody
    language: str | None = None  # which of the message's texts it is; null if it has only one
    subject: str
    body: str
    personalized_by: Personalization
    fallback: str | None  # why the template was used instead of Gemini's text


@router.post("/test", status_code=202, operation_id="send_test")
async def send_test(campaign_id: DocumentId, body: SendTestRequest, services: ServicesDep, member: Sender) -> SentTest:
    """Sends the message to a few addresses as one person of the audience would get it, by Gemini if the campaign is.

    It is in no number of the campaign, and is given up if it cannot be sent at once. Suppressed addresses are refused.
    """
    campaign = CampaignResponse.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))
    require_message(services, campaign)
    require_text(campaign.message, body.language)
    addresses = await services.team_addresses.check(body.to, campaign.channel)
    row = await _person(services, campaign, body)
    own = text_for(campaign.message, campaign.style, _fields(services, row), name=body.language)
    text, written = await _write(services, campaign, own, row)
    by: Personalization = "gemini" if written.text else "template"
    messages = create_messages(
        campaign, addresses, text, personalized_by=by, fallback=written.fallback, clock=services.clock
    )
    shown = {"preview": render_preview(own.template, _fields(services, row)), "language": own.language}
    messages = [message.model_copy(update=shown) for message in messages]
    await _audit(services, campaign_id, len(messages), member)
    await services.publisher.publish(messages)
    return SentTest(
        to=[address.value for address in addresses],
        customer_id=row and row.id,
        language=own.language,
        subject=text.subject,
        body=text.body,
        personalized_by=by,
        fallback=written.fallback,
    )


async def _person(
    services: CampaignServices, campaign: CampaignResponse, wanted: SendTestRequest
) -> CustomerRow | None:
    """The customer, or else somebody of the audience who would get the text; None if there is nobody."""
    if wanted.customer_id:
        await services.audience.refresh()
        row = (await services.audience.rows([wanted.customer_id])).get(wanted.customer_id)
        if row is None:
            raise NotFound("There is no such customer.")
        return row
    rule = (await resolve_audience(services, campaign)).rule or Everyone()
    people = (await sample_recipients(services, campaign, rule, people=1, text=wanted.language)).people
    return people[0].row if people else None


async def _write(
    services: CampaignServices, campaign: CampaignResponse, own: PersonText, row: CustomerRow | None
) -> tuple[MessageText, PersonalizedText]:
    """The text, and what came of asking Gemini."""
    fields = _fields(services, row)
    template = render(own.template, fields)
    if campaign.personalization != "gemini" or row is None:
        return template, PersonalizedText(None)
    texts = await services.previews.write(
        own.template, own.style, {row.id: fields}, sentences=campaign.own_sentences, variant=0
    )
    written = texts[row.id]
    return written.text or template, written


def _fields(services: CampaignServices, row: CustomerRow | None) -> dict[str, Any]:
    """What the message knows of the person."""
    return message_fields(row, services.currency, services.zone) if row else {}


async def _audit(services: CampaignServices, campaign_id: str, addresses: int, member: Principal) -> None:
    subject = {"campaign": campaign_id, "addresses": addresses}
    entry = audit_entry("test message sent", by=member.actor, at=services.clock(), subject=subject)
    await commit_entry(services.documents, entry)
