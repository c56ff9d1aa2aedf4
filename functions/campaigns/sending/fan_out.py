"""Fan-out: one message for each person of one bucket of the audience, page by page.

    pages/{campaign}.{bucket}.{number}   planned   the people of this page, in order
                                         skipped   those of them who are left out, and why
                                         after     the last of them: where the next page begins
                                         audience  how many they are
                                         done      1 when all of them are published, else 0
                                         last      1 when it is done and no page follows, else 0

A page is created before it is published, and is done after. So whoever dies half-way leaves a plan that is published
again by the next one, person for person, even if the customers have changed since; a second publication is harmless,
for a message is claimed only once. Two who plan the same page at once agree on the one that was created.

Who matches the rule is asked with the launch as its "now"; but of the people as they are when their page is planned or
published: who withdraws their consent while a campaign is paused is not written to after it is resumed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from common.audience import Audience, Row
from common.errors import Exists
from common.events import FanOut, MessagePersonalized, ReceiptsReported, RecipientFound
from common.messages.deferred import DeferredMessages, Waiting
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Documents, Snapshot, Update

from ..model.campaign import Campaign
from .recipients import left_out, recipient, skipped, unsent

PAGE = 500
MOST_RECEIPTS = 400  # in one event
BUDGET_SECONDS = 240
"""After this long the rest is left to a continuation: well inside the subscription's deadline."""


def page_path(campaign_id: str, bucket: int, number: int) -> str:
    return f"pages/{campaign_id}.{bucket}.{number}"


class FanOutWorker:
    """`rates` are the vendors that take only so many messages a minute: theirs wait to be released by `tick`."""

    def __init__(
        self,
        *,
        documents: Documents,
        audience: Audience,
        publisher: Publisher,
        held: DeferredMessages,
        currency: str,
        rates: Mapping[str, int],
        page: int = PAGE,
        budget: float = BUDGET_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._documents = documents
        self._audience = audience
        self._publisher = publisher
        self._held = held
        self._currency = currency
        self._rates = rates
        self._page = page
        self._budget = budget
        self._clock = clock

    async def run(self, command: FanOut) -> None:
        """Until the bucket is done, the campaign is paused, or the time is over."""
        until = time.monotonic() + self._budget
        number, after = command.page, None
        while True:
            stored = await self._documents.get(f"campaigns/{command.campaign_id}")
            if stored.get("state") not in {"running", "cancelled"}:
                return
            page = await self._step(stored, command, number, after)
            if page["final"]:
                return
            number, after = number + 1, page["after"]
            if time.monotonic() > until:
                await self._publisher.publish([command.model_copy(update={"page": number})])
                return

    async def _step(self, stored: Snapshot, command: FanOut, number: int, after: str | None) -> Snapshot:
        """Sees one page through, whatever of it is there already."""
        campaign = Campaign.of(stored)
        page = await self._documents.get(page_path(campaign.id, command.bucket, number))
        people: Mapping[str, Row | None] | None = None
        if not page.exists:
            page, people = await self._plan(campaign, page, command.bucket, after or await self._after(command, number))
        if not page["done"]:
            await self._publish(campaign, page, people or await self.people(page["planned"]))
            await self._documents.commit([Update(page.path, {"done": 1, "last": int(page["final"])})])
        return page

    async def _after(self, command: FanOut, number: int) -> str:
        """Where the page before this one ended."""
        if number == 0:
            return ""
        before = await self._documents.get(page_path(command.campaign_id, command.bucket, number - 1))
        return str(before["after"])

    async def _plan(
        self, campaign: Campaign, page: Snapshot, bucket: int, after: str
    ) -> tuple[Snapshot, Mapping[str, Row] | None]:
        """Creates the page; without its people where somebody else did so in the meantime."""
        await self._audience.refresh()
        found = await self._audience.page(
            campaign.rule, now=_launch(campaign), bucket=bucket, after_id=after, limit=self._page
        )
        reasons = {person.id: left_out(campaign, person) for person in found}
        plan = {
            "campaign": campaign.id,
            "bucket": bucket,
            "planned": list(reasons),
            "skipped": {customer: reason for customer, reason in reasons.items() if reason},
            "after": found[-1].id if found else after,
            "audience": len(found),
            "final": len(found) < self._page,
            "done": int(not found),
            "last": int(not found),
        }
        try:
            await self._documents.commit([Create(page.path, plan)])
        except Exists:
            return await self._documents.get(page.path), None
        return Snapshot(path=page.path, data=plan, version=None, at=page.at), {one.id: one for one in found}

    async def people(self, planned: Sequence[str]) -> Mapping[str, Row | None]:
        """The planned people as they are now; None for one who was erased since."""
        await self._audience.refresh()
        found = await self._audience.rows(planned)
        return {customer_id: found.get(customer_id) for customer_id in planned}

    async def _publish(self, campaign: Campaign, page: Snapshot, people: Mapping[str, Row | None]) -> None:
        await self.send(campaign, {who: row for who, row in people.items() if who not in page["skipped"]})
        await self.skip(campaign, page["skipped"], people)

    async def skip(self, campaign: Campaign, reasons: Mapping[str, str], people: Mapping[str, Row | None]) -> None:
        """Those who were left out from the start, each for their reason."""
        now = self._clock()
        receipts = [
            skipped(campaign, customer, reason, person=people.get(customer), now=now)
            for customer, reason in reasons.items()
        ]
        await self._publisher.publish(
            [
                ReceiptsReported(receipts=receipts[start : start + MOST_RECEIPTS])
                for start in range(0, len(receipts), MOST_RECEIPTS)
            ]
        )

    async def send(self, campaign: Campaign, people: Mapping[str, Row | None], *, attempt: int = 1) -> None:
        """A message for each. Who cannot be written to any more has to go the whole way too: only delivery knows
        whether the message was sent before."""
        messages: list[RecipientFound | MessagePersonalized] = [
            recipient(campaign, person, currency=self._currency, attempt=attempt, checked_at=self._audience.at)
            if person
            else unsent(campaign, customer, "erased", attempt=attempt)
            for customer, person in people.items()
        ]
        await self.dispatch(campaign, messages)

    async def dispatch(self, campaign: Campaign, messages: Sequence[RecipientFound | MessagePersonalized]) -> None:
        """On their way, or put aside until the rate allows it; of a cancelled campaign, as not to be sent."""
        if campaign.state == "cancelled":
            await self._publisher.publish([message.skipped("cancelled") for message in messages])
        elif campaign.per_minute or campaign.vendor in self._rates:
            until = self._clock()
            await self._held.hold([Waiting(event=message, reason="rate", until=until) for message in messages])
        else:
            await self._publisher.publish(messages)


def _launch(campaign: Campaign) -> datetime:
    """The "now" of the campaign's rule."""
    assert campaign.launched_at is not None, "a running campaign was launched"
    return campaign.launched_at
