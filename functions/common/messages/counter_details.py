"""What counters keep besides the numbers of each kind: the seconds of the beginning, and why messages failed.

    counters/{campaign}.{shard}   seconds          outcomes by second (UTC) and kind, of the first ten minutes
                                  failed_reasons   failed messages by reason, without those that are retried

Both are part of the increments of a commit that is written anyway. The seconds end ten minutes after the first outcome
that this instance counted, so a counter has at most 600 of them; instances that begin later have later ones too, and
`OutcomeTimes` uses them only where they are complete. An instance names at most `MAX_REASONS` reasons of a campaign.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cachetools import LRUCache

from common.catalogue.failures import reason_group
from common.storage.documents import Increment

DETAILED = timedelta(minutes=10)
MAX_CAMPAIGNS = 200
MAX_REASONS = 50
OTHER = "other"
SECOND_FORMAT = "%Y%m%d%H%M%S"

Outcome = Mapping[str, Any]
"""The fields of a receipt: `kind`, `at`, `reason`."""


@dataclass(eq=False)
class _Campaign:
    """What this instance remembers of one campaign."""

    detailed_until: datetime
    reasons: set[str] = field(default_factory=set)


class CounterDetails:
    """The further increments for new receipts. One object for each instance, as there is one counter for each."""

    def __init__(self) -> None:
        self._campaigns: LRUCache[str, _Campaign] = LRUCache(MAX_CAMPAIGNS)

    def increments(self, campaign: str, receipts: Sequence[Outcome], outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """For all new receipts of a campaign; `outcomes` are those of them that are outcomes. Without empty maps."""
        if not receipts:
            return {}
        known = self._campaigns.get(campaign) or _Campaign(min(one["at"] for one in receipts) + DETAILED)
        self._campaigns[campaign] = known
        details = {"seconds": _seconds(known, outcomes), "failed_reasons": _failed_reasons(known, receipts)}
        return {name: values for name, values in details.items() if values}


def _seconds(known: _Campaign, outcomes: Sequence[Outcome]) -> dict[str, dict[str, Increment]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        if outcome["at"] < known.detailed_until:
            counts[outcome["at"].astimezone(UTC).strftime(SECOND_FORMAT)][outcome["kind"]] += 1
    return {second: {kind: Increment(n) for kind, n in kinds.items()} for second, kinds in counts.items()}


def _failed_reasons(known: _Campaign, receipts: Sequence[Outcome]) -> dict[str, Increment]:
    """A retried message has not failed any more; its `retried` receipt has the reason of the failure."""
    counts: Counter[str] = Counter()
    for receipt in receipts:
        if receipt["kind"] in {"failed", "retried"}:
            counts[_named(known, receipt.get("reason"))] += 1 if receipt["kind"] == "failed" else -1
    return {reason: Increment(number) for reason, number in counts.items() if number}


def _named(known: _Campaign, reason: str | None) -> str:
    group = reason_group(reason)
    if group in known.reasons or len(known.reasons) < MAX_REASONS:
        known.reasons.add(group)
        return group
    return OTHER


def sum_nested(shards: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, Counter[str]]:
    """Counters by time and kind, added over all shards, in order."""
    total: dict[str, Counter[str]] = defaultdict(Counter)
    for shard in shards:
        for moment, kinds in shard.items():
            total[moment].update(kinds)
    return dict(sorted(total.items()))
