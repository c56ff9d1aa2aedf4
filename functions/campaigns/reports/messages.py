"""Each person's message of a campaign: its text, its state, what happened to it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from common.events import Personalization, ReceiptKind, attempt_id
from common.messages.ledger import OUTCOME, receipt_path
from common.storage.documents import Documents, Query, Snapshot, Where

MessageState = Literal["sent", "failed", "skipped", "pending"]


class Happening(BaseModel):
    kind: ReceiptKind
    attempt: int
    at: datetime
    reason: str | None = None


class PersonMessage(BaseModel):
    message_id: str
    customer_id: str
    name: str | None
    to: str | None
    subject: str | None  # None where nothing was written: the person was skipped
    body: str | None
    personalized_by: Personalization | None
    fallback: str | None  # why the template was used although Gemini was asked for
    state: MessageState
    reason: str | None
    history: list[Happening]


class MessageList(BaseModel):
    items: list[PersonMessage]
    next: str | None


class Messages:
    """Reads the ledger and the claims together: a skipped person has no claim, one on the way has no receipt yet."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def page(self, campaign_id: str, *, state: MessageState | None, after: str | None, limit: int) -> MessageList:
        """In order of message id.

        Of one state, a page can be shorter than asked for: an attempt that failed may have been sent in the next.
        """
        shown, more = await self._ids(campaign_id, state, after, limit)
        messages = await self._messages(campaign_id, shown)
        of_state = [message for message in messages if state in {None, message.state}]
        return MessageList(items=of_state, next=shown[-1] if more else None)

    async def of(self, campaign_id: str, message_id: str) -> PersonMessage | None:
        """One person's message; None where there is no trace of it yet."""
        claim = await self._documents.get(f"claims/{message_id}")
        receipts = await self._receipts(campaign_id, message_id, message_id)
        return (await self._messages(campaign_id, [message_id]))[0] if claim.exists or receipts else None

    async def _ids(
        self, campaign_id: str, state: MessageState | None, after: str | None, limit: int
    ) -> tuple[list[str], bool]:
        """Message ids, and whether others may follow. A message can have several claims and outcomes, one for each
        attempt: only up to the last id of a query that is full is it known that none is left out."""
        claims = () if state in {"sent", "failed", "skipped"} else await self._claims(campaign_id, after, limit + 1)
        outcomes = () if state == "pending" else await self._outcomes(campaign_id, state, after, limit + 1)
        found = [[one.id.partition(".")[0] for one in claims], [one["message"] for one in outcomes]]
        full = [ids[-1] for ids in found if len(ids) > limit]
        known = sorted({one for ids in found for one in ids if not full or one <= min(full)})
        return known[:limit], bool(full) or len(known) > limit

    async def _claims(self, campaign_id: str, after: str | None, limit: int) -> Sequence[Snapshot]:
        return await self._documents.query(
            Query(
                collection="claims",
                where=[Where("campaign", "==", campaign_id)],
                after=(f"{after}.~",) if after else None,
                limit=limit,
                fields=(),
            )
        )

    async def _outcomes(
        self, campaign_id: str, state: MessageState | None, after: str | None, limit: int
    ) -> Sequence[Snapshot]:
        of_state = Where("kind", "==", state) if state else Where("slot", "==", OUTCOME)
        return await self._documents.query(
            Query(
                collection="receipts",
                where=[Where("campaign", "==", campaign_id), of_state],
                after=(f"{after}.~",) if after else None,
                limit=limit,
                fields=("message",),
            )
        )

    async def _messages(self, campaign_id: str, message_ids: Sequence[str]) -> list[PersonMessage]:
        if not message_ids:
            return []
        receipts = await self._receipts(campaign_id, message_ids[0], message_ids[-1])
        of_message = {one: [receipt for receipt in receipts if receipt["message"] == one] for one in message_ids}
        attempts = {one: max((receipt["attempt"] for receipt in of_message[one]), default=1) for one in message_ids}
        claims = await self._documents.get_all([f"claims/{attempt_id(one, attempts[one])}" for one in message_ids])
        return [
            _message(one, claim, of_message[one], attempts[one]) for one, claim in zip(message_ids, claims, strict=True)
        ]

    async def _receipts(self, campaign_id: str, first: str, last: str) -> Sequence[Snapshot]:
        """All receipts of the messages between two ids."""
        of_campaign = [Where("campaign", "==", campaign_id)]
        return await self._documents.query(
            Query(collection="receipts", where=of_campaign, id_from=f"{first}.", id_before=f"{last}.~")
        )


def _message(message_id: str, claim: Snapshot, receipts: Sequence[Snapshot], attempt: int) -> PersonMessage:
    outcome = _find(receipts, receipt_path(message_id, OUTCOME, attempt))
    known = outcome or (claim if claim.exists else receipts[0])
    history = sorted(receipts, key=lambda one: one["at"])
    return PersonMessage(
        message_id=message_id,
        customer_id=known["customer"],
        name=claim.get("name") or known.get("name"),
        to=claim.get("to") or known.get("to"),
        subject=claim.get("subject") or None,
        body=claim.get("body") or None,
        personalized_by=claim.get("personalized_by"),
        fallback=claim.get("fallback"),
        state=outcome["kind"] if outcome else "pending",
        reason=outcome.get("reason") if outcome else None,
        history=[_happening(one) for one in history],
    )


def _happening(receipt: Snapshot) -> Happening:
    return Happening(kind=receipt["kind"], attempt=receipt["attempt"], at=receipt["at"], reason=receipt.get("reason"))


def _find(receipts: Iterable[Snapshot], path: str) -> Snapshot | None:
    return next((one for one in receipts if one.path == path), None)
