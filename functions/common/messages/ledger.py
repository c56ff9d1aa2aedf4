"""The ledger: one immutable receipt for each fact about each message, and counters of the receipts.

    receipts/{message id}.outcome    sent, failed, skipped or unknown: a message has one outcome, the first one reported
    receipts/{message id}.retried    what opens the next attempt: retried or corrected
    receipts/{message id}.{kind}     any other kind: delivered, opened, …
    receipts/{message id}.link_clicked-{link}   one for each link that the person followed
    receipts/….{attempt}             the same for the second and later attempts; not of what the person does
    counters/{campaign}.{shard}      the number of receipts by kind, updated in the commit that creates the receipts

So a receipt that arrives twice counts once, the order does not matter, and `audience = sent + failed + skipped +
unknown + pending` holds even if a vendor reports both success and failure for a message. `unknown` is the outcome of a
message that the vendor may have, and that nobody can ask about any more.

A failed message that is retried has a `retried` receipt, which opens its next attempt. It subtracts the failure from
the counters, so that the message is pending again.

An outcome that the vendor did not report itself is an assumption: it has `retry_of_attempt`. If the vendor reports
later, its outcome replaces the assumption: a `corrected` receipt subtracts the assumption, and the outcome is the next
attempt's, in one commit. If a retry has opened that attempt already, the vendor's outcome is recorded for it. The same
commit marks the counters as `corrected`, so that the totals of a finished campaign are updated.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, get_args

from common.audience import CustomerEvent, engagement_event, event_delta
from common.errors import Conflict, Contention, Exists
from common.events import Receipt, ReceiptKind, attempt_id
from common.ids import BUCKETS, random_id, stable_hash
from common.messages.counter_details import SECOND_FORMAT, CounterDetails, sum_nested
from common.storage.create_if_absent import create_absent
from common.storage.documents import (
    Create,
    Delete,
    Documents,
    Increment,
    Merge,
    Put,
    Query,
    Snapshot,
    Update,
    Where,
    Write,
)

log = logging.getLogger(__name__)
COUNTER_SHARDS = 32
"""A campaign has at most this many counter documents, however many instances there ever were."""
KINDS: tuple[ReceiptKind, ...] = get_args(ReceiptKind)
MAY_BE_PERMANENT: tuple[ReceiptKind, ...] = ("failed", "retried", "corrected")
"""The kinds with `permanent`: of an opening, whether the failure that it replaces was."""
MAX_SHARD_CHANGES = 3
FOLDED = "total"
"""The shard of the counters of a campaign whose records were removed."""
OUTCOMES = frozenset({"sent", "failed", "skipped", "unknown"})
OUTCOME = "outcome"
OPENINGS = frozenset({"retried", "corrected"})
"""What opens the next attempt of a message. It takes the outcome of the attempt before out of the counters."""
OPENING = "retried"
OTHER_LINK = "other"
"""Stands for all links that are not the same for everybody."""
ENGAGEMENT_KINDS = frozenset({"sent", "opened", "clicked"})
"""The kinds that rules can use."""
OF_PERSON = frozenset({"opened", "clicked", "link_clicked"})
"""What a person does with a message: it counts once, whatever the attempt. Older code counted it for each attempt."""
MINUTE_FORMAT = "%Y%m%d%H%M"
MAX_MINUTES = 3_000
"""In one counter document; each takes up to 100 bytes of 1 MiB."""
COARSER_FORMATS = ("%Y%m%d%H00", "%Y%m%d0000", "%Y%m010000")
"""The beginning of the hour, the day and the month, as minutes."""

Result = TypeVar("Result")


def slot(kind: str) -> str:
    """The part of a receipt's path that makes it unique: all outcomes share one slot, and so do all openings."""
    if kind in OUTCOMES:
        return OUTCOME
    return OPENING if kind in OPENINGS else kind


