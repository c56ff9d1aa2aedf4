"""What all campaigns together brought in the last 30 days, and in the 30 days before.

It is computed from the events of the audience index, in memory, by four small queries. The vendors' reports are only in
the counters of campaigns: so `delivered` and `unsubscribed` are those of the campaigns that wrote to somebody in that
time, and they are not known if there were many of these. The answer is kept for a minute.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from common.audience import Audience
from common.caching import TtlCache
from common.clock import Clock
from common.messages.ledger import Ledger
from common.money import to_major_units
from common.rules.sql import to_naive_utc

DAYS = 30
MAX_CAMPAIGNS = 50
"""Of a period, whose counters are read."""
CACHE_SECONDS = 60
MAX_SECONDS = 3.0
"""The home page does not wait longer: the first answer of an instance may have to load all events."""

MESSAGES = """
WITH sent AS (SELECT DISTINCT customer, campaign FROM events
              WHERE kind = 'sent' AND occurred_at >= $1 AND occurred_at < $2)
SELECT count(DISTINCT customer), count(*),
       count(*) FILTER ((customer, campaign) IN (SELECT (customer, campaign) FROM events WHERE kind = 'opened')),
       list(DISTINCT campaign)
FROM sent
"""

ORDERS = """
SELECT count(*), coalesce(sum(amount), 0) FROM events AS o
WHERE kind = 'order' AND occurred_at >= $1 AND occurred_at < $2 AND EXISTS (
  SELECT 1 FROM events AS s WHERE s.kind = 'sent' AND s.customer = o.customer
  AND s.occurred_at <= o.occurred_at AND s.occurred_at > o.occurred_at - to_days($3))
"""


class PeriodFigures(BaseModel):
    """What happened in 30 days. People and messages are counted once, however often something is reported."""

    reached: int  # people to whom a message was sent
    messages: int = Field(description="one for each person and campaign")
    opened: int = Field(description="of these messages; not by machines")
    orders: int = Field(description="within so many days after a message as `CONVERSION_DAYS` says")
    revenue: float  # of these orders, in the currency
    campaigns: int  # that sent a message
    sent: int | None = Field(description="by these campaigns in all; null if they are too many to be read")
    delivered: int | None = Field(description="of `sent`, as vendors report")
    unsubscribed: int | None = Field(description="people, by a message of these campaigns")


class LastDays(BaseModel):
    """The last 30 days until now, and the 30 days before."""

    days: int = DAYS
    now: PeriodFigures
    before: PeriodFigures


@dataclass(frozen=True, kw_only=True, eq=False)
class LastDaysFigures:
    """Computes the figures, and keeps them for a minute."""

    audience: Audience
    ledger: Ledger
    conversion_days: int
    clock: Clock
    max_seconds: float = MAX_SECONDS
    _kept: TtlCache[str, LastDays | None] = field(
        default_factory=lambda: TtlCache(max_size=1, ttl=CACHE_SECONDS), init=False
    )

    async def read(self) -> LastDays | None:
        """The figures; None if they are not known in time. Then nobody waits for them again for a minute."""
        try:
            async with asyncio.timeout(self.max_seconds):
                return await self._kept.get_or_load("", lambda _: self._compute())
        except TimeoutError:
            self._kept.set("", None)
            return None

    async def _compute(self) -> LastDays:
        await self.audience.load_events()
        end = self.clock()
        middle = end - timedelta(days=DAYS)
        now, before = await asyncio.gather(
            self._figures(middle, end), self._figures(middle - timedelta(days=DAYS), middle)
        )
        return LastDays(now=now, before=before)

    async def _figures(self, start: datetime, end: datetime) -> PeriodFigures:
        """The figures from `start` until before `end`."""
        period = [to_naive_utc(start), to_naive_utc(end)]
        [(reached, messages, opened, campaigns)] = await self.audience.select(MESSAGES, period)
        [(orders, amount)] = await self.audience.select(ORDERS, [*period, self.conversion_days])
        kinds = await self._sum_kinds(campaigns or [])
        return PeriodFigures(
            reached=reached,
            messages=messages,
            opened=opened,
            orders=orders,
            revenue=to_major_units(int(amount)),
            campaigns=len(campaigns or []),
            **kinds,
        )

    async def _sum_kinds(self, campaigns: list[str]) -> dict[str, int | None]:
        """What the counters of the campaigns say together."""
        names = ("sent", "delivered", "unsubscribed")
        if len(campaigns) > MAX_CAMPAIGNS:
            return dict.fromkeys(names)
        statistics = await asyncio.gather(*map(self.ledger.statistics, campaigns))
        return {name: sum(one.kinds.get(name, 0) for one in statistics) for name in names}
