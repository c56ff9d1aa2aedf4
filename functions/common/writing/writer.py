"""Asks Gemini for the texts of some recipients, and keeps those that pass the checks.

Campaigns use it for previews and tests, personalization for the messages themselves: so a preview is what people get.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from common.errors import HeraldError, Invalid
from common.llm.language_model import LanguageModel, Prompt
from common.llm.safety_net import NO_NET, SafetyNet

from .check import MAX_REFUSED, Checked, TextProblem, check
from .choice_prompt import build_choice_prompt, parse_choices
from .mend import check_or_mend
from .pool import Pool
from .prompt import Request, build_prompt, parse_texts
from .tasks import PersonalizedText, WritingTask, result_of

MAX_RECIPIENTS_PER_CALL = 10  # more save tokens, but one refused call costs more recipients their own text
MAX_CHOICES_PER_CALL = 25  # an answer has ids only, and nothing of one recipient can stand in another's
UNLIKE = "is one of several readers: write a text unlike the others in this answer"  # of people who share texts
MISSING = TextProblem("missing", "Your last answer had no text, or several, for this person.")
NO_SENTENCES = "sentences: None of the checked sentences fits this message."


async def write_texts(
    model: LanguageModel, tasks: Sequence[WritingTask], *, net: SafetyNet = NO_NET, variant: int = 0
) -> Sequence[PersonalizedText]:
    """The texts for tasks of one group, in one call, and in a second one for those whose text was refused.

    Tasks with `sentences` get a text of these; a net has looked at them before. Otherwise Gemini writes freely: in the
    second one's texts, sentences with a problem are replaced, and `net` looks at each text that passed, with its slots.
    Another `variant` gives other texts.
    """
    if sentences := tasks[0].sentences:
        pool = Pool.create(sentences, tasks[0].message, tasks[0].brief)
        if pool.is_empty:
            return [PersonalizedText(None, NO_SENTENCES) for _ in tasks]
        return await _write(model, tasks, Choosing(pool, variant), rounds=2)
    texts = await _write(model, tasks, FreeWriting(variant), rounds=2)
    return await asyncio.gather(*(_through_net(net, text) for text in texts))


class FreeWriting:
    """Gemini writes each text; the second time, sentences with a problem are replaced."""

    def __init__(self, variant: int) -> None:
        self._variant = variant

    def prompt(self, requests: Sequence[Request], task: WritingTask) -> Prompt:
        return build_prompt(requests, task.brief, variant=self._variant)

    parse = staticmethod(parse_texts)

    def judge(self, text: Any, task: WritingTask, *, is_last: bool) -> Checked:
        return (check_or_mend if is_last else check)(text, task.message, task.brief)


class Choosing:
    """Gemini chooses sentences of a pool for each recipient."""

    def __init__(self, pool: Pool, variant: int) -> None:
        self._pool = pool
        self._variant = variant

    def prompt(self, requests: Sequence[Request], task: WritingTask) -> Prompt:
        return build_choice_prompt(self._pool, requests, task.brief, variant=self._variant)

    parse = staticmethod(parse_choices)

    def judge(self, choice: Any, task: WritingTask, *, is_last: bool) -> Checked:
        return self._pool.assemble(choice, task.message, task.traits)


async def _write(
    model: LanguageModel, tasks: Sequence[WritingTask], way: FreeWriting | Choosing, *, rounds: int
) -> list[PersonalizedText]:
    """The texts in the tasks' order. Those that are refused are asked for again, with the error."""
    open_tasks = {task.message_id: task for task in tasks}
    results: dict[str, PersonalizedText] = {}
    errors: dict[str, str] = {}
    for number in range(1, rounds + 1):
        checks = await _ask(model, list(open_tasks.values()), errors, way, is_last=number == rounds)
        for id_, checked in checks.items():
            results[id_] = result_of(checked)
            if checked.problem and checked.problem.action == "ask_again":
                errors[id_] = checked.problem.advice
            else:
                del open_tasks[id_]
        if not open_tasks:
            break
    return [results[task.message_id] for task in tasks]


async def _through_net(net: SafetyNet, text: PersonalizedText) -> PersonalizedText:
    """The text, or why it is not sent. Gemini is not asked again."""
    if text.slotted is None:
        return text
    slotted = f"{text.slotted.subject}\n\n{text.slotted.body}".strip()
    objection = await net.objection(slotted)
    return PersonalizedText(None, f"model_armor: {objection}"[:300], slotted[:MAX_REFUSED]) if objection else text


async def _ask(
    model: LanguageModel,
    tasks: Sequence[WritingTask],
    errors: Mapping[str, str],
    way: FreeWriting | Choosing,
    *,
    is_last: bool,
) -> dict[str, Checked]:
    """One call, and the checked text of each recipient. A call without an answer is not repeated."""
    requests = [Request(task.message, task.traits, errors.get(task.message_id)) for task in tasks]
    try:
        answer = await model.generate(way.prompt(requests, tasks[0]))
        parts = way.parse(answer.content, len(requests))
    except HeraldError as error:
        name = "shape" if isinstance(error, Invalid) else "unavailable"
        failed = Checked(None, TextProblem(name, str(error)[:250], "refuse"))
        return {task.message_id: failed for task in tasks}
    return {
        task.message_id: way.judge(part, task, is_last=is_last) if part else Checked(None, MISSING)
        for task, part in zip(tasks, parts, strict=True)
    }
