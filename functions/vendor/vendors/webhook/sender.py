"""A vendor of the deployer's own: each message is a signed POST to one URL.

    200               it is sent
    202               it is accepted; whether it was sent is reported by callback to /api/receipts/webhook
    408, 425, 429,    it is not taken now, or nobody knows: it is sent again later with the same `webhook-id`, after
    5xx, no answer      the time of `Retry-After`, if there is one (an hour at most)
    other 4xx         it is refused for good; the reason is the `detail` of a problem document (RFC 9457)

`webhook-id` is the idempotency key: the same message comes again with the same one, and is to be sent once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from standardwebhooks.webhooks import Webhook

from common.events import MessagePersonalized
from common.settings import Webhook as WebhookSettings

from ...circuit import MOST_ASKED_FOR
from ...vendor import Accepted, Rejected, VendorDown
from .signing import signed

DATA = {"message_id", "campaign_id", "customer_id", "attempt", "channel", "to", "name", "subject", "body"}
TRANSIENT = frozenset({408, 425, 429})
MOST_AT_ONCE = 100
LIMITS = httpx.Limits(max_connections=MOST_AT_ONCE, max_keepalive_connections=MOST_AT_ONCE)
MOST_REASON = 500


class WebhookVendor:
    def __init__(self, settings: WebhookSettings, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._url = settings.url
        self._seconds = settings.timeout_seconds
        self._webhook = Webhook(settings.secret.get_secret_value())
        self._clock = clock
        self.room = asyncio.Semaphore(MOST_AT_ONCE)  # waiting for a connection is not waiting for the vendor
        self._client = httpx.AsyncClient(limits=LIMITS, timeout=None)  # the time is bounded as a whole

    async def close(self) -> None:
        """Only tests end a client; a function keeps it as long as its instance lives."""
        await self._client.aclose()

    async def send(self, message: MessagePersonalized) -> Accepted | Rejected:
        answer = await self._post(message)
        if answer.is_success:
            return Accepted(final=answer.status_code != 202)
        if answer.is_client_error and answer.status_code not in TRANSIENT:
            return Rejected(_reason(answer), permanent=True)
        raise VendorDown(_reason(answer), retry_after=self._retry_after(answer))

    async def _post(self, message: MessagePersonalized) -> httpx.Response:
        body = _body(message)
        headers = signed(self._webhook, message.key, body, now=self._clock())
        try:
            async with asyncio.timeout(self._seconds):
                return await self._client.post(self._url, content=body, headers=headers)
        except TimeoutError as error:
            raise VendorDown(f"The vendor did not answer within {self._seconds:g} seconds.") from error
        except httpx.HTTPError as error:
            raise VendorDown(f"The vendor cannot be reached: {str(error) or type(error).__name__}") from error

    def _retry_after(self, answer: httpx.Response) -> float | None:
        """Seconds or a date, within bounds; None where it is neither."""
        given = answer.headers.get("retry-after", "").strip()
        with suppress(ValueError, OverflowError):
            return min(max(0.0, self._seconds_until(given)), MOST_ASKED_FOR.total_seconds())
        return None

    def _seconds_until(self, given: str) -> float:
        if given.isdecimal():
            return float(given)
        until = parsedate_to_datetime(given).replace(tzinfo=UTC)  # HTTP dates are in GMT
        return (until - self._clock()).total_seconds()


def _body(message: MessagePersonalized) -> bytes:
    data = message.model_dump(include=DATA) | {"attempt": message.known_attempt}
    return json.dumps({"type": "message.send", "data": data}, ensure_ascii=False).encode()


def _reason(answer: httpx.Response) -> str:
    """What the vendor says about it, else the status."""
    status = f"{answer.status_code} {answer.reason_phrase}".strip()
    with suppress(ValueError):
        problem = answer.json()
        if isinstance(problem, dict) and (said := problem.get("detail") or problem.get("title")):
            return f"{said} ({status})"[:MOST_REASON]
    return f"The vendor answered {status}."
