"""The ledger: one immutable document for each thing that happened to each message, and the counters beside it.

    receipts/{message id}.outcome    sent, failed or skipped: a message has one outcome, whichever came first
    receipts/{message id}.{kind}     everything else: delivered, opened, …
    counters/{campaign}.{shard}      how many of each kind, increased in the very commit that creates the receipts

So a receipt that comes twice counts once, the order does not matter, and `audience = sent + failed + skipped +
pending` cannot be broken by a vendor that reports both success and failure for a message.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args

from common.documents import Create, Documents, Increment, Merge, Query, Snapshot, Where, Write
from common.events import Receipt, ReceiptKind
from common.ids import BUCKETS
from common.once import create_new

KINDS: tuple[ReceiptKind, ...] = get_args(ReceiptKind)
OUTCOMES = frozenset({"sent", "failed", "skipped"})
OUTCOME = "outcome"


def slot(kind: str) -> str:
    """What a message can have only one of."""
    return OUTCOME if kind in OUTCOMES else kind


def receipt_path(message_id: str, of: str) -> str:
    return f"receipts/{message_id}.{of}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """One campaign in numbers; every one of them is the number of certain receipts, or of people found by fan-out."""

    audience: int
    complete: bool  # fan-out is over: the audience grows no more
    kinds: Mapping[str, int]
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

    async def record(self, receipts: Sequence[Receipt]) -> int:
        """Writes the receipts that are new, with their counters, in one commit; answers how many those were.

        At most 400 receipts.
        """
        creates = [Create(receipt_path(one.message_id, slot(one.kind)), _stored(one)) for one in receipts]
        existing = await create_new(self._documents, creates, along=self._counters)
        return len({create.path for create in creates}) - len(existing)

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
        found = await self._documents.sums(Query(collection="pages", where=of_campaign), ["audience", "done"])
        return Statistics(
            audience=found["audience"],
            complete=found["done"] == BUCKETS,
            kinds=dict.fromkeys(KINDS, 0) | _added(shards, "kinds"),
            skipped_reasons=_added(shards, "reasons"),
            minutes=_minutes(shards),
        )

    async def miscounted(self, campaign: str, statistics: Statistics) -> dict[str, int]:
        """Outcomes with another number of receipts than the counters say, which must never be; one read for each 1,000
        receipts. Only sure for a campaign that nothing happens in any more."""
        found = {kind: await self._number(campaign, kind) for kind in sorted(OUTCOMES)}
        return {kind: number for kind, number in found.items() if number != statistics.kinds.get(kind, 0)}

    async def _number(self, campaign: str, kind: str) -> int:
        of_kind = [Where("campaign", "==", campaign), Where("kind", "==", kind)]
        found = await self._documents.sums(Query(collection="receipts", where=of_kind), [])
        return found["count"]


def _stored(receipt: Receipt) -> dict[str, Any]:
    known = receipt.model_dump(exclude_none=True, exclude={"message_id", "campaign_id", "customer_id"})
    ids = {"message": receipt.message_id, "campaign": receipt.campaign_id, "customer": receipt.customer_id}
    return known | ids | {"slot": slot(receipt.kind)}


def _increments(creates: Sequence[Create]) -> dict[str, Any]:
    kinds = Counter(create.data["kind"] for create in creates)
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
    return {name: values for name, values in increments.items() if values}  # an empty map would replace what is there


def _as_increments(counted: Mapping[str, int]) -> dict[str, Increment]:
    return {name: Increment(number) for name, number in counted.items()}


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
