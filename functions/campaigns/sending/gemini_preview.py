"""Gemini's texts for people of the audience before the launch: written, packed and checked as the messages are.

The function `campaigns` has the audience and Gemini, so it writes previews; `personalize` never sees a draft. Both use
`common/writing`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.clock import Clock
from common.errors import BudgetUsedUp
from common.events import MessageTemplate, WritingStyle
from common.llm.language_model import LanguageModel
from common.llm.usage import GeminiUsage, MeteredModel
from common.messages.plain_values import plain_fields
from common.messages.slots import cut_message
from common.settings import HouseRuleSettings
from common.writing.writer import PersonalizedText, WritingTask, create_task, write_texts

KEPT = timedelta(days=40)  # so long the number of calls of a day is kept


@dataclass(frozen=True, kw_only=True, slots=True)
class GeminiPreviews:
    """Writes previews, within a number of calls a day for the whole deployment."""

    model: LanguageModel
    usage: GeminiUsage
    house: HouseRuleSettings
    calls_per_day: int
    clock: Clock

    async def write(
        self, message: MessageTemplate, style: WritingStyle, people: Mapping[str, Mapping[str, Any]], *, variant: int
    ) -> dict[str, PersonalizedText]:
        """The texts by person; `people` has the fields of each. Another `variant` gives other texts.

        Raises `BudgetUsedUp` if the calls of the day are used up.
        """
        now = self.clock()
        await self._require_budget(now)
        results: dict[str, PersonalizedText] = {}
        groups: dict[tuple[Any, ...], list[WritingTask]] = defaultdict(list)
        for person, fields in people.items():
            values = plain_fields(fields).values
            slotted = cut_message(message, values)
            task = create_task(person, "preview", slotted, values, style=style, house=self.house, today=now.date())
            if isinstance(task, WritingTask):
                groups[task.group].append(task)
            else:
                results[person] = task
        return results | await self._write_groups([*groups.values()], variant, now)

    async def _write_groups(
        self, groups: Sequence[Sequence[WritingTask]], variant: int, now: datetime
    ) -> dict[str, PersonalizedText]:
        """Counts the calls also if the request is cancelled in between."""
        model = MeteredModel(self.model)
        try:
            written = await asyncio.gather(*(write_texts(model, tasks, variant=variant) for tasks in groups))
        finally:
            await self.usage.add({_scope(now): model.used}, expires_at=now + KEPT)
        return {
            task.message_id: text
            for tasks, texts in zip(groups, written, strict=True)
            for task, text in zip(tasks, texts, strict=True)
        }

    async def _require_budget(self, now: datetime) -> None:
        if (await self.usage.get(_scope(now))).calls >= self.calls_per_day:
            raise BudgetUsedUp(f"Gemini has written all previews of today: {self.calls_per_day} calls.")


def _scope(now: datetime) -> str:
    return f"previews-{now:%Y%m%d}"
