"""Personalizes messages: one call to Gemini writes the texts of several recipients.

Each recipient gets a message: if Gemini is late or refuses, or its text does not pass the checks, the campaign's
template is rendered for the recipient, and the reason is stored.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from common.batching import Batcher
from common.clock import Clock, utc_now
from common.events import MessageReady, RecipientSelected
from common.llm.language_model import LanguageModel
from common.llm.safety_net import NO_NET, SafetyNet
from common.llm.usage import MeteredModel
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.messages.plain_values import plain_fields
from common.messages.slots import SlottedMessage, cut_message
from common.messages.templates import render_preview
from common.pubsub.publisher import Publisher
from common.settings import HouseRuleSettings
from common.trace import note_outcome
from common.writing.writer import (
    MAX_RECIPIENTS_PER_CALL,
    PersonalizedText,
    WritingTask,
    create_task,
    fallback_name,
    write_texts,
)

from .budget import GeminiBudget
from .shared_texts import SharedTexts

log = logging.getLogger(__name__)
MAX_PARALLEL_CALLS = 16  # for one campaign
LINGER_SECONDS = 0.1
TAKEN_OVER = MessageReady.model_fields.keys() & RecipientSelected.model_fields.keys()
NO_HOUSE_RULES = HouseRuleSettings()


class Personalizer:
    """Turns each `RecipientSelected` into a `MessageReady`."""

    def __init__(
        self,
        *,
        model: LanguageModel,
        publisher: Publisher,
        campaign_states: CampaignStates,
        deferred: DeferredMessages,
        budget: GeminiBudget,
        net: SafetyNet = NO_NET,
        house: HouseRuleSettings = NO_HOUSE_RULES,
        linger: float = LINGER_SECONDS,
        recipients_per_call: int = MAX_RECIPIENTS_PER_CALL,
        clock: Clock = utc_now,
    ) -> None:
        self._model = model
        self._publisher = publisher
        self._campaign_states = campaign_states
        self._deferred = deferred
        self._clock = clock
        self._house = house
        self._budget = budget
        self._net = net
        self._shared = SharedTexts(self._write)
        self._batches: Batcher[WritingTask, PersonalizedText] = Batcher(
            self._write,
            max_items=recipients_per_call,
            max_concurrent=MAX_PARALLEL_CALLS,
            linger=linger,
            group_of=lambda task: task.group,
        )

    async def personalize(self, recipient: RecipientSelected) -> None:
        """Returns when the message is published for delivery, or deferred because its campaign is paused."""
        state = await self._campaign_states.get(recipient.campaign_id)
        if state.paused:
            note_outcome("deferred: paused")
            await self._deferred.defer([DeferredMessage(event=recipient, reason="paused", until=self._clock())])
            return
        plain = plain_fields(recipient.fields)
        message = cut_message(recipient.message, plain.values)
        wanted = recipient.personalization == "gemini" and not state.cancelled
        generated = await self._generate(recipient, message, plain.values) if wanted else PersonalizedText(None)
        text = generated.text or message.plain_text
        note_outcome(_outcome(generated))
        await self._publisher.publish(
            [
                MessageReady(
                    **recipient.model_dump(include=TAKEN_OVER),
                    subject=text.subject,
                    body=text.body,
                    preview=render_preview(recipient.message, recipient.fields),
                    personalized_by="gemini" if generated.text else "template",
                    fallback=generated.fallback,
                    refused_text=generated.refused,
                )
            ]
        )

    async def _generate(self, recipient: RecipientSelected, message: SlottedMessage, values: Any) -> PersonalizedText:
        """Gemini's text, written together with those of others, or why there is none."""
        today = self._clock().date()
        task = create_task(
            recipient.message_id,
            recipient.campaign_id,
            message,
            values,
            style=recipient.style,
            house=self._house,
            today=today,
        )
        if isinstance(task, PersonalizedText):
            return task
        return await (self._shared.text_for(task) if task.variants else self._batches.submit(task))

    async def _write(self, tasks: Sequence[WritingTask]) -> Sequence[PersonalizedText]:
        """The texts of one call, or the template for all of its recipients if the budget is used up."""
        campaign_id = tasks[0].campaign_id
        if reason := await self._budget.reserve(campaign_id, tasks[0].max_calls):
            texts: Sequence[PersonalizedText] = [PersonalizedText(None, reason) for _ in tasks]
        else:
            model = MeteredModel(self._model)
            texts = await write_texts(model, tasks, net=self._net)
            await self._budget.record(campaign_id, model.used)
        _log_fallbacks(campaign_id, texts)
        return texts


def _outcome(generated: PersonalizedText) -> str:
    """Who wrote the text; of a template instead of Gemini's text, the name of the reason."""
    if generated.text:
        return "gemini"
    return f"template: {fallback_name(generated.fallback)}" if generated.fallback else "template"


def _log_fallbacks(campaign_id: str, texts: Sequence[PersonalizedText]) -> None:
    """One line for each check, by its name and without texts: these may have what a person wrote."""
    reasons = Counter(fallback_name(text.fallback) for text in texts if text.fallback)
    for reason, number in reasons.items():
        details = {"campaign": campaign_id, "reason": reason, "recipients": number}
        log.warning("template instead of Gemini", extra={"event": "gemini_fallback", **details})
