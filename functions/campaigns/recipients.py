"""Who of an audience is written to, and with what; who is not, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common import ids
from common.audience import Row
from common.events import Receipt, RecipientFound
from common.money import decimal, formatted

from .campaign import Campaign

ADDRESS_FIELDS = {"email": "email", "sms": "phone"}
"""Which of a customer's fields is the address on a channel."""


def recipient(campaign: Campaign, person: Row, *, currency: str, now: datetime) -> RecipientFound | Receipt:
    """The person's message to be, or the receipt that says why there is none."""
    address = getattr(person, ADDRESS_FIELDS[campaign.channel])
    if person.consent.get(campaign.channel) is False:
        return skipped(campaign, person.id, "no_consent", now=now, name=person.name, to=address)
    if not address:
        return skipped(campaign, person.id, "no_address", now=now, name=person.name)
    return RecipientFound(
        message_id=ids.message_id(campaign.id, person.id),
        campaign_id=campaign.id,
        customer_id=person.id,
        name=person.name,
        to=address,
        fields=_fields(person, currency),
        message=campaign.message,
        channel=campaign.channel,
        vendor=campaign.vendor,
        personalization=campaign.personalization,
    )


def skipped(
    campaign: Campaign, customer_id: str, reason: str, *, now: datetime, name: str | None = None, to: str | None = None
) -> Receipt:
    return Receipt(
        message_id=ids.message_id(campaign.id, customer_id),
        campaign_id=campaign.id,
        customer_id=customer_id,
        kind="skipped",
        at=now,
        reason=reason,
        name=name,
        to=to,
    )


def _fields(person: Row, currency: str) -> dict[str, Any]:
    """What the message may say: the fields of `common/template.py`."""
    return {
        "name": person.name,
        "first_name": person.name.split()[0] if person.name else None,
        "city": person.city,
        "spend": formatted(decimal(person.spend or 0), currency),
        "visits": person.visits,
        "orders": person.orders,
        "active_days": person.active_days,
        "last_active_at": person.last_active_at.date().isoformat() if person.last_active_at else None,
        "attributes": person.attributes,
    }
