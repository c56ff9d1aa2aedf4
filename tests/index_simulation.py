"""The audience index as a play: writers, folds and readers take turns in any order, and folds may die.

What each actor does to the database waits at a gate, so that a test decides who goes on, and how far.
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
    SHEETS,
    Audience,
    Happening,
    Row,
    change,
    fold,
    forgotten,
    happened,
    order_or_visit,
    reaction,
    row_of,
    tombstone,
)
from common.audience.index.manifest import Head
from common.audience.index.reconciliation import compared
from common.audience.index.rows import happening_from, microseconds
from common.audience.index.tables import CUSTOMERS, EVENTS, Sheet
from common.ids import NOBODY, bucket_of, hashed
from common.storage.documents import Create, Delete, Documents, Put, Query, Snapshot, Where, Write

WHOLE = 100
"""More calls than a fold or a refresh makes."""

PEOPLE = list(islice((f"person-{n}" for n in range(10_000) if bucket_of(f"person-{n}") < 2), 3))
"""Few, in two buckets, so that they get in each other's way."""


START = datetime(2026, 1, 1, tzinfo=UTC)


class Gate:
    """The database behind a gate: each call waits until it is let through."""

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
            if self._waiting:  # of several calls at once, one was let through
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
    """Something under way, which stops before every call to the database."""

    def __init__(self, gate: Gate, work: Coroutine[Any, Any, Any]) -> None:
        self._gate = gate
        self._task = asyncio.ensure_future(work)

    async def proceed(self, calls: int) -> bool:
        """Lets it make some calls; true once it has finished."""
        for _ in range(calls):
            if await self._stopped():
                break
            self._gate.open()
        return await self._stopped()

    async def _stopped(self) -> bool:
        """Waits until it is at the gate, or has finished; raises what it failed with."""
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
    gate: Gate
    audience: Audience
    refresh: Actor | None = None


