"""What a campaign brought: who ordered after its message, and what the held out did without it.

Everything is computed when somebody asks, by two queries over the events in the audience index, which has each order
and each sent message once, however often they are reported. So recording an order costs nothing more, an order that
comes late or is erased counts as if it had always been so, and there is no counter that could be wrong. The answer is
kept for a minute. Before the records of a campaign are removed, its results are stored in the campaign.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from common.audience import Audience
from common.audience.merged_customers import read_all_merged
from common.caching import TtlCache
from common.clock import Clock
from common.money import to_major_units
from common.rules.sql import to_naive_utc
from common.storage.documents import Documents, Snapshot

from ..sending.audience_plan import plan_lines
from ..sending.holdout import HELD_OUT
from .interval import Share, difference_interval

CACHE_SECONDS = 60
CACHE_SIZE = 500
MESSAGED = ""
"""The label of people in a plan who are not excluded."""

ATTRIBUTED = """
WITH reached AS (SELECT customer, min(occurred_at) AS sent_at FROM events
                 WHERE kind = 'sent' AND campaign = $1 GROUP BY customer),
     orders AS (SELECT o.id, o.customer, o.amount, o.occurred_at FROM events o JOIN reached r ON r.customer = o.customer
                WHERE o.kind = 'order' AND o.occurred_at >= r.sent_at AND o.occurred_at < r.sent_at + to_days($2)),
     credited AS (SELECT o.id, o.customer, o.amount, s.campaign FROM orders o
              JOIN events s ON s.customer = o.customer AND s.kind = 'sent' AND s.occurred_at <= o.occurred_at
              QUALIFY row_number() OVER (PARTITION BY o.id ORDER BY s.occurred_at DESC, s.id DESC) = 1)
SELECT (SELECT count(*) FROM reached), (SELECT max(sent_at) FROM reached),
       count(DISTINCT customer), count(*), coalesce(sum(amount), 0)
FROM credited WHERE campaign = $1
"""
"""An order counts for the last campaign that reached the person before it, and for no other one."""

ORDERED = """
SELECT DISTINCT customer FROM events
WHERE kind = 'order' AND occurred_at >= $1 AND occurred_at < $2
"""


class Group(BaseModel):
    """A part of the audience, and how many of these people ordered."""

    people: int
    ordered: int


class Lift(BaseModel):
    """What the message changed: the share of people who ordered, with the message minus without it.

    Both groups are those of the plan, and are looked at over the same time, so that chance alone decided who is in
    which. Therefore everybody counts whom the plan wanted to reach, also if the message failed: among the held out,
    there are such people, too.
    """

    messaged: Group
    held_out: Group
    difference: float  # of the shares, from -1 to 1
    low: float  # the difference is between `low` and `high`, 19 times of 20
    high: float


class Results(BaseModel):
    """What a campaign brought. An order counts for the last campaign that reached the person before it."""

    conversion_days: int  # an order counts for so many days after the message
    reached: int  # people to whom the message was sent
    converted: int  # of these, how many ordered in that time
    orders: int
    revenue: float  # in the currency
    currency: str  # ISO 4217
    until: datetime | None  # orders count until then; null while nobody is reached
    complete: bool  # whether that is over
    lift: Lift | None  # null if nobody is held out, or nobody is reached yet


@dataclass(frozen=True, kw_only=True, eq=False)
class CampaignResults:
    """Computes results, and keeps each for a minute."""

    documents: Documents
    audience: Audience
    conversion_days: int  # of campaigns that do not say
    currency: str
    clock: Clock
    _kept: TtlCache[str, Results] = field(
        default_factory=lambda: TtlCache(max_size=CACHE_SIZE, ttl=CACHE_SECONDS), init=False
    )

    async def of(self, campaign: Snapshot) -> Results:
        """The results as of now, or as they were when the records of the campaign were removed."""
        if stored := campaign.get("results"):
            return Results.model_validate(stored)
        return await self._kept.get_or_load(campaign.id, lambda _: self.compute(campaign))

    async def compute(self, campaign: Snapshot) -> Results:
        """The results as of now, from the index."""
        await self.audience.refresh()
        await self.audience.load_events()
        days = campaign.get("conversion_days") or self.conversion_days
        [(reached, last, converted, orders, amount)] = await self.audience.select(ATTRIBUTED, [campaign.id, days])
        until = last.replace(tzinfo=UTC) + timedelta(days=days) if last else None
        return Results(
            conversion_days=days,
            reached=reached,
            converted=converted,
            orders=orders,
            revenue=to_major_units(int(amount)),
            currency=self.currency,
            until=until,
            complete=until is not None and until <= self.clock(),
            lift=await self._lift(campaign, until) if until and campaign.get("holdout_percent") else None,
        )

    async def _lift(self, campaign: Snapshot, until: datetime) -> Lift | None:
        """Both groups from the planning until the last order that counts."""
        if not campaign.get("audience_plan"):
            return None
        window = [to_naive_utc(campaign["audience_at"]), to_naive_utc(until)]
        kept = await read_all_merged(self.documents, None)
        ordered = {kept.get(customer, customer) for (customer,) in await self.audience.select(ORDERED, window)}
        groups = PlanGroups(kept=kept, ordered=ordered)
        async for lines in plan_lines(self.documents, campaign):
            await asyncio.to_thread(groups.add, lines)
        messaged, held_out = groups.of(MESSAGED), groups.of(HELD_OUT)
        return compare(messaged, held_out) if messaged.people and held_out.people else None


class PlanGroups:
    """The groups of a plan. Who was merged into somebody since counts as that customer, and who is in both groups by
    that in none of them."""

    def __init__(self, *, kept: Mapping[str, str], ordered: Set[str]) -> None:
        """`kept` are the customers into whom others were merged, by the ids of these."""
        self._kept = kept
        self._ordered = ordered
        self._touched = {*kept, *kept.values()}  # only these can be in a plan under two ids
        self._counts = {label: Group(people=0, ordered=0) for label in (MESSAGED, HELD_OUT)}
        self._merged: dict[str, set[str]] = {MESSAGED: set(), HELD_OUT: set()}

    def add(self, lines: Sequence[str]) -> None:
        """Adds people of the plan. Those who were excluded for another reason are in no group."""
        for line in lines:
            customer, _, label = line.partition(" ")
            if label not in self._counts:
                continue
            if customer in self._touched:
                self._merged[label].add(self._kept.get(customer, customer))
            else:
                self._count(label, customer)

    def of(self, label: str) -> Group:
        """One group, when all people were added."""
        other = self._merged[HELD_OUT if label == MESSAGED else MESSAGED]
        merged = self._merged[label] - other
        counted = self._counts[label]
        return Group(people=counted.people + len(merged), ordered=counted.ordered + len(merged & self._ordered))

    def _count(self, label: str, customer: str) -> None:
        group = self._counts[label]
        group.people += 1
        group.ordered += customer in self._ordered


def compare(messaged: Group, held_out: Group) -> Lift:
    """The lift of two groups that are not empty."""
    one, other = (Share(group.ordered, group.people) for group in (messaged, held_out))
    low, high = difference_interval(one, other)
    return Lift(messaged=messaged, held_out=held_out, difference=one.value - other.value, low=low, high=high)
