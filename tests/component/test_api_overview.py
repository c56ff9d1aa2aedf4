"""The home page's request, and the preview of a message for real people."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.model.campaign import CampaignResponse
from campaigns.reports.overview import attention
from common.events import MessageReady
from common.messages.deferred import DeferredMessage, DeferredMessages
from common.storage.documents import Create
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_campaign_list import ZEROS, add
from tests.component.test_api_campaigns import MESSAGE, NOW, CampaignsApiFixture
from tests.support import HASHER

TOTALS = {"audience": 100, "sent": 90, "failed": 10, "skipped": 0, "pending": 0}  # finished before `unknown` was known
TOTALS_NOW = {"audience": 4, "sent": 1, "failed": 1, "skipped": 0, "unknown": 0, "pending": 2}


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await api.access.commit([Create("members/viewer@example.com", {"role": "viewer"})])
    return api


async def overview(api: CampaignsApiFixture) -> Any:
    response = await api.call("GET", "/api/overview", by="viewer@example.com")
    assert response.status_code == 200, response.text
    return response.json()


async def test_overview_of_empty_deployment_shows_no_step_done(api: CampaignsApiFixture) -> None:
    """Nothing was done, nothing runs, nothing is wrong."""
    found = await overview(api)
    assert set(found["first_steps"].values()) == {False}
    assert (found["active"], found["attention"], found["last"]) == ([], [], [])
    assert found["figures"] == {
        "customers": 0,
        "growth": {"first_day": "2026-10-24", "customers": [0] * 31},
        "campaigns": ZEROS,
        "last": dict.fromkeys((*TOTALS, "unknown"), 0),
    }


async def test_overview_shows_the_last_imports(api: CampaignsApiFixture) -> None:
    """The newest three whose upload has ended; a file that was only checked is not one."""
    for day in range(1, 7):
        stored = {
            "state": "uploading" if day == 6 else "processing",
            "what": "customers",
            "dry_run": day == 5,
            "file": f"{day}.csv" if day != 4 else None,
            "by": "m@example.com",
            "at": NOW.replace(day=day),
            **({} if day == 6 else {"rows": day * 100}),
        }
        await api.documents.commit([Create(f"imports/i{day}", stored)])
    found = (await overview(api))["last_imports"]
    assert [(one["id"], one["file"], one["rows"]) for one in found] == [
        ("i4", None, 400),
        ("i3", "3.csv", 300),
        ("i2", "2.csv", 200),
    ]
    assert (found[0]["what"], found[0]["by"]) == ("customers", "m@example.com")


async def test_overview_shows_steps_active_and_last_campaigns(api: CampaignsApiFixture) -> None:
    """Customers, a segment and a launched campaign are done; what runs has live totals, what ended its own."""
    await api.customers()
    await api.call("POST", "/api/segments", json={"name": "S", "text": "everyone"})
    await add(api, "Draft", "draft")
    for number in range(6):
        await add(api, f"Done {number}", "finished", launched_at=NOW, totals=TOTALS | {"failed": 0, "sent": 100})
    await add(api, "Later", "scheduled")
    await add(api, "Now", "running", id_="c", launched_at=NOW)
    await api.record({"p1": "sent", "p2": "failed"})
    found = await overview(api)
    assert set(found["first_steps"].values()) == {True}
    assert [one["name"] for one in found["active"]] == ["Now", "Later"]
    assert found["active"][0]["totals"] == TOTALS_NOW
    assert [one["name"] for one in found["last"]] == [f"Done {number}" for number in (5, 4, 3, 2, 1)]
    assert found["figures"]["customers"] == found["figures"]["growth"]["customers"][-1] == 3
    assert found["figures"]["campaigns"] == ZEROS | {"draft": 1, "scheduled": 1, "running": 1, "finished": 6}
    assert found["figures"]["last"] == TOTALS_NOW | {"audience": 504, "sent": 501}


async def test_overview_names_what_needs_attention(api: CampaignsApiFixture) -> None:
    """A failed start, many failures, counters that differ, and messages that wait for their vendor."""
    await add(api, "Late", "scheduled", start_error="The audience does not exist.",
              start_error_code="audience_gone")  # fmt: skip
    await add(api, "Bad", "finished", launched_at=NOW, totals=TOTALS)
    await add(api, "Odd", "finished", launched_at=NOW, totals=TOTALS | {"failed": 5, "sent": 95},
              discrepancy={"sent": {"counters": 2, "ledger": 1}})  # fmt: skip
    await add(api, "Waits", "running", id_="c", launched_at=NOW)
    await api.record({"p1": "sent"})
    event = MessageReady(
        message_id="0" * 32, campaign_id="c", customer_id="p2", to="a@example.com", subject="s", body="b",
        channel="email", vendor="simulator", personalized_by="template",
    )  # fmt: skip
    deferred = DeferredMessages(api.documents, api.publisher)
    await deferred.defer([DeferredMessage(event=event, reason="vendor", until=NOW)])
    found = (await overview(api))["attention"]
    assert {(item["code"], item["campaign_name"], item["count"], item["reason"]) for item in found} == {
        ("start_error", "Late", None, "audience_gone"),
        ("failures", "Bad", 10, None),
        ("discrepancy", "Odd", None, None),
        ("vendor_deferred", "Waits", 1, None),
    }
    assert next(item["share"] for item in found if item["code"] == "failures") == 0.1


async def test_overview_is_304_while_nothing_changes(api: CampaignsApiFixture) -> None:
    """The page can poll it without drawing anything again."""
    await add(api, "Draft", "draft")
    first = await api.call("GET", "/api/overview")
    assert first.status_code == 200
    assert (await api.call("GET", "/api/overview", headers={"If-None-Match": first.headers["etag"]})).status_code == 304


@pytest.mark.parametrize(("sent", "failed", "expected"), [(1, 1, 0), (95, 5, 0), (94, 6, 1), (0, 20, 1)])
def test_failures_need_attention_over_five_percent(sent: int, failed: int, expected: int) -> None:
    """With fewer than 20 messages a single failure says nothing."""
    campaign = CampaignResponse.model_validate(
        {"id": "c", "name": "C", "rule": None, "message": MESSAGE, "channel": "email", "vendor": "simulator",
         "personalization": "template", "state": "running", "created_at": NOW, "created_by": "a",
         "totals": {"audience": 200, "sent": sent, "failed": failed, "skipped": 0, "pending": 0}}
    )  # fmt: skip
    assert len(attention(campaign, 0)) == expected


async def people(api: CampaignsApiFixture) -> None:
    rows = [
        CustomerInput(external_id=f"n{n}", email=f"n{n}@example.com", name=f"Asha {n}", city="Pune") for n in range(8)
    ]
    rows += [
        CustomerInput(
            external_id="long", email="l@example.com", name="Venkata " * 10 + "Rao", attributes={"plan": "gold"}
        ),
        CustomerInput(external_id="no", email="no@example.com", spend=1250),
        CustomerInput(external_id="out", email="out@example.com", consent={"email": False}),
        CustomerInput(external_id="none", name="No Address"),
    ]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)


BODY = {"subject": "Hi {{ first_name }}", "body": "{{ spend }} in {{ city }}, {{ attributes.plan }}"}


async def test_preview_shows_random_people_one_without_and_one_with_a_long_name(api: CampaignsApiFixture) -> None:
    """Each with the text that they would get; nobody who is excluded; and how many lack each field."""
    await people(api)
    campaign = (await api.campaign(text="everyone", message=BODY)).json()
    path = f"/api/campaigns/{campaign['id']}/preview"
    found = (await api.call("POST", path, json={"people": 2, "seed": "a"})).json()
    assert (found["reachable"], found["is_audience"]) == (10, True)
    by_choice = {
        choice: [one for one in found["people"] if one["choice"] == choice]
        for choice in ("random", "no_name", "long_name")
    }
    assert len(by_choice["random"]) <= 2
    [nameless], [long] = by_choice["no_name"], by_choice["long_name"]
    assert nameless["template"] == {"subject": "Hi", "body": "₹1,250 in , "}
    assert nameless["missing"] == ["city", "first_name", "attributes.plan"]
    assert (long["name"], long["missing"]) == ("Venkata " * 10 + "Rao", ["city"])
    assert {(one["field"], one["count"]) for one in found["missing"]} == {
        ("first_name", 1), ("city", 2), ("attributes.plan", 9),
    }  # fmt: skip


async def test_preview_with_a_seed_is_repeatable_and_another_seed_shows_others(api: CampaignsApiFixture) -> None:
    """So the page can show the same people after an edit, and others on request."""
    await people(api)
    path = f"/api/campaigns/{(await api.campaign(text='city = "Pune"', message=BODY)).json()['id']}/preview"
    chosen = [
        [one["customer_id"] for one in (await api.call("POST", path, json={"seed": seed})).json()["people"]]
        for seed in ("a", "a", "b", "c", "d")
    ]
    assert chosen[0] == chosen[1]
    assert len({tuple(ids) for ids in chosen}) > 1


async def test_preview_of_draft_without_audience_shows_any_customers(api: CampaignsApiFixture) -> None:
    """The manager can write first, and choose the audience later; a text can be tried before it is saved."""
    await people(api)
    path = f"/api/campaigns/{(await api.call('POST', '/api/campaigns', json={})).json()['id']}/preview"
    found = (
        await api.call("POST", path, json={"people": 1, "message": {"subject": "Hi {{ name }}", "body": "x"}})
    ).json()
    assert (found["is_audience"], found["reachable"]) == (False, 10)
    assert found["people"][0]["template"]["subject"].startswith("Hi")
    wrong = await api.call("POST", path, json={"message": {"body": "{{ nmae }}"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "message.body")


async def test_preview_by_viewer_is_forbidden(api: CampaignsApiFixture) -> None:
    """It shows people's data in full."""
    path = f"/api/campaigns/{(await api.campaign()).json()['id']}/preview"
    assert (await api.call("POST", path, by="viewer@example.com")).status_code == 403
