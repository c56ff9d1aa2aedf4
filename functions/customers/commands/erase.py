"""Erasure: one customer's data is removed. The address stays suppressed, stored only as a keyed hash.

The order of the steps makes a retry safe:

1. The rows of imports that mention the customer are redacted, and the customer is taken out of static segments.
2. One commit deletes the customer and writes the suppressions, the tombstones in the audience index, the audit entry,
   and a note for each campaign that may name them.
3. Their messages that are deferred are changed so that they will be skipped; activities, claims and receipts are
   redacted.

A customer into whom others were merged is erased with the ids of these. What is stored under them is redacted before
the first commit, which deletes what leads from the customer to them.

If the process stops in between, the remaining documents still name the customer, so another erasure finds them.
Activities and receipts are redacted, not deleted: an event that is sent again is not counted twice, and the statistics
of a campaign stay correct. In the plan and the pages of a campaign the id is redacted when the campaign is over: see
`common/messages/redactions.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from common.addresses.address import Address, AddressHasher, addresses_of
from common.addresses.holders import suppression_writes
from common.addresses.state import suppression_write
from common.audience import customer_delta, event_delta, events_tombstone, tombstone
from common.audience.merged_customers import hashes_of_merged, ids_of, is_merged
from common.audience.people_lists import forget_people
from common.audit import audit_entry, audit_path
from common.batching import chunked
from common.catalogue.channels import ADDRESS_KINDS
from common.clock import Clock, utc_now
from common.errors import Conflict, NotFound, Unavailable
from common.ids import ERASED_CUSTOMER_ID
from common.messages.deferred import redaction_write
from common.messages.redactions import redact_claim, redact_receipt, redaction_note
from common.storage.documents import Delete, Documents, Put, Query, Snapshot, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from ..records.person_records import COLLECTIONS, PersonRecords, PersonRecordSet

ERASED = "erased"
"""The reason for which the addresses are suppressed."""
MAX_WRITES = 400
MAX_NOTES = 200
"""In the commit that deletes the customer; there may be more for a customer with several ids."""


class Erasure:
    """Erases customers. `redact_imports` removes a customer, who is identified by ids and addresses, from the rows of
    imports."""

    def __init__(
        self,
        documents: Documents,
        *,
        hashes: AddressHasher,
        person_records: PersonRecords,
        redact_imports: Callable[[Collection[str], Collection[str]], Awaitable[None]],
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._hashes = hashes
        self._person_records = person_records
        self._redact_imports = redact_imports
        self._clock = clock

    async def erase(self, customer_id: str, *, by: str) -> None:
        """Erase everything about the customer. Raises `NotFound` if nothing is stored about them."""
        records = await self._person_records.read_all(customer_id)
        if not records.exists:
            raise NotFound(f"Not found: customer {customer_id!r}.")
        await self._redact_imports(records.ids, _addresses_in(records))
        hashes = await self._address_hashes(records)
        await forget_people(self._documents, records.ids, hashes)
        await self._redact_records(_of_merged_customers(records), _addresses_in(records))
        notes = (await self._redaction_notes(records))[:MAX_NOTES]
        path = audit_path()
        ids = await commit_with_retry(self._documents, lambda _: self._build_commit(records, notes, by, path))
        # Read again: more records may have arrived in the meantime.
        remaining = await self._person_records.read_records(records.customer, ids)
        later = await self._redaction_notes(remaining)
        await self._commit(note for note in later if note not in notes)
        await self._redact_records(remaining, _addresses_in(records) | _addresses_in(remaining))
        await forget_people(self._documents, ids, hashes)

    async def _address_hashes(self, records: PersonRecordSet) -> list[str]:
        """The hashes of the customer's addresses, and of those of the customers who were merged into this one."""
        merged = await self._documents.get_all([f"customers/{id_}" for id_ in records.ids[1:]])
        own = [self._hashes.hash(address) for address in addresses_of(records.customer.data or {})]
        return [*own, *(hash_ for stub in merged for hash_ in hashes_of_merged(stub))]

    async def _redact_records(self, records: PersonRecordSet, known_addresses: Collection[str]) -> None:
        for record in records.deferred:
            with suppress(Conflict):  # it is already being delivered, and delivery checks the suppression
                await self._documents.commit([redaction_write(record)])
        await self._commit(_redact(records, known_addresses))

    async def _commit(self, writes: Iterable[Write]) -> None:
        for batch in chunked(writes, MAX_WRITES):
            await self._documents.commit(batch)

    async def _redaction_notes(self, records: PersonRecordSet) -> list[Write]:
        """One for each campaign that may name the person: those with a record of them, and those that are open."""
        is_open = Query(collection="campaigns", where=[Where("open", "==", True)], fields=())
        campaigns = {campaign.id for campaign in await self._documents.query(is_open)}
        campaigns |= {record["campaign"] for record in (*records.claims, *records.receipts, *records.deferred)}
        return [redaction_note(campaign, id_) for campaign in sorted(campaigns) for id_ in records.ids]

    async def _build_commit(
        self, records: PersonRecordSet, notes: Sequence[Write], by: str, path: str
    ) -> tuple[Sequence[str], list[Write]]:
        """The customer's ids, and the commit that deletes them; only the audit entry and the notes if that is done
        already."""
        now = self._clock()
        counts = {"activities": len(records.activities), "messages": len(records.claims)}
        entry = audit_entry("customer erased", by=by, at=now, subject=counts, path=path)
        customer = await self._documents.get(records.customer.path)
        if customer.data is None:
            return records.ids, [Put(entry.path, entry.data), *notes]
        if is_merged(customer):
            raise Unavailable("The customer was merged into another one meanwhile; try again.")
        ids = ids_of(customer)
        merged = await self._documents.get_all([f"customers/{id_}" for id_ in ids[1:]])
        suppressed = await self._suppression_writes(customer, merged, by, now)
        version = max(customer["version"] + 1, int(now.timestamp() * 1_000_000))
        events_deleted = event_delta([events_tombstone(id_, version=version) for id_ in ids])
        index_deltas = [*customer_delta([tombstone(customer.id, version=version)]), *events_deleted]
        deleted = [Delete(customer.path, customer.version), *(Delete(stub.path) for stub in merged)]
        return ids, [*suppressed, *deleted, *index_deltas, entry, *notes]

    async def _suppression_writes(
        self, customer: Snapshot, merged: Sequence[Snapshot], by: str, now: datetime
    ) -> list[Write]:
        """Suppresses the customer's addresses, with the flags of others who have them. Of customers who were merged
        into this one, only the hashes are known, so that nobody else who has such an address can be found."""
        addresses = addresses_of(customer.data or {})
        own = await suppression_writes(
            self._documents, self._hashes, dict.fromkeys(addresses, (ERASED, ())), by=by, now=now, without=customer.path
        )
        known = {self._hashes.path(address) for address in addresses}
        earlier = {f"addresses/{one['hash']}": one["kind"] for stub in merged for one in stub["addresses"]}
        return own + [
            suppression_write(path, Address(kind=kind, value=""), reason=ERASED, by=by, now=now, found_holders=False)
            for path, kind in earlier.items()
            if path not in known
        ]


def _of_merged_customers(records: PersonRecordSet) -> PersonRecordSet:
    """The records that are stored under the ids of customers who were merged into this one."""
    stored: dict[str, Any] = {
        name: [record for record in getattr(records, name) if record["customer"] != records.customer.id]
        for name in COLLECTIONS
    }
    return replace(records, **stored)


def _redact(records: PersonRecordSet, known_addresses: Collection[str]) -> Iterator[Write]:
    """Return the writes that redact the records. The customer's id is replaced in the same write, so a record that is
    not yet redacted can still be found by it."""
    yield from (Put(record.path, {"customer": ERASED_CUSTOMER_ID, "erased": True}) for record in records.activities)
    yield from map(redact_claim, records.claims)
    yield from (redact_receipt(record, known_addresses) for record in records.receipts)


def _addresses_in(records: PersonRecordSet) -> set[str]:
    """All addresses of the customer, also those of earlier messages, in lower case."""
    current = [records.customer.get(name) for name in ADDRESS_KINDS]
    recipients = [record.get("to") for record in (*records.claims, *records.receipts)]
    return {address.casefold() for address in (*current, *recipients) if address}
