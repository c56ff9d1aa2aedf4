"""Personalizes messages: one call to Gemini writes the texts of several recipients.

Each recipient gets a message: if Gemini is late or refuses, or its text does not pass the checks, the campaign's
template is rendered for the recipient, and the reason is stored.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from common.batching import Batcher
from common.clock import Clock, utc_now
from common.errors import HeraldError, Invalid
from common.events import MessageReady, RecipientSelected
from common.guard.languages import SUPPORTED
from common.llm.language_model import LanguageModel
from common.messages.campaign_state import CampaignStates
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.messages.plain_values import plain_fields
from common.messages.slots import SlottedMessage, cut_message
from common.messages.templates import MessageText
from common.pubsub.publisher import Publisher

from .check import Checked, TextProblem, check
from .prompt import Request, build_prompt, parse_texts
from .traits import traits_of

log = logging.getLogger(__name__)
MAX_RECIPIENTS_PER_CALL = 10  # more save tokens, but one refused call costs more recipients their own text
MAX_PARALLEL_CALLS = 16  # for one campaign
LINGER_SECONDS = 0.1
ROUNDS = 2  # how often Gemini is asked for one recipient
MISSING = TextProblem("missing", "Your last answer had no text, or several, for this person.")


@dataclass(frozen=True, slots=True)
class PersonalizedText:
    """Gemini's text, or the reason why the template is used instead."""

    text: MessageText | None
    fallback: str | None = None  # None also where Gemini is not asked


@dataclass(frozen=True, eq=False, slots=True)
class WritingTask:
    """A recipient whose text Gemini writes. Two copies of one recipient's event have equal ids."""

    message_id: str
    campaign_id: str
    message: SlottedMessage
    traits: Sequence[str]


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
        recipients_per_call: int = MAX_RECIPIENTS_PER_CALL,
        clock: Clock = utc_now,
    ) -> None:
        self._model = model
        self._publisher = publisher
        self._campaign_states = campaign_states
        self._deferred = deferred
        self._clock = clock
        group_of: Callable[[WritingTask], Any] = lambda task: (task.campaign_id, task.message.shape)  # noqa: E731
        self._batches: Batcher[WritingTask, PersonalizedText] = Batcher(
            self._write,
            max_items=recipients_per_call,
            max_concurrent=MAX_PARALLEL_CALLS,
            linger=linger,
            group_of=group_of,
        )

    async def personalize(self, recipient: RecipientSelected) -> None:
        """Returns when the message is published for delivery, or deferred because its campaign is paused."""
        state = await self._campaign_states.get(recipient.campaign_id)
        if state.paused:
            await self._deferred.defer([DeferredMessage(event=recipient, reason="paused", until=self._clock())])
            return
        plain = plain_fields(recipient.fields)
        message = cut_message(recipient.message, plain.values)
        wanted = recipient.personalization == "gemini" and not state.cancelled
        generated = await self._generate(recipient, message, plain.values) if wanted else PersonalizedText(None)
        text = generated.text or message.plain_text
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

    async def _generate(self, recipient: RecipientSelected, message: SlottedMessage, values: Any) -> PersonalizedText:
        language = message.background.language
        if language is not None and language not in SUPPORTED:
            return PersonalizedText(None, f"language: Gemini's texts cannot be checked in {language!r}.")
        traits = traits_of(values, today=self._clock().date())
        task = WritingTask(recipient.message_id, recipient.campaign_id, message, traits)
        return await self._batches.submit(task)

    async def _write(self, tasks: Sequence[WritingTask]) -> Sequence[PersonalizedText]:
        """Asks for all recipients in one call, and in a second one for those whose text was refused."""
        open_tasks = {task.message_id: task for task in tasks}
        results: dict[str, PersonalizedText] = {}
        errors: dict[str, str] = {}
        for _ in range(ROUNDS):
            for id_, checked in (await self._ask(list(open_tasks.values()), errors)).items():
                results[id_] = _result(checked)
                if checked.problem and checked.problem.action == "ask_again":
                    errors[id_] = checked.problem.advice
                else:
                    del open_tasks[id_]
            if not open_tasks:
                break
        _log_fallbacks(tasks[0].campaign_id, results)
        return [results[task.message_id] for task in tasks]

    async def _ask(self, tasks: Sequence[WritingTask], errors: dict[str, str]) -> dict[str, Checked]:
        """One call, and the checked text of each recipient. A call without an answer is not repeated."""
        requests = [Request(task.message, task.traits, errors.get(task.message_id)) for task in tasks]
        try:
            answer = await self._model.generate(build_prompt(requests))
            texts = parse_texts(answer.content, len(requests))
        except HeraldError as error:
            name = "shape" if isinstance(error, Invalid) else "unavailable"
            failed = Checked(None, TextProblem(name, str(error)[:250], "refuse"))
            return {task.message_id: failed for task in tasks}
        return {
            task.message_id: check(text, task.message) if text else Checked(None, MISSING)
            for task, text in zip(tasks, texts, strict=True)
        }


def _result(checked: Checked) -> PersonalizedText:
    if checked.problem is None:
        return PersonalizedText(checked.text)
    return PersonalizedText(None, f"{checked.problem.name}: {checked.problem.advice}"[:300])


def _log_fallbacks(campaign_id: str, results: dict[str, PersonalizedText]) -> None:
    """The names of the checks, without texts: these may have what a person wrote."""
    reasons = Counter(fallback_name(result.fallback) for result in results.values() if result.fallback)
    if reasons:
        details = {"campaign": campaign_id, "recipients": reasons.total(), "reasons": dict(reasons)}
        log.warning("template instead of Gemini", extra={"event": "gemini_fallback", **details})


def fallback_name(fallback: str) -> str:
    """The name of the check in a stored reason: `promise: …`."""
    return fallback.partition(":")[0]
