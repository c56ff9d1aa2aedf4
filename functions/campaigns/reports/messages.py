"""The messages of a campaign: text, state and history of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel

from common.catalogue.failures import failure_code, unknown_code
from common.events import Personalization, ReceiptKind
from common.messages.claim_fields import claim_path
from common.messages.feedback import most_severe
from common.messages.ledger import OPENING, OUTCOME, OUTCOMES, receipt_path
from common.storage.documents import Documents, Query, Snapshot, Where

MessageState = Literal["sent", "failed", "skipped", "unknown", "pending"]


class HistoryEntry(BaseModel):
    """One receipt of a message."""

    kind: ReceiptKind
    attempt: int
    at: datetime
    reason: str | None = None


class OutcomeCause(BaseModel):
    """Why a message failed, was skipped or is unknown, for the site to say in its own words."""

    code: str  # of a failed message, one in `FAILURE_CODES`; of a skipped one, its reason; else see `unknown_code`
    retryable: bool  # whether a retry may deliver it; it is never tried again by itself

    @classmethod
    def from_outcome(cls, outcome: Snapshot) -> Self | None:
        """None for a sent message."""
        match outcome["kind"]:
            case "failed":
                return cls(code=failure_code(outcome.get("reason")), retryable=not outcome.get("permanent"))
            case "skipped":
                return cls(code=outcome.get("reason") or "unknown", retryable=False)
            case "unknown":
                return cls(code=unknown_code(outcome.get("reason")), retryable=False)
        return None


class RecipientMessage(BaseModel):
    """One recipient's message: its text, its state and its history."""

    message_id: str
    customer_id: str
    name: str | None
    to: str | None
    subject: str | None  # null if the message was skipped before it had a text
    body: str | None
    personalized_by: Personalization | None
    fallback: str | None  # why the template was used although the campaign asks for Gemini
    language: str | None = None  # which of the campaign's texts it is, `default` or a language; null: it has only one
    state: MessageState
    reason: str | None
    cause: OutcomeCause | None  # of a message that failed, was skipped or is unknown
    feedback: ReceiptKind | None = None  # the most severe of what came back about it
    history: list[HistoryEntry]


class MessageList(BaseModel):
    """A page of messages; `next` is the cursor of the next page."""

    items: list[RecipientMessage]
    next: str | None


