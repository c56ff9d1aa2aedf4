"""Customers who were merged into another one: their ids lead to the kept customer for ever.

    customers/{merged id}   merged_into   the id of the customer who was kept; always a customer, never a merged one
                            merged_at     when
                            version       of the tombstone in the audience index
                            addresses     the keyed hashes and kinds of the addresses that the customer had
                            lists_pending true until the kept customer is in the static segments of the merged one
    customers/{kept id}     merged_from   the ids that lead here; what is stored under them is the kept customer's

The documents of merged customers have no other fields, so that no query finds them as people.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from common.storage.documents import Documents, Query, Snapshot, Where

MAX_MERGED = 29
"""Into one customer: with the customer's own id, one query can ask for the records of all of them."""


def is_merged(customer: Snapshot) -> bool:
    return bool(customer.get("merged_into"))


def kept_path(merged: Snapshot) -> str:
    return f"customers/{merged['merged_into']}"


def ids_of(customer: Snapshot) -> list[str]:
    """The ids under which the customer's records are stored."""
    return [customer.id, *customer.get("merged_from", ())]


def hashes_of_merged(merged: Snapshot) -> list[str]:
    """The keyed hashes of the addresses that the merged customer had."""
    return [address["hash"] for address in merged.get("addresses", ())]


async def read_customer(documents: Documents, customer_id: str) -> Snapshot:
    """The customer with this id, or the one into whom this customer was merged."""
    customer = await documents.get(f"customers/{customer_id}")
    while is_merged(customer):
        customer = await documents.get(kept_path(customer))
    return customer


async def find_kept(documents: Documents, customer_ids: Collection[str]) -> dict[str, str]:
    """The ids of the customers into whom these were merged, by id, of those who were. Reads a document for each."""
    stored = await documents.get_all([f"customers/{id_}" for id_ in sorted(customer_ids)]) if customer_ids else []
    return _as_mapping(stored)


async def read_all_merged(documents: Documents, at: datetime | None) -> Mapping[str, str]:
    """Everybody who was ever merged, as of an instant, with the ids of those into whom they were merged."""
    return _as_mapping(await read_merged_documents(documents, at))


async def read_merged_documents(documents: Documents, at: datetime | None = None) -> list[Snapshot]:
    """The documents of everybody who was ever merged, as of an instant."""
    return await documents.query(Query(collection="customers", where=[Where("merged_into", ">", "")], at=at))


def _as_mapping(customers: Sequence[Snapshot]) -> dict[str, str]:
    return {customer.id: customer["merged_into"] for customer in customers if is_merged(customer)}
