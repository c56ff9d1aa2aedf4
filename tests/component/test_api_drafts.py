"""Draft-first campaigns over HTTP: saved from the first key, checked by a list, copied, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from common.storage.documents import Create
from tests.component.test_api_campaigns import MESSAGE, CampaignsApiFixture
from tests.support import logged_actions

READY = {"name": "Diwali", "text": "everyone", "message": MESSAGE, "vendor": "simulator", "channel": "email"}


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.customers()
    await api.access.commit([Create("members/viewer@example.com", {"role": "viewer"})])
    return api


async def create(api: CampaignsApiFixture, body: Any, **params: Any) -> str:
    response = await api.call("POST", "/api/campaigns", json=body, params=params)
    assert response.status_code == 201, response.text
    return f"/api/campaigns/{response.json()['id']}"


async def checklist(api: CampaignsApiFixture, path: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.call("GET", f"{path}/checklist", by="viewer@example.com")).json()
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    return {item["code"]: item["state"] for item in found["items"]}


def errors(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(error["field"], error["code"]) for item in found["items"] for error in item["errors"]}


async def test_draft_with_nothing_is_saved_and_its_checklist_says_what_is_missing(api: CampaignsApiFixture) -> None:
    """The first key saves a draft; name, audience and message may come later."""
    path = await create(api, {})
    campaign = (await api.call("GET", path)).json()
    assert (campaign["state"], campaign["name"], campaign["rule"]) == ("draft", "", None)
    assert campaign["message"] == {"subject": "", "body": "", "preview": "", "marked": None}
    found = await checklist(api, path)
    assert (found["ok"], found["recipients"]) == (False, None)
    assert states(found) == {
        "name": "missing", "audience": "missing", "recipients": "missing", "message": "missing", "sender": "ok",
    }  # fmt: skip
    assert errors(found) == {
        ("name", "missing"), ("audience", "missing"), ("message.subject", "missing"), ("message.body", "missing"),
    }  # fmt: skip


async def test_checklist_of_complete_campaign_is_ok_and_counts_recipients(api: CampaignsApiFixture) -> None:
    """Of three customers one has an address; the others are excluded, with the reason."""
    found = await checklist(api, await create(api, READY))
    assert found["ok"] is True
    assert found["recipients"] == {"count": 3, "excluded": {"no_address": 2}, "reachable": 1, "unknown_consent": 1}
    assert errors(found) == set()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"name": " "}, ("name", "missing")),
        ({"text": ""}, ("audience", "missing")),
        ({"text": "spend > 10000000"}, ("audience", "nobody_matches")),
        ({"text": "visits > 5"}, ("audience", "nobody_reachable")),
        ({"text": "city ="}, ("text", "syntax")),
        ({"message": {"subject": "", "body": "x"}}, ("message.subject", "missing")),
        ({"message": {"subject": "x", "body": "{{ nmae }}"}}, ("message.body", "unknown_field")),
        ({"message": {"subject": "x", "body": "{{ name"}}, ("message.body", "template")),
        ({"vendor": "webhook"}, ("vendor", "not_available")),
        ({"vendor": "simulator", "channel": "whatsapp"}, ("channel", "not_available")),
    ],
)
async def test_launch_and_schedule_of_unready_draft_are_refused_with_its_errors(
    api: CampaignsApiFixture, changes: Any, error: tuple[str, str]
) -> None:
    """A draft is saved with anything missing or wrong; launch and schedule answer 422 with the checklist's errors."""
    path = await create(api, READY | changes, draft=True)
    found = await checklist(api, path)
    assert error in errors(found)
    for start in ({}, {"at": "2030-01-01T00:00:00Z"}):
        refused = await api.call("POST", f"{path}/launch", json=start)
        assert refused.status_code == 422
        assert {(one["field"], one["code"]) for one in refused.json()["errors"]} == errors(found)
    assert (await api.call("GET", path)).json()["state"] == "draft"


async def test_sms_needs_no_subject(api: CampaignsApiFixture) -> None:
    """A channel that shows no subject does not ask for one."""
    body = READY | {"channel": "sms", "message": {"body": "Come"}}
    found = await checklist(api, await create(api, body))
    assert states(found)["message"] == "ok"


async def test_rule_that_is_not_valid_yet_is_kept_as_text(api: CampaignsApiFixture) -> None:
    """What was typed is not lost; as soon as it is valid, it is the rule."""
    path = await create(api, READY)
    strict = await api.call("PATCH", path, json={"text": "city ="})
    assert strict.status_code == 422
    typed = await api.call("PATCH", path, json={"text": "city ="}, params={"draft": True})
    assert (typed.json()["rule"], typed.json()["rule_text"]) == (None, "city =")
    done = await api.call("PATCH", path, json={"text": 'city = "Pune"'}, params={"draft": True})
    assert (done.json()["rule"]["text"], done.json()["rule_text"]) == ('city = "Pune"', None)
    gone = (await api.call("PATCH", path, json={"text": ""})).json()
    assert (gone["rule"], gone["rule_text"], gone["segment_id"]) == (None, None, None)