def counter_shard(instance: str) -> str:
    """The counter documents of an instance. Two instances may have the same ones: they increment, and never read."""
    return f"{int(stable_hash('counters', instance), 16) % COUNTER_SHARDS:02d}"


def receipt_path(message_id: str, slot_name: str, attempt: int = 1) -> str:
    return f"receipts/{attempt_id(f'{message_id}.{slot_name}', attempt)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """One campaign in numbers. Each one is a number of receipts, or of customers that fan-out has found."""

    audience: int
    audience_complete: bool  # fan-out has finished: the audience does not grow any more
    kinds: Mapping[str, int]
    links: Mapping[str, int] = field(default_factory=dict)  # people who followed a link, by `link_id`
    retryable: int = 0  # failed messages that a retry may deliver
    skipped_reasons: Mapping[str, int] = field(default_factory=dict)
    failed_reasons: Mapping[str, int] = field(default_factory=dict)  # see `CounterDetails`; one may be negative
    minutes: Mapping[datetime, Mapping[str, int]] = field(default_factory=dict)  # outcomes by minute (UTC) and kind
    seconds: Mapping[datetime, Mapping[str, int]] = field(default_factory=dict)  # of the beginning, maybe incomplete
    at: datetime | None = field(default=None, compare=False)  # when the counters were read; None if there are none

    @property
    def pending(self) -> int:
        return self.audience - sum(self.kinds.get(kind, 0) for kind in OUTCOMES)

    @property
    def totals(self) -> dict[str, int]:
        outcomes = {kind: self.kinds.get(kind, 0) for kind in ("sent", "failed", "skipped", "unknown")}
        return {"audience": self.audience, **outcomes, "pending": self.pending}


class Ledger:
    """Records receipts and counts them.

    `shard` names the counter documents of this instance, so that instances do not wait for each other.
    """

    def __init__(self, documents: Documents, *, shard: str) -> None:
        self._documents = documents
        self._shard = shard
        self._details = CounterDetails()

    async def find_unknown_attempts(self, receipts: Sequence[Receipt]) -> list[Receipt]:
        """The receipts of attempts that do not exist. Nothing is read for first attempts."""
        later = [receipt for receipt in receipts if receipt.attempt > 1 and receipt.kind not in OPENINGS]
        paths = [receipt_path(receipt.message_id, OPENING, receipt.attempt) for receipt in later]
        retries = await self._documents.get_all(paths)
        return [receipt for receipt, retry in zip(later, retries, strict=True) if not retry.exists]

    async def record(self, receipts: Sequence[Receipt], *, guard: Sequence[Write] = ()) -> int:
        """Writes the new receipts and their counters in one commit; returns the number of new receipts.

        At most 400 receipts. `guard` are further writes of the commit, with preconditions that it depends on.
        """
        receipts = await self._without_counted_before(receipts)
        creates = [Create(_path(receipt), _to_document(receipt)) for receipt in receipts]
        existing = await self._avoid_contention(
            lambda: create_absent(
                self._documents, creates, extra_writes=lambda created: [*self._extra_writes(created), *guard]
            )
        )
        first = {_path(receipt): receipt for receipt in reversed(receipts)}
        created = len(first) - len(existing)
        _log_recorded([receipt.kind for path, receipt in first.items() if path not in existing])
        _warn_of_unknown([receipt for path, receipt in first.items() if _is_or_becomes_unknown(existing.get(path))])
        for receipt in filter(_is_vendors_outcome, receipts):
            if (path := _path(receipt)) in existing:
                created += await self._replace_assumption(receipt, existing[path])
            elif first[path].retry_of_attempt:  # both are in this call: the assumption was first
                created += await self.record([receipt])
        return created

    async def _without_counted_before(self, receipts: Sequence[Receipt]) -> Sequence[Receipt]:
        """Without what older code has counted under a path with the attempt. Nothing is read for first attempts."""
        later = [receipt for receipt in receipts if receipt.kind in OF_PERSON and receipt.attempt > 1]
        found = await self._documents.get_all([_path_of_attempt(receipt) for receipt in later])
        counted = [receipt for receipt, older in zip(later, found, strict=True) if older.exists]
        return [receipt for receipt in receipts if receipt not in counted]

    async def _avoid_contention(self, commit: Callable[[], Awaitable[Result]]) -> Result:
        """The result of the commit, which includes counters. If these are contended, other ones are used."""
        for _ in range(MAX_SHARD_CHANGES):
            try:
                return await commit()
            except Contention:
                log.warning("counters contended", extra={"event": "counters_contended", "shard": self._shard})
                self._shard = counter_shard(random_id())
        return await commit()

    async def _replace_assumption(self, receipt: Receipt, recorded: Snapshot) -> int:
        """Records what the vendor reported for an attempt that has an outcome already; returns the number of receipts.

        An assumption is replaced; the vendor's own outcome stands. The report is recorded for the attempt after the
        assumption, which a retry under the same idempotency key may have opened already.
        """
        if not _is_assumption(recorded):
            self._warn_of_contradiction(receipt, recorded)
            return 0
        later = receipt.model_copy(update={"attempt": receipt.attempt + 1})
        opening = later.model_copy(
            update={
                "kind": "corrected",
                "replaces": recorded["kind"],
                "permanent": bool(recorded.get("permanent")),
                "reason": recorded.get("reason"),
            }
        )
        both = [Create(_path(one), _to_document(one)) for one in (opening, later)]
        try:
            await self._avoid_contention(lambda: self._documents.commit([*both, *self._extra_writes(both)]))
        except Exists:  # the attempt is open already; its own outcome may be an assumption, too
            return await self.record([later])
        _log_recorded([opening.kind, later.kind])
        return len(both)

    def _warn_of_contradiction(self, receipt: Receipt, recorded: Snapshot) -> None:
        if recorded["kind"] != receipt.kind:
            ids = {"message_id": receipt.message_id, "campaign": receipt.campaign_id}
            fields = {"event": "outcome_contradicted", "recorded": recorded["kind"], "reported": receipt.kind}
            log.warning("the vendor reports another outcome than is recorded", extra=fields | ids)

    def _extra_writes(self, creates: Sequence[Create]) -> Sequence[Write]:
        """The counters, and the delta for the audience index."""
        engagements = [_engagement_event(create) for create in creates if create.data["kind"] in ENGAGEMENT_KINDS]
        return [*self._counters(creates), *event_delta(engagements)]

    def _counters(self, creates: Sequence[Create]) -> Sequence[Write]:
        """One write for each campaign: this instance's counter with the new receipts added."""
        by_campaign: dict[str, list[Create]] = defaultdict(list)
        for create in creates:
            by_campaign[create.data["campaign"]].append(create)
        return [
            Merge(
                f"counters/{campaign}.{self._shard}",
                {
                    "campaign": campaign,
                    **_increments(created),
                    **self._detailed_increments(campaign, created),
                    **_correction_mark(created),
                },
            )
            for campaign, created in by_campaign.items()
        ]

    def _detailed_increments(self, campaign: str, creates: Sequence[Create]) -> dict[str, Any]:
        receipts = [create.data for create in creates]
        outcomes = [receipt for receipt in receipts if receipt["slot"] == OUTCOME]
        return self._details.increments(campaign, receipts, outcomes)

    async def statistics(self, campaign: str) -> Statistics:
        """The sum of the counters over all shards, and the size of the audience.

        The counters are read before the pages. A message is counted only after fan-out has found its recipient, so
        `pending` is never negative, and a complete audience with 0 pending is final.
        """
        of_campaign = [Where("campaign", "==", campaign)]
        shards = await self._documents.query(Query(collection="counters", where=of_campaign))
        pages = _folded_pages(shards)
        if pages is None:
            pages = await self._documents.sums(Query(collection="pages", where=of_campaign), ["audience", "last"])
        return Statistics(
            audience=pages["audience"],
            audience_complete=pages["last"] == BUCKETS,
            kinds=dict.fromkeys(KINDS, 0) | _sum_by_key(shards, "kinds"),
            links=_sum_by_key(shards, "links"),
            retryable=sum(shard.get("retryable", 0) for shard in shards),
            skipped_reasons=_sum_by_key(shards, "reasons"),
            failed_reasons=_sum_by_key(shards, "failed_reasons"),
            minutes=_by_moment(shards, "minutes", MINUTE_FORMAT),
            seconds=_by_moment(shards, "seconds", SECOND_FORMAT),
            at=shards[0].at if shards else None,
        )

    async def shorten(self, campaign: str) -> None:
        """Counts the outcomes of a long campaign by hour, by day or by month, so that its counters fit into documents.

        The sums stay exact. A document that is changed at the same moment is left for the next call.
        """
        query = Query(collection="counters", where=[Where("campaign", "==", campaign)])
        for shard in await self._documents.query(query):
            if len(shard.get("minutes", {})) > MAX_MINUTES:
                minutes = _coarser(_by_moment([shard], "minutes", MINUTE_FORMAT))
                with suppress(Conflict):
                    await self._documents.commit([Update(shard.path, {"minutes": minutes}, shard.version)])

    async def fold(self, campaign: str) -> None:
        """Replaces the counters of a finished campaign by one document with their sums and the audience, in one commit.

        Afterwards the pages are not needed for the statistics. What is recorded later is added. Raises `Conflict` if
        something is recorded at the same moment.
        """
        shards = await self._documents.query(Query(collection="counters", where=[Where("campaign", "==", campaign)]))
        path = f"counters/{campaign}.{FOLDED}"
        if [shard.path for shard in shards] == [path]:
            return
        statistics = await self.statistics(campaign)
        totals = {
            "campaign": campaign,
            "kinds": dict(statistics.kinds),
            "links": dict(statistics.links),
            "outcomes": statistics.audience - statistics.pending,
            "retryable": statistics.retryable,
            "reasons": dict(statistics.skipped_reasons),
            "failed_reasons": dict(statistics.failed_reasons),
            "minutes": _coarser(statistics.minutes),
            "corrected": any(shard.get("corrected") for shard in shards),
            "audience": statistics.audience,
            "last": BUCKETS if statistics.audience_complete else 0,
        }
        folded = next((shard.version for shard in shards if shard.path == path), None)
        put = Put(path, totals, folded) if folded else Create(path, totals)
        deletes = [Delete(shard.path, shard.version) for shard in shards if shard.path != path]
        await self._documents.commit([put, *deletes])

    async def discrepancy(self, campaign: str, statistics: Statistics) -> dict[str, dict[str, int]] | None:
        """Both numbers, by name, wherever the counters differ from the number of receipts; None if there is none.

        The receipts are counted as they were when the counters were read, because further ones may come at any time.
        """
        numbers = await asyncio.gather(
            *(self._count(campaign, statistics.at, kind=kind) for kind in KINDS),
            *(self._count(campaign, statistics.at, kind=kind, permanent=True) for kind in MAY_BE_PERMANENT),
            self._count(campaign, statistics.at, replaces="unknown"),
        )
        by_kind: dict[str, int] = dict(zip(KINDS, numbers, strict=False))
        permanent: dict[str, int] = dict(zip(MAY_BE_PERMANENT, numbers[len(KINDS) :], strict=False))
        ledger = _expected_counters(by_kind, permanent=permanent, replaced_unknown=numbers[-1])
        counters = _compared_counters(statistics)
        different = [name for name, number in ledger.items() if number != counters[name]]
        return {name: {"counters": counters[name], "ledger": ledger[name]} for name in different} or None

    async def _count(self, campaign: str, at: datetime | None, **fields: str | bool) -> int:
        where = [Where(name, "==", value) for name, value in {"campaign": campaign, **fields}.items()]
        sums = await self._documents.sums(Query(collection="receipts", where=where, at=at), [])
        return sums["count"]


