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

from common.audience import Audience, Row, change, fold, row_of, tombstone
from common.audience.head import Head
from common.audience.layout import HEAD
from common.documents import Create, Delete, Documents, Put, Query, Snapshot, Write
from common.ids import bucket_of, hashed

WHOLE = 100
"""More calls than a fold or a refresh makes."""

PEOPLE = list(islice((f"person-{n}" for n in range(10_000) if bucket_of(f"person-{n}") < 2), 3))
"""Few, in two buckets, so that they get in each other's way."""


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
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    version: int = 0
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
        await self.documents.commit([*puts, self._change(rows)])

    def _change(self, rows: Sequence[Row]) -> Create:
        """With an id that only seems to be random, so that a play can be repeated."""
        [one] = change(rows)
        return Create(f"audience/change-{hashed(str(self.version))}", one.data)

    def _customer(self, person: str, spend: int) -> dict[str, Any]:
        self.version += 1
        return {
            "bucket": bucket_of(person),
            "version": self.version,
            "name": f"Ü {person}",
            "spend": spend,
            "created_at": self.now + timedelta(microseconds=self.version),
            "tags": ["vip", "é"] if spend % 2 else [],
            "attributes": {"spend": spend, "nested": {"list": [1, None]}},
            "consent": {"email": spend > 0},
        }

    async def erase(self, person: str) -> None:
        self.version += 1
        erased = self._change([tombstone(person, version=self.version)])
        await self.documents.commit([Delete(f"customers/{person}"), erased])

    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    async def fold(self, most: int) -> None:
        await fold(self.documents, now=self.now, owner="one at a time", most=most)

    async def begin_fold(self, most: int, calls: int) -> None:
        gate = Gate(self.documents)
        self.folds.append(Actor(gate, fold(gate, now=self.now, owner=f"fold {len(self.folds)}", most=most)))
        await self.proceed_fold(-1, calls)

    async def proceed_fold(self, number: int, calls: int) -> None:
        if await self.folds[number].proceed(calls):
            del self.folds[number]

    async def kill_fold(self, number: int) -> None:
        await self.folds.pop(number).die()

    async def proceed_reader(self, number: int, calls: int) -> None:
        """Begins a refresh where none is under way. What a finished one has is compared with the truth."""
        reader = self.readers[number]
        reader.refresh = reader.refresh or Actor(reader.gate, reader.audience.refresh())
        if await reader.refresh.proceed(calls):
            reader.refresh = None
            await self._compare(reader.audience)

    async def _compare(self, audience: Audience) -> None:
        assert await self.seen(audience) == await self.truth(audience.at)

    async def seen(self, audience: Audience) -> dict[str, Row]:
        return {row.id: row for row in await audience.newest(None, self.now)}

    async def truth(self, at: datetime | None = None) -> dict[str, Row]:
        stored = await self.documents.query(Query(collection="customers", at=at))
        return {one.id: row_of(one.id, one.data or {}) for one in stored}

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
        await audience.refresh()
        assert await self.seen(audience) == await self.truth()

    async def fold_all(self) -> None:
        """Long after the last fold, so that no lease holds, and all that was replaced may go."""
        for _ in range(2):
            self.pass_time(15)
            while await fold(self.documents, now=self.now, owner="last"):
                pass
        head = Head.of((await self.documents.get(HEAD)).data)
        left = {one.id for one in await self.documents.query(Query(collection="audience", fields=()))}
        assert not any(one.startswith("change-") for one in left)
        assert head.named() <= left
        assert head.retired == ()
