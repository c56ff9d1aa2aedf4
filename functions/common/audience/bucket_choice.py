"""Which buckets of the index are in memory, where one instance does not need all: for fan-out and for a walk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from common.audience.index.manifest import Manifest
from common.audience.index.tables import IndexTable
from common.ids import BUCKETS

ALL_BUCKETS = range(BUCKETS)

MAX_ROWS = 200_000
"""Up to so many rows, buckets are loaded together, and stay in memory after their use: about 20 MB."""


class HeldBuckets:
    """The buckets that an instance needs now, and those that it needed last, as far as they are small.

    If the whole index is small, these are all buckets from the beginning, so that each block is loaded once.
    """

    def __init__(self) -> None:
        self._holders: Counter[int] = Counter()
        self._recent: dict[int, None] = {}  # in order of their last use

    @contextmanager
    def hold(self, bucket: int) -> Iterator[None]:
        """Each refresh within it has the bucket."""
        self._recent.pop(bucket, None)
        self._recent[bucket] = None
        self._holders[bucket] += 1
        try:
            yield
        finally:
            self._holders[bucket] -= 1

    def choose(self, table: IndexTable, manifest: Manifest) -> Collection[int]:
        """The buckets to load. What is held is loaded in any case."""
        if _is_small([manifest], ALL_BUCKETS):
            return ALL_BUCKETS
        chosen = [bucket for bucket in self._recent if self._holders[bucket]]
        for bucket in reversed([bucket for bucket in self._recent if not self._holders[bucket]]):
            if not _is_small([manifest], [*chosen, bucket]):
                break
            chosen.append(bucket)
        return chosen


def group_buckets(manifests: Sequence[Manifest], buckets: Collection[int] = ALL_BUCKETS) -> list[list[int]]:
    """These buckets in order, as many at a time as are small together, and at least one."""
    groups: list[list[int]] = []
    for bucket in sorted(buckets):
        if groups and _is_small(manifests, [*groups[-1], bucket]):
            groups[-1].append(bucket)
        else:
            groups.append([bucket])
    return groups


def _is_small(manifests: Sequence[Manifest], buckets: Collection[int]) -> bool:
    """Whether it is known that the blocks of these buckets have few rows."""
    are_counted = all(manifest.has_counted(bucket) for manifest in manifests for bucket in buckets)
    return are_counted and sum(manifest.count_rows(buckets) for manifest in manifests) <= MAX_ROWS
