"""Claims: the right to send a message, held by one instance for a limited time.

Before it sends, delivery creates `claims/{idempotency key}`. The instance that creates the claim sends the message. If
the claim exists already, its lease, what it says about the vendor, and the message's outcome decide.

A claim that is created is proof that the message has no outcome: before an outcome of an unclaimed message is recorded,
its claim is created (`receipts/record_dead_letter.py`), and the claims of an open campaign are kept.

In the same commit, delivery creates `inboxes/{campaign, channel and address}`: at most one message of a campaign goes
to one address, whatever customers have it, and however often their addresses change. It stays the message's in all of
its attempts. A message is skipped if another one has the inbox.

Where a frequency cap holds, the same commit counts the message for its address (`recent_sends.py`).

The claim also stores the message's text, or the reason to skip it. An instance that takes over an expired claim uses
these: two copies of a message may differ, but a request with the same idempotency key must not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import count
from typing import Any

from common.batching import Batcher
from common.clock import Clock, utc_now
from common.errors import Conflict, Exists
from common.events import MessageReady
from common.ids import has_no_campaign
from common.messages.claim_fields import (
    RETENTION_WITHOUT_CAMPAIGN,
    claim_path,
    possibly_sent,
    recognizes_keys,
    sending_since,
)
from common.messages.ledger import OUTCOME, receipt_path
from common.storage.documents import Create, Documents, Snapshot, Update

from .recent_sends import TOO_OFTEN, RecentSends, is_counted
from .vendor import Accepted, Rejected

TEXT_FIELDS = ("name", "to", "subject", "body", "preview", "language", "personalized_by", "fallback", "mended")
"""The fields in which two copies of a message may differ; the first claim fixes them."""
SAME_ADDRESS = "same_address"
DECIDED_AT_CLAIM = frozenset({SAME_ADDRESS, TOO_OFTEN})
"""The reasons for which the commit of a claim decides to skip its message."""
MAX_BATCH_SIZE = 3_000_000
EVENT_ONLY = {
    *("version", "message_id", "campaign_id", "customer_id"),
    *("ask_again", "timezone", "quiet_hours", "local_hour", "tracking", "frequency_cap", "simulation"),
}
"""The fields of a message that its claim does not store, or stores under another name."""


class ClaimDenied(Enum):
    """The reason why this instance must not send the message."""

    BUSY = "another instance is sending it"
    FINISHED = "it has an outcome already"
    ACCEPTED = "the vendor has accepted it, and will report"


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageLease:
    """The right to send or skip one message until a time."""

    message: MessageReady  # with the text that was claimed first
    owner: str  # no other lease has the same
    until: datetime
    sending_since: datetime | None  # since when the vendor may have the message; None: it surely does not
    answer: Accepted | Rejected | None = None  # what the vendor said finally, if nobody could report it


ClaimResult = MessageLease | ClaimDenied


class Claims:
    """Acquires claims for one instance, `owner`. `lease` is the time that it has for one message.

    `inbox_path` is the document that says to whom a campaign has sent at the address of a message, and `sends_path`
    the one that says which campaigns have lately sent there.
    """

    def __init__(
        self,
        documents: Documents,
        *,
        owner: str,
        lease: timedelta,
        inbox_path: Callable[[MessageReady], str],
        sends_path: Callable[[MessageReady], str],
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._owner = owner
        self._inbox_path = inbox_path
        self._sends_path = sends_path
        self._lease_numbers = count()
        self._lease = lease
        self._clock = clock
        self._batches: Batcher[MessageReady, ClaimResult] = Batcher(
            self._acquire_batch,
            max_items=250,
            max_concurrent=2,
            size_of=lambda message: max(4 * len(message.body), MAX_BATCH_SIZE // 166 if is_counted(message) else 0),
            max_size=MAX_BATCH_SIZE,  # with three writes for each counted message, a commit has fewer than 500
        )
        self._accepted: Batcher[str, None] = Batcher(self._record_accepted_batch, max_items=400, max_concurrent=2)

    async def acquire(self, message: MessageReady) -> ClaimResult:
        """The lease on the message, as it was first claimed; or why there is none."""
        return await self._batches.submit(message)

    async def may_have_been_sent(self, message: MessageReady) -> bool:
        """Whether the vendor may have the message already."""
        return bool(await possibly_sent(self._documents, [message]))

    async def record_accepted(self, message: MessageReady) -> None:
        """Stores that the vendor has the message: until it reports, no other copy is sent.

        It is true for any owner of the lease, so that it needs no precondition.
        """
        await self._accepted.submit(_path(message))

    async def keep_answer(self, message: MessageReady, answer: Accepted | Rejected) -> None:
        """Stores what the vendor said finally, because it could not be reported: the next owner of the lease reports
        it. Like an acceptance, it is true for any owner."""
        with suppress(Conflict):  # the claim is gone: its campaign was closed long ago
            await self._documents.commit([Update(_path(message), {"answer": asdict(answer)})])

    async def release(self, lease: MessageLease, *, may_have_accepted: bool, tries: int | None = None) -> None:
        """Ends the lease, unless another instance has taken it over. The next delivery may claim the message at once.

        If the vendor surely did not accept the message, the claim says so. `tries` is the number of failed tries of
        this attempt, if it has changed: a copy of the message continues from it.
        """
        claim = await self._documents.get(_path(lease.message))
        if claim.get("owner") != lease.owner:
            return
        is_surely_unsent = not may_have_accepted and lease.sending_since is None
        number = lease.message.delivery_tries if tries is None else tries
        fields = {"lease_until": self._clock(), "tries": {"attempt": lease.message.attempt, "number": number}}
        fields |= {"sending_since": None} if is_surely_unsent else {}
        with suppress(Conflict):  # taken over in the meantime
            await self._documents.commit([Update(claim.path, fields, claim.version)])

    async def _record_accepted_batch(self, paths: Sequence[str]) -> Sequence[None]:
        updates = [Update(path, {"accepted_at": self._clock()}) for path in dict.fromkeys(paths)]
        try:
            await self._documents.commit(updates)
        except Conflict:  # a claim is gone: its campaign was closed long ago
            for update in updates:
                with suppress(Conflict):
                    await self._documents.commit([update])
        return [None] * len(paths)

    async def _acquire_batch(self, messages: Sequence[MessageReady]) -> Sequence[ClaimResult]:
        """Creates the claims in one commit; decides about each claim that exists already."""
        first: dict[str, MessageReady] = {}
        for message in messages:
            first.setdefault(_path(message), message)
        existing, creates = await self._create_claims(first)
        earlier = {path: claim for path, claim in existing.items() if not _is_own(claim, creates[path])}
        finished = await self._find_finished_attempts([message for message in messages if _path(message) in earlier])
        leased: set[str] = set()
        results: list[ClaimResult] = []
        for message in messages:
            result: ClaimResult = ClaimDenied.FINISHED if message.attempt_id in finished else ClaimDenied.BUSY
            if result is ClaimDenied.BUSY and _path(message) not in leased:
                result = await self._lease_on(message, creates[_path(message)], earlier)
            leased |= {_path(message)} if isinstance(result, MessageLease) else set()
            results.append(result)
        return results

    async def _create_claims(
        self, messages: Mapping[str, MessageReady]
    ) -> tuple[dict[str, Snapshot], dict[str, Create]]:
        """Creates the claims that do not exist yet, each with its inbox; `messages` are by path.

        A message whose inbox is another one's, or whose address has had enough messages, is claimed to be skipped.
        Returns the claims that existed, and all creates.
        """
        existing: dict[str, Snapshot] = {}
        inboxes: dict[str, str] = {}  # the message of each inbox that is taken, by path
        creates: dict[str, Create] = {}
        while missing := {path: message for path, message in messages.items() if path not in existing}:
            sends = await self._read_sends(missing.values())
            claims, new_inboxes = self._new_claims(missing, inboxes, sends)
            creates |= claims
            try:
                await self._documents.commit([*claims.values(), *new_inboxes, *sends.writes(self._clock())])
            except (Exists, Conflict):
                stored = await self._documents.get_all([*missing, *(inbox.path for inbox in new_inboxes)])
                found = {snapshot.path: snapshot for snapshot in stored if snapshot.exists}
                existing |= {path: found[path] for path in missing if path in found}
                inboxes |= {inbox.path: found[inbox.path]["message"] for inbox in new_inboxes if inbox.path in found}
            else:
                break
        return existing, creates | {path: self._new_claim(messages[path]) for path in messages.keys() - creates.keys()}

    def _new_claims(
        self, messages: Mapping[str, MessageReady], inboxes: Mapping[str, str], sends: RecentSends
    ) -> tuple[dict[str, Create], list[Create]]:
        """The claims, and the inboxes that are not taken yet. Of two messages to one inbox the first one gets it.

        `sends` is told which messages count.
        """
        claims: dict[str, Create] = {}
        owners = dict(inboxes)
        new: list[Create] = []
        for path, wanted in messages.items():
            message = self._within_cap(wanted, sends)
            if needs_inbox(message):
                inbox = self._inbox_path(message)
                if inbox not in owners:
                    new.append(_inbox(inbox, message))
                    owners[inbox] = message.message_id
                is_others = owners[inbox] != message.message_id
                message = message.as_skipped(SAME_ADDRESS) if is_others else message
            self._count(message, sends)
            claims[path] = self._new_claim(message)
        return claims, new

    async def _read_sends(self, messages: Iterable[MessageReady]) -> RecentSends:
        """What was sent lately to the addresses of the counted messages; nothing is read for others."""
        paths = {self._sends_path(message) for message in messages if is_counted(message)}
        stored = await self._documents.get_all(sorted(paths)) if paths else []
        return RecentSends({document.path: document for document in stored})

    def _within_cap(self, message: MessageReady, sends: RecentSends) -> MessageReady:
        """The message, to be skipped if its address has had enough."""
        if is_counted(message) and sends.has_had_enough(self._sends_path(message), message, self._clock()):
            return message.as_skipped(TOO_OFTEN)
        return message

    def _count(self, message: MessageReady, sends: RecentSends) -> None:
        """Counts a message that is to be sent, until the end of its lease."""
        if is_counted(message):
            sends.count(self._sends_path(message), message, self._clock() + self._lease)

    async def _find_finished_attempts(self, messages: Sequence[MessageReady]) -> set[str]:
        """The ids of the attempts that have an outcome, of messages that were claimed before."""
        paths = {message.attempt_id: receipt_path(message.message_id, OUTCOME, message.attempt) for message in messages}
        outcomes = await self._documents.get_all(list(paths.values()))
        return {attempt for attempt, outcome in zip(paths, outcomes, strict=True) if outcome.exists}

    async def _lease_on(self, message: MessageReady, create: Create, earlier: Mapping[str, Snapshot]) -> ClaimResult:
        """The lease of a claim that was just created, or of one that can be taken over."""
        if create.path in earlier:
            return await self._take_over(message, earlier[create.path])
        owner, until = str(create.data["owner"]), create.data["lease_until"]
        if (reason := create.data.get("skip_reason")) in DECIDED_AT_CLAIM:
            message = message.as_skipped(reason)
        return MessageLease(message=message, owner=owner, until=until, sending_since=None)

    async def _take_over(self, message: MessageReady, claim: Snapshot) -> ClaimResult:
        """Takes over an expired lease: its owner crashed, or the message was deferred, or the vendor never reported."""
        if claim.get("accepted_at") and not (message.ask_again and recognizes_keys(message.vendor)):
            return ClaimDenied.ACCEPTED
        if claim["lease_until"] > self._clock():
            return ClaimDenied.BUSY
        since = sending_since(claim)
        claimed = _as_claimed(message, claim, may_have_been_sent=since is not None)
        inbox, sends = list[Create](), RecentSends({})
        if since is None:  # the address may be another one than at the claim, and others may have sent to it meanwhile
            sends = await self._read_sends([claimed])
            claimed = self._within_cap(claimed, sends)
            if needs_inbox(claimed):
                claimed, inbox = await self._with_inbox(claimed)
            self._count(claimed, sends)
        lease = self._new_lease(claimed, since)
        text = claimed.model_dump(include={*TEXT_FIELDS, "skip_reason", "vendor", "channel"}, exclude_none=True)
        try:
            takeover = Update(claim.path, {**text, **lease}, claim.version)
            await self._documents.commit([takeover, *inbox, *sends.writes(self._clock())])
        except (Conflict, Exists):
            return ClaimDenied.BUSY
        owner, until, answer = lease["owner"], lease["lease_until"], _answer_in(claim)
        return MessageLease(message=claimed, owner=owner, until=until, sending_since=since, answer=answer)

    async def _with_inbox(self, message: MessageReady) -> tuple[MessageReady, list[Create]]:
        """The message, to be skipped if its inbox is another one's; and the inbox to create, if there is none."""
        inbox = await self._documents.get(self._inbox_path(message))
        if not inbox.exists:
            return message, [_inbox(inbox.path, message)]
        return message if inbox["message"] == message.message_id else message.as_skipped(SAME_ADDRESS), []

    def _new_claim(self, message: MessageReady) -> Create:
        fields = message.model_dump(exclude=EVENT_ONLY, exclude_none=True)
        ids: dict[str, object] = {"campaign": message.campaign_id, "customer": message.customer_id, "at": self._clock()}
        if has_no_campaign(message.campaign_id):
            ids["expires_at"] = self._clock() + RETENTION_WITHOUT_CAMPAIGN
        return Create(_path(message), {**fields, **ids, **self._new_lease(message, None)})

    def _new_lease(self, message: MessageReady, since: datetime | None) -> dict[str, Any]:
        """The number in `owner` makes each lease unique. From now on the vendor may have the message, unless it is to
        be skipped."""
        now = self._clock()
        return {
            "owner": f"{self._owner}.{next(self._lease_numbers)}",
            "lease_until": now + self._lease,
            "sending_since": since or (None if message.skip_reason else now),
        }


