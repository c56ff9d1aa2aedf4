"""The list of customer fields over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from common.storage.documents import Create
from tests.component.test_api_campaigns import CampaignsApiFixture

VIEWER = "viewer@example.com"


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.access.commit([Create(f"members/{VIEWER}", {"email": VIEWER, "role": "viewer"})])
    return api


async def items_by_name(api: CampaignsApiFixture, language: str) -> dict[str, dict[str, Any]]:
    response = await api.call("GET", f"/api/fields?language={language}", by=VIEWER)
    assert response.status_code == 200
    return {item["name"]: item for item in response.json()["items"]}


async def test_fields_are_for_members_only(api: CampaignsApiFixture) -> None:
    """Without a token, the answer is 401."""
    assert (await api.call("GET", "/api/fields", by=None)).status_code == 401


async def test_field_says_where_it_can_be_used(api: CampaignsApiFixture) -> None:
    """A field of the caller's, with all that the site needs to know about it."""
    city = (await items_by_name(api, "en"))["city"]
    assert {"town", "billing city", "ville", "शहर"} <= set(city.pop("headings"))
    assert city == {
        "name": "city",
        "label": "City",
        "kind": "text",
        "operators": [
            "=",
            "!=",
            ">",
            ">=",
            "<",
            "<=",
            "between",
            "in",
            "contains",
            "starts_with",
            "ends_with",
            "is_set",
            "is_missing",
        ],
        "in_messages": True,
        "sortable": True,
        "in_imports": True,
        "is_identifier": False,
    }


async def test_fields_have_labels_in_the_requested_language(api: CampaignsApiFixture) -> None:
    """English without a choice, or Hindi."""
    english, hindi = await items_by_name(api, "en"), await items_by_name(api, "hi")
    assert english.keys() == hindi.keys()
    assert (english["city"]["label"], hindi["city"]["label"]) == ("City", "शहर")
    default = (await api.call("GET", "/api/fields", by=VIEWER)).json()["items"]
    assert default == list(english.values())
    assert (await api.call("GET", "/api/fields?language=fr", by=VIEWER)).status_code == 422


async def test_fields_include_channels_parts_and_computed_fields(api: CampaignsApiFixture) -> None:
    """Consent has one item for each channel; a part of a field is in imports or in messages only."""
    items = await items_by_name(api, "en")
    assert [name for name in items if name.startswith("consent")] == [
        "consent.email",
        "consent.sms",
        "consent.whatsapp",
    ]
    assert items["consent.email"] | {"headings": []} == {
        "name": "consent.email",
        "label": "Consent: E-mail",
        "kind": "flag",
        "operators": ["=", "!=", "is_set", "is_missing"],
        "in_messages": False,
        "sortable": False,
        "in_imports": True,
        "is_identifier": False,
        "headings": [],
    }
    usage = {
        name: (item["in_imports"], item["in_messages"], item["sortable"], bool(item["operators"]))
        for name, item in items.items()
    }
    assert usage["last_name"] == (True, True, True, True)
    assert usage["first_name"] == (True, True, True, True)
    assert usage["average_order_value"] == (False, False, True, True)
    assert usage["tags"] == (True, False, False, True)
    assert usage["attributes"] == (False, True, False, True)
    assert [name for name, item in items.items() if item["is_identifier"]] == ["external_id", "email", "phone"]
