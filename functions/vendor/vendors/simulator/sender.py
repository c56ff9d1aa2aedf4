"""The simulated vendor: accepts everything, and reports a little later that nine in ten were sent. Of the others,
half have no mailbox, and half a full one, which may take a retry.

It behaves as an outside vendor would: its reports are callbacks to the public address, several in one, signed by the
Standard Webhooks scheme, sometimes twice. What becomes of a message depends on its idempotency key alone, so it meets
the same fate however often it is sent, and a campaign with the same ids can be repeated exactly. Where it is given a
file for its book, it writes down the idempotency key of everything it is sent, for tests to hold Herald's numbers
against.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime

import httpx
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from common.batching import Batcher
from common.events import MessagePersonalized, Receipt
from common.ids import hashed, random_id
from common.settings import Simulator

from ...vendor import Accepted, VendorDown
from ..webhook.signing import signed

NO_MAILBOX = "The mailbox does not exist (simulated)."
FULL_MAILBOX = "The mailbox is full (simulated)."


class SimulatedVendor:
    def __init__(
        self,
        *,
        settings: Simulator,
        callback_url: str,
        secret: SecretStr,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.room = nullcontext()  # for any number
        self._settings = settings
        self._callback_url = callback_url
        self._webhook = Webhook(secret.get_secret_value())
        self._clock = clock
        self._client = httpx.AsyncClient(timeout=30)
        self._reports: Batcher[Receipt, None] = Batcher(
            self._call_back, most=200, parallel=4, linger=settings.report_seconds
        )

    async def send(self, message: MessagePersonalized) -> Accepted:
        """Returns when its report has been delivered: a function has no CPU after its answer."""
        await asyncio.sleep(self._settings.latency_seconds)
        self._write_down(message)
        report = self._report(message)
        twice = chance("twice", message.key) < self._settings.duplicate_share
        await asyncio.gather(*(self._reports.put(report) for _ in range(1 + twice)))
        return Accepted(final=False)

    def _write_down(self, message: MessagePersonalized) -> None:
        if self._settings.book:
            with self._settings.book.open("a") as book:
                book.write(f"{message.campaign_id} {message.key} {message.to}\n")

    def _report(self, message: MessagePersonalized) -> Receipt:
        failed = chance("outcome", message.key) < self._settings.failure_share
        for_good = failed and chance("for good", message.message_id) < 0.5
        return Receipt(
            message_id=message.message_id,
            campaign_id=message.campaign_id,
            customer_id=message.customer_id,
            attempt=message.attempt,
            kind="failed" if failed else "sent",
            at=self._clock(),
            reason=(NO_MAILBOX if for_good else FULL_MAILBOX) if failed else None,
            permanent=for_good,
        )

    async def _call_back(self, reports: Sequence[Receipt]) -> Sequence[None]:
        body = b'{"events":[%s]}' % b",".join(report.model_dump_json().encode() for report in reports)
        headers = signed(self._webhook, f"msg_{random_id()}", body, now=self._clock())
        try:
            answer = await self._client.post(self._callback_url, content=body, headers=headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise VendorDown(f"The callback was not taken: {error}") from error
        return [None] * len(reports)


def chance(of: str, key: str) -> float:
    """A number in [0, 1) that looks random and is always the same."""
    return int(hashed(of, key), 16) / 16**32
