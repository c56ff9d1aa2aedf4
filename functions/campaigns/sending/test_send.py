"""Test messages: the campaign's message as one real person would get it, sent to a few addresses of the team.

A test goes the way of every message, through the claim and the vendor, but under a campaign id of its own that no
campaign has. So it is in no number of the campaign, and the person whose values it shows is not written to. Its claim
expires after a day. A test that cannot be sent at once is given up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from common.addresses.address import Address, AddressHasher
from common.addresses.state import AddressState, read_states
from common.catalogue.channels import CHANNELS
from common.catalogue.field_codes import FIELD_CODES
from common.clock import Clock
from common.errors import FieldError, Invalid
from common.events import MessageReady, Personalization
from common.ids import campaign_id_of_tests, message_id, random_id
from common.messages.templates import MessageText
from common.storage.documents import Documents

from ..model.campaign import CampaignResponse

MAX_ADDRESSES = 5
_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]{1,190}\.[^@\s.,;<>]{2,63}")
_PHONE = re.compile(r"\+[1-9]\d{7,14}")
_PHONE_SIGNS = re.compile(r"[\s().-]")
_REFUSED = {"suppressed": "This address is suppressed.", "no_consent": "This address said no to messages."}


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamAddresses:
    """Reads and checks the addresses of a test."""

    documents: Documents
    hasher: AddressHasher

    async def check(self, typed: Sequence[str], channel: str) -> list[Address]:
        """The addresses, each once. Raises `Invalid` for those that are none, are suppressed, or said no."""
        kind = CHANNELS[channel].address_kind
        read = [_normalize(text, kind) for text in typed]
        errors = [
            FieldError(field=f"to.{number}", code=kind, message=FIELD_CODES[kind])
            for number, text in enumerate(read)
            if text is None
        ]
        if errors:
            raise Invalid("Some addresses cannot be read.", fields=errors)
        addresses = [Address(kind=kind, value=text) for text in read if text]
        if errors := await self._refusals(addresses, channel):
            raise Invalid("Some addresses must not be written to.", fields=errors)
        return list(dict.fromkeys(addresses))

    async def _refusals(self, addresses: Sequence[Address], channel: str) -> list[FieldError]:
        stored = await read_states(self.documents, self.hasher, addresses)
        states = [AddressState.from_snapshot(stored[address]) for address in addresses]
        reasons = [state.reason_against(channel, None, needs_consent=True) for state in states]
        return [
            FieldError(field=f"to.{number}", code="suppressed", message=f"{_REFUSED[reason]} It gets no test either.")
            for number, reason in enumerate(reasons)
            if reason
        ]


def create_messages(
    campaign: CampaignResponse,
    addresses: Sequence[Address],
    text: MessageText,
    *,
    personalized_by: Personalization,
    fallback: str | None,
    clock: Clock,
) -> list[MessageReady]:
    """One message for each address, under ids that belong to no campaign and to no customer."""
    tests = campaign_id_of_tests(campaign.id)
    subject = f"[Test] {text.subject}".strip() if CHANNELS[campaign.channel].has_subject else text.subject
    return [
        MessageReady(
            message_id=message_id(tests, recipient),
            campaign_id=tests,
            customer_id=recipient,
            to=address.value,
            subject=subject,
            body=text.body,
            channel=campaign.channel,
            vendor=campaign.vendor,
            personalized_by=personalized_by,
            fallback=fallback,
            address_checked_at=clock(),
            shares_inbox=True,
        )
        for address, recipient in ((address, random_id()) for address in addresses)
    ]


def _normalize(text: str, kind: str) -> str | None:
    """The address as customers have it; None if it is none."""
    if kind == "email":
        email = text.strip().lower()
        return email if _EMAIL.fullmatch(email) else None
    phone = _PHONE_SIGNS.sub("", text)
    return phone if _PHONE.fullmatch(phone) else None
