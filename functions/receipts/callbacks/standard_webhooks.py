"""Callbacks of vendors that sign as Standard Webhooks do, and report in Herald's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, SecretStr, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from common.errors import Invalid, Unauthenticated
from common.events import field_errors

from .. import vendor_receipts as reports
from ..app import Reader
from ..vendor_receipts import Reports


class Report(BaseModel):
    events: list[Any] = Field(min_length=1, max_length=10_000)


def standard_webhooks(secret: SecretStr) -> Reader:
    """`secret` is shared with one vendor, and so tells it from the others."""
    webhook = Webhook(secret.get_secret_value())

    def read(body: bytes, headers: Mapping[str, str]) -> Reports:
        try:
            webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise Unauthenticated(f"The callback's signature is not valid: {error}") from error
        try:
            return reports.read(Report.model_validate_json(body).events)
        except ValidationError as error:
            raise Invalid("The callback is not valid.", fields=field_errors(error)) from error

    return read
