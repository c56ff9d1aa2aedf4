"""Fan-out: one message for each person of one bucket of the audience, page by page.

    pages/{campaign}.{bucket}   after     the last person planned
                                planned   the people of the current page, in order
                                audience  how many people were planned so far
                                final     no page follows
                                done      1 when everything planned is published, else 0

A page is first committed, then published, and only then does the next commit move on. So whoever dies half-way
leaves a plan that is published again by the next one, person for person, even if the customers have changed since;
a second publication is harmless, for a message is claimed only once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from common.audience import Audience, Row
from common.documents import Create, Documents, Snapshot, Update
from common.errors import Busy, Conflict, Exists
from common.events import FanOut, Receipt, ReceiptsReported, RecipientFound
from common.publishing import Publisher

from .campaign import Campaign
from .recipients import recipient, skipped

PAGE = 500
MOST_RECEIPTS = 400  # in one event
BUDGET_SECONDS = 240
"""After this long the rest is left to a continuation: well inside the subscription's deadline."""


def page_path(campaign_id: str, bucket: int) -> str:
    return f"pages/{campaign_id}.{bucket}"


class FanOutWorker:
    def __init__(
        self,
        *,
        documents: Documents,
        audience: Audience,
        publisher: Publisher,
        currency: str,
        page: int = PAGE,
        budget: float = BUDGET_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._audience = audience
        self._publisher = publisher
        self._currency = currency
        self._page = page
        self._budget = budget
        self._clock = clock

    async def run(self, command: FanOut) -> None:
        """Raises `Busy` when somebody else moves the same bucket on in the meantime."""
        until = time.monotonic() + self._budget
        while await self._step(command):
            if time.monotonic() > until:
                await self._publisher.publish([command])
                return

    async def _step(self, command: FanOut) -> bool:
        """Publishes what is planned and plans what follows; False when nothing does."""
        stored, page = await self._documents.get_all(
            [f"campaigns/{command.campaign_id}", page_path(command.campaign_id, command.bucket)]
        )
        if stored.get("state") != "running" or page.get("done"):
            return False
        campaign = Campaign.of(stored)
        await self._audience.refresh(since=stored.version)  # the instant of the launch, by the database's clock
        if page.exists:
            await self._publish(campaign, await self._people(page["planned"]))
        if not page.get("final"):
            people, final = await self._plan(campaign, command.bucket, page)
            if not final:
                return True  # published by the next step, which looks first whether the campaign still runs
            await self._publish(campaign, people)
        await self._documents.commit([Update(page.path, {"planned": [], "done": 1})])
        return False

    async def _plan(self, campaign: Campaign, bucket: int, page: Snapshot) -> tuple[Mapping[str, Row | None], bool]:
        """Commits the next page; its people, and whether it is the last."""
        found = await self._audience.page(
            campaign.rule, now=_launch(campaign), bucket=bucket, after_id=page.get("after", ""), limit=self._page
        )
        final = len(found) < self._page
        plan = {
            "campaign": campaign.id,
            "bucket": bucket,
            "planned": [person.id for person in found],
            "after": found[-1].id if found else page.get("after", ""),
            "audience": page.get("audience", 0) + len(found),
            "final": final,
            "done": 0,
        }
        await self._commit(plan, page)
        return {person.id: person for person in found}, final

    async def _commit(self, plan: Mapping[str, Any], page: Snapshot) -> None:
        write = Update(page.path, plan, page.version) if page.exists else Create(page.path, plan)
        try:
            await self._documents.commit([write])
        except (Conflict, Exists) as error:
            raise Busy(f"{page.path} is being moved on by somebody else.") from error

    async def _people(self, planned: Sequence[str]) -> Mapping[str, Row | None]:
        """The planned people as they are now; None for one who was erased since."""
        found = await self._audience.rows(planned)
        return {customer_id: found.get(customer_id) for customer_id in planned}

    async def _publish(self, campaign: Campaign, people: Mapping[str, Row | None]) -> None:
        now = self._clock()
        results = [
            recipient(campaign, person, currency=self._currency, now=now)
            if person
            else skipped(campaign, customer_id, "erased", now=now)
            for customer_id, person in people.items()
        ]
        receipts = [result for result in results if isinstance(result, Receipt)]
        await self._publisher.publish([result for result in results if isinstance(result, RecipientFound)])
        await self._publisher.publish(
            [
                ReceiptsReported(receipts=receipts[start : start + MOST_RECEIPTS])
                for start in range(0, len(receipts), MOST_RECEIPTS)
            ]
        )


def _launch(campaign: Campaign) -> datetime:
    """The "now" of the campaign's rule."""
    assert campaign.launched_at is not None, "a running campaign was launched"
    return campaign.launched_at
