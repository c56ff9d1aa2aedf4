"""Keeps the notes about imports (`model/import_notes.py`) in step with what is written, in the same commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from common.batching import chunked
from common.storage.documents import Create, Snapshot, Update, Write
from common.storage.optimistic_commit import StagedWrites

from ..model.import_notes import follow, note_row

MAX_NOTES = 400
"""Customers in one commit of whom only the notes change."""
MAX_TOGETHER = 480
"""Writes in one commit; the caller adds some."""


def note_rows(
    staged: StagedWrites, given: Mapping[str, Collection[str]], *, by: str | None, now: datetime
) -> StagedWrites:
    """The same commits with the notes of the customers that they write, and of those that rows only name.

    `given` are the fields that rows give, by the customer's path; `by` is the import of the rows, or None for a
    request.
    """
    groups = [
        [_with_notes(write, staged.before, given, by=by, now=now) for write in group]
        for group in (*staged.earlier, staged.last)
    ]
    written = {write.path for group in groups for write in group}
    names = [
        Update(path, {"import_notes": notes}, stored.version)
        for path, fields in given.items()
        if path not in written
        and (stored := staged.before[path]).exists
        and (notes := note_row(stored.data, by=by, version=None, fields=fields, now=now))
    ]
    if len(groups[-1]) + len(names) <= MAX_TOGETHER:
        return replace(staged, earlier=groups[:-1], last=[*groups[-1], *names])
    return replace(staged, earlier=[*chunked(names, MAX_NOTES), *groups[:-1]], last=groups[-1])


def _with_notes(
    write: Write, before: Mapping[str, Snapshot], given: Mapping[str, Collection[str]], *, by: str | None, now: datetime
) -> Write:
    """A write of a customer with the notes after it; any other one as it is."""
    if not isinstance(write, Create | Update) or not _is_new_version(write):
        return write
    stored = before.get(write.path)
    fields = given.get(write.path, ())
    notes = note_row(stored.data if stored else None, by=by, version=write.data["version"], fields=fields, now=now)
    return replace(write, data={**write.data, "import_notes": notes}) if notes else write


def follow_notes(staged: StagedWrites) -> StagedWrites:
    """The same commits of an undo: it is nothing newer, for the undo of another import."""
    groups = [[_followed(write, staged.before) for write in group] for group in (*staged.earlier, staged.last)]
    return replace(staged, earlier=groups[:-1], last=groups[-1])


def _followed(write: Write, before: Mapping[str, Snapshot]) -> Write:
    if not isinstance(write, Update) or not _is_new_version(write):
        return write
    stored: Mapping[str, Any] = before[write.path].data or {}
    if not stored.get("import_notes"):
        return write
    notes = follow(stored, write.data.get("import_notes", stored["import_notes"]), write.data["version"])
    return replace(write, data={**write.data, "import_notes": notes})


def _is_new_version(write: Create | Update) -> bool:
    """Whether it writes a new version of a customer."""
    return write.path.startswith("customers/") and "version" in write.data
