"""Marking: customers know which of their addresses are suppressed, from the commit on that gives them the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.messages.suppressions import Known, addresses
from common.storage.documents import Snapshot

Stored = Mapping[str, Any]


async def marked(suppressions: Known, after: Mapping[str, Stored], before: Mapping[str, Snapshot]) -> dict[str, Stored]:
    """The customers with `suppressed` as it is for their addresses. Only new addresses are looked up."""
    fresh = {path for path, data in after.items() if addresses(data) != addresses(before[path].data or {})}
    found = await suppressions.among(one for path in fresh for one in addresses(after[path]))
    return {
        path: {**data, "suppressed": [one.kind for one in addresses(data) if one in found]} if path in fresh else data
        for path, data in after.items()
    }
