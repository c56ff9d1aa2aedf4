"""Records dead letters: messages that a function could not process, as the dead-letter topic delivers them."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ValidationError

from common.clock import Clock, utc_now
from common.errors import Conflict, HeraldError
from common.events import MessageId, ProcessImportShard, Receipt, ReceiptsReported
from common.ids import has_no_campaign, is_id
from common.logs import without_addresses
from common.messages.claim_fields import RETENTION_WITHOUT_CAMPAIGN, claim_path
from common.messages.dead_letters import dead_letter_id, dead_letter_write
from common.pubsub.push import PushMessage
from common.storage.create_if_absent import create_absent
from common.storage.documents import Create, Documents, Update

from .recorder import ReceiptRecorder

log = logging.getLogger(__name__)
PER_RECIPIENT = frozenset({"recipients", "deliveries"})
"""The subscriptions where each message is for one recipient."""


class MessageIdentity(BaseModel):
    """The fields of an event that identify the message; the rest of the event may be invalid."""

    message_id: MessageId
    campaign_id: str
    customer_id: str
    attempt: int = 1
    retry_of_attempt: int | None = None
    name: str | None = None
    to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """One message that could not be processed, and the reason."""

    data: bytes
    subscription: str  # where it could not be processed
    reason: str

    @classmethod
    def from_push(cls, pushed: PushMessage) -> Self:
        """From a message that a function has given up, with its reason, or Pub/Sub after its last attempt."""
        attempts = pushed.attributes.get("CloudPubSubDeadLetterSourceDeliveryCount", "several")
        return cls(
            data=pushed.data,
            subscription=pushed.attributes.get("subscription")
            or pushed.attributes.get("CloudPubSubDeadLetterSourceSubscription", ""),
            reason=pushed.attributes.get("reason") or f"Given up after {attempts} attempts.",
        )

    def failed_receipt(self, now: datetime) -> Receipt | None:
        """The receipt for the recipient's message; None if it is for no recipient, or does not say for which."""
        if self.subscription not in PER_RECIPIENT:
            return None
        try:
            message = MessageIdentity.model_validate_json(self.data)
            # Not the vendor said so: a copy of the message may have been sent, or may still be.
            identity = message.model_dump() | {"retry_of_attempt": message.retry_of_attempt or message.attempt}
            return Receipt(**identity, kind="failed", at=now, reason=self.reason[:1000])
        except ValidationError:
            return None

    @property
    def ids(self) -> dict[str, str]:
        """What the message says it is about, for the log: ids of Herald's own form and nothing else."""
        try:
            content = json.loads(self.data)
        except (ValueError, RecursionError):
            return {}
        fields = content if isinstance(content, dict) else {}
        found = {"message_id": fields.get("message_id"), "campaign": fields.get("campaign_id")}
        return {name: value for name, value in found.items() if isinstance(value, str) and is_id(value)}

    @property
    def import_command(self) -> ProcessImportShard | None:
        """The command for an import that could not be processed; None for other messages."""
        if self.subscription != ProcessImportShard.topic:
            return None
        try:
            return ProcessImportShard.model_validate_json(self.data)
        except ValidationError:
            return None


class DeadLetterRecorder:
    """Records dead letters in the ledger, in the import, or as they are; and their ids in the log."""

    def __init__(
        self,
        documents: Documents,
        recorder: ReceiptRecorder,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._recorder = recorder
        self._clock = clock

    async def record(self, letter: DeadLetter) -> None:
        """Marks the recipient's message or the import as failed. Any other message is kept as it is.

        So is one that cannot be recorded. The log has the ids only.
        """
        try:
            is_recorded = await self._record(letter)
        except HeraldError as error:
            if error.permanent:
                await self._keep(letter, reason=f"{letter.reason} {error}")
            raise
        if not is_recorded:
            await self._keep(letter, reason=letter.reason)
        details = {"subscription": letter.subscription, "reason": without_addresses(letter.reason), **letter.ids}
        kept = {"recorded": is_recorded, "letter": dead_letter_id(letter.subscription, letter.data)}
        log.error("dead letter", extra={"event": "dead_letter", **details, **kept})

    async def _keep(self, letter: DeadLetter, *, reason: str) -> None:
        write = dead_letter_write(letter.subscription, letter.data, reason=reason, now=self._clock())
        await self._documents.commit([write])

    async def _record(self, letter: DeadLetter) -> bool:
        """Whether the message is one of a recipient or of an import, which has failed now."""
        receipt = letter.failed_receipt(self._clock())
        if receipt is not None:
            await self._claim(receipt)
            await self._recorder.record(ReceiptsReported(receipts=[receipt]))
        command = letter.import_command
        if command:
            with suppress(Conflict):  # the import may be deleted already: it is kept for some days only
                await self._fail_import(command, letter.reason)
        return receipt is not None or command is not None

    async def _fail_import(self, command: ProcessImportShard, reason: str) -> None:
        """Marks the import as failed, or its undo. One that was cancelled stays so."""
        path = f"imports/{command.import_id}"
        if command.action == "undo":
            await self._documents.commit([Update(path, {"undo.reason": reason})])
        elif (await self._documents.get(path)).get("state") != "cancelled":
            await self._documents.commit([Update(path, {"state": "failed", "reason": reason})])

    async def _claim(self, receipt: Receipt) -> None:
        """Creates the message's claim, without a text, unless it was claimed: no copy finds it new later."""
        now = self._clock()
        ids = {"campaign": receipt.campaign_id, "customer": receipt.customer_id, "attempt": receipt.attempt}
        unsent = {"owner": "dead letter", "lease_until": now, "sending_since": None, "at": now}
        expiry = {"expires_at": now + RETENTION_WITHOUT_CAMPAIGN} if has_no_campaign(receipt.campaign_id) else {}
        path = claim_path(receipt.message_id, receipt.retry_of_attempt or receipt.attempt)
        await create_absent(self._documents, [Create(path, {**ids, **unsent, **expiry})])
