"""Delivery: claim, send, report. Only this module decides whether a message is sent.

A message that cannot be sent now is deferred: the campaign is paused, the vendor is down, a rate is used up, or it is
night where the recipient is. A message that must not be sent is skipped, but only if the vendor surely does not have
it. If the vendor may have it, it is asked again with the same idempotency key, for as long as it recognizes the key.
After that, and for people who said no, were erased or got another address by then, the message is `unknown`: it is
never sent again by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from common.catalogue.failures import AFTER_SENDING, reason_group
from common.clock import Clock, utc_now
from common.errors import Busy, Invalid, Unavailable
from common.events import MessageReady, OptOut, Receipt, ReceiptKind, ReceiptsReported
from common.ids import has_no_campaign, is_of_form, opt_out_id
from common.messages.campaign_state import CampaignStates
from common.messages.claim_fields import is_recognized, recognizes_keys
from common.messages.deferred import DeferReason, DeferredMessage, DeferredMessages
from common.messages.recipient_check import RecipientCheck
from common.messages.send_times import SendTimes
from common.pubsub.publisher import Publisher
from common.trace import note_outcome

from .circuit import Circuit
from .claims import ClaimDenied, Claims, MessageLease
from .phone_numbers import is_landline
from .retry_delay import MAX_TRIES, retry_delay, with_jitter
from .send_rate import SendRateLimiter
from .vendor import Accepted, Rejected, Vendor, VendorMisconfigured, VendorUnavailable

log = logging.getLogger(__name__)
WAITS = "The mail of a form cannot be sent now; it is delivered again."
FORGOTTEN = "The vendor may have it, did not report, and no longer recognizes it."


class Deliverer:
    """Delivers messages to their vendors, each message once. `vendors` and `circuits` are by the vendor's name.

    Without `send_rates` no rate applies, and without `send_times` no quiet hours of the deployment.
    """

    def __init__(
        self,
        *,
        claims: Claims,
        campaign_states: CampaignStates,
        deferred: DeferredMessages,
        recipient_check: RecipientCheck,
        vendors: Mapping[str, Vendor],
        circuits: Mapping[str, Circuit],
        publisher: Publisher,
        send_rates: SendRateLimiter | None = None,
        send_times: SendTimes | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._claims = claims
        self._campaign_states = campaign_states
        self._deferred = deferred
        self._recipient_check = recipient_check
        self._vendors = vendors
        self._circuits = circuits
        self._send_rates = send_rates
        self._send_times = send_times or SendTimes()
        self._publisher = publisher
        self._clock = clock
        self._in_flight: dict[str, asyncio.Task[None]] = {}

    async def deliver(self, message: MessageReady) -> None:
        """Returns when the outcome is reported, or the vendor has promised to report it, or the message is deferred.

        A second copy that arrives in the meantime waits for the first, instead of being refused and redelivered.
        """
        task = self._in_flight.get(message.attempt_id)
        if task is None:
            task = self._in_flight[message.attempt_id] = asyncio.create_task(self._deliver(message))
            task.add_done_callback(lambda _: self._in_flight.pop(message.attempt_id))
        await asyncio.shield(task)

    async def _deliver(self, message: MessageReady) -> None:
        if message.vendor not in self._vendors:
            raise Invalid(f"Unknown vendor: {message.vendor!r}")
        async with self._vendors[message.vendor].concurrency_limit:
            await self._decide(message)

    async def _decide(self, message: MessageReady) -> None:
        """Defers, skips or sends the message. One that the vendor may have does not wait for its recipient's clock:
        asking about it again is no new message, and the vendor could forget its key by then."""
        state = await self._campaign_states.get(message.campaign_id)
        if state.paused:
            await self._defer(message, "paused", self._clock())
            return
        message = _with_known_reason(message, cancelled=state.cancelled)
        chosen = {"tracking": state.tracking, "frequency_cap": state.frequency_cap, "simulation": state.simulation}
        message = message.model_copy(update=chosen)
        wait = self._send_times.wait(message, self._clock())
        if wait and not await self._claims.may_have_been_sent(message):
            await self._defer(message, wait.reason, wait.until)
            return
        if slot := await self._wait_for_slot(message):
            await self._defer(message, "rate", slot)
            return
        message = _without_landline(await self._check_recipient(message))
        if message.skip_reason or self._circuit_allows(message):
            await self._claim_and_send(message)
        else:
            await self._defer_for_vendor(message)

    async def _wait_for_slot(self, message: MessageReady) -> datetime | None:
        """Waits until the rates allow the message; the time until which it must be deferred if that takes longer."""
        if message.skip_reason or self._send_rates is None:
            return None
        return await self._send_rates.wait_for_slot(message)

    def _circuit_allows(self, message: MessageReady) -> bool:
        return self._circuits[message.vendor].allow(self._clock())

    async def _claim_and_send(self, message: MessageReady) -> None:
        """Claims the message. The circuit has allowed it, unless it is to be skipped."""
        claim = await self._claims.acquire(message)
        if isinstance(claim, MessageLease):
            await self._handle_lease(message, claim)
            return
        self._cancel_trial(message)
        if claim is ClaimDenied.BUSY:
            raise Busy()

    async def _handle_lease(self, message: MessageReady, lease: MessageLease) -> None:
        """Sends or skips the message. If it may have been sent before, it is never recorded as skipped."""
        claimed = lease.message
        if lease.answer:
            self._cancel_trial(message)
            await self._report_response(claimed, lease.answer)
            return
        if claimed is not message:  # the claim's recipient may have said no by now, or be erased
            claimed = await self._check_claimed(claimed)
        if reason := self._reason_not_to_ask_again(claimed, lease.sending_since):
            self._cancel_trial(message)
            await self._report(claimed, "unknown", reason, retry_of_attempt=claimed.idempotency_attempt)
        elif claimed.skip_reason:
            self._cancel_trial(message)
            await self._report(claimed, "skipped", claimed.skip_reason)
        elif message.skip_reason and not self._circuit_allows(message):
            await self._defer_for_vendor(message)
            await self._claims.release(lease, may_have_accepted=True)
        else:
            await self._send(claimed, lease)

    def _reason_not_to_ask_again(self, message: MessageReady, sending_since: datetime | None) -> str | None:
        """Why a message that may have been sent is not sent again, although nobody knows whether it was; else None."""
        if sending_since is None:
            return None
        if message.skip_reason:
            return f"{message.skip_reason}{AFTER_SENDING}"
        return None if is_recognized(message.vendor, sending_since, self._clock()) else FORGOTTEN

    def _cancel_trial(self, message: MessageReady) -> None:
        """Gives the circuit's permission back: the message is not sent. One that is to be skipped did not ask."""
        if not message.skip_reason:
            self._circuits[message.vendor].cancel_trial(self._clock())

    async def _defer_for_vendor(self, message: MessageReady) -> None:
        """Defers the message until its vendor's circuit allows a trial."""
        await self._defer(message, "vendor", with_jitter(self._circuits[message.vendor].open_until or self._clock()))

    async def _check_recipient(self, message: MessageReady) -> MessageReady:
        """The message to the recipient's address of now, with a skip reason if it must not be sent there; then without
        the data of a recipient who is suppressed, and so may have been erased."""
        if not message.to:
            return message
        result = await self._recipient_check.check(message)
        reason = message.skip_reason or result.reason
        if result.reason in {"suppressed", "erased"}:
            return _redacted(message, reason or result.reason)
        to = message.to if message.skip_reason else result.to
        return message.model_copy(update={"to": to, "skip_reason": reason})

    async def _check_claimed(self, claimed: MessageReady) -> MessageReady:
        """The message as it was claimed, with a skip reason if its recipient has another address by now."""
        checked = await self._check_recipient(_with_known_reason(claimed, cancelled=False))
        is_elsewhere = checked.to != claimed.to and not checked.skip_reason
        return claimed.model_copy(update={"skip_reason": "address_changed"}) if is_elsewhere else checked

    async def _send(self, message: MessageReady, lease: MessageLease) -> None:
        """Sends the message, and reports the result or defers the message.

        The platform may have frozen this instance after it acquired the lease: then another one may be sending.
        """
        circuit = self._circuits[message.vendor]
        if self._clock() >= lease.until:
            circuit.cancel_trial(self._clock())
            raise Busy("The lease ended before the message was sent.")
        try:
            response = await self._vendors[message.vendor].send(message)
        except VendorMisconfigured as error:
            circuit.record_failure(self._clock(), opens=True)
            await self._wait_for_settings(message, lease, error)
        except VendorUnavailable as error:
            if error.is_about_message:
                circuit.record_success(self._clock())
            else:
                circuit.record_failure(self._clock(), error.retry_after)
            await self._retry_later(message, lease, error)
        else:
            circuit.record_success(self._clock())
            note_outcome("accepted")
            await self._report_or_keep(message, response)

    async def _report_or_keep(self, message: MessageReady, response: Accepted | Rejected) -> None:
        """Reports what the vendor said. If that is final and cannot be published now, the claim keeps it: the vendor
        may have forgotten the message when it is delivered again."""
        try:
            await self._report_response(message, response)
        except Unavailable:
            if isinstance(response, Rejected) or response.final:
                await self._claims.keep_answer(message, response)
            raise

    async def _report_response(self, message: MessageReady, response: Accepted | Rejected) -> None:
        """Reports what the vendor said; what it reports itself later is only noted."""
        match response:
            case Accepted(final=True):
                await self._report(message, "sent")
            case Accepted(reported=False):
                await self._claims.record_accepted(message)
            case Rejected(reason, permanent, bounced, opted_out):
                also: Sequence[ReceiptKind] = ["bounced"] if bounced else []
                opt_outs = [_opt_out(message)] if opted_out else []
                await self._report(message, "failed", reason, also=also, opt_outs=opt_outs, permanent=permanent)

    async def _wait_for_settings(self, message: MessageReady, lease: MessageLease, error: VendorMisconfigured) -> None:
        """Defers the message until the vendor's settings are right, however long that takes: it is not at fault."""
        details = {"vendor": message.vendor, "reason": reason_group(str(error))}
        log.error("the vendor's settings are wrong", extra={"event": "vendor_misconfigured", **details})
        await self._refuse_mail_of_form(message, lease)
        await self._defer_for_vendor(message)
        await self._claims.release(lease, may_have_accepted=error.may_have_accepted)

    async def _retry_later(self, message: MessageReady, lease: MessageLease, error: VendorUnavailable) -> None:
        """Defers the message for a retry with the same idempotency key, and doubles the wait each time.

        After the last try, the message is recorded as failed, although the vendor may have accepted it. A vendor that
        recognizes no key never gets it again if it may have accepted it.
        """
        may_have_it = error.may_have_accepted or lease.sending_since is not None
        if may_have_it and not recognizes_keys(message.vendor):
            reason = f"The vendor may have accepted it: {error}"
            await self._report(message, "unknown", reason, retry_of_attempt=message.idempotency_attempt)
            return
        if not may_have_it:
            await self._refuse_mail_of_form(message, lease)
        tries = message.delivery_tries + 1
        if tries >= MAX_TRIES:
            reason = f"Given up after {tries} tries: {error}"
            await self._report(message, "failed", reason, retry_of_attempt=message.idempotency_attempt)
            return
        wait = retry_delay(message.delivery_tries, error.retry_after)
        details = {"vendor": message.vendor, "tries": tries, "reason": reason_group(str(error))}
        log.info("vendor unavailable", extra={"event": "vendor_unavailable", **details})
        retry = message.model_copy(update={"delivery_tries": tries})
        await self._defer(retry, "vendor", with_jitter(self._clock() + wait))
        await self._claims.release(lease, may_have_accepted=error.may_have_accepted, tries=tries)

    async def _refuse_mail_of_form(self, message: MessageReady, lease: MessageLease) -> None:
        """Lets the next delivery claim the mail of a form at once, which the vendor surely does not have."""
        if is_of_form(message.campaign_id):
            await self._claims.release(lease, may_have_accepted=False)
            raise Busy(WAITS)

    async def _defer(self, message: MessageReady, reason: DeferReason, until: datetime) -> None:
        """Defers the message for its campaign. A test message has none, and is given up. Nor has the mail of a form,
        but somebody waits for it. Raises `Busy` then: it is delivered again, for an hour."""
        if is_of_form(message.campaign_id):
            raise Busy(WAITS)
        if has_no_campaign(message.campaign_id):
            log.info("a test message is given up", extra={"event": "test_given_up", "reason": reason})
            return
        note_outcome(f"deferred: {reason}")
        await self._deferred.defer([DeferredMessage(event=message, reason=reason, until=until)])

    async def _report(
        self,
        message: MessageReady,
        kind: ReceiptKind,
        reason: str | None = None,
        *,
        also: Sequence[ReceiptKind] = (),
        opt_outs: Sequence[OptOut] = (),
        **fields: Any,
    ) -> None:
        """Publishes the outcome, and `also` other facts. `fields` are further fields of the receipts."""
        note_outcome(kind)
        receipts = [
            Receipt(
                message_id=message.message_id,
                attempt=message.attempt,
                campaign_id=message.campaign_id,
                customer_id=message.customer_id,
                kind=each,
                at=self._clock(),
                reason=reason,
                name=message.name,
                to=message.to or None,
                **fields,
            )
            for each in (kind, *also)
        ]
        await self._publisher.publish([ReceiptsReported(receipts=receipts, opt_outs=list(opt_outs))])


def _with_known_reason(message: MessageReady, *, cancelled: bool) -> MessageReady:
    """The message, with a skip reason if it is known without looking at the recipient."""
    if message.skip_reason:
        return message
    reason = "cancelled" if cancelled else None if message.to else "erased"
    return message.model_copy(update={"skip_reason": reason})


def _without_landline(message: MessageReady) -> MessageReady:
    """The message, to be skipped if it is an SMS to a number that gets none."""
    is_unreachable = message.channel == "sms" and not message.skip_reason and is_landline(message.to)
    return message.model_copy(update={"skip_reason": "landline"}) if is_unreachable else message


def _redacted(message: MessageReady, skip_reason: str) -> MessageReady:
    """The message without personal data, to be skipped."""
    blank = {"name": None, "to": "", "subject": "", "body": "", "preview": None}
    return message.model_copy(update={**blank, "skip_reason": skip_reason})


def _opt_out(message: MessageReady) -> OptOut:
    """That the vendor knows that the owner of the address wants no messages."""
    said = opt_out_id(message.vendor, message.attempt_id)
    return OptOut(channel=message.channel, to=message.to, vendor=message.vendor, id=said)
