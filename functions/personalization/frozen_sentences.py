"""The sentences that a campaign's texts are built of, frozen before the first text is written.

    campaign_sentences/{campaign}.{language}   sentences   what Gemini proposed, each with what the checks say of it

A manager's sentences are a part of the campaign, which does not change after its launch. If there are none, Gemini
proposes some when the first recipient arrives. Whoever creates the document first decides: an instance that proposes
at the same time uses what is there, so all recipients of a campaign get texts of the same sentences. A proposal of
which nothing passes, and one that fails, is not stored: it is made again a little later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from common.caching import TtlCache
from common.clock import Clock, utc_now
from common.errors import HeraldError, Invalid
from common.llm.safety_net import NO_NET, SafetyNet
from common.storage.create_if_absent import create_absent
from common.storage.documents import Create, Documents, Snapshot
from common.writing.proposal import without_objections
from common.writing.sentences import JudgedSentence, Sentence, SentenceSet
from common.writing.tasks import WritingTask

MAX_SETS = 1_000
KEPT_SECONDS = 3_600
RETRY_SECONDS = 15.0
"""After a proposal that failed or of which nothing passed; until then people get the template."""
Propose = Callable[[WritingTask], Awaitable[Sequence[JudgedSentence] | str]]
"""Asks Gemini; the reason if it must not be asked. Raises `HeraldError` if it does not answer."""
Found = SentenceSet | str
"""The sentences, or the reason why there are none."""
NONE_PASSED = "sentences: None of the sentences that Gemini proposed passed the checks."


class FrozenSentences:
    """Finds the sentences of a task's campaign in its language, and has them proposed where there are none."""

    def __init__(
        self,
        documents: Documents,
        propose: Propose,
        *,
        net: SafetyNet = NO_NET,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._propose = propose
        self._net = net
        self._clock = clock
        self._sets: TtlCache[tuple[str, str], Found] = TtlCache(max_size=MAX_SETS, ttl=KEPT_SECONDS, clock=monotonic)
        self._loading: dict[tuple[str, str], asyncio.Task[Found]] = {}

    async def find(self, task: WritingTask) -> Found:
        """The sentences, or the reason why there are none now. Nobody asks twice at one time."""
        key = (task.campaign_id, task.language)
        known = self._sets.get(key)
        if known is None:
            loading = self._loading.get(key) or self._start(key, task)
            known = await asyncio.shield(loading)  # others wait for it, too
        return known

    def _start(self, key: tuple[str, str], task: WritingTask) -> asyncio.Task[Found]:
        loading = asyncio.create_task(self._load(key, task))
        self._loading[key] = loading
        loading.add_done_callback(lambda _: self._loading.pop(key, None))
        return loading

    async def _load(self, key: tuple[str, str], task: WritingTask) -> Found:
        found = await self._read_stored(task) or await self._propose_and_freeze(task)
        self._sets.set(key, found, ttl=RETRY_SECONDS if isinstance(found, str) else None)
        return found

    async def _read_stored(self, task: WritingTask) -> SentenceSet | None:
        """The manager's sentences, or else those that were proposed before."""
        campaign, proposed = await self._documents.get_all([f"campaigns/{task.campaign_id}", _path(task)])
        managers = [Sentence.model_validate(stored) for stored in campaign.get("sentences") or ()]
        if own := [sentence for sentence in managers if sentence.language == task.language]:
            return SentenceSet.create(await without_objections(self._net, own))
        return _usable(proposed) if proposed.exists else None

    async def _propose_and_freeze(self, task: WritingTask) -> Found:
        """Those that Gemini proposes now, or that another instance stored meanwhile."""
        try:
            proposed = await self._propose(task)
        except HeraldError as error:
            return f"{'shape' if isinstance(error, Invalid) else 'unavailable'}: {error}"[:300]
        if isinstance(proposed, str):
            return proposed
        if not any(sentence.is_usable and sentence.place != "subject" for sentence in proposed):
            return NONE_PASSED
        create = Create(_path(task), _stored_fields(task, proposed) | {"created_at": self._clock()})
        existing = await create_absent(self._documents, [create])
        winner = existing.get(create.path)
        return _usable(winner) if winner else SentenceSet.create([one for one in proposed if one.is_usable])


def _stored_fields(task: WritingTask, proposed: Sequence[JudgedSentence]) -> dict[str, Any]:
    sentences = [sentence.model_dump(mode="json") for sentence in proposed]
    return {"campaign": task.campaign_id, "language": task.language, "sentences": sentences}


def _usable(stored: Snapshot) -> SentenceSet:
    judged = [JudgedSentence.model_validate(sentence) for sentence in stored["sentences"]]
    return SentenceSet.create([sentence for sentence in judged if sentence.is_usable])


def _path(task: WritingTask) -> str:
    return f"campaign_sentences/{task.campaign_id}.{task.language}"
