"""Whose a row or an activity is.

- One that gives the `customer_id`, such as a row of our own export, belongs to this customer, unless it has another
  `external_id`.
- One that gives an id belongs to the customer with this id. An activity with an id that nobody has belongs to the
  customer without an id who has its address: the shop knew their id, and Herald did not yet.
- One that gives only an address belongs to the customer who is identified by it; else to the customer who has the
  address, with whatever id. If several have it, the caller says which.
- What belongs to somebody who was merged into another customer belongs to the other one.
- What belongs to nobody is a new customer's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from common.addresses.address import Address, AddressHasher, addresses_of
from common.audience.merged_customers import is_merged, kept_path
from common.errors import FieldError
from common.storage.documents import Documents, Snapshot

from ..model.activity import PersonStatement
from ..model.customer import CustomerIdentity, CustomerInput
from .holder_search import HolderSearch

OnSeveralCustomers = Literal["reject", "oldest"]
"""What happens to a row or an activity that gives only an address, if several customers have it and none is identified
by it."""


async def read_customers(
    documents: Documents, holders: HolderSearch, identities: Sequence[CustomerIdentity], hashes: AddressHasher
) -> KnownCustomers:
    """The customers to whom these may belong. Only addresses by which nobody is identified are searched for."""
    paths = [customer_path(identity, hashes) for identity in identities]
    named = [path for identity in identities if (path := named_path(identity))]
    stored = {customer.path: customer for customer in await documents.get_all(list(dict.fromkeys([*paths, *named])))}
    if merged := {kept_path(customer) for customer in stored.values() if is_merged(customer)}:
        kept = await documents.get_all(sorted(merged))
        if any(is_merged(customer) or not customer.exists for customer in kept):  # merged or erased meanwhile
            return await read_customers(documents, holders, identities, hashes)
        stored |= {customer.path: customer for customer in kept}
    searched = {
        identity.address
        for identity, path in zip(identities, paths, strict=True)
        if identity.address and not stored[path].exists and not _is_named(identity, stored)
    }
    searched |= {
        address
        for identity, path in zip(identities, paths, strict=True)
        if isinstance(identity, PersonStatement) and not stored[path].exists
        for address in identity.other_addresses
    }
    return KnownCustomers([*stored.values(), *await holders.find(searched)], hashes)


def customer_path(identity: CustomerIdentity, hashes: AddressHasher) -> str:
    """The document of the customer who is identified so, unless they were merged into another one."""
    return f"customers/{identity.id_with(hashes)}"


def named_path(identity: CustomerIdentity) -> str | None:
    """The document with the `customer_id` of a row of customers, whom other identifiers may name too."""
    return f"customers/{identity.customer_id}" if isinstance(identity, CustomerInput) and identity.customer_id else None


def _is_named(identity: CustomerIdentity, stored: Mapping[str, Snapshot]) -> bool:
    path = named_path(identity)
    return path is not None and stored[path].exists


class KnownCustomers:
    """The customers of one commit, as they are stored, and as the rows and activities before have changed them."""

    def __init__(self, stored: Iterable[Snapshot], hashes: AddressHasher) -> None:
        self._hashes = hashes
        self.stored = {customer.path: customer for customer in stored}
        self._current: dict[str, Mapping[str, Any]] = {}
        self._holders: defaultdict[Address, set[str]] = defaultdict(set)  # paths
        self._kept = {path: kept_path(customer) for path, customer in self.stored.items() if is_merged(customer)}
        for path, customer in self.stored.items():
            if customer.data is not None and path not in self._kept:
                self.set(path, customer.data)

    def get(self, path: str) -> Mapping[str, Any] | None:
        return self._current.get(path)

    def set(self, path: str, customer: Mapping[str, Any]) -> None:
        """Changes the customer, for whatever comes after."""
        for address in addresses_of(self._current.get(path, {})):
            self._holders[address].discard(path)
        for address in addresses_of(customer):
            self._holders[address].add(path)
        self._current[path] = customer

    def changed(self) -> dict[str, Mapping[str, Any]]:
        """The customers who are different from what is stored, by path."""
        return {path: data for path, data in self._current.items() if data != self.stored[path].data}

    def locate(self, identity: CustomerIdentity, on_several_customers: OnSeveralCustomers) -> str | FieldError:
        """The path of the customer, who may not exist yet; or why it cannot be said who it is."""
        if named := self._locate_named(identity):
            return named
        own = customer_path(identity, self._hashes)
        if own in self._kept:
            return self._kept[own]
        if own in self._current:
            return own
        holders = self._holders_of(identity)
        if len(holders) > 1 and on_several_customers == "reject":
            return _several_customers(len(holders))
        return holders[0] if holders else own

    def _holders_of(self, identity: CustomerIdentity) -> list[str]:
        """Who may be meant by the addresses, the oldest customer first; of one that gives an id, nobody with another
        id."""
        found: Collection[str]
        if identity.address:
            found = self._holders[identity.address]
        else:
            addresses = identity.other_addresses if isinstance(identity, PersonStatement) else []
            having = (self._without_id(address) for address in addresses)
            found = next((paths for paths in having if paths), frozenset())
        return sorted(found, key=lambda path: (self._current[path]["created_at"], path))

    def _without_id(self, address: Address) -> frozenset[str]:
        return frozenset(path for path in self._holders[address] if not self._current[path].get("external_id"))

    def found_by(self, identity: CustomerIdentity, path: str) -> str:
        """The kind of identifier by which the customer at this path was found."""
        kind = identity.identifier[0] if identity.identifier else ""
        if path == customer_path(identity, self._hashes) or self.is_merged(identity):
            return kind
        given = addresses_of(self._current.get(path, {}))
        others = identity.other_addresses if isinstance(identity, PersonStatement) else []
        return next((address.kind for address in others if address in given), kind)

    def _locate_named(self, identity: CustomerIdentity) -> str | None:
        """The customer whose `customer_id` the row has, or into whom they were merged; None if it says nothing."""
        path = named_path(identity) or ""
        customer = self._current.get(self._kept.get(path, path))
        if customer is None or identity.external_id not in {None, customer["external_id"]}:
            return None
        return self._kept.get(path, path)

    def is_merged(self, identity: CustomerIdentity) -> bool:
        """Whether the identifier is that of somebody who was merged into another customer."""
        return customer_path(identity, self._hashes) in self._kept or named_path(identity) in self._kept


def _several_customers(number: int) -> FieldError:
    message = (
        f"{number} customers have this address: give the external_id or the customer_id, or send "
        "on_several_customers=oldest."
    )
    return FieldError(field="customer", code="several_customers", message=message)
