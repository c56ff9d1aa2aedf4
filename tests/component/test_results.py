"""What a campaign brought: each order counts once, for the last campaign that reached the person, with its amount."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.results.last_days import LastDays, LastDaysFigures
from campaigns.results.results import CampaignResults, Results
from common.audience import Audience
from common.events import Receipt, ReceiptKind
from common.ids import message_id
from common.storage.documents import Create, Query, Update
from customers.commands.merge import CustomerMerges
from customers.commands.record_activities import ActivityRecorder
from customers.model.activity import ActivityInput
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER

SENT = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Shop:
    """A deployment with people, messages that reached them, and orders."""

    def __init__(self) -> None:
        self.herald = InMemoryHerald(index=True)
        self.people: list[str] = []

    async def open(self, people: int = 4) -> Shop:
        self.people = await self.herald.add_customers(people)
        return self

    async def campaign(self, name: str, **fields: Any) -> None:
        data = {"name": name, "state": "running", "channel": "email", "launched_at": SENT, **fields}
        await self.herald.documents.commit([Create(f"campaigns/{name}", data)])

    async def sent(self, campaign: str, person: int, at: datetime = SENT) -> None:
        await self.report(campaign, person, "sent", at)

    async def report(self, campaign: str, person: int, kind: ReceiptKind, at: datetime) -> None:
        receipt = Receipt(
            message_id=message_id(campaign, self.people[person]),
            campaign_id=campaign,
            customer_id=self.people[person],
            kind=kind,
            at=at,
        )
        await self.herald.ledger.record([receipt])

    async def order(self, person: int, at: datetime, amount: float = 100, event_id: str | None = None) -> None:
        self.event = event_id or f"{person} {at.isoformat()} {amount}"
        recorder = ActivityRecorder(self.herald.documents, hashes=HASHER, zone=UTC, clock=lambda: self.herald.now)
        order = ActivityInput(event_id=self.event, customer_id=self.people[person], type="order", at=at, amount=amount)
        await recorder.record([order], on_unknown_customer="reject")

    async def merge(self, kept: int, other: int) -> None:
        merges = CustomerMerges(self.herald.documents, hashes=HASHER, clock=lambda: self.herald.now)
        await merges.merge(self.people[kept], self.people[other], by="a@example.com")

    async def results(self, campaign: str = "c", *, now: datetime = SENT + DAY) -> Results:
        results = CampaignResults(
            documents=self.herald.documents,
            audience=Audience(self.herald.documents),
            conversion_days=7,
            currency="INR",
            clock=lambda: now,
        )
        return await results.of(await self.herald.documents.get(f"campaigns/{campaign}"))


async def test_orders_within_the_days_after_the_message_count_with_their_amount() -> None:
    """Not an order before the message, on the last instant, or of somebody who got none."""
    shop = await Shop().open()
    await shop.campaign("c")
    for person in (0, 1):
        await shop.sent("c", person)
    await shop.order(0, SENT, 10.5)
    await shop.order(0, SENT + 7 * DAY - timedelta(microseconds=1), 20)
    await shop.order(0, SENT - timedelta(microseconds=1), 400)
    await shop.order(1, SENT + 7 * DAY, 800)
    await shop.order(2, SENT + DAY, 1_600)
    found = await shop.results()
    assert (found.reached, found.converted, found.orders, found.revenue) == (2, 1, 2, 30.5)
    assert (found.until, found.complete, found.lift) == (SENT + 7 * DAY, False, None)
    assert (await shop.results(now=SENT + 7 * DAY)).complete


async def test_order_that_is_reported_several_times_counts_once() -> None:
    """Also in another request, and also the receipt of the message."""
    shop = await Shop().open()
    await shop.campaign("c")
    for _ in range(3):
        await shop.sent("c", 0)
        await shop.order(0, SENT + DAY, 50, event_id="e1")
    found = await shop.results()
    assert (found.reached, found.converted, found.orders, found.revenue) == (1, 1, 1, 50)


async def test_order_counts_for_the_last_campaign_that_reached_the_person() -> None:
    """For no other one, and for none if the last one's time is over: sums over campaigns count no order twice."""
    shop = await Shop().open()
    await shop.campaign("first")
    await shop.campaign("second", conversion_days=1)
    for person in (0, 1):
        await shop.sent("first", person)
    await shop.sent("second", 0, SENT + 2 * DAY)
    await shop.order(0, SENT + DAY, 1)
    await shop.order(0, SENT + 2.5 * DAY, 2)
    await shop.order(0, SENT + 4 * DAY, 4)
    await shop.order(1, SENT + 4 * DAY, 8)
    first, second = await shop.results("first"), await shop.results("second")
    assert (first.converted, first.revenue) == (2, 9)
    assert (second.converted, second.revenue, second.conversion_days) == (1, 2, 1)


