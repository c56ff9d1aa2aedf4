"""Folding: changes become blocks, so that readers have few documents to load and the changes do not pile up.

One fold at a time holds the lease in the head. It reads head and changes at one instant, writes new blocks beside the
old ones, and then moves the head over the very version it read, in the commit that also deletes the changes. Until that
commit nothing has happened, and after it everything has: a fold may die anywhere, or be overtaken by another, and the
index stays right. What it leaves behind then are blocks that no head names; a later fold removes them.

A tombstone stays in its block as long as an older change of the same customer may still be waiting: that is, until a
fold takes all changes there are. Those written after it are newer, because versions grow with every commit.

A fold by older code loses the columns that it does not know, and blocks of its time lack them. The head says since when
all folds knew the same columns: the daily comparison looks at every customer when that changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from common.audience.index.compactor import Press
from common.audience.index.connection import Files, files
from common.audience.index.manifest import Head
from common.audience.index.tables import CUSTOMERS, Sheet, ids, path
from common.errors import Conflict, Exists, Unavailable
from common.storage.documents import Create, Delete, Documents, Put, Snapshot

MOST_CHANGES = 400
"""In one fold: their deletions share a commit with the head."""

ENOUGH_BYTES = 8_000_000
"""A fold reads no further changes once it has this much, so that it fits in a small instance."""

COMMIT_BYTES = 3_000_000
WAVE = 8
"""How many buckets, or changes, are in memory at a time."""

SEARCHED_EVERY = 64
"""In how many generations every block is looked at, in case an overtaken fold died while others went on."""

Contents = dict[str, bytes]
"""By block id."""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    generation: int
    changes: int  # how many were folded; none where there were only old blocks to remove
    buckets: int  # how many were written anew
    remaining: int  # changes that wait for the next fold


async def fold(
    documents: Documents, *, now: datetime, owner: str, sheet: Sheet = CUSTOMERS, most: int = MOST_CHANGES
) -> Folded | None:
    """Folds what there is, up to a limit: again, then, while something remains.

    None where there is nothing to fold, or somebody else is folding.
    """
    before = await documents.get(sheet.head)
    if not await _is_due(documents, sheet, before, now):
        return None
    generation = await _take_lease(documents, before, owner, now)
    snapshot = await documents.get(sheet.head)
    if Head.of(snapshot.data).generation != generation:
        return None
    await _tidy(documents, sheet, snapshot, now)
    return await _fold(documents, sheet, snapshot, now, most)


async def _is_due(documents: Documents, sheet: Sheet, snapshot: Snapshot, now: datetime) -> bool:
    head = Head.of(snapshot.data)
    if head.is_leased(now):
        return False
    return bool(head.expired(now) or await documents.query(ids(sheet.change, snapshot.at, limit=1)))


async def _take_lease(documents: Documents, before: Snapshot, owner: str, now: datetime) -> int | None:
    """The generation that is now ours alone, or None where somebody was quicker."""
    head = Head.of(before.data).leased_to(owner, now)
    document = head.document()
    taken = Put(before.path, document, before.version) if before.exists else Create(before.path, document)
    try:
        await documents.commit([taken])
    except (Conflict, Exists):
        return None
    return head.generation


async def _tidy(documents: Documents, sheet: Sheet, snapshot: Snapshot, now: datetime) -> None:
    """Removes blocks that no reader can hold: those replaced a while ago, and what unfinished folds left behind."""
    head = Head.of(snapshot.data)
    useless = head.expired(now)
    if head.folded != head.generation - 1 or head.generation % SEARCHED_EVERY == 0:
        useless += await _abandoned(documents, sheet, snapshot)
    await _delete(documents, useless)


async def _abandoned(documents: Documents, sheet: Sheet, snapshot: Snapshot) -> list[str]:
    """Blocks that no head names nor ever will: whoever wrote them lost the lease before this head was read."""
    named = Head.of(snapshot.data).named()
    found = await documents.query(ids(sheet.block, snapshot.at))
    return [block.id for block in found if block.id not in named]


async def _delete(documents: Documents, block_ids: Sequence[str]) -> None:
    for some in _slices(block_ids, MOST_CHANGES):
        await documents.commit([Delete(path(block)) for block in some])


async def _fold(documents: Documents, sheet: Sheet, snapshot: Snapshot, now: datetime, most: int) -> Folded | None:
    head = Head.of(snapshot.data)
    waiting = await documents.query(ids(sheet.change, snapshot.at))
    taken = await _read(documents, waiting[:most], snapshot.at)
    remaining = len(waiting) - len(taken)
    written = await _write_blocks(documents, sheet, taken, snapshot, keep_erased=remaining > 0)
    moved = Put(sheet.head, head.moved(written, sheet.columns, now).document(), expected=snapshot.version)
    try:
        await documents.commit([moved, *(Delete(change.path) for change in taken)])
    except Conflict:
        await _discard(documents, sheet, written)
        return None
    return Folded(generation=head.generation, changes=len(taken), buckets=len(written), remaining=remaining)


async def _read(documents: Documents, waiting: Sequence[Snapshot], at: datetime) -> list[Snapshot]:
    taken: list[Snapshot] = []
    for some in _slices(waiting, WAVE):
        if sum(len(change["rows"]) for change in taken) >= ENOUGH_BYTES:
            break
        taken += await documents.get_all([change.path for change in some], at=at)
    return taken


async def _write_blocks(
    documents: Documents, sheet: Sheet, taken: Sequence[Snapshot], snapshot: Snapshot, *, keep_erased: bool
) -> dict[int, list[str]]:
    """The ids of the new blocks, by bucket."""
    if not taken:
        return {}
    written: dict[int, list[str]] = {}
    with files() as folder:
        press = await asyncio.to_thread(_press, sheet, folder, taken)
        for buckets in _slices(press.buckets(), WAVE):
            old = await _old_blocks(documents, buckets, snapshot)
            new = await asyncio.to_thread(_merged, press, old, keep_erased)
            generation = snapshot["generation"]
            named = {bucket: _named(sheet, generation, bucket, contents) for bucket, contents in new.items()}
            for writes in _parcels(named.values()):
                await documents.commit(writes)
            written |= {bucket: list(contents) for bucket, contents in named.items()}
    return written


def _press(sheet: Sheet, folder: Files, taken: Sequence[Snapshot]) -> Press:
    return Press(sheet, folder, folder.write({change.id: change["rows"] for change in taken}))


async def _old_blocks(documents: Documents, buckets: Sequence[int], snapshot: Snapshot) -> dict[int, Contents]:
    head = Head.of(snapshot.data)
    named = {bucket: head.blocks.get(bucket, ()) for bucket in buckets}
    found = await documents.get_all([path(block) for block in chain(*named.values())], at=snapshot.at)
    if not all(block.exists for block in found):
        raise Unavailable("A block of the audience index is gone: another fold must have replaced it.")
    contents = {block.id: block["rows"] for block in found}
    return {bucket: {block: contents[block] for block in blocks} for bucket, blocks in named.items()}


def _merged(press: Press, old: Mapping[int, Contents], keep_erased: bool) -> dict[int, list[bytes]]:
    with files() as folder:  # of its own, because it may be memory that the files take
        return {
            bucket: press.merge(bucket, folder.write(contents), keep_erased=keep_erased)
            for bucket, contents in old.items()
        }


def _named(sheet: Sheet, generation: int, bucket: int, contents: Sequence[bytes]) -> Contents:
    return {sheet.block_id(generation, bucket, number): content for number, content in enumerate(contents)}


def _parcels(blocks: Iterable[Contents]) -> Iterator[list[Put]]:
    """The blocks as commits, each small enough."""
    parcel: list[Put] = []
    size = 0
    for block, content in chain.from_iterable(contents.items() for contents in blocks):
        if parcel and size + len(content) > COMMIT_BYTES:
            yield parcel
            parcel, size = [], 0
        parcel.append(Put(path(block), {"rows": content}))
        size += len(content)
    if parcel:
        yield parcel


async def _discard(documents: Documents, sheet: Sheet, written: Mapping[int, Sequence[str]]) -> None:
    """Another fold overtook this one, so its blocks are of no use, unless the head names them after all.

    It does where the commit went through, its answer was lost, and the client's second try met its own first one.
    """
    head = Head.of((await documents.get(sheet.head)).data)
    await _delete(documents, [block for block in chain(*written.values()) if block not in head.named()])


def _slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
