"""Twilio's callbacks: reports on messages, and messages that people send.

They are forms, signed by `X-Twilio-Signature`: HMAC-SHA1 with the account's token over the URL and the sorted
parameters (https://www.twilio.com/docs/usage/security). The URL of a report has the ids of the message. Who answers
STOP, or another word of `STOP_WORDS`, gets no more messages on that channel.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from pydantic import SecretStr

from common.catalogue.twilio_errors import cause_of
from common.clock import Clock, utc_now
from common.errors import Invalid, Unauthenticated
from common.events import OptOut
from common.ids import message_id, opt_out_id

from .. import vendor_receipts
from ..app import CallbackParser
from ..vendor_receipts import ParsedReceipts

log = logging.getLogger(__name__)
SIGNATURE = "x-twilio-signature"
STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
"""Those that Twilio itself knows. Words of other languages come as `OptOutType`, if the account has them."""
PREFIXES: Mapping[str, str] = {"": "sms", "whatsapp": "whatsapp", "rcs": "sms"}
"""The channel of Herald by what precedes the number. RCS falls back to SMS: a person has one number for both."""
KINDS: Mapping[str, Sequence[str]] = {
    "sent": ("sent",),
    "delivered": ("sent", "delivered"),
    "read": ("sent", "delivered", "opened"),
    "failed": ("failed",),
    "canceled": ("failed",),
    "undelivered": ("sent", "bounced"),
}
"""What a status says. Reports come in any order and can be lost, so that each says what came before it, too."""


def create_parser(secret: SecretStr, url: str) -> CallbackParser:
    """The parser of callbacks to `url`. Only Twilio and the account's owner have the `secret`, the account's token."""
    return TwilioCallbacks(secret, url)


def sign(secret: SecretStr, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Twilio's signature. A parameter that comes twice with one value counts once."""
    text = url + "".join(f"{name}{value}" for name, value in sorted(set(parameters)))
    return base64.b64encode(hmac.digest(secret.get_secret_value().encode(), text.encode(), hashlib.sha1)).decode()


class TwilioCallbacks:
    """Verifies and parses them."""

    def __init__(self, secret: SecretStr, url: str, *, clock: Clock = utc_now) -> None:
        self._secret = secret
        self._url = url
        self._clock = clock

    def check_headers(self, headers: Mapping[str, str]) -> None:
        """Refuse a callback without a signature before its body is read. The signature has no time."""
        if not headers.get(SIGNATURE):
            raise Unauthenticated("The callback is not signed: the header X-Twilio-Signature is missing.")

    def parse(self, body: bytes, headers: Mapping[str, str], query: str = "") -> ParsedReceipts:
        """Verify the signature over the URL, with its query, and the form; and read what it says."""
        try:
            parameters = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=1000)
        except ValueError as error:
            raise Invalid("The callback is not a form.") from error
        expected = sign(self._secret, f"{self._url}?{query}" if query else self._url, parameters)
        if not hmac.compare_digest(expected.encode(), headers[SIGNATURE].encode(errors="replace")):
            raise Unauthenticated("The callback's signature is not valid.")
        form = dict(parameters)
        if "MessageStatus" in form:
            return self._read_report(form, dict(parse_qsl(query)))
        return ParsedReceipts(opt_outs=_opt_outs(form))

    def _read_report(self, form: Mapping[str, str], ids: Mapping[str, str]) -> ParsedReceipts:
        """The receipts that a report means. A status on the way, such as `queued`, has none."""
        code = int(form["ErrorCode"]) if re.fullmatch("[0-9]{1,9}", form.get("ErrorCode", "")) else None
        cause = cause_of(code)
        shared: dict[str, Any] = {
            "message_id": message_id(ids.get("campaign", ""), ids.get("customer", "")),
            "campaign_id": ids.get("campaign", ""),
            "customer_id": ids.get("customer", ""),
            "attempt": ids.get("attempt", 1),
            "at": self._clock(),
            "reason": f"{form.get('ErrorMessage') or form['MessageStatus']} [{code}]" if code else None,
            "permanent": cause in {"address", "opted_out", "message"},
            "blames_address": cause == "address",
        }
        kinds = [*KINDS.get(form["MessageStatus"], ())]
        if kinds == ["failed"] and cause == "address":
            kinds.append("bounced")
        parsed = vendor_receipts.parse([_receipt(shared, kind) for kind in kinds])
        if cause == "opted_out" and form.get("To"):
            parsed.opt_outs.extend(_opt_outs_of(form["To"], form))
        return parsed


def _receipt(shared: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Only failures have a reason. What is not the address's fault is no permanent bounce."""
    if kind not in {"failed", "bounced"}:
        return {**shared, "kind": kind, "reason": None, "permanent": False}
    is_permanent = shared["permanent"] and (kind == "failed" or shared["blames_address"])
    return {**shared, "kind": kind, "permanent": is_permanent}


def _opt_outs(form: Mapping[str, str]) -> list[OptOut]:
    """Whether an incoming message asks for no more."""
    word = re.sub(r"\W", "", form.get("Body", "")).lower()
    asks = form.get("OptOutType", "").upper() == "STOP" or word in STOP_WORDS
    return _opt_outs_of(form["From"], form) if asks and form.get("From") else []


def _opt_outs_of(address: str, form: Mapping[str, str]) -> list[OptOut]:
    """That an address wants no more; nothing for those of channels that Herald does not have."""
    prefix, _, number = address.rpartition(":")
    sid = form.get("MessageSid", "")
    if prefix not in PREFIXES:
        log.warning("opt-out on an unknown channel", extra={"event": "opt_out_channel_unknown", "message_sid": sid})
        return []
    return [OptOut(channel=PREFIXES[prefix], to=number, vendor="twilio", id=opt_out_id("twilio", sid) if sid else None)]
