"""The channels: one record for each. A vendor's record names the channels that it can send over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeGuard

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
    opt_out_headings: tuple[str, ...]  # of a column that says the opposite: a yes there is a no to messages


def _split(headings: str) -> tuple[str, ...]:
    return tuple(headings.split(", "))


NO_CONSENT_HEADINGS = _split(
    "do not contact, dnd, do not disturb, dnd status, opted out of all, opt out of all, unsubscribed from all, "
    "blacklisted, blocklisted, no contactar, ne pas contacter, nicht kontaktieren"
)
"""Of a column in which a yes is a no to messages on all channels."""

STATUS_HEADINGS = _split(
    "status, email status, subscription status, subscriber status, member status, contact status, "
    "marketing contact status, email marketing status, marketing status, state of subscription, state"
)
"""Of a column that is about consent only if its values say so."""


CHANNELS: Mapping[str, ChannelRecord] = {
    record.name: record
    for record in (
        ChannelRecord(
            name="email",
            label="E-mail",
            address_kind="email",
            has_subject=True,
            consent_headings=_split(
                "email consent, email opt-in, opt-in email, email opted in, accepts email marketing, "
                "accepts marketing, email marketing consent, email subscription status, email marketing, newsletter, "
                "newsletter subscription, subscribed to newsletter, consent, marketing consent, gdpr consent, "
                "opt-in, opted in, subscribed, is subscribed, email subscribed, receive newsletter, "
                "marketing opt in, mailing list, can email, email permission, email allowed, einwilligung, "
                "acepta marketing, acepta publicidad, acepta correos, accepte la newsletter, सहमति"
            ),
            opt_out_headings=_split(
                "email opt out, email opt-out status, has opted out of email, opted out of email, "
                "unsubscribed from all email, unsubscribed from email, unsubscribed, opt out, opted out, opted-out, "
                "is unsubscribed, do not email, do not mail, no email, email unsubscribed, email bounced, "
                "unsub time, unsubscribed at, unsubscribe date, unsubscribed date, unsubscribe time, "
                "date unsubscribed, unsubscribed time, unsubscribed on, clean time, bounced at, email blacklisted, "
                "email blocklisted, email suppressions, email suppressed, abgemeldet, désabonné, dado de baja, "
                "no enviar correos, no enviar correo, no enviar emails, सदस्यता समाप्त"
            ),
        ),
        ChannelRecord(
            name="sms",
            label="SMS",
            address_kind="phone",
            has_subject=False,
            consent_headings=_split(
                "sms consent, sms opt-in, opt-in sms, accepts sms marketing, sms marketing consent, sms marketing, "
                "sms subscription status, text consent, sms subscribed, can sms, can text, sms permission"
            ),
            opt_out_headings=_split(
                "sms opt out, sms opted out, do not sms, do not text, has opted out of sms, opted out of sms, no sms, "
                "sms blacklisted, sms blocklisted, sms suppressions, sms suppressed, sms unsubscribed"
            ),
        ),
        ChannelRecord(
            name="whatsapp",
            label="WhatsApp",
            address_kind="phone",
            has_subject=False,
            consent_headings=_split(
                "whatsapp consent, whatsapp opt-in, opt-in whatsapp, accepts whatsapp marketing, "
                "whatsapp marketing consent, whatsapp opted in, whatsapp subscribed, can whatsapp, whatsapp permission"
            ),
            opt_out_headings=_split(
                "whatsapp opt out, whatsapp opted out, do not whatsapp, whatsapp blacklisted, whatsapp blocklisted"
            ),
        ),
    )
}

ADDRESS_KINDS: tuple[AddressKind, ...] = tuple(dict.fromkeys(record.address_kind for record in CHANNELS.values()))
"""Each kind of address once."""


def is_address_kind(kind: str) -> TypeGuard[AddressKind]:
    """Whether it is the kind of an address."""
    return kind in ADDRESS_KINDS