class RecipientMessages:
    """Combines the ledger and the claims: a skipped message has no claim, a pending one has no receipt yet."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def list_page(
        self, campaign_id: str, *, state: MessageState | None, after: str | None, limit: int
    ) -> MessageList:
        """The messages after the message id `after`, ordered by message id.

        With `state`, a page can be shorter than `limit`: a failed message may have been sent in its next attempt.
        """
        ids, has_more = await self._page_ids(campaign_id, state, after, limit)
        messages = await self.read(campaign_id, ids)
        of_state = [message for message in messages if state in {None, message.state}]
        return MessageList(items=of_state, next=ids[-1] if has_more else None)

    async def get(self, campaign_id: str, message_id: str) -> RecipientMessage | None:
        """One message; None if it has neither a claim nor a receipt yet."""
        claim = await self._documents.get(f"claims/{message_id}")
        receipts = await self._receipts(campaign_id, message_id, message_id)
        return (await self.read(campaign_id, [message_id]))[0] if claim.exists or receipts else None

    async def _page_ids(
        self, campaign_id: str, state: MessageState | None, after: str | None, limit: int
    ) -> tuple[list[str], bool]:
        """The message ids of a page, and whether more may follow.

        A message can have several claims and outcomes, one for each attempt. If a query is full, the result is complete
        only up to its last id.
        """
        claims = () if state in OUTCOMES else await self._claims(campaign_id, after, limit + 1)
        outcomes = () if state == "pending" else await self._outcomes(campaign_id, state, after, limit + 1)
        results = [[claim.id.partition(".")[0] for claim in claims], [outcome["message"] for outcome in outcomes]]
        last_ids = [ids[-1] for ids in results if len(ids) > limit]
        complete = sorted({id_ for ids in results for id_ in ids if not last_ids or id_ <= min(last_ids)})
        return complete[:limit], bool(last_ids) or len(complete) > limit

    async def _claims(self, campaign_id: str, after: str | None, limit: int) -> Sequence[Snapshot]:
        """At most `limit` claims of the campaign (ids only), from message id `after` on, in order of id."""
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
        """At most `limit` outcomes, all or those in `state`, from message id `after` on, in order of id."""
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

    async def read(self, campaign_id: str, message_ids: Sequence[str]) -> list[RecipientMessage]:
        """The messages in their last attempts. `message_ids` are sorted; each has a claim or a receipt."""
        if not message_ids:
            return []
        receipts = await self._receipts(campaign_id, message_ids[0], message_ids[-1])
        by_message = {id_: [receipt for receipt in receipts if receipt["message"] == id_] for id_ in message_ids}
        attempts = {id_: max((receipt["attempt"] for receipt in by_message[id_]), default=1) for id_ in message_ids}
        keys = {id_: _key_attempt(by_message[id_], attempts[id_]) for id_ in message_ids}
        claims = await self._documents.get_all([claim_path(id_, keys[id_]) for id_ in message_ids])
        return [
            _build_message(id_, claim, by_message[id_], attempts[id_])
            for id_, claim in zip(message_ids, claims, strict=True)
        ]

    async def _receipts(self, campaign_id: str, first: str, last: str) -> Sequence[Snapshot]:
        """All receipts of the messages from the id `first` to the id `last`."""
        of_campaign = [Where("campaign", "==", campaign_id)]
        return await self._documents.query(
            Query(collection="receipts", where=of_campaign, id_from=f"{first}.", id_before=f"{last}.~")
        )


def _build_message(message_id: str, claim: Snapshot, receipts: Sequence[Snapshot], attempt: int) -> RecipientMessage:
    """The message as its last attempt left it, with the receipts of all attempts."""
    outcome = _find(receipts, receipt_path(message_id, OUTCOME, attempt))
    source = outcome or (claim if claim.exists else receipts[0])
    history = sorted(receipts, key=lambda receipt: receipt["at"])
    return RecipientMessage(
        message_id=message_id,
        customer_id=source["customer"],
        name=claim.get("name") or source.get("name"),
        to=claim.get("to") or source.get("to"),
        subject=claim.get("subject") or None,
        body=claim.get("body") or None,
        personalized_by=claim.get("personalized_by"),
        fallback=claim.get("fallback"),
        language=claim.get("language"),
        state=outcome["kind"] if outcome else "pending",
        reason=outcome.get("reason") if outcome else None,
        cause=OutcomeCause.from_outcome(outcome) if outcome else None,
        feedback=most_severe(receipt["kind"] for receipt in receipts),
        history=[_history_entry(receipt) for receipt in history],
    )


def _key_attempt(receipts: Sequence[Snapshot], attempt: int) -> int:
    """The attempt whose claim has the text: an attempt that a report opened has none of its own."""
    openings = {receipt["attempt"]: receipt for receipt in receipts if receipt["slot"] == OPENING}
    opening = openings.get(attempt)
    while opening is not None and opening["kind"] == "corrected":
        attempt -= 1
        opening = openings.get(attempt)
    return (opening.get("retry_of_attempt") if opening else None) or attempt


def _history_entry(receipt: Snapshot) -> HistoryEntry:
    return HistoryEntry(
        kind=receipt["kind"], attempt=receipt["attempt"], at=receipt["at"], reason=receipt.get("reason")
    )


def _find(receipts: Iterable[Snapshot], path: str) -> Snapshot | None:
    return next((receipt for receipt in receipts if receipt.path == path), None)
