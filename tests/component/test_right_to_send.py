"""The right to send, apart from the role: who lacks it prepares campaigns, and somebody who has it launches them."""

from __future__ import annotations

from datetime import timedelta

from common.storage.documents import Create, Update
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture

DRAFTER = "drafter@example.com"
LATER = (NOW + timedelta(days=1)).isoformat()


async def test_manager_without_the_right_to_send_prepares_and_does_not_launch() -> None:
    """Launch, schedule, resume and retry are refused; writing, pausing and cancelling are not."""
    api = CampaignsApiFixture()
    await api.customers()
    await api.access.commit([Create(f"members/{DRAFTER}", {"role": "manager", "may_send": False})])
    body = {"name": "Diwali", "text": "visits < 5", "message": {"subject": "Hi", "body": "Hello"}}
    drafted = await api.call("POST", "/api/campaigns", by=DRAFTER, json=body)
    assert drafted.status_code == 201
    path = f"/api/campaigns/{drafted.json()['id']}"
    for action, sent in (("launch", None), ("launch", {"at": LATER}), ("resume", None), ("retry", None)):
        refused = await api.call("POST", f"{path}/{action}", by=DRAFTER, json=sent)
        assert (refused.status_code, "ask somebody who may send" in refused.json()["detail"]) == (403, True), action
    assert (await api.call("POST", f"{path}/launch")).status_code == 202
    assert (await api.call("POST", f"{path}/pause", by=DRAFTER)).status_code == 200
    assert (await api.call("POST", f"{path}/cancel", by=DRAFTER)).status_code == 200


async def test_member_who_is_given_the_right_to_send_launches() -> None:
    """The same person, after an admin gave them the right."""
    api = CampaignsApiFixture()
    await api.customers()
    await api.access.commit([Create(f"members/{DRAFTER}", {"role": "manager", "may_send": False})])
    await api.access.commit([Update(f"members/{DRAFTER}", {"may_send": True})])
    campaign = (await api.campaign(text="visits < 5")).json()["id"]
    assert (await api.call("POST", f"/api/campaigns/{campaign}/launch", by=DRAFTER)).status_code == 202
