"""Flags customers who got an address in the moment in which somebody said no for it, or it was suppressed.

Who writes a customer reads first what is known about the addresses. Who writes about an address reads first who has it.
If both do so at the same time, neither sees the other, and the customer has no flag. For ten minutes delivery knows of
the change by itself (`RecentAddressChanges`). Before they are over, the audience index is compacted, and the row of the
customer is compared with the addresses that changed at about that time.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from common.addresses.address import Address, AddressHasher, addresses_of
from common.addresses.changes import OVERLAP, read_changes
from common.addresses.holders import flags_of
from common.addresses.state import AddressState, read_states
from common.audience.customer_writes import customer_writes, with_changes
from common.audience.merged_customers import is_merged
from common.batching import chunked
from common.clock import Clock, utc_now
from common.storage.documents import Documents, Snapshot, Where, Write
from common.storage.optimistic_commit import commit_with_retry

MAX_TOGETHER = 200
"""Customers in one commit."""
MARGIN = 2 * OVERLAP
"""From the time that a customer's version says to that of the commit, and what clocks differ."""
MAX_AGE = timedelta(days=1)
"""Older rows are no new ones: the daily comparison has written them again."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
States = Mapping[str, AddressState]
"""By the hash of the address."""


class LateFlags:
    """Compares new rows of customers with the changes of addresses."""

    def __init__(self, documents: Documents, hasher: AddressHasher, *, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hasher = hasher
        self._clock = clock

    async def inspect(self, deltas: Sequence[bytes]) -> None:
        """Flags those of the customers in the deltas who lack it; `deltas` are the rows, as compressed lines.

        Costs a read, and one for each address that changed meanwhile.
        """
        rows = await asyncio.to_thread(_read_rows, deltas, self._clock() - MAX_AGE)
        if not rows:
            return
        states = await self._read_changes_since(min(map(_written_at, rows)) - MARGIN)
        unflagged = [f"customers/{row['id']}" for row in rows if self._lacks_flags(row, states)]
        for paths in chunked(dict.fromkeys(unflagged), MAX_TOGETHER):
            await self._flag(paths)

    async def _read_changes_since(self, since: datetime) -> States:
        """What is known about the addresses that were changed since then."""
        changes = read_changes(self._documents, [Where("at", ">=", since)])
        return {entry.id: AddressState.from_snapshot(entry) async for page in changes for entry in page}

    def _lacks_flags(self, row: Mapping[str, Any], states: States) -> bool:
        """Whether an address of the row says no where the row does not."""
        known = [states.get(self._hasher.hash(address)) for address in addresses_of(row)] if states else []
        suppressed, consent = set(row.get("suppressed") or ()), row.get("consent") or {}
        return any(
            not state.suppressed <= suppressed
            or any(said.state == "denied" and consent.get(name) is not False for name, said in state.consents.items())
            for state in known
            if state
        )

    async def _flag(self, paths: Sequence[str]) -> None:
        """Writes the flags that these customers have to have by now."""

        async def build(_: int) -> tuple[None, list[Write]]:
            stored, after = await self._find_flags(paths)
            return None, customer_writes(stored, after)

        await commit_with_retry(self._documents, build)

    async def _find_flags(self, paths: Sequence[str]) -> tuple[dict[str, Snapshot], dict[str, dict[str, Any]]]:
        """The customers by path, as they are and as they have to be."""
        stored = {one.path: one for one in await self._documents.get_all(paths) if one.exists and not is_merged(one)}
        addresses = {address for customer in stored.values() for address in addresses_of(customer.data or {})}
        found = await read_states(self._documents, self._hasher, list(addresses))
        states = {address: AddressState.from_snapshot(one) for address, one in found.items() if one.exists}
        now = self._clock()
        return stored, {path: _with_flags(customer, states, now) for path, customer in stored.items()}


def _read_rows(deltas: Sequence[bytes], since: datetime) -> list[dict[str, Any]]:
    """The rows of customers that were written since then, without tombstones."""
    rows = (json.loads(line) for delta in deltas for line in gzip.decompress(delta).split(b"\n"))
    return [row for row in rows if not row["erased"] and _written_at(row) >= since]


def _written_at(row: Mapping[str, Any]) -> datetime:
    return EPOCH + timedelta(microseconds=row["version"])


def _with_flags(customer: Snapshot, states: Mapping[Address, AddressState], now: datetime) -> dict[str, Any]:
    """The customer as a new version, if flags were missing."""
    data = customer.data or {}
    return with_changes(data, flags_of(data, states), now=now)
