"""Merges two records of one person. `docs/exactness.md` explains why it happens once.

One commit adds the other record to the kept one and turns it into a document that only leads there, over the versions
that were read. So it happens once, and nothing is lost that is written at the same time. What is stored about the other
one in other collections keeps its id: code that reads a customer's records asks for all of the customer's ids.
Only the audience index has to be told whose the events are now, and the lists of static segments whom they have. That
can be repeated: a second call does it again, and the nightly reconciliation moves the events that are missing, and the
people in the lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from common.addresses.address import Address, AddressHasher, addresses_of, channels_of
from common.addresses.consent import ConsentStatement, strongest
from common.addresses.state import read_states, refusal_of
from common.audience import CustomerEvent, customer_delta, event_delta, events_tombstone, tombstone
from common.audience.customer_writes import with_changes
from common.audience.event_reconciliation import ACTIVITIES, ENGAGEMENTS, event_of
from common.audience.index.rows import microseconds
from common.audience.merged_customers import (
    MAX_MERGED,
    ids_of,
    is_merged,
    kept_path,
    read_customer,
)
from common.audience.people_lists import move_merged
from common.audit import audit_entry
from common.clock import Clock, utc_now
from common.errors import FieldError, Invalid, NotFound, Refused
from common.storage.documents import Documents, Put, Query, Snapshot, Update, Where, Write, pages
from common.storage.optimistic_commit import StagedWrites, commit_with_retry

from ..model.customer import Customer
from ..model.merge import FieldConflict, combine, conflicts
from .address_states import AddressStates
from .upsert import TOO_LARGE, is_too_large

SOURCE = "merged customer"
INDEXED_EVENTS = (("activities", "type", ACTIVITIES), ("receipts", "kind", ENGAGEMENTS))
"""The collections with events of the audience index, and which of their documents are events."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeOutcome:
    """What a merge does, or has done."""

    customer: Customer  # after the merge
    done: bool
    activities: int  # of the other record
    messages: int
    conflicts: Sequence[FieldConflict]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """The two records as they are stored."""

    kept: Snapshot
    other: Snapshot

    @property
    def is_done(self) -> bool:
        return is_merged(self.other)


