"""The reader: an instance's copy of the customers, and what can be asked of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from common.audience.engine import Files, files
from common.audience.head import Head
from common.audience.layout import CHANGE, HEAD, ids, path
from common.audience.rows import NAMES, Row, row_from
from common.audience.table import Step, Table, select
from common.documents import Documents
from common.errors import Conflict, Unavailable
from common.rules.sql import Condition, stored, where
from common.rules.tree import Rule

ATTEMPTS = 5
WAVE = 16
"""How many documents are in memory at a time, while the table is filled."""

EVERYBODY = Condition("true")

NEVER = datetime.min
CREATED = "coalesce(created_at, TIMESTAMP '0001-01-01')"
"""Who has no `created_at` comes last."""

Blocks = dict[int, tuple[str, ...]]
"""By bucket."""

After = tuple[datetime | None, str]


class Audience:
    """Blocks and changes in memory. Every query sees the customers as they were committed at `at`, the last refresh.

    Rules that speak of now are asked with the `now` that the caller decides on.
    """

    def __init__(self, documents: Documents) -> None:
        self.at: datetime | None = None  # the database's time when it was last read
        self._documents = documents
        self._table: Table | None = None
        self._blocks: Blocks = {}  # loaded
        self._changes: set[str] = set()  # loaded
        self._lock = asyncio.Lock()
        self._begun = self._done = 0

    async def refresh(self, since: datetime | None = None) -> None:
        """Catches up with the database as it is now, or with how it was at `since` at the earliest.

        Callers at the same time share one refresh, as long as it began after they asked; one that was cancelled
        leaves it running for the others.
        """
        if not self._covers(since):
            await asyncio.shield(self._refresh(since, self._begun + 1))

    def _covers(self, since: datetime | None) -> bool:
        return since is not None and self.at is not None and self.at >= since

    async def _refresh(self, since: datetime | None, wanted: int) -> None:
        async with self._lock:
            if self._done >= wanted or self._covers(since):
                return
            self._begun += 1
            await self._catch_up()
            self._done = self._begun

    async def _catch_up(self) -> None:
        for _ in range(ATTEMPTS):
            with contextlib.suppress(Conflict):
                return await self._follow()
        raise Unavailable("The audience index moves faster than it can be read; try again.")

    async def _follow(self) -> None:
        """Raises `Conflict` where something vanished after the head was read."""
        snapshot = await self._documents.get(HEAD)
        blocks = dict(Head.of(snapshot.data).blocks)
        waiting = {change.id for change in await self._documents.query(ids(CHANGE, snapshot.at))}
        if self._table is None:
            self._table = await asyncio.to_thread(Table)
        with files() as folder:
            step = await self._step(folder, blocks, waiting, snapshot.at)
            await asyncio.to_thread(self._table.apply, step)
        self._blocks, self._changes, self.at = blocks, waiting, snapshot.at

    async def _step(self, folder: Files, blocks: Blocks, waiting: set[str], at: datetime) -> Step:
        known = self._blocks
        stale = [bucket for bucket in blocks.keys() | known.keys() if blocks.get(bucket) != known.get(bucket)]
        fresh = sorted(waiting - self._changes)
        return Step(
            buckets=stale,
            blocks=await self._load(folder, [block for bucket in stale for block in blocks.get(bucket, ())], at),
            fresh=fresh,
            changes=await self._load(folder, fresh, at),
            gone=sorted(self._changes - waiting),
        )

    async def _load(self, folder: Files, names: Sequence[str], at: datetime) -> list[str]:
        """The paths of files with what these documents hold."""
        paths: list[str] = []
        for start in range(0, len(names), WAVE):
            wanted = [path(one) for one in names[start : start + WAVE]]
            found = await self._documents.get_all(wanted, at=at)
            if not all(one.exists for one in found):
                raise Conflict("A part of the audience index was replaced while it was read.")
            paths += await asyncio.to_thread(folder.write, {one.id: one["rows"] for one in found})
        return paths

    async def count_all(self) -> int:
        return await self._count(EVERYBODY)

    async def count(self, rule: Rule, now: datetime) -> int:
        return await self._count(where(rule, now))

    async def sample(self, rule: Rule, now: datetime, *, limit: int = 5) -> list[Row]:
        """A few of them: the same ones each time."""
        return await self._rows(where(rule, now), "ORDER BY id LIMIT ?", [limit])

    async def page(self, rule: Rule, now: datetime, *, bucket: int, after_id: str = "", limit: int = 500) -> list[Row]:
        """Those of one bucket whose id comes after `after_id`, in order of id."""
        condition = where(rule, now)
        within = Condition(f"bucket = ? AND id > ? AND {condition.sql}", (bucket, after_id, *condition.parameters))
        return await self._rows(within, "ORDER BY id LIMIT ?", [limit])

    async def rows(self, customer_ids: Iterable[str]) -> dict[str, Row]:
        """Those of these customers who exist."""
        among = Condition("id IN (SELECT unnest(?::VARCHAR[]))", (list(customer_ids),))
        return {row.id: row for row in await self._rows(among)}

    async def newest(
        self, rule: Rule | None, now: datetime, *, after: After | None = None, limit: int = 50
    ) -> list[Row]:
        """The latest created first; `after` is the (created_at, id) of the last one on the page before."""
        condition = where(rule, now) if rule else EVERYBODY
        if after:
            created_at, customer_id = after
            position = (stored(created_at) if created_at else NEVER, customer_id)
            older = f"({CREATED} < ? OR {CREATED} = ? AND id > ?)"
            condition = Condition(f"{older} AND {condition.sql}", (position[0], *position, *condition.parameters))
        return await self._rows(condition, f"ORDER BY {CREATED} DESC, id LIMIT ?", [limit])

    async def _count(self, condition: Condition) -> int:
        sql = f"SELECT count(*) FROM customers WHERE {condition.sql}"
        [(number,)] = await self._select(sql, condition.parameters)
        return int(number)

    async def _rows(self, condition: Condition, tail: str = "", parameters: Sequence[Any] = ()) -> list[Row]:
        sql = f"SELECT {NAMES} FROM customers WHERE {condition.sql} {tail}"
        return [row_from(values) for values in await self._select(sql, [*condition.parameters, *parameters])]

    async def _select(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """In a thread of its own, so that others are served meanwhile."""
        if self.at is None:
            await self.refresh()
        assert self._table is not None
        return await asyncio.to_thread(select, self._table.cursor(), sql, parameters)
