"""Nobody is written to at night, by their own clock, and everybody is written to in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaigns.reports.waiting import ZoneGroup, finish
from common.messages.send_times import Wait
from common.storage.documents import Query, Where
from customers.commands.suppress import SuppressionInput, SuppressionList
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_holdout import BODY
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER

EVENING = datetime(2026, 11, 27, 17, 30, tzinfo=UTC)  # 23:00 in Kolkata, 18:30 in Berlin
MORNING = datetime(2026, 11, 28, 3, 30, tzinfo=UTC)  # 9:00 in Kolkata
NIGHT = "21:00-09:00"


async def herald_in_the_evening(**changes: Any) -> InMemoryHerald:
    """A running campaign at night in India, where the deployment is, to 20 people."""
    herald = InMemoryHerald(settings={"QUIET_HOURS": NIGHT, "TIME_ZONE": "Asia/Kolkata"})
    herald.now = EVENING
    await herald.add_customers(20, **changes.pop("fields", {}))
    await herald.launch(**changes)
    await herald.work()
    return herald


async def waiting(herald: InMemoryHerald, reason: str = "quiet_hours") -> set[datetime]:
    """Until when messages wait for the morning, or for another reason."""
    where = [Where("campaign", "==", "c"), Where("reason", "==", reason)]
    return {entry["until"] for entry in await herald.documents.query(Query(collection="deferred", where=where))}


async def test_messages_wait_until_the_morning_and_are_sent_then() -> None:
    """The campaign goes on by itself; nobody is forgotten, and nobody is sent to twice."""
    herald = await herald_in_the_evening()
    assert herald.vendor.sent_keys == []
    assert await waiting(herald) == {MORNING}
    herald.now = MORNING - timedelta(minutes=2)
    await herald.tick()
    assert herald.vendor.sent_keys == []
    herald.now = MORNING
    await herald.tick(minutes=1)
    assert len(set(herald.vendor.sent_keys)) == len(herald.vendor.sent_keys) == 20
    assert await waiting(herald) == set()


async def test_clock_is_the_persons_own() -> None:
    """It is not night in Berlin."""
    herald = await herald_in_the_evening(fields={"timezone": "Europe/Berlin"})
    assert len(herald.vendor.sent_keys) == 20


@pytest.mark.parametrize(
    ("changes", "sent"),
    [({"quiet_hours": "off"}, 20), ({"quiet_hours": "01:00-02:00"}, 20), ({"transactional": True}, 20), ({}, 0)],
)
async def test_campaign_may_have_quiet_hours_of_its_own(changes: dict[str, Any], sent: int) -> None:
    """Or none. A message that people need, such as a legal notice, does not wait."""
    herald = await herald_in_the_evening(**changes)
    assert len(herald.vendor.sent_keys) == sent


async def test_who_says_no_at_night_is_not_written_to_in_the_morning() -> None:
    """What waits is looked at again when its time has come."""
    herald = await herald_in_the_evening()
    suppressions = SuppressionList(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    await suppressions.suppress([SuppressionInput(email="p0@example.com")], by="admin@example.com")
    herald.now = MORNING
    await herald.tick(minutes=1)
    assert len(herald.vendor.sent_keys) == 19
    assert (await herald.totals())["skipped"] == 1


async def test_retry_at_night_waits_for_the_morning_too() -> None:
    """By the campaign's hours and the person's clock, although the text comes from the claim."""
    herald = InMemoryHerald(settings={"TIME_ZONE": "UTC"})
    await herald.add_customers(40, timezone="Asia/Kolkata")
    herald.now = EVENING - timedelta(hours=8)
    await herald.launch(quiet_hours=NIGHT)
    await herald.work()
    await herald.tick(minutes=1)
    sent = len(herald.vendor.sent_keys)
    herald.now = EVENING
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    assert len(herald.vendor.sent_keys) == sent
    assert await waiting(herald) == {MORNING}
    herald.now = MORNING
    await herald.tick(minutes=1)
    assert len(herald.vendor.sent_keys) > sent


async def test_cancelled_campaign_does_not_wait_for_the_morning() -> None:
    """Everybody is skipped at the next tick, and the campaign is over."""
    herald = await herald_in_the_evening()
    await herald.lifecycle.cancel(await herald.campaign(), by="me")
    await herald.tick(minutes=1)
    assert await waiting(herald) == set()
    assert (await herald.totals())["skipped"] == 20
    await herald.tick(minutes=1)
    assert (await herald.campaign())["open"] is False


async def test_who_sleeps_is_not_looked_for() -> None:
    """A night without movement is no stall: nobody is asked again, and nothing is read for each person."""
    herald = await herald_in_the_evening()
    for _ in range(9):
        await herald.tick(minutes=60)
    assert herald.vendor.sent_keys == []
    progress = await herald.documents.get("pages/c.progress")
    assert progress.get("checks", 0) == 0


async def test_message_waits_for_the_hour_of_the_campaign_where_the_person_is() -> None:
    """Also if that is in the quiet hours, and if the campaign is transactional; by the next hour it is too late."""
    herald = await herald_in_the_evening(local_hour=0, transactional=True)
    midnight = EVENING + timedelta(hours=1)
    assert await waiting(herald, "local_hour") == {midnight}
    herald.now = midnight - timedelta(minutes=2)
    await herald.tick()
    assert herald.vendor.sent_keys == []
    herald.now = midnight + timedelta(hours=1)
    await herald.tick()
    assert herald.vendor.sent_keys == []
    assert await waiting(herald, "local_hour") == {midnight + timedelta(days=1)}
    herald.now = midnight + timedelta(days=1, minutes=30)
    await herald.tick()
    assert len(set(herald.vendor.sent_keys)) == len(herald.vendor.sent_keys) == 20


async def test_message_goes_at_once_where_it_is_the_hour_already() -> None:
    """Retries wait for the hour, too, although their text comes from the claim."""
    herald = await herald_in_the_evening(local_hour=18, fields={"timezone": "Europe/Berlin"})
    sent = len(set(herald.vendor.sent_keys))
    assert sent == 20
    herald.now = EVENING + timedelta(hours=2)
    await herald.lifecycle.retry(await herald.campaign(), by="me")
    await herald.work()
    assert len(set(herald.vendor.sent_keys)) == sent
    assert await waiting(herald, "local_hour") == {EVENING + timedelta(hours=23, minutes=30)}


async def test_who_waits_for_the_hour_is_not_looked_for() -> None:
    """Waiting is no stall."""
    herald = await herald_in_the_evening(local_hour=9)
    for _ in range(9):
        await herald.tick(minutes=60)
    assert herald.vendor.sent_keys == []
    assert (await herald.documents.get("pages/c.progress")).get("checks", 0) == 0


@pytest.mark.parametrize("changes", [{"local_hour": 9}, {"quiet_hours": "10:00-09:00"}])
@pytest.mark.parametrize("pace", [{}, {"per_minute": 600}])
async def test_message_that_the_vendor_may_have_does_not_wait_for_the_hour(
    changes: dict[str, Any], pace: dict[str, Any]
) -> None:
    """The vendor answers too late for the whole hour: it is asked again while it recognizes the keys."""
    herald = InMemoryHerald(settings={"TIME_ZONE": "Asia/Kolkata"})
    herald.now = MORNING
    await herald.add_customers(20)
    herald.vendor.late_answers_left = 1000
    await herald.launch(**changes, **pace)
    await herald.work()
    for _ in range(7):
        await herald.tick(minutes=10)
    tried = set(herald.vendor.sent_keys)
    herald.vendor.late_answers_left = 0
    for _ in range(9):
        await herald.tick(minutes=20)
    assert tried == set(herald.vendor.sent_keys)  # the circuit has kept the others: they wait
    statistics = await herald.ledger.statistics("c")
    assert (20 - statistics.pending, statistics.kinds.get("unknown", 0)) == (len(tried), 0)


@pytest.mark.parametrize("pace", [{}, {"per_minute": 600}])
async def test_vendor_that_never_reports_is_asked_after_the_hour(pace: dict[str, Any]) -> None:
    """The watchdog asks for what the vendor has accepted: that is no new message."""
    herald = InMemoryHerald(settings={"TIME_ZONE": "Asia/Kolkata"})
    herald.now = MORNING + timedelta(minutes=50)
    await herald.add_customers(20)
    herald.vendor.never_reports = True
    await herald.launch(local_hour=9, **pace)
    await herald.work()
    for _ in range(6):
        await herald.tick(minutes=1)
    assert len(set(herald.vendor.sent_keys)) == 20
    herald.vendor.never_reports = False
    for _ in range(9):
        await herald.tick(minutes=10)
    assert (await herald.ledger.statistics("c")).pending == 0
    assert len(set(herald.vendor.sent_keys)) == 20


async def test_people_who_sleep_take_no_turn_of_those_who_are_awake() -> None:
    """Two ticks release about 60 messages at this rate: all 20 who are awake get theirs, although 80 sleep."""
    herald = InMemoryHerald(settings={"QUIET_HOURS": NIGHT, "TIME_ZONE": "Asia/Kolkata"})
    herald.now = EVENING
    rows = [
        CustomerInput(external_id=str(n), email=f"p{n}@x.com", timezone=None if n % 5 else "Europe/Berlin")
        for n in range(100)
    ]
    await CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now).upsert(rows)
    await herald.launch(per_minute=600)
    await herald.work()
    for _ in range(2):
        await herald.tick(minutes=1)
    assert len(set(herald.vendor.sent_keys)) == 20
    assert await waiting(herald) == {MORNING}
    herald.now = MORNING
    for _ in range(12):
        await herald.tick(minutes=1)
    assert len(set(herald.vendor.sent_keys)) == len(herald.vendor.sent_keys) == 100


async def test_who_falls_asleep_while_waiting_for_a_turn_keeps_the_turn_for_others() -> None:
    """A message that is due at night is not published: it waits for the morning, and is sent once."""
    herald = InMemoryHerald(settings={"QUIET_HOURS": NIGHT, "TIME_ZONE": "Asia/Kolkata"})
    herald.now = datetime(2026, 11, 27, 15, 25, tzinfo=UTC)  # 20:55
    await herald.add_customers(60)
    await herald.launch(per_minute=2)
    await herald.work()
    herald.now = EVENING
    herald.publisher.events = []
    await herald.dispatch.dispatch_due("c")
    assert herald.publisher.events == []
    assert MORNING in await waiting(herald)


async def test_estimate_says_who_waits_and_until_when() -> None:
    """The launch dialog has the quiet hours that apply, the people of each reason, and the end."""
    api = CampaignsApiFixture(QUIET_HOURS=NIGHT, TIME_ZONE="Asia/Kolkata")
    rows = [
        CustomerInput(external_id=str(n), email=f"p{n}@x.com", timezone=None if n % 4 else "Europe/Berlin")
        for n in range(40)
    ]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)
    created = (await api.call("POST", "/api/campaigns", json=BODY)).json()
    path = f"/api/campaigns/{created['id']}"
    night = "?start_at=2031-11-27T17:30:00Z"
    found = (await api.call("POST", f"{path}/estimate{night}")).json()["waiting"]
    morning = "2031-11-28T03:30:00Z"
    assert found == {
        "quiet_hours": NIGHT,
        "people": [{"reason": "quiet_hours", "count": 30, "until": morning}],
        "done_at": morning,
    }
    await api.call("PATCH", path, json={"local_hour": 9, "per_minute": 10})
    found = (await api.call("POST", f"{path}/estimate{night}")).json()["waiting"]
    assert [(one["reason"], one["count"], one["until"]) for one in found["people"]] == [
        ("local_hour", 40, "2031-11-28T08:00:00Z")
    ]
    assert (found["quiet_hours"], found["done_at"]) == (None, "2031-11-28T08:01:00Z")
    refused = await api.call("PATCH", path, json={"local_hour": 24})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "local_hour")
    assert (await api.call("PATCH", path, json={"local_hour": None})).json()["local_hour"] is None


AWAKE, ASLEEP = ZoneGroup(600, None), ZoneGroup(60, Wait(reason="quiet_hours", until=MORNING))
AT_NINE, NEXT_DAY = Wait(reason="local_hour", until=MORNING), MORNING + timedelta(days=1)


@pytest.mark.parametrize(
    ("groups", "rate", "one_hour_only", "end"),
    [
        ([AWAKE], None, False, EVENING),
        ([AWAKE], 10, False, EVENING + timedelta(hours=1)),
        ([AWAKE, ASLEEP], 10, False, MORNING + timedelta(minutes=6)),
        ([AWAKE, ASLEEP], 0.5, False, EVENING + timedelta(hours=22)),
        ([ZoneGroup(700, AT_NINE)], 10, True, NEXT_DAY + timedelta(minutes=10)),
        (
            [ZoneGroup(400, Wait(reason="local_hour", until=MORNING))] * 2,
            10,
            True,
            MORNING + timedelta(days=1, minutes=20),
        ),
    ],
)
def test_end_of_a_campaign_is_reckoned_by_the_clock_and_the_rate(
    groups: list[ZoneGroup], rate: Any, one_hour_only: bool, end: datetime
) -> None:
    """Who does not fit into the hour waits for the next day; nobody is sent to before their time."""
    assert finish(groups, EVENING, per_minute=rate, one_hour_only=one_hour_only) == end
