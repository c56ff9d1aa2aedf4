"""Whose a row or an activity is.

- One that gives an id belongs to the customer with this id.
- One that gives only an address belongs to the customer who is identified by it; else to the customer who has the
  address, with whatever id. If several have it, the caller says which.
- What belongs to somebody who was merged into another customer belongs to the other one.
- What belongs to nobody is a new customer's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from common.addresses.address import Address, AddressHasher, addresses_of
from common.audience.merged_customers import is_merged, kept_path
from common.errors import FieldError
from common.storage.documents import Documents, Snapshot

from ..model.customer import CustomerIdentity
from .holder_search import HolderSearch

OnSeveralCustomers = Literal["reject", "oldest"]
"""What happens to a row or an activity that gives only an address, if several customers have it and none is identified
by it."""


async def read_customers(
    documents: Documents, holders: HolderSearch, identities: Sequence[CustomerIdentity], hashes: AddressHasher
) -> KnownCustomers:
    """The customers to whom these may belong. Only addresses by which nobody is identified are searched for."""
    paths = [customer_path(identity, hashes) for identity in identities]
    stored = {customer.path: customer for customer in await documents.get_all(list(dict.fromkeys(paths)))}
    if merged := {kept_path(customer) for customer in stored.values() if is_merged(customer)}:
        kept = await documents.get_all(sorted(merged))
        if any(is_merged(customer) or not customer.exists for customer in kept):  # merged or erased meanwhile
            return await read_customers(documents, holders, identities, hashes)
        stored |= {customer.path: customer for customer in kept}
    searched = {
        identity.address
        for identity, path in zip(identities, paths, strict=True)
        if identity.address and not stored[path].exists
    }
    return KnownCustomers([*stored.values(), *await holders.find(searched)], hashes)


def customer_path(identity: CustomerIdentity, hashes: AddressHasher) -> str:
    """The document of the customer who is identified so, unless they were merged into another one."""
    return f"customers/{identity.id_with(hashes)}"


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
        own = customer_path(identity, self._hashes)
        if own in self._kept:
            return self._kept[own]
        if own in self._current or identity.address is None:
            return own
        holders = sorted(self._holders[identity.address], key=lambda path: (self._current[path]["created_at"], path))
        if len(holders) > 1 and on_several_customers == "reject":
            return _several_customers(len(holders))
        return holders[0] if holders else own

    def is_merged(self, identity: CustomerIdentity) -> bool:
        """Whether the identifier is that of somebody who was merged into another customer."""
        return customer_path(identity, self._hashes) in self._kept


def _several_customers(number: int) -> FieldError:
    message = (
        f"{number} customers have this address: give the external_id or the customer_id, or send "
        "on_several_customers=oldest."
    )
    return FieldError(field="customer", code="several_customers", message=message)
