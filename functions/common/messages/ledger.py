"""The ledger: one immutable document for each thing that happened to each message, and the counters beside it.

    receipts/{message id}.outcome    sent, failed or skipped: a message has one outcome, whichever came first
    receipts/{message id}.{kind}     everything else: delivered, opened, …
    receipts/….{attempt}             the same for the second attempt and later ones
    counters/{campaign}.{shard}      how many of each kind, increased in the very commit that creates the receipts

So a receipt that comes twice counts once, the order does not matter, and `audience = sent + failed + skipped +
pending` cannot be broken by a vendor that reports both success and failure for a message. A failed message that is
tried again has a `retried` receipt, which takes the failure back out of the counters; then the message is pending.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args

from common.audience import Happening, happened, reaction
from common.events import Receipt, ReceiptKind, attempt_id
from common.ids import BUCKETS
from common.storage.create_if_absent import create_new
from common.storage.documents import Create, Documents, Increment, Merge, Query, Snapshot, Where, Write

KINDS: tuple[ReceiptKind, ...] = get_args(ReceiptKind)
OUTCOMES = frozenset({"sent", "failed", "skipped"})
OUTCOME = "outcome"
REACTIONS = frozenset({"sent", "opened", "clicked"})
"""What rules can speak of."""


def slot(kind: str) -> str:
    """What a message can have only one of."""
    return OUTCOME if kind in OUTCOMES else kind


def receipt_path(message_id: str, of: str, attempt: int = 1) -> str:
    return f"receipts/{attempt_id(f'{message_id}.{of}', attempt)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """One campaign in numbers; every one of them is the number of certain receipts, or of people found by fan-out."""

    audience: int
    complete: bool  # fan-out is over: the audience grows no more
    kinds: Mapping[str, int]
    retryable: int = 0  # of the failed, those whom trying again may reach
    skipped_reasons: Mapping[str, int] = field(default_factory=dict)
    minutes: Mapping[datetime, Mapping[str, int]] = field(default_factory=dict)  # outcomes in each minute (UTC)

    @property
    def pending(self) -> int:
        return self.audience - sum(self.kinds.get(kind, 0) for kind in OUTCOMES)

    @property
    def totals(self) -> dict[str, int]:
        outcomes = {kind: self.kinds.get(kind, 0) for kind in ("sent", "failed", "skipped")}
        return {"audience": self.audience, **outcomes, "pending": self.pending}


class Ledger:
    """`shard` is this instance's own part of the counters, so that instances do not wait for each other."""

    def __init__(self, documents: Documents, *, shard: str) -> None:
        self._documents = documents
        self._shard = shard

    async def unknown(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """Those of an attempt that was never opened. Nothing is read for first attempts."""
        later = [one for one in receipts if one.attempt > 1 and one.kind != "retried"]
        opened = await self._documents.get_all([receipt_path(one.message_id, "retried", one.attempt) for one in later])
        return [receipt for receipt, opening in zip(later, opened, strict=True) if not opening.exists]

    async def record(self, receipts: Sequence[Receipt]) -> int:
        """Writes the receipts that are new, with their counters, in one commit; answers how many those were.

        At most 400 receipts.
        """
        creates = [Create(_path(one), _stored(one)) for one in receipts]
        existing = await create_new(self._documents, creates, along=self._along)
        created = len({create.path for create in creates}) - len(existing)
        later = await self._of_next_attempt([(one, existing[_path(one)]) for one in receipts if _path(one) in existing])
        return created + (await self.record(later) if later else 0)

    async def _of_next_attempt(self, known: Sequence[tuple[Receipt, Snapshot]]) -> list[Receipt]:
        """A vendor may report on an attempt that was taken for failed and asked for once more, as the next one."""
        late = [
            one.model_copy(update={"attempt": one.attempt + 1})
            for one, stored in known
            if stored["slot"] == OUTCOME and stored.get("asked") and one.asked is None and one.kind != "skipped"
        ]
        unknown = await self.unknown(late)
        return [one for one in late if one not in unknown]

    def _along(self, creates: Sequence[Create]) -> Sequence[Write]:
        """The counters, and the change that tells the audience index what happened to whom."""
        reactions = [_reaction(create) for create in creates if create.data["kind"] in REACTIONS]
        return [*self._counters(creates), *happened(reactions)]

    def _counters(self, creates: Sequence[Create]) -> Sequence[Write]:
        by_campaign: dict[str, list[Create]] = defaultdict(list)
        for create in creates:
            by_campaign[create.data["campaign"]].append(create)
        return [
            Merge(f"counters/{campaign}.{self._shard}", {"campaign": campaign, **_increments(created)})
            for campaign, created in by_campaign.items()
        ]

    async def statistics(self, campaign: str) -> Statistics:
        """The counters, added up over the shards. They are read before the pages: whoever is counted was found by
        fan-out before, so `pending` is never negative, and 0 pending of a complete audience is the end."""
        of_campaign = [Where("campaign", "==", campaign)]
        shards = await self._documents.query(Query(collection="counters", where=of_campaign))
        found = await self._documents.sums(Query(collection="pages", where=of_campaign), ["audience", "last"])
        return Statistics(
            audience=found["audience"],
            complete=found["last"] == BUCKETS,
            kinds=dict.fromkeys(KINDS, 0) | _added(shards, "kinds"),
            retryable=sum(shard.get("retryable", 0) for shard in shards),
            skipped_reasons=_added(shards, "reasons"),
            minutes=_minutes(shards),
        )

    async def discrepancy(self, campaign: str, statistics: Statistics) -> dict[str, dict[str, int]] | None:
        """Where the counters differ from the number of receipts: by kind, both numbers. None, if all is well."""
        of_campaign = Where("campaign", "==", campaign)
        counted = {}
        for kind in (*sorted(OUTCOMES), "retried"):
            query = Query(collection="receipts", where=[of_campaign, Where("kind", "==", kind)])
            counted[kind] = (await self._documents.sums(query, []))["count"]
        counted["failed"] -= counted["retried"]
        differing = {kind for kind, number in counted.items() if number != statistics.kinds[kind]}
        return {kind: {"counters": statistics.kinds[kind], "ledger": counted[kind]} for kind in differing} or None


def _path(receipt: Receipt) -> str:
    return receipt_path(receipt.message_id, slot(receipt.kind), receipt.attempt)


def _reaction(receipt: Create) -> Happening:
    data = receipt.data
    return reaction(
        receipt.path.partition("/")[2],
        customer=data["customer"],
        kind=data["kind"],
        campaign=data["campaign"],
        at=data["at"],
    )


def _stored(receipt: Receipt) -> dict[str, Any]:
    known = receipt.model_dump(exclude_none=True, exclude={"message_id", "campaign_id", "customer_id"})
    ids = {"message": receipt.message_id, "campaign": receipt.campaign_id, "customer": receipt.customer_id}
    return known | ids | {"slot": slot(receipt.kind)}


def _increments(creates: Sequence[Create]) -> dict[str, Any]:
    kinds = Counter(create.data["kind"] for create in creates)
    kinds["failed"] -= kinds["retried"]
    retryable = sum(_is_retryable(create.data) for create in creates) - kinds["retried"]
    outcomes = [create.data for create in creates if create.data["slot"] == OUTCOME]
    minutes: dict[str, Counter[str]] = defaultdict(Counter)
    for data in outcomes:
        minutes[data["at"].astimezone(UTC).strftime("%Y%m%d%H%M")][data["kind"]] += 1
    reasons = Counter(data["reason"] for data in outcomes if data["kind"] == "skipped" and data.get("reason"))
    increments = {
        "kinds": _as_increments(kinds),
        "minutes": {minute: _as_increments(counted) for minute, counted in minutes.items()},
        "reasons": _as_increments(reasons),
    }
    known = {name: values for name, values in increments.items() if values}  # an empty map would replace what is there
    return known | {"retryable": Increment(retryable)}


def _is_retryable(data: Mapping[str, Any]) -> bool:
    return data["kind"] == "failed" and not data.get("permanent")


def _as_increments(counted: Mapping[str, int]) -> dict[str, Increment]:
    return {name: Increment(number) for name, number in counted.items() if number}


def _added(shards: Sequence[Snapshot], name: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for shard in shards:
        total.update(shard.get(name, {}))
    return dict(total)


def _minutes(shards: Sequence[Snapshot]) -> dict[datetime, dict[str, int]]:
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for shard in shards:
        for minute, kinds in shard.get("minutes", {}).items():
            total[minute].update(kinds)
    return {
        datetime.strptime(minute, "%Y%m%d%H%M").replace(tzinfo=UTC): dict(kinds)
        for minute, kinds in sorted(total.items())
    }
