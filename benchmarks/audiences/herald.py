"""Herald's side: the audience index on the Firestore emulator, filled as an import fills it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from statistics import median

import psutil

from benchmarks.audiences.crowd import NOW, crowd, deeds, packs
from benchmarks.audiences.rules import RULES, SEGMENTS
from common.audience import CUSTOMERS, EVENTS, Audience, change, fold, happened
from common.audience.preview import previewed
from common.rules import IsMissing, Rule, parse
from common.rules.references import resolved
from common.storage.documents import Create, Documents, Query, Snapshot, Write
from common.storage.firestore import FirestoreDocuments

ROWS_IN_A_COMMIT = 400  # as in an import
COMMITS_AT_ONCE = 16
REASONS: dict[str, Rule] = {"no_consent": parse("consent.email = false"), "no_address": IsMissing(field="email")}


class Counting:
    """The database, which counts the documents that are read; a query of nothing costs one too."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.reads = 0

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        self.reads += 1
        return await self._documents.get(path, at=at)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        self.reads += len(paths)
        return await self._documents.get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        found = await self._documents.query(query)
        self.reads += len(found) or 1
        return found

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        self.reads += 1
        return await self._documents.sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._documents.commit(writes)


@dataclass(kw_only=True, slots=True)
class Figures:
    customers: int
    import_seconds: float = 0
    fold_seconds: float = 0
    folds: int = 0
    right_while_folding: bool = True
    cold_seconds: float = 0
    cold_reads: int = 0
    events_seconds: float = 0
    megabytes: float = 0
    counts: dict[str, int] = field(default_factory=dict)
    count_seconds: dict[str, float] = field(default_factory=dict)
    preview_seconds: dict[str, float] = field(default_factory=dict)


async def measured(project: str, number: int, times: int) -> Figures:
    documents = FirestoreDocuments(project)
    figures = Figures(customers=number)
    try:
        await _save_segments(documents)
        await _fill(documents, figures)
        await _ask(documents, figures, times)
    finally:
        await documents.close()
    return figures


async def _save_segments(documents: Documents) -> None:
    for name, text in SEGMENTS.items():
        fields = {"name": name, "rules": parse(text).model_dump_json(), "created_at": NOW}
        await documents.commit([Create(f"segments/{name}", fields)])


async def _fill(documents: Documents, figures: Figures) -> None:
    """A reader looks on while the import is folded: what it counts is what was committed."""
    begun = time.perf_counter()
    await _commit(documents, (change(pack) for pack in packs(crowd(figures.customers), ROWS_IN_A_COMMIT)))
    figures.import_seconds = time.perf_counter() - begun
    folded = asyncio.create_task(_fold(documents, figures))
    audience = Audience(documents)
    while not folded.done():
        await audience.refresh()
        figures.right_while_folding &= await audience.count_all() == figures.customers
    await folded
    await _commit(documents, (happened(pack) for pack in packs(deeds(figures.customers), 10 * ROWS_IN_A_COMMIT)))
    while await fold(documents, now=NOW, owner="bench", sheet=EVENTS):
        pass


async def _fold(documents: Documents, figures: Figures) -> None:
    begun = time.perf_counter()
    while await fold(documents, now=NOW, owner="bench", sheet=CUSTOMERS):
        figures.folds += 1
    figures.fold_seconds = time.perf_counter() - begun


async def _commit(documents: Documents, commits: Iterable[list[Create]]) -> None:
    turns = iter(commits)

    async def worker() -> None:
        for writes in turns:
            await documents.commit(writes)

    await asyncio.gather(*(worker() for _ in range(COMMITS_AT_ONCE)))


async def _ask(documents: Documents, figures: Figures, times: int) -> None:
    gc.collect()
    before = psutil.Process().memory_info().rss
    counting = Counting(documents)
    begun = time.perf_counter()
    audience = Audience(counting)
    await audience.refresh()
    await previewed(audience, parse(RULES[0].text), NOW, reasons=REASONS, samples=5)
    figures.cold_seconds, figures.cold_reads = time.perf_counter() - begun, counting.reads
    begun = time.perf_counter()
    await audience.count(parse("ordered"), NOW)
    figures.events_seconds = time.perf_counter() - begun
    figures.megabytes = (psutil.Process().memory_info().rss - before) / 1e6
    for asked in RULES:
        rule = await resolved(documents, parse(asked.text))
        count = partial(audience.count, rule, NOW)
        preview = partial(previewed, audience, rule, NOW, reasons=REASONS, samples=5)
        figures.counts[asked.name] = await count()
        figures.count_seconds[asked.name] = await _median(count, times)
        figures.preview_seconds[asked.name] = await _median(preview, times)


async def _median(ask: Callable[[], Awaitable[object]], times: int) -> float:
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        await ask()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)
