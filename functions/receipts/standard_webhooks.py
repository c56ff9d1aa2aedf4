"""Callbacks of vendors that sign as Standard Webhooks do, and report in Herald's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field, SecretStr, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from common.errors import Invalid, Unauthenticated
from common.events import Receipt, field_errors

from .api import Reader


class Report(BaseModel):
    events: list[Receipt] = Field(min_length=1, max_length=10_000)


def standard_webhooks(secret: SecretStr) -> Reader:
    """`secret` is shared with one vendor, and so tells it from the others."""
    webhook = Webhook(secret.get_secret_value())

    def read(body: bytes, headers: Mapping[str, str]) -> Sequence[Receipt]:
        try:
            webhook.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise Unauthenticated(f"The callback's signature is not valid: {error}") from error
        try:
            return Report.model_validate_json(body).events
        except ValidationError as error:
            raise Invalid("The callback is not valid.", fields=field_errors(error)) from error

    return read
