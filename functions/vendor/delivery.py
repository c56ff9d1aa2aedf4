"""Delivery: claim, send, report. Here alone is decided whether a message is sent.

What cannot be sent now is put aside and comes again: the campaign is paused, the vendor is down. What is not to be sent
at all is skipped, but only if nobody has claimed it before: else it may have been sent, and its vendor is asked.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from common.errors import Busy, Invalid
from common.events import MessagePersonalized, Receipt, ReceiptKind, ReceiptsReported
from common.messages.campaign_state import Controls
from common.messages.deferred import DeferredMessages, Reason, Waiting
from common.messages.suppressions import KIND_OF_CHANNEL, Address, Watch
from common.pubsub.publisher import Publisher

from .circuit import Circuit
from .claims import Claim, Claims, Taken
from .vendor import Accepted, Rejected, Vendor, VendorDown

log = logging.getLogger(__name__)
MOST_TRIES = 10
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)


class Deliverer:
    def __init__(
        self,
        *,
        claims: Claims,
        controls: Controls,
        held: DeferredMessages,
        suppressions: Watch,
        vendors: Mapping[str, Vendor],
        publisher: Publisher,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._claims = claims
        self._controls = controls
        self._held = held
        self._suppressions = suppressions
        self._vendors = vendors
        self._circuits = {name: Circuit() for name in vendors}
        self._publisher = publisher
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def deliver(self, message: MessagePersonalized) -> None:
        """Returns when the message's outcome is reported, or sure to be by the vendor, or it is put aside.

        A second copy that arrives in the meantime waits for the first, instead of being refused and coming again.
        """
        task = self._under_way.get(message.claim_id)
        if task is None:
            task = self._under_way[message.claim_id] = asyncio.create_task(self._deliver(message))
            task.add_done_callback(lambda _: self._under_way.pop(message.claim_id))
        await asyncio.shield(task)

    async def _deliver(self, message: MessagePersonalized) -> None:
        if message.vendor not in self._vendors:
            raise Invalid(f"There is no vendor called {message.vendor!r}.")
        async with self._vendors[message.vendor].room:
            await self._decide(message)

    async def _decide(self, message: MessagePersonalized) -> None:
        control = await self._controls.get(message.campaign_id)
        if control.paused:
            await self._hold(message, "paused", self._clock())
            return
        message = await self._checked(message, cancelled=control.cancelled)
        if message.skip or self._allowed(message):
            await self._claim(message)
        else:
            await self._wait(message)

    def _allowed(self, message: MessagePersonalized) -> bool:
        return self._circuits[message.vendor].allow(self._clock())

    async def _claim(self, message: MessagePersonalized) -> None:
        """The circuit has allowed it to be sent, unless it is to be skipped."""
        claim = await self._taken(message)
        to_be_sent = isinstance(claim, MessagePersonalized) and not claim.skip
        if not message.skip and not to_be_sent:
            self._circuits[message.vendor].unused(self._clock())
        if claim is Taken.BUSY:
            raise Busy()
        if isinstance(claim, MessagePersonalized):
            await self._act(message, claim)

    async def _taken(self, message: MessagePersonalized) -> Claim:
        claim = await self._claims.take(message)
        if isinstance(claim, Taken) or claim is message:
            return claim
        return await self._checked(claim, cancelled=False)  # it may have been sent, whatever became of the campaign

    async def _act(self, message: MessagePersonalized, claim: MessagePersonalized) -> None:
        """Who was to be skipped and turns out to be claimed is sent to, which the circuit was not asked about yet."""
        if claim.skip:
            await self._report(claim, "skipped", claim.skip)
        elif message.skip and not self._allowed(message):
            await self._wait(message)
            await self._claims.release(message)
        else:
            await self._send(claim)

    async def _wait(self, message: MessagePersonalized) -> None:
        """Until its vendor may be tried again."""
        await self._hold(message, "vendor", _later(self._circuits[message.vendor].open_until or self._clock()))

    async def _checked(self, message: MessagePersonalized, *, cancelled: bool) -> MessagePersonalized:
        """With the reason why it is not to be sent, if there is one."""
        if message.skip:
            return message
        if cancelled:
            return message.model_copy(update={"skip": "cancelled"})
        if not message.to:
            return message.model_copy(update={"skip": "erased"})
        return _emptied(message) if await self._is_suppressed(message) else message

    async def _is_suppressed(self, message: MessagePersonalized) -> bool:
        kind = KIND_OF_CHANNEL[message.channel]
        return await self._suppressions.holds(Address(kind=kind, value=message.to), checked_at=message.checked_at)

    async def _send(self, message: MessagePersonalized) -> None:
        circuit = self._circuits[message.vendor]
        try:
            answer = await self._vendors[message.vendor].send(message)
        except VendorDown as error:
            circuit.failed(self._clock(), error.retry_after)
            await self._try_later(message, error)
        else:
            circuit.succeeded(self._clock())
            await self._answered(message, answer)

    async def _answered(self, message: MessagePersonalized, answer: Accepted | Rejected) -> None:
        match answer:
            case Accepted(final=True):
                await self._report(message, "sent")
            case Rejected(reason, permanent):
                await self._report(message, "failed", reason, permanent=permanent)

    async def _try_later(self, message: MessagePersonalized, error: VendorDown) -> None:
        """With the same idempotency key, each time after twice as long; after the last time it has failed,
        as far as anybody knows."""
        tries = message.tries + 1
        if tries >= MOST_TRIES:
            await self._report(message, "failed", f"Given up after {tries} tries: {error}", asked=message.known_attempt)
            return
        pause = max(min(FIRST_PAUSE * 2**message.tries, LONGEST_PAUSE), timedelta(seconds=error.retry_after or 0))
        log.info("vendor down", extra={"vendor": message.vendor, "tries": tries, "reason": str(error)})
        again = message.model_copy(update={"tries": tries})
        await self._hold(again, "vendor", _later(self._clock() + pause))
        await self._claims.release(message)

    async def _hold(self, message: MessagePersonalized, reason: Reason, until: datetime) -> None:
        await self._held.hold([Waiting(event=message, reason=reason, until=until)])

    async def _report(
        self, message: MessagePersonalized, kind: ReceiptKind, reason: str | None = None, **more: Any
    ) -> None:
        receipt = Receipt(
            message_id=message.message_id,
            attempt=message.attempt,
            campaign_id=message.campaign_id,
            customer_id=message.customer_id,
            kind=kind,
            at=self._clock(),
            reason=reason,
            name=message.name,
            to=message.to or None,
            **more,
        )
        await self._publisher.publish([ReceiptsReported(receipts=[receipt])])


def _later(at: datetime) -> datetime:
    """Not all in the same moment."""
    return at + timedelta(seconds=random.uniform(0, 2))


def _emptied(message: MessagePersonalized) -> MessagePersonalized:
    """What may be kept of a message to somebody who may have been erased."""
    nothing = {"name": None, "to": "", "subject": "", "body": ""}
    return message.model_copy(update={**nothing, "skip": "suppressed"})
