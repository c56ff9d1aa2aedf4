"""Posts one event to one webhook: signed, to a host on the internet, within a time limit.

A redirect is not followed, so it cannot lead into a private network; it counts as a failure. Of the answer only the
status is read.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from standardwebhooks.webhooks import Webhook as Signer

from common.clock import Clock
from common.webhooks.event_types import WebhookEvent
from common.webhooks.public_hosts import AddressRefused, PublicHosts
from common.webhooks.signing import signed_headers

from .webhook_target import WebhookTarget

TIMEOUT_SECONDS = 15
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=0)
"""`Deliveries` limits the requests to each webhook, so none waits here for the server of another one."""
MAX_ERROR_LENGTH = 300
GONE = 410
"""The server wants no more requests, ever."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What became of one request."""

    status: int | None  # None: there was no answer
    error: str | None  # why there was none
    milliseconds: int

    @property
    def is_success(self) -> bool:
        return self.status is not None and httpx.codes.is_success(self.status)


class EventSender:
    """Opens a connection for each request.

    A request goes to an address that was checked (`PublicHosts`). A connection that is used again could be one to
    another host with the same address, whose certificate is that of the other host.
    """

    def __init__(self, *, hosts: PublicHosts, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        # `send` limits the total time, too.
        self._client = httpx.AsyncClient(
            limits=LIMITS,
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            event_hooks={"request": [hosts.pin]},
            trust_env=False,
        )

    async def close(self) -> None:
        """For tests; a function keeps its client as long as its instance runs."""
        await self._client.aclose()

    async def send(self, webhook: WebhookTarget, id_: str, event: WebhookEvent) -> Answer:
        """Post the event. Whatever happens is an answer."""
        began = self._monotonic()
        status, error = None, None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status = await self._post(webhook, id_, event)
        except AddressRefused as refused:
            error = f"The address is not allowed: {refused}"
        except TimeoutError:
            error = f"The server did not answer within {TIMEOUT_SECONDS} seconds."
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as failed:
            error = f"The server cannot be reached: {str(failed) or type(failed).__name__}"
        milliseconds = round(1_000 * (self._monotonic() - began))
        return Answer(status=status, error=error and error[:MAX_ERROR_LENGTH], milliseconds=milliseconds)

    async def _post(self, webhook: WebhookTarget, id_: str, event: WebhookEvent) -> int:
        body = json.dumps(event, ensure_ascii=False).encode()
        now = self._clock()  # for all signatures: each covers the one header with the time
        signers = [Signer(secret.get_secret_value()) for secret in webhook.secrets(now)]
        signed = [signed_headers(signer, id_, body, now=now) for signer in signers]
        signatures = " ".join(headers["webhook-signature"] for headers in signed)
        headers = {**signed[0], "webhook-signature": signatures, "user-agent": "Herald"}
        async with self._client.stream("POST", webhook.url, content=body, headers=headers) as response:
            return response.status_code
