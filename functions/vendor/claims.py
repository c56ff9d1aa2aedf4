"""Claims: who is being sent to right now.

Delivery first creates `claims/{message id}`, with the number of the attempt behind it from the second on. Whoever
creates it sends; whoever finds it there looks why. The claim also keeps the person's own text, or why they are skipped:
whoever takes it over does what it says, for two copies of a message may differ, and a vendor that is asked again under
the same key has to be asked the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import count

from common.batching import Batcher
from common.errors import Conflict
from common.events import MessagePersonalized
from common.messages.ledger import OUTCOME, receipt_path
from common.storage.create_if_absent import create_new
from common.storage.documents import Create, Documents, Snapshot, Update

KEPT = timedelta(days=90)
"""How long a claim, and the text in it, is kept: far longer than Pub/Sub can still deliver the message."""
TEXT = ("name", "to", "subject", "body", "personalized_by", "fallback", "skip", "asked")
"""What two copies of a message may differ in."""


class Taken(Enum):
    """Why a message is not ours to send."""

    BUSY = "somebody is sending it"
    FINISHED = "it has its outcome"


Claim = MessagePersonalized | Taken
"""What is ours to do, or why nothing is."""


class Claims:
    """`owner` is this instance; `lease` is how long it has for one message."""

    def __init__(
        self,
        documents: Documents,
        *,
        owner: str,
        lease: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._owner = owner
        self._numbers = count()
        self._lease = lease
        self._clock = clock
        self._batches: Batcher[MessagePersonalized, Claim] = Batcher(
            self._take, most=250, parallel=2, size=lambda message: 4 * len(message.body), most_size=3_000_000
        )

    async def take(self, message: MessagePersonalized) -> Claim:
        """The message as it was first claimed: what is to be sent, or skipped."""
        return await self._batches.submit(message)

    async def release(self, message: MessagePersonalized) -> None:
        """Ends the lease: the next delivery may send at once."""
        await self._documents.commit([Update(_path(message), {"lease_until": self._clock()})])

    async def _take(self, messages: Sequence[MessagePersonalized]) -> Sequence[Claim]:
        creates = {create.path: create for create in map(self._claim, reversed(messages))}
        existing = await create_new(self._documents, list(creates.values()))
        others = {path: claim for path, claim in existing.items() if not _is_own(claim, creates[path])}
        states = await self._states([message for message in messages if _path(message) in others], others)
        return [self._state(message, states) for message in messages]

    async def _states(
        self, messages: Sequence[MessagePersonalized], claims: Mapping[str, Snapshot]
    ) -> dict[str, Claim]:
        """By claim, of those that were claimed before."""
        known = list({message.claim_id: message for message in messages}.values())
        outcomes = await self._documents.get_all([receipt_path(one.message_id, OUTCOME, one.attempt) for one in known])
        return {
            one.claim_id: Taken.FINISHED if outcome.exists else await self._take_over(one, claims[_path(one)])
            for one, outcome in zip(known, outcomes, strict=True)
        }

    def _state(self, message: MessagePersonalized, states: dict[str, Claim]) -> Claim:
        """Of two copies of a message in one batch, the first has the claim, and then somebody is sending it."""
        state = states.get(message.claim_id, message)
        states[message.claim_id] = state if state is Taken.FINISHED else Taken.BUSY
        return state

    async def _take_over(self, message: MessagePersonalized, claim: Snapshot) -> Claim:
        """A lease that is over means that its owner died half-way: the vendor tells by the idempotency key."""
        if claim["lease_until"] > self._clock():
            return Taken.BUSY
        try:
            await self._documents.commit([Update(claim.path, self._leased(), claim.version)])
        except Conflict:
            return Taken.BUSY
        return message.model_copy(update={name: claim.get(name) for name in TEXT})

    def _claim(self, message: MessagePersonalized) -> Create:
        text = message.model_dump(exclude={"version", "message_id", "campaign_id", "customer_id"}, exclude_none=True)
        ids = {"campaign": message.campaign_id, "customer": message.customer_id}
        now = self._clock()
        return Create(_path(message), text | ids | self._leased() | {"at": now, "expires_at": now + KEPT})

    def _leased(self) -> dict[str, object]:
        """The owner's number tells each time that they take a message from every other."""
        return {"owner": f"{self._owner}.{next(self._numbers)}", "lease_until": self._clock() + self._lease}


def _is_own(claim: Snapshot, create: Create) -> bool:
    """Whether it was made by this very call: its answer was lost, and the client tried again by itself."""
    return bool(claim["owner"] == create.data["owner"])


def _path(message: MessagePersonalized) -> str:
    return f"claims/{message.claim_id}"
