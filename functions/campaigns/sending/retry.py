"""Retry: sends the messages again that failed with a temporary error, in shards by message id, all at a time.

A failure is retried by creating its `retried` receipt. The receipt takes the failure out of the counters and can be
created only once. Then the next attempt is published. If the process dies in between, there is a `retried` receipt
without an outcome: the command is delivered again and publishes the attempt again, and the claim of that attempt makes
sure that it is sent once. If the vendor may have accepted the failed attempt, the next one uses its idempotency key.

    campaigns/{id}              retries      how many times a retry was requested
                                retrying     whether the last one is still in progress; until it ends, the campaign is
                                             not finished
                                retry_scope  which messages it is about
    retries/{campaign}.{shard}  round, done  the last retry of this shard, and whether all its attempts are open

The commit that opens attempts has the version of the shard's document as precondition, and a retry ends only after each
shard is done. So a command that is delivered again opens no attempt in a campaign that is finished by then.

The same commands send messages again whose fate is unknown, or record them as failed, if a person decides so.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from common.audience import CustomerRow
from common.clock import Clock, utc_now
from common.errors import Conflict, Exists
from common.events import RETRY_SHARDS, MessageReady, Receipt, Retry
from common.messages.claim_fields import claim_path, is_recognized, sending_since
from common.messages.ledger import OPENING, OUTCOME, Ledger, receipt_path
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Documents, Put, Query, Snapshot, Update, Where, Write
from common.storage.optimistic_commit import commit_with_retry

from ..model.campaign import Campaign
from .fan_out import CurrentRows, FanOutWorker
from .recipients import exclusion_reason, skip_event

PAGE_SIZE = 200
NO_RECEIPT = "no report from the vendor"
AS_FAILED = "A person recorded it as failed: the vendor did not report, and no longer recognizes it."
SHARD_BOUNDARIES = (*(f"{shard:x}" for shard in range(RETRY_SHARDS)), "g")
"""Message ids are hexadecimal: each shard has those with one first digit."""

AttemptOfMessage = tuple[str, str, int]
"""Message id, customer id, attempt."""


class FailedMessageRetry:
    """Publishes the next attempts of failed messages, and lost messages again."""

    def __init__(
        self,
        *,
        documents: Documents,
        publisher: Publisher,
        ledger: Ledger,
        fan_out: FanOutWorker,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._publisher = publisher
        self._ledger = ledger
        self._fan_out = fan_out
        self._clock = clock

    async def run(self, command: Retry) -> None:
        """Processes one page of one shard and publishes the continuation; the last page of the last shard ends the
        retry. Without a shard, publishes a command for each."""
        stored = await self._documents.get(f"campaigns/{command.campaign_id}")
        if not stored.get("retrying") or stored["retries"] != command.round:
            return
        if command.shard is None:
            shards = [command.model_copy(update={"shard": shard}) for shard in range(RETRY_SHARDS)]
            await self._publisher.publish(shards)
        elif (progress := await self._shard_progress(command)) is None:
            await self._finish(command)
        else:
            await self._process_page(stored, command, progress)

    async def _process_page(self, stored: Snapshot, command: Retry, progress: Snapshot) -> None:
        """Opens the next attempts of one page. A cancelled campaign gets no further attempts."""
        failures = await self._failures(command) if stored["state"] != "cancelled" else []
        guard = Update(progress.path, {"after": failures[-1].id if failures else None}, progress.version)
        await self._open_attempts(Campaign.from_snapshot(stored), command, failures, guard)
        if len(failures) == PAGE_SIZE:
            await self._publisher.publish([command.model_copy(update={"after": failures[-1].id})])
        else:
            await self._finish_shard(command)
            await self._finish(command)

    async def _shard_progress(self, command: Retry) -> Snapshot | None:
        """The shard's document for this round, created if it is new; None if the shard is done."""
        progress = await self._documents.get(_shard_path(command, command.shard or 0))
        if progress.exists and progress["round"] >= command.round:
            is_over = progress["done"] or progress["round"] > command.round
            return None if is_over else progress
        started = {"campaign": command.campaign_id, "round": command.round, "done": False}
        try:
            await self._documents.commit([_put(progress, started)])
        except Exists as error:  # another delivery of the command created it
            raise Conflict from error
        return await self._shard_progress(command)

    async def _finish_shard(self, command: Retry) -> None:
        """From now on, no attempt is opened in this shard."""

        async def build(_: int) -> tuple[None, Sequence[Write]]:
            progress = await self._documents.get(_shard_path(command, command.shard or 0))
            is_current = progress["round"] == command.round
            return None, [Update(progress.path, {"done": True}, progress.version)] if is_current else []

        await commit_with_retry(self._documents, build)

    async def _finish(self, command: Retry) -> None:
        """Ends the retry if all shards are done, unless another retry was requested in the meantime."""
        shards = await self._documents.get_all([_shard_path(command, shard) for shard in range(RETRY_SHARDS)])
        if not all(shard.get("round") == command.round and shard["done"] for shard in shards):
            return

        async def build(_: int) -> tuple[None, Sequence[Write]]:
            campaign = await self._documents.get(f"campaigns/{command.campaign_id}")
            is_last = campaign.get("retrying") and campaign["retries"] == command.round
            return None, [Update(campaign.path, {"retrying": False}, campaign.version)] if is_last else []

        await commit_with_retry(self._documents, build)

    async def _failures(self, command: Retry) -> Sequence[Snapshot]:
        """One page of the shard's outcomes that the retry is about."""
        shard = command.shard or 0
        kind = "failed" if command.scope == "failed" else "unknown"
        return await self._documents.query(
            Query(
                collection="receipts",
                where=[Where("campaign", "==", command.campaign_id), Where("kind", "==", kind)],
                id_from=SHARD_BOUNDARIES[shard],
                id_before=SHARD_BOUNDARIES[shard + 1],
                after=(command.after,) if command.after else None,
                limit=PAGE_SIZE,
            )
        )

    async def _open_attempts(
        self, campaign: Campaign, command: Retry, failures: Sequence[Snapshot], guard: Update
    ) -> None:
        """Records and publishes the next attempt of each failure, if that attempt has no outcome yet."""
        pending = await self._to_retry(failures, command)
        if not pending:
            return
        opened = [_opening_receipt(failure, command, self._clock()) for failure in pending]
        if command.scope == "unknown_as_failed":
            given_up = [_as_failed(failure, self._clock()) for failure in pending]
            await self._ledger.record([*opened, *given_up], guard=[guard])
            return
        await self._ledger.record(opened, guard=[guard])
        if command.scope == "unknown":
            await asyncio.gather(*(self._forget_sending(failure) for failure in pending))
        await self.send(campaign, [(item["message"], item["customer"], item["attempt"] + 1) for item in pending])

    async def _to_retry(self, failures: Sequence[Snapshot], command: Retry) -> list[Snapshot]:
        """The failures that this retry is about: not permanent, not replaced, and not of an attempt that it opened."""
        temporary = [failure for failure in failures if not failure.get("permanent")]
        attempts = [(failure["message"], failure["customer"], failure["attempt"]) for failure in temporary]
        openings = await self._openings(attempts)
        outcomes = await self._documents.get_all(
            [receipt_path(message, OUTCOME, attempt + 1) for message, _, attempt in attempts]
        )
        return [
            failure
            for failure, opening, outcome in zip(temporary, openings, outcomes, strict=True)
            if not outcome.exists and _round_of(opening) < command.round
        ]

    async def _openings(self, messages: Sequence[AttemptOfMessage]) -> list[Snapshot | None]:
        """What opened each attempt; None for first attempts, which nothing opens."""
        later = [receipt_path(id_, OPENING, attempt) for id_, _, attempt in messages if attempt > 1]
        by_path = {opening.path: opening for opening in await self._documents.get_all(later)}
        return [by_path.get(receipt_path(id_, OPENING, attempt)) for id_, _, attempt in messages]

    async def _forget_sending(self, unknown: Snapshot) -> None:
        """A person decided to send the message again, although the vendor may have it under the same key."""
        claim = await self._documents.get(claim_path(unknown["message"], unknown["retry_of_attempt"]))
        since = sending_since(claim)
        if since is not None and since <= unknown["at"]:
            with suppress(Conflict):  # it is being sent again already
                unsent = {"sending_since": None, "accepted_at": None, "answer": None}
                await self._documents.commit([Update(claim.path, unsent, claim.version)])

    async def claims(self, messages: Sequence[AttemptOfMessage]) -> list[Snapshot]:
        """The claim under which each attempt is sent: an earlier attempt's, if the vendor may have accepted that."""
        openings = await self._openings(messages)
        return await self._documents.get_all(
            [
                claim_path(id_, _key_attempt(opening, attempt))
                for opening, (id_, _, attempt) in zip(openings, messages, strict=True)
            ]
        )

    async def send(self, campaign: Campaign, messages: Sequence[AttemptOfMessage]) -> None:
        """Publishes each attempt: with the text of its claim or of the first attempt, or, if there is none, as a
        recipient that needs a text. A recipient who is excluded by now is skipped, unless the vendor may have the
        message."""
        current = await self._fan_out.current_rows([customer for _, customer, _ in messages])
        openings, claims = await self._openings(messages), await self.claims(messages)
        firsts = await self._documents.get_all([claim_path(id_, 1) for id_, _, _ in messages])
        ready, to_write = list[MessageReady](), defaultdict[tuple[int, int | None], dict[str, CustomerRow | None]](dict)
        for message, opening, claim, first in zip(messages, openings, claims, firsts, strict=True):
            _, customer, attempt = message
            retry_of = opening.get("retry_of_attempt") if opening else None
            text = next((source for source in (claim, first) if source.get("subject") is not None), None)
            row = current.rows[customer]
            if reason := self._exclusion_reason(campaign, row):
                ready.append(_skipped(campaign, message, reason, retry_of_attempt=retry_of))
            elif text is not None:
                again = message_from_claim(text, attempt=attempt, retry_of_attempt=retry_of)
                ready.append(again.model_copy(update=_send_times(campaign, row)))
            else:
                to_write[attempt, retry_of][customer] = row
        await self._fan_out.dispatch(campaign, ready)
        for (attempt, retry_of), recipients in to_write.items():
            customers = CurrentRows(at=current.at, rows=recipients)
            await self._fan_out.send(campaign, customers, attempt=attempt, retry_of_attempt=retry_of)

    def _exclusion_reason(self, campaign: Campaign, row: CustomerRow | None) -> str | None:
        if row is None:
            return "erased"
        return exclusion_reason(campaign, row, unknown_allowed=self._fan_out.unknown_allowed)


