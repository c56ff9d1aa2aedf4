"""Keeps customers and addresses in step: what is said about one of them holds for the other, from the same commit on.

- A customer who gets an address gets what is known about it: suppressions and consent.
- Who says no on a channel says so for the address: it is stored with the address, and every other customer who has the
  address says no from then on. So does every customer who gets the address later.
- A newer yes is stored with an address about which somebody had said no, and ends the no of all of them.
- An address that a customer gives up is noted, so that messages on their way can follow to the new one.

If that is too much for one commit, what concerns others and the addresses is committed before the customers
themselves. What is stored about an address last makes sure that a new attempt does what is left: as long as it is not
stored, the statement has to be settled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from common.addresses.address import Address, AddressHasher, addresses_of, channels_of
from common.addresses.changes import AddressLookup
from common.addresses.consent import ConsentStatement, strongest
from common.addresses.holders import flags_of, with_consents
from common.addresses.state import AddressState, consent_write, departure_write, read_states
from common.addresses.topics import channel_of_consent
from common.audience import Audience
from common.audience.customer_writes import customer_writes
from common.audience.merged_customers import ids_of
from common.batching import chunked
from common.clock import Clock
from common.storage.documents import Documents, Snapshot, Write
from common.storage.optimistic_commit import StagedWrites

from .holder_search import HolderSearch

CustomerDocument = Mapping[str, Any]
MAX_TOGETHER = 420
"""Writes of customers and addresses in one commit; the caller and the audience index need some more."""
ContestedChannel = tuple[Address, str]
"""An address and a channel on which the statement that holds has to be found, or stored with the address."""
Refusals = Mapping[ContestedChannel, ConsentStatement]
"""What is said for an address, although perhaps no customer has it."""


class AddressStates:
    """Completes commits that write customers."""

    def __init__(
        self, documents: Documents, hasher: AddressHasher, holders: HolderSearch | None = None, *, clock: Clock
    ) -> None:
        self._documents = documents
        self._hasher = hasher
        self._holders = holders or HolderSearch(documents, Audience(documents))
        self._lookup = AddressLookup(documents, hasher, clock=clock)

    async def customer_writes(
        self,
        before: Mapping[str, Snapshot],
        after: Mapping[str, CustomerDocument],
        *,
        now: datetime,
        refusals: Refusals | None = None,
        beside: int = 0,
    ) -> tuple[dict[str, CustomerDocument], StagedWrites]:
        """The changed customers with the flags of their addresses, by path, and all writes.

        Only new addresses and changed statements cost reads. A commit fails if an address or another customer with it
        is changed meanwhile. `refusals` are said for an address, and hold for all who have it; the caller adds
        `beside` writes.
        """
        said = refusals or {}
        touched = {path: data for path, data in after.items() if _is_touched(before[path], data)}
        addresses = [address for data in touched.values() for address in addresses_of(data)]
        states = await self._lookup.find([*addresses, *(address for address, _ in said)])
        flagged = dict(after) | {path: {**data, **flags_of(data, states)} for path, data in touched.items()}
        change = _CustomerChange(dict(before), flagged, said)
        contested = dict.fromkeys(_contested({path: flagged[path] for path in touched}, states))
        contested |= dict.fromkeys(place for place in said if not _is_denied(states, place))
        statements = await self._settle(change, list(contested), now) if contested else []
        own = {path: change.after[path] for path in after}
        return own, change.stage(own, [*statements, *self._departures(before, after, now)], beside=beside)

    async def _settle(
        self, change: _CustomerChange, contested: Sequence[ContestedChannel], now: datetime
    ) -> list[Write]:
        """Finds the statements that hold, for all who have one of the addresses, and stores them with the address."""
        addresses = list(dict.fromkeys(address for address, _ in contested))
        stored = await read_states(self._documents, self._hasher, addresses)
        change.addresses = {one.path: one for one in stored.values()}
        change.add(await self._holders.find(addresses))
        settled: dict[Address, dict[str, ConsentStatement]] = defaultdict(dict)
        for address, channel in contested:
            known = AddressState.from_snapshot(stored[address]).consents.get(channel)
            holding = strongest([*([known] if known else []), *change.statements(address, channel)])
            change.set_statement(address, channel, holding, now)
            if holding != known:
                settled[address][channel] = holding
        return [consent_write(stored[address], address, statements, now) for address, statements in settled.items()]

    def _departures(
        self, before: Mapping[str, Snapshot], after: Mapping[str, CustomerDocument], now: datetime
    ) -> Iterator[Write]:
        for path, data in after.items():
            for address in set(addresses_of(before[path].data or {})) - set(addresses_of(data)):
                hashes = [self._hasher.customer_hash(id_) for id_ in ids_of(before[path])]
                yield departure_write(self._hasher.path(address), address, customer_hashes=hashes, now=now)


class _CustomerChange:
    """The customers of a commit, before and after it, by path; and others who have one of their addresses."""

    def __init__(self, before: dict[str, Snapshot], after: dict[str, CustomerDocument], refusals: Refusals) -> None:
        self._refusals = refusals
        self.before = before
        self.after = after  # with those of the others who change
        self.addresses: dict[str, Snapshot] = {}  # whose statements may change, by path
        self._others: dict[str, CustomerDocument] = {}
        self._holders: dict[Address, list[str]] = defaultdict(list)  # paths, the others first

    def add(self, others: Iterable[Snapshot]) -> None:
        """Adds the customers who are not in the commit so far. Nobody can be asked for statements before."""
        for customer in others:
            if customer.path not in self.after:
                self.before[customer.path] = customer
                self._others[customer.path] = customer.data or {}
        for path, data in [*self._others.items(), *self.after.items()]:
            for address in addresses_of(data):
                self._holders[address].append(path)

    def statements(self, address: Address, channel: str) -> Iterator[ConsentStatement]:
        """What is said for the address, and by those who have it, without those who do not know."""
        if said := self._refusals.get((address, channel)):
            yield said
        for path in self._holders[address]:
            stored = self._document(path).get("consents", {}).get(channel)
            if stored and stored["state"] != "unknown":
                yield ConsentStatement.from_document(stored)

    def set_statement(self, address: Address, channel: str, statement: ConsentStatement, now: datetime) -> None:
        """Gives the statement to all who have the address. Others join the commit only if it changes them."""
        document = statement.to_document()
        for path in self._holders[address]:
            data = self._document(path)
            if data.get("consents", {}).get(channel) != document:
                self.after[path] = with_consents(data, {channel: statement}, now=now)

    def _document(self, path: str) -> CustomerDocument:
        return self.after[path] if path in self.after else self._others[path]

    def stage(self, own: Mapping[str, CustomerDocument], of_addresses: Sequence[Write], *, beside: int) -> StagedWrites:
        """All writes in one commit with `beside` others; if they are too many, the other customers and the addresses
        before the own customers."""
        others = {path: data for path, data in self.after.items() if path not in own}
        read = self.before | self.addresses
        if len(self.after) + len(of_addresses) + beside <= MAX_TOGETHER:
            return StagedWrites(last=[*of_addresses, *customer_writes(self.before, self.after)], before=read)
        parts = [customer_writes(self.before, dict(part)) for part in chunked(others.items(), MAX_TOGETHER)]
        earlier = [*parts, *chunked(of_addresses, MAX_TOGETHER)]
        return StagedWrites(earlier=earlier, last=customer_writes(self.before, own), before=read)


def _is_touched(before: Snapshot, after: CustomerDocument) -> bool:
    """Whether the customer has a new address, or says something else than before."""
    earlier = before.data or {}
    return addresses_of(after) != addresses_of(earlier) or after["consents"] != earlier.get("consents", {})


def _contested(
    customers: Mapping[str, CustomerDocument], states: Mapping[Address, AddressState]
) -> Iterator[ContestedChannel]:
    """The channels of addresses on which somebody says no for the first time, or something newer than is stored."""
    contested: dict[ContestedChannel, None] = {}
    for data in customers.values():
        for address in addresses_of(data):
            known = states[address].consents if address in states else {}
            for channel in _consents_about(address, {**known, **data["consents"]}):
                stored = data["consents"].get(channel)
                holding = ConsentStatement.from_document(stored) if stored else None
                if holding != known.get(channel) and (channel in known or (holding and holding.state == "denied")):
                    contested[address, channel] = None
    return iter(contested)


def _is_denied(states: Mapping[Address, AddressState], place: ContestedChannel) -> bool:
    """Whether the address is known to say no on the channel."""
    address, channel = place
    known = states[address].consents.get(channel) if address in states else None
    return known is not None and known.state == "denied"


def refusals_for(
    addresses: Iterable[Address], said: Mapping[str, ConsentStatement]
) -> dict[ContestedChannel, ConsentStatement]:
    """The statements by the addresses that they are about."""
    return {(address, name): said[name] for address in addresses for name in _consents_about(address, said)}


def _consents_about(address: Address, names: Iterable[str]) -> Iterator[str]:
    """The consents that are about an address of this kind: those to the channels that reach it, and to their topics."""
    channels = channels_of(address.kind)
    return (name for name in names if channel_of_consent(name) in channels)