class CustomerMerges:
    """Merges customers."""

    def __init__(self, documents: Documents, *, hashes: AddressHasher, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hashes = hashes
        self._address_states = AddressStates(documents, hashes, clock=clock)
        self._clock = clock

    async def preview(self, keep: str, merge: str, *, by: str) -> MergeOutcome:
        """What the merge would do. Raises `NotFound`, `Invalid`, or `Refused` if it is not possible."""
        outcome, _ = await self._build_commit(keep, merge, by)
        return outcome

    async def merge(self, keep: str, merge: str, *, by: str) -> MergeOutcome:
        """Merge the customer into the kept one, for ever. Done already, it only makes sure that all of it is done."""
        outcome = await commit_with_retry(self._documents, lambda _: self._build_commit(keep, merge, by))
        await self._move_events(outcome.customer.id)
        await self._move_in_lists(outcome.customer.id)
        return replace(outcome, done=True)

    async def _build_commit(self, keep: str, merge: str, by: str) -> tuple[MergeOutcome, StagedWrites]:
        """The outcome, and the writes; none if the customers are merged already."""
        pair = await self._read_pair(keep, merge)
        kept, other, now = pair.kept, pair.other, self._clock()
        ids = [merge] if pair.is_done else ids_of(other)
        numbers = {"activities": await self._count("activities", ids), "messages": await self._count("claims", ids)}
        if pair.is_done:
            customer = Customer.from_document(kept.id, kept.data or {})
            return MergeOutcome(customer=customer, done=True, conflicts=(), **numbers), StagedWrites(last=[])
        merged = await self._combine(kept, other, now)
        before = {kept.path: kept, other.path: other}
        without_addresses = with_changes(other.data or {}, {"email": None, "phone": None}, now=now)
        after, staged = await self._address_states.customer_writes(
            before, {kept.path: merged, other.path: without_addresses}, now=now
        )
        subject = {"customer": self._hashes.customer_hash(kept.id), "merged": self._hashes.customer_hash(other.id)}
        entry = audit_entry("customers merged", by=by, at=now, subject={**subject, **numbers})
        version = max(after[other.path]["version"] + 1, microseconds(now))
        of_kept = [write for write in staged.last if write.path != other.path]
        leading = self._leading_writes(kept, other, version=version, now=now)
        outcome = MergeOutcome(
            customer=Customer.from_document(kept.id, after[kept.path]),
            done=False,
            conflicts=list(conflicts(kept.data or {}, other.data or {})),
            **numbers,
        )
        return outcome, StagedWrites(earlier=staged.earlier, last=[*of_kept, *leading, entry])

    async def _read_pair(self, keep: str, merge: str) -> _Pair:
        """The two customers. If the one to keep was merged itself, it is the one into whom it was merged."""
        kept, other = await self._documents.get_all([f"customers/{keep}", f"customers/{merge}"])
        for customer_id, customer in ((keep, kept), (merge, other)):
            if not customer.exists:
                raise NotFound(f"Not found: customer {customer_id!r}.")
        kept = await read_customer(self._documents, keep) if is_merged(kept) else kept
        if kept.path == other.path:
            raise _invalid("invalid", "Give two different customers.")
        if is_merged(other) and kept_path(other) != kept.path:
            raise Refused(f"This customer was merged into {other['merged_into']!r} already.")
        if not is_merged(other) and len(ids_of(kept)) + len(ids_of(other)) > MAX_MERGED + 1:
            raise _invalid("too_many", f"At most {MAX_MERGED} customers can be merged into one.")
        return _Pair(kept=kept, other=other)

    async def _combine(self, kept: Snapshot, other: Snapshot, now: datetime) -> dict[str, Any]:
        """The kept record with the other one in it. Raises `Invalid` if it becomes too large."""
        kept_data, other_data = kept.data or {}, other.data or {}
        dropped = [
            address for address in addresses_of(other_data) if kept_data.get(address.kind) not in (None, address.value)
        ]
        merged = combine(
            kept_data,
            other_data,
            statements=await self._refusals(dropped, now),
            merged_from=[*kept.get("merged_from", []), *ids_of(other)],
            now=now,
        )
        if is_too_large(merged):
            raise Invalid("The data of both customers together is too large.", fields=[TOO_LARGE])
        return merged

    async def _refusals(self, addresses: Sequence[Address], now: datetime) -> dict[str, ConsentStatement]:
        """What the person said at addresses that the kept record does not get: who unsubscribed there, said no."""
        states = await read_states(self._documents, self._hashes, addresses)
        refusals: dict[str, list[ConsentStatement]] = {}
        for address, stored in states.items():
            suppressions = stored.get("suppressions", {})
            for channel in channels_of(address.kind):
                if channel in suppressions and (refusal := refusal_of(suppressions[channel])):
                    said = ConsentStatement(state="denied", at=refusal["at"], source=SOURCE, recorded_at=now)
                    refusals.setdefault(channel, []).append(said)
        return {channel: strongest(said) for channel, said in refusals.items()}

    def _leading_writes(self, kept: Snapshot, other: Snapshot, *, version: int, now: datetime) -> list[Write]:
        """The other record becomes a document that leads to the kept one, as do those that led to it; in the audience
        index, it and its events are deleted."""
        addresses = [{"kind": one.kind, "hash": self._hashes.hash(one)} for one in addresses_of(other.data or {})]
        stub = {"merged_into": kept.id, "merged_at": now, "version": version, "addresses": addresses}
        pending = {"lists_pending": True}  # until the kept customer is in the static segments of the other one
        earlier = [Update(f"customers/{id_}", {"merged_into": kept.id}) for id_ in other.get("merged_from", ())]
        tombstones = [events_tombstone(id_, version=version) for id_ in ids_of(other)]
        index_deltas = [*customer_delta([tombstone(other.id, version=version)]), *event_delta(tombstones)]
        return [Put(other.path, stub | pending, other.version), *earlier, *index_deltas]

    async def _count(self, collection: str, ids: Sequence[str]) -> int:
        stored = await self._documents.sums(Query(collection=collection, where=[Where("customer", "in", ids)]), [])
        return stored["count"]

    async def _move_events(self, kept_id: str) -> None:
        """Write the events of all merged records to the index, as those of the kept customer."""
        kept = await read_customer(self._documents, kept_id)
        merged = [Where("customer", "in", ids_of(kept)[1:])]
        for collection, field, kinds in INDEXED_EVENTS:
            async for page in pages(self._documents, Query(collection=collection, where=merged)):
                events = [event_of(one, kept.id) for one in page if one.get(field) in kinds]
                await self._documents.commit(event_delta([self._newer(event) for event in events]))

    async def _move_in_lists(self, kept_id: str) -> None:
        """The kept customer is in the static segments that have one of the merged ones."""
        merged = ids_of(await read_customer(self._documents, kept_id))[1:]
        stubs = await self._documents.get_all([f"customers/{id_}" for id_ in merged])
        await move_merged(self._documents, stubs, kept_id=kept_id)

    def _newer(self, event: CustomerEvent) -> CustomerEvent:
        """With a higher version than that of the event when it was the merged record's."""
        return replace(event, version=max(event.version + 1, microseconds(self._clock())))


def _invalid(code: str, message: str) -> Invalid:
    return Invalid(message, fields=[FieldError(field="merge", code=code, message=message)])
