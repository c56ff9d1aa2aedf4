"""Fan-out: publishes one message for each recipient of one bucket of the audience, page by page.

    pages/{campaign}.{bucket}.{number}   planned   the customer ids of this page, in order
                                         skipped   the excluded ones among them, and the reasons
                                         after     the last customer id: the next page starts after it
                                         audience  the number of planned customers
                                         final     whether no page follows
                                         done      1 if all of them are published, else 0
                                         last      1 if the page is done and final, else 0

A page is created before its messages are published, and marked as done after. If the process dies in between, the next
delivery of the command publishes the same page again. Publishing twice is harmless,
because a message is claimed only once. If two processes plan the same page, both use the one that was created.

The people come from the campaign's plan: the audience is that of one moment, see `audience_plan.py`. Consent and
addresses are read again when the page is published: a customer who withdraws consent while the campaign is paused gets
no message after it is resumed. Of the audience index, only the command's bucket is loaded.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from common.audience import Audience, CustomerRow
from common.audience.bucket_choice import HeldBuckets
from common.audience.stored_customers import read_rows
from common.batching import chunked
from common.clock import Clock, utc_now
from common.errors import Exists
from common.events import FanOut, MessageReady, ReceiptsReported, RecipientSelected
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.messages.send_times import SendTimes, Wait
from common.pubsub.publisher import Publisher
from common.storage.documents import Create, Documents, Snapshot, Update

from ..model.campaign import Campaign
from .audience_plan import AudiencePlanner, PlannedPerson
from .recipients import skip_event, skipped_receipt, to_event
from .waits import find_waits

PAGE_SIZE = 500
MAX_RECEIPTS = 400
"""In one event."""
BUDGET_SECONDS = 240
"""After this time a continuation is published. It is well below the acknowledgement deadline of the subscription."""


def page_path(campaign_id: str, bucket: int, number: int) -> str:
    return f"pages/{campaign_id}.{bucket}.{number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentRows:
    """Customers by id, as they were at one instant or later; None for one who was erased.

    A customer who was merged into another is the other one, under the id that was asked for.
    """

    at: datetime | None
    rows: Mapping[str, CustomerRow | None]


class FanOutWorker:
    """Publishes the messages of a campaign. `audience` has the buckets that are held.

    `rates` are the maximum numbers of messages per minute, by vendor. The messages for these vendors are deferred, and
    dispatched by `tick`. `unknown_allowed` are the channels that may be used although nobody knows of a consent.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        audience: Audience,
        held: HeldBuckets,
        planner: AudiencePlanner,
        publisher: Publisher,
        deferred: DeferredMessages,
        currency: str,
        zone: tzinfo,
        send_times: SendTimes,
        rates: Mapping[str, int],
        unknown_allowed: Collection[str],
        page_size: int = PAGE_SIZE,
        budget_seconds: float = BUDGET_SECONDS,
        clock: Clock = utc_now,
    ) -> None:
        self._documents = documents
        self._audience = audience
        self._held = held
        self._planner = planner
        self._publisher = publisher
        self._deferred = deferred
        self._currency = currency
        self._zone = zone
        self._send_times = send_times
        self._rates = rates
        self.unknown_allowed = unknown_allowed
        self._page_size = page_size
        self._budget_seconds = budget_seconds
        self._clock = clock

    async def run(self, command: FanOut) -> None:
        """Processes pages until the bucket is done, the campaign is paused, or the time budget is used up."""
        with self._held.hold(command.bucket):
            await self._run(command)

    async def _run(self, command: FanOut) -> None:
        """Processes pages, while the command's bucket is held."""
        until = time.monotonic() + self._budget_seconds
        number, after = command.page, None
        people: list[PlannedPerson] | None = None
        while True:
            stored = await self._documents.get(f"campaigns/{command.campaign_id}")
            if stored.get("state") not in {"running", "cancelled"}:
                return
            if people is None:
                stored = await self._planner.ensure_planned(stored)
                people = await self._planner.people(stored, command.bucket)
            page = await self._process_page(stored, command, people, number, after)
            if page["final"]:
                return
            number, after = number + 1, page["after"]
            if time.monotonic() > until:
                await self._publisher.publish([command.model_copy(update={"page": number})])
                return

    async def _process_page(
        self, stored: Snapshot, command: FanOut, people: Sequence[PlannedPerson], number: int, after: str | None
    ) -> Snapshot:
        """Creates the page if it does not exist, and publishes it if it is not done."""
        campaign = Campaign.from_snapshot(stored)
        page = await self._documents.get(page_path(campaign.id, command.bucket, number))
        if not page.exists:
            after = after or await self._start_of_page(command, number)
            page = await self._create_page(campaign, page, command.bucket, people, after)
        if not page["done"]:
            await self._publish(campaign, page, await self._current_rows(page["planned"]))
            await self._documents.commit([Update(page.path, {"done": 1, "last": int(page["final"])})])
        return page

    async def _start_of_page(self, command: FanOut, number: int) -> str:
        """The last customer id of the previous page; empty for the first page."""
        if number == 0:
            return ""
        previous = await self._documents.get(page_path(command.campaign_id, command.bucket, number - 1))
        return str(previous["after"])

    async def _create_page(
        self, campaign: Campaign, page: Snapshot, bucket: int, people: Sequence[PlannedPerson], after: str
    ) -> Snapshot:
        """The page with the next people of the plan, or the one that another process created first."""
        start = bisect_right(people, after, key=lambda person: person[0])
        planned = dict(people[start : start + self._page_size])
        plan = {
            "campaign": campaign.id,
            "bucket": bucket,
            "planned": list(planned),
            "skipped": {customer: reason for customer, reason in planned.items() if reason},
            "after": next(reversed(planned), after),
            "audience": len(planned),
            "final": start + self._page_size >= len(people),
            "done": int(not planned),
            "last": int(not planned),
        }
        try:
            await self._documents.commit([Create(page.path, plan)])
        except Exists:
            return await self._documents.get(page.path)
        return Snapshot(path=page.path, data=plan, version=None, at=page.at)

    async def _current_rows(self, customer_ids: Sequence[str]) -> CurrentRows:
        """Customers of the bucket that is held. Who is not in the index any more is looked up in the database."""
        await self._audience.refresh()
        at = self._audience.read_at
        rows = await self._audience.rows(customer_ids)
        stored = await read_rows(self._documents, set(customer_ids) - rows.keys())
        return CurrentRows(at=at, rows={id_: rows.get(id_) or stored.rows.get(id_) for id_ in customer_ids})

    async def current_rows(self, customer_ids: Sequence[str]) -> CurrentRows:
        """Customers of any buckets, from the database: for these, the index would be loaded as a whole."""
        stored = await read_rows(self._documents, customer_ids)
        return CurrentRows(at=stored.at, rows={id_: stored.rows.get(id_) for id_ in customer_ids})

    async def _publish(self, campaign: Campaign, page: Snapshot, customers: CurrentRows) -> None:
        to_send = {id_: row for id_, row in customers.rows.items() if id_ not in page["skipped"]}
        await self.send(campaign, CurrentRows(at=customers.at, rows=to_send))
        await self.skip(campaign, page["skipped"], customers)

    async def skip(self, campaign: Campaign, reasons: Mapping[str, str], customers: CurrentRows) -> None:
        """Publishes a `skipped` receipt for each excluded customer; `reasons` is by customer id."""
        now = self._clock()
        receipts = [
            skipped_receipt(campaign, customer, reason, row=customers.rows.get(customer), now=now)
            for customer, reason in reasons.items()
        ]
        await self._publisher.publish([ReceiptsReported(receipts=batch) for batch in chunked(receipts, MAX_RECEIPTS)])

    async def send(
        self,
        campaign: Campaign,
        customers: CurrentRows,
        *,
        attempt: int = 1,
        retry_of_attempt: int | None = None,
    ) -> None:
        """Publishes a message for each customer id.

        A customer who is now excluded or erased gets an event too: only delivery knows if the message was sent before.
        """
        messages: list[RecipientSelected | MessageReady] = [
            to_event(
                campaign,
                row,
                currency=self._currency,
                zone=self._zone,
                attempt=attempt,
                unknown_allowed=self.unknown_allowed,
                address_checked_at=customers.at,
            )
            if row
            else skip_event(campaign, customer, "erased", attempt=attempt)
            for customer, row in customers.rows.items()
        ]
        opened_by = {"retry_of_attempt": retry_of_attempt}
        await self.dispatch(campaign, [message.model_copy(update=opened_by) for message in messages])

    async def dispatch(self, campaign: Campaign, messages: Sequence[RecipientSelected | MessageReady]) -> None:
        """Publishes the messages, or defers them if there is a rate limit. Of a cancelled campaign they are skipped.

        Where there is a rate, who sleeps waits from the beginning, and takes no turn of somebody else.
        """
        if campaign.state == "cancelled":
            await self._publisher.publish([message.as_skipped("cancelled") for message in messages])
        elif campaign.per_minute or campaign.vendor in self._rates:
            now = self._clock()
            waits = await find_waits(self._documents, self._send_times, messages, now)
            await self._deferred.defer(
                [_as_deferred(message, wait, now) for message, wait in zip(messages, waits, strict=True)]
            )
        else:
            await self._publisher.publish(messages)


def _as_deferred(message: RecipientSelected | MessageReady, wait: Wait | None, now: datetime) -> DeferredMessage:
    if wait:
        return DeferredMessage(event=message, reason=wait.reason, until=wait.until)
    return DeferredMessage(event=message, reason="rate", until=now)
