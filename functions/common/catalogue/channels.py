"""The channels: one record for each. A vendor's record names the channels that it can send over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

AddressKind = Literal["email", "phone"]
"""The customer field that holds an address."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelRecord:
    """How a message reaches a person."""

    name: str  # in the API, in the database, and in rules as `consent.NAME`
    label: str
    address_kind: AddressKind
    has_subject: bool  # whether the person sees the subject of a message
    consent_headings: tuple[str, ...]  # of a column with the consent in a file


CHANNELS: Mapping[str, ChannelRecord] = {
    record.name: record
    for record in (
        ChannelRecord(
            name="email",
            label="E-mail",
            address_kind="email",
            has_subject=True,
            consent_headings=("email consent", "email opt-in", "accepts email marketing", "newsletter"),
        ),
        ChannelRecord(
            name="sms",
            label="SMS",
            address_kind="phone",
            has_subject=False,
            consent_headings=("sms consent", "sms opt-in", "accepts sms marketing"),
        ),
        ChannelRecord(
            name="whatsapp",
            label="WhatsApp",
            address_kind="phone",
            has_subject=False,
            consent_headings=("whatsapp consent", "whatsapp opt-in", "accepts whatsapp marketing"),
        ),
    )
}

ADDRESS_KINDS: tuple[AddressKind, ...] = tuple(dict.fromkeys(record.address_kind for record in CHANNELS.values()))
"""Each kind of address once."""