async def test_scheduled_campaign_must_stay_complete(api: CampaignsApiFixture) -> None:
    """Its start needs no person any more, so nothing that the start needs can be taken away, not even as a draft."""
    path = await create(api, READY)
    assert (await api.call("POST", f"{path}/launch", json={"at": "2030-01-01T00:00:00Z"})).status_code == 202
    for changes in ({"name": ""}, {"text": ""}, {"text": "city ="}, {"message": {"subject": "x"}}):
        refused = await api.call("PATCH", path, json=changes, params={"draft": True})
        assert refused.status_code == 422, changes
    assert (await api.call("PATCH", path, json={"name": "Holi"})).json()["name"] == "Holi"


async def test_draft_is_deleted_and_the_audit_log_says_so(api: CampaignsApiFixture) -> None:
    """After it, the campaign is not found."""
    path = await create(api, {"name": "Oops"})
    assert (await api.call("DELETE", path, by="viewer@example.com")).status_code == 403
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.call("GET", path)).status_code == 404
    [entry] = await logged_actions(api.documents, "delete")
    assert (entry["by"], entry["what"], entry["campaign"]) == ("admin@example.com", "delete", path.rpartition("/")[2])


async def test_deletion_whose_answer_was_lost_succeeds(api: CampaignsApiFixture) -> None:
    """The commit is recognized as its own."""
    path = await create(api, {})
    api.documents.lost = 1
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.call("GET", path)).status_code == 404


async def test_launched_campaign_cannot_be_deleted(api: CampaignsApiFixture) -> None:
    """Its results stay: the answer is 409."""
    path = await create(api, READY)
    await api.call("POST", f"{path}/launch")
    refused = await api.call("DELETE", path)
    assert (refused.status_code, (await api.call("GET", path)).status_code) == (409, 200)
    assert refused.json()["detail"] == "The campaign is running; only a draft can be deleted."


async def test_draft_that_is_launched_meanwhile_is_not_deleted(api: CampaignsApiFixture) -> None:
    """Of a launch and a deletion at the same time, the first one counts."""
    path = await create(api, READY)

    async def launch() -> None:
        await api.call("POST", f"{path}/launch")

    api.documents.before_commit = launch
    assert (await api.call("DELETE", path)).status_code == 409
    assert (await api.call("GET", path)).json()["state"] == "running"


async def test_copy_is_a_draft_with_the_same_content(api: CampaignsApiFixture) -> None:
    """Also of a launched campaign: content and audience, but nothing of its life."""
    path = await create(api, READY | {"per_minute": 60, "personalization": "template"})
    await api.call("POST", f"{path}/launch")
    original = (await api.call("GET", path)).json()
    copied = await api.call("POST", f"{path}/copy")
    copy = copied.json()
    assert (copied.status_code, copy["state"], copy["name"]) == (201, "draft", "Diwali (copy)")
    for name in ("rule", "message", "channel", "vendor", "personalization", "per_minute"):
        assert copy[name] == original[name]
    assert (copy["launched_at"], copy["launched_by"], copy["totals"]) == (None, None, None)
    assert copy["id"] != original["id"]
    named = await api.call("POST", f"{path}/copy", json={"name": "दिवाली"})
    assert named.json()["name"] == "दिवाली"


@pytest.mark.parametrize("is_deleted", [False, True])
async def test_copy_has_the_segment_as_it_is_now(api: CampaignsApiFixture, is_deleted: bool) -> None:
    """A segment that is gone leaves its rule as the audience."""
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "visits < 3"})).json()
    path = await create(
        api, {key: value for key, value in READY.items() if key != "text"} | {"segment_id": segment["id"]}
    )
    await api.call("PUT", f"/api/segments/{segment['id']}", json={"name": "S", "text": "visits < 5"})
    if is_deleted:
        await api.call("DELETE", f"/api/segments/{segment['id']}")
    copy = (await api.call("POST", f"{path}/copy")).json()
    expected = (None, "visits < 3") if is_deleted else (segment["id"], "visits < 5")
    assert (copy["segment_id"], copy["rule"]["text"]) == expected


async def test_style_of_a_campaign_is_saved_copied_and_told_to_gemini(api: CampaignsApiFixture) -> None:
    """The settings of the texts are content of the campaign, as the message is."""
    style = {"tone": "formal", "language": "person", "forbidden_words": ["loan"], "allowed_fields": ["visits"]}
    path = await create(api, READY | {"style": style})
    saved = (await api.call("GET", path)).json()["style"]
    assert saved | style == saved
    copied = (await api.call("POST", f"{path}/copy")).json()
    assert copied["style"] == saved
    await api.call("POST", f"{path}/preview", json={"written_by": "gemini"})
    assert api.model.prompts[0].data["wishes"] == {"tone": "polite and formal", "forbidden_words": ["loan"]}
    changed = await api.call("PATCH", path, json={"style": {"tone": "shouting"}})
    assert (changed.status_code, changed.json()["errors"][0]["field"]) == (422, "style.tone")


async def test_message_with_a_forbidden_word_is_not_launched(api: CampaignsApiFixture) -> None:
    """The manager's own text is held to the campaign's words, too."""
    message = {"subject": "Hi", "body": "Take a loan, {{ name }}"}
    path = await create(api, READY | {"message": message, "style": {"forbidden_words": ["loan"]}})
    assert errors(await checklist(api, path)) == {("message.body", "forbidden_word")}
    assert (await api.call("POST", f"{path}/launch")).status_code == 422