def _expected_counters(
    receipts: Mapping[str, int], *, permanent: Mapping[str, int], replaced_unknown: int
) -> dict[str, int]:
    """What the counters have to be, from the numbers of receipts by kind, of the permanent ones, and of the openings
    that replace an unknown outcome.

    Every other opening replaces a failure. (Those of older code do not say so.)
    """
    replaced_failed = sum(receipts[kind] for kind in OPENINGS) - replaced_unknown
    failed = receipts["failed"] - replaced_failed
    permanently_failed = permanent["failed"] - sum(permanent[kind] for kind in OPENINGS)
    return {
        **receipts,
        "links": receipts["link_clicked"],
        "failed": failed,
        "unknown": receipts["unknown"] - replaced_unknown,
        "retryable": failed - permanently_failed,
        "failed_reasons": failed,
        "skipped_reasons": receipts["skipped"],
        **{f"{kind}_over_time": receipts[kind] for kind in OUTCOMES},  # every attempt counts
    }


def _compared_counters(statistics: Statistics) -> dict[str, int]:
    """The counters by the names of `_expected_counters`: of reasons and minutes, their sums."""
    over_time = Counter[str]()
    for kinds in statistics.minutes.values():
        over_time.update(kinds)
    return {
        **statistics.kinds,
        "links": sum(statistics.links.values()),
        "retryable": statistics.retryable,
        "failed_reasons": sum(statistics.failed_reasons.values()),
        "skipped_reasons": sum(statistics.skipped_reasons.values()),
        **{f"{kind}_over_time": over_time[kind] for kind in OUTCOMES},
    }


