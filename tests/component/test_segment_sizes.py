"""The size of each segment over the last days: which days have one, and what takes them away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.errors import AudienceTooLarge, HeraldError, Unavailable
from common.events import CountSegments, Event, Tick
from common.storage.documents import Create, Update
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER

COUNT = CountSegments(command="count_segments")


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.customers()
    return api


async def sizes(api: CampaignsApiFixture, segment: dict[str, Any]) -> list[tuple[str, int]]:
    found = (await api.call("GET", f"/api/segments/{segment['id']}")).json()
    return [(size["day"], size["count"]) for size in found["sizes"]]


async def add_customer(api: CampaignsApiFixture, name: str) -> None:
    rows = [CustomerInput(external_id=name, visits=1)]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)


async def count(api: CampaignsApiFixture, command: CountSegments = COUNT) -> list[Event]:
    """Executes the command. The commands that it publishes."""
    api.publisher.events = []
    await api.function.commands.handle(command)
    return api.publisher.events


async def test_segment_is_counted_on_each_day(api: CampaignsApiFixture) -> None:
    """The day on which it was saved, and each day with a command, have a size; the days between have none."""
    segment = await api.save_segment("Rare")
    first = api.now.date()
    api.now += timedelta(days=3)
    await add_customer(api, "new")
    assert await count(api) == []
    expected = [(first.isoformat(), 2), ((first + timedelta(days=3)).isoformat(), 3)]
    assert await sizes(api, segment) == expected
    [listed] = (await api.call("GET", "/api/segments")).json()["items"]
    assert [(size["day"], size["count"]) for size in listed["sizes"]] == expected


async def test_command_that_is_delivered_twice_stores_one_size(api: CampaignsApiFixture) -> None:
    """A day has the size that was counted last."""
    segment = await api.save_segment("Rare")
    await add_customer(api, "new")
    await count(api)
    await count(api)
    assert await sizes(api, segment) == [(api.now.date().isoformat(), 3)]


async def test_sizes_are_those_of_the_last_thirty_counted_days(api: CampaignsApiFixture) -> None:
    """Older ones go."""
    segment = await api.save_segment("Rare")
    first = api.now.date()
    for _ in range(31):
        api.now += timedelta(days=1)
        await count(api)
    found = await sizes(api, segment)
    assert (len(found), found[0][0]) == (30, (first + timedelta(days=2)).isoformat())


async def test_changed_rule_begins_anew(api: CampaignsApiFixture) -> None:
    """A new name keeps the sizes; another rule does not, because they were those of other people."""
    segment = await api.save_segment("Rare")
    first = api.now.date().isoformat()
    api.now += timedelta(days=1)
    second = api.now.date().isoformat()
    for name, text, expected in (
        ("Seldom", "visits < 3", [(first, 2), (second, 2)]),
        ("Seldom", "visits < 99", [(second, 3)]),
    ):
        changed = await api.call("PUT", f"/api/segments/{segment['id']}", json={"name": name, "text": text})
        assert changed.status_code == 200, changed.text
        assert await sizes(api, segment) == expected


async def test_static_segment_is_counted(api: CampaignsApiFixture) -> None:
    """By its people who are customers."""
    created = await api.call("POST", "/api/segments", json={"name": "Guests", "kind": "static"})
    assert created.json()["sizes"] == []
    await count(api)
    assert await sizes(api, created.json()) == [(api.now.date().isoformat(), 0)]


async def test_segment_that_cannot_be_counted_stops_no_other(api: CampaignsApiFixture) -> None:
    """Its rule names a segment that is gone."""
    broken = await api.save_segment("Broken")
    await api.documents.commit([Update(f"segments/{broken['id']}", {"rules": '{"op":"in_segment","segment":"Gone"}'})])
    fine = await api.save_segment("Fine")
    day = api.now.date().isoformat()
    await add_customer(api, "new")
    await count(api)
    assert (await sizes(api, fine))[-1] == (day, 3)
    assert (await sizes(api, broken))[-1] == (day, 2)


async def test_many_segments_are_counted_by_several_commands(api: CampaignsApiFixture) -> None:
    """Each command publishes the next one, and each segment is counted once."""
    rule = '{"op":"everyone"}'
    data = {"name": "Rare", "rules": rule, "text": "everyone", "words": "Everyone", "count": 0, "created_at": api.now}
    await api.documents.commit([Create(f"segments/s{number:03}", data) for number in range(205)])
    commands, rounds = [COUNT], 0
    while commands:
        published = await count(api, commands.pop())
        commands = [event for event in published if isinstance(event, CountSegments)]
        rounds += 1
    counted = [(await api.documents.get(f"segments/s{number:03}"))["sizes"] for number in range(205)]
    assert (rounds, counted) == (3, [{api.now.date().isoformat(): 3}] * 205)


async def test_index_that_does_not_fit_gives_no_sizes(
    api: CampaignsApiFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is not delivered again and again: the next night tries it anew. Other errors are repeated."""
    await api.save_segment("Rare")
    error: list[HeraldError] = [AudienceTooLarge()]

    async def refuse(*_: object) -> None:
        raise error[0]

    monkeypatch.setattr("common.audience.reader.Audience.refresh", refuse)
    assert await count(api) == []
    error[0] = Unavailable()
    with pytest.raises(Unavailable):
        await count(api)


async def test_tick_has_the_segments_counted_once_a_day() -> None:
    """As soon as the audience index was reconciled, and only if there are segments."""
    herald = InMemoryHerald(index=True)
    await herald.add_customers(3)
    assert await commands_of_tick(herald) == []
    herald.now += timedelta(days=1)
    await herald.documents.commit([Create("segments/s", {"name": "Rare"})])
    assert await commands_of_tick(herald) == [COUNT]
    assert await commands_of_tick(herald) == []
    herald.now += timedelta(days=1)
    assert await commands_of_tick(herald) == [COUNT]


async def commands_of_tick(herald: InMemoryHerald) -> list[Event]:
    """What a tick publishes about segments."""
    herald.publisher.events = []
    await herald.scheduler.tick(Tick())
    return [event for event in herald.publisher.events if isinstance(event, CountSegments)]
