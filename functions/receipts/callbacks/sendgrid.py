"""SendGrid's events, which it posts in batches: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events

The signature is ECDSA with P-256 and SHA-256 over the time of its header and the raw body. Its key is public: SendGrid
shows it when the signed event webhook is switched on. An event has the ids of its message; others are not Herald's.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, model_validator

from common.clock import Clock, utc_now
from common.errors import Invalid, Misconfigured, Unauthenticated
from common.events import OptOut, field_errors
from common.ids import is_of_form, message_id, opt_out_id

from .. import vendor_receipts
from ..app import CallbackParser
from ..vendor_receipts import ParsedReceipts

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
MAX_AGE = timedelta(days=1)
"""SendGrid posts a batch again for so long."""
FULL = "5.2.2"
NO_SUCH_ADDRESS = ("bounced address", "invalid")
REFUSED_BY_PERSON = ("unsubscribed address", "spam reporting address")
"""How the reasons of `dropped` begin."""
KINDS: Mapping[str, Sequence[str]] = {
    "processed": ("sent",),
    "delivered": ("sent", "delivered"),
    "open": ("sent", "delivered", "opened"),
    "click": ("sent", "delivered", "clicked"),
    "bounce": ("sent", "bounced"),
    "dropped": ("failed",),
    "spamreport": ("sent", "complained"),
    "unsubscribe": ("sent", "unsubscribed"),
    "group_unsubscribe": ("sent", "unsubscribed"),
}
"""What an event says. Events come in any order and can be lost, so that each says what came before it, too."""


class SendGridEvent(BaseModel):
    """One event, as far as it matters here. Null is the same as missing; a number may be text or have a fraction."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    event: str
    timestamp: float = Field(ge=0, le=4_000_000_000)
    email: str = ""
    sg_event_id: str = ""
    reason: str | None = None
    type: str | None = None  # of `bounce`: `bounce`, or `blocked` if the address is not at fault
    status: str = ""  # the enhanced code of a bounce
    sg_machine_open: bool = False  # a mail program loaded the image, and no person
    campaign: str = Field(alias="herald_campaign", default="")
    customer: str = Field(alias="herald_customer", default="")
    attempt: str = Field(alias="herald_attempt", default="1")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, event: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: value for name, value in event.items() if value is not None}


EVENTS = TypeAdapter(list[Any])


def create_parser(secret: SecretStr, url: str) -> CallbackParser:
    """The parser for callbacks signed with the key that belongs to `secret`. The signature is not about the `url`."""
    return SendGridEvents(secret)


NO_KEY = "SENDGRID_EVENT_KEY is not the verification key of SendGrid's event webhook."


class SendGridEvents:
    """Verifies and parses batches of events."""

    def __init__(self, key: SecretStr, *, clock: Clock = utc_now) -> None:
        try:
            loaded = load_der_public_key(base64.b64decode(key.get_secret_value()))
        except ValueError as error:
            raise Misconfigured(NO_KEY) from error
        if not isinstance(loaded, EllipticCurvePublicKey):
            raise Misconfigured(NO_KEY)
        self._key = loaded
        self._clock = clock

    def check_headers(self, headers: Mapping[str, str]) -> None:
        """Refuse a callback without a signature, or signed too long ago, before its body is read."""
        if not headers.get(SIGNATURE) or not headers.get(TIMESTAMP):
            raise Unauthenticated("The callback is not signed: a header X-Twilio-Email-Event-Webhook-… is missing.")
        try:
            age = self._clock().timestamp() - float(headers[TIMESTAMP])
        except ValueError as error:
            raise Unauthenticated("The time of the callback's signature is not a number of seconds.") from error
        if not abs(age) <= MAX_AGE.total_seconds():  # also for NaN
            raise Unauthenticated("The callback's signature is too old, or from the future.")

    def parse(self, body: bytes, headers: Mapping[str, str], query: str = "") -> ParsedReceipts:
        """Verify the signature over the raw body, and parse the events one by one."""
        try:
            signature = base64.b64decode(headers[SIGNATURE])
            self._key.verify(signature, headers[TIMESTAMP].encode() + body, ECDSA(SHA256()))
        except (InvalidSignature, ValueError) as error:
            raise Unauthenticated("The callback's signature is not valid.") from error
        try:
            items = EVENTS.validate_json(body)
        except ValidationError as error:
            raise Invalid("The callback is not valid.", fields=field_errors(error)) from error
        opt_outs: list[OptOut] = []

        def read(item: Any) -> Sequence[Any]:
            if not _is_heralds(item):
                return []
            event = SendGridEvent.model_validate(item)
            opt_outs.extend(_opt_outs(event))
            return _receipts(event)

        return replace(vendor_receipts.parse(items, read), opt_outs=opt_outs)


def opt_out_of(event: SendGridEvent) -> OptOut:
    """That the address of a dropped mail wants no more."""
    event_id = event.sg_event_id or f"{event.email} {event.timestamp}"
    return OptOut(channel="email", to=event.email, vendor="sendgrid", id=opt_out_id("sendgrid", event_id))


def _is_heralds(item: Any) -> bool:
    return isinstance(item, dict) and "herald_campaign" in item


def _opt_outs(event: SendGridEvent) -> list[OptOut]:
    asks = event.event == "dropped" and _begins(event.reason, REFUSED_BY_PERSON)
    return [opt_out_of(event)] if asks and event.email else []


def _receipts(event: SendGridEvent) -> list[Mapping[str, Any]]:
    """The receipts that an event means. What a machine loaded says nothing about a person."""
    kinds = [kind for kind in KINDS.get(event.event, ()) if not (event.sg_machine_open and kind == "opened")]
    has_no_mailbox = event.event == "dropped" and _begins(event.reason, NO_SUCH_ADDRESS)
    if has_no_mailbox:
        kinds.append("bounced")
    shared: dict[str, Any] = {
        "message_id": message_id(event.campaign, event.customer),
        "campaign_id": event.campaign,
        "customer_id": event.customer,
        "attempt": event.attempt,
        "at": datetime.fromtimestamp(event.timestamp, UTC),
        "to": (event.email or None) if is_of_form(event.campaign) else None,
    }
    is_hard = event.type != "blocked" and event.status.startswith("5") and event.status != FULL
    why = {"reason": (event.reason or event.event)[:1000], "blames_address": event.type != "blocked"}
    failed = {**why, "permanent": has_no_mailbox or _begins(event.reason, REFUSED_BY_PERSON)}
    bounced = {**why, "permanent": has_no_mailbox or is_hard}
    details: Mapping[str, Mapping[str, Any]] = {"failed": failed, "bounced": bounced}
    return [{**shared, "kind": kind, **details.get(kind, {})} for kind in kinds]


def _begins(reason: str | None, beginnings: Sequence[str]) -> bool:
    return (reason or "").lower().startswith(tuple(beginnings))
