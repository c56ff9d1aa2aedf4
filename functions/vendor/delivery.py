"""Delivery: claim, send, report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from common.errors import Busy, HeraldError, Invalid, Unavailable
from common.events import MessagePersonalized, Receipt, ReceiptKind, ReceiptsReported
from common.publishing import Publisher

from .claims import Claim, Claims
from .vendors import Rejected, Vendor


class Deliverer:
    def __init__(
        self,
        *,
        claims: Claims,
        vendors: Mapping[str, Vendor],
        publisher: Publisher,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._claims = claims
        self._vendors = vendors
        self._publisher = publisher
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def deliver(self, message: MessagePersonalized) -> None:
        """Returns when the message's outcome is reported, or sure to be by the vendor.

        A second copy that arrives in the meantime waits for the first, instead of being refused and coming again.
        """
        task = self._under_way.get(message.message_id)
        if task is None:
            task = self._under_way[message.message_id] = asyncio.create_task(self._deliver(message))
            task.add_done_callback(lambda _: self._under_way.pop(message.message_id))
        await asyncio.shield(task)

    async def _deliver(self, message: MessagePersonalized) -> None:
        vendor = self._vendors.get(message.vendor)
        if vendor is None:
            raise Invalid(f"There is no vendor called {message.vendor!r}.")
        match await self._claims.take(message):
            case Claim.BUSY:
                raise Busy()
            case Claim.TAKEN:
                await self._send(message, vendor)

    async def _send(self, message: MessagePersonalized, vendor: Vendor) -> None:
        try:
            answer = await vendor.send(message)
            if isinstance(answer, Rejected):
                await self._rejected(message, answer)
            elif answer.final:
                await self._report(message, "sent", None)
        except HeraldError as error:
            if not error.permanent:
                await self._claims.release(message.message_id)
            raise

    async def _rejected(self, message: MessagePersonalized, answer: Rejected) -> None:
        if not answer.permanent:
            raise Unavailable(answer.reason)
        await self._report(message, "failed", answer.reason)

    async def _report(self, message: MessagePersonalized, kind: ReceiptKind, reason: str | None) -> None:
        receipt = Receipt(
            message_id=message.message_id,
            campaign_id=message.campaign_id,
            customer_id=message.customer_id,
            kind=kind,
            at=self._clock(),
            reason=reason,
        )
        await self._publisher.publish([ReceiptsReported(receipts=[receipt])])
