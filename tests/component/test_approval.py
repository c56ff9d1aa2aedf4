"""Large and transactional campaigns need two people: one approves, another one launches."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from campaigns.composition import CampaignsSettings
from campaigns.composition import compose as compose_campaigns
from campaigns.lifecycle.drafts import CONTENT_FIELDS
from common.events import Tick
from common.ids import stable_hash
from common.storage.documents import Create, Update
from common.web.api_keys import key_id, new_key
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture
from tests.in_memory_herald import FixedTextModel
from tests.support import SETTINGS, ApiClient, identity_from_token, logged_actions

ANNA, BEN, DRAFTER = "anna@example.com", "ben@example.com", "drafter@example.com"
MESSAGE = {"subject": "Hi", "body": "Hello"}
LATER = NOW + timedelta(days=1)


class ApprovalFixture(CampaignsApiFixture):
    """One customer who can be reached; two members who may send, and one who may not."""

    def __init__(self, above: int | None = 0) -> None:
        super().__init__()
        self.function = compose_campaigns(
            documents=self.documents,
            publisher=self.publisher,
            create_model=FixedTextModel,
            open_access=lambda: self.access,
            verify_id_token=identity_from_token,
            settings=CampaignsSettings(SETTINGS | ({} if above is None else {"APPROVAL_ABOVE": str(above)})),
            clock=lambda: self.now,
        )
        self.call = ApiClient(self.function.app)

    @classmethod
    async def create(cls, above: int | None = 0) -> ApprovalFixture:
        api = cls(above)
        await api.customers()
        rights = {ANNA: True, BEN: True, DRAFTER: False}
        await api.access.commit(
            [Create(f"members/{who}", {"role": "manager", "may_send": sends}) for who, sends in rights.items()]
        )
        return api

    async def draft(self, text: str | None = "visits >= 0", *, by: str = ANNA, **fields: Any) -> str:
        audience = {} if text is None else {"text": text}
        body = {"name": "Diwali", "message": MESSAGE, **audience, **fields}
        created = await self.call("POST", "/api/campaigns", by=by, json=body)
        assert created.status_code == 201, created.text
        return f"/api/campaigns/{created.json()['id']}"

    async def act(self, path: str, action: str, by: str, **request: Any) -> tuple[int, str]:
        """The status, and the type of the problem."""
        answer = await self.call("POST", f"{path}/{action}", by=by, **request)
        return answer.status_code, str(answer.json().get("type", ""))

    async def approval(self, path: str) -> str:
        return str((await self.call("GET", f"{path}/checklist")).json()["approval"])


NEEDED = (409, "urn:herald:approval_needed")
LAUNCHED = (202, "")


async def test_large_campaign_is_launched_by_one_and_approved_by_another() -> None:
    """Not without the approval, not by the approver; the campaign and the log say who did which."""
    api = await ApprovalFixture.create()
    path = await api.draft()
    assert await api.approval(path) == "needed"
    assert await api.act(path, "launch", ANNA) == NEEDED
    assert await api.act(path, "launch", ANNA, json={"at": LATER.isoformat()}) == NEEDED
    assert (await api.act(path, "approve", DRAFTER))[0] == 403
    assert await api.act(path, "approve", BEN) == (200, "")
    assert await api.approval(path) == "given"
    assert await api.act(path, "launch", BEN) == NEEDED
    assert await api.act(path, "launch", ANNA) == LAUNCHED
    campaign = (await api.call("GET", path)).json()
    assert (campaign["approved_by"], campaign["launched_by"]) == (BEN, ANNA)
    assert [entry["by"] for entry in await logged_actions(api.documents, "approve")] == [BEN]


async def test_key_neither_approves_nor_launches_what_needs_two_people() -> None:
    """Somebody who has approved could have its secret."""
    api = await ApprovalFixture.create()
    key = new_key()
    await api.access.commit([Create(f"keys/{key_id(key)}", {"name": "shop", "role": "manager"})])
    path = await api.draft()
    assert (await api.act(path, "approve", key))[0] == 403
    await api.act(path, "approve", BEN)
    assert (await api.act(path, "launch", key))[0] == 409


@pytest.mark.parametrize(
    ("above", "text", "transactional", "approval"),
    [
        (None, "visits >= 0", False, "not_needed"),
        (None, "visits >= 0", True, "not_needed"),
        (1, "visits >= 0", False, "not_needed"),
        (0, "visits >= 0", False, "needed"),
        (100, "visits >= 0", True, "needed"),
        (0, "visits < 0", False, "not_needed"),
    ],
)
async def test_deployment_says_what_needs_an_approval(
    above: int | None, text: str, transactional: bool, approval: str
) -> None:
    """More people than the setting, or transactional; without the setting nothing does."""
    api = await ApprovalFixture.create(above)
    path = await api.draft(text, by="admin@example.com", transactional=transactional)
    assert await api.approval(path) == approval
    if approval == "not_needed" and text == "visits >= 0":
        assert await api.act(path, "launch", "admin@example.com") == LAUNCHED


@pytest.mark.parametrize("change", [{"message": {"subject": "Hi", "body": "Send money"}}, {"text": "visits > 0"}])
async def test_change_takes_the_approval_away(change: dict[str, Any]) -> None:
    """What is launched is what was approved."""
    api = await ApprovalFixture.create()
    path = await api.draft()
    await api.act(path, "approve", BEN)
    assert (await api.call("PATCH", path, by=ANNA, json=change)).json()["approved_by"] is None
    assert await api.act(path, "launch", ANNA) == NEEDED


@pytest.mark.parametrize("by_name", [True, False])
async def test_changed_segment_takes_the_approval_away(by_name: bool) -> None:
    """The audience is another one, although nobody touched the campaign; approved again, it is launched."""
    api = await ApprovalFixture.create()
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "visits > 0"})).json()["id"]
    path = await api.draft(**{"text": 'in segment "S"'} if by_name else {"text": None, "segment_id": segment})
    await api.act(path, "approve", BEN)
    assert await api.approval(path) == "given"
    await api.call("PUT", f"/api/segments/{segment}", json={"name": "S", "text": "visits >= 0"})
    assert await api.approval(path) == "needed"
    assert await api.act(path, "launch", ANNA) == NEEDED
    await api.act(path, "approve", BEN)
    assert await api.act(path, "launch", ANNA) == LAUNCHED


@pytest.mark.parametrize("is_changed", [False, True])
async def test_scheduled_campaign_starts_only_as_it_was_approved(is_changed: bool) -> None:
    """A message that was changed after the approval does not go out; the campaign says why."""
    api = await ApprovalFixture.create()
    path = await api.draft()
    await api.act(path, "approve", BEN)
    assert await api.act(path, "launch", ANNA, json={"at": LATER.isoformat()}) == LAUNCHED
    if is_changed:
        await api.call("PATCH", path, by=ANNA, json={"message": {"subject": "Hi", "body": "Send money"}})
    api.now = LATER + timedelta(minutes=1)
    await api.function.scheduler.tick(Tick())
    campaign = (await api.call("GET", path)).json()
    assert campaign["state"] == ("scheduled" if is_changed else "running")
    assert ("was changed" in (campaign["start_error"] or "")) == is_changed
    assert campaign["start_error_code"] == ("changed" if is_changed else None)


async def test_campaign_that_was_approved_before_there_were_topics_stays_approved() -> None:
    """Its fingerprint has no topic; one with a topic has another fingerprint."""
    api = await ApprovalFixture.create()
    path = await api.draft()
    await api.act(path, "approve", BEN)
    stored = await api.documents.get(path.removeprefix("/api/"))
    later = {"per_minute", "topic", "simulation", "sentences"}
    content = {name: stored.get(name) for name in sorted(CONTENT_FIELDS - later)}
    before = stable_hash("content", json.dumps(content, sort_keys=True), stored["rules"])
    assert stored["approved_content"] == before
    await api.documents.commit([Update(stored.path, {"topic": "newsletter"})])
    assert await api.approval(path) == "needed"
