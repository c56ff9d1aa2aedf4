"""The loaded state of one index table, and what has to be loaded to catch up."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
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

    blocks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # by bucket
    deltas: frozenset[str] = frozenset()


class TableLoader:
    """Loads the blocks and deltas of a table that are new since the last update."""

    def __init__(
        self,
        documents: Documents,
        table: IndexTable,
        buckets: Collection[int] | None = None,
        kept: Condition | None = None,
    ) -> None:
        """With `buckets`, only the blocks of these are loaded; with `kept`, only these rows, and all tombstones."""
        self.table = table
        self._documents = documents
        self._buckets = buckets
        self._kept = kept
        self._loaded = LoadedState()
        self._is_first = True

    async def next_update(self, manifest: Snapshot, scratch: ScratchDirectory) -> tuple[TableUpdate, LoadedState]:
        """The update to the instant at which the manifest was read, and the state after it.

        Pass the state to `mark_loaded` once the update is applied. Raises `Conflict` if a document was deleted since.
        """
        blocks = self._blocks_to_load(manifest)
        pending = await self._documents.query(id_range(self.table.delta_prefix, manifest.at))
        deltas = frozenset(delta.id for delta in pending)
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
        )
        return update, LoadedState(blocks=blocks, deltas=deltas)

    def mark_loaded(self, loaded: LoadedState) -> None:
        self._loaded = loaded
        self._is_first = False

    def forget(self) -> None:
        """Nothing is loaded any more."""
        self._loaded = LoadedState()
        self._is_first = True

    def _blocks_to_load(self, manifest: Snapshot) -> dict[int, tuple[str, ...]]:
        blocks = Manifest.from_document(manifest.data).blocks
        return {bucket: ids for bucket, ids in blocks.items() if self._buckets is None or bucket in self._buckets}

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


def _result_or_raise(result: list[str] | BaseException) -> list[str]:
    if isinstance(result, BaseException):
        raise result
    return result
