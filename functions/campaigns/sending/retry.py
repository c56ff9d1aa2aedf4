"""Retry: those whose message failed for a reason that may pass are sent to once more.

A failure is retried by creating its `retried` receipt, which takes it out of the counters and can be created only
once; then the next attempt is published. Whoever dies in between leaves a `retried` receipt without an outcome: the
command is delivered again and publishes it again, and the claim of that attempt sees to it that it is sent once.
Where the vendor may have taken the attempt that failed, the next one is asked for under that one's idempotency key.

    campaigns/{id}   retries    how often it was asked for
                     retrying   whether the last of these is still being worked off: until then it is not finished
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from common.audience import Row
from common.events import MessagePersonalized, Receipt, Retry
from common.messages.ledger import OUTCOME, Ledger, receipt_path
from common.pubsub.publisher import Publisher
from common.storage.documents import Documents, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import committed

from ..model.campaign import Campaign
from .fan_out import FanOutWorker
from .recipients import left_out

PAGE = 200


class Retrying:
    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ledger: Ledger,
        fan_out: FanOutWorker,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._ledger = ledger
        self._fan_out = fan_out
        self._clock = clock

    async def run(self, command: Retry) -> None:
        """One page, and then its continuation."""
        stored = await self._documents.get(f"campaigns/{command.campaign_id}")
        if stored.get("state") not in {"running", "paused"}:
            return
        failures = await self._failures(command)
        passing = [one for one in failures if not one.get("permanent") and one["attempt"] <= command.round]
        await self._open(Campaign.of(stored), passing)
        if len(failures) == PAGE:
            await self._publisher.publish([command.model_copy(update={"after": failures[-1].id})])
        else:
            await self._finish(command)

    async def _finish(self, command: Retry) -> None:
        """Unless it was asked for again since."""

        async def plan(_: int) -> tuple[None, Sequence[Write]]:
            found = await self._documents.get(f"campaigns/{command.campaign_id}")
            is_last = found.get("retrying") and found["retries"] == command.round
            return None, [Update(found.path, {"retrying": False}, found.version)] if is_last else []

        await committed(self._documents, plan)

    async def _failures(self, command: Retry) -> Sequence[Snapshot]:
        of_campaign = [Where("campaign", "==", command.campaign_id), Where("kind", "==", "failed")]
        after = (command.after,) if command.after else None
        return await self._documents.query(Query(collection="receipts", where=of_campaign, after=after, limit=PAGE))

    async def _open(self, campaign: Campaign, failures: Sequence[Snapshot]) -> None:
        """The next attempts, except those that have an outcome already."""
        outcomes = await self._documents.get_all(
            [receipt_path(one["message"], OUTCOME, one["attempt"] + 1) for one in failures]
        )
        waiting = [failure for failure, outcome in zip(failures, outcomes, strict=True) if not outcome.exists]
        if not waiting:
            return
        await self._ledger.record([_retried(failure, self._clock()) for failure in waiting])
        await self.send(campaign, [(one["message"], one["customer"], one["attempt"] + 1) for one in waiting])

    async def send(self, campaign: Campaign, messages: Sequence[tuple[str, str, int]]) -> None:
        """Each (message id, customer id, attempt) on its way again: with the text it had, or written anew where it
        never had one. Whoever may not be written to any more is skipped, unless they may have been already."""
        people = await self._fan_out.people([customer for _, customer, _ in messages])
        claims = await self._documents.get_all([f"claims/{message}" for message, _, _ in messages])
        openings = await self._documents.get_all(
            [receipt_path(one, "retried", attempt) for one, _, attempt in messages]
        )
        texts, others = [], defaultdict[int, dict[str, Row | None]](dict)
        for claim, opening, (_, customer, attempt) in zip(claims, openings, messages, strict=True):
            if claim.exists and _stands(campaign, claim, people[customer]):
                texts.append(claimed(claim, attempt=attempt, asked=opening.get("asked")))
            else:
                others[attempt][customer] = people[customer]
        await self._fan_out.dispatch(campaign, texts)
        for attempt, rest in others.items():
            await self._fan_out.send(campaign, rest, attempt=attempt)


def _stands(campaign: Campaign, claim: Snapshot, person: Row | None) -> bool:
    """Whether what was claimed can be sent again as it is; one that was emptied can, for it is skipped."""
    return not claim["to"] or (person is not None and left_out(campaign, person) is None)


def claimed(claim: Snapshot, *, attempt: int, asked: int | None) -> MessagePersonalized:
    """The message of a claim, as it was."""
    message_id = claim.id.partition(".")[0]
    ids = {"message_id": message_id, "campaign_id": claim["campaign"], "customer_id": claim["customer"]}
    return MessagePersonalized.model_validate(
        {**(claim.data or {}), **ids, "attempt": attempt, "asked": asked, "tries": 0}
    )


def _retried(failure: Snapshot, now: datetime) -> Receipt:
    return Receipt(
        message_id=failure["message"],
        attempt=failure["attempt"] + 1,
        campaign_id=failure["campaign"],
        customer_id=failure["customer"],
        kind="retried",
        at=now,
        reason=failure.get("reason"),
        asked=failure.get("asked"),
    )
