"""The sentences of a campaign: proposed by Gemini, checked, and those that its texts are built of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.errors import FieldError, Invalid
from common.events import WritingStyle
from common.guard.languages import SUPPORTED
from common.messages.plain_values import plain_fields
from common.messages.slots import SlottedMessage, cut_message, message_facts
from common.rules import Everyone, Rule
from common.storage.documents import Query
from common.writing.brief import LANGUAGES
from common.writing.sentences import JudgedSentence, Sentence, judge, language_of_sentences

from ..model.campaign import CampaignResponse
from ..sending.language_choice import PersonText, text_for
from ..sending.recipients import message_fields
from ..services import CampaignServices
from .checklist import resolve_audience
from .message_preview import sample_recipients

SAMPLE = 20  # people whose messages are looked at: the sentences are for the most frequent form
MAX_LANGUAGES = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class SentenceLanguage:
    """One language in which people of a campaign get texts: the message as most of them get it, and the brief."""

    message: SlottedMessage
    style: WritingStyle
    brief_language: str | None  # None: the message's own


async def propose_for(services: CampaignServices, campaign: CampaignResponse, *, variant: int) -> list[JudgedSentence]:
    """What Gemini proposes in the campaign's languages.

    Raises `Invalid` if texts in none of them can be checked, `BudgetUsedUp` and `Unavailable`.
    """
    languages = await _languages(services, campaign)
    if not languages:
        error = FieldError(field="message.body", code="language", message="Texts in its language cannot be checked.")
        raise Invalid("The message's language is not one that can be checked.", fields=[error])
    return await services.previews.propose(
        [(one.message, one.style, one.brief_language) for one in languages.values()], variant=variant
    )


async def check_sentences(
    services: CampaignServices, campaign: CampaignResponse, sentences: Sequence[Sentence]
) -> list[JudgedSentence]:
    """Each sentence with what the checks say of it, beside the most frequent form of the message in its language."""
    languages = await _languages(services, campaign)
    return [_judge(services, sentence, languages) for sentence in sentences]


async def sentences_in_use(services: CampaignServices, campaign: CampaignResponse) -> list[JudgedSentence]:
    """The campaign's own, and in languages in which it has none, what Gemini proposed for it at the start."""
    own = await check_sentences(services, campaign, campaign.own_sentences) if campaign.own_sentences else []
    stored = await services.documents.query(
        Query(
            collection="campaign_sentences",
            id_from=f"{campaign.id}.",
            id_before=f"{campaign.id}.~",
            limit=MAX_LANGUAGES,
        )
    )
    known = {sentence.language for sentence in own}
    proposed = [JudgedSentence.model_validate(one) for document in stored for one in document["sentences"]]
    return [*own, *(sentence for sentence in proposed if sentence.language not in known)]


def _judge(services: CampaignServices, sentence: Sentence, languages: Mapping[str, SentenceLanguage]) -> JudgedSentence:
    if (one := languages.get(sentence.language)) is None:
        problem = f"language: No text of this campaign is in {sentence.language!r}."
        return JudgedSentence(**sentence.model_dump(), problem=problem)
    return judge(sentence, one.message, services.previews.brief(one.style, one.brief_language))


async def _languages(services: CampaignServices, campaign: CampaignResponse) -> dict[str, SentenceLanguage]:
    """By language, of the campaign's texts that can be checked."""
    rule = (await resolve_audience(services, campaign)).rule or Everyone()
    languages: dict[str, SentenceLanguage] = {}
    for name in campaign.message.texts:
        own = text_for(campaign.message, campaign.style, {}, name=name)
        message = await _usual_message(services, campaign, rule, own)
        if message.background.language is not None and message.background.language not in SUPPORTED:
            continue
        wanted = [None, *LANGUAGES] if own.style.language == "person" else [own.style.language]
        for language in wanted:
            key = language_of_sentences(message, services.previews.brief(own.style, language))
            languages.setdefault(key, SentenceLanguage(message=message, style=own.style, brief_language=language))
    return languages


async def _usual_message(
    services: CampaignServices, campaign: CampaignResponse, rule: Rule, own: PersonText
) -> SlottedMessage:
    """One text of the message with its slots, as most people of the audience would get it."""
    sample = await sample_recipients(services, campaign, rule, people=SAMPLE, text=own.language)
    messages = [
        cut_message(own.template, plain_fields(message_fields(person.row, services.currency, services.zone)).values)
        for person in sample.people
    ]
    if not messages:
        return message_facts(own.template)
    [(usual, _)] = Counter(message.shape for message in messages).most_common(1)
    return next(message for message in messages if message.shape == usual)
