"""Who of an audience is written to, and with what; who is not, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common import ids
from common.audience import Row
from common.events import MessagePersonalized, Receipt, RecipientFound
from common.money import decimal, formatted
from common.rules import Comparison, Contains, IsMissing, Rule

from ..model.campaign import Campaign, Channel

ADDRESS_FIELDS = {"email": "email", "sms": "phone"}
"""Which of a customer's fields is the address on a channel."""


def left_out(campaign: Campaign, person: Row) -> str | None:
    """Why a person of the audience is not written to; None for one who is."""
    if person.consent.get(campaign.channel) is False:
        return "no_consent"
    if not address(campaign, person):
        return "no_address"
    return "suppressed" if is_suppressed(campaign, person) else None


def is_suppressed(campaign: Campaign, person: Row) -> bool:
    return ADDRESS_FIELDS[campaign.channel] in person.suppressed


def reasons(channel: Channel) -> dict[str, Rule]:
    """The same as rules, the first that matches being the reason: for all of an audience at once."""
    return {
        "no_consent": Comparison(op="=", field=f"consent.{channel}", value=False),
        "no_address": IsMissing(field=ADDRESS_FIELDS[channel]),
        "suppressed": Contains(field="suppressed", value=ADDRESS_FIELDS[channel]),
    }


def address(campaign: Campaign, person: Row) -> str | None:
    found: str | None = getattr(person, ADDRESS_FIELDS[campaign.channel])
    return found


def recipient(
    campaign: Campaign, person: Row, *, currency: str, attempt: int = 1, checked_at: datetime | None = None
) -> RecipientFound | MessagePersonalized:
    """The person's message to be; one that is not to be sent where consent or address are gone since the plan was made.

    `checked_at` is when the person was as given.
    """
    if reason := left_out(campaign, person):
        return unsent(campaign, person.id, reason, attempt=attempt)
    return RecipientFound(
        message_id=ids.message_id(campaign.id, person.id),
        attempt=attempt,
        campaign_id=campaign.id,
        customer_id=person.id,
        name=person.name,
        to=address(campaign, person) or "",
        fields=_fields(person, currency),
        message=campaign.message,
        channel=campaign.channel,
        vendor=campaign.vendor,
        personalization=campaign.personalization,
        checked_at=checked_at,
    )


def unsent(campaign: Campaign, customer_id: str, reason: str, *, attempt: int = 1) -> MessagePersonalized:
    """Skips a person who was planned: unless their message was claimed before, as delivery alone can tell."""
    return MessagePersonalized(
        message_id=ids.message_id(campaign.id, customer_id),
        attempt=attempt,
        campaign_id=campaign.id,
        customer_id=customer_id,
        to="",
        subject="",
        body="",
        channel=campaign.channel,
        vendor=campaign.vendor,
        personalized_by="template",
        skip=reason,
    )


def skipped(campaign: Campaign, customer_id: str, reason: str, *, person: Row | None, now: datetime) -> Receipt:
    """For one who is left out from the start."""
    return Receipt(
        message_id=ids.message_id(campaign.id, customer_id),
        campaign_id=campaign.id,
        customer_id=customer_id,
        kind="skipped",
        at=now,
        reason=reason,
        name=person.name if person else None,
        to=address(campaign, person) if person else None,
    )


def _fields(person: Row, currency: str) -> dict[str, Any]:
    """What the message may say: the fields of `common/messages/templates.py`."""
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
