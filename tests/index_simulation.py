"""A simulation of the audience index: writers, compactions that may die, and readers take turns in any order.

Each database call of an actor waits at a gate, so that a test decides which actor continues, and how far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from common.audience import (
    TABLES,
    Audience,
    CustomerEvent,
    CustomerRow,
    activity_event,
    compact,
    customer_delta,
    engagement_event,
    event_delta,
    events_tombstone,
    row_from_document,
    tombstone,
)
from common.audience.index.compaction import FULL_COLLECTION_EVERY
from common.audience.index.manifest import LEASE_DURATION, Manifest
from common.audience.index.rows import event_from_duckdb, microseconds
from common.audience.index.tables import CUSTOMERS, EVENTS, IndexTable
from common.audience.reconciliation import reconcile
from common.ids import ERASED_CUSTOMER_ID, bucket_of, stable_hash
from common.storage.documents import Create, Delete, Documents, Put, Query, Snapshot, Where, Write

ALL_CALLS = 100
"""More calls than a compaction or a refresh makes."""

PEOPLE = list(islice((f"person-{n}" for n in range(10_000) if bucket_of(f"person-{n}") < 2), 3))
"""Few customers in two buckets, so that their writes conflict often."""


START = datetime(2026, 1, 1, tzinfo=UTC)


class Gate:
    """The database behind a gate: each call waits until `open` lets it pass."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._permits = asyncio.Semaphore(0)
        self._waiting = 0
        self.reached = asyncio.Event()

    async def _wait(self) -> None:
        self._waiting += 1
        self.reached.set()
        try:
            await self._permits.acquire()
        finally:
            self._waiting -= 1
            if self._waiting:  # of several concurrent calls, one has passed
                self.reached.set()

    def open(self) -> None:
        self.reached.clear()
        self._permits.release()

    async def get(self, path: str, *, at: datetime | None = None) -> Snapshot:
        await self._wait()
        return await self._documents.get(path, at=at)

    async def get_all(self, paths: Sequence[str], *, at: datetime | None = None) -> list[Snapshot]:
        await self._wait()
        return await self._documents.get_all(paths, at=at)

    async def query(self, query: Query) -> list[Snapshot]:
        await self._wait()
        return await self._documents.query(query)

    async def sums(self, query: Query, fields: Sequence[str]) -> dict[str, int]:
        await self._wait()
        return await self._documents.sums(query, fields)

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._wait()
        await self._documents.commit(writes)


