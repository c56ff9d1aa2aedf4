"""Changes of many customers at once: their tags, and the suppression of their addresses.

A change that is made twice is the same as once: customers who have the tag, or are suppressed, stay as they are. So a
request that got no answer can be sent again. Each commit has an entry of the audit log with the number of changed
customers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from common.addresses.address import Address, AddressHasher, addresses_of, channels_of
from common.addresses.holders import MAX_VALUES_PER_QUERY
from common.audience.customer_writes import customer_writes, with_changes
from common.audience.merged_customers import is_merged, kept_path
from common.audit import audit_entry
from common.batching import chunked
from common.catalogue.channels import ADDRESS_KINDS
from common.clock import Clock, utc_now
from common.storage.documents import Documents, Snapshot, Write
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..model.customer import TagChange
from .suppress import stage_suppression
from .upsert import is_too_large

MAX_TAGGED = 200
"""Customers per commit; their rows for the audience index are in it as well."""
MAX_SUPPRESSED = MAX_VALUES_PER_QUERY // len(ADDRESS_KINDS)
"""Customers per commit, so that one query finds everybody who has one of their addresses."""


@dataclass(kw_only=True, slots=True)
class BulkOutcome:
    """What became of the customers, by id. Who was merged into somebody has the other one's id."""

    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)  # as wanted before, or without an address
    missing: list[str] = field(default_factory=list)  # erased, or never there
    rejected: list[str] = field(default_factory=list)  # the data of this customer would be too large

    def add(self, other: BulkOutcome) -> None:
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.missing += other.missing
        self.rejected += other.rejected


BuildBulkCommit = Callable[[Mapping[str, Snapshot]], Awaitable[tuple[BulkOutcome, list[Write] | StagedWrites]]]
"""Takes the customers by path. Returns what becomes of them, and the writes; no writes if nothing changes."""


class BulkChanges:
    """Changes customers by their ids."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hashes = hashes
        self._clock = clock

    async def change_tags(
        self, customer_ids: Sequence[str], *, add: Sequence[str], remove: Sequence[str], by: str
    ) -> BulkOutcome:
        """Remove tags, in any case, and add others."""
        build = partial(self._build_tags, tuple(add), tuple(remove), by)
        return await self._commit_in_parts(customer_ids, MAX_TAGGED, build)

    async def suppress(self, customer_ids: Sequence[str], *, reason: str, by: str) -> BulkOutcome:
        """Suppress the addresses of the customers on all channels, also for others who have them."""
        return await self._commit_in_parts(customer_ids, MAX_SUPPRESSED, partial(self._build_suppression, reason, by))

    async def _commit_in_parts(self, customer_ids: Sequence[str], size: int, build: BuildBulkCommit) -> BulkOutcome:
        outcome = BulkOutcome()
        for part in chunked(dict.fromkeys(customer_ids), size):
            outcome.add(await commit_with_retry(self._documents, partial(self._build_commit, part, build)))
        return outcome

    async def _build_commit(
        self, customer_ids: Sequence[str], build: BuildBulkCommit, _: int
    ) -> tuple[BulkOutcome, list[Write] | StagedWrites]:
        """The outcome and the writes for those of the customers who exist."""
        stored = await self._documents.get_all([f"customers/{id_}" for id_ in customer_ids])
        kept = await self._documents.get_all(sorted({kept_path(one) for one in stored if is_merged(one)}))
        customers = {one.path: one for one in [*stored, *kept] if not is_merged(one)}
        outcome, writes = await build({path: one for path, one in customers.items() if one.exists})
        outcome.missing += [one.id for one in customers.values() if not one.exists]
        return outcome, writes

    async def _build_tags(
        self, add: Sequence[str], remove: Sequence[str], by: str, customers: Mapping[str, Snapshot]
    ) -> tuple[BulkOutcome, list[Write]]:
        """Tags that differ in their case only are one."""
        now, outcome = self._clock(), BulkOutcome()
        after: dict[str, Mapping[str, Any]] = {}
        for path, customer in customers.items():
            before = customer.data or {}
            tags = _with_tags(before["tags"], add=add, remove=remove)
            changed = with_changes(before, {"tags": tags}, now=now) if tags != before["tags"] else before
            if changed == before:
                outcome.unchanged.append(customer.id)
            elif is_too_large(changed):
                outcome.rejected.append(customer.id)
            else:
                outcome.changed.append(customer.id)
                after[path] = changed
        if not after:
            return outcome, []
        subject = {"customers": len(after), "added": list(add), "removed": list(remove)}
        entry = audit_entry("customers tagged", by=by, at=now, subject=subject)
        return outcome, [*customer_writes(customers, after), entry]

    async def _build_suppression(
        self, reason: str, by: str, customers: Mapping[str, Snapshot]
    ) -> tuple[BulkOutcome, StagedWrites]:
        """A channel on which an address is suppressed already keeps its reason: it may be what the person said."""
        now, outcome = self._clock(), BulkOutcome()
        entries: dict[Address, tuple[str, Sequence[str]]] = {}
        for customer in customers.values():
            contactable = _contactable(customer)
            (outcome.changed if contactable else outcome.unchanged).append(customer.id)
            entries |= {address: (reason, channels) for address, channels in contactable.items()}
        if not entries:
            return outcome, StagedWrites(last=[])
        staged = await stage_suppression(self._documents, self._hashes, entries, last=customers.keys(), by=by, now=now)
        subject = {"customers": len(outcome.changed), "addresses": len(entries)}
        return outcome, staged.plus([audit_entry("addresses suppressed", by=by, at=now, subject=subject)])


def _with_tags(before: Sequence[str], *, add: Sequence[str], remove: Sequence[str]) -> list[str]:
    kept = TagChange(mode="remove").apply(before, remove)
    new: dict[str, str] = {}
    for tag in add:
        new.setdefault(tag.casefold(), tag)
    known = {tag.casefold() for tag in kept}
    return TagChange().apply(kept, [tag for folded, tag in new.items() if folded not in known])


def _contactable(customer: Snapshot) -> dict[Address, list[str]]:
    """The channels of each address on which it is not suppressed; no address that is suppressed on all of them."""
    suppressed = set(customer.get("suppressed", ()))
    channels = {
        address: [channel for channel in channels_of(address.kind) if channel not in suppressed]
        for address in addresses_of(customer.data or {})
    }
    return {address: left for address, left in channels.items() if left}
