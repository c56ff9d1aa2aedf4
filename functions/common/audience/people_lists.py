"""The lists of static segments: who is in them, as customer ids, and as keyed hashes of addresses that nobody had.

    segments/{id}                kind          "static"
                                 list_version  random; another one after each change of the list
                                 seen          customers who were written before this version were compared with the
                                               waiting addresses
                                 people        the number of ids
                                 waiting       the number of addresses that are waiting for somebody who has them
    segment_people/{id}.{shard}  segment, shard
                                 people        ids of customers, compressed; an id may be that of a future customer
                                 waiting       keyed hashes of addresses, compressed

A list and its segment are always written in one commit, so that a reader sees all of a change or nothing: the limit of
`MAX_ENTRIES` keeps such a commit under 4 MiB. An erased person is taken out of every list, and with a merge the kept
customer takes the place of the other one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from common.audience.merged_customers import hashes_of_merged, read_merged_documents
from common.errors import Conflict
from common.ids import BUCKETS, bucket_of, random_id
from common.storage.documents import Delete, DocumentReader, Documents, Put, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry

SHARDS = 16
MAX_ENTRIES = 100_000
COLLECTION = "segment_people"


@dataclass(frozen=True, kw_only=True, slots=True)
class PeopleList:
    """Who is in a static segment."""

    people: frozenset[str] = frozenset()  # ids of customers
    waiting: frozenset[str] = frozenset()  # keyed hashes of addresses
    seen: int = field(default=0, compare=False)  # see above

    def __len__(self) -> int:
        return len(self.people) + len(self.waiting)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredList:
    """A list as it was read, with its segment and the documents that exist."""

    segment: Snapshot
    shards: Sequence[Snapshot]
    content: PeopleList = field(default_factory=PeopleList)

    @property
    def version(self) -> str | None:
        """Another one after each change; None if there is no such static segment."""
        version: str | None = self.segment.get("list_version")
        return version

    def writes(self, after: PeopleList, *, count: int | None = None) -> list[Write]:
        """What changes the list, over the version that was read; with the number of customers in it, if it is known."""
        before = {shard.path: shard for shard in self.shards}
        writes: list[Write] = []
        for path, data in _shard_data(self.segment.id, after).items():
            if not data["people"] and not data["waiting"]:
                writes += [Delete(path, before[path].version)] if path in before else []
                continue
            packed = {**data, "people": _pack(data["people"]), "waiting": _pack(data["waiting"])}
            if path not in before or before[path].data != packed:
                writes.append(Put(path, packed, before[path].version if path in before else None))
        numbers = {"people": len(after.people), "waiting": len(after.waiting)}
        numbers |= {} if count is None else {"count": count}
        fields = {"list_version": random_id(), "seen": after.seen, **numbers}
        return [Update(self.segment.path, fields, self.segment.version), *writes]


def list_paths(segment_id: str) -> list[str]:
    """The paths of the documents that a list may have."""
    return [f"{COLLECTION}/{segment_id}.{shard}" for shard in range(SHARDS)]


def shard_of(entry: str) -> int:
    """The shard of an id or a hash."""
    return _shard_of_bucket(bucket_of(entry))


async def read_list(documents: Documents, segment_id: str, *, at: datetime | None = None) -> StoredList:
    """The list and its segment, at one instant: now, or `at`."""
    segment, *shards = await documents.get_all([f"segments/{segment_id}", *list_paths(segment_id)], at=at)
    stored = [shard for shard in shards if shard.exists]
    content = PeopleList(
        people=frozenset(entry for shard in stored for entry in _unpack(shard["people"])),
        waiting=frozenset(entry for shard in stored for entry in _unpack(shard["waiting"])),
        seen=segment.get("seen", 0),
    )
    return StoredList(segment=segment, shards=stored, content=content)


async def forget_people(documents: Documents, customer_ids: Collection[str], hashes: Collection[str]) -> None:
    """Takes a person, with these ids and hashes of addresses, out of every list."""
    ids, waiting = frozenset(customer_ids), frozenset(hashes)
    await _change_lists_with(
        documents, ids, waiting, lambda one: replace(one, people=one.people - ids, waiting=one.waiting - waiting)
    )


async def replace_people(
    documents: Documents, merged_ids: Collection[str], hashes: Collection[str], *, kept_id: str
) -> None:
    """Puts the kept customer where the merged ones are, by their ids or by the hashes of their addresses."""
    ids = frozenset(merged_ids)
    await _change_lists_with(
        documents, ids, frozenset(hashes), lambda one: replace(one, people=(one.people - ids) | {kept_id})
    )


async def move_merged(documents: Documents, merged: Sequence[Snapshot], *, kept_id: str) -> None:
    """Puts the kept customer into the lists that have one of these merged ones: by their ids, and, if this was not done
    yet, by the hashes of their addresses. Who was taken out of a list since stays out."""
    pending = [one for one in merged if one.get("lists_pending")]
    hashes = [hash_ for one in pending for hash_ in hashes_of_merged(one)]
    await replace_people(documents, [one.id for one in merged], hashes, kept_id=kept_id)
    for one in pending:
        with suppress(Conflict):  # erased, or merged on, by another process: that one has done it, or repeats it
            await documents.commit([Update(one.path, {"lists_pending": False}, one.version)])


async def finish_merges(documents: Documents, buckets: Collection[int]) -> int:
    """Puts the kept customers into the lists that still have the merged ones, of these buckets, because a merge was cut
    off. How many merged customers these were."""
    shards = sorted({_shard_of_bucket(bucket) for bucket in buckets})
    found = await documents.query(Query(collection=COLLECTION, where=[Where("shard", "in", shards)]))
    has_lists = bool(found) or bool(await documents.query(Query(collection=COLLECTION, limit=1, fields=())))
    merged = {one.id: one for one in await read_merged_documents(documents)} if has_lists else {}
    unfinished = {entry for shard in found for entry in _unpack(shard["people"]) if entry in merged}
    unfinished |= {id_ for id_, one in merged.items() if one.get("lists_pending") and bucket_of(id_) in buckets}
    for id_ in sorted(unfinished):
        await move_merged(documents, [merged[id_]], kept_id=merged[id_]["merged_into"])
    return len(unfinished)


async def find_lists_with(documents: DocumentReader, ids: Collection[str], hashes: Collection[str]) -> list[str]:
    """The ids of the static segments whose lists have one of these customers or hashes of addresses."""
    people, waiting = frozenset(ids), frozenset(hashes)
    shards = sorted({shard_of(entry) for entry in (*people, *waiting)})
    found = await documents.query(Query(collection=COLLECTION, where=[Where("shard", "in", shards)])) if shards else []
    return sorted(
        {shard["segment"] for shard in found if _has(shard, "people", people) or _has(shard, "waiting", waiting)}
    )


async def _change_lists_with(
    documents: Documents, ids: frozenset[str], hashes: frozenset[str], change: Callable[[PeopleList], PeopleList]
) -> None:
    """Changes every list that has one of the ids or hashes."""
    for segment_id in await find_lists_with(documents, ids, hashes):

        async def build(_: int, segment_id: str = segment_id) -> tuple[None, list[Write]]:
            stored = await read_list(documents, segment_id)
            after = change(stored.content)
            return None, [] if after == stored.content or not stored.segment.exists else stored.writes(after)

        await commit_with_retry(documents, build)


def _shard_of_bucket(bucket: int) -> int:
    return bucket * SHARDS // BUCKETS


def _has(shard: Snapshot, name: str, entries: frozenset[str]) -> bool:
    return bool(entries) and not entries.isdisjoint(_unpack(shard[name]))


def _shard_data(segment_id: str, content: PeopleList) -> dict[str, dict[str, Any]]:
    """The fields of each document of the list, by path."""
    data: list[dict[str, Any]] = [
        {"segment": segment_id, "shard": shard, "people": [], "waiting": []} for shard in range(SHARDS)
    ]
    for name, entries in (("people", content.people), ("waiting", content.waiting)):
        for entry in sorted(entries):
            data[shard_of(entry)][name].append(entry)
    return dict(zip(list_paths(segment_id), data, strict=True))


def _pack(entries: Iterable[str]) -> bytes:
    return zlib.compress(json.dumps(list(entries)).encode())


def _unpack(packed: bytes) -> list[str]:
    entries: list[str] = json.loads(zlib.decompress(packed))
    return entries
