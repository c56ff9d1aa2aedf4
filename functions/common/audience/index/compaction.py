"""Compaction: merges deltas into blocks, so that readers load few documents and deltas do not accumulate.

One compaction at a time holds the lease in the manifest. It reads manifest and deltas at one instant and writes new
blocks beside the old ones. Then it replaces the manifest, on the condition that it is unchanged, in the commit that
also deletes the deltas. That commit makes everything visible at once. So a compaction may die at any point, or be
overtaken by another, and the index stays correct. Blocks that it leaves behind are in no manifest; a later compaction
deletes them.

A tombstone stays in its block while an older delta of the same customer may still exist: until a compaction reads all
deltas. Deltas written later are newer, because versions grow with every commit.

A compaction by older code drops columns that it does not know, and its blocks lack them. The manifest says since which
generation all compactions knew the same columns. When that changes, the daily reconciliation checks every customer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path

from common.audience.index.compactor import Compactor, MergedBucket
from common.audience.index.connection import ScratchDirectory, scratch_directory
from common.audience.index.manifest import Manifest
from common.audience.index.tables import CUSTOMERS, IndexTable, document_path, id_range
from common.batching import chunked
from common.errors import Conflict, Exists, Unavailable
from common.storage.documents import Create, Delete, Documents, Put, Snapshot

MAX_DELTAS = 400
"""Per compaction, because the deletions share one commit with the manifest."""

MAX_INPUT_BYTES = 8_000_000
"""A compaction reads no further deltas above this size, so that it fits in the memory of a small instance."""

MAX_COMMIT_BYTES = 3_000_000
PARALLEL = 8
"""How many buckets, or deltas, are in memory at the same time."""

FULL_COLLECTION_EVERY = 64
"""After so many generations, all blocks are checked for orphans: an overtaken compaction may have died."""

InspectDeltas = Callable[[Sequence[bytes]], Awaitable[None]]
"""Takes the rows of deltas, as compressed lines."""

BlockContents = dict[str, bytes]
"""The content of blocks by block id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompactionResult:
    """What one compaction did."""

    generation: int
    deltas: int  # how many were merged; 0 if there were only expired blocks to delete
    buckets: int  # how many got new blocks
    remaining: int  # deltas left for the next compaction


@dataclass(kw_only=True, slots=True)
class WrittenBlocks:
    """What a compaction wrote."""

    new: list[str] = field(default_factory=list)  # the ids of the new blocks
    blocks: dict[int, list[str]] = field(default_factory=dict)  # by bucket: the ids of all its blocks, also of old ones
    rows: dict[int, int] = field(default_factory=dict)  # by bucket: of all its blocks


async def compact(
    documents: Documents,
    *,
    now: datetime,
    owner: str,
    table: IndexTable = CUSTOMERS,
    max_deltas: int = MAX_DELTAS,
    inspect: InspectDeltas | None = None,
) -> CompactionResult | None:
    """Merges the deltas of a table, up to a limit; call it again while `remaining` is not 0.

    None if there is nothing to do, or if another compaction is running. Before anything is merged, `inspect` sees the
    deltas; if it fails, they stay.
    """
    before = await documents.get(table.manifest_path)
    if not await _is_due(documents, table, before, now):
        return None
    generation = await _acquire_lease(documents, before, owner, now)
    snapshot = await documents.get(table.manifest_path)
    if Manifest.from_document(snapshot.data).generation != generation:
        return None
    await _collect_garbage(documents, table, snapshot, now)
    return await _compact_leased(documents, table, snapshot, now, max_deltas=max_deltas, inspect=inspect)


async def _is_due(documents: Documents, table: IndexTable, snapshot: Snapshot, now: datetime) -> bool:
    """There are deltas or expired blocks, and no other compaction is running."""
    manifest = Manifest.from_document(snapshot.data)
    if manifest.is_leased(now):
        return False
    first_delta = id_range(table.delta_prefix, snapshot.at, limit=1)
    return bool(manifest.expired_blocks(now) or await documents.query(first_delta))


async def _acquire_lease(documents: Documents, before: Snapshot, owner: str, now: datetime) -> int | None:
    """The generation that now belongs to this compaction alone, or None if another one was faster."""
    manifest = Manifest.from_document(before.data).with_lease(owner, now)
    document = manifest.to_document()
    write = Put(before.path, document, before.version) if before.exists else Create(before.path, document)
    try:
        await documents.commit([write])
    except (Conflict, Exists):
        return None
    return manifest.generation


async def _collect_garbage(documents: Documents, table: IndexTable, snapshot: Snapshot, now: datetime) -> None:
    """Deletes blocks that no reader can load: those replaced some time ago, and orphans of unfinished compactions."""
    manifest = Manifest.from_document(snapshot.data)
    garbage = manifest.expired_blocks(now)
    if manifest.compacted != manifest.generation - 1 or manifest.generation % FULL_COLLECTION_EVERY == 0:
        garbage += await _find_orphans(documents, table, snapshot)
    await _delete_blocks(documents, garbage)


async def _find_orphans(documents: Documents, table: IndexTable, snapshot: Snapshot) -> list[str]:
    """Blocks that are in no manifest and never will be: their writer lost the lease before this manifest was read."""
    referenced = Manifest.from_document(snapshot.data).referenced_blocks()
    blocks = await documents.query(id_range(table.block_prefix, snapshot.at))
    return [block.id for block in blocks if block.id not in referenced]


