"""The facts of a message over HTTP, and SMS in the estimate."""

from __future__ import annotations

from typing import Any

import pytest

from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_api_estimate import estimate

PATH = "/api/campaigns/facts"
BODY = "Hi {{ first_name }}, take 15% off until Sunday with SAVE15. Free delivery. Reply STOP."


async def facts(body: str, marked: list[str] | None = None) -> dict[str, Any]:
    response = await CampaignsApiFixture().call("POST", PATH, json={"message": {"body": body, "marked": marked}})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def test_message_is_cut_into_prose_values_and_facts() -> None:
    """All parts together are the message; a value is named by its field."""
    found = await facts(BODY)
    kinds = {part["text"]: part["kind"] for part in found["body"] if part["kind"]}
    assert kinds["first_name"] == "value"
    assert kinds["SAVE15"] == "code"
    assert kinds["until Sunday"] == "until"
    assert kinds["take 15% off"] == "offer"
    assert "".join(part["text"] for part in found["body"]) == BODY.replace("{{ first_name }}", "first_name")
    assert "SAVE15" in [fact["text"] for fact in found["facts"]]
    assert found["marked"] == []


async def test_marked_phrase_is_a_fact_where_the_message_has_it() -> None:
    """Case does not matter; a phrase that is not there any more is said to be lost."""
    body = "Come and see our garden. Reply with a word."
    assert (await facts(body))["facts"] == []
    found = await facts(body, ["reply with", "our shop"])
    assert found["facts"] == [{"text": "Reply with", "kind": "marked"}]
    assert found["marked"] == [
        {"phrase": "reply with", "is_found": True},
        {"phrase": "our shop", "is_found": False},
    ]


async def test_message_that_is_no_template_is_refused() -> None:
    """The error is at the field, as when it is saved; somebody who may only read is refused."""
    api = CampaignsApiFixture()
    response = await api.call("POST", PATH, json={"message": {"body": "Hi {{ nickname }}"}})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "message.body")
    assert (await api.call("POST", PATH, by="nobody@example.com", json={"message": {}})).status_code == 403


async def test_estimate_of_an_email_has_no_sms() -> None:
    """Only SMS are counted in segments."""
    assert (await estimate(3))["segments"] is None


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("a" * 160, {"total": 9, "most": 1, "is_unicode": False}),
        ("a" * 161, {"total": 18, "most": 2, "is_unicode": False}),
        ("न" * 71, {"total": 18, "most": 2, "is_unicode": True}),
        ("{{ name }}" + "a" * 154, {"total": 15, "most": 2, "is_unicode": False}),
    ],
)
async def test_estimate_counts_sms_for_everybody(body: str, segments: dict[str, Any]) -> None:
    """Segments of each person's own text: 6 of 9 people have a name, which makes their text longer."""
    settings = {"UNKNOWN_CONSENT": "email,sms"}
    found = await estimate(9, settings=settings, phones=True, channel="sms", message={"subject": "", "body": body})
    assert found["segments"] == segments