@dataclass
class Play:
    documents: Documents
    now: datetime = START
    commits: int = 0
    deeds: dict[str, Happening] = field(default_factory=dict)
    folds: list[Actor] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)

    def __post_init__(self) -> None:
        for _ in range(2):
            gate = Gate(self.documents)
            self.readers.append(Reader(gate, Audience(gate)))

    async def write(self, people: Sequence[str], spend: int) -> None:
        customers = {person: self._customer(person, spend) for person in people}
        rows = [row_of(person, customer) for person, customer in customers.items()]
        puts = [Put(f"customers/{person}", customer) for person, customer in customers.items()]
        await self.documents.commit([*puts, *self._told(change(rows))])

    def _next(self) -> datetime:
        """Each commit has an instant of its own."""
        self.commits += 1
        return START + timedelta(milliseconds=self.commits)

    def _told(self, creates: Sequence[Create]) -> list[Create]:
        """With an id that only seems to be random, so that a play can be repeated."""
        [one] = creates
        kind = one.path.partition("-")[0]
        return [Create(f"{kind}-{hashed(str(self.commits))}", one.data)]

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
        told = [
            *self._told(change([tombstone(person, version=version)])),
            *self._told(happened([forgotten(person, version=version)])),
        ]
        theirs = Where("customer", "==", person)
        activities = await self.documents.query(Query(collection="activities", where=[theirs]))
        receipts = await self.documents.query(Query(collection="receipts", where=[theirs]))
        emptied = [
            *(Put(one.path, {"customer": NOBODY, "erased": True}) for one in activities),
            *(Put(one.path, {**(one.data or {}), "customer": NOBODY}) for one in receipts),
        ]
        await self.documents.commit([Delete(f"customers/{person}"), *told, *emptied])

    async def order(self, person: str, amount: int) -> None:
        at, number = self._next(), f"00{self.commits}"
        stored = {"customer": person, "type": "order", "at": at, "amount": amount, "counted_at": at}
        deed = order_or_visit(number, customer=person, kind="order", at=at, amount=amount, now=at)
        await self._do(Create(f"activities/{number}", stored), deed)

    async def open(self, person: str) -> None:
        at, number = self._next(), f"00{self.commits}.opened"
        stored = {"customer": person, "kind": "opened", "at": at, "campaign": "c"}
        deed = reaction(number, customer=person, kind="opened", campaign="c", at=at)
        await self._do(Create(f"receipts/{number}", stored), deed)

    async def _do(self, stored: Create, deed: Happening) -> None:
        self.deeds[deed.id] = deed
        await self.documents.commit([stored, *self._told(happened([deed]))])

    async def compare(self) -> None:
        """The daily comparison finds nothing wrong."""
        assert await compared(self.documents, [0, 1], deep=[0, 1]) == 0
        assert await compared(self.documents, [0, 1], deep=[]) == 0

    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    async def fold(self, most: int, sheet: Sheet = CUSTOMERS) -> None:
        await fold(self.documents, now=self.now, owner="one at a time", most=most, sheet=sheet)

    async def begin_fold(self, most: int, calls: int, sheet: Sheet = CUSTOMERS) -> None:
        gate = Gate(self.documents)
        begun = fold(gate, now=self.now, owner=f"fold {len(self.folds)}", most=most, sheet=sheet)
        self.folds.append(Actor(gate, begun))
        await self.proceed_fold(-1, calls)

    async def proceed_fold(self, number: int, calls: int) -> None:
        if await self.folds[number].proceed(calls):
            del self.folds[number]

    async def kill_fold(self, number: int) -> None:
        await self.folds.pop(number).die()

    async def proceed_reader(self, number: int, calls: int) -> None:
        """Begins a refresh where none is under way. What a finished one has is compared with the truth."""
        reader = self.readers[number]
        reader.refresh = reader.refresh or Actor(reader.gate, _caught_up(reader.audience))
        if await reader.refresh.proceed(calls):
            reader.refresh = None
            await self._compare(reader.audience)

    async def _compare(self, audience: Audience) -> None:
        assert await self.seen(audience) == await self.truth(audience.at)
        assert await self.remembered(audience) == await self.past(audience.at)

    async def seen(self, audience: Audience) -> dict[str, Row]:
        return {row.id: row for row in await audience.newest(None, self.now)}

    async def truth(self, at: datetime | None = None) -> dict[str, Row]:
        stored = await self.documents.query(Query(collection="customers", at=at))
        return {one.id: row_of(one.id, one.data or {}) for one in stored}

    async def remembered(self, audience: Audience) -> dict[str, Happening]:
        found = await audience.select(f"SELECT {EVENTS.names} FROM events", [])
        return {one.id: one for one in map(happening_from, found)}

    async def past(self, at: datetime | None = None) -> dict[str, Happening]:
        stored = [
            *await self.documents.query(Query(collection="activities", at=at)),
            *await self.documents.query(Query(collection="receipts", at=at)),
        ]
        return {one.id: self.deeds[one.id] for one in stored if one["customer"] != NOBODY}

    async def end(self) -> None:
        """Everybody finishes; a reader that held its state since long ago, and a new one, see the truth."""
        for actor in [*self.folds, *(reader.refresh for reader in self.readers if reader.refresh)]:
            await actor.finish()
        self.folds.clear()
        for number, reader in enumerate(self.readers):
            reader.refresh = None
            await self.proceed_reader(number, WHOLE)
        await self.fold_all()
        for number in range(len(self.readers)):
            await self.proceed_reader(number, WHOLE)
        audience = Audience(self.documents)
        await audience.recall()
        await self._compare(audience)
        await self.compare()

    async def fold_all(self) -> None:
        """Long after the last fold, so that no lease holds, and all that was replaced may go."""
        for _ in range(2):
            self.pass_time(15)
            for sheet in SHEETS:
                while await fold(self.documents, now=self.now, owner="last", sheet=sheet):
                    pass
        left = {one.id for one in await self.documents.query(Query(collection="audience", fields=()))}
        for sheet in SHEETS:
            head = Head.of((await self.documents.get(sheet.head)).data)
            assert not any(one.startswith(sheet.change) for one in left)
            assert {one for one in left if one.startswith(sheet.block)} == head.named()
            assert head.retired == ()


async def _caught_up(audience: Audience) -> None:
    await audience.refresh()
    await audience.recall()
