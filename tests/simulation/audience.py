"""The audience without DuckDB: the customers as the database has them at the last refresh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from campaigns.composition import CampaignsFunction
from common.audience import TABLES, Audience, CustomerRow, OncePerValue, OneGroup, row_from_document
from common.audience.index.manifest import Lease, Manifest
from common.audience.merged_customers import is_merged
from common.audience.reconciliation import STATE_PATH
from common.clock import Clock
from common.ids import ERASED_CUSTOMER_ID
from common.rules.nodes import Rule
from common.rules.sql import Condition
from common.storage.documents import Documents, Query, Snapshot, Write
from tests.oracle import matches

CLOCK = "audience/clock"
"""A document that does not exist; reading it tells the time of the database."""


class SimulatedAudience(Audience):
    """Answers what fan-out asks, with the rules in plain Python."""

    def __init__(self, documents: Documents) -> None:
        super().__init__(documents)
        self._database_port = documents
        self._known_rows: list[CustomerRow] = []
        self._rows_at: datetime | None = None

    async def refresh(self) -> None:
        self.read_at = (await self._database_port.get(CLOCK)).at

    async def page(
        self, rule: Rule, now: datetime, *, bucket: int, after_id: str = "", limit: int = 500
    ) -> list[CustomerRow]:
        rows = [row for row in await self._all_rows() if row.bucket == bucket and row.id > after_id]
        return [row for row in rows if matches(rule, asdict(row), now)][:limit]

    async def list_by_bucket(
        self,
        rule: Rule,
        now: datetime,
        *,
        labels: Mapping[str, Rule | Condition],
        once: OncePerValue | None = None,
        group: OneGroup | None = None,
    ) -> tuple[datetime, list[tuple[int, str]]]:
        """Everybody who matches the rule at the last refresh: for each bucket a line with the id, and the first label
        whose rule matches. Conditions in SQL need the index."""
        assert group is None, "needs the index"
        rules = {name: one for name, one in labels.items() if not isinstance(one, Condition)}
        assert len(rules) == len(labels), "needs the index"
        lines: dict[int, list[str]] = defaultdict(list)
        taken: set[str] = set()
        for row in await self._all_rows():
            fields = asdict(row)
            if matches(rule, fields, now):
                label = next((name for name, labelling in rules.items() if matches(labelling, fields, now)), None)
                value = fields[once.field] if once and not label else None
                label = once.label if once and value in taken else label
                taken |= {value} if value else set()
                lines[row.bucket].append(f"{row.id} {label}" if label else row.id)
        assert self.read_at is not None, "refresh the audience first"
        return self.read_at, [(bucket, "\n".join(of_bucket)) for bucket, of_bucket in sorted(lines.items())]

    async def rows(self, customer_ids: Iterable[str]) -> dict[str, CustomerRow]:
        paths = [f"customers/{customer}" for customer in set(customer_ids) - {ERASED_CUSTOMER_ID}]
        if self.read_at is None:
            await self.refresh()
        found = await self._database_port.get_all(paths, at=self.read_at) if paths else []
        return {one.id: row_from_document(one.id, one.data or {}) for one in found if one.exists and not is_merged(one)}

    async def rows_in_bucket(self, bucket: int) -> list[CustomerRow]:
        return [row for row in await self._all_rows() if row.bucket == bucket]

    async def _all_rows(self) -> list[CustomerRow]:
        if self.read_at is None:
            await self.refresh()
        if self._rows_at != self.read_at:
            found = await self._database_port.query(Query(collection="customers", at=self.read_at))
            self._known_rows = [row_from_document(one.id, one.data or {}) for one in found if not is_merged(one)]
            self._rows_at = self.read_at
        return self._known_rows


class SimulatedWalk(SimulatedAudience):
    """A walk with one step."""

    async def steps(self) -> AsyncIterator[None]:
        await self.refresh()
        yield


class SimulatedCampaigns(CampaignsFunction):
    """The campaigns function, with the audience in plain Python."""

    @cached_property
    def _audience(self) -> Audience:
        return SimulatedAudience(self.documents)

    @cached_property
    def _bucket_audience(self) -> Audience:
        return SimulatedAudience(self.documents)

    @asynccontextmanager
    async def _begin_walk(self) -> AsyncIterator[Any]:
        yield SimulatedWalk(self.documents)


class DocumentsWithoutIndex:
    """A database whose audience index looks complete, and whose deltas are not stored: nothing needs DuckDB."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        return self._of_index(await self._documents.get(path, at=at))

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        return [self._of_index(snapshot) for snapshot in await self._documents.get_all(paths, at=at)]

    async def query(self, query: Query) -> list[Snapshot]:
        return await self._documents.query(query)

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        return await self._documents.sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        if stored := without_deltas(writes):
            await self._documents.commit(stored)

    def _of_index(self, snapshot: Snapshot) -> Snapshot:
        return index_without_work(snapshot, self._clock())


def without_deltas(writes: Sequence[Write]) -> list[Write]:
    """The writes that do not go to the audience index."""
    return [write for write in writes if not write.path.startswith("audience/")]


def index_without_work(snapshot: Snapshot, now: datetime) -> Snapshot:
    """The snapshot, unless it belongs to the index: someone else compacts it for ever, and today's reconciliation is
    done."""
    if snapshot.path == STATE_PATH:
        data: dict[str, Any] = {"day": now.date().isoformat(), "remaining": [], "schema": [0 for _ in TABLES]}
    elif snapshot.path in {table.manifest_path for table in TABLES}:
        data = Manifest(lease=Lease(owner="nobody", until=now + timedelta(days=1))).to_document()
    else:
        return snapshot
    return Snapshot(path=snapshot.path, data=data, version=snapshot.at, at=snapshot.at)