def _shard_path(command: Retry, shard: int) -> str:
    return f"retries/{command.campaign_id}.{shard}"


def _put(progress: Snapshot, data: Mapping[str, object]) -> Create | Put:
    return Put(progress.path, data, progress.version) if progress.exists else Create(progress.path, data)


def _round_of(opening: Snapshot | None) -> int:
    """The retry that opened an attempt; 0 if no retry did."""
    return (opening.get("round") or 0) if opening else 0


def _key_attempt(opening: Snapshot | None, attempt: int) -> int:
    """The attempt whose idempotency key is used."""
    return (opening.get("retry_of_attempt") if opening else None) or attempt


def _skipped(
    campaign: Campaign, message: AttemptOfMessage, reason: str, *, retry_of_attempt: int | None
) -> MessageReady:
    """The event that skips the message of a recipient who is excluded or erased by now.

    An erased recipient has no id of their own any more, but the message has.
    """
    id_, customer, attempt = message
    identity = {"message_id": id_, "retry_of_attempt": retry_of_attempt, "ask_again": True}
    return skip_event(campaign, customer, reason, attempt=attempt).model_copy(update=identity)


def message_from_claim(claim: Snapshot, *, attempt: int, retry_of_attempt: int | None) -> MessageReady:
    """The message of a claim, with its text, as another attempt. The vendor is asked even if it has accepted it."""
    message_id = claim.id.partition(".")[0]
    ids = {"message_id": message_id, "campaign_id": claim["campaign"], "customer_id": claim["customer"]}
    this_time = {"retry_of_attempt": retry_of_attempt, "delivery_tries": 0, "ask_again": True, "skip_reason": None}
    return MessageReady.model_validate({**(claim.data or {}), **ids, **this_time, "attempt": attempt})


