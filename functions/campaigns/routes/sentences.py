"""The sentences that the texts of a campaign are built of, over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from common.events import MessageTemplate, WritingStyle
from common.messages.templates import validate_template
from common.web.app import DocumentId
from common.web.auth import Manager, Viewer, guarded_router
from common.web.rate_limits import costs
from common.writing.sentences import MAX_SENTENCES, JudgedSentence, Sentence

from ..model.campaign import CampaignResponse, get_campaign_or_404
from ..reports.campaign_sentences import check_sentences, propose_for, sentences_in_use
from ..services import ServicesDep

router = guarded_router("/api/campaigns/{campaign_id}/sentences", tag="campaigns")


class ProposeSentencesRequest(BaseModel):
    """What is not saved yet, and which of Gemini's answers."""

    model_config = ConfigDict(extra="forbid")

    message: MessageTemplate | None = Field(default=None, description="a text that is not saved yet")
    style: WritingStyle | None = Field(default=None, description="one that is not saved yet")
    variant: int = Field(default=0, ge=0, le=1_000, description="another number asks Gemini for other sentences")


class CheckSentencesRequest(BaseModel):
    """The sentences to check, and what else is not saved yet."""

    model_config = ConfigDict(extra="forbid")

    sentences: Annotated[list[Sentence], Field(max_length=MAX_SENTENCES)]
    message: MessageTemplate | None = None
    style: WritingStyle | None = None


class SentenceList(BaseModel):
    """Sentences, each with what the checks say of it."""

    items: list[JudgedSentence]


@router.get("", operation_id="list_sentences", dependencies=costs(5))
async def list_sentences(campaign_id: DocumentId, services: ServicesDep, member: Viewer) -> SentenceList:
    """The campaign's sentences, or those that Gemini proposed at the start because it had none.

    `problem` says why a sentence is not used.
    """
    campaign = CampaignResponse.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))
    return SentenceList(items=await sentences_in_use(services, campaign))


@router.post("/propose", operation_id="propose_sentences")
async def propose_sentences(
    campaign_id: DocumentId, services: ServicesDep, member: Manager, body: ProposeSentencesRequest | None = None
) -> SentenceList:
    """Lets Gemini propose sentences in the campaign's languages: a call each, of those that previews may use (429).

    Nothing is saved: put into the campaign's `sentences` what is to be used.
    """
    wanted = body or ProposeSentencesRequest()
    campaign = await _read_with_changes(services, campaign_id, wanted.message, wanted.style)
    return SentenceList(items=await propose_for(services, campaign, variant=wanted.variant))


@router.post("/check", operation_id="check_sentences", dependencies=costs(3))
async def check(
    campaign_id: DocumentId, services: ServicesDep, member: Manager, body: CheckSentencesRequest
) -> SentenceList:
    """Says of each sentence why it could not be used in this campaign. Gemini is not asked, and nothing is saved."""
    campaign = await _read_with_changes(services, campaign_id, body.message, body.style)
    return SentenceList(items=await check_sentences(services, campaign, body.sentences))


async def _read_with_changes(
    services: ServicesDep, campaign_id: str, message: MessageTemplate | None, style: WritingStyle | None
) -> CampaignResponse:
    """The campaign with what is not saved yet. Raises `Invalid` if the message is not valid."""
    campaign = CampaignResponse.from_snapshot(await get_campaign_or_404(services.documents, campaign_id))
    shown = message or campaign.message
    validate_template(shown)
    return campaign.model_copy(update={"message": shown, "style": style or campaign.style})
