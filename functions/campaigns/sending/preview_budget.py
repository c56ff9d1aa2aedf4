"""How often Gemini is asked on one day for what is not sent to customers: previews, tests and help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from common.clock import Clock
from common.errors import BudgetUsedUp
from common.llm.usage import GeminiUsage, TokenUsage

KEPT = timedelta(days=40)  # so long the number of calls of a day is kept


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewBudget:
    """A number of calls a day for the whole deployment. A request that began within it may go over it."""

    usage: GeminiUsage
    calls_per_day: int
    clock: Clock

    async def require(self) -> None:
        """Raises `BudgetUsedUp` if the calls of the day are used up."""
        if (await self.usage.get(self._scope)).calls >= self.calls_per_day:
            raise BudgetUsedUp(f"Gemini's previews of today are used up: {self.calls_per_day} calls.")

    async def record(self, used: TokenUsage) -> None:
        await self.usage.add({self._scope: used}, expires_at=self.clock() + KEPT)

    @property
    def _scope(self) -> str:
        return f"previews-{self.clock():%Y%m%d}"