async def _delete_blocks(documents: Documents, block_ids: Sequence[str]) -> None:
    for batch in chunked(block_ids, MAX_DELTAS):
        await documents.commit([Delete(document_path(block)) for block in batch])


async def _compact_leased(
    documents: Documents,
    table: IndexTable,
    snapshot: Snapshot,
    now: datetime,
    *,
    max_deltas: int,
    inspect: InspectDeltas | None,
) -> CompactionResult | None:
    """The compaction itself, under the lease. None if another compaction has taken over the lease."""
    manifest = Manifest.from_document(snapshot.data)
    pending = await documents.query(id_range(table.delta_prefix, snapshot.at))
    deltas = await _read_deltas(documents, pending[:max_deltas], snapshot.at)
    if inspect:
        await inspect([delta["rows"] for delta in deltas])
    remaining = len(pending) - len(deltas)
    written = await _write_blocks(documents, table, deltas, snapshot, keep_erased=remaining > 0)
    advanced = manifest.advanced(written.blocks, table.columns, now, rows=written.rows)
    put = Put(table.manifest_path, advanced.to_document(), expected=snapshot.version)
    try:
        await documents.commit([put, *(Delete(delta.path) for delta in deltas)])
    except Conflict:
        await _discard(documents, table, written.new)
        return None
    return CompactionResult(
        generation=manifest.generation, deltas=len(deltas), buckets=len(written.blocks), remaining=remaining
    )


async def _read_deltas(documents: Documents, pending: Sequence[Snapshot], at: datetime) -> list[Snapshot]:
    """The deltas with their content, until they have `MAX_INPUT_BYTES`."""
    deltas: list[Snapshot] = []
    for batch in chunked(pending, PARALLEL):
        if sum(len(delta["rows"]) for delta in deltas) >= MAX_INPUT_BYTES:
            break
        deltas += await documents.get_all([delta.path for delta in batch], at=at)
    return deltas


async def _write_blocks(
    documents: Documents, table: IndexTable, deltas: Sequence[Snapshot], snapshot: Snapshot, *, keep_erased: bool
) -> WrittenBlocks:
    """Writes new blocks for the buckets that the deltas touch."""
    written = WrittenBlocks()
    if not deltas:
        return written
    with scratch_directory() as scratch:
        compactor = await asyncio.to_thread(_open_compactor, table, scratch, deltas)
        for buckets in chunked(compactor.buckets(), PARALLEL):
            old = await _load_blocks(documents, buckets, snapshot)
            merged = await asyncio.to_thread(_merge_buckets, compactor, old, keep_erased)
            generation = snapshot["generation"]
            blocks = {
                bucket: _with_block_ids(table, generation, bucket, one.contents) for bucket, one in merged.items()
            }
            for writes in _commit_batches(blocks.values()):
                await documents.commit(writes)
            for bucket, one in merged.items():
                written.new += blocks[bucket]
                written.blocks[bucket] = [*(Path(path).name for path in one.kept), *blocks[bucket]]
                written.rows[bucket] = one.rows
    return written


def _open_compactor(table: IndexTable, scratch: ScratchDirectory, deltas: Sequence[Snapshot]) -> Compactor:
    return Compactor(table, scratch, scratch.write_joined("deltas", (delta["rows"] for delta in deltas)))


async def _load_blocks(documents: Documents, buckets: Sequence[int], snapshot: Snapshot) -> dict[int, BlockContents]:
    """The present blocks of these buckets. Raises `Unavailable` if one was deleted."""
    manifest = Manifest.from_document(snapshot.data)
    block_ids = {bucket: manifest.blocks.get(bucket, ()) for bucket in buckets}
    paths = [document_path(block) for block in chain(*block_ids.values())]
    blocks = await documents.get_all(paths, at=snapshot.at)
    if not all(block.exists for block in blocks):
        raise Unavailable("A block of the audience index was deleted: another compaction has replaced it.")
    contents = {block.id: block["rows"] for block in blocks}
    return {bucket: {block: contents[block] for block in ids} for bucket, ids in block_ids.items()}


def _merge_buckets(
    compactor: Compactor, old: Mapping[int, BlockContents], keep_erased: bool
) -> dict[int, MergedBucket]:
    """The new blocks, by bucket."""
    with scratch_directory() as scratch:  # a separate one, deleted early, because the files may be in memory
        files = {bucket: scratch.write(contents) for bucket, contents in old.items()}
        return compactor.merge(files, keep_erased=keep_erased)


def _with_block_ids(table: IndexTable, generation: int, bucket: int, contents: Sequence[bytes]) -> BlockContents:
    return {table.block_id(generation, bucket, number): content for number, content in enumerate(contents)}


def _commit_batches(blocks: Iterable[BlockContents]) -> Iterator[list[Put]]:
    """The writes of the blocks, in batches of at most `MAX_COMMIT_BYTES`."""
    batch: list[Put] = []
    size = 0
    for block, content in chain.from_iterable(contents.items() for contents in blocks):
        if batch and size + len(content) > MAX_COMMIT_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(Put(document_path(block), {"rows": content}))
        size += len(content)
    if batch:
        yield batch


async def _discard(documents: Documents, table: IndexTable, written: Sequence[str]) -> None:
    """Deletes the blocks of this compaction after a conflict, unless the manifest has them.

    It has them if the commit succeeded, its response was lost, and the client's retry conflicted with itself.
    """
    manifest = Manifest.from_document((await documents.get(table.manifest_path)).data)
    referenced = manifest.referenced_blocks()
    await _delete_blocks(documents, [block for block in written if block not in referenced])
