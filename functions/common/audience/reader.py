"""The reader: an instance's copy of the customers, and what can be asked of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from common.audience.index.connection import files
from common.audience.index.database import Table, select
from common.audience.index.loader import Mirror
from common.audience.index.rows import NAMES, Row, row_from
from common.audience.index.tables import CUSTOMERS, EVENTS
from common.audience.sorting import Order
from common.errors import Conflict, Unavailable
from common.rules.nodes import Everyone, Rule
from common.rules.sql import Condition, Now, about_events, both, stored, where
from common.storage.documents import Documents

ATTEMPTS = 5

EVERYBODY = Everyone()
CREATED = Order("created_at", descending=True)

After = tuple[datetime | None, str]


class Audience:
    """Blocks and changes in memory. Every query sees the customers as they were committed at `at`, the last refresh.

    Rules that speak of now are asked with the `now` that the caller decides on; `zone` is the deployment's time zone.
    What the customers did is loaded when a rule speaks of it for the first time, and kept in step from then on.
    """

    def __init__(self, documents: Documents, *, zone: tzinfo = UTC, buckets: Collection[int] | None = None) -> None:
        """With `buckets`, only the customers in these are sure to be there; but all of what customers did."""
        self.at: datetime | None = None  # the database's time when it was last read
        self._documents = documents
        self._zone = zone
        self._table: Table | None = None
        self._customers = Mirror(documents, CUSTOMERS, buckets)
        self._events = Mirror(documents, EVENTS)
        self._wants_events = self._has_events = False
        self._lock = asyncio.Lock()
        self._begun = self._done = 0

    async def refresh(self) -> None:
        """Catches up with the database as it is now.

        Callers at the same time share one refresh, as long as it began after they asked; one that was cancelled
        leaves it running for the others.
        """
        await asyncio.shield(self._refresh(self._begun + 1))

    async def _refresh(self, wanted: int) -> None:
        async with self._lock:
            if self._done >= wanted:
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
        """Both sheets at one instant, and in one step. Raises `Conflict` where something vanished in between."""
        head = await self._documents.get(CUSTOMERS.head)
        if self._table is None:
            self._table = await asyncio.to_thread(Table)
        wants_events = self._wants_events
        heads = {self._customers: head}
        if wants_events:
            heads[self._events] = await self._documents.get(EVENTS.head, at=head.at)
        with files() as folder:
            steps = {mirror: await mirror.step(one, folder) for mirror, one in heads.items()}
            await asyncio.to_thread(self._table.apply, [step for step, _ in steps.values()])
        for mirror, (_, loaded) in steps.items():
            mirror.accept(loaded)
        self.at, self._has_events = head.at, wants_events

    async def ready(self, rule: Rule, now: datetime) -> Now:
        """Whatever the rule speaks of is loaded; what it counts its days from."""
        if about_events(rule):
            await self.recall()
        return Now(now, self._zone)

    async def recall(self) -> None:
        """What customers did is there, and kept in step from now on."""
        if not self._has_events:
            self._wants_events = True
            await self.refresh()

    async def where(self, rule: Rule, now: datetime) -> Condition:
        return where(rule, await self.ready(rule, now))

    async def count_all(self) -> int:
        return await self.count(EVERYBODY, datetime.now(UTC))

    async def count(self, rule: Rule, now: datetime) -> int:
        condition = await self.where(rule, now)
        [(number,)] = await self.select(f"SELECT count(*) FROM customers WHERE {condition.sql}", condition.parameters)
        return int(number)

    async def sample(self, rule: Rule, now: datetime, *, limit: int = 5) -> list[Row]:
        """A few of them: the same ones each time."""
        return await self._rows(await self.where(rule, now), "ORDER BY id LIMIT ?", [limit])

    async def page(self, rule: Rule, now: datetime, *, bucket: int, after_id: str = "", limit: int = 500) -> list[Row]:
        """Those of one bucket whose id comes after `after_id`, in order of id."""
        condition = await self.where(rule, now)
        within = Condition("bucket = ? AND id > ?", (bucket, after_id))
        return await self._rows(both(within, condition), "ORDER BY id LIMIT ?", [limit])

    async def rows(self, customer_ids: Iterable[str]) -> dict[str, Row]:
        """Those of these customers who exist."""
        among = Condition("id IN (SELECT unnest(?::VARCHAR[]))", (list(customer_ids),))
        return {row.id: row for row in await self._rows(among)}

    async def of_bucket(self, bucket: int) -> list[Row]:
        return await self._rows(Condition("bucket = ?", (bucket,)))

    async def newest(
        self, rule: Rule | None, now: datetime, *, after: After | None = None, limit: int = 50
    ) -> list[Row]:
        """The latest created first; `after` is the (created_at, id) of the last one on the page before."""
        condition = await self.where(rule or EVERYBODY, now)
        if after:
            condition = both(CREATED.after(stored(after[0]) if after[0] else None, after[1]), condition)
        return await self._rows(condition, f"ORDER BY {CREATED.sql} LIMIT ?", [limit])

    async def _rows(self, condition: Condition, tail: str = "", parameters: Sequence[Any] = ()) -> list[Row]:
        sql = f"SELECT {NAMES} FROM customers WHERE {condition.sql} {tail}"
        return [row_from(values) for values in await self.select(sql, [*condition.parameters, *parameters])]

    async def select(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """In a thread of its own, so that others are served meanwhile. Who is cancelled no longer costs anything."""
        if self.at is None:
            await self.refresh()
        assert self._table is not None
        cursor = self._table.cursor()
        try:
            return await asyncio.to_thread(select, cursor, sql, parameters)
        except asyncio.CancelledError:
            cursor.interrupt()
            raise
