"""Decides which customers of an audience receive a message, and builds the event or the receipt for each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, tzinfo
from typing import Any

from common import ids
from common.addresses.topics import consent_name, consent_reason
from common.audience import CustomerRow, OncePerValue
from common.catalogue.channels import CHANNELS
from common.catalogue.fields import FIELDS
from common.clock import zone_or
from common.events import MessageReady, Receipt, RecipientSelected
from common.money import format_money, to_major_units
from common.rules import AllOf, Comparison, Contains, IsMissing, Rule
from common.rules.dates import is_whole_day, span

from ..model.campaign import Campaign
from .first_name import first_name
from .language_choice import text_for

FIELD_NAMES = tuple(record.name for record in FIELDS.values() if record.in_messages)
MONEY_NAMES = tuple(name for name in FIELD_NAMES if FIELDS[name].kind == "money")
DATE_NAMES = tuple(name for name in FIELD_NAMES if FIELDS[name].kind == "date")


def exclusion_reason(campaign: Campaign, row: CustomerRow, *, unknown_allowed: Collection[str]) -> str | None:
    """Why a customer of the audience gets no message; None if they get one.

    `unknown_allowed` are the channels that may be used although nobody knows of a consent.
    """
    channel = campaign.channel
    if not address(campaign, row):
        return "no_address"
    if channel in row.suppressed:
        return "suppressed"
    if campaign.transactional:
        return None
    return consent_reason(channel, campaign.topic, row.consent, unknown_allowed=unknown_allowed)


def exclusion_rules(
    channel: str, topic: str | None, *, transactional: bool, unknown_allowed: Collection[str]
) -> dict[str, Rule]:
    """`exclusion_reason` as rules, for a whole audience at once. The first rule that matches is the reason."""
    rules: dict[str, Rule] = {
        "no_address": IsMissing(field=CHANNELS[channel].address_kind),
        "suppressed": Contains(field="suppressed", value=channel),
    }
    if not transactional:
        rules["no_consent"] = Comparison(op="=", field=f"consent.{channel}", value=False)
    if not transactional and topic:
        rules["left_topic"] = Comparison(op="=", field=f"consent.{consent_name(channel, topic)}", value=False)
    if not transactional and channel not in unknown_allowed:
        rules["unknown_consent"] = unknown_consent_rule(channel, topic)
    return rules


def once_per_address(channel: str, *, one_per_address: bool) -> OncePerValue | None:
    """Of those who have one address, a campaign writes only to the first, unless it is for families."""
    field = CHANNELS[channel].address_kind
    return OncePerValue(field=field, label="same_address") if one_per_address else None


def unknown_consent_rule(channel: str, topic: str | None) -> Rule:
    """Everybody of whom nobody knows whether they agreed to messages on the channel, or about the topic on it."""
    unknown = IsMissing(field=f"consent.{channel}")
    if topic is None:
        return unknown
    return AllOf(of=(unknown, IsMissing(field=f"consent.{consent_name(channel, topic)}")))


def address(campaign: Campaign, row: CustomerRow) -> str | None:
    value: str | None = getattr(row, CHANNELS[campaign.channel].address_kind)
    return value


def to_event(
    campaign: Campaign,
    row: CustomerRow,
    *,
    currency: str,
    zone: tzinfo,
    attempt: int = 1,
    unknown_allowed: Collection[str],
    address_checked_at: datetime | None = None,
) -> RecipientSelected | MessageReady:
    """The event for a planned customer. If the customer is excluded by now, it is an event that skips the message.

    `address_checked_at` is the time at which `row` was true. `zone` is the time zone of people without one.
    """
    if reason := exclusion_reason(campaign, row, unknown_allowed=unknown_allowed):
        return skip_event(campaign, row.id, reason, attempt=attempt)
    fields = message_fields(row, currency, zone)
    text = text_for(campaign.message, campaign.style, fields)
    return RecipientSelected(
        message_id=ids.message_id(campaign.id, row.id),
        attempt=attempt,
        campaign_id=campaign.id,
        customer_id=row.id,
        name=row.name,
        to=address(campaign, row) or "",
        fields=fields,
        message=text.template,
        language=text.language,
        channel=campaign.channel,
        vendor=campaign.vendor,
        personalization=campaign.personalization,
        style=text.style,
        writing=text.style.writing,
        address_checked_at=address_checked_at,
        per_minute=campaign.per_minute,
        transactional=campaign.transactional,
        consent_topic=campaign.topic,
        shares_inbox=not campaign.one_per_address,
        timezone=row.timezone,
        quiet_hours=campaign.quiet_hours,
        local_hour=campaign.local_hour,
    )


def skip_event(campaign: Campaign, customer_id: str, reason: str, *, attempt: int = 1) -> MessageReady:
    """The event that skips a planned customer. Delivery does not skip a message that was claimed before."""
    return MessageReady(
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
        skip_reason=reason,
    )


def skipped_receipt(
    campaign: Campaign, customer_id: str, reason: str, *, row: CustomerRow | None, now: datetime
) -> Receipt:
    """The receipt for a customer who was excluded when the page was planned."""
    return Receipt(
        message_id=ids.message_id(campaign.id, customer_id),
        campaign_id=campaign.id,
        customer_id=customer_id,
        kind="skipped",
        at=now,
        reason=reason,
        name=row.name if row else None,
        to=address(campaign, row) if row else None,
    )


def message_fields(row: CustomerRow, currency: str, zone: tzinfo) -> dict[str, Any]:
    """The values of `MESSAGE_FIELDS` in `common/messages/templates.py`. Money is 0 if it is missing.

    Dates are days, as the person's own time zone has them, or else the deployment's (`zone`).
    """
    own_zone = zone_or(zone, row.timezone)
    fields = {name: getattr(row, name) for name in FIELD_NAMES}
    for name in MONEY_NAMES:
        fields[name] = format_money(to_major_units(fields[name] or 0), currency)
    for name in DATE_NAMES:
        fields[name] = _day(fields[name], own_zone) if fields[name] else None
    attributes = {"attributes": _with_days(row.attributes, zone, own_zone)}
    return fields | attributes | {"first_name": row.first_name or first_name(row.name)}


def _with_days(value: Any, zone: tzinfo, own_zone: tzinfo) -> Any:
    """The value of an attribute with days instead of times. A time without a time zone is in `zone`."""
    if isinstance(value, dict):
        return {name: _with_days(inner, zone, own_zone) for name, inner in value.items()}
    if not isinstance(value, str) or not value[:1].isdigit() or is_whole_day(value):
        return value
    interval = span(value, zone)
    return _day(interval[0], own_zone) if interval else value


def _day(at: datetime, zone: tzinfo) -> str:
    try:
        return at.astimezone(zone).date().isoformat()
    except OverflowError:  # in the first or the last hours of the calendar
        return at.date().isoformat()
