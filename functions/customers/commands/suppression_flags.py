"""Suppression flags: each customer document lists which of its addresses are suppressed.

The flags are correct from the commit that stores the address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.messages.suppressions import SuppressionLookup, addresses_of
from common.storage.documents import Snapshot

CustomerDocument = Mapping[str, Any]


async def with_suppression_flags(
    suppressions: SuppressionLookup, after: Mapping[str, CustomerDocument], before: Mapping[str, Snapshot]
) -> dict[str, CustomerDocument]:
    """Return the customers with `suppressed` set for their current addresses. Only new addresses are looked up."""
    with_new_address = {
        path for path, data in after.items() if addresses_of(data) != addresses_of(before[path].data or {})
    }
    suppressed = await suppressions.find_among(
        address for path in with_new_address for address in addresses_of(after[path])
    )
    return {
        path: {**data, "suppressed": [address.kind for address in addresses_of(data) if address in suppressed]}
        if path in with_new_address
        else data
        for path, data in after.items()
    }
