"""Callbacks that are signed by the Standard Webhooks scheme and have Herald's receipt format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, SecretStr, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from common.errors import Invalid, Unauthenticated
from common.events import field_errors

from .. import vendor_receipts
from ..app import CallbackParser
from ..vendor_receipts import ParsedReceipts


class CallbackBody(BaseModel):
    """The JSON body of a callback; its events are validated one by one."""

    events: list[Any] = Field(min_length=1, max_length=10_000)


def create_parser(secret: SecretStr) -> CallbackParser:
    """The parser for one vendor's callbacks. Only this vendor has the `secret`, so it identifies the vendor."""
    webhook = Webhook(secret.get_secret_value())

    def parse(body: bytes, headers: Mapping[str, str]) -> ParsedReceipts:
        try:
            webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise Unauthenticated(f"The callback's signature is not valid: {error}") from error
        try:
            return vendor_receipts.parse(CallbackBody.model_validate_json(body).events)
        except ValidationError as error:
            raise Invalid("The callback is not valid.", fields=field_errors(error)) from error

    return parse
