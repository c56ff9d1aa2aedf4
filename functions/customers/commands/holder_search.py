"""Finds the customers who have one of some addresses."""

from __future__ import annotations

from collections.abc import Collection

from common.addresses.address import Address, addresses_of
from common.addresses.holders import MAX_VALUES_PER_QUERY, find_holders
from common.audience import Audience
from common.catalogue.channels import ADDRESS_KINDS
from common.storage.documents import Documents, Snapshot

HOLDERS = " UNION ALL ".join(
    f"SELECT id FROM customers WHERE {kind} IN (SELECT unnest(?::VARCHAR[]))" for kind in ADDRESS_KINDS
)


class HolderSearch:
    """Searches for a few addresses by a query, and for many in the audience index.

    Both see everything that was committed before the call. A query of Firestore takes 30 addresses, and the emulator
    compares each of them with each customer; the index finds any number in one pass, and costs a few reads once it is
    loaded.
    """

    def __init__(self, documents: Documents, audience: Audience) -> None:
        self._documents = documents
        self._audience = audience

    async def find(self, addresses: Collection[Address]) -> list[Snapshot]:
        """Each customer who has one of the addresses, once, as stored."""
        wanted = set(addresses)
        if len(wanted) <= MAX_VALUES_PER_QUERY:
            return await find_holders(self._documents, wanted)
        await self._audience.refresh()
        values = [[address.value for address in wanted if address.kind == kind] for kind in ADDRESS_KINDS]
        ids = {id_ for (id_,) in await self._audience.select(HOLDERS, values)}
        customers = await self._documents.get_all([f"customers/{id_}" for id_ in sorted(ids)])
        return [customer for customer in customers if not wanted.isdisjoint(addresses_of(customer.data or {}))]
