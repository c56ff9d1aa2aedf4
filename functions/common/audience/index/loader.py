"""The loaded state of one index table, and what has to be loaded to catch up."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from common.audience.index.connection import ScratchDirectory
from common.audience.index.database import TableUpdate
from common.audience.index.manifest import Manifest
from common.audience.index.tables import IndexTable, document_path, id_range
from common.batching import chunked
from common.errors import Conflict
from common.rules.sql import Condition
from common.storage.documents import Documents, Snapshot

BATCH_SIZE = 16
"""Documents per request."""

MAX_PARALLEL = 4
"""Requests at the same time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedState:
    """The ids of the blocks and deltas that are loaded."""

    blocks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # by bucket; a loaded one can be without blocks
    deltas: frozenset[str] = frozenset()


class TableLoader:
    """Loads the blocks and deltas of a table that are new since the last update."""

    def __init__(
        self, documents: Documents, table: IndexTable, *, kept: Condition | None = None, is_fixed: bool = False
    ) -> None:
        """With `kept`, only these rows are loaded, and all tombstones. `is_fixed`: all updates are to one instant."""
        self.table = table
        self._documents = documents
        self._kept = kept
        self._loaded = LoadedState()
        self._is_first = True
        self._is_fixed = is_fixed
        self._pending: frozenset[str] | None = None

    async def next_update(
        self, manifest: Snapshot, scratch: ScratchDirectory, buckets: Collection[int] | None
    ) -> tuple[TableUpdate, LoadedState]:
        """The update to the instant at which the manifest was read, and the state after it.

        With `buckets`, only the blocks of these are loaded, and others are dropped. Deltas are loaded as a whole.
        Pass the state to `mark_loaded` once the update is applied. Raises `Conflict` if a document was deleted since.
        """
        blocks = _blocks_to_load(manifest, buckets)
        deltas = await self._list_deltas(manifest.at)
        loaded = self._loaded
        stale = [
            bucket for bucket in blocks.keys() | loaded.blocks.keys() if blocks.get(bucket) != loaded.blocks.get(bucket)
        ]
        files = await self._load(scratch, [block for bucket in stale for block in blocks.get(bucket, ())], manifest)
        remaining = iter(files)
        new_deltas = sorted(deltas - loaded.deltas)
        update = TableUpdate(
            table=self.table,
            is_first=self._is_first,
            blocks={bucket: list(islice(remaining, len(blocks.get(bucket, ())))) for bucket in stale},
            new_deltas=new_deltas,
            delta_files=await self._load(scratch, new_deltas, manifest),
            compacted_deltas=sorted(loaded.deltas - deltas),
            kept=self._kept,
            buckets=buckets,
        )
        return update, LoadedState(blocks=blocks, deltas=deltas)

    @property
    def keeps_all(self) -> bool:
        """Whether all rows of the blocks are loaded."""
        return self._kept is None

    def mark_loaded(self, loaded: LoadedState) -> None:
        self._loaded = loaded
        self._is_first = False

    def forget(self) -> None:
        """Nothing is loaded any more."""
        self._loaded = LoadedState()
        self._is_first = True

    def forget_blocks(self) -> None:
        """The next update replaces all blocks at once, and needs no memory for both. Nobody may ask meanwhile."""
        self._loaded = LoadedState(deltas=self._loaded.deltas)
        self._is_first = True

    async def _list_deltas(self, at: datetime) -> frozenset[str]:
        """The ids of the deltas that were not compacted at that instant. Those of a fixed one are listed once."""
        if self._pending is None or not self._is_fixed:
            found = await self._documents.query(id_range(self.table.delta_prefix, at))
            self._pending = frozenset(delta.id for delta in found)
        return self._pending

    async def _load(self, scratch: ScratchDirectory, ids: Sequence[str], manifest: Snapshot) -> list[str]:
        """Writes the rows of these documents to files; the paths of the files."""
        limit = asyncio.Semaphore(MAX_PARALLEL)
        loads = [self._load_batch(scratch, batch, manifest, limit) for batch in chunked(ids, BATCH_SIZE)]
        results = await asyncio.gather(*loads, return_exceptions=True)  # all end before the directory is deleted
        return [path for result in results for path in _result_or_raise(result)]

    async def _load_batch(
        self, scratch: ScratchDirectory, ids: Sequence[str], manifest: Snapshot, limit: asyncio.Semaphore
    ) -> list[str]:
        async with limit:
            parts = await self._documents.get_all([document_path(part) for part in ids], at=manifest.at)
            if not all(part.exists for part in parts):
                raise Conflict("A part of the audience index was replaced while it was read.")
            return await asyncio.to_thread(scratch.write, {part.id: part["rows"] for part in parts})


def _blocks_to_load(manifest: Snapshot, buckets: Collection[int] | None) -> dict[int, tuple[str, ...]]:
    """The ids of the blocks by bucket: of all, or of each of these, which may have none."""
    blocks = Manifest.from_document(manifest.data).blocks
    return dict(blocks) if buckets is None else {bucket: blocks.get(bucket, ()) for bucket in buckets}


def _result_or_raise(result: list[str] | BaseException) -> list[str]:
    if isinstance(result, BaseException):
        raise result
    return result