async def test_campaign_that_reached_nobody_has_no_results_yet() -> None:
    """Nothing is divided by nobody."""
    shop = await Shop().open()
    await shop.campaign("c", holdout_percent=10)
    found = await shop.results()
    assert (found.reached, found.converted, found.revenue, found.until, found.lift) == (0, 0, 0, None, None)


async def shop_with_holdout() -> tuple[Shop, list[int], list[int], datetime]:
    """A shop whose campaign was sent; the people who were held out, the others, and when this was planned."""
    shop = await Shop().open(300)
    await shop.herald.launch(holdout_percent=30)
    await shop.herald.work()
    receipts = await shop.herald.documents.query(Query(collection="receipts"))
    apart = {one["customer"] for one in receipts if one.get("reason") == "held_out"}
    held = [number for number, id_ in enumerate(shop.people) if id_ in apart]
    others = [number for number, id_ in enumerate(shop.people) if id_ not in apart]
    planned = (await shop.herald.campaign())["audience_at"]
    return shop, held, others, planned


async def test_held_out_people_are_compared_with_those_whom_the_plan_wanted_to_reach() -> None:
    """Both groups are the plan's; who is excluded for another reason is in none of them."""
    shop, held, others, planned = await shop_with_holdout()
    for number in (*held[:6], *others[:60]):
        await shop.order(number, planned + DAY)
        await shop.order(number, planned + 2 * DAY)
    await shop.order(held[10], planned - DAY)
    found = (await shop.results()).lift
    assert found is not None
    assert (found.held_out.people, found.held_out.ordered) == (len(held), 6)
    assert (found.messaged.people, found.messaged.ordered) == (len(others), 60)
    assert found.difference == pytest.approx(60 / len(others) - 6 / len(held))
    assert found.low < found.difference < found.high


async def test_lift_stays_true_when_people_are_merged() -> None:
    """Who was merged counts as the kept customer; who is in both groups by that is in none."""
    shop, held, others, planned = await shop_with_holdout()
    for number in (*held[:6], *others[:60]):
        await shop.order(number, planned + DAY)
    before = (await shop.results()).lift
    assert before is not None
    for kept, merged in ((held[50], held[0]), (others[100], others[0]), (others[101], held[1])):
        await shop.merge(kept, merged)
    after = (await shop.results()).lift
    assert after is not None
    assert (after.held_out.people, after.held_out.ordered) == (len(held) - 2, 5)  # held[1] is in both groups now
    assert (after.messaged.people, after.messaged.ordered) == (len(others) - 2, 60)


