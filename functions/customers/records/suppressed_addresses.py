"""The suppressed addresses of one customer: since when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from common.addresses.address import AddressHasher, addresses_of, channels_of
from common.addresses.state import latest_suppression
from common.storage.documents import Documents


class SuppressedAddress(BaseModel):
    """An address to which no message is sent."""

    kind: str  # email or phone
    channels: list[str]  # on which no message is sent
    address: str
    reason: str
    by: str
    at: datetime


async def read_suppressed_addresses(
    documents: Documents, hasher: AddressHasher, customer: Mapping[str, Any]
) -> list[SuppressedAddress]:
    """One read for each address of the customer; none where the customer has no suppressed one."""
    suppressed = set(customer.get("suppressed", ()))
    addresses = [address for address in addresses_of(customer) if suppressed & set(channels_of(address.kind))]
    entries = await documents.get_all([hasher.path(address) for address in addresses])
    return [
        SuppressedAddress(
            kind=address.kind,
            address=address.value,
            channels=sorted(entry["suppressions"]),
            **latest_suppression(entry["suppressions"]),
        )
        for address, entry in zip(addresses, entries, strict=True)
        if entry.get("suppressed")
    ]
