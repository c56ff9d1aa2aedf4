"""The suppressed addresses of one customer: since when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from common.messages.suppressions import AddressHasher, addresses_of
from common.storage.documents import Documents


class SuppressedAddress(BaseModel):
    """An address to which no message is sent."""

    kind: str  # email or phone
    address: str
    reason: str
    by: str
    at: datetime


async def read_suppressed_addresses(
    documents: Documents, hasher: AddressHasher, customer: Mapping[str, Any]
) -> list[SuppressedAddress]:
    """One read for each address of the customer; none where the customer has no suppressed one."""
    addresses = [address for address in addresses_of(customer) if address.kind in customer.get("suppressed", ())]
    entries = await documents.get_all([hasher.path(address) for address in addresses])
    return [
        SuppressedAddress(
            kind=address.kind, address=address.value, reason=entry["reason"], by=entry["by"], at=entry["at"]
        )
        for address, entry in zip(addresses, entries, strict=True)
        if entry.get("active")
    ]