def _is_or_becomes_unknown(existing: Snapshot | None) -> bool:
    """Whether a receipt that says unknown is recorded: now, or by a call whose answer was lost."""
    return existing is None or existing["kind"] == "unknown"


def _log_recorded(kinds: Sequence[ReceiptKind]) -> None:
    """One line for each kind in a commit, which the metric of messages by kind adds up."""
    for kind, number in Counter(kinds).items():
        log.info("receipts recorded", extra={"event": "receipts_recorded", "kind": kind, "receipts": number})


def _warn_of_unknown(receipts: Sequence[Receipt]) -> None:
    """A person must decide about messages whose fate is unknown: there is an alert on this entry."""
    unknown = Counter(receipt.campaign_id for receipt in receipts if receipt.kind == "unknown")
    for campaign, number in unknown.items():
        fields = {"event": "outcome_unknown", "campaign": campaign, "messages": number}
        log.warning("nobody knows whether the vendor has sent messages", extra=fields)


def _is_vendors_outcome(receipt: Receipt) -> bool:
    """Whether the vendor itself said what happened, so that it outranks an assumption."""
    return receipt.kind in {"sent", "failed"} and receipt.retry_of_attempt is None


def _is_assumption(outcome: Snapshot) -> bool:
    """Whether the outcome was recorded although the vendor may have the message."""
    return bool(outcome.get("retry_of_attempt"))


