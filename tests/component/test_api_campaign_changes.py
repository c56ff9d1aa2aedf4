"""What can be taken back or changed later: a planned start, a pace, and the place of a campaign in the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.events import MessageReady, MessageTemplate, RecipientSelected
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.storage.documents import Create, Update
from tests.component.test_api_campaign_list import add, names
from tests.component.test_api_campaigns import MESSAGE, NOW, CampaignsApiFixture
from tests.in_memory_herald import InMemoryHerald


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.access.commit([Create("members/viewer@example.com", {"role": "viewer"})])
    return api


async def scheduled(api: CampaignsApiFixture) -> str:
    await api.customers()
    campaign = (await api.campaign()).json()
    path = f"/api/campaigns/{campaign['id']}"
    launched = await api.call("POST", f"{path}/launch", json={"at": str(NOW + timedelta(days=1))})
    assert launched.json()["state"] == "scheduled"
    return path


async def test_unscheduled_campaign_is_a_draft_again(api: CampaignsApiFixture) -> None:
    """It has no start time, and can be changed, deleted, scheduled and launched like any draft."""
    path = await scheduled(api)
    answer = await api.call("POST", f"{path}/unschedule")
    assert (answer.status_code, answer.json()["state"], answer.json()["start_at"]) == (200, "draft", None)
    assert (await api.call("POST", f"{path}/unschedule")).json()["state"] == "draft"  # a repeated request
    assert (await api.call("PATCH", path, json={"name": "Holi"})).json()["name"] == "Holi"
    assert (await api.call("POST", f"{path}/launch")).json()["state"] == "running"
    refused = await api.call("POST", f"{path}/unschedule")
    assert refused.status_code == 409


async def test_unscheduled_campaign_is_not_started(api: CampaignsApiFixture) -> None:
    """The tick at the time that was planned finds nothing to start."""
    path = await scheduled(api)
    await api.call("POST", f"{path}/unschedule")
    herald = InMemoryHerald()
    herald.documents = api.documents
    herald.restart()
    herald.now = NOW + timedelta(days=2)
    await herald.tick()
    assert (await api.call("GET", path)).json()["state"] == "draft"


@pytest.mark.parametrize("state", ["finished", "cancelled"])
async def test_archived_campaign_is_listed_only_in_the_archive(api: CampaignsApiFixture, state: str) -> None:
    """It is neither in the list nor in its counts, and can be brought back."""
    id_ = await add(api, "Old", state, open=False)
    await add(api, "New", "draft")
    path = f"/api/campaigns/{id_}"
    archived = await api.call("POST", f"{path}/archive")
    assert (archived.status_code, archived.json()["archived"]) == (200, True)
    assert (await api.call("POST", f"{path}/archive")).json()["archived"] is True  # a repeated request
    assert await names(api) == ["New"]
    assert await names(api, state=state) == []
    assert await names(api, archived=True) == ["Old"]
    listed = (await api.call("GET", "/api/campaigns")).json()
    assert (listed["counts"][state], listed["archived"]) == (0, 1)
    restored = await api.call("POST", f"{path}/restore")
    assert (restored.json()["archived"], restored.json()["state"]) == (False, state)
    assert await names(api) == ["New", "Old"]


async def test_archived_campaigns_do_not_empty_a_page(api: CampaignsApiFixture) -> None:
    """A page has as many campaigns as were asked for, however many archived ones lie between them."""
    for number in range(6):
        archived: dict[str, Any] = {"archived": True} if number % 3 else {}
        await add(api, f"C{number}", "finished", open=False, **archived)
    first = (await api.call("GET", "/api/campaigns", params={"limit": 1})).json()
    second = (await api.call("GET", "/api/campaigns", params={"limit": 1, "after": first["next"]})).json()
    assert [item["name"] for item in first["items"] + second["items"]] == ["C3", "C0"]


@pytest.mark.parametrize("state", ["draft", "scheduled", "running", "paused"])
async def test_campaign_that_is_not_over_cannot_be_archived(api: CampaignsApiFixture, state: str) -> None:
    """A draft is deleted; the others have something left to do."""
    id_ = await add(api, "Now", state)
    assert (await api.call("POST", f"/api/campaigns/{id_}/archive")).status_code == 409


async def test_cancelled_campaign_with_pending_messages_cannot_be_archived(api: CampaignsApiFixture) -> None:
    """Its messages are still being skipped."""
    id_ = await add(api, "Now", "cancelled", open=True)
    assert (await api.call("POST", f"/api/campaigns/{id_}/archive")).status_code == 409


async def test_retry_brings_an_archived_campaign_back(api: CampaignsApiFixture) -> None:
    """It runs again, so it is in the list again."""
    id_ = await add(api, "Old", "finished", open=False, archived=True)
    assert (await api.call("POST", f"/api/campaigns/{id_}/retry")).json()["archived"] is False


@pytest.mark.parametrize("action", ["unschedule", "archive", "restore"])
async def test_action_by_viewer_is_forbidden(api: CampaignsApiFixture, action: str) -> None:
    """A viewer only looks."""
    id_ = await add(api, "Old", "finished", open=False)
    answer = await api.call("POST", f"/api/campaigns/{id_}/{action}", by="viewer@example.com")
    assert answer.status_code == 403


async def test_pace_of_a_paused_campaign_can_be_changed(api: CampaignsApiFixture) -> None:
    """Everything else is with people already, and the answer says why it cannot be changed."""
    id_ = await add(api, "Slow", "paused", open=True, launched_at=NOW, per_minute=60)
    path = f"/api/campaigns/{id_}"
    assert (await api.call("PATCH", path, json={"per_minute": 600})).json()["per_minute"] == 600
    assert (await api.call("PATCH", path, json={"per_minute": None})).json()["per_minute"] is None
    other = {"message": {**MESSAGE, "body": "Another text"}}
    refused = await api.call("PATCH", path, json=other)
    assert refused.status_code == 409
    assert "texts are already written" in refused.json()["detail"]
    await api.documents.commit([Update(f"campaigns/{id_}", {"state": "running"})])
    running = await api.call("PATCH", path, json={"per_minute": 600})
    assert (running.status_code, "pause" in running.json()["detail"].lower()) == (409, True)


@pytest.mark.parametrize("per_minute", [None, 600])
async def test_deferred_messages_get_the_pace_that_was_set_meanwhile(per_minute: int | None) -> None:
    """The pace in the event is the one that the vendor's side keeps."""
    herald = InMemoryHerald()
    await herald.launch(per_minute=60)
    deferred = DeferredMessages(herald.documents, herald.publisher)
    shared: dict[str, Any] = {"campaign_id": "c", "customer_id": "p", "to": "p@example.com", "per_minute": 60}
    shared |= {"channel": "email", "vendor": "simulator"}
    template = MessageTemplate(subject="Hi", body="Come")
    selected = RecipientSelected(message_id="1" * 32, fields={}, message=template, personalization="template", **shared)
    ready = MessageReady(message_id="2" * 32, subject="Hi", body="Come", personalized_by="template", **shared)
    await deferred.defer([DeferredMessage(event=event, reason="rate", until=NOW) for event in (selected, ready)])
    herald.publisher.events = []
    await herald.documents.commit([Update("campaigns/c", {"per_minute": per_minute})])
    for _ in range(2):  # at this pace, the second one a moment later
        await herald.dispatch.dispatch_due("c")
        herald.now += timedelta(seconds=1)
    published = [one for one in herald.publisher.events if isinstance(one, RecipientSelected | MessageReady)]
    assert [event.per_minute for event in published] == [per_minute] * 2
    assert {event.message_id for event in published} == {"1" * 32, "2" * 32}