class Actor:
    """A running coroutine that stops before every database call."""

    def __init__(self, gate: Gate, work: Coroutine[Any, Any, Any]) -> None:
        self._gate = gate
        self._task = asyncio.ensure_future(work)

    async def proceed(self, calls: int) -> bool:
        """Lets it make some calls; true if it has finished."""
        for _ in range(calls):
            if await self._stopped():
                break
            self._gate.open()
        return await self._stopped()

    async def _stopped(self) -> bool:
        """Waits until it is at the gate or has finished; raises its error."""
        reached = asyncio.ensure_future(self._gate.reached.wait())
        await asyncio.wait({self._task, reached}, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if self._task.done():
            await self._task
        return self._task.done()

    async def finish(self) -> None:
        while not await self.proceed(1):
            pass

    async def die(self) -> None:
        await self._stopped()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@dataclass
class Reader:
    """A reader with the refresh that it is running, if any."""

    gate: Gate
    audience: Audience
    refresh: Actor | None = None


@dataclass
class IndexSimulation:
    """The simulated deployment, and the checks that readers see exactly what was committed."""

    documents: Documents
    now: datetime = START
    commits: int = 0
    events: dict[str, CustomerEvent] = field(default_factory=dict)
    compactions: list[Actor] = field(default_factory=list)
    started: dict[Actor, datetime] = field(default_factory=dict)  # when each compaction began
    is_overtaken_killed: bool = False  # perhaps: one died after its lease
    readers: list[Reader] = field(default_factory=list)

    def __post_init__(self) -> None:
        for _ in range(2):
            gate = Gate(self.documents)
            self.readers.append(Reader(gate, Audience(gate)))

    async def write(self, people: Sequence[str], spend: int) -> None:
        customers = {person: self._customer(person, spend) for person in people}
        rows = [row_from_document(person, customer) for person, customer in customers.items()]
        puts = [Put(f"customers/{person}", customer) for person, customer in customers.items()]
        await self.documents.commit([*puts, *self._with_stable_id(customer_delta(rows))])

    def _next(self) -> datetime:
        """A new instant for each commit."""
        self.commits += 1
        return START + timedelta(milliseconds=self.commits)

    def _with_stable_id(self, puts: Sequence[Put]) -> list[Put]:
        """The delta with a deterministic id, so that a run can be repeated."""
        [delta] = puts
        prefix = delta.path.rpartition("-")[0]
        return [Put(f"{prefix}-{stable_hash(str(self.commits))}", delta.data)]

    def _customer(self, person: str, spend: int) -> dict[str, Any]:
        at = self._next()
        return {
            "bucket": bucket_of(person),
            "version": microseconds(at),
            "name": f"Ü {person}",
            "spend": spend,
            "created_at": at,
            "tags": ["vip", "é"] if spend % 2 else [],
            "attributes": {"spend": spend, "nested": {"list": [1, None]}},
            "consent": {"email": spend > 0},
        }

    async def erase(self, person: str) -> None:
        version = microseconds(self._next())
        deltas = [
            *self._with_stable_id(customer_delta([tombstone(person, version=version)])),
            *self._with_stable_id(event_delta([events_tombstone(person, version=version)])),
        ]
        of_customer = Where("customer", "==", person)
        activities = await self.documents.query(Query(collection="activities", where=[of_customer]))
        receipts = await self.documents.query(Query(collection="receipts", where=[of_customer]))
        redacted = [
            *(Put(activity.path, {"customer": ERASED_CUSTOMER_ID, "erased": True}) for activity in activities),
            *(Put(receipt.path, {**(receipt.data or {}), "customer": ERASED_CUSTOMER_ID}) for receipt in receipts),
        ]
        await self.documents.commit([Delete(f"customers/{person}"), *deltas, *redacted])

    async def order(self, person: str, amount: int) -> None:
        at, number = self._next(), f"00{self.commits}"
        stored = {"customer": person, "type": "order", "at": at, "amount": amount, "counted_at": at}
        event = activity_event(number, customer=person, kind="order", at=at, amount=amount, now=at)
        await self._commit_event(Create(f"activities/{number}", stored), event)

    async def open(self, person: str) -> None:
        at, number = self._next(), f"00{self.commits}.opened"
        stored = {"customer": person, "kind": "opened", "at": at, "campaign": "c"}
        event = engagement_event(number, customer=person, kind="opened", campaign="c", at=at)
        await self._commit_event(Create(f"receipts/{number}", stored), event)

    async def _commit_event(self, stored: Create, event: CustomerEvent) -> None:
        self.events[event.id] = event
        await self.documents.commit([stored, *self._with_stable_id(event_delta([event]))])

    async def reconcile(self) -> None:
        """The daily reconciliation finds nothing wrong."""
        assert await reconcile(self.documents, [0, 1], full_scan=[0, 1]) == 0
        assert await reconcile(self.documents, [0, 1], full_scan=[]) == 0

    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    async def compact(self, max_deltas: int, table: IndexTable = CUSTOMERS) -> None:
        await compact(self.documents, now=self.now, owner="single", max_deltas=max_deltas, table=table)

    async def begin_compaction(self, max_deltas: int, calls: int, table: IndexTable = CUSTOMERS) -> None:
        gate = Gate(self.documents)
        coroutine = compact(
            gate, now=self.now, owner=f"compaction {len(self.compactions)}", max_deltas=max_deltas, table=table
        )
        self.compactions.append(actor := Actor(gate, coroutine))
        self.started[actor] = self.now
        await self.proceed_compaction(-1, calls)

    async def proceed_compaction(self, number: int, calls: int) -> None:
        if await self.compactions[number].proceed(calls):
            del self.compactions[number]

    async def kill_compaction(self, number: int) -> None:
        compaction = self.compactions.pop(number)
        self.is_overtaken_killed |= self.now > self.started[compaction] + LEASE_DURATION
        await compaction.die()

    async def proceed_reader(self, number: int, calls: int) -> None:
        """Continues the reader's refresh, or starts one. After it, the reader is compared with the documents."""
        reader = self.readers[number]
        reader.refresh = reader.refresh or Actor(reader.gate, _catch_up(reader.audience))
        if await reader.refresh.proceed(calls):
            reader.refresh = None
            await self._check(reader.audience)

    async def _check(self, audience: Audience) -> None:
        assert await self.indexed_customers(audience) == await self.stored_customers(audience.read_at)
        assert await self.indexed_events(audience) == await self.stored_events(audience.read_at)

    async def indexed_customers(self, audience: Audience) -> dict[str, CustomerRow]:
        rows = await audience.newest(None, self.now)
        assert len({row.id for row in rows}) == len(rows), "a customer occurs twice"
        return {row.id: row for row in rows}

    async def stored_customers(self, at: datetime | None = None) -> dict[str, CustomerRow]:
        stored = await self.documents.query(Query(collection="customers", at=at))
        return {customer.id: row_from_document(customer.id, customer.data or {}) for customer in stored}

    async def indexed_events(self, audience: Audience) -> dict[str, CustomerEvent]:
        rows = await audience.select(f"SELECT {EVENTS.column_names} FROM events", [])
        events = {event.id: event for event in map(event_from_duckdb, rows)}
        assert len(events) == len(rows), "an event occurs twice"
        return events

    async def stored_events(self, at: datetime | None = None) -> dict[str, CustomerEvent]:
        stored = [
            *await self.documents.query(Query(collection="activities", at=at)),
            *await self.documents.query(Query(collection="receipts", at=at)),
        ]
        return {
            document.id: self.events[document.id] for document in stored if document["customer"] != ERASED_CUSTOMER_ID
        }

    async def end(self) -> None:
        """Lets all actors finish. Then readers with old state and a new reader must see what is stored."""
        for actor in [*self.compactions, *(reader.refresh for reader in self.readers if reader.refresh)]:
            await actor.finish()
        self.compactions.clear()
        for number, reader in enumerate(self.readers):
            reader.refresh = None
            await self.proceed_reader(number, ALL_CALLS)
        await self.compact_all()
        for number in range(len(self.readers)):
            await self.proceed_reader(number, ALL_CALLS)
        audience = Audience(self.documents)
        await audience.load_events()
        await self._check(audience)
        await self.reconcile()

    async def compact_all(self) -> None:
        """Compacts everything after all leases and retention periods have ended; checks that no garbage remains."""
        for _ in range(2):
            self.pass_time(15)
            for table in TABLES:
                while await compact(self.documents, now=self.now, owner="last", table=table):
                    pass
        for table in TABLES:
            if self.is_overtaken_killed and not await self._is_clean(table):
                await self._compact_until_all_blocks_are_checked(table)
            assert await self._is_clean(table)
            assert not await self._stored(table.delta_prefix)
            assert (await self._manifest(table)).retired == ()

    async def _is_clean(self, table: IndexTable) -> bool:
        """Whether all blocks are in the manifest."""
        return await self._stored(table.block_prefix) == (await self._manifest(table)).referenced_blocks()

    async def _compact_until_all_blocks_are_checked(self, table: IndexTable) -> None:
        """One that was overtaken may have died and left its blocks: now and then, all blocks are checked."""
        while (await self._manifest(table)).generation % FULL_COLLECTION_EVERY:
            await (self.write(["last"], 0) if table == CUSTOMERS else self.order("last", 0))
            await compact(self.documents, now=self.now, owner="last", table=table)
        self.pass_time(15)
        await compact(self.documents, now=self.now, owner="last", table=table)

    async def _manifest(self, table: IndexTable) -> Manifest:
        return Manifest.from_document((await self.documents.get(table.manifest_path)).data)

    async def _stored(self, prefix: str) -> set[str]:
        """The ids of the documents of the index that begin with this."""
        documents = await self.documents.query(Query(collection="audience", fields=()))
        return {document.id for document in documents if document.id.startswith(prefix)}


async def _catch_up(audience: Audience) -> None:
    await audience.refresh()
    await audience.load_events()
