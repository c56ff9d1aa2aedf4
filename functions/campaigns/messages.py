"""Each person's message of a campaign: its text, its state, what happened to it, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from common.documents import Documents, Query, Snapshot, Where
from common.events import Personalization, ReceiptKind
from common.ledger import OUTCOME, receipt_path

MessageState = Literal["sent", "failed", "skipped", "pending"]


class Happening(BaseModel):
    kind: ReceiptKind
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
        """In order of message id. One read more than shown tells whether another page follows."""
        found = await self._ids(campaign_id, state, after, limit + 1)
        shown = found[:limit]
        messages = await self._messages(campaign_id, shown)
        if state == "pending":
            messages = [message for message in messages if message.state == "pending"]
        return MessageList(items=messages, next=shown[-1] if len(found) > limit else None)

    async def _ids(self, campaign_id: str, state: MessageState | None, after: str | None, limit: int) -> list[str]:
        claims = () if state in {"sent", "failed", "skipped"} else await self._claims(campaign_id, after, limit)
        outcomes = () if state == "pending" else await self._outcomes(campaign_id, state, after, limit)
        ids = {one.id for one in claims} | {one["message"] for one in outcomes}
        return sorted(ids)[:limit]

    async def _claims(self, campaign_id: str, after: str | None, limit: int) -> Sequence[Snapshot]:
        return await self._documents.query(
            Query(
                collection="claims",
                where=[Where("campaign", "==", campaign_id)],
                after=(after,) if after else None,
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
                after=(f"{after}.{OUTCOME}",) if after else None,
                limit=limit,
                fields=("message",),
            )
        )

    async def _messages(self, campaign_id: str, message_ids: Sequence[str]) -> list[PersonMessage]:
        if not message_ids:
            return []
        claims = await self._documents.get_all([f"claims/{one}" for one in message_ids])
        receipts = await self._documents.query(
            Query(
                collection="receipts",
                where=[Where("campaign", "==", campaign_id)],
                id_from=f"{message_ids[0]}.",
                id_before=f"{message_ids[-1]}.~",
            )
        )
        return [
            _message(message_id, claim, [one for one in receipts if one["message"] == message_id])
            for message_id, claim in zip(message_ids, claims, strict=True)
        ]


def _message(message_id: str, claim: Snapshot, receipts: Sequence[Snapshot]) -> PersonMessage:
    outcome = _find(receipts, receipt_path(message_id, OUTCOME))
    known = outcome or claim
    history = sorted(receipts, key=lambda one: one["at"])
    return PersonMessage(
        message_id=message_id,
        customer_id=known["customer"],
        name=claim.get("name") or known.get("name"),
        to=claim.get("to") or known.get("to"),
        subject=claim.get("subject"),
        body=claim.get("body"),
        personalized_by=claim.get("personalized_by"),
        fallback=claim.get("fallback"),
        state=outcome["kind"] if outcome else "pending",
        reason=outcome.get("reason") if outcome else None,
        history=[Happening(kind=one["kind"], at=one["at"], reason=one.get("reason")) for one in history],
    )


def _find(receipts: Iterable[Snapshot], path: str) -> Snapshot | None:
    return next((one for one in receipts if one.path == path), None)
