"""Callbacks that are signed by the Standard Webhooks scheme and have Herald's receipt format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, SecretStr, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from common.clock import Clock, utc_now
from common.errors import Invalid, Unauthenticated
from common.events import field_errors

from .. import vendor_receipts
from ..app import CallbackParser
from ..vendor_receipts import ParsedReceipts

SIGNATURE_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
TOLERANCE_SECONDS = 300
"""The library has the same window."""


class CallbackBody(BaseModel):
    """The JSON body of a callback; its events are validated one by one."""

    events: list[Any] = Field(min_length=1, max_length=10_000)


def create_parser(secret: SecretStr, url: str) -> CallbackParser:
    """The parser for one vendor's callbacks. Only this vendor has the `secret`, so it identifies the vendor. The
    signature is not about the `url`."""
    return StandardWebhooks(Webhook(secret.get_secret_value()))


class StandardWebhooks:
    """Verifies callbacks by `webhook-id`, `webhook-timestamp` and `webhook-signature`, as standardwebhooks.com says."""

    def __init__(self, webhook: Webhook, *, clock: Clock = utc_now) -> None:
        self._webhook = webhook
        self._clock = clock

    def check_headers(self, headers: Mapping[str, str]) -> None:
        """Refuse a callback without a signature, or signed too long ago, before its body is read."""
        missing = [name for name in SIGNATURE_HEADERS if not headers.get(name)]
        if missing:
            raise Unauthenticated(f"The callback is not signed: the header {missing[0]} is missing.")
        try:
            age = self._clock().timestamp() - float(headers["webhook-timestamp"])
        except ValueError as error:
            raise Unauthenticated("The callback's header webhook-timestamp is not a number of seconds.") from error
        if not abs(age) <= TOLERANCE_SECONDS:  # also for NaN
            raise Unauthenticated("The callback's signature is too old, or from the future.")

    def parse(self, body: bytes, headers: Mapping[str, str], query: str = "") -> ParsedReceipts:
        """Verify the signature over the raw body, and parse the events."""
        try:
            self._webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise Unauthenticated(f"The callback's signature is not valid: {error}") from error
        try:
            return vendor_receipts.parse(CallbackBody.model_validate_json(body).events)
        except ValidationError as error:
            raise Invalid("The callback is not valid.", fields=field_errors(error)) from error
