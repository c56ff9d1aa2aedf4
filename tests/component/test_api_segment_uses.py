"""Segments that something uses: they cannot be deleted under a campaign, and a new name reaches their uses."""

from __future__ import annotations

from typing import Any

import pytest

from common.ids import stable_hash
from common.storage.documents import Create, Delete, Update
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.support import customer_id


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.customers()
    return api


async def rename(api: CampaignsApiFixture, segment: dict[str, Any], name: str, text: str = "visits < 3") -> Any:
    return await api.call("PUT", f"/api/segments/{segment['id']}", json={"name": name, "text": text})


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("state", ["scheduled", "running", "paused"])
async def test_segment_of_an_active_campaign_cannot_be_deleted(
    api: CampaignsApiFixture, state: str, by_name: bool
) -> None:
    """The answer names the campaigns, whether the segment is their audience or a part of their rule."""
    segment = await api.save_segment("Regulars")
    audience = {"text": "spend > 1 AND in segment 'Regulars'"} if by_name else {"segment_id": segment["id"]}
    campaign = (await api.campaign(**({"text": None} | audience))).json()
    path = f"campaigns/{campaign['id']}"
    await api.documents.commit([Update(path, {"state": state})])
    refused = await api.call("DELETE", f"/api/segments/{segment['id']}")
    assert refused.status_code == 409, refused.text
    assert "“Diwali”" in refused.json()["detail"]
    assert [error["code"] for error in refused.json()["errors"]] == ["in_use"]
    assert (await api.call("GET", f"/api/segments/{segment['id']}")).status_code == 200
    await api.documents.commit([Update(path, {"state": "finished"})])
    assert (await api.call("DELETE", f"/api/segments/{segment['id']}")).status_code == 204


async def test_segment_of_a_segment_cannot_be_deleted(api: CampaignsApiFixture) -> None:
    """The other segment would be without a part of its rule."""
    segment = await api.save_segment("Regulars")
    await api.save_segment("Good", "in segment 'regulars'")
    refused = await api.call("DELETE", f"/api/segments/{segment['id']}")
    assert (refused.status_code, "“Good”" in refused.json()["detail"]) == (409, True)


async def test_rename_of_a_segment_follows_its_uses(api: CampaignsApiFixture) -> None:
    """Drafts, scheduled campaigns and other segments name it by its new name, and can still be used."""
    segment = await api.save_segment("Regulars")
    other = await api.save_segment("Good", "NOT in segment 'REGULARS' OR spend > 10000")
    outer = await api.save_segment("Best", "in segment 'Good' AND spend > 1")
    draft = (await api.campaign(text="in segment 'Regulars' AND spend > 1")).json()
    assert (await rename(api, segment, "Loyal")).status_code == 200
    renamed = (await api.call("GET", f"/api/segments/{other['id']}")).json()
    assert renamed["rule"]["text"] == 'NOT in segment "Loyal" OR spend > 10000'
    assert "Loyal" in renamed["rule"]["description"]
    assert renamed["count_now"] == other["count"]
    assert (await api.call("GET", f"/api/segments/{outer['id']}")).json()["count_now"] is not None
    changed = (await api.call("GET", f"/api/campaigns/{draft['id']}")).json()
    assert changed["rule"]["text"] == 'in segment "Loyal" AND spend > 1'
    launched = await api.call("POST", f"/api/campaigns/{draft['id']}/launch")
    assert launched.status_code == 202, launched.text


async def test_rename_leaves_launched_campaigns_as_they_were(api: CampaignsApiFixture) -> None:
    """Their rule is frozen: it says what the segment was called at the launch."""
    segment = await api.save_segment("Regulars")
    campaign = (await api.campaign(text="in segment 'Regulars'")).json()
    await api.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    await rename(api, segment, "Loyal")
    launched = (await api.call("GET", f"/api/campaigns/{campaign['id']}")).json()
    assert launched["rule"]["text"] == 'in segment "Regulars"'


