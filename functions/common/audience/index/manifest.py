"""The head of the index: which blocks count, and who is folding. One document, moved only over the version read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

LEASE = timedelta(minutes=5)
KEPT = timedelta(minutes=10)
"""How long a replaced block stays for readers that found it in an earlier head."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    owner: str  # for whoever looks; nobody is let in by it
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Retired:
    at: datetime
    blocks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    generation: int = 0  # of the last fold that began; its blocks carry the number, so no two folds write the same ones
    folded: int = 0  # of the last fold that finished
    blocks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # by bucket
    retired: tuple[Retired, ...] = ()
    lease: Lease | None = None
    columns: frozenset[str] = frozenset()  # that the code knew which folded last
    since: int = 0  # from this generation on all folds knew these columns, and no others; 0 where all ever did

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> Head:
        """Without a document, the index is empty."""
        if data is None:
            return cls()
        return cls(
            generation=data["generation"],
            folded=data["folded"],
            blocks={int(bucket): tuple(blocks) for bucket, blocks in data["blocks"].items()},
            retired=tuple(Retired(at=one["at"], blocks=tuple(one["blocks"])) for one in data["retired"]),
            lease=Lease(**data["lease"]) if data["lease"] else None,
            columns=frozenset(data.get("columns", ())),
            since=data.get("since", 0),
        )

    def document(self) -> dict[str, Any]:
        return {
            "generation": self.generation,
            "folded": self.folded,
            "blocks": {str(bucket): list(blocks) for bucket, blocks in self.blocks.items()},
            "retired": [{"at": one.at, "blocks": list(one.blocks)} for one in self.retired],
            "lease": {"owner": self.lease.owner, "until": self.lease.until} if self.lease else None,
            "columns": sorted(self.columns),
            "since": self.since,
        }

    def is_leased(self, now: datetime) -> bool:
        return self.lease is not None and now < self.lease.until

    def leased_to(self, owner: str, now: datetime) -> Head:
        return replace(self, generation=self.generation + 1, lease=Lease(owner=owner, until=now + LEASE))

    def named(self) -> set[str]:
        """Every block that a reader may be about to load."""
        return {*chain(*self.blocks.values()), *chain(*(one.blocks for one in self.retired))}

    def expired(self, now: datetime) -> list[str]:
        return [block for one in self.retired if one.at <= now - KEPT for block in one.blocks]

    def moved(self, blocks: Mapping[int, Iterable[str]], columns: Collection[str], now: datetime) -> Head:
        """The head after a fold that knew these columns has written these blocks anew."""
        kept = tuple(one for one in self.retired if one.at > now - KEPT)
        replaced = Retired(at=now, blocks=tuple(self._replaced(blocks)))
        return Head(
            generation=self.generation,
            folded=self.generation,
            blocks=dict(self.blocks) | {bucket: tuple(ids) for bucket, ids in blocks.items()},
            retired=(*kept, replaced) if replaced.blocks else kept,
            columns=frozenset(columns),
            since=self.since if self.columns == frozenset(columns) or not self.folded else self.generation,
        )

    def _replaced(self, blocks: Mapping[int, Iterable[str]]) -> Iterator[str]:
        return chain.from_iterable(self.blocks.get(bucket, ()) for bucket in blocks)
