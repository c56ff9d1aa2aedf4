"""Personalizes messages: one call to Gemini writes the texts of several recipients, or chooses their sentences.

Each recipient gets a message: if Gemini is late or refuses, or its text does not pass the checks, the campaign's
template is rendered for the recipient, and the reason is stored.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from common.storage.documents import Documents
from common.trace import note_outcome
from common.writing.proposal import propose_sentences
from common.writing.sentences import JudgedSentence
from common.writing.tasks import PersonalizedText, WritingTask, create_task, fallback_name
from common.writing.traits import possible_traits
from common.writing.writer import MAX_CHOICES_PER_CALL, MAX_RECIPIENTS_PER_CALL, write_texts

from .budget import GeminiBudget
from .frozen_sentences import FrozenSentences
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
        documents: Documents,
        campaign_states: CampaignStates,
        deferred: DeferredMessages,
        budget: GeminiBudget,
        net: SafetyNet = NO_NET,
        house: HouseRuleSettings = NO_HOUSE_RULES,
        linger: float = LINGER_SECONDS,
        recipients_per_call: int = MAX_RECIPIENTS_PER_CALL,
        choices_per_call: int = MAX_CHOICES_PER_CALL,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
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
        self._sentences = FrozenSentences(documents, self._propose, net=net, clock=clock, monotonic=monotonic)
        self._texts = self._batcher(recipients_per_call, linger)
        self._choices = self._batcher(choices_per_call, linger)

    def _batcher(self, recipients: int, linger: float) -> Batcher[WritingTask, PersonalizedText]:
        return Batcher(
            self._write,
            max_items=recipients,
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
                    mended=generated.mended,
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
            style=recipient.writing_style,
            house=self._house,
            today=today,
        )
        if isinstance(task, PersonalizedText):
            return task
        if task.variants:
            return await self._shared.text_for(task)
        return await (self._choices if task.from_sentences else self._texts).submit(task)

    async def _propose(self, task: WritingTask) -> Sequence[JudgedSentence] | str:
        """The sentences that Gemini proposes for a task's campaign, or the reason why it may not be asked."""
        if reason := await self._budget.reserve(task.campaign_id, task.max_calls):
            return reason
        model = MeteredModel(self._model)
        traits = possible_traits(today=self._clock().date(), allowed=task.brief.traits)
        try:
            return await propose_sentences(model, task.message, task.brief, traits=traits, net=self._net)
        finally:
            await self._budget.record(task.campaign_id, model.used)

    async def _write(self, tasks: Sequence[WritingTask]) -> Sequence[PersonalizedText]:
        """The texts of one call, or the reason why all of its recipients get the template."""
        ready = await self._with_sentences(tasks)
        if isinstance(ready, str):
            texts: Sequence[PersonalizedText] = [PersonalizedText(None, ready) for _ in tasks]
        else:
            texts = await self._ask(ready)
        _log_fallbacks(tasks[0].campaign_id, texts)
        return texts

    async def _with_sentences(self, tasks: Sequence[WritingTask]) -> Sequence[WritingTask] | str:
        """The tasks with their campaign's sentences, if their texts are made of these; or why there are none."""
        if not tasks[0].from_sentences:
            return tasks
        found = await self._sentences.find(tasks[0])
        return found if isinstance(found, str) else [replace(task, sentences=found) for task in tasks]

    async def _ask(self, tasks: Sequence[WritingTask]) -> Sequence[PersonalizedText]:
        """One call, if the budget allows it."""
        campaign_id = tasks[0].campaign_id
        if reason := await self._budget.reserve(campaign_id, tasks[0].max_calls):
            return [PersonalizedText(None, reason) for _ in tasks]
        model = MeteredModel(self._model)
        texts = await write_texts(model, tasks, net=self._net)
        await self._budget.record(campaign_id, model.used)
        return texts


def _outcome(generated: PersonalizedText) -> str:
    """Who wrote the text; of a template instead of Gemini's text, and of a mended one, the name of the reason."""
    if generated.text:
        return f"gemini, mended: {fallback_name(generated.mended)}" if generated.mended else "gemini"
    return f"template: {fallback_name(generated.fallback)}" if generated.fallback else "template"


def _log_fallbacks(campaign_id: str, texts: Sequence[PersonalizedText]) -> None:
    """One line for each check, by its name and without texts: these may have what a person wrote."""
    reasons = Counter(fallback_name(text.fallback) for text in texts if text.fallback)
    for reason, number in reasons.items():
        details = {"campaign": campaign_id, "reason": reason, "recipients": number}
        log.warning("template instead of Gemini", extra={"event": "gemini_fallback", **details})