def needs_inbox(message: MessageReady) -> bool:
    """Whether the campaign sends only one message to the address, and this may be it."""
    return bool(message.to and not message.skip_reason and not message.shares_inbox)


def _inbox(path: str, message: MessageReady) -> Create:
    return Create(path, {"campaign": message.campaign_id, "message": message.message_id})


def _as_claimed(message: MessageReady, claim: Snapshot, *, may_have_been_sent: bool) -> MessageReady:
    """The message with the claim's text, if it has one. A message that may have been sent is not skipped any more, and
    keeps its address; one that surely was not goes to the recipient's address of now."""
    text = {name: claim.get(name) for name in TEXT_FIELDS} if claim.get("subject") is not None else {}
    if message.to and claim.get("to") and not may_have_been_sent:
        text["to"] = message.to
    skip_reason = claim.get("skip_reason") or (None if may_have_been_sent else message.skip_reason)
    tries = max(message.delivery_tries, _tries_of(message.attempt, claim))
    return message.model_copy(update={**text, "skip_reason": skip_reason, "delivery_tries": tries})


def _tries_of(attempt: int, claim: Snapshot) -> int:
    """The number of failed tries of this attempt. A retry by a person uses the same claim and starts at 0."""
    tries = claim.get("tries") or {}
    return int(tries["number"]) if tries.get("attempt") == attempt else 0


def _answer_in(claim: Snapshot) -> Accepted | Rejected | None:
    """What the vendor said finally, if that was kept."""
    if stored := claim.get("answer"):
        return Rejected(**stored) if "reason" in stored else Accepted(**stored)
    return None


def _is_own(claim: Snapshot, create: Create) -> bool:
    """Whether this call created the claim: the response to its commit was lost, and the client repeated the commit."""
    return bool(claim["owner"] == create.data["owner"])


def _path(message: MessageReady) -> str:
    return claim_path(message.message_id, message.idempotency_attempt)
