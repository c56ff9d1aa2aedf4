"""Undoing an import: what it created is removed, and what it changed is put back.

    imports/{id}                 undo              by whom and when, and in how many parts
    import_undos/{id}.{part}     cursor            the last customer of the part that is done
                                 done              whether all of the part are done
                                 removed, put_back how many customers
                                 kept              how many by reason
                                 opt_outs          people whose no from the file stays

A part has a share of the customers, in the order of their ids. Each commit undoes the changes to some of them and moves
the cursor, over the versions that were read. So each customer is undone once, whenever the process dies and however
often a command is delivered. What the import changed of the statements about addresses is put back first.

Whoever has something newer is kept: see `_Person.reason_to_keep`. If only another import keeps them, the undo of that
one removes them, or puts the rest back: the order of the undos does not matter.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import tzinfo
from functools import partial
from typing import Any

from common.addresses.address import AddressHasher, addresses_of
from common.addresses.holders import consent_flags, find_holders
from common.audience import customer_delta, event_delta, tombstone
from common.audience.customer_writes import with_changes
from common.audience.event_reconciliation import ACTIVITIES, event_of
from common.audience.index.rows import event_tombstone, microseconds
from common.audience.merged_customers import is_merged, kept_path
from common.batching import chunked
from common.clock import Clock, utc_now
from common.events import ProcessImportShard
from common.ids import BUCKETS, bucket_of
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Delete, Documents, Increment, Put, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..commands.address_states import AddressStates
from ..commands.import_notes import follow_notes
from ..model.import_notes import OTHERS, Notes, named_by_others
from .changes import RETENTION, AddressChange, Change, CustomerChange, change_writes, read_changes
from .put_back import (
    PutBack,
    WaitingValue,
    consents_only,
    denied_channels,
    has_yes,
    is_unchanged_since,
    put_back,
    release,
    take_out,
    without_yes,
)

MAX_CUSTOMERS = 30
"""In one commit: one query finds the records of so many customers."""
MAX_ACTIVITIES = 200
"""Of an import, in one commit."""
RECORDS = ("activities", "claims", "receipts", "deferred")
MAX_FOLLOWERS = 200
"""In one commit; so many customers are read together to find them."""
MAX_CONCURRENCY = 2
TIME_BUDGET_SECONDS = 20
NOTHING = StagedWrites(last=[])
_Batch = Mapping[str, Sequence[CustomerChange]]
"""What the import changed, by customer."""


@dataclass
class _Counts:
    """What was done with the customers of one commit."""

    removed: int = 0
    put_back: int = 0
    opt_outs: int = 0
    kept: Counter[str] = field(default_factory=Counter)

    def add_to(self, progress: Snapshot) -> dict[str, Any]:
        """The sums with those of the commits before."""
        kept = self.kept + Counter(progress.get("kept", {}))
        sums = {name: progress.get(name, 0) + getattr(self, name) for name in ("removed", "put_back", "opt_outs")}
        return {**sums, "kept": dict(kept)}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Person:
    """A customer whom the import changed, with what is stored."""

    current: Snapshot
    changes: Sequence[CustomerChange]
    own: Sequence[Snapshot]  # the activities that the import counted
    records: Mapping[str, Sequence[Snapshot]]  # all other records, by collection

    @property
    def is_created(self) -> bool:
        """Whether the import created the customer."""
        return _is_created(self.changes)

    @property
    def is_only_named(self) -> bool:
        """Whether no row of the import changed the customer."""
        return not any(change.version or change.activities for change in self.changes)

    @property
    def notes(self) -> Notes:
        """What is known about other imports. Somebody whom an earlier version of Herald wrote has none."""
        return self.current.get("import_notes") or {}

    def named_by_others(self, import_id: str) -> dict[str, Mapping[str, int]]:
        """The fields that everything else than this import gave, by its name."""
        return named_by_others(self.notes, import_id)

    def reason_to_keep(self, import_id: str) -> str | None:
        """Why somebody is not removed whom this import created, or another one that is undone already."""
        if self.current.get("merged_from"):
            return "merged"
        if self.records["activities"]:
            return "activities"
        if any(self.records[name] for name in ("claims", "receipts", "deferred")):
            return "messages"
        if self.notes:
            is_unchanged = self.notes.get("version") == self.current["version"]
        else:
            is_unchanged = is_unchanged_since(self.current.data or {}, self.changes)
        if not is_unchanged:
            return "changed"
        return "named" if self.named_by_others(import_id) else None


class ImportUndo:
    """Undoes imports, part by part."""

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        hashes: AddressHasher,
        address_states: AddressStates,
        zone: tzinfo,
        budget: float = TIME_BUDGET_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._hashes = hashes
        self._address_states = address_states
        self._zone = zone
        self._slots = asyncio.Semaphore(MAX_CONCURRENCY)
        self._budget = budget
        self._clock = clock

    async def process(self, command: ProcessImportShard) -> None:
        """Undo one part of an import, or what is left of it."""
        async with self._slots:
            job = await self._documents.get(f"imports/{command.import_id}")
            if job.get("undo"):
                await self._process_part(job, command)

    async def _process_part(self, job: Snapshot, command: ProcessImportShard) -> None:
        """Undo customers until the time budget is used up, then publish the command again."""
        path = f"import_undos/{job.id}.{command.shard}"
        progress = await self._documents.get(path)
        if progress.get("done"):
            return
        is_left = partial(_is_left, part=command.shard, parts=job["undo"]["parts"], cursor=progress.get("cursor", ""))
        customers, addresses = await read_changes(self._documents, job.id, is_wanted=is_left)
        await self._put_back_addresses(addresses)
        if addresses:
            await self._put_back_followers(job, customers, addresses)
        until = time.monotonic() + self._budget  # so that each delivery goes on, however long the reading takes
        for batch in _batches(dict(sorted(customers.items()))):
            left = await self._remove_most_activities(job, batch)
            await commit_with_retry(self._documents, partial(self._build_commit, job, path, left))
            if time.monotonic() > until:
                await self._publisher.publish([command])
                return
        await commit_with_retry(self._documents, partial(self._build_end, job, path))

    async def _build_end(self, job: Snapshot, path: str, attempt: int) -> tuple[None, list[Write]]:
        """Mark the part as done."""
        progress = await self._documents.get(path)
        return None, [_progress_write(job, progress, {**_Counts().add_to(progress), "done": True})]

    async def _put_back_addresses(self, changes: Mapping[str, Sequence[AddressChange]]) -> None:
        """Put back what was said about addresses before. Each part does it for all, and only the first one writes."""
        for address, of_address in changes.items():
            build = partial(self._build_address, f"addresses/{address}", of_address)
            await commit_with_retry(self._documents, build)

    async def _build_address(
        self, path: str, changes: Sequence[AddressChange], attempt: int
    ) -> tuple[None, list[Write]]:
        """The statement that each channel had."""
        stored = await self._documents.get(path)
        consents = _without_changes(stored.get("consents", {}), changes)
        if consents == stored.get("consents", {}):
            return None, []
        fields = {"at": self._clock(), "changes": Increment(1), "consents": consents}
        return None, [Update(path, fields, stored.version)]

    async def _put_back_followers(
        self, job: Snapshot, customers: _Batch, addresses: Mapping[str, Sequence[AddressChange]]
    ) -> None:
        """Take the yes of an address back from those who got it with the address since: by a merge, or by another
        import. Otherwise it would be stored with the address again."""
        holders: set[str] = set()
        for ids in chunked(customers, MAX_FOLLOWERS):
            found = await self._documents.get_all([f"customers/{id_}" for id_ in ids])
            kept = await self._documents.get_all(sorted({kept_path(one) for one in found if is_merged(one)}))
            records: list[Mapping[str, Any]] = [one.data or {} for one in (*found, *kept)]
            records += [one for id_ in ids for change in customers[id_] for one in (change.before, change.after)]
            shared = {one for data in records for one in addresses_of(data) if self._hashes.hash(one) in addresses}
            holders |= {one.id for one in await find_holders(self._documents, shared)}
        changed, _ = await read_changes(self._documents, job.id, is_wanted=partial(_is_about, holders))
        for ids in chunked(sorted(holders - changed.keys()), MAX_FOLLOWERS):
            await commit_with_retry(self._documents, partial(self._build_followers, ids, addresses))

    async def _build_followers(
        self, ids: Sequence[str], addresses: Mapping[str, Sequence[AddressChange]], attempt: int
    ) -> tuple[None, StagedWrites]:
        """The statements that these customers have without those of the import about their addresses."""
        changed: dict[str, tuple[Snapshot, PutBack]] = {}
        for customer in await self._documents.get_all([f"customers/{id_}" for id_ in ids]):
            consents = customer.get("consents", {})
            for address in addresses_of(customer.data or {}):
                consents = _without_changes(consents, addresses.get(self._hashes.hash(address), ()))
            if consents != customer.get("consents", {}):
                fields = {"consents": consents, "consent": consent_flags(consents)}
                after = with_changes(customer.data or {}, fields, now=self._clock())
                changed[customer.path] = (customer, PutBack(customer=after))
        return None, await self._stage(changed)

    async def _remove_most_activities(self, job: Snapshot, batch: _Batch) -> _Batch:
        """Take activities out of a customer's sums until the rest fits into one commit. Returns what is then known to
        be changed."""
        if sum(len(change.activities) for changes in batch.values() for change in changes) <= MAX_ACTIVITIES:
            return batch
        while await commit_with_retry(self._documents, partial(self._build_slice, job, batch)):
            pass
        customers, _ = await read_changes(self._documents, job.id, is_wanted=partial(_is_about, batch))
        return customers or batch

    async def _build_slice(self, job: Snapshot, batch: _Batch, attempt: int) -> tuple[bool, StagedWrites]:
        """Take some activities out; False if what is left fits into one commit.

        The days and times are those of before only when all are out. That the undo itself wrote the customer is kept,
        so that it does not count as newer.
        """
        [person] = await self._read_people(job, batch)
        current, now = person.current, self._clock()
        if len(person.own) <= MAX_ACTIVITIES or not current.exists or is_merged(current):
            return False, NOTHING
        some = person.own[:MAX_ACTIVITIES]
        after = take_out(current.data or {}, (), some, (), zone=self._zone, now=now)
        own = CustomerChange(customer=current.id, version=after.customer["version"], version_before=current["version"])
        staged = await self._stage({current.path: (current, after)})
        return True, staged.plus([*_activity_writes(some), *change_writes(job.id, [own], now)])

    async def _build_commit(self, job: Snapshot, path: str, batch: _Batch, attempt: int) -> tuple[None, StagedWrites]:
        """Undo the changes to some customers; nothing if another delivery has done it."""
        progress = await self._documents.get(path)
        last = max(batch)
        if progress.get("cursor", "") >= last:
            return None, NOTHING
        counts, changed, removed, activities = _Counts(), {}, list[Snapshot](), list[Snapshot]()
        for person in await self._read_people(job, batch):
            counts.opt_outs += bool(denied_channels(person.changes))
            if not person.current.exists or is_merged(person.current):
                counts.kept["merged" if person.current.exists else "erased"] += 1
                continue
            activities += person.own
            may_go = person.is_created or person.notes.get("orphaned")
            reason = person.reason_to_keep(job.id) if may_go else None
            if may_go and reason is None:
                counts.removed += 1
                removed.append(person.current)
                continue
            after = self._undone(job, person)
            changed[person.current.path] = (person.current, after)
            if kept := (reason if person.is_created else after.reason):
                counts.kept[kept] += 1
            else:
                counts.put_back += bool(after.moved) or not person.is_only_named
        moved = _progress_write(job, progress, {**counts.add_to(progress), "cursor": last, "done": False})
        return None, (await self._stage(changed)).plus([*_activity_writes(activities), *self._removals(removed), moved])

    def _undone(self, job: Snapshot, person: _Person) -> PutBack:
        """The customer without what the import changed and without its notes."""
        current, now = person.current.data or {}, self._clock()
        others = person.named_by_others(job.id)
        named = list(others.values())
        only_consents = job["what"] == "activities" or person.is_created
        changes = list(map(consents_only, person.changes)) if only_consents else person.changes
        undone = put_back(current, changes, named=named, now=now)
        waiting = [WaitingValue(**one) for one in person.notes.get("waiting", ())]
        given = person.notes.get("named", {}).get(job.id, {})
        undone = release(undone, waiting, given, named=named, now=now)
        if job["what"] == "activities":
            left = person.records["activities"]
            taken = take_out(undone.customer, person.changes, person.own, left, zone=self._zone, now=now)
            undone = replace(undone, customer=taken.customer)
        if not person.notes:
            return undone
        may_end = bool(others.keys() - {OTHERS})  # imports that may be undone as well
        notes: dict[str, Any] = {**person.notes, "named": others}
        notes["waiting"] = [asdict(one) for one in undone.waiting] if may_end else []
        notes["orphaned"] = person.is_created or bool(person.notes.get("orphaned"))
        return replace(undone, customer={**undone.customer, "import_notes": notes})

    async def _stage(self, changed: Mapping[str, tuple[Snapshot, PutBack]]) -> StagedWrites:
        """The writes of customers who are put back, with what is known about the addresses that they have again."""
        if not changed:
            return NOTHING
        before = {path: current for path, (current, _) in changed.items()}
        after = {path: undone.customer for path, (_, undone) in changed.items()}
        _, staged = await self._address_states.customer_writes(before, after, now=self._clock())
        return follow_notes(staged)

    def _removals(self, customers: Sequence[Snapshot]) -> list[Write]:
        """Delete the customers, also in the audience index. What is known about their addresses stays."""
        now = microseconds(self._clock())
        rows = [tombstone(one.id, version=max(one["version"] + 1, now)) for one in customers]
        return [*(Delete(one.path, one.version) for one in customers), *customer_delta(rows)]

    async def _read_people(self, job: Snapshot, batch: _Batch) -> list[_Person]:
        """The customers with the records that decide what becomes of them: all records of those who may be removed,
        and of the others the activities, if the import counted some."""
        ids = list(batch)
        customers = await self._documents.get_all([f"customers/{id_}" for id_ in ids])
        may_go = [
            id_
            for id_, customer in zip(ids, customers, strict=True)
            if _is_created(batch[id_]) or customer.get("import_notes", {}).get("orphaned")
        ]
        with_activities = ids if job["what"] == "activities" else may_go
        asked = {name: with_activities if name == "activities" else may_go for name in RECORDS}
        records = await asyncio.gather(*(self._read(name, some) for name, some in asked.items()))
        by_collection = dict(zip(RECORDS, records, strict=True))
        return [
            self._person(customer, batch[id_], {name: found[id_] for name, found in by_collection.items()})
            for id_, customer in zip(ids, customers, strict=True)
        ]

    async def _read(self, collection: str, ids: Sequence[str]) -> defaultdict[str, list[Snapshot]]:
        """The records of these customers, by customer; of an activity all fields."""
        found: defaultdict[str, list[Snapshot]] = defaultdict(list)
        if not ids:
            return found
        fields = None if collection == "activities" else ("customer",)
        own = Query(collection=collection, where=[Where("customer", "in", ids)], fields=fields)
        for record in await self._documents.query(own):
            found[record["customer"]].append(record)
        return found

    def _person(
        self, current: Snapshot, changes: Sequence[CustomerChange], records: dict[str, list[Snapshot]]
    ) -> _Person:
        counted = {id_ for change in changes for id_ in change.activities}
        activities = records["activities"]
        own = [one for one in activities if one.id in counted]
        others = {**records, "activities": [one for one in activities if one.id not in counted]}
        return _Person(current=current, changes=changes, own=own, records=others)


def _is_created(changes: Sequence[CustomerChange]) -> bool:
    return any(change.version and not change.version_before for change in changes)


def part_of(customer: str, parts: int) -> int:
    """The part of an undo that has this customer."""
    return bucket_of(customer) * parts // BUCKETS


def _without_changes(consents: Mapping[str, Any], changes: Sequence[AddressChange]) -> dict[str, Any]:
    """The statements without those that the import wrote; the changes are in no order, and each leads to the one
    before it."""
    left = dict(consents)
    for _ in changes:
        for change in changes:
            left = without_yes(left, change.before, change.after)
    return left


def _is_about(customers: Collection[str], change: Change) -> bool:
    return isinstance(change, CustomerChange) and change.customer in customers


def _is_left(change: Change, *, part: int, parts: int, cursor: str) -> bool:
    """Whether it is about a customer of the part who is not done yet, or about an address to put back. Most statements
    of a large file are a no, which stays."""
    if isinstance(change, CustomerChange):
        return change.customer > cursor and part_of(change.customer, parts) == part
    return has_yes(change.before, change.after)


def _batches(customers: Mapping[str, Sequence[CustomerChange]]) -> Iterator[dict[str, Sequence[CustomerChange]]]:
    """Customers who fit into one commit together; one with more activities than that is alone."""
    batch: dict[str, Sequence[CustomerChange]] = {}
    size = 0
    for id_, changes in customers.items():
        activities = sum(len(change.activities) for change in changes)
        if batch and (len(batch) == MAX_CUSTOMERS or size + activities > MAX_ACTIVITIES):
            yield batch
            batch, size = {}, 0
        batch[id_] = changes
        size += activities
    if batch:
        yield batch


def _activity_writes(activities: Sequence[Snapshot]) -> list[Write]:
    """Delete activities, and their events in the audience index. They can be counted again."""
    deleted: list[Write] = [Delete(one.path, one.version) for one in activities]
    events = [event_tombstone(event_of(one, one["customer"])) for one in activities if one["type"] in ACTIVITIES]
    return [*deleted, *event_delta(events)]


def _progress_write(job: Snapshot, progress: Snapshot, fields: Mapping[str, Any]) -> Create | Put:
    """The progress of a part, over the version that was read. It is kept for longer than the import, which shows it."""
    data = {"cursor": progress.get("cursor", ""), **fields, "expires_at": job["expires_at"] + RETENTION}
    return Put(progress.path, data, progress.version) if progress.exists else Create(progress.path, data)
