"""The manifest of an index table: which blocks are valid, and who is compacting.

It is one document, always written with the version that was read as a precondition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

LEASE_DURATION = timedelta(minutes=5)
RETENTION = timedelta(minutes=10)
"""How long a replaced block is kept for readers that have read an earlier manifest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """The exclusive right to compact, until it expires."""

    owner: str  # for diagnosis only
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RetiredBlocks:
    """Blocks that a compaction replaced, and when."""

    at: datetime
    blocks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The state of an index table."""

    generation: int = 0  # of the last compaction that started; it is part of its block ids, so they are unique
    compacted: int = 0  # the generation of the last compaction that finished
    blocks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # by bucket
    rows: Mapping[int, int] = field(default_factory=dict)  # how many rows the blocks of each bucket have, where known
    retired: tuple[RetiredBlocks, ...] = ()
    lease: Lease | None = None
    columns: frozenset[str] = frozenset()  # the columns that the last compaction knew
    schema_generation: int = 0  # since this generation all compactions knew exactly these columns; 0: since the first

    @classmethod
    def from_document(cls, data: Mapping[str, Any] | None) -> Manifest:
        """The manifest in a document; without a document, the table is empty."""
        if data is None:
            return cls()
        return cls(
            generation=data["generation"],
            compacted=data["compacted"],
            blocks={int(bucket): tuple(blocks) for bucket, blocks in data["blocks"].items()},
            rows={int(bucket): number for bucket, number in data.get("rows", {}).items()},
            retired=tuple(
                RetiredBlocks(at=retired["at"], blocks=tuple(retired["blocks"])) for retired in data["retired"]
            ),
            lease=Lease(**data["lease"]) if data["lease"] else None,
            columns=frozenset(data.get("columns", ())),
            schema_generation=data.get("schema_generation", 0),
        )

    def to_document(self) -> dict[str, Any]:
        """The fields of the document; the inverse of `from_document`."""
        return {
            "generation": self.generation,
            "compacted": self.compacted,
            "blocks": {str(bucket): list(blocks) for bucket, blocks in self.blocks.items()},
            "rows": {str(bucket): number for bucket, number in self.rows.items()},
            "retired": [{"at": retired.at, "blocks": list(retired.blocks)} for retired in self.retired],
            "lease": {"owner": self.lease.owner, "until": self.lease.until} if self.lease else None,
            "columns": sorted(self.columns),
            "schema_generation": self.schema_generation,
        }

    def is_leased(self, now: datetime) -> bool:
        return self.lease is not None and now < self.lease.until

    def with_lease(self, owner: str, now: datetime) -> Manifest:
        """The manifest after a compaction has started."""
        return replace(self, generation=self.generation + 1, lease=Lease(owner=owner, until=now + LEASE_DURATION))

    def referenced_blocks(self) -> set[str]:
        """Every block that a reader may still load."""
        return {*chain(*self.blocks.values()), *chain(*(retired.blocks for retired in self.retired))}

    def count_rows(self, buckets: Collection[int] | None = None) -> int:
        """Of all blocks, or of those of these buckets, whose rows were counted when they were written."""
        return sum(rows for bucket, rows in self.rows.items() if buckets is None or bucket in buckets)

    def has_counted(self, bucket: int) -> bool:
        """Whether the rows of the bucket are known."""
        return bucket in self.rows or not self.blocks.get(bucket)

    def expired_blocks(self, now: datetime) -> list[str]:
        """The replaced blocks that no reader can load any more."""
        return [block for retired in self.retired if retired.at <= now - RETENTION for block in retired.blocks]

    def advanced(
        self,
        blocks: Mapping[int, Collection[str]],
        columns: Collection[str],
        now: datetime,
        *,
        rows: Mapping[int, int],
    ) -> Manifest:
        """The manifest after a compaction that knew these columns has written these blocks, with so many rows."""
        kept = tuple(retired for retired in self.retired if retired.at > now - RETENTION)
        replaced = RetiredBlocks(at=now, blocks=tuple(self._replaced(blocks)))
        is_same_schema = self.columns == frozenset(columns) or not self.compacted
        return Manifest(
            generation=self.generation,
            compacted=self.generation,
            blocks=dict(self.blocks) | {bucket: tuple(ids) for bucket, ids in blocks.items()},
            rows={**self.rows, **rows},
            retired=(*kept, replaced) if replaced.blocks else kept,
            columns=frozenset(columns),
            schema_generation=self.schema_generation if is_same_schema else self.generation,
        )

    def _replaced(self, blocks: Mapping[int, Collection[str]]) -> Iterator[str]:
        """The blocks of these buckets that they have no longer."""
        return (block for bucket, ids in blocks.items() for block in self.blocks.get(bucket, ()) if block not in ids)