async def test_results_are_an_answer_of_the_api_and_refused_before_the_launch() -> None:
    """A campaign may have its own number of days, which can be taken away again."""
    api = CampaignsApiFixture(CONVERSION_DAYS="3")
    await api.customers()
    created = (await api.campaign(conversion_days=5)).json()
    path = f"/api/campaigns/{created['id']}"
    assert (await api.call("GET", f"{path}/results")).status_code == 409
    assert (await api.call("PATCH", path, json={"conversion_days": None})).json()["conversion_days"] is None
    refused = await api.call("PATCH", path, json={"conversion_days": 31})
    assert refused.json()["errors"][0]["field"] == "conversion_days"
    await api.call("POST", f"{path}/launch")
    await api.fan_out()
    found = (await api.call("GET", f"{path}/results")).json()
    assert (found["conversion_days"], found["reached"], found["currency"]) == (3, 0, "INR")


async def test_results_stay_when_the_records_are_removed() -> None:
    """They are stored with the campaign, and are no longer computed."""
    shop = await Shop().open()
    await shop.campaign("c")
    await shop.sent("c", 0)
    await shop.order(0, SENT + DAY, 50)
    before = await shop.results()
    campaign = await shop.herald.documents.get("campaigns/c")
    await shop.herald.documents.commit([Update(campaign.path, {"results": before.model_dump()}, campaign.version)])
    await shop.order(0, SENT + 2 * DAY, 70)
    assert await shop.results() == before


async def last_days(shop: Shop, *, now: datetime) -> LastDays | None:
    audience = Audience(shop.herald.documents)
    figures = LastDaysFigures(
        audience=audience, ledger=shop.herald.ledger, conversion_days=7, clock=lambda: now, max_seconds=30
    )
    return await figures.read()


async def test_last_days_are_compared_with_the_days_before() -> None:
    """Each person, message and order counts in the period in which it happened, and once."""
    shop = await Shop().open()
    await shop.campaign("c")
    await shop.campaign("d")
    for person in (0, 1):
        await shop.sent("c", person)
    for person in (0, 1, 2):
        await shop.sent("d", person, SENT + 30 * DAY)
    await shop.report("d", 0, "opened", SENT + 31 * DAY)
    await shop.report("d", 0, "delivered", SENT + 31 * DAY)
    await shop.report("d", 1, "unsubscribed", SENT + 31 * DAY)
    await shop.order(0, SENT + DAY, 10)
    await shop.order(1, SENT + 8 * DAY, 100)  # not within the days after a message
    await shop.order(0, SENT + 32 * DAY, 20.5)
    await shop.order(3, SENT + 32 * DAY, 1_000)  # got no message
    found = await last_days(shop, now=SENT + 33 * DAY)
    assert found
    assert (found.now.reached, found.now.messages, found.now.opened) == (3, 3, 1)
    assert (found.before.reached, found.before.messages, found.before.opened) == (2, 2, 0)
    assert (found.now.orders, found.now.revenue) == (1, 20.5)
    assert (found.before.orders, found.before.revenue) == (1, 10)
    assert (found.now.sent, found.now.delivered, found.now.unsubscribed) == (3, 1, 1)
    assert (found.now.campaigns, found.before.campaigns) == (1, 1)


async def test_reports_of_too_many_campaigns_are_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counters of hundreds of campaigns are not read for the home page."""
    monkeypatch.setattr("campaigns.results.last_days.MAX_CAMPAIGNS", 1)
    shop = await Shop().open()
    for campaign in ("c", "d"):
        await shop.campaign(campaign)
        await shop.sent(campaign, 0)
    found = await last_days(shop, now=SENT + DAY)
    assert found
    assert (found.now.reached, found.now.messages) == (1, 2)
    assert (found.now.sent, found.now.delivered, found.now.unsubscribed) == (None, None, None)


async def test_last_days_that_take_too_long_are_not_known() -> None:
    """The home page does not wait for them."""
    shop = await Shop().open()
    audience = Audience(shop.herald.documents)
    figures = LastDaysFigures(
        audience=audience, ledger=shop.herald.ledger, conversion_days=7, clock=lambda: SENT, max_seconds=0
    )
    assert await figures.read() is None
    assert await replace(figures, max_seconds=30).read() is not None
    assert await figures.read() is None
