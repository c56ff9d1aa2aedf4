"""How many summaries Gemini may write in a day, for all instances together.

pacing/summaries.{day}   used         how many were asked for
                         expires_at   a week later
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from common.clock import Clock
from common.storage.documents import Create, Documents, Increment, Update, Write
from common.storage.optimistic_commit import commit_with_retry

RETENTION = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class SummaryBudget:
    """The budget of this deployment. A day is a day in UTC."""

    documents: Documents
    per_day: int
    clock: Clock

    async def take(self) -> bool:
        """Whether one more summary may be asked for today; it is counted, whatever becomes of it."""
        now = self.clock()
        path = f"pacing/summaries.{now:%Y-%m-%d}"

        async def build(_: int) -> tuple[bool, list[Write]]:
            used = await self.documents.get(path)
            if used.get("used", 0) >= self.per_day:
                return False, []
            return True, [_count_one(path, now, used.version)]

        return await commit_with_retry(self.documents, build)


def _count_one(path: str, now: datetime, version: datetime | None) -> Write:
    if version is None:
        return Create(path, {"used": 1, "expires_at": now + RETENTION})
    return Update(path, {"used": Increment(1)}, version)
