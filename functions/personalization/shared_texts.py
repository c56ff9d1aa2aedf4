"""Texts that people who are alike share, where the campaign allows it: a few texts for each group, not one a person.

People are alike if their messages have the same slots, and if Gemini would be told the same of them. A text is shared
with its slots: the server checks it for each person and fills in this person's own values. Each instance keeps the
texts of its groups for an hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace

from common.caching import TtlCache
from common.ids import stable_hash
from common.writing.check import check
from common.writing.pool import recheck
from common.writing.tasks import PersonalizedText, WritingTask, result_of
from common.writing.writer import UNLIKE

MAX_GROUPS = 5_000
KEPT_SECONDS = 3_600
Write = Callable[[Sequence[WritingTask]], Awaitable[Sequence[PersonalizedText]]]


class SharedTexts:
    """`write` asks Gemini for the texts of some tasks of one group."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._texts: TtlCache[Hashable, Sequence[PersonalizedText]] = TtlCache(max_size=MAX_GROUPS, ttl=KEPT_SECONDS)
        self._writing: dict[Hashable, asyncio.Task[Sequence[PersonalizedText]]] = {}

    async def text_for(self, task: WritingTask) -> PersonalizedText:
        """One of the texts of the task's group, with the recipient's own values. Nobody asks twice at one time."""
        group = task.alike
        texts = self._texts.get(group)
        if texts is None:
            writing = self._writing.get(group) or self._start(group, task)
            texts = await asyncio.shield(writing)  # others wait for it, too
        return own_text(task, texts)

    def _start(self, group: Hashable, task: WritingTask) -> asyncio.Task[Sequence[PersonalizedText]]:
        writing = asyncio.create_task(self._write_for(group, task))
        self._writing[group] = writing
        writing.add_done_callback(lambda _: self._writing.pop(group, None))
        return writing

    async def _write_for(self, group: Hashable, task: WritingTask) -> Sequence[PersonalizedText]:
        """The texts of a group. If none passed, the next recipient asks again."""
        traits = (*task.traits, UNLIKE)
        ids = [f"{task.message_id}#{number}" for number in range(task.variants or 1)]
        texts = await self._write([replace(task, message_id=id_, traits=traits) for id_ in ids])
        if any(text.slotted for text in texts):
            self._texts.set(group, texts)
        return texts


def own_text(task: WritingTask, texts: Sequence[PersonalizedText]) -> PersonalizedText:
    """The recipient's text: always the same one of the texts that passed, checked with this recipient's slots."""
    passed = [(text, text.slotted) for text in texts if text.slotted]
    if not passed:
        return texts[0]
    shared, slotted = passed[int(stable_hash("variant", task.message_id), 16) % len(passed)]
    judge = recheck if task.from_sentences else check
    own = result_of(judge(slotted, task.message, task.brief))
    return replace(own, mended=shared.mended, refused=shared.refused) if own.text else own
