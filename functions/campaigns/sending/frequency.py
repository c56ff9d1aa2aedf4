"""Who has had enough messages lately: the frequency cap, as a condition on the customers of the audience index.

The messages are the `sent` events of the index. An event does not say the channel, but its campaign, and each campaign
has one channel: so the campaigns with messages in these days are read, and those on the channel are counted.
Transactional campaigns are not counted, because people need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from common.audience import Audience
from common.frequency_cap import FrequencyCap
from common.rules.sql import Condition, to_naive_utc
from common.storage.documents import Documents

TOO_OFTEN = "too_often"
CAMPAIGNS = "SELECT DISTINCT campaign FROM events WHERE kind = 'sent' AND occurred_at > ? AND occurred_at <= ?"
ENOUGH = """(id IN (SELECT customer FROM events WHERE kind = 'sent' AND occurred_at > ? AND occurred_at <= ?
AND campaign IN (SELECT unnest(?::VARCHAR[])) GROUP BY customer HAVING count(DISTINCT campaign) >= ?))"""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageFrequency:
    """Looks at the messages of the last days."""

    documents: Documents
    audience: Audience

    async def had_enough(self, channel: str, cap: FrequencyCap, now: datetime) -> Condition | None:
        """Selects the people with as many messages on the channel as the cap allows; None if there are none."""
        await self.audience.load_events()
        days = [to_naive_utc(now - timedelta(days=cap.days)), to_naive_utc(now)]
        found = await self.audience.select(CAMPAIGNS, days)
        campaigns = await self.documents.get_all([f"campaigns/{id_}" for (id_,) in found])
        counted = [one.id for one in campaigns if one.get("channel") == channel and not one.get("transactional")]
        return Condition(ENOUGH, (*days, counted, cap.messages)) if counted else None
