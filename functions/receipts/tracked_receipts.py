"""What somebody's click, or the loading of an image, says about a person: it is decided before it is recorded.

    visits/{message}   links        when each link of the message was followed last, by what may be a person
                       expires_at   a day later

Scanners of mail follow all links of a message at once, under the name of a browser. So a click is noted and judged two
seconds later: if another link of the message was followed within a second of it, a machine did both. A person who
clicks has opened the message, too, whether or not their mail program showed the image.

What counts is when the links were followed, not when that is handled. But in a backlog the reports of a scanner's
clicks may be handled more than two seconds apart; then the first one is taken for a person's.

Nothing is recorded about people who were erased, nor about campaigns whose receipts were removed: it would count anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from common.audience.merged_customers import read_customer
from common.clock import Clock, utc_now
from common.events import Receipt
from common.mail.links import link_id
from common.messages.ledger import OTHER_LINK
from common.storage.documents import Documents, Merge

AT_ONCE = timedelta(seconds=1)
"""Nobody follows two links of a message in this time."""
JUDGED_AFTER = timedelta(seconds=2)
RETENTION = timedelta(days=1)


class TrackedReceipts:
    """Turns what was seen into the receipts to record."""

    def __init__(
        self,
        documents: Documents,
        *,
        clock: Clock = utc_now,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._sleep = sleep

    async def judge(self, seen: Receipt) -> list[Receipt]:
        """The receipts to record for one that is `tracked`. Of a click it takes two seconds."""
        customer = await read_customer(self._documents, seen.customer_id)
        campaign = await self._documents.get(f"campaigns/{seen.campaign_id}")
        if not customer.exists or campaign.get("purged_at"):
            return []
        if seen.kind != "link_clicked":
            return [seen]
        if await self._is_scanner(seen):
            return [seen.model_copy(update={"kind": "machine_clicked", "link": None})]
        known = {link_id(address) for address in campaign.get("links") or ()}
        link = seen.link if seen.link in known else OTHER_LINK
        followed = seen.model_copy(update={"link": link})
        return [followed, *(seen.model_copy(update={"kind": kind, "link": None}) for kind in ("clicked", "opened"))]

    async def _is_scanner(self, click: Receipt) -> bool:
        """Whether another link of the message was followed at the same time. Notes this one for the others."""
        path, link = f"visits/{click.message_id}", click.link or OTHER_LINK
        visit = {"links": {link: click.at}, "expires_at": self._clock() + RETENTION}
        await self._documents.commit([Merge(path, visit)])
        await self._sleep(JUDGED_AFTER.total_seconds())
        visits: dict[str, datetime] = (await self._documents.get(path)).get("links", {})
        return any(abs(at - click.at) <= AT_ONCE for other, at in visits.items() if other != link)
