"""The simulated vendor: accepts every message and soon reports that nine of ten were sent.

Half of the failures are permanent: no such mailbox. The other half, full mailboxes, may succeed in a retry.

It behaves like an external vendor: it reports by callbacks to the public URL, several receipts in one, signed by the
Standard Webhooks scheme, and some of them twice. The outcome of a message depends only on its idempotency key: it stays
the same if the message is sent again, and a campaign with the same ids can be repeated exactly. A campaign may say how
it behaves (`simulation`). If a file for the send log is configured, the idempotency key of each message is written to
it, so that tests can compare it with the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import Field, SecretStr
from standardwebhooks.webhooks import Webhook

from common.batching import Batcher
from common.clock import Clock, utc_now
from common.events import MessageReady, Receipt, SimulationChoice
from common.ids import random_id, stable_hash
from common.settings import CallbackSettings, PublicUrlSettings, Settings
from common.webhooks.signing import signed_headers

from ...vendor import Accepted, VendorUnavailable

NO_MAILBOX = "The mailbox does not exist (simulated)."
FULL_MAILBOX = "The mailbox is full (simulated)."
OUTAGE = "The vendor is down (simulated)."


class SimulatorSettings(Settings):
    """How the simulated vendor behaves."""

    latency_seconds: float = Field(alias="SIMULATOR_LATENCY_SECONDS", default=0.0, ge=0)
    report_seconds: float = Field(alias="SIMULATOR_REPORT_SECONDS", default=0.05, ge=0)
    failure_share: float = Field(alias="SIMULATOR_FAILURE_SHARE", default=0.1, ge=0, le=1)
    duplicate_share: float = Field(alias="SIMULATOR_DUPLICATE_SHARE", default=0.0, ge=0, le=1)
    send_log: Path | None = Field(
        alias="SIMULATOR_BOOK", default=None, description="a file to which each send is appended"
    )


def create_vendor(environ: Mapping[str, str]) -> SimulatedVendor:
    return SimulatedVendor(
        settings=SimulatorSettings.read(environ),
        callback_url=f"{PublicUrlSettings.read(environ).public_url}/api/receipts/simulator",
        secret=CallbackSettings.read(environ).secret,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """How it behaves for one campaign: see `SimulationChoice`."""

    failure_share: float
    latency_seconds: float
    duplicate_share: float
    reorder_seconds: float
    outage_seconds: int


class SimulatedVendor:
    """A `Vendor` that reports outcomes to `callback_url`, signed with `secret`, over `transport` (HTTP by default)."""

    def __init__(
        self,
        *,
        settings: SimulatorSettings,
        callback_url: str,
        secret: SecretStr,
        clock: Clock = utc_now,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.concurrency_limit = nullcontext()  # no limit
        self._settings = settings
        self._callback_url = callback_url
        self._webhook = Webhook(secret.get_secret_value())
        self._clock = clock
        self._sleep = sleep
        self._client = httpx.AsyncClient(timeout=30, transport=transport)
        self._callbacks: Batcher[Receipt, None] = Batcher(
            self._post_callback, max_items=200, max_concurrent=4, linger=settings.report_seconds
        )

    async def send(self, message: MessageReady) -> Accepted:
        """Returns when the report has been delivered: a function has no CPU time after its response."""
        behaviour = self._behaviour(message)
        if (left := behaviour.outage_seconds - self._clock().second) > 0:  # for this campaign alone: no circuit opens
            raise VendorUnavailable(OUTAGE, retry_after=left, may_have_accepted=False, is_about_message=True)
        await self._sleep(behaviour.latency_seconds)
        self._log_send(message)
        receipt = self._receipt(message, behaviour)
        is_duplicate = stable_fraction("twice", message.idempotency_key) < behaviour.duplicate_share
        await asyncio.gather(*(self._report(receipt, copy, behaviour) for copy in range(1 + is_duplicate)))
        return Accepted(final=False, reported=True)

    def _behaviour(self, message: MessageReady) -> Behaviour:
        """What the campaign says, and else the settings of the deployment."""
        own, settings = message.simulation or SimulationChoice(), self._settings
        failures = settings.failure_share if own.success_share is None else 1 - own.success_share
        return Behaviour(
            failure_share=failures,
            latency_seconds=settings.latency_seconds if own.latency_seconds is None else own.latency_seconds,
            duplicate_share=settings.duplicate_share if own.duplicate_share is None else own.duplicate_share,
            reorder_seconds=own.reorder_seconds,
            outage_seconds=own.outage_seconds,
        )

    async def _report(self, receipt: Receipt, copy: int, behaviour: Behaviour) -> None:
        """Reports after a while that differs from message to message."""
        share = stable_fraction(f"order {copy}", f"{receipt.message_id}.{receipt.attempt}")
        await self._sleep(share * behaviour.reorder_seconds)
        await self._callbacks.enqueue(receipt)

    def _log_send(self, message: MessageReady) -> None:
        if self._settings.send_log:
            with self._settings.send_log.open("a") as log:
                log.write(f"{message.campaign_id} {message.idempotency_key} {message.to}\n")

    def _receipt(self, message: MessageReady, behaviour: Behaviour) -> Receipt:
        """The outcome that the idempotency key determines."""
        failed = stable_fraction("outcome", message.idempotency_key) < behaviour.failure_share
        is_permanent = failed and stable_fraction("for good", message.message_id) < 0.5
        return Receipt(
            message_id=message.message_id,
            campaign_id=message.campaign_id,
            customer_id=message.customer_id,
            attempt=message.attempt,
            kind="failed" if failed else "sent",
            at=self._clock(),
            reason=(NO_MAILBOX if is_permanent else FULL_MAILBOX) if failed else None,
            permanent=is_permanent,
        )

    async def _post_callback(self, receipts: Sequence[Receipt]) -> Sequence[None]:
        body = b'{"events":[%s]}' % b",".join(receipt.model_dump_json().encode() for receipt in receipts)
        headers = signed_headers(self._webhook, f"msg_{random_id()}", body, now=self._clock())
        try:
            response = await self._client.post(self._callback_url, content=body, headers=headers)
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise VendorUnavailable(f"The callback was not accepted: {error}") from error
        return [None] * len(receipts)


def stable_fraction(purpose: str, key: str) -> float:
    """A pseudo-random number in [0, 1) that is always the same for the same arguments."""
    return int(stable_hash(purpose, key), 16) / 16**32
