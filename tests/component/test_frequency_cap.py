"""Nobody gets more messages in some days than the cap allows, on one channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from common.audience import engagement_event, event_delta
from common.errors import Misconfigured
from common.frequency_cap import FrequencyCap
from common.settings import FrequencySettings
from common.storage.documents import Create
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_holdout import BODY
from tests.in_memory_herald import NOW, InMemoryHerald

DAY = timedelta(days=1)


async def received(documents: Any, people: list[str], *days_ago: float, channel: str = "email", **fields: Any) -> None:
    """Each person got a message of another campaign so many days ago."""
    for days in days_ago:
        id_ = f"{channel}-{days}-{len(fields)}".replace(".", "_")
        events = [
            engagement_event(f"{id_}{person}", customer=person, kind="sent", campaign=id_, at=NOW - days * DAY)
            for person in people
        ]
        campaign = Create(f"campaigns/{id_}", {"channel": channel, "state": "finished", **fields})
        await documents.commit([campaign, *event_delta(events)])


async def skipped(
    cap: str | None, launch: dict[str, Any], *messages: tuple[float, dict[str, Any]]
) -> Mapping[str, int]:
    """The reasons of a campaign to 10 people, of whom 4 have had these messages before."""
    herald = InMemoryHerald(index=True, settings={"FREQUENCY_CAP": cap} if cap else {})
    people = await herald.add_customers(10)
    for days, fields in messages:
        await received(herald.documents, people[:4], days, **fields)
    await herald.launch(**launch)
    await herald.work()
    statistics = await herald.ledger.statistics("c")
    assert statistics.audience == 10
    assert len({key[:32] for key in herald.vendor.sent_keys}) == 10 - sum(statistics.skipped_reasons.values())
    return statistics.skipped_reasons


TWICE: tuple[tuple[float, dict[str, Any]], ...] = ((1, {}), (6.9, {}))


@pytest.mark.parametrize(
    ("cap", "launch", "messages", "left_out"),
    [
        ("2/7", {}, TWICE, 4),
        ("3/7", {}, TWICE, 0),
        ("2/6", {}, TWICE, 0),
        (None, {}, TWICE, 0),
        (None, {"frequency_cap": "2/7"}, TWICE, 4),
        ("2/7", {"frequency_cap": "off"}, TWICE, 0),
        ("1/1", {"frequency_cap": "2/7"}, TWICE[1:], 0),
        ("2/7", {"transactional": True}, TWICE, 0),
        ("2/7", {}, ((1, {}), (2, {"channel": "sms"})), 0),
        ("2/7", {}, ((1, {}), (2, {"transactional": True})), 0),
    ],
)
async def test_who_has_had_enough_is_left_out(
    cap: str | None, launch: dict[str, Any], messages: tuple[tuple[float, dict[str, Any]], ...], left_out: int
) -> None:
    """On the same channel, within the days, by the campaign's own cap first; nobody misses a transactional message."""
    assert await skipped(cap, launch, *messages) == ({"too_often": left_out} if left_out else {})


async def test_checklist_and_preview_count_who_has_had_enough() -> None:
    """As the launch would leave them out; the preview knows the deployment's cap."""
    api = CampaignsApiFixture(FREQUENCY_CAP="1/7")
    await api.customers()
    created = (await api.call("POST", "/api/campaigns", json=BODY)).json()
    path = f"/api/campaigns/{created['id']}"
    before = (await api.call("GET", f"{path}/checklist")).json()["recipients"]
    row = (await api.call("POST", "/api/segments/preview", json={"text": "spend > 10000"})).json()["samples"][0]
    await received(api.documents, [row["id"]], 1)
    after = (await api.call("GET", f"{path}/checklist")).json()["recipients"]
    preview = (await api.call("POST", "/api/segments/preview", json={"text": "everyone"})).json()
    assert after["excluded"] == preview["excluded"] == {**before["excluded"], "too_often": 1}
    assert after["reachable"] == before["reachable"] - 1


@pytest.mark.parametrize("text", ["3", "0/7", "3/0", "3/31", "100/7", "three/7", "3/7 ", ""])
async def test_cap_that_says_nothing_is_refused(text: str) -> None:
    """In the settings with the name of the variable, in a campaign with the name of the field."""
    with pytest.raises(Misconfigured, match="FREQUENCY_CAP"):
        FrequencySettings.read({"FREQUENCY_CAP": text or " "})
    api = CampaignsApiFixture()
    response = await api.call("POST", "/api/campaigns", json={**BODY, "frequency_cap": text})
    error = response.json()["errors"][0]
    assert (response.status_code, error["field"], error["code"]) == (422, "frequency_cap", "frequency_cap")


def test_cap_is_read_from_the_settings() -> None:
    """Without the setting there is none."""
    assert FrequencySettings.read({"FREQUENCY_CAP": "12/30"}).cap == FrequencyCap(12, 30)
    assert FrequencySettings.read({}).cap is None
