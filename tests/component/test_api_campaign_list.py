"""The list of campaigns over HTTP: states, search, counts and live totals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.lifecycle.drafts import NO_AUDIENCE
from common.ids import random_id
from common.rules import Everyone
from common.storage.documents import Create
from tests.component.test_api_campaigns import MESSAGE, NOW, CampaignsApiFixture

ZEROS = {"draft": 0, "scheduled": 0, "running": 0, "paused": 0, "finished": 0, "cancelled": 0}


@pytest.fixture
async def api() -> CampaignsApiFixture:
    return CampaignsApiFixture()


async def add(api: CampaignsApiFixture, name: str, state: str, *, id_: str | None = None, **fields: Any) -> str:
    """A stored campaign; each one is a minute newer than the one before."""
    api.now += timedelta(minutes=1)
    campaign = {
        **NO_AUDIENCE, "name": name, "state": state, "message": MESSAGE, "channel": "email", "vendor": "simulator",
        "personalization": "template", "created_at": api.now, "created_by": "a@example.com",
        "rules": Everyone().model_dump_json(), "text": "everyone", "words": "all customers", **fields,
    }  # fmt: skip
    id_ = id_ or random_id()
    await api.documents.commit([Create(f"campaigns/{id_}", campaign)])
    return id_


async def names(api: CampaignsApiFixture, **params: Any) -> list[str]:
    answer = (await api.call("GET", "/api/campaigns", params=params)).json()
    return [item["name"] for item in answer["items"]]


async def search(api: CampaignsApiFixture, text: str, **wanted: Any) -> list[str]:
    answer = (await api.call("POST", "/api/campaigns/search", json={"search": text, **wanted})).json()
    return [item["name"] for item in answer["items"]]


async def test_list_is_filtered_by_states_and_counts_each(api: CampaignsApiFixture) -> None:
    """One state or several; the counts are those of all campaigns, for the tabs."""
    for name, state in (("A", "draft"), ("B", "running"), ("C", "paused"), ("D", "draft")):
        await add(api, name, state)
    assert await names(api) == ["D", "C", "B", "A"]
    assert await names(api, state="draft") == ["D", "A"]
    assert await names(api, state=["running", "paused", "running"]) == ["C", "B"]
    first = (await api.call("GET", "/api/campaigns", params={"state": "draft", "limit": 1})).json()
    assert first["counts"] == ZEROS | {"draft": 2, "running": 1, "paused": 1}
    second = (await api.call("GET", "/api/campaigns", params={"state": "draft", "after": first["next"]})).json()
    assert ([item["name"] for item in second["items"]], second["next"], second["counts"]) == (["A"], None, None)
    assert (await api.call("GET", "/api/campaigns", params={"state": "lost"})).status_code == 422


async def test_search_finds_every_word_of_the_name_in_any_case(api: CampaignsApiFixture) -> None:
    """The words may be in any order, and parts of words."""
    for name in ("Diwali sale 2026", "Holi", "DIWALI thanks", "दिवाली"):
        await add(api, name, "draft")
    assert await search(api, "diwali") == ["DIWALI thanks", "Diwali sale 2026"]
    assert await search(api, "SALE diw") == ["Diwali sale 2026"]
    assert await search(api, "दिवा") == ["दिवाली"]
    assert await search(api, "diwali", state=["running"]) == []


async def test_search_is_not_taken_from_the_url(api: CampaignsApiFixture) -> None:
    """URLs end up in logs; and nobody gets the whole list who asked for a part."""
    answer = await api.call("GET", "/api/campaigns", params={"search": "diwali"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "search")


async def test_search_pages_contain_each_match_once(api: CampaignsApiFixture) -> None:
    """Also when there are more campaigns than one request reads."""
    for number in range(1_105):
        await add(api, f"{'Sale' if number % 500 == 0 else 'Other'} {number}", "draft")
    found: list[str] = []
    after, requests = None, 0
    while requests == 0 or after:
        wanted = {"search": "sale", "limit": 2, "after": after}
        page = (await api.call("POST", "/api/campaigns/search", json=wanted)).json()
        found += [item["name"] for item in page["items"]]
        after, requests = page["next"], requests + 1
    assert found == ["Sale 1000", "Sale 500", "Sale 0"]
    assert requests <= 3


async def test_unfinished_campaign_has_its_totals_of_this_moment(api: CampaignsApiFixture) -> None:
    """A running, paused or just cancelled campaign shows live numbers; a draft shows none, a finished one its own."""
    await add(api, "Draft", "draft")
    done = {"audience": 9, "sent": 9, "failed": 0, "skipped": 0, "pending": 0}
    await add(api, "Done", "finished", launched_at=NOW, totals=done)
    await add(api, "Now", "paused", id_="c", launched_at=NOW)
    await api.record({"p1": "sent", "p2": "failed"})
    items = (await api.call("GET", "/api/campaigns")).json()["items"]
    live = {"audience": 4, "sent": 1, "failed": 1, "skipped": 0, "unknown": 0, "pending": 2}
    assert [(item["name"], item["totals"]) for item in items] == [
        ("Now", live),
        ("Done", done | {"unknown": 0}),
        ("Draft", None),
    ]
