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

import asyncio
import json
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx
from pydantic import Field, SecretStr, field_validator, model_validator
from standardwebhooks.webhooks import Webhook

from common.clock import Clock, utc_now
from common.events import MessageReady
from common.settings import Settings

from ...circuit import MAX_RETRY_AFTER
from ...public_hosts import AddressRefused, PublicHosts
from ...signing import signed_headers
from ...vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable

DATA_FIELDS = {"message_id", "campaign_id", "customer_id", "attempt", "channel", "to", "name", "subject", "body"}
ABOUT_THE_MESSAGE = frozenset({400, 410, 413, 422})
TRANSIENT = frozenset({408, 409, 425, 429})
NOT_ACCEPTED = frozenset({429})
"""With the other transient statuses the server may have accepted the message."""
NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
MAX_CONCURRENT_REQUESTS = 100
LIMITS = httpx.Limits(max_connections=MAX_CONCURRENT_REQUESTS, max_keepalive_connections=MAX_CONCURRENT_REQUESTS)
MAX_REASON_LENGTH = 500
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
    return WebhookVendor(WebhookSettings.read(environ))


class WebhookVendor:
    """A `Vendor` that posts messages to the URL of its settings."""

    def __init__(self, settings: WebhookSettings, *, clock: Clock = utc_now) -> None:
        self._url = settings.url
        self._timeout_seconds = settings.timeout_seconds
        self._webhook = Webhook(settings.secret.get_secret_value())
        self._clock = clock
        # As many as there are connections, so that the timeout does not include the wait for a connection.
        self.concurrency_limit = asyncio.Semaphore(MAX_CONCURRENT_REQUESTS)
        hosts = PublicHosts(allows_private=settings.allows_private)
        # `_post` limits the total time. A redirect is not followed: it is a wrong setting.
        self._client = httpx.AsyncClient(limits=LIMITS, timeout=None, event_hooks={"request": [hosts.pin]})

    async def close(self) -> None:
        """For tests; a function keeps the client as long as its instance runs."""
        await self._client.aclose()

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        """See the table above for what each status means."""
        response = await self._post(message)
        if response.is_success:
            return Accepted(final=response.status_code != 202)
        if response.status_code in ABOUT_THE_MESSAGE:
            return Rejected(_reason(response), permanent=True)
        if response.status_code not in TRANSIENT and not response.is_server_error:
            raise VendorMisconfigured(_reason(response))
        may_have_accepted = response.status_code not in NOT_ACCEPTED
        retry_after = self._retry_after(response)
        raise VendorUnavailable(_reason(response), retry_after=retry_after, may_have_accepted=may_have_accepted)

    async def _post(self, message: MessageReady) -> httpx.Response:
        """The vendor's response; raises `VendorUnavailable` without one."""
        body = _body(message)
        headers = signed_headers(self._webhook, message.idempotency_key, body, now=self._clock())
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._client.post(self._url, content=body, headers=headers)
        except AddressRefused as error:
            raise VendorMisconfigured(f"The vendor's address is not allowed: {error}") from error
        except TimeoutError as error:
            raise VendorUnavailable(f"The vendor did not answer within {self._timeout_seconds:g} seconds.") from error
        except httpx.HTTPError as error:
            reason = f"The vendor cannot be reached: {str(error) or type(error).__name__}"
            raise VendorUnavailable(reason, may_have_accepted=not isinstance(error, NO_CONNECTION)) from error

    def _retry_after(self, response: httpx.Response) -> float | None:
        """The wait in seconds, limited to `MAX_RETRY_AFTER`, from seconds or an HTTP date; None if it is neither."""
        header = response.headers.get("retry-after", "").strip()
        with suppress(ValueError, OverflowError):
            return min(max(0.0, self._seconds_until(header)), MAX_RETRY_AFTER.total_seconds())
        return None

    def _seconds_until(self, header: str) -> float:
        if header.isdecimal():
            return float(header)
        until = parsedate_to_datetime(header).replace(tzinfo=UTC)  # HTTP dates are in GMT
        return (until - self._clock()).total_seconds()


def _body(message: MessageReady) -> bytes:
    data = message.model_dump(include=DATA_FIELDS) | {"attempt": message.idempotency_attempt}
    return json.dumps({"type": "message.send", "data": data}, ensure_ascii=False).encode()


def _reason(response: httpx.Response) -> str:
    """The vendor's own reason and the status, or the status alone."""
    status = f"{response.status_code} {response.reason_phrase}".strip()
    with suppress(ValueError):
        problem = response.json()
        if isinstance(problem, dict) and (text := problem.get("detail") or problem.get("title")):
            return f"{text} ({status})"[:MAX_REASON_LENGTH]
    return f"The vendor answered {status}."
