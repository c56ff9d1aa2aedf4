"""Imports: more rows than one request can wait for, kept as parcels and worked off in the background.

    imports/{id}               what it is of, how many rows and parcels it has, since when; where a lane could not be
                               worked off it is `failed`, with the reason: the other lanes go on all the same
    parcels/{id}.{lane}.{n}    up to 400 rows that wait; once they are done, what became of each instead

Rows of one person are always in the same lane, and a lane is worked off in order: so two rows for the same person are
merged in the order of the file. Lanes go on side by side and never touch each other's customers. A parcel is marked as
done in the very commit that writes its customers: however often it is delivered, every row is counted once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

from common.errors import Conflict, HeraldError, NotFound
from common.events import ImportLane
from common.ids import random_id
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Documents, Put, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import committed

from ..commands.record_activities import Activities, Arrival
from ..commands.upsert import Ingestion
from ..formats.json_rows import Given
from ..model.activity import Unknown
from .chunks import LANES, forgotten, lane_of, packed_row, unpacked_row, unzipped, zipped
from .row_identity import known_by
from .row_validation import Result, checked_activities, checked_customers
from .upload import Upload

What = Literal["customers", "activities"]
State = Literal["receiving", "working", "done", "broken", "failed"]
STATUSES = ("created", "updated", "unchanged", "counted", "duplicate", "rejected")
SUMMED = (("done", "created", "updated", "unchanged"), ("counted", "duplicate", "rejected"))
"""Together, as many as one query can sum."""

MOST_ROWS: Mapping[What, int] = {"customers": 400, "activities": 240}  # in one parcel, and so in one commit
MOST_BYTES = 600_000
"""Of one parcel's rows as they are stored, before they are compressed; a document may take 1 MiB. A row alone may be
larger: compressed it is not."""

TAKEN = 500
FEW = 20  # parcels in memory at a time
KEPT = timedelta(days=7)
LONGEST_REQUEST = timedelta(hours=1)
GONE = "There is no such import; one is kept for 7 days."
MOST_HEADERS = 500
AT_ONCE = 4
"""Lanes in one instance: more would only take more memory, for the work is the processor's."""

BUDGET_SECONDS = 20
"""After this long the rest of a lane is left to a continuation: all lanes of an import have had their turn well inside
the subscription's deadline."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be done with the rows of an import."""

    what: What
    dry_run: bool
    unknown: Unknown = "refuse"
    by: str  # who brought it in


@dataclass
class _Lane:
    number: int
    parcels: int = 0
    size: int = 0
    rows: list[str] = field(default_factory=list)


@dataclass
class _Kept:
    """What is known of an upload so far."""

    lanes: list[_Lane] = field(default_factory=lambda: [_Lane(number) for number in range(LANES)])
    rows: int = 0
    headers: dict[str, None] = field(default_factory=dict)
    under_way: deque[asyncio.Task[None]] = field(default_factory=deque)  # parcels that are being written

    def count(self, given: Given) -> _Lane:
        """The row's lane."""
        self.rows += 1
        if len(self.headers) < MOST_HEADERS:
            self.headers |= dict.fromkeys(given.sent)
        return self.lanes[lane_of(given)]

    def head(self) -> dict[str, Any]:
        parcels = [lane.parcels for lane in self.lanes]
        return {"state": "working", "rows": self.rows, "parcels": parcels, "headers": list(self.headers)[:MOST_HEADERS]}


