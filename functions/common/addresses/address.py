"""Addresses, and the keyed hashes by which they are stored, and by which customers are.

Without the key, an address cannot be found from its hash, and the id of a customer not from what identifies them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from common.catalogue.channels import ADDRESS_KINDS, CHANNELS, AddressKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An email address or phone number."""

    kind: AddressKind
    value: str  # normalized, as the customer has it


class AddressHasher:
    """Hashes addresses and identifiers of customers with the deployment's key."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key.get_secret_value().encode()

    @property
    def fingerprint(self) -> str:
        """The same for the same key, and says nothing about it."""
        return self._digest("fingerprint of the key")

    def hash(self, address: Address) -> str:
        return self._digest(f"{address.kind}:{address.value}")

    def hash_value(self, kind: AddressKind, value: str) -> str:
        """The hash of the address of this kind with this value."""
        return self.hash(Address(kind=kind, value=value))

    def path(self, address: Address) -> str:
        return f"addresses/{self.hash(address)}"

    def inbox_path(self, campaign_id: str, channel: str, address: Address) -> str:
        """Says that a campaign has a message for the address on the channel."""
        return f"inboxes/{self._digest(f'inbox:{campaign_id}:{channel}:{address.kind}:{address.value}')}"

    def recent_sends_path(self, channel: str, address: Address) -> str:
        """Says which campaigns have lately sent to the address on the channel."""
        return f"recent_sends/{self._digest(f'recent sends:{channel}:{address.kind}:{address.value}')}"

    def customer_id(self, kind: str, value: str) -> str:
        """The id of the customer identified by `value`; `kind` is "external_id", "email" or "phone"."""
        return self._digest(f"customer id:{kind}:{value}")[:32]

    def holdout_key(self, campaign_id: str) -> str:
        """Decides, with the customer's id, who of a campaign's audience is held out."""
        return self._digest(f"holdout:{campaign_id}")

    def form_request_id(self, form_id: str, address: Address) -> str:
        """Stands for what the owner of an address asked for with a form."""
        return self._digest(f"form:{form_id}:{address.kind}:{address.value}")

    def customer_hash(self, customer_id: str) -> str:
        """Stands for a customer in documents that outlive the customer."""
        return self._digest(f"customer:{customer_id}")

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:40]


def addresses_of(customer: Mapping[str, Any]) -> list[Address]:
    return [Address(kind=kind, value=customer[kind]) for kind in ADDRESS_KINDS if customer.get(kind)]


def address_on(channel: str, value: str) -> Address:
    """The address to which a message on the channel goes."""
    return Address(kind=CHANNELS[channel].address_kind, value=value)


def channels_of(kind: AddressKind) -> tuple[str, ...]:
    """The channels that reach an address of this kind."""
    return tuple(name for name, record in CHANNELS.items() if record.address_kind == kind)
