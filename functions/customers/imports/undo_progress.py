"""How far the undo of an import has come: the sums over its parts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from common.storage.documents import DocumentReader, Snapshot

COUNTS = ("removed", "put_back", "opt_outs")


def part_paths(job: Snapshot) -> list[str]:
    """The documents with the progress of each part of an undo."""
    return [f"import_undos/{job.id}.{part}" for part in range(job["undo"]["parts"])]


async def read_undo(documents: DocumentReader, job: Snapshot) -> dict[str, Any] | None:
    """What was undone so far, and why some people were kept; None if the import is not undone."""
    if not job.get("undo"):
        return None
    parts = await documents.get_all(part_paths(job), at=job.at)
    kept: Counter[str] = Counter()
    for part in parts:
        kept.update(part.get("kept", {}))
    is_done = all(part.get("done") for part in parts)
    reason = None if is_done else job["undo"].get("reason")
    return {
        "state": "done" if is_done else "failed" if reason else "running",
        "reason": reason,
        "by": job["undo"]["by"],
        "at": job["undo"]["at"],
        **{name: sum(part.get(name, 0) for part in parts) for name in COUNTS},
        "kept": dict(kept),
    }
