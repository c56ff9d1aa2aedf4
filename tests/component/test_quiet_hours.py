"""Nobody is written to at night, by their own clock, and everybody is written to in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common.storage.documents import Query, Where
from customers.commands.suppress import SuppressionInput, SuppressionList
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


async def waiting(herald: InMemoryHerald) -> set[datetime]:
    """Until when messages wait for the morning."""
    where = [Where("campaign", "==", "c"), Where("reason", "==", "quiet_hours")]
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
