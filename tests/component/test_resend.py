"""A campaign is sent again to those whom it reached and who did not open it."""

from __future__ import annotations

from typing import Any

from common.events import Receipt
from common.ids import message_id
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture
from tests.support import customer_id


async def launched(api: CampaignsApiFixture, **changes: Any) -> str:
    """A campaign to everyone, and its path."""
    await api.customers()
    created = await api.campaign(text="everyone", vendor="simulator", **changes)
    path = f"/api/campaigns/{created.json()['id']}"
    assert (await api.call("POST", f"{path}/launch")).is_success
    return path


async def record(api: CampaignsApiFixture, path: str, person: str, *kinds: Any) -> None:
    campaign, customer = path.rpartition("/")[2], customer_id("external_id", person)
    ids = {"message_id": message_id(campaign, customer), "campaign_id": campaign, "customer_id": customer}
    await api.ledger.record([Receipt(**ids, kind=kind, at=NOW) for kind in kinds])


async def test_resend_is_a_draft_to_those_reached_who_did_not_open() -> None:
    """A machine's opening is none. Who failed, or got nothing, is not in it."""
    api = CampaignsApiFixture()
    path = await launched(api)
    await record(api, path, "big", "sent", "opened")
    await record(api, path, "small", "sent", "machine_opened")
    await record(api, path, "lapsed", "failed")
    answer = await api.call("POST", f"{path}/resend")
    draft = answer.json()
    assert (answer.status_code, draft["state"], draft["name"]) == (201, "draft", "Diwali (again)")
    assert draft["message"] == (await api.call("GET", path)).json()["message"]
    preview = await api.call("POST", "/api/segments/preview", json={"rules": draft["rule"]["tree"]})
    assert preview.json()["count"] == 1
    assert [one["id"] for one in preview.json()["samples"]] == [customer_id("external_id", "small")]


async def test_resend_is_refused_where_everybody_would_get_it_again() -> None:
    """Before the launch, and while nobody has opened: perhaps nothing is tracked."""
    api = CampaignsApiFixture()
    draft = f"/api/campaigns/{(await api.campaign()).json()['id']}"
    assert (await api.call("POST", f"{draft}/resend")).status_code == 409
    assert (await api.call("DELETE", draft)).status_code == 204
    path = await launched(api)
    await record(api, path, "big", "sent", "machine_opened")
    assert (await api.call("POST", f"{path}/resend")).status_code == 409


async def test_resend_of_a_name_that_two_campaigns_have_is_refused() -> None:
    """The rule could not say which one is meant. Repeated with a key, the request makes one draft."""
    api = CampaignsApiFixture()
    path = await launched(api)
    await record(api, path, "big", "sent", "opened")
    other = f"/api/campaigns/{(await api.campaign()).json()['id']}"
    refused = await api.call("POST", f"{path}/resend")
    assert (refused.status_code, "same name" in refused.json()["detail"]) == (409, True)
    await api.call("DELETE", other)
    key = {"Idempotency-Key": "again"}
    answers = [await api.call("POST", f"{path}/resend", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_draft_of_a_campaign_whose_topic_was_removed_has_none() -> None:
    """A copy and a resend could not be launched with it; a topic that is still there stays."""
    api = CampaignsApiFixture()
    offers = {"name": "offers", "labels": {"en": "Offers", "hi": "ऑफ़र"}}
    await api.call("PUT", "/api/topics", json={"items": [offers]})
    path = await launched(api, topic="offers")
    await record(api, path, "big", "sent", "opened")
    await record(api, path, "small", "sent")
    for items, topic in (([offers], "offers"), ([], None)):
        await api.call("PUT", "/api/topics", json={"items": items})
        drafts = [await api.call("POST", f"{path}/{action}") for action in ("copy", "resend")]
        assert [(draft.status_code, draft.json()["topic"]) for draft in drafts] == [(201, topic)] * 2
        for draft in drafts:
            await api.call("DELETE", f"/api/campaigns/{draft.json()['id']}")