async def test_rename_with_a_use_that_changes_meanwhile_is_repeated(api: CampaignsApiFixture) -> None:
    """The change of the other segment is kept, and the new name too."""
    segment = await api.save_segment("Regulars")
    other = await api.save_segment("Good", "in segment 'Regulars'")

    async def change() -> None:
        body = {"name": "Good", "text": "in segment 'Regulars' AND visits > 0"}
        assert (await api.call("PUT", f"/api/segments/{other['id']}", json=body)).status_code == 200

    api.documents.before_commit = change
    assert (await rename(api, segment, "Loyal")).status_code == 200
    read = (await api.call("GET", f"/api/segments/{other['id']}")).json()
    assert read["rule"]["text"] == 'in segment "Loyal" AND visits > 0'


async def test_rename_with_lost_commit_response_succeeds_once(api: CampaignsApiFixture) -> None:
    """The repeated commit finds that the segment has the name already."""
    segment = await api.save_segment("Regulars")
    api.documents.lost = 1
    assert (await rename(api, segment, "Loyal")).json()["name"] == "Loyal"
    assert [one["name"] for one in (await api.call("GET", "/api/segments")).json()["items"]] == ["Loyal"]


async def test_names_are_trimmed(api: CampaignsApiFixture) -> None:
    """A space at the end of a name makes no other segment, and no other campaign."""
    segment = await api.save_segment("  Regulars ")
    assert segment["name"] == "Regulars"
    taken = await api.call("POST", "/api/segments", json={"name": "regulars\t", "text": "everyone"})
    assert taken.status_code == 409
    blank = await api.call("POST", "/api/segments", json={"name": "  ", "text": "everyone"})
    assert (blank.status_code, blank.json()["errors"][0]["field"]) == (422, "name")
    campaign = (await api.campaign(text="in segment ' Regulars '", name=" Diwali ")).json()
    assert campaign["name"] == "Diwali"
    changed = await api.call("PATCH", f"/api/campaigns/{campaign['id']}", json={"name": "Holi  "})
    assert changed.json()["name"] == "Holi"


async def test_use_by_an_unreadable_draft_does_not_stop_a_rename(api: CampaignsApiFixture) -> None:
    """A draft whose rule is not valid has no rule that could name the segment."""
    segment = await api.save_segment("Regulars")
    draft = {"name": "D", "state": "draft", "rules": None, "created_at": api.now, "created_by": "a@example.com"}
    await api.documents.commit([Create("campaigns/d", draft)])
    assert (await rename(api, segment, "Loyal")).status_code == 200


async def test_customer_is_in_the_segments_whose_rules_they_match(api: CampaignsApiFixture) -> None:
    """By name; also where a rule asks about activities or names another segment, but not where that one is gone."""
    for name, text in (("Rare", "visits < 3"), ("Often", "visits >= 3"), ("All", "everyone")):
        await api.save_segment(name, text)
    await api.save_segment("Rare and calm", 'in segment "Rare" AND NOT ordered in the last 30 days')
    gone = await api.save_segment("Gone", "visits < 5")
    await api.save_segment("Of the gone", 'in segment "Gone"')
    await api.documents.commit([Delete(f"segments/{gone['id']}"), Delete(f"names/{stable_hash('segment', 'gone')}")])
    big, lapsed = (customer_id("external_id", name) for name in ("big", "lapsed"))
    found = (await api.call("GET", f"/api/segments/of/{big}")).json()
    assert [segment["name"] for segment in found["items"]] == ["All", "Rare", "Rare and calm"]
    found = (await api.call("GET", f"/api/segments/of/{lapsed}")).json()
    assert [segment["name"] for segment in found["items"]] == ["All", "Often"]
    assert (await api.call("GET", f"/api/segments/of/{customer_id('external_id', 'nobody')}")).status_code == 404


async def test_customer_is_asked_about_in_many_segments(api: CampaignsApiFixture) -> None:
    """More than the rules of one query."""
    for number in range(45):
        await api.save_segment(f"S{number:02}", f"visits < {number}")
    found = (await api.call("GET", f"/api/segments/of/{customer_id('external_id', 'lapsed')}")).json()
    assert [segment["name"] for segment in found["items"]] == [f"S{number:02}" for number in range(10, 45)]
