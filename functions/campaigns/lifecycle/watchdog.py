"""Finds messages that stopped on their way, and sends them on.

    pages/{campaign}.progress   pending, people   how many were pending, of how many, when that last changed
                                at                since when, or when it was last looked into
                                rounds            how often it was since

While the number of pending people changes, all is well. When it stands still for long, everybody of the audience is
looked up: who has no outcome, does not wait and is not being sent to is published again, from their claim or, where
they have none, from the start. Nothing can come of it twice: the claim sees to that, and the vendor's idempotency key.
Each round comes after twice as long as the one before, and in the last one, about a day after the first, whoever was
given to the vendor has failed: it never reported.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from common.errors import Conflict
from common.events import Receipt, attempt_id
from common.ids import message_id
from common.messages.ledger import OUTCOME, Ledger, Statistics, receipt_path
from common.storage.documents import Documents, Put, Query, Snapshot, Update, Where

from ..model.campaign import Campaign
from ..sending.fan_out import FanOutWorker
from ..sending.retry import Retrying, claimed
from .lifecycle import Conductor

log = logging.getLogger(__name__)
STILL = timedelta(minutes=10)
ROUNDS = 7
"""The last one comes 21 hours after everything stood still: 10 minutes, 20, 40, …"""
MOST_RECEIPTS = 400
NEVER_REPORTED = "no report from the vendor"


class Watchdog:
    def __init__(
        self,
        *,
        documents: Documents,
        ledger: Ledger,
        conductor: Conductor,
        fan_out: FanOutWorker,
        retrying: Retrying,
        still: timedelta = STILL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._ledger = ledger
        self._conductor = conductor
        self._fan_out = fan_out
        self._retrying = retrying
        self._still = still
        self._clock = clock

    async def look_after(self, campaign: Snapshot, statistics: Statistics) -> None:
        progress = await self._documents.get(f"pages/{campaign.id}.progress")
        mark = {"pending": statistics.pending, "people": statistics.audience}
        moved = not progress.exists or any(progress.get(name) != value for name, value in mark.items())
        rounds = 0 if moved else progress.get("rounds", 0)
        stands_still = not moved and self._clock() - progress["at"] > self._still * 2 ** min(rounds, ROUNDS - 1)
        if moved or stands_still:
            now = {"at": self._clock(), "rounds": rounds + stands_still}
            await self._documents.commit([Put(progress.path, {**mark, **now})])
        if stands_still or statistics.pending < 0:
            await self._compare(campaign, statistics)
        if stands_still:
            await self._conductor.tell(campaign.id)  # where a command was lost with whoever had it
            await self._send_on(Campaign.of(campaign), is_last=rounds + 1 >= ROUNDS)

    async def _compare(self, campaign: Snapshot, statistics: Statistics) -> None:
        """Wrong counters would keep the campaign from ever being finished: then at least its page says so."""
        differing = await self._ledger.discrepancy(campaign.id, statistics)
        if differing == campaign.get("discrepancy") or await self._ledger.statistics(campaign.id) != statistics:
            return  # in the second case something was recorded in between
        if differing:
            log.error("counters differ from the ledger", extra={"campaign": campaign.id, **differing})
        with suppress(Conflict):  # somebody changed it in the same moment: the next time tells it
            await self._documents.commit([Update(campaign.path, {"discrepancy": differing}, campaign.version)])

    async def _send_on(self, campaign: Campaign, *, is_last: bool) -> None:
        pages = await self._documents.query(Query(collection="pages", where=[Where("campaign", "==", campaign.id)]))
        found = 0
        for page in pages:
            planned = [customer for customer in page["planned"] if customer not in page["skipped"]]
            messages = [(message_id(campaign.id, customer), customer, 1) for customer in planned]
            found += await self._send_missing(campaign, messages, is_last=is_last)
            found += await self._skip_missing(campaign, page["skipped"])
        found += await self._send_missing(campaign, await self._retried(campaign), is_last=is_last)
        log.warning("campaign stood still", extra={"campaign": campaign.id, "sent_on": found})

    async def _retried(self, campaign: Campaign) -> list[tuple[str, str, int]]:
        of_campaign = [Where("campaign", "==", campaign.id), Where("kind", "==", "retried")]
        retried = await self._documents.query(Query(collection="receipts", where=of_campaign))
        return [(one["message"], one["customer"], one["attempt"]) for one in retried]

    async def _send_missing(
        self, campaign: Campaign, messages: Sequence[tuple[str, str, int]], *, is_last: bool
    ) -> int:
        """Those without outcome whom nobody is sending to and who do not wait; answers how many."""
        outcomes = await self._documents.get_all([receipt_path(one, OUTCOME, attempt) for one, _, attempt in messages])
        open_ones = [one for one, outcome in zip(messages, outcomes, strict=True) if not outcome.exists]
        claims = await self._documents.get_all([f"claims/{attempt_id(one, n)}" for one, _, n in open_ones])
        waiting = await self._documents.get_all([f"held/{one}" for one, _, _ in open_ones])
        lost = [
            (message, claim)
            for message, claim, held in zip(open_ones, claims, waiting, strict=True)
            if not held.exists and (not claim.exists or claim["lease_until"] <= self._clock())
        ]
        given_up = [self._failed(claim) for _, claim in lost if is_last and _was_sent(claim)]
        for start in range(0, len(given_up), MOST_RECEIPTS):
            await self._ledger.record(given_up[start : start + MOST_RECEIPTS])
        if again := [message for message, claim in lost if not (is_last and _was_sent(claim))]:
            await self._retrying.send(campaign, again)
        return len(lost)

    def _failed(self, claim: Snapshot) -> Receipt:
        """Not for good; a report that comes later still does not change it."""
        message = claimed(claim, attempt=claim["attempt"], asked=claim.get("asked"))
        known = message.model_dump(include={"message_id", "campaign_id", "customer_id", "attempt", "name"})
        to = message.to or None
        asked = message.known_attempt
        return Receipt(**known, to=to, kind="failed", at=self._clock(), reason=NEVER_REPORTED, asked=asked)

    async def _skip_missing(self, campaign: Campaign, reasons: Mapping[str, str]) -> int:
        """Those who were left out, and whose receipt was lost; answers how many."""
        paths = {customer: receipt_path(message_id(campaign.id, customer), OUTCOME) for customer in reasons}
        outcomes = {outcome.path: outcome for outcome in await self._documents.get_all(list(paths.values()))}
        lost = {customer: reasons[customer] for customer, path in paths.items() if not outcomes[path].exists}
        await self._fan_out.skip(campaign, lost, await self._fan_out.people(list(lost)))
        return len(lost)


def _was_sent(claim: Snapshot) -> bool:
    """As far as we know: its lease is over, and it does not wait."""
    return claim.exists and not claim.get("skip")
