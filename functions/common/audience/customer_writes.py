"""Writes of customers: the document and its row in the audience index, in one commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from common.audience.index.deltas import customer_delta
from common.audience.index.rows import row_from_document
from common.storage.documents import Create, Snapshot, Update, Write


def with_changes(before: Mapping[str, Any], changes: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """Return the document with the changes applied, as a new version if anything is different."""
    if before["version"] and all(before.get(name) == value for name, value in changes.items()):
        return dict(before)
    version = max(before["version"] + 1, int(now.timestamp() * 1_000_000))
    return {**before, **changes, "updated_at": now, "version": version}


def customer_write(before: Snapshot, after: Mapping[str, Any]) -> Write:
    """Return the write for the customer's new document. It fails if the stored version is not the one in `before`."""
    if before.data is None:
        return Create(before.path, after)
    changed = {name: value for name, value in after.items() if name not in before.data or before.data[name] != value}
    return Update(before.path, changed, before.version)


def customer_writes(before: Mapping[str, Snapshot], after: Mapping[str, Mapping[str, Any]]) -> list[Write]:
    """Return the writes for those of the customers that change, and for the rows of new versions; both mappings are by
    path."""
    changed = {path: data for path, data in after.items() if data != before[path].data}
    new = ((path, data) for path, data in changed.items() if data["version"] != before[path].get("version"))
    rows = [row_from_document(path.partition("/")[2], data) for path, data in new]
    return [*(customer_write(before[path], data) for path, data in changed.items()), *customer_delta(rows)]
