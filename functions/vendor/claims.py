"""Claims: who is being sent to right now.

Delivery first creates `claims/{message id}`. Whoever creates it sends; whoever finds it there looks why. The claim
also keeps the person's own text, so that the campaign's page can show it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from common.batching import Batcher
from common.documents import Create, Documents, Snapshot, Update
from common.errors import Conflict
from common.events import MessagePersonalized
from common.ledger import OUTCOME, receipt_path
from common.once import create_new

KEPT = timedelta(days=90)
"""How long a claim, and the text in it, is kept: far longer than Pub/Sub can still deliver the message."""


class Claim(Enum):
    TAKEN = "ours to send"
    BUSY = "somebody is sending it"
    FINISHED = "it has its outcome"


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
        self._lease = lease
        self._clock = clock
        self._batches: Batcher[MessagePersonalized, Claim] = Batcher(
            self._take, most=250, parallel=2, size=lambda message: 4 * len(message.body), most_size=3_000_000
        )

    async def take(self, message: MessagePersonalized) -> Claim:
        return await self._batches.submit(message)

    async def release(self, message_id: str) -> None:
        """Ends the lease: the next delivery may send at once."""
        await self._documents.commit([Update(_path(message_id), {"lease_until": self._clock()})])

    async def _take(self, messages: Sequence[MessagePersonalized]) -> Sequence[Claim]:
        existing = await create_new(self._documents, [self._claim(message) for message in messages])
        outcomes = await self._documents.get_all([receipt_path(one.id, OUTCOME) for one in existing.values()])
        finished = {one.id.removesuffix(f".{OUTCOME}") for one in outcomes if one.exists}
        states: dict[str, Claim] = {}
        for claim in existing.values():
            states[claim.id] = Claim.FINISHED if claim.id in finished else await self._take_over(claim)
        return [self._state(message, states) for message in messages]

    def _state(self, message: MessagePersonalized, states: dict[str, Claim]) -> Claim:
        """Of two copies of a message in one batch, the first has the claim, and then somebody is sending it."""
        state = states.get(message.message_id, Claim.TAKEN)
        states[message.message_id] = Claim.BUSY if state is Claim.TAKEN else state
        return state

    async def _take_over(self, claim: Snapshot) -> Claim:
        """A lease that is over means that its owner died half-way: the vendor tells by the idempotency key."""
        if claim["lease_until"] > self._clock():
            return Claim.BUSY
        try:
            await self._documents.commit([Update(claim.path, self._leased(), claim.version)])
        except Conflict:
            return Claim.BUSY
        return Claim.TAKEN

    def _claim(self, message: MessagePersonalized) -> Create:
        text = message.model_dump(exclude={"version", "message_id", "campaign_id", "customer_id"}, exclude_none=True)
        ids = {"campaign": message.campaign_id, "customer": message.customer_id}
        now = self._clock()
        return Create(_path(message.message_id), text | ids | self._leased() | {"at": now, "expires_at": now + KEPT})

    def _leased(self) -> dict[str, object]:
        return {"owner": self._owner, "lease_until": self._clock() + self._lease}


def _path(message_id: str) -> str:
    return f"claims/{message_id}"