def _path(receipt: Receipt) -> str:
    return _path_of_attempt(receipt.model_copy(update={"attempt": 1}) if receipt.kind in OF_PERSON else receipt)


def _path_of_attempt(receipt: Receipt) -> str:
    link = f"-{_link(receipt)}" if receipt.kind == "link_clicked" else ""
    return receipt_path(receipt.message_id, f"{slot(receipt.kind)}{link}", receipt.attempt)


def _link(receipt: Receipt) -> str:
    return receipt.link or OTHER_LINK


def _engagement_event(receipt: Create) -> CustomerEvent:
    data = receipt.data
    return engagement_event(
        receipt.path.partition("/")[2],
        customer=data["customer"],
        kind=data["kind"],
        campaign=data["campaign"],
        at=data["at"],
    )


def _to_document(receipt: Receipt) -> dict[str, Any]:
    """Without what is not set; `permanent` is only stored, and indexed, where it is true."""
    left_out = {"message_id", "campaign_id", "customer_id", "permanent", "tracked", "address_hash"}
    fields = receipt.model_dump(exclude_none=True, exclude=left_out)
    fields |= {"permanent": True} if receipt.permanent else {}
    fields |= {"link": _link(receipt)} if receipt.kind == "link_clicked" else {}
    ids = {"message": receipt.message_id, "campaign": receipt.campaign_id, "customer": receipt.customer_id}
    return fields | ids | {"slot": slot(receipt.kind)}


