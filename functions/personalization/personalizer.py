"""Personalizes messages: one call to Gemini writes the texts of several recipients.

Each recipient gets a message: if Gemini is late or refuses, or its text violates the guard, the campaign's template is
rendered for the recipient, and the reason is stored.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from common.batching import Batcher
from common.clock import Clock, utc_now
from common.errors import HeraldError
from common.events import MessageReady, RecipientSelected
from common.llm.language_model import LanguageModel
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.messages.templates import MessageText, render
from common.pubsub.publisher import Publisher

from .guard import violation
from .prompt import build_prompt, parse_texts

log = logging.getLogger(__name__)
MAX_RECIPIENTS_PER_CALL = 10  # more save tokens, but increase the risk that texts are mixed up
MAX_PARALLEL_CALLS = 16  # for one campaign
LINGER_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class PersonalizedText:
    """Gemini's text, or the reason why the template is used instead."""

    text: MessageText | None
    fallback: str | None = None  # None also where Gemini is not asked


class Personalizer:
    """Turns each `RecipientSelected` into a `MessageReady`."""

    def __init__(
        self,
        *,
        model: LanguageModel,
        publisher: Publisher,
        campaign_states: CampaignStates,
        deferred: DeferredMessages,
        linger: float = LINGER_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._model = model
        self._publisher = publisher
        self._campaign_states = campaign_states
        self._deferred = deferred
        self._clock = clock
        self._batches: Batcher[RecipientSelected, PersonalizedText] = Batcher(
            self._write,
            max_items=MAX_RECIPIENTS_PER_CALL,
            max_concurrent=MAX_PARALLEL_CALLS,
            linger=linger,
            group_of=lambda recipient: recipient.campaign_id,
        )

    async def personalize(self, recipient: RecipientSelected) -> None:
        """Returns when the message is published for delivery, or deferred because its campaign is paused."""
        state = await self._campaign_states.get(recipient.campaign_id)
        if state.paused:
            await self._deferred.defer([DeferredMessage(event=recipient, reason="paused", until=self._clock())])
            return
        template = render(recipient.message, recipient.fields)
        generated = PersonalizedText(None) if state.cancelled else await self._generate(recipient)
        text = generated.text or template
        await self._publisher.publish(
            [
                MessageReady(
                    **recipient.model_dump(include={*MessageReady.model_fields} - {"personalization"}),
                    subject=text.subject,
                    body=text.body,
                    personalized_by="gemini" if generated.text else "template",
                    fallback=generated.fallback,
                )
            ]
        )

    async def _generate(self, recipient: RecipientSelected) -> PersonalizedText:
        if recipient.personalization == "template":
            return PersonalizedText(None)
        return await self._batches.submit(recipient)

    async def _write(self, recipients: Sequence[RecipientSelected]) -> Sequence[PersonalizedText]:
        """One call for all recipients. Two copies of one recipient's event get the same text."""
        unique = {recipient.message_id: recipient for recipient in recipients}
        try:
            answer = await self._model.generate(build_prompt(list(unique.values())))
            texts = dict(zip(unique, parse_texts(answer.content, len(unique)), strict=True))
        except HeraldError as error:
            details = {"recipients": len(unique), "reason": str(error)}
            log.warning("template instead of Gemini", extra={"event": "gemini_fallback", **details})
            return [PersonalizedText(None, str(error)[:300])] * len(recipients)
        return [_guarded(recipient, texts[recipient.message_id]) for recipient in recipients]


def _guarded(recipient: RecipientSelected, text: MessageText) -> PersonalizedText:
    reason = violation(text, template=render(recipient.message, recipient.fields), fields=recipient.fields)
    return PersonalizedText(None, reason) if reason else PersonalizedText(text)
