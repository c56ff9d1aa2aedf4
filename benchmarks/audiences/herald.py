"""Herald: the audience index on the Firestore emulator, filled as an import does."""

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

from benchmarks.audiences.crowd import NOW, batches, customer_events, customer_rows
from benchmarks.audiences.rules import RULES, SEGMENTS
from common.audience import CUSTOMERS, EVENTS, Audience, compact, customer_delta, event_delta
from common.audience.preview import preview
from common.rules import IsMissing, Rule, parse
from common.rules.references import resolve_references
from common.storage.documents import Create, Documents, Put, Query, Snapshot, Write
from common.storage.firestore import FirestoreDocuments

ROWS_PER_COMMIT = 400  # as in an import
CONCURRENT_COMMITS = 16
REASONS: dict[str, Rule] = {"no_consent": parse("consent.email = false"), "no_address": IsMissing(field="email")}


class CountingDocuments:
    """A document store that counts reads. A query without results counts as one read."""

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
        snapshots = await self._documents.query(query)
        self.reads += len(snapshots) or 1
        return snapshots

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        self.reads += 1
        return await self._documents.sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._documents.commit(writes)


@dataclass(kw_only=True, slots=True)
class AudienceFigures:
    """All figures for one number of customers."""

    customers: int
    import_seconds: float = 0
    compaction_seconds: float = 0
    compactions: int = 0
    correct_during_compaction: bool = True
    cold_seconds: float = 0
    cold_reads: int = 0
    events_seconds: float = 0
    megabytes: float = 0
    counts: dict[str, int] = field(default_factory=dict)
    count_seconds: dict[str, float] = field(default_factory=dict)
    preview_seconds: dict[str, float] = field(default_factory=dict)


async def measure_audiences(project: str, number: int, repetitions: int) -> AudienceFigures:
    """Fill a new project with customers and events, and measure all rules."""
    documents = FirestoreDocuments(project)
    figures = AudienceFigures(customers=number)
    try:
        await _save_segments(documents)
        await _fill(documents, figures)
        await _measure_queries(documents, figures, repetitions)
    finally:
        await documents.close()
    return figures


async def _save_segments(documents: Documents) -> None:
    for name, text in SEGMENTS.items():
        fields = {"name": name, "rules": parse(text).model_dump_json(), "created_at": NOW}
        await documents.commit([Create(f"segments/{name}", fields)])


async def _fill(documents: Documents, figures: AudienceFigures) -> None:
    """Import the data. During compaction a reader checks that the count stays equal to the committed customers."""
    start = time.perf_counter()
    await _commit(
        documents, (customer_delta(batch) for batch in batches(customer_rows(figures.customers), ROWS_PER_COMMIT))
    )
    figures.import_seconds = time.perf_counter() - start
    compaction_task = asyncio.create_task(_run_compactions(documents, figures))
    audience = Audience(documents)
    while not compaction_task.done():
        await audience.refresh()
        figures.correct_during_compaction &= await audience.count_all() == figures.customers
    await compaction_task
    await _commit(
        documents, (event_delta(batch) for batch in batches(customer_events(figures.customers), 10 * ROWS_PER_COMMIT))
    )
    while await compact(documents, now=NOW, owner="bench", table=EVENTS):
        pass


async def _run_compactions(documents: Documents, figures: AudienceFigures) -> None:
    start = time.perf_counter()
    while await compact(documents, now=NOW, owner="bench", table=CUSTOMERS):
        figures.compactions += 1
    figures.compaction_seconds = time.perf_counter() - start


async def _commit(documents: Documents, commits: Iterable[list[Put]]) -> None:
    pending_commits = iter(commits)

    async def worker() -> None:
        for writes in pending_commits:
            await documents.commit(writes)

    await asyncio.gather(*(worker() for _ in range(CONCURRENT_COMMITS)))


async def _measure_queries(documents: Documents, figures: AudienceFigures, repetitions: int) -> None:
    """Measure the cold preview, the load of events, and each rule."""
    gc.collect()
    before = psutil.Process().memory_info().rss
    counting = CountingDocuments(documents)
    start = time.perf_counter()
    audience = Audience(counting)
    await audience.refresh()
    await preview(audience, parse(RULES[0].text), NOW, exclusion_rules=REASONS, samples=5)
    figures.cold_seconds, figures.cold_reads = time.perf_counter() - start, counting.reads
    start = time.perf_counter()
    await audience.count(parse("ordered"), NOW)
    figures.events_seconds = time.perf_counter() - start
    figures.megabytes = (psutil.Process().memory_info().rss - before) / 1e6
    for benchmark_rule in RULES:
        rule = await resolve_references(documents, parse(benchmark_rule.text))
        count = partial(audience.count, rule, NOW)
        whole_preview = partial(preview, audience, rule, NOW, exclusion_rules=REASONS, samples=5)
        figures.counts[benchmark_rule.name] = await count()
        figures.count_seconds[benchmark_rule.name] = await _median(count, repetitions)
        figures.preview_seconds[benchmark_rule.name] = await _median(whole_preview, repetitions)


async def _median(run_query: Callable[[], Awaitable[object]], repetitions: int) -> float:
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        await run_query()
        seconds.append(time.perf_counter() - start)
    return median(seconds)
