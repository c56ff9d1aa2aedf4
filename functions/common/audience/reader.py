"""The reader: an instance's copy of the audience index in memory, and the queries on it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from common.audience.index.connection import READER_SHARE, memory_of_instance, scratch_directory
from common.audience.index.database import IndexDatabase, interrupt, select
from common.audience.index.limits import check_size, log_limits
from common.audience.index.loader import TableLoader
from common.audience.index.manifest import Manifest
from common.audience.index.rows import CUSTOMER_COLUMN_NAMES, CustomerRow, microseconds, row_from_duckdb
from common.audience.index.tables import CUSTOMERS, EVENTS, IndexTable
from common.audience.list_reader import CustomerAddresses, HashAddress, ListReader
from common.audience.sorting import SortOrder
from common.clock import utc_now
from common.errors import AudienceTooLarge, Conflict, FieldError, Invalid, Unavailable
from common.rules.nodes import Everyone, Rule
from common.rules.sql import Condition, MembersOf, ReferenceTime, and_, to_naive_utc, uses_events, where
from common.storage.documents import Documents, Snapshot

MAX_ATTEMPTS = 5

RETRY_AFTER_SECONDS = 60.0
"""So long after a refresh that did not fit in memory, further ones are refused without loading anything."""

EVERYONE = Everyone()
NEWEST_FIRST = SortOrder("created_at", descending=True)

INTERACTIVE_SECONDS = 5.0
"""How long one query may take for somebody who waits for it."""

LATE_COMMITS = 600_000_000
"""In microseconds: a customer is visible at most so long after the instant of their version."""

_time_limit: ContextVar[float | None] = ContextVar("time_limit", default=None)

PageKey = tuple[datetime | None, str]

ChooseBuckets = Callable[[IndexTable, Manifest], Collection[int]]
"""Which buckets of a table a refresh loads, given its manifest; it drops the others."""

REACHED = "reached"
"""A table in DuckDB: the values that count once, of the people whom `list_by_bucket` has listed."""


@contextlib.contextmanager
def query_time_limit(seconds: float = INTERACTIVE_SECONDS) -> Iterator[None]:
    """Within it, a query that takes longer is interrupted with `Invalid`. The loading of the index does not count.

    Requests of people use it, so that one heavy rule cannot hold up all others; what must be done has no limit.
    """
    token = _time_limit.set(seconds)
    try:
        yield
    finally:
        _time_limit.reset(token)


@dataclass(frozen=True, kw_only=True, slots=True)
class OncePerValue:
    """Of the customers with one value in a column, only the first counts; the others get a label."""

    field: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OneGroup:
    """The customers that a condition selects, of those who would have no label otherwise; they get this one."""

    condition: Condition
    label: str


class Audience:
    """Blocks and deltas in memory. Every query sees the customers as committed at `read_at`, the last refresh.

    The caller decides on `now`, to which relative dates refer; `zone` is the deployment's time zone. Events are loaded
    when a rule first needs them, and kept up to date from then on.
    """

    def __init__(
        self,
        documents: Documents,
        *,
        zone: tzinfo = UTC,
        buckets: ChooseBuckets | None = None,
        at: datetime | None = None,
        events: Condition | None = None,
        memory_bytes: int | None = None,
        hash_address: HashAddress | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """With `buckets`, only the customers and events in these are there; with `events`, only those that it selects.

        With `at`, every refresh reads the state of this instant.
        With `hash_address`, static segments have also the people who got one of their waiting addresses later.
        `memory_bytes` is the most that the index may take, by default the reader's share of the instance's memory.
        """
        self.read_at: datetime | None = None  # the database's time at the last refresh
        self._documents = documents
        self._zone = zone
        self._database: IndexDatabase | None = None
        self._customers = TableLoader(documents, CUSTOMERS, is_fixed=at is not None)
        self._events = TableLoader(documents, EVENTS, kept=events, is_fixed=at is not None)
        self._choose_buckets = buckets
        self._at = at
        self._manifests: dict[str, Snapshot] = {}  # of each table, as they were at this instant
        self._memory_bytes = memory_bytes or int(memory_of_instance() * READER_SHARE)
        self._lists = ListReader(documents, hash_address, at=at)
        self._monotonic = monotonic
        self._refused_until = -math.inf
        self._wants_events = self._has_events = False
        self._lock = asyncio.Lock()
        self._started = self._finished = 0

    async def refresh(self) -> None:
        """Loads everything that was committed before this call.

        Concurrent callers share one refresh that begins after their call. If a caller is cancelled, the refresh goes on
        for the others.
        """
        await asyncio.shield(self._refresh(self._started + 1))

    async def _refresh(self, number: int) -> None:
        async with self._lock:
            if self._finished >= number:
                return
            self._started += 1
            await self._catch_up()
            self._finished = self._started

    async def _catch_up(self) -> None:
        """Loads what is new. After a refresh that did not fit in memory, it is refused for a while."""
        if self._monotonic() < self._refused_until:
            raise AudienceTooLarge
        for _ in range(MAX_ATTEMPTS):
            with contextlib.suppress(Conflict):
                try:
                    return await self._load_update()
                except AudienceTooLarge:
                    self._forget()
                    raise
        raise Unavailable("The audience index changes faster than it can be read; try again.")

    def _forget(self) -> None:
        """Frees the memory, so that the instance can go on with everything that does not need the index."""
        self._refused_until = self._monotonic() + RETRY_AFTER_SECONDS
        self.close()

    def _forget_blocks(self) -> None:
        """The next refresh loads all blocks anew. Nobody may ask meanwhile."""
        self._customers.forget_blocks()
        self._events.forget_blocks()

    def close(self) -> None:
        """Frees the memory. The next query or refresh loads everything again."""
        database, self._database, self.read_at, self._has_events = self._database, None, None, False
        self._customers.forget()
        self._events.forget()
        if database:
            database.close()

    async def _load_update(self) -> None:
        """Updates both tables to one instant, in one transaction. Raises `Conflict` if a document was deleted."""
        manifest = await self._read_manifest(CUSTOMERS, self._at)
        wants_events = self._wants_events
        manifests = {self._customers: manifest}
        if wants_events:
            manifests[self._events] = await self._read_manifest(EVENTS, manifest.at)
        buckets = {loader: self._buckets_of(loader.table, found) for loader, found in manifests.items()}
        rows = {
            loader.table.name: Manifest.from_document(found.data).count_rows(buckets[loader])
            for loader, found in manifests.items()
        }
        if self._events.keeps_all:
            check_size(rows, self._memory_bytes)
        if self._database is None:
            self._database = await asyncio.to_thread(IndexDatabase, self._memory_bytes)
            if self._choose_buckets is None:
                log_limits(self._memory_bytes)
        with scratch_directory() as scratch:
            updates = {
                loader: await loader.next_update(snapshot, scratch, buckets[loader])
                for loader, snapshot in manifests.items()
            }
            await self._require_instant(manifest)
            await asyncio.to_thread(self._database.apply, [update for update, _ in updates.values()])
        for loader, (_, loaded) in updates.items():
            loader.mark_loaded(loaded)
        self.read_at, self._has_events = manifest.at, wants_events

    async def _read_manifest(self, table: IndexTable, at: datetime | None) -> Snapshot:
        """The table's manifest; that of a fixed instant is read once."""
        if self._at is None:
            return await self._documents.get(table.manifest_path, at=at)
        if table.name not in self._manifests:
            self._manifests[table.name] = await self._documents.get(table.manifest_path, at=self._at)
        return self._manifests[table.name]

    async def _require_instant(self, manifest: Snapshot) -> None:
        """Raises `Conflict` if the manifest was another one at its instant, at which everything else is read. Then a
        compaction was committed between the read and the time that the database gave it, as the emulator does."""
        if self._at is None:
            then = await self._documents.get(manifest.path, at=manifest.at)
            if then.version != manifest.version:
                raise Conflict("The manifest has changed.")

    def _buckets_of(self, table: IndexTable, manifest: Snapshot) -> Collection[int] | None:
        """The buckets to load; None: all."""
        return self._choose_buckets(table, Manifest.from_document(manifest.data)) if self._choose_buckets else None

    async def prepare(self, rule: Rule, now: datetime) -> ReferenceTime:
        """Loads what the rule needs. Returns the time to which its relative dates refer."""
        if uses_events(rule):
            await self.load_events()
        return ReferenceTime(now, self._zone)

    async def load_events(self) -> None:
        """Loads the events, unless they are loaded; every later refresh updates them."""
        if not self._has_events:
            self._wants_events = True
            await self.refresh()

    async def where(self, rule: Rule | Condition, now: datetime) -> Condition:
        """The rule as a condition on `customers`, with everything loaded that it needs. A condition stays as it is."""
        return rule if isinstance(rule, Condition) else where(rule, await self.prepare(rule, now))

    async def count_all(self) -> int:
        return await self.count(EVERYONE, utc_now())

    async def count(self, rule: Rule, now: datetime) -> int:
        condition = await self.where(rule, now)
        [(number,)] = await self.select(f"SELECT count(*) FROM customers WHERE {condition.sql}", condition.parameters)
        return int(number)

    async def sample(self, rule: Rule, now: datetime, *, limit: int = 5) -> list[CustomerRow]:
        """The matching customers with the lowest ids, so that the same index gives the same sample."""
        return await self._rows(await self.where(rule, now), "ORDER BY id LIMIT ?", [limit])

    async def page(
        self, rule: Rule, now: datetime, *, bucket: int, after_id: str = "", limit: int = 500
    ) -> list[CustomerRow]:
        """The matching customers of one bucket with an id greater than `after_id`, in order of id."""
        condition = await self.where(rule, now)
        in_bucket = Condition("bucket = ? AND id > ?", (bucket, after_id))
        return await self._rows(and_(in_bucket, condition), "ORDER BY id LIMIT ?", [limit])

    async def list_by_bucket(
        self,
        rule: Rule,
        now: datetime,
        *,
        labels: Mapping[str, Rule | Condition],
        once: OncePerValue | None = None,
        group: OneGroup | None = None,
    ) -> tuple[datetime, list[tuple[int, str]]]:
        """Everybody who matches the rule at one moment: the moment, and the people of each bucket, as text.

        The text has one line for each customer, in order of id: the id and, after a space, the first of the labels
        whose rule matches the customer, if one does. Of those without a label who have one value in the field of
        `once`, all but the first, by bucket and id, have its label; in a walk, people of earlier buckets count. Of
        those who have none even then, the `group` has its label. No refresh runs at the same time.
        """
        condition = await self.where(rule, now)
        labelled = [(label, await self.where(labelling, now)) for label, labelling in labels.items()]
        cases = " ".join(f"WHEN {one.sql} THEN ?" for _, one in labelled)
        parameters = [value for label, one in labelled for value in (*one.parameters, f" {label}")]
        label = f"CASE {cases} ELSE '' END" if labelled else "''"
        value = once.field if once else "NULL::VARCHAR"
        member = group.condition if group else Condition("false")
        columns = f"bucket, id, {label} AS label, {value} AS value, {member.sql} AS in_group"
        listed = f"CREATE OR REPLACE TABLE listed AS SELECT {columns} FROM customers WHERE {condition.sql}"
        lines = f"SELECT bucket, id, id || {_last_label(once, group)} AS line FROM listed"
        async with self._lock:
            if self.read_at is None:  # a refresh did not fit in memory meanwhile
                raise AudienceTooLarge
            await self.select(f"CREATE TABLE IF NOT EXISTS {REACHED} (bucket SMALLINT, value VARCHAR)", [])
            await self.select(f"DELETE FROM {REACHED} WHERE bucket IN (SELECT bucket FROM customers)", [])
            await self.select(listed, [*parameters, *member.parameters, *condition.parameters])
            sql = f"SELECT bucket, string_agg(line, chr(10) ORDER BY id) FROM ({lines}) GROUP BY bucket ORDER BY bucket"
            rows = await self.select(sql, [])
            if once:
                first = "label = '' AND value IS NOT NULL GROUP BY value"
                await self.select(f"INSERT INTO {REACHED} SELECT min(bucket), value FROM listed WHERE {first}", [])
            await self.select("DROP TABLE listed", [])
            return self.read_at, [(int(bucket), str(text)) for bucket, text in rows]

    async def rows(self, customer_ids: Iterable[str]) -> dict[str, CustomerRow]:
        """The customers with these ids, by id, without those that do not exist."""
        with_ids = Condition("id IN (SELECT unnest(?::VARCHAR[]))", (list(customer_ids),))
        return {row.id: row for row in await self._rows(with_ids)}

    async def rows_in_bucket(self, bucket: int) -> list[CustomerRow]:
        """All customers of the bucket."""
        return await self._rows(Condition("bucket = ?", (bucket,)))

    async def newest(
        self, rule: Rule | None, now: datetime, *, after: PageKey | None = None, limit: int = 50
    ) -> list[CustomerRow]:
        """The newest customers first; `after` is the (created_at, id) of the last customer on the previous page."""
        condition = await self.where(rule or EVERYONE, now)
        if after:
            condition = and_(NEWEST_FIRST.after(to_naive_utc(after[0]) if after[0] else None, after[1]), condition)
        return await self._rows(condition, f"ORDER BY {NEWEST_FIRST.sql} LIMIT ?", [limit])

    async def _rows(self, condition: Condition, tail: str = "", parameters: Sequence[Any] = ()) -> list[CustomerRow]:
        sql = f"SELECT {CUSTOMER_COLUMN_NAMES} FROM customers WHERE {condition.sql} {tail}"
        return [row_from_duckdb(values) for values in await self.select(sql, [*condition.parameters, *parameters])]

    async def select(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Runs a query in a thread, so that other requests proceed. Cancelling the call interrupts the query.

        Raises `Invalid` if it takes longer than the `query_time_limit`.
        """
        if self.read_at is None:
            await self.refresh()
        assert self._database is not None
        if any(isinstance(value, MembersOf) for value in parameters):
            parameters = [await self._replace_members(value) for value in parameters]
        cursor = self._database.cursor()
        try:
            async with asyncio.timeout(_time_limit.get()):
                return await asyncio.to_thread(select, cursor, sql, parameters)
        except asyncio.CancelledError:
            interrupt(cursor)
            raise
        except TimeoutError:
            interrupt(cursor)
            message = "This rule takes too long: use fewer conditions on orders, visits, messages and attributes."
            raise Invalid(message, fields=[FieldError(field="rules", code="too_heavy", message=message)]) from None

    async def _replace_members(self, value: Any) -> Any:
        """The people of the static segment that a parameter stands for; any other parameter as it is."""
        return await self._lists.ids(value.segment, self.written_since) if isinstance(value, MembersOf) else value

    async def written_since(self, version: int) -> tuple[int, list[CustomerAddresses]]:
        """The addresses of the customers who have this version or a later one, and the version to ask with next time.

        Versions are instants of the writers' clocks: so the next time begins some minutes before the latest one.
        """
        customers = "FROM customers WHERE version >= ?"
        found = await self.select(f"SELECT id, email, phone, version {customers}", [version])
        assert self.read_at is not None
        latest = min([microseconds(self.read_at), max((row[-1] for row in found), default=version)])
        seen = version if self._choose_buckets else max(version, latest - LATE_COMMITS)  # other buckets may follow
        return seen, [(id_, email, phone) for id_, email, phone, _ in found]


def _last_label(once: OncePerValue | None, group: OneGroup | None) -> str:
    """The SQL of a person's label, with that of `once` for all but the first of those who have no other label, and that
    of the group for those who have none even then."""
    cases = []
    if once:
        place = "row_number() OVER (PARTITION BY value, label ORDER BY bucket, id)"
        is_repeated = f"({place} > 1 OR value IN (SELECT value FROM {REACHED}))"
        cases.append(f"WHEN label = '' AND value IS NOT NULL AND {is_repeated} THEN ' {once.label}'")
    if group:
        cases.append(f"WHEN label = '' AND in_group THEN ' {group.label}'")
    return f"CASE {' '.join(cases)} ELSE label END" if cases else "label"
