"""Claims: the right to send a message, held by one instance for a limited time.

Before it sends, delivery creates `claims/{message id}`, or `claims/{message id}.{attempt}` from the second attempt on.
The instance that creates the claim sends the message. If the claim exists already, its lease and the message's outcome
say what to do. The claim also stores the message's text, or the reason to skip it. An instance that takes over an
expired claim uses these: two copies of a message may differ, but a request with the same idempotency key must not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum
from itertools import count

from common.batching import Batcher
from common.clock import Clock, utc_now
from common.errors import Conflict
from common.events import MessageReady
from common.messages.ledger import OUTCOME, receipt_path
from common.storage.create_if_absent import create_absent
from common.storage.documents import Create, Documents, Snapshot, Update

RETENTION = timedelta(days=90)
"""How long a claim and its text are kept: much longer than Pub/Sub may deliver the message."""
FROZEN_FIELDS = ("name", "to", "subject", "body", "personalized_by", "fallback", "skip_reason", "retry_of_attempt")
"""The fields in which two copies of a message may differ; the first claim fixes them."""


class ClaimDenied(Enum):
    """The reason why this instance must not send the message."""

    BUSY = "another instance is sending it"
    FINISHED = "it has an outcome already"


ClaimResult = MessageReady | ClaimDenied
"""The message to send or skip, with the claim's text, or the reason why there is none."""


class Claims:
    """Acquires claims for one instance, `owner`. `lease` is the time that it has for one message."""

    def __init__(
        self,
        documents: Documents,
        *,
        owner: str,
        lease: timedelta,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._owner = owner
        self._lease_numbers = count()
        self._lease = lease
        self._clock = clock
        self._batches: Batcher[MessageReady, ClaimResult] = Batcher(
            self._acquire_batch,
            max_items=250,
            max_concurrent=2,
            size_of=lambda message: 4 * len(message.body),
            max_size=3_000_000,
        )

    async def acquire(self, message: MessageReady) -> ClaimResult:
        """The message as it was first claimed, to be sent or skipped."""
        return await self._batches.submit(message)

    async def release(self, message: MessageReady) -> None:
        """Ends the lease: the next delivery may claim the message at once."""
        await self._documents.commit([Update(_path(message), {"lease_until": self._clock()})])

    async def _acquire_batch(self, messages: Sequence[MessageReady]) -> Sequence[ClaimResult]:
        """Creates the claims in one commit; decides about each claim that exists already."""
        creates = {create.path: create for create in map(self._new_claim, reversed(messages))}
        existing = await create_absent(self._documents, list(creates.values()))
        earlier = {path: claim for path, claim in existing.items() if not _is_own(claim, creates[path])}
        results = await self._results([message for message in messages if _path(message) in earlier], earlier)
        return [self._result(message, results) for message in messages]

    async def _results(
        self, messages: Sequence[MessageReady], claims: Mapping[str, Snapshot]
    ) -> dict[str, ClaimResult]:
        """The results for messages that were claimed before, by claim id."""
        unique = list({message.claim_id: message for message in messages}.values())
        paths = [receipt_path(message.message_id, OUTCOME, message.attempt) for message in unique]
        outcomes = await self._documents.get_all(paths)
        return {
            message.claim_id: (
                ClaimDenied.FINISHED
                if outcome.exists
                else await self._take_over_expired(message, claims[_path(message)])
            )
            for message, outcome in zip(unique, outcomes, strict=True)
        }

    def _result(self, message: MessageReady, results: dict[str, ClaimResult]) -> ClaimResult:
        """Of the copies of a message in one batch, the first gets the claim; the others are denied."""
        result = results.get(message.claim_id, message)
        results[message.claim_id] = result if result is ClaimDenied.FINISHED else ClaimDenied.BUSY
        return result

    async def _take_over_expired(self, message: MessageReady, claim: Snapshot) -> ClaimResult:
        """An expired lease means that its owner crashed; the vendor recognizes the message by its idempotency key."""
        if claim["lease_until"] > self._clock():
            return ClaimDenied.BUSY
        try:
            await self._documents.commit([Update(claim.path, self._new_lease(), claim.version)])
        except Conflict:
            return ClaimDenied.BUSY
        return message.model_copy(update={name: claim.get(name) for name in FROZEN_FIELDS})

    def _new_claim(self, message: MessageReady) -> Create:
        fields = message.model_dump(exclude={"version", "message_id", "campaign_id", "customer_id"}, exclude_none=True)
        ids = {"campaign": message.campaign_id, "customer": message.customer_id}
        now = self._clock()
        return Create(_path(message), fields | ids | self._new_lease() | {"at": now, "expires_at": now + RETENTION})

    def _new_lease(self) -> dict[str, object]:
        """The number in `owner` makes each lease unique."""
        return {"owner": f"{self._owner}.{next(self._lease_numbers)}", "lease_until": self._clock() + self._lease}


def _is_own(claim: Snapshot, create: Create) -> bool:
    """Whether this call created the claim: the response to its commit was lost, and the client repeated the commit."""
    return bool(claim["owner"] == create.data["owner"])


def _path(message: MessageReady) -> str:
    return f"claims/{message.claim_id}"
