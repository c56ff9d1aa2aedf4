"""Records receipts: those of concurrent requests are written to the ledger in one commit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from common.batching import Batcher, chunked
from common.catalogue.channels import CHANNELS
from common.clock import Clock, utc_now
from common.errors import Conflict, Unavailable
from common.events import OptOut, Receipt, ReceiptsReported
from common.ids import ERASED_CUSTOMER_ID, has_no_campaign
from common.messages.campaign_state import CampaignStates
from common.messages.ledger import OUTCOMES, Ledger
from common.storage.documents import Documents, Write
from common.storage.optimistic_commit import BACKOFF, MAX_ATTEMPTS, commit_with_retry

from .address_consequences import AddressConsequences, has_consequences
from .finish_requests import FinishRequests
from .form_mails import FormMails
from .planned_recipients import PlannedRecipients
from .topic_choices import TopicChoices
from .tracked_receipts import TrackedReceipts

log = logging.getLogger(__name__)
MAX_RECEIPTS_PER_COMMIT = 400  # with the counters
MAX_CONSEQUENCES_PER_COMMIT = 50  # each with an address and the customers who have it


class ReceiptRecorder:
    """Writes one commit at a time: two would only wait for each other's update of this instance's counters."""

    def __init__(
        self,
        ledger: Ledger,
        campaign_states: CampaignStates,
        planned: PlannedRecipients,
        finish_requests: FinishRequests | None = None,
        *,
        documents: Documents,
        consequences: AddressConsequences,
        form_mails: FormMails,
        topic_choices: TopicChoices,
        tracked: TrackedReceipts,
        clock: Clock = utc_now,
    ) -> None:
        self._ledger = ledger
        self._planned = planned
        self._finish_requests = finish_requests
        self._documents = documents
        self._consequences = consequences
        self._form_mails = form_mails
        self._topic_choices = topic_choices
        self._tracked = tracked
        self._campaign_states = campaign_states
        self._clock = clock
        self._batches: Batcher[Receipt, None] = Batcher(self._write, max_items=MAX_RECEIPTS_PER_COMMIT)

    async def record(self, event: ReceiptsReported) -> None:
        """Receipts of test messages, and of mails of forms, are not counted; an address that refuses the mail of a form
        is suppressed. Receipts of unknown campaigns or attempts,
        and outcomes of people whom no page plans, are logged and not counted. All receipts are tried before the first
        error is raised. If these were the last outcomes of a campaign, it is asked to finish; without
        `finish_requests`, the next tick finishes it."""
        known = [receipt for receipt in event.receipts if await self._has_campaign(receipt)]
        valid = [receipt for receipt in await self._judge(known) if await self._is_planned(receipt)]
        outcomes = {receipt.campaign_id for receipt in valid if receipt.kind in OUTCOMES}
        looking = self._finish_requests.recording(outcomes) if self._finish_requests else nullcontext()
        async with looking:
            await self._record_all(valid)
        opt_outs = [*event.opt_outs, *await self._form_mails.opt_outs(event.receipts)]
        for batch in chunked([one for one in opt_outs if one.channel in CHANNELS], MAX_CONSEQUENCES_PER_COMMIT):
            await self._suppress(batch)
        for choice in event.topic_choices:
            if (await self._campaign_states.get(choice.campaign_id)).state is not None:
                await self._topic_choices.record(choice)

    async def _judge(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """The receipts, with what was tracked replaced by what it says about people."""
        judged = [receipt for receipt in receipts if not receipt.tracked]
        found = await asyncio.gather(*(self._tracked.judge(receipt) for receipt in receipts if receipt.tracked))
        return [*judged, *(receipt for said in found for receipt in said)]

    async def _record_all(self, receipts: Sequence[Receipt]) -> None:
        writes = (self._batches.enqueue(receipt) for receipt in receipts)
        results = await asyncio.gather(*writes, return_exceptions=True)
        for error in results:
            if isinstance(error, BaseException):
                raise error

    async def _suppress(self, opt_outs: Sequence[OptOut]) -> None:
        async def build(_: int) -> tuple[None, Sequence[Write]]:
            return None, await self._consequences.opt_out_writes(opt_outs)

        await commit_with_retry(self._documents, build)

    async def _has_campaign(self, receipt: Receipt) -> bool:
        if has_no_campaign(receipt.campaign_id):
            log.info("outcome of a message without a campaign", extra=_log_details("test_outcome", receipt))
            return False
        exists = (await self._campaign_states.get(receipt.campaign_id)).state is not None
        if not exists:
            log.error("receipt of an unknown campaign", extra=_log_details("receipt_campaign_unknown", receipt))
        return exists

    async def _is_planned(self, receipt: Receipt) -> bool:
        """An erased person's id is on no page any more."""
        if receipt.kind not in OUTCOMES or receipt.customer_id == ERASED_CUSTOMER_ID:
            return True
        is_planned = await self._planned.contain(receipt)
        if not is_planned:
            log.error("outcome of someone not in the audience", extra=_log_details("receipt_unplanned", receipt))
        return is_planned

    async def _write(self, receipts: Sequence[Receipt]) -> Sequence[None]:
        """One commit for all receipts without consequences, and one for a few of the others."""
        receipts, given = await self._with_known_attempts(receipts), receipts
        unknown = await self._ledger.find_unknown_attempts(receipts)
        for receipt in unknown:
            log.error("receipt of an unknown attempt", extra=_log_details("receipt_attempt_unknown", receipt))
        known = [receipt for receipt in receipts if receipt not in unknown]
        await self._ledger.record([receipt for receipt in known if not has_consequences(receipt)])
        for batch in chunked(filter(has_consequences, known), MAX_CONSEQUENCES_PER_COMMIT):
            await self._record_with_consequences(batch)
        return [None] * len(given)

    async def _with_known_attempts(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Who unsubscribes is heard although the records of the attempt are deleted: it counts for the first one."""
        unknown = await self._ledger.find_unknown_attempts([one for one in receipts if one.kind == "unsubscribed"])
        return [one.model_copy(update={"attempt": 1}) if one in unknown else one for one in receipts]

    async def _record_with_consequences(self, receipts: Sequence[Receipt]) -> None:
        """Records receipts that say something about an address, and suppresses it in the same commit.

        If an address or a customer with it is changed at the same time, everything is read again.
        """
        for attempt in range(MAX_ATTEMPTS):
            writes = await self._consequences.writes(receipts)
            try:
                if not await self._ledger.record(receipts, guard=writes) and writes:
                    await self._commit_without_receipts(receipts)
            except Conflict:
                await asyncio.sleep(BACKOFF.delay(attempt))
            else:
                return
        raise Unavailable("Other requests keep changing these addresses; the receipts come again.")

    async def _commit_without_receipts(self, receipts: Sequence[Receipt]) -> None:
        """All receipts are recorded already, but a temporary bounce of one turned out to be permanent."""
        await self._documents.commit(await self._consequences.writes(receipts))


def _log_details(event: str, receipt: Receipt) -> dict[str, Any]:
    """For the log: without the recipient's personal data."""
    return {"event": event, "receipt": receipt.model_dump(mode="json", exclude={"name", "to", "reason"})}
