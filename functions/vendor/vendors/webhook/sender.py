"""A vendor that the deployer runs: each message is a signed POST to one URL.

    200               the message is sent
    202               the message is accepted; the outcome is reported by callback to /api/receipts/webhook
    400, 410, 413,    the message is rejected permanently; `detail` of a problem document (RFC 9457) is the reason
    422
    408, 409, 425,    the message is not accepted now, or the outcome is unknown: it is sent again with the same
    429, 5xx,           `webhook-id`, after the time of `Retry-After`, if it is set (one hour at most)
    no answer
    others            the settings here are wrong (a secret, a URL): all messages wait until they are right

`webhook-id` is the idempotency key: a message that is posted again has the same one and must be sent only once. The
server must remember it for the time in `common/catalogue/vendors.py`.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress

import httpx
from pydantic import Field, SecretStr, field_validator, model_validator
from standardwebhooks.webhooks import Webhook

from common.clock import Clock, utc_now
from common.events import MessageReady
from common.settings import Settings
from common.webhooks.signing import signed_headers

from ...proxy import ProxySettings
from ...vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from ...vendor_requests import VendorRequests, reason_of

DATA_FIELDS = {"message_id", "campaign_id", "customer_id", "attempt", "channel", "to", "name", "subject", "body"}
ABOUT_THE_MESSAGE = frozenset({400, 410, 413, 422})
TRANSIENT = frozenset({408, 409, 425, 429})
NOT_ACCEPTED = frozenset({429})
"""With the other transient statuses the server may have accepted the message."""
MIN_SECRET_BYTES = 24
"""As Standard Webhooks asks for."""


class WebhookSettings(Settings):
    """The deployer's own server."""

    url: str = Field(alias="WEBHOOK_URL", pattern=r"^https?://.", description="messages are posted to it")
    secret: SecretStr = Field(
        alias="WEBHOOK_SECRET", description="whsec_…: signs the requests and the vendor's callbacks"
    )
    timeout_seconds: float = Field(alias="WEBHOOK_TIMEOUT_SECONDS", default=20, gt=0)
    allows_private: bool = Field(
        alias="WEBHOOK_ALLOW_PRIVATE", default=False, description="the URL may lead into a private network, by http"
    )

    @field_validator("secret")
    @classmethod
    def _is_long_enough(cls, secret: SecretStr) -> SecretStr:
        """A short key could be found by trying."""
        try:
            key = b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
        except ValueError as error:
            raise ValueError("write whsec_ and the key in base64") from error
        if len(key) < MIN_SECRET_BYTES:
            raise ValueError(f"the key has {len(key)} bytes; it needs at least {MIN_SECRET_BYTES}")
        return secret

    @model_validator(mode="after")
    def _is_encrypted(self) -> WebhookSettings:
        if self.url.startswith("http://") and not self.allows_private:
            raise ValueError("WEBHOOK_URL must begin with https://, unless WEBHOOK_ALLOW_PRIVATE is set")
        return self


def create_vendor(environ: Mapping[str, str]) -> WebhookVendor:
    return WebhookVendor(WebhookSettings.read(environ), proxy=ProxySettings.read(environ))


class WebhookVendor:
    """A `Vendor` that posts messages to the URL of its settings."""

    def __init__(
        self, settings: WebhookSettings, *, proxy: ProxySettings | None = None, clock: Clock = utc_now
    ) -> None:
        self._url = settings.url
        self._webhook = Webhook(settings.secret.get_secret_value())
        self._clock = clock
        self._requests = VendorRequests(
            timeout_seconds=settings.timeout_seconds, allows_private=settings.allows_private, proxy=proxy, clock=clock
        )
        self.concurrency_limit = self._requests.concurrency_limit

    async def close(self) -> None:
        """For tests; a function keeps its connections as long as its instance runs."""
        await self._requests.close()

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        """See the table above for what each status means."""
        body = _body(message)
        headers = signed_headers(self._webhook, message.idempotency_key, body, now=self._clock())
        response = await self._requests.post(self._url, content=body, headers=headers)
        if response.is_success:
            return Accepted(final=response.status_code != 202)
        if response.status_code in ABOUT_THE_MESSAGE:
            return Rejected(_reason(response), permanent=True)
        if response.status_code not in TRANSIENT and not response.is_server_error:
            raise VendorMisconfigured(_reason(response))
        may_have_accepted = response.status_code not in NOT_ACCEPTED
        retry_after = self._requests.retry_after(response)
        raise VendorUnavailable(_reason(response), retry_after=retry_after, may_have_accepted=may_have_accepted)


def _body(message: MessageReady) -> bytes:
    data = message.model_dump(include=DATA_FIELDS) | {"attempt": message.idempotency_attempt}
    return json.dumps({"type": "message.send", "data": data}, ensure_ascii=False).encode()


def _reason(response: httpx.Response) -> str:
    """The `detail` or `title` of a problem document, if the body is one."""
    with suppress(ValueError):
        problem = response.json()
        if isinstance(problem, dict):
            return reason_of(response, problem.get("detail") or problem.get("title"))
    return reason_of(response)
