"""The files of blocks on their way between Firestore documents and DuckDB, a few buckets at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

MAX_STEP_BYTES = 2_000_000
"""Of the block files that are read at once; uncompressed, they take about ten times as much memory."""

Blocks = Mapping[int, Sequence[str]]
"""The paths of the block files of each bucket."""


def steps(blocks: Blocks) -> Iterator[Blocks]:
    """The buckets, as many at a time as have at most `MAX_STEP_BYTES`, and at least one."""
    step: dict[int, Sequence[str]] = {}
    size = 0
    for bucket, paths in blocks.items():
        added = sum(Path(path).stat().st_size for path in paths)
        if step and size + added > MAX_STEP_BYTES:
            yield step
            step, size = {}, 0
        step[bucket] = paths
        size += added
    if step:
        yield step


def paths_of(step: Blocks) -> list[str]:
    """The paths of all buckets together."""
    return [path for paths in step.values() for path in paths]


def delete_files(step: Blocks) -> None:
    """Deletes them early, because they may be in memory."""
    for path in paths_of(step):
        Path(path).unlink()
