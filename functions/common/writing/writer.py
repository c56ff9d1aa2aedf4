"""Asks Gemini for the texts of some recipients, and keeps those that pass the checks.

Campaigns use it for previews and tests, personalization for the messages themselves: so a preview is what people get.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.errors import HeraldError, Invalid
from common.events import WritingStyle
from common.guard.languages import SUPPORTED
from common.llm.language_model import LanguageModel
from common.llm.safety_net import NO_NET, SafetyNet
from common.messages.slots import SlottedMessage
from common.messages.templates import MessageText
from common.settings import HouseRuleSettings

from .brief import Brief, create_brief
from .check import MAX_REFUSED, Checked, TextProblem, check
from .mend import check_or_mend
from .prompt import Request, build_prompt, parse_texts
from .traits import traits_of

MAX_RECIPIENTS_PER_CALL = 10  # more save tokens, but one refused call costs more recipients their own text
UNLIKE = "is one of several readers: write a text unlike the others in this answer"  # of people who share texts
Judge = Callable[[MessageText, SlottedMessage, Brief], Checked]
MISSING = TextProblem("missing", "Your last answer had no text, or several, for this person.")


@dataclass(frozen=True, slots=True)
class PersonalizedText:
    """Gemini's text, or the reason why the template is used instead."""

    text: MessageText | None
    fallback: str | None = None  # None also where Gemini is not asked
    refused: str | None = None  # the beginning of the text that did not pass, with its slots
    slotted: MessageText | None = None  # the text that passed, with its slots


@dataclass(frozen=True, eq=False, slots=True)
class WritingTask:
    """A recipient whose text Gemini writes. Two copies of one recipient's event have equal ids."""

    message_id: str
    campaign_id: str
    message: SlottedMessage
    traits: Sequence[str]
    brief: Brief
    max_calls: int | None = None  # of Gemini for the campaign
    variants: int | None = None  # how many texts people alike share; None: everybody has their own

    @property
    def group(self) -> tuple[Any, ...]:
        """Tasks of one group can share a call."""
        return self.campaign_id, self.message.shape, self.brief

    @property
    def alike(self) -> tuple[Any, ...]:
        """Equal for recipients of whom Gemini would be told the same."""
        return (*self.group, tuple(self.traits), self.variants)


def create_task(
    message_id: str,
    campaign_id: str,
    message: SlottedMessage,
    values: Mapping[str, Any],
    *,
    style: WritingStyle,
    house: HouseRuleSettings,
    today: date,
) -> WritingTask | PersonalizedText:
    """What Gemini is asked for a recipient with these plain values, or the reason why it cannot be asked."""
    language = message.background.language
    if language is not None and language not in SUPPORTED:
        return PersonalizedText(None, f"language: Gemini's texts cannot be checked in {language!r}.")
    brief = create_brief(style, house, values)
    traits = traits_of(values, today=today, allowed=brief.traits)
    return WritingTask(message_id, campaign_id, message, traits, brief, style.max_calls, style.variants_per_group)


async def write_texts(
    model: LanguageModel, tasks: Sequence[WritingTask], *, net: SafetyNet = NO_NET, variant: int = 0
) -> Sequence[PersonalizedText]:
    """The texts for tasks of one group, in one call, and in a second one for those whose text was refused.

    In the second one's texts, sentences with a problem are replaced. `net` looks at each text that passed, with its
    slots. Another `variant` gives other texts.
    """
    open_tasks = {task.message_id: task for task in tasks}
    results: dict[str, PersonalizedText] = {}
    errors: dict[str, str] = {}
    for judge in (check, check_or_mend):
        checks = await _ask(model, list(open_tasks.values()), errors, variant, judge)
        for id_, checked in checks.items():
            results[id_] = result_of(checked)
            if checked.problem and checked.problem.action == "ask_again":
                errors[id_] = checked.problem.advice
            else:
                del open_tasks[id_]
        if not open_tasks:
            break
    return await asyncio.gather(*(_through_net(net, results[task.message_id]) for task in tasks))


async def _through_net(net: SafetyNet, text: PersonalizedText) -> PersonalizedText:
    """The text, or why it is not sent. Gemini is not asked again."""
    if text.slotted is None:
        return text
    slotted = f"{text.slotted.subject}\n\n{text.slotted.body}".strip()
    objection = await net.objection(slotted)
    return PersonalizedText(None, f"model_armor: {objection}"[:300], slotted[:MAX_REFUSED]) if objection else text


async def _ask(
    model: LanguageModel, tasks: Sequence[WritingTask], errors: Mapping[str, str], variant: int, judge: Judge
) -> dict[str, Checked]:
    """One call, and the checked text of each recipient. A call without an answer is not repeated."""
    requests = [Request(task.message, task.traits, errors.get(task.message_id)) for task in tasks]
    try:
        answer = await model.generate(build_prompt(requests, tasks[0].brief, variant=variant))
        texts = parse_texts(answer.content, len(requests))
    except HeraldError as error:
        name = "shape" if isinstance(error, Invalid) else "unavailable"
        failed = Checked(None, TextProblem(name, str(error)[:250], "refuse"))
        return {task.message_id: failed for task in tasks}
    return {
        task.message_id: judge(text, task.message, task.brief) if text else Checked(None, MISSING)
        for task, text in zip(tasks, texts, strict=True)
    }


def result_of(checked: Checked) -> PersonalizedText:
    """What a recipient gets of a checked text."""
    if checked.problem is None:
        return PersonalizedText(checked.text, slotted=checked.slotted)
    reason = f"{checked.problem.name}: {checked.problem.advice}"[:300]
    return PersonalizedText(None, reason, checked.refused)


def fallback_name(fallback: str) -> str:
    """The name of the check in a stored reason: `promise: …`."""
    return fallback.partition(":")[0]