class Imports:
    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ingestion: Ingestion,
        activities: Activities,
        budget: float = BUDGET_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self.ingestion = ingestion
        self.activities = activities
        self._free = asyncio.Semaphore(AT_ONCE)
        self._budget = budget
        self._clock = clock

    async def accept(self, order: Order, first: Sequence[Given], upload: Upload) -> tuple[str, int]:
        """Keeps all rows, and has them worked off only then: of an upload that breaks off, nothing is brought in.

        The import's id, and how many rows it has.
        """
        import_id = random_id()
        path = f"imports/{import_id}"
        head = asdict(order) | {
            "state": "receiving",
            "rows": 0,
            "at": self._clock(),
            "expires_at": self._clock() + KEPT,
        }
        await self._documents.commit([Create(path, head)])
        try:
            kept = await self._keep(import_id, order, first, upload)
        except BaseException:
            await self._documents.commit([Update(path, {"state": "broken"})])
            raise
        await self._documents.commit([Update(path, kept.head() | {"columns": upload.columns})])
        started = [ImportLane(import_id=import_id, lane=one.number) for one in kept.lanes if one.parcels]
        try:
            await self._publisher.publish(started)
        except HeraldError as error:  # some of its lanes may be on their way
            await self._documents.commit([Update(path, {"state": "failed", "reason": str(error)})])
            raise
        return import_id, kept.rows

    async def _keep(self, import_id: str, order: Order, first: Sequence[Given], upload: Upload) -> _Kept:
        """Parcels are written while the next rows come in."""
        kept = _Kept()
        try:
            async for given in _all(first, upload):
                lane, packed = kept.count(given), packed_row(given)
                if lane.rows and (len(lane.rows) == MOST_ROWS[order.what] or lane.size + len(packed) > MOST_BYTES):
                    await self._ship(import_id, lane, kept.under_way)
                lane.rows.append(packed)
                lane.size += len(packed)
            for lane in kept.lanes:
                if lane.rows:
                    await self._ship(import_id, lane, kept.under_way)
        finally:
            await asyncio.gather(*kept.under_way, return_exceptions=True)
        for task in kept.under_way:
            task.result()
        return kept

    async def _ship(self, import_id: str, lane: _Lane, under_way: deque[asyncio.Task[None]]) -> None:
        path = f"parcels/{import_id}.{lane.number}.{lane.parcels}"
        counts = dict.fromkeys(STATUSES, 0) | {"done": 0}
        data = {"import": import_id, "rows": zipped(lane.rows), "expires_at": self._clock() + KEPT} | counts
        lane.parcels, lane.rows, lane.size = lane.parcels + 1, [], 0
        under_way.append(asyncio.create_task(self._documents.commit([Put(path, data)])))
        if len(under_way) > AT_ONCE:
            await under_way.popleft()

    async def work(self, command: ImportLane) -> None:
        """Works a lane off, parcel by parcel; what is done already is passed over."""
        async with self._free:
            await self._work(command)

    async def _work(self, command: ImportLane) -> None:
        until = time.monotonic() + self._budget
        head = await self._documents.get(f"imports/{command.import_id}")
        if not head.exists:
            return
        for number in range(command.parcel, head["parcels"][command.lane]):
            if time.monotonic() > until:
                rest = command.model_copy(update={"parcel": number})
                await self._publisher.publish([rest])
                return
            path = f"parcels/{command.import_id}.{command.lane}.{number}"
            await committed(self._documents, partial(self._plan, head, path))

    async def _plan(self, head: Snapshot, path: str, number: int) -> tuple[None, list[Write]]:
        """Nothing where somebody else has done this parcel in the meantime."""
        parcel = await self._documents.get(path)
        if not parcel.exists or parcel["done"]:
            return None, []
        rows = [unpacked_row(one) for one in unzipped(parcel["rows"])]
        results, writes = await self._results(head, rows, number)
        kept = [asdict(one) | _rejected(one, row) for one, row in zip(results, rows, strict=True)]
        counts: Counter[str] = Counter(one.status for one in results)
        done = {"done": len(rows), "rows": zipped(map(json.dumps, kept)), **{name: counts[name] for name in STATUSES}}
        return None, [*(() if head["dry_run"] else writes), Update(path, done, parcel.version)]

    async def _results(self, head: Snapshot, rows: Sequence[Given], number: int) -> tuple[list[Result], list[Write]]:
        number = 1 if head["dry_run"] else number  # then nothing is found out by a commit that fails
        if head["what"] == "activities":
            activities, finish = checked_activities(rows)
            arrivals = [Arrival(one, head["unknown"]) for one in activities]
            counted, writes = await self.activities.plan(arrivals, number)
            return finish(counted), writes
        customers, finish_customers = checked_customers(rows)
        written, writes = await self.ingestion.plan(customers, number)
        return finish_customers(written), writes

    async def status(self, import_id: str) -> dict[str, Any]:
        """Raises `NotFound`."""
        head = await self._documents.get(f"imports/{import_id}")
        if head.data is None:
            raise NotFound(GONE)
        of_import = Query(collection="parcels", where=[Where("import", "==", import_id)], at=head.at)
        sums: dict[str, int] = {}
        for names in SUMMED:
            sums |= await self._documents.sums(of_import, names)
        finished = head["state"] in {"working", "failed"} and sums["done"] == head["rows"]
        state = "done" if finished else "broken" if self._is_dead(head) else head["state"]
        return {**head.data, **sums, "id": import_id, "state": state}

    def _is_dead(self, head: Snapshot) -> bool:
        """Whether it is being received by nobody any more: the instance was stopped before it could say so."""
        return bool(head["state"] == "receiving" and self._clock() - head["at"] > LONGEST_REQUEST)

    async def forget(self, customer_id: str, words: Collection[str]) -> None:
        """Takes a person out of the rows that are done; those that still wait are an import after the erasure."""
        after: tuple[str] | None = None
        while found := await self._documents.query(Query(collection="parcels", after=after, limit=FEW)):
            after = (found[-1].id,)
            for parcel in found:
                rows = forgotten(parcel["rows"], customer_id, words) if parcel["done"] else None
                if rows is not None:
                    with suppress(Conflict):  # it was not kept any longer
                        await self._documents.commit([Update(parcel.path, {"rows": rows})])

    async def results(self, import_id: str) -> tuple[list[str], AsyncIterator[dict[str, Any]]]:
        """The columns that were sent, and what became of each row that is done. Raises `NotFound`."""
        head = await self._documents.get(f"imports/{import_id}")
        if head.data is None:
            raise NotFound(GONE)
        return head.get("headers", []), self._done(head)

    async def _done(self, head: Snapshot) -> AsyncIterator[dict[str, Any]]:
        for lane, parcels in enumerate(head.get("parcels", ())):
            for number in range(parcels):
                parcel = await self._documents.get(f"parcels/{head.id}.{lane}.{number}")
                if parcel.exists and parcel["done"]:
                    for one in unzipped(parcel["rows"]):
                        yield one


def _rejected(result: Result, row: Given) -> dict[str, Any]:
    """What is given back of a row, and whose it may be."""
    if result.status != "rejected":
        return {"sent": None}
    return {"sent": row.sent, "known": sorted(known_by(row.data or {}))}


async def _all(first: Sequence[Given], upload: Upload) -> AsyncIterator[Given]:
    rows: Sequence[Given] = first
    while rows:
        for one in rows:
            yield one
        rows = await upload.take(TAKEN)
