"""What the API gives of an object goes in again and changes nothing: each path that gives and takes the same object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from common.addresses.address import Address
from common.storage.documents import Create
from local.openapi import build_document
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_company import customers_api
from tests.support import ADMIN, HASHER

NOT_TAKEN_BACK = {
    "/api/campaigns/{campaign_id}/summary": "POST has Gemini write a new summary",
    "/api/confirm/{token}": "a page and its form, for people",
    "/api/imports/mappings": "PUT needs the headings of a whole file, and the list has those only that were chosen for",
    "/api/keys": "a key is secret, and shown once: POST makes another one",
    "/api/members": "who is a member already is not invited again (409); PATCH changes them",
    "/api/unsubscribe/{token}": "a page and its form, for people",
    "/api/view/{token}": "a page and its form, for people",
    "/api/webhooks": "a webhook has a secret, which is shown once: POST makes another one; PATCH changes one",
}
"""Why what GET gives is no request there."""

ROWS = [
    {"external_id": "7", "email": "asha@example.com", "phone": "+919812345678", "first_name": "Asha", "spend": 12.5},
    {"email": "bela@example.com", "tags": ["vip"], "attributes": {"plan": "gold", "n": [1, "x"]}},
]
CONTENT = {
    "message": {"subject": "Hi", "body": "Come", "preview": "Now", "marked": None},
    "per_minute": 60,
    "quiet_hours": "21:00-09:00",
    "frequency_cap": "3/7",
    "holdout_percent": 5,
    "local_hour": None,
    "topic": "offers",
    "style": {"tone": "warm", "forbidden_words": ["cheap"]},
}


class Fixture:
    """Both functions on one store."""

    def __init__(self) -> None:
        self.campaigns = CampaignsApiFixture()
        self.customers = customers_api(self.campaigns)

    async def call(self, method: str, path: str, json: Any = None) -> Any:
        """The answer of the function that has the path."""
        is_about_people = path.startswith(("/api/customers", "/api/suppressions", "/api/forms"))
        is_about_people |= path.endswith("/people")
        send = self.customers if is_about_people else self.campaigns.call
        response = await send(method, path, json=json)
        assert response.is_success, (method, path, response.text)
        return response.json() if response.content else None

    async def get(self, path: str) -> Any:
        return await self.call("GET", path)

    async def put_topics(self) -> None:
        labels = {"en": "Offers", "hi": "ऑफ़र"}
        await self.call("PUT", "/api/topics", {"items": [{"name": "offers", "labels": labels}]})


async def customer(api: Fixture) -> None:
    """PUT of one customer."""
    await api.call("POST", "/api/customers", ROWS)
    for item in (await api.get("/api/customers"))["items"]:
        path = f"/api/customers/{item['id']}"
        before = await api.get(path)
        await api.call("PUT", path, before)
        assert await api.get(path) == before


async def customers(api: Fixture) -> None:
    """POST of a whole list."""
    await api.call("POST", "/api/customers", ROWS)
    before = await api.get("/api/customers")
    answer = await api.call("POST", "/api/customers", before["items"])
    assert (answer["unchanged"], answer["updated"], answer["created"]) == (2, 0, 0)
    assert await api.get("/api/customers") == before


async def segment(api: Fixture) -> None:
    """PUT of one segment, with a rule and with a list."""
    await api.call("POST", "/api/customers", ROWS)
    static = await api.call("POST", "/api/segments", {"name": "Guests", "kind": "static"})
    await api.call("POST", f"/api/segments/{static['id']}/people", ["7", "late@example.com"])
    rule = await api.call("POST", "/api/segments", {"name": "All", "text": 'spend > 1 OR NOT in segment "Guests"'})
    for one in (static, rule):
        path = f"/api/segments/{one['id']}"
        before = await api.get(path)
        await api.call("PUT", path, before)
        assert await api.get(path) == before


async def segments(api: Fixture) -> None:
    """POST of a listed segment makes the same one again, once it is deleted."""
    await api.call("POST", "/api/segments", {"name": "All", "text": "spend > 1 OR visits < 3"})
    [before] = (await api.get("/api/segments"))["items"]
    await api.call("DELETE", f"/api/segments/{before['id']}")
    await api.call("POST", "/api/segments", before)
    [after] = (await api.get("/api/segments"))["items"]
    made = {"id", "created_at"}
    assert {name: after[name] for name in after.keys() - made} == {name: before[name] for name in after.keys() - made}


async def drafts(api: Fixture) -> list[Any]:
    """Drafts with each kind of audience: a rule, a segment, a rule that is not valid, none."""
    await api.put_topics()
    segment = await api.call("POST", "/api/segments", {"name": "All", "text": "everyone"})
    audiences = [{"text": "spend > 10"}, {"segment_id": segment["id"]}, {"text": "spend >"}, {}]
    made = [
        await api.call("POST", "/api/campaigns?draft=true", {"name": "Diwali", **CONTENT, **one}) for one in audiences
    ]
    return [await api.get(f"/api/campaigns/{one['id']}") for one in made]


async def campaign(api: Fixture) -> None:
    """PATCH of a draft."""
    for before in await drafts(api):
        path = f"/api/campaigns/{before['id']}"
        await api.call("PATCH", f"{path}?draft=true", before)
        assert await api.get(path) == before


async def campaigns(api: Fixture) -> None:
    """POST of a draft makes another one with the same content."""
    for before in await drafts(api):
        copy = await api.call("POST", "/api/campaigns?draft=true", before)
        made = {"id", "created_at"}
        assert {name: one for name, one in copy.items() if name not in made} == {
            name: one for name, one in before.items() if name not in made
        }


async def suppressions(api: Fixture) -> None:
    """POST of the list, with reasons, channels and times."""
    await api.call("POST", "/api/customers", ROWS)
    await api.call("POST", "/api/suppressions", [{"email": "bela@example.com", "reason": "asked"}])
    await api.call("POST", "/api/suppressions", [{"phone": "+919812345678", "channels": ["sms"]}])
    before = await api.get("/api/suppressions")
    assert [one["channels"] for one in before["items"]] == [["sms"], ["email"]]
    answer = await api.call("POST", "/api/suppressions", before["items"])
    assert (answer["suppressed"], answer["rejected"]) == (2, [])
    assert await api.get("/api/suppressions") == before


async def topics(api: Fixture) -> None:
    """PUT of all topics."""
    await api.put_topics()
    before = await api.get("/api/topics")
    await api.call("PUT", "/api/topics", before)
    assert await api.get("/api/topics") == before


async def forms(api: Fixture) -> None:
    """PUT of a listed form, and POST of it as a new one."""
    mail = {"subject": "Is it you?", "body": "Please confirm.", "button": "Yes"}
    form = {"name": "Shop", "thank_you": "Look into your mailbox.", "allowed_origins": ["https://shop.example"]}
    await api.call("POST", "/api/forms", {**form, "vendor": "simulator", "confirmation": mail})
    [before] = (await api.get("/api/forms"))["items"]
    await api.call("PUT", f"/api/forms/{before['id']}", before)
    assert (await api.get("/api/forms"))["items"] == [before]
    copy = await api.call("POST", "/api/forms", before)
    assert {name for name in copy if copy[name] != before[name]} <= {"id", "created_at"}


ROUND_TRIPS: dict[str, Callable[[Fixture], Awaitable[None]]] = {
    "/api/campaigns": campaigns,
    "/api/campaigns/{campaign_id}": campaign,
    "/api/customers": customers,
    "/api/customers/{customer_id}": customer,
    "/api/forms": forms,
    "/api/segments": segments,
    "/api/segments/{segment_id}": segment,
    "/api/suppressions": suppressions,
    "/api/topics": topics,
}


def test_each_path_that_gives_and_takes_an_object_is_tried() -> None:
    """A new path of this kind is added above, or to the exceptions, with the reason."""
    paths = build_document()["paths"]
    both = {path for path, item in paths.items() if "get" in item and item.keys() & {"put", "post", "patch"}}
    assert both == ROUND_TRIPS.keys() | NOT_TAKEN_BACK.keys()
    assert not ROUND_TRIPS.keys() & NOT_TAKEN_BACK.keys()


@pytest.mark.parametrize("path", ROUND_TRIPS)
async def test_what_the_api_gives_goes_in_again(path: str) -> None:
    """Nothing changes, also not what Herald itself has written."""
    await ROUND_TRIPS[path](Fixture())


async def test_approval_outlives_a_change_that_changes_nothing() -> None:
    """A program that sends back what it read does not ask for a second approval."""
    api = Fixture()
    people = [{"email": f"p{number}@example.com", "spend": 20} for number in range(20)]  # of whom 5 % are held out
    await api.call("POST", "/api/customers", people)
    [before, *_] = await drafts(api)
    await api.campaigns.access.commit([Create("members/second@example.com", {"role": "manager"})])
    path = f"/api/campaigns/{before['id']}"
    approved = await api.campaigns.call("POST", f"{path}/approve", by="second@example.com")
    assert approved.status_code == 200, approved.text
    after = await api.call("PATCH", path, approved.json())
    assert after["approved_by"] == "second@example.com" != ADMIN


async def test_rule_whose_text_alone_was_changed_is_refused() -> None:
    """Which of the two is meant, is not guessed."""
    api = Fixture()
    segment = await api.call("POST", "/api/segments", {"name": "All", "text": "everyone"})
    path = f"/api/segments/{segment['id']}"
    changed = segment | {"rule": segment["rule"] | {"text": "spend > 10"}}
    refused = await api.campaigns.call("PUT", path, json=changed)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "one_of")
    wrong = await api.campaigns.call("PUT", path, json=segment | {"rule": segment["rule"] | {"tree": {"op": "no"}}})
    assert wrong.status_code == 422


async def test_listed_suppression_keeps_the_reason_of_each_channel() -> None:
    """The list shows the latest reason only."""
    api = Fixture()
    await api.call("POST", "/api/customers", ROWS)
    for channel, reason in (("sms", "asked"), ("whatsapp", "wrong person")):
        row = {"phone": "+919812345678", "channels": [channel], "reason": reason}
        await api.call("POST", "/api/suppressions", row)
    path = HASHER.path(Address(kind="phone", value="+919812345678"))
    before = await api.campaigns.documents.get(path)
    [listed] = (await api.get("/api/suppressions"))["items"]
    await api.call("POST", "/api/suppressions", listed)
    assert (await api.campaigns.documents.get(path)).data == before.data
    refused = await api.customers("POST", "/api/suppressions", json={"email": "a@b.in", "channels": ["sms"]})
    assert refused.json()["rejected"][0]["errors"][0]["code"] == "unknown_channel"


@pytest.mark.parametrize("path", ["/api/segments", "/api/campaigns", "/api/suppressions"])
async def test_unknown_field_of_a_new_object_is_still_an_error(path: str) -> None:
    """What only Herald writes is left out of objects that Herald gave, and refused in others."""
    api = Fixture()
    send = api.customers if "suppressions" in path else api.campaigns.call
    response = await send("POST", path, json={"name": "x", "text": "everyone", "email": "a@b.in", "created_at": "2026"})
    assert response.status_code == 422 or response.json()["rejected"], response.text