def _increments(creates: Sequence[Create]) -> dict[str, Any]:
    """The changes of a counter document for new receipts: by kind, link, minute and reason for skipping."""
    kinds = Counter(create.data["kind"] for create in creates)
    kinds.subtract(create.data["replaces"] for create in creates if create.data.get("replaces"))
    retryable = sum(_retryable_change(create.data) for create in creates)
    outcomes = [create.data for create in creates if create.data["slot"] == OUTCOME]
    minutes: dict[str, Counter[str]] = defaultdict(Counter)
    for data in outcomes:
        minutes[data["at"].astimezone(UTC).strftime(MINUTE_FORMAT)][data["kind"]] += 1
    reasons = Counter(data["reason"] for data in outcomes if data["kind"] == "skipped" and data.get("reason"))
    links = Counter(create.data["link"] for create in creates if create.data["kind"] == "link_clicked")
    increments: dict[str, Any] = {
        "kinds": _as_increments(kinds),
        "links": _as_increments(links),
        "minutes": {minute: _as_increments(counts) for minute, counts in minutes.items()},
        "reasons": _as_increments(reasons),
    }
    # An empty map would replace the stored one.
    not_empty = {name: values for name, values in increments.items() if values}
    pending_change = sum(kinds[kind] for kind in OUTCOMES)
    return not_empty | {"outcomes": Increment(pending_change), "retryable": Increment(retryable)}


def _correction_mark(creates: Sequence[Create]) -> dict[str, bool]:
    """The mark of counters that change the totals of a campaign which may have finished."""
    return {"corrected": True} if any(create.data["kind"] == "corrected" for create in creates) else {}


def _retryable_change(data: Mapping[str, Any]) -> int:
    """1 for a failure that can be retried, -1 for what takes it back, 0 for everything else."""
    if data.get("permanent"):
        return 0
    return int(data["kind"] == "failed") - int(data.get("replaces") == "failed")


def _as_increments(counts: Mapping[str, int]) -> dict[str, Increment]:
    return {name: Increment(number) for name, number in counts.items() if number}


def _sum_by_key(shards: Sequence[Snapshot], name: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for shard in shards:
        total.update(shard.get(name, {}))
    return dict(total)


def _folded_pages(shards: Sequence[Snapshot]) -> dict[str, int] | None:
    """The sums over the pages, if the counters are folded."""
    folded = next((shard for shard in shards if shard.get("audience") is not None), None)
    return {"audience": folded["audience"], "last": folded["last"]} if folded else None


def _coarser(minutes: Mapping[datetime, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The outcomes by hour, or by the first longer time of which there are few enough, as the counters store them."""
    for time_format in COARSER_FORMATS:
        times: dict[str, Counter[str]] = defaultdict(Counter)
        for minute, kinds in minutes.items():
            times[minute.strftime(time_format)].update(kinds)
        if len(times) <= MAX_MINUTES:
            break
    return {time: dict(kinds) for time, kinds in times.items()}


def _by_moment(shards: Sequence[Snapshot], name: str, time_format: str) -> dict[datetime, dict[str, int]]:
    """The outcomes by moment (UTC) and kind, in order."""
    return {
        datetime.strptime(moment, time_format).replace(tzinfo=UTC): dict(kinds)
        for moment, kinds in sum_nested([shard.get(name, {}) for shard in shards]).items()
    }
