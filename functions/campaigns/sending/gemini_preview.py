"""Gemini's texts for people of the audience before the launch: written, packed and checked as the messages are.

The function `campaigns` has the audience and Gemini, so it writes previews; `personalize` never sees a draft. Both use
`common/writing`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from common.clock import Clock
from common.errors import HeraldError
from common.events import MessageTemplate, WritingStyle
from common.llm.language_model import LanguageModel
from common.llm.safety_net import NO_NET, SafetyNet
from common.llm.usage import MeteredModel
from common.messages.plain_values import plain_fields
from common.messages.slots import SlottedMessage, cut_message
from common.settings import HouseRuleSettings
from common.writing.brief import Brief, create_brief
from common.writing.proposal import propose_sentences, without_objections
from common.writing.sentences import JudgedSentence, Sentence, SentenceSet
from common.writing.tasks import PersonalizedText, WritingTask, create_task
from common.writing.traits import possible_traits
from common.writing.writer import write_texts

from .language_choice import text_for
from .preview_budget import PreviewBudget


@dataclass(frozen=True, kw_only=True, slots=True)
class GeminiPreviews:
    """Writes previews, within a number of calls a day for the whole deployment."""

    model: LanguageModel
    budget: PreviewBudget
    house: HouseRuleSettings
    clock: Clock
    net: SafetyNet = NO_NET

    async def write(
        self,
        message: MessageTemplate,
        style: WritingStyle,
        people: Mapping[str, Mapping[str, Any]],
        *,
        sentences: Sequence[Sentence],
        variant: int,
    ) -> dict[str, PersonalizedText]:
        """The texts by person, in the language of each; `people` has the fields of each. Another `variant`
        gives other texts.

        `sentences` are the campaign's; in a language in which it has none, some are proposed for this preview.

        Raises `BudgetUsedUp` if the calls of the day are used up.
        """
        today = self.clock().date()
        await self.budget.require()
        results: dict[str, PersonalizedText] = {}
        groups: dict[tuple[Any, ...], list[WritingTask]] = defaultdict(list)
        for person, fields in people.items():
            values = plain_fields(fields).values
            text = text_for(message, style, values)
            slotted = cut_message(text.template, values)
            task = create_task(person, "preview", slotted, values, style=text.style, house=self.house, today=today)
            if isinstance(task, WritingTask):
                groups[task.group].append(task)
            else:
                results[person] = task
        return results | await self._write_groups([*groups.values()], sentences, variant)

    async def propose(
        self, texts: Sequence[tuple[SlottedMessage, WritingStyle, str | None]], *, variant: int
    ) -> list[JudgedSentence]:
        """Sentences for each message, with its style and language, None for its own; with what the checks say.

        Raises `BudgetUsedUp` if the calls of the day are used up, and `Unavailable` if Gemini does not answer.
        """
        await self.budget.require()
        model = MeteredModel(self.model)
        try:
            proposed = await asyncio.gather(
                *(
                    self._propose(model, message, self.brief(style, language), variant)
                    for message, style, language in texts
                )
            )
        finally:
            await self.budget.record(model.used)
        return [sentence for sentences in proposed for sentence in sentences]

    def brief(self, style: WritingStyle, language: str | None) -> Brief:
        """How texts in this language are to be written; None: in that of the message."""
        return replace(create_brief(style, self.house, {}), language=language)

    async def _propose(
        self, model: LanguageModel, message: SlottedMessage, brief: Brief, variant: int
    ) -> list[JudgedSentence]:
        traits = possible_traits(today=self.clock().date(), allowed=brief.traits)
        return await propose_sentences(model, message, brief, traits=traits, net=self.net, variant=variant)

    async def _write_groups(
        self, groups: Sequence[Sequence[WritingTask]], sentences: Sequence[Sentence], variant: int
    ) -> dict[str, PersonalizedText]:
        """Counts the calls also if the request is cancelled in between."""
        model = MeteredModel(self.model)
        firsts = {tasks[0].language: tasks[0] for tasks in groups if tasks[0].from_sentences}
        try:
            sets = await asyncio.gather(*(self._sentences(model, task, sentences, variant) for task in firsts.values()))
            by_language = dict(zip(firsts, sets, strict=True))
            written = await asyncio.gather(
                *(self._write_group(model, tasks, by_language.get(tasks[0].language), variant) for tasks in groups)
            )
        finally:
            await self.budget.record(model.used)
        return {
            task.message_id: text
            for tasks, texts in zip(groups, written, strict=True)
            for task, text in zip(tasks, texts, strict=True)
        }

    async def _write_group(
        self, model: LanguageModel, tasks: Sequence[WritingTask], sentences: SentenceSet | str | None, variant: int
    ) -> Sequence[PersonalizedText]:
        """The texts of one call; `sentences` is the reason if there should be some and are none."""
        if isinstance(sentences, str):
            return [PersonalizedText(None, sentences) for _ in tasks]
        tasks = [replace(task, sentences=sentences) for task in tasks]
        return await write_texts(model, tasks, net=self.net, variant=variant)

    async def _sentences(
        self, model: LanguageModel, task: WritingTask, sentences: Sequence[Sentence], variant: int
    ) -> SentenceSet | str:
        """The campaign's sentences in the language of a task, or those that would be proposed for it."""
        if own := [sentence for sentence in sentences if sentence.language == task.language]:
            return SentenceSet.create(await without_objections(self.net, own))
        try:
            proposed = await self._propose(model, task.message, task.brief, variant)
        except HeraldError as error:
            return f"unavailable: {error}"[:300]
        return SentenceSet.create([sentence for sentence in proposed if sentence.is_usable])
