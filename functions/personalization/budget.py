"""The budget: how often Gemini may be asked for one campaign, and on one day by the whole deployment.

Calls are counted as they are made, in `gemini_usage`, for several calls in one commit. An instance looks at the sums of
all instances every few seconds and adds its own calls since then, so a cap is exceeded by what other instances do in
these seconds at most. People whose call is not allowed any more get the template.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from common.batching import Batcher
from common.caching import TtlCache
from common.clock import Clock, utc_now
from common.errors import HeraldError
from common.llm.usage import GeminiUsage, TokenUsage

log = logging.getLogger(__name__)
CACHE_TTL_SECONDS = 3.0
MAX_CACHED = 1_000
KEPT = timedelta(days=40)  # so long the number of calls of a day is kept
Used = tuple[str, TokenUsage]
"""A campaign, and what was used for it."""


class GeminiBudget:
    """`calls_per_day` is the cap of the deployment, None without one. `monotonic` is the clock of the cache."""

    def __init__(
        self,
        usage: GeminiUsage,
        *,
        calls_per_day: int | None,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._usage = usage
        self._calls_per_day = calls_per_day
        self._clock = clock
        self._sums: TtlCache[str, int] = TtlCache(max_size=MAX_CACHED, ttl=CACHE_TTL_SECONDS, clock=monotonic)
        self._own: Counter[str] = Counter()  # calls of this instance since the sum of a scope was read
        self._records: Batcher[Used, None] = Batcher(self._record, max_items=200)

    async def reserve(self, campaign_id: str, max_calls: int | None) -> str | None:
        """Reserves one call; the reason why it is not allowed, or None. Without caps nothing is read."""
        caps = {campaign_id: (max_calls, "campaign"), self._day: (self._calls_per_day, "day")}
        for scope, (cap, name) in caps.items():
            if cap is not None and await self._calls(scope) >= cap:
                return f"budget: The {name}'s {cap} calls of Gemini are used up."
        self._own.update(scope for scope, (cap, _) in caps.items() if cap is not None)
        return None

    async def record(self, campaign_id: str, used: TokenUsage) -> None:
        """Counts what was used. Messages do not wait for numbers: if the database refuses them, they are logged."""
        for scope in (campaign_id, self._day):
            if scope in self._own:
                self._own[scope] += used.calls - 1  # one was reserved
        try:
            await self._records.submit((campaign_id, used))
        except HeraldError as error:
            details = {"event": "gemini_usage_lost", "campaign": campaign_id, "calls": used.calls, "reason": str(error)}
            log.warning("calls of Gemini are not counted", extra=details)

    async def _calls(self, scope: str) -> int:
        known = self._sums.get(scope)
        if known is None:
            self._own[scope] = 0
            known = (await self._usage.get(scope)).calls
            self._sums.set(scope, known)
        return known + self._own[scope]

    async def _record(self, records: Sequence[Used]) -> Sequence[None]:
        """Adds up what several calls used, for their campaigns and for the day."""
        totals: dict[str, TokenUsage] = {}
        for campaign_id, used in records:
            totals[campaign_id] = totals.get(campaign_id, TokenUsage()) + used
        await self._usage.add(totals)
        day = sum(totals.values(), TokenUsage())
        await self._usage.add({self._day: day}, expires_at=self._clock() + KEPT)
        tokens = {"input_tokens": day.input_tokens, "output_tokens": day.output_tokens}
        log.info("Gemini was used", extra={"event": "gemini_used", "calls": day.calls, **tokens})
        return [None] * len(records)

    @property
    def _day(self) -> str:
        return f"day-{self._clock():%Y%m%d}"