def _send_times(campaign: Campaign, row: CustomerRow | None) -> dict[str, Any]:
    """When the message may be sent. A claim does not have that: the person may have moved."""
    own = {"quiet_hours": campaign.quiet_hours, "local_hour": campaign.local_hour}
    return {"timezone": row.timezone if row else None, **own}


def unreported_receipt(message: AttemptOfMessage, claim: Snapshot, now: datetime) -> Receipt:
    """The outcome of an attempt that the vendor never reported on. A later report of the vendor replaces it.

    It has failed as long as a retry can ask the vendor, which recognizes the key; after that it is unknown.
    """
    since = sending_since(claim)
    is_askable = since is None or is_recognized(claim["vendor"], since, now)
    return Receipt(
        message_id=message[0],
        campaign_id=claim["campaign"],
        customer_id=claim["customer"],
        attempt=message[2],
        kind="failed" if is_askable else "unknown",
        at=now,
        reason=NO_RECEIPT,
        retry_of_attempt=int(claim.id.partition(".")[2] or 1),
        name=claim.get("name"),
        to=claim.get("to") or None,
    )


def _opening_receipt(failure: Snapshot, command: Retry, now: datetime) -> Receipt:
    """The receipt that opens the next attempt of a failure."""
    return Receipt(
        message_id=failure["message"],
        attempt=failure["attempt"] + 1,
        campaign_id=failure["campaign"],
        customer_id=failure["customer"],
        kind="corrected" if command.scope == "unknown_as_failed" else "retried",
        at=now,
        reason=failure.get("reason"),
        retry_of_attempt=failure.get("retry_of_attempt"),
        replaces=failure["kind"],
        round=command.round,
    )


def _as_failed(unknown: Snapshot, now: datetime) -> Receipt:
    """The outcome of a message that a person gives up. A later report of the vendor replaces it, too."""
    return Receipt(
        message_id=unknown["message"],
        attempt=unknown["attempt"] + 1,
        campaign_id=unknown["campaign"],
        customer_id=unknown["customer"],
        kind="failed",
        at=now,
        reason=AS_FAILED,
        permanent=True,
        retry_of_attempt=unknown["retry_of_attempt"],
        name=unknown.get("name"),
        to=unknown.get("to"),
    )
