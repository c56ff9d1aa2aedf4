"""Gemini's texts for people of the audience before the launch: written, packed and checked as the messages are.

The function `campaigns` has the audience and Gemini, so it writes previews; `personalize` never sees a draft. Both use
`common/writing`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.clock import Clock
from common.events import MessageTemplate, WritingStyle
from common.llm.language_model import LanguageModel
from common.llm.safety_net import NO_NET, SafetyNet
from common.llm.usage import MeteredModel
from common.messages.plain_values import plain_fields
from common.messages.slots import cut_message
from common.settings import HouseRuleSettings
from common.writing.writer import PersonalizedText, WritingTask, create_task, write_texts

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
        variant: int,
    ) -> dict[str, PersonalizedText]:
        """The texts by person, in the language of each; `people` has the fields of each. Another `variant`
        gives other texts.

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
        return results | await self._write_groups([*groups.values()], variant)

    async def _write_groups(self, groups: Sequence[Sequence[WritingTask]], variant: int) -> dict[str, PersonalizedText]:
        """Counts the calls also if the request is cancelled in between."""
        model = MeteredModel(self.model)
        try:
            written = await asyncio.gather(
                *(write_texts(model, tasks, net=self.net, variant=variant) for tasks in groups)
            )
        finally:
            await self.budget.record(model.used)
        return {
            task.message_id: text
            for tasks, texts in zip(groups, written, strict=True)
            for task, text in zip(tasks, texts, strict=True)
        }
