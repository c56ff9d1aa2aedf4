"""The customers who have an address, and their flags.

Each customer has `suppressed`, the channels on which nothing may be sent, and `consents`, the statements that hold,
with `consent` as yes or no by channel. These are what is known about the customer's addresses. They are columns of the
audience index, so that fan-out needs no read for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from common.addresses.address import Address, AddressHasher, addresses_of, channels_of
from common.addresses.consent import ConsentStatement, stronger
from common.addresses.state import AddressState, is_about_mailbox, read_states, suppression_write
from common.audience.customer_writes import customer_writes, with_changes
from common.batching import chunked
from common.catalogue.channels import ADDRESS_KINDS
from common.storage.documents import Documents, Merge, Query, Snapshot, Where, Write

MAX_VALUES_PER_QUERY = 30
"""Firestore's limit for values in one query."""


MAX_FLAGGED = 250
"""Customers whose flags are written in one commit, which has some other documents."""


async def find_holders(documents: Documents, addresses: Collection[Address]) -> list[Snapshot]:
    """Each customer who has one of the addresses, once. One query for 30 addresses."""
    queries = [
        Query(collection="customers", where=[Where(kind, "in", batch)])
        for kind in ADDRESS_KINDS
        for batch in chunked(
            sorted({address.value for address in addresses if address.kind == kind}), MAX_VALUES_PER_QUERY
        )
    ]
    found = await asyncio.gather(*map(documents.query, queries))
    return list({customer.path: customer for customers in found for customer in customers}.values())


async def suppression_writes(
    documents: Documents,
    hasher: AddressHasher,
    entries: Mapping[Address, tuple[str, Sequence[str]]],
    *,
    by: str,
    now: datetime,
    without: str | None = None,
) -> list[Write]:
    """Suppresses each address for a reason, on some channels (none: all of the address), with the flags of its holders.

    The commit fails if one of these customers is changed meanwhile. If they are too many for one commit, they get no
    flags: then the addresses themselves are remembered for as long as they are suppressed. `without` is the path of a
    customer whom the commit deletes.
    """
    stored, holders, after = await suppress_holders(documents, hasher, entries, by=by, now=now)
    after = {path: customer for path, customer in after.items() if path != without}
    if len(after) > MAX_FLAGGED:
        return [replace(one, data={**one.data, "unflagged": True}) for one in stored]
    return [*stored, *customer_writes(holders, after)]


async def suppress_holders(
    documents: Documents,
    hasher: AddressHasher,
    entries: Mapping[Address, tuple[str, Sequence[str]]],
    *,
    by: str,
    now: datetime,
) -> tuple[list[Merge], dict[str, Snapshot], dict[str, dict[str, Any]]]:
    """The parts of `suppression_writes`: the writes of the addresses; and their holders, before and after, by path."""
    channels = {address: tuple(some) or channels_of(address.kind) for address, (_, some) in entries.items()}
    bounced = [address for address, (reason, _) in entries.items() if is_about_mailbox(reason)]
    before = await read_states(documents, hasher, bounced)
    stored = [
        suppression_write(
            hasher.path(address),
            address,
            reason=reason,
            by=by,
            now=now,
            channels=channels[address],
            before=before.get(address),
        )
        for address, (reason, _) in entries.items()
    ]
    holders = {customer.path: customer for customer in await find_holders(documents, entries.keys())}
    after = {
        path: with_suppressed(customer.data or {}, add=_own_channels(customer, channels), now=now)
        for path, customer in holders.items()
    }
    return stored, holders, after


def _own_channels(customer: Snapshot, channels: Mapping[Address, Sequence[str]]) -> set[str]:
    return {channel for address in addresses_of(customer.data or {}) for channel in channels.get(address, ())}


def with_suppressed(
    customer: Mapping[str, Any], *, add: Collection[str] = (), remove: Collection[str] = (), now: datetime
) -> dict[str, Any]:
    """The customer with these channels suppressed, or not any more."""
    suppressed = (set(customer.get("suppressed", ())) | set(add)) - set(remove)
    return with_changes(customer, {"suppressed": sorted(suppressed)}, now=now)


def flags_of(customer: Mapping[str, Any], states: Mapping[Address, AddressState]) -> dict[str, Any]:
    """The flags of the customer by what is known about all of their addresses."""
    known = [states[address] for address in addresses_of(customer) if address in states]
    consents = dict(customer.get("consents", {}))
    for state in known:
        for name, statement in state.consents.items():
            own = consents.get(name)
            holding = stronger(statement, ConsentStatement.from_document(own)) if own else statement
            consents[name] = holding.to_document()
    suppressed = sorted({channel for state in known for channel in state.suppressed})
    return {"suppressed": suppressed, "consents": consents, "consent": consent_flags(consents)}


def with_consents(
    customer: Mapping[str, Any], statements: Mapping[str, ConsentStatement], *, now: datetime
) -> dict[str, Any]:
    """The customer with these statements, by channel."""
    consents = {**customer.get("consents", {}), **{name: one.to_document() for name, one in statements.items()}}
    return with_changes(customer, {"consents": consents, "consent": consent_flags(consents)}, now=now)


def consent_flags(consents: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
    """Yes or no by channel, for rules and the index; a channel without an answer is not in it."""
    return {name: one["state"] == "granted" for name, one in consents.items() if one["state"] != "unknown"}
