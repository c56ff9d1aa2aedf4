"""The campaigns API with an in-memory store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.types import Message

from campaigns.composition import CampaignsSettings, compose
from campaigns.sending.fan_out import page_path
from common.audience.reconciliation import Reconciliation
from common.events import FanOut, PlanAudience, Receipt, ReceiptKind, Tick
from common.ids import BUCKETS, message_id
from common.rules import describe, parse
from common.rules.fields import FIELDS
from common.storage.documents import Create, Delete, Query, Update, Write
from common.storage.memory import MemoryPublisher
from customers.commands.erase import Erasure
from customers.commands.merge import CustomerMerges
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from customers.records.person_records import PersonRecords
from tests.in_memory_herald import InMemoryHerald
from tests.support import (
    HASHER,
    INVALID_CURSORS,
    INVALID_IDS,
    SETTINGS,
    ApiClient,
    FakeModel,
    IdCheckingStore,
    ResponseLosingStore,
    customer_id,
    identity_from_token,
    logged_actions,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = "spend > 10000 AND visits < 3 OR inactive for 90 days"
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Come back, {{ name }}"}


class InterleavedStore(IdCheckingStore, ResponseLosingStore):
    """Runs another write right before the next commit."""

    before_commit: Callable[[], Awaitable[None]] | None = None

    async def commit(self, writes: Sequence[Write]) -> None:
        callback, self.before_commit = self.before_commit, None
        if callback:
            await callback()
        await super().commit(writes)


class CampaignsApiFixture:
    """The campaigns API on an in-memory store, with a clock that advances with each reading."""

    def __init__(self, **settings: str) -> None:
        self.documents = InterleavedStore()
        self.access = IdCheckingStore()
        self.publisher = MemoryPublisher()
        self.model = FakeModel()
        self.now = NOW
        self.function = compose(
            documents=self.documents,
            publisher=self.publisher,
            open_access=lambda: self.access,
            create_model=lambda: self.model,
            verify_id_token=identity_from_token,
            settings=CampaignsSettings(SETTINGS | settings),
            clock=self._tick,
        )
        self.ledger = self.function.ledger
        self.app = self.function.app
        self.call = ApiClient(self.app)

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    async def save_segment(self, name: str, text: str = "visits < 3") -> dict[str, Any]:
        response = await self.call("POST", "/api/segments", json={"name": name, "text": text})
        assert response.status_code == 201, response.text
        segment: dict[str, Any] = response.json()
        return segment

    async def customers(self) -> None:
        rows = [
            CustomerInput(external_id="big", spend=20_000, visits=1, email="big@example.com", name="Big"),
            CustomerInput(external_id="small", spend=5, visits=1, last_active_at=NOW),
            CustomerInput(external_id="lapsed", spend=5, visits=9, last_active_at=NOW - timedelta(days=91)),
        ]
        await CustomerUpserts(self.documents, hashes=HASHER).upsert(rows)

    async def campaign(self, **changes: Any) -> Any:
        body = {"name": "Diwali", "text": RULE, "message": MESSAGE} | changes
        return await self.call("POST", "/api/campaigns", json=body)

    async def fan_out(self) -> None:
        """Executes the commands that were published: first the plan, then the fan-outs."""
        for kind in (PlanAudience, FanOut):
            for command in [event for event in self.publisher.events if isinstance(event, kind)]:
                await self.function.commands.handle(command)

    async def record(self, kinds: dict[str, ReceiptKind]) -> None:
        """Records a receipt for each customer of campaign `c`, whose fan-out is finished with an audience of 4."""
        pages = {bucket: {"campaign": "c", "audience": 0, "last": 1} for bucket in range(BUCKETS)}
        pages[0]["audience"] = 4
        await self.documents.commit([Create(page_path("c", bucket, 0), page) for bucket, page in pages.items()])
        await self.ledger.record(
            [
                Receipt(
                    message_id=message_id("c", customer),
                    campaign_id="c",
                    customer_id=customer,
                    kind=kind,
                    at=NOW,
                    reason="no_consent" if kind == "skipped" else None,
                )
                for customer, kind in kinds.items()
            ]
        )


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    member = {"email": "viewer@example.com", "role": "viewer"}
    await api.access.commit([Create("members/viewer@example.com", member)])
    return api


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/audience/rebuild"),
        ("POST", "/api/segments"),
        ("PUT", "/api/segments/x"),
        ("DELETE", "/api/segments/x"),
        ("POST", "/api/campaigns"),
        ("PATCH", "/api/campaigns/x"),
        ("POST", "/api/campaigns/x/launch"),
    ],
)
async def test_change_by_viewer_is_forbidden(api: CampaignsApiFixture, method: str, path: str) -> None:
    """Every route that changes something answers a viewer with 403."""
    body = {"name": "x", "text": "everyone", "message": MESSAGE}
    response = await api.call(method, path, by="viewer@example.com", json=body)
    assert response.status_code == 403


async def test_preview_of_text_and_of_its_tree_are_equal(api: CampaignsApiFixture) -> None:
    """A rule gives the same preview as text and as tree."""
    await api.customers()
    by_text = (await api.call("POST", "/api/segments/preview", json={"text": RULE})).json()
    by_tree = (await api.call("POST", "/api/segments/preview", json={"rules": by_text["rules"]})).json()
    assert by_text == by_tree
    assert (by_text["text"], by_text["count"]) == (RULE, 2)
    assert {one["name"] for one in by_text["samples"]} == {"Big", None}
    assert "₹10,000" in by_text["words"]


async def test_preview_contains_part_counts_and_excluded_customers(api: CampaignsApiFixture) -> None:
    """Each part has its count, each exclusion its reason; the description is in the requested language."""
    await api.customers()
    body = {"text": "spend > 10000 OR inactive for 90 days", "channel": "email", "language": "hi"}
    preview = (await api.call("POST", "/api/segments/preview", json=body)).json()
    assert [(one["path"], one["count"]) for one in preview["parts"]] == [
        ("rules", 2),
        ("rules.of.0", 1),
        ("rules.of.1", 1),
    ]
    assert preview["excluded"] == {"no_address": 1}
    assert preview["words"] == (
        "वे ग्राहक जिनका कुल ख़र्च ₹10,000 से अधिक है, "
        "या जो 90 दिन या उससे अधिक समय से निष्क्रिय हैं (जो कभी सक्रिय नहीं थे, वे इनमें नहीं हैं)"
    )


async def test_preview_says_how_many_people_were_never_active(api: CampaignsApiFixture) -> None:
    """With the rule that includes them; a rule that leaves nobody out has no such note."""
    await api.customers()
    preview = (await api.call("POST", "/api/segments/preview", json={"text": "inactive for 3 months"})).json()
    [note] = preview["notes"]
    suggestion = "inactive for 90 days OR last_active_at is missing"
    assert (note["code"], note["suggestion"]) == ("never_active_left_out", suggestion)
    wider = (await api.call("POST", "/api/segments/preview", json={"text": note["suggestion"]})).json()
    assert wider["count"] == preview["count"] + note["people"]
    assert note["people"] > 0
    assert wider["notes"] == []


async def test_preview_says_how_many_people_have_another_kind_of_value(api: CampaignsApiFixture) -> None:
    """A wallet balance that came in as text is not compared as a number."""
    rows = [CustomerInput(external_id=str(n), attributes={"wallet": v}) for n, v in enumerate((500, "1,234", "₹750"))]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)
    preview = (await api.call("POST", "/api/segments/preview", json={"text": "attributes.wallet > 400"})).json()
    expected = {"code": "other_kind", "field": "attributes.wallet", "kind": "number", "people": 2, "suggestion": None}
    assert (preview["count"], preview["notes"]) == (1, [expected])


async def test_preview_takes_amounts_in_the_deployments_currency_only(api: CampaignsApiFixture) -> None:
    """₹10,000 is understood in India, and $10,000 is not taken for it."""
    await api.customers()
    preview = await api.call("POST", "/api/segments/preview", json={"text": "spend > INR 10,000 AND visits < 3"})
    assert preview.json()["text"] == "spend > 10000 AND visits < 3"
    refused = await api.call("POST", "/api/segments/preview", json={"text": "spend > $10,000"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "currency")


async def test_preview_after_client_disconnect_is_cancelled(api: CampaignsApiFixture) -> None:
    """If the client disconnects while the audience is read, no preview is computed."""
    await api.customers()
    sent: list[Message] = []
    body = json.dumps({"text": "everyone"}).encode()
    incoming: list[Message] = [{"type": "http.request", "body": body}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer admin@example.com"), (b"content-type", b"application/json")]
    path = "/api/segments/preview"
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"", "app": None}
    await api.app(scope, receive, send)
    assert sent[0]["status"] == 499


async def test_segment_explanation_contains_result_of_each_part(api: CampaignsApiFixture) -> None:
    """Each part says whether it matches the customer, and has their value; 404 for an unknown customer."""
    await api.customers()
    big = customer_id("external_id", "big")
    explanation = (await api.call("POST", "/api/segments/explanation", json={"text": RULE, "customer_id": big})).json()
    assert explanation["matches"] is True
    assert [(one["text"], one["matches"], one["value"]) for one in explanation["parts"][2:]] == [
        ("spend > 10000", True, 20_000.0),
        ("visits < 3", True, 1),
        ("inactive for 90 days", False, None),
    ]
    nobody = await api.call("POST", "/api/segments/explanation", json={"text": RULE, "customer_id": "x"})
    assert nobody.status_code == 404


async def test_audience_rebuild_by_admin_repairs_the_index(api: CampaignsApiFixture) -> None:
    """An index that was deleted is complete again after the rebuild, which is in the audit log."""
    await api.customers()
    asked = await api.call("GET", "/api/audience", by="viewer@example.com")
    assert asked.json() == {"customers": 3, "waiting": 1, "compared_on": None, "left": 0, "rebuilding": False}
    await api.documents.commit([Delete(one.path) for one in await api.documents.query(Query(collection="audience"))])
    begun = await api.call("POST", "/api/audience/rebuild")
    assert (begun.status_code, begun.json()["rebuilding"], begun.json()["left"]) == (202, True, BUCKETS)
    await Reconciliation(api.documents, clock=lambda: api.now).run_until(float("inf"))
    rebuilt = (await api.call("GET", "/api/audience")).json()
    assert rebuilt == {"customers": 3, "waiting": 3, "compared_on": "2026-11-23", "left": 0, "rebuilding": False}
    [logged] = await logged_actions(api.documents, "audience index rebuilt")
    assert (logged["what"], logged["by"]) == ("audience index rebuilt", "admin@example.com")


async def test_histogram_of_number_field_has_bins(api: CampaignsApiFixture) -> None:
    """The bins have equal width; an unknown field is a 422 that names it."""
    await api.customers()
    body = {"text": "everyone", "field": "visits", "bins": 2}
    found = (await api.call("POST", "/api/segments/histogram", json=body)).json()
    assert found["bins"] == [{"low": 0, "high": 5, "count": 2}, {"low": 5, "high": 10, "count": 1}]
    wrong = await api.call("POST", "/api/segments/histogram", json=body | {"field": "visists"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "field")


@pytest.mark.parametrize("field", [*FIELDS, "attributes.plan", "consent.email"])
async def test_histogram_of_any_field_counts_every_customer(api: CampaignsApiFixture, field: str) -> None:
    """Bins, values, others and missing add up to the audience."""
    await api.customers()
    asked = await api.call("POST", "/api/segments/histogram", json={"text": "everyone", "field": field})
    found = asked.json()
    assert (asked.status_code, found["count"]) == (200, 3)
    counted = sum(one["count"] for one in [*found["bins"], *found["values"]]) + found["others"] + found["missing"]
    assert counted == 3


async def test_segment_that_refers_to_segments_is_resolved(api: CampaignsApiFixture) -> None:
    """A rule can refer to other segments by name, but not in a circle."""
    await api.customers()
    for name, text in (("Lapsed", "inactive for 90 days"), ("Both", "in segment 'Lapsed' OR spend > 10000")):
        segment = (await api.call("POST", "/api/segments", json={"name": name, "text": text})).json()
    assert (segment["rule"]["text"], segment["count"]) == ('in segment "Lapsed" OR spend > 10000', 2)
    [lapsed] = [one for one in (await api.call("GET", "/api/segments")).json()["items"] if one["name"] == "Lapsed"]
    circle = {"name": "Lapsed", "text": "in segment 'Both'"}
    refused = await api.call("PUT", f"/api/segments/{lapsed['id']}", json=circle)
    assert refused.status_code == 422
    assert "Lapsed → Both → Lapsed" in refused.json()["detail"]


async def test_launch_freezes_segments_in_the_rule(api: CampaignsApiFixture) -> None:
    """A segment that changes after the launch does not change the campaign."""
    await api.customers()
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "visits < 3"})).json()
    campaign = (await api.campaign(text="in segment 'S'")).json()
    await api.call("PUT", f"/api/segments/{segment['id']}", json={"name": "S", "text": "visits < 5"})
    launched = (await api.call("POST", f"/api/campaigns/{campaign['id']}/launch")).json()
    await api.call("PUT", f"/api/segments/{segment['id']}", json={"name": "S", "text": "everyone"})
    assert launched["rule"]["tree"]["rule"] == {"op": "<", "field": "visits", "value": 5}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "in segment 'none'"}, "text"),
        ({"rules": {"op": "received", "campaign": "none"}}, "rules"),
        ({}, "text"),
        ({"text": "everyone", "rules": {"op": "everyone"}}, "text"),
        ({"text": ""}, "text"),
        ({"text": "spend >"}, "text"),
        ({"rules": {"op": ">", "field": "spned", "value": 1}}, "rules.field"),
        ({"rules": []}, "rules"),
        ({"txet": "everyone"}, "txet"),
    ],
)
async def test_preview_of_invalid_rule_names_the_field(api: CampaignsApiFixture, body: Any, field: str) -> None:
    """The response is 422 with the field that is wrong."""
    response = await api.call("POST", "/api/segments/preview", json=body)
    assert response.status_code == 422
    assert [one["field"] for one in response.json()["errors"]] == [field]


async def test_segment_is_created_read_replaced_and_deleted(api: CampaignsApiFixture) -> None:
    """One segment through all of its routes."""
    await api.customers()
    created = await api.call("POST", "/api/segments", json={"name": "Lapsed", "text": "inactive for 90 days"})
    segment = created.json()
    assert (created.status_code, segment["count"]) == (201, 1)
    path = f"/api/segments/{segment['id']}"
    read = (await api.call("GET", path)).json()
    assert read == segment | {"used_by": 0, "campaigns": [], "count_now": 1}
    listed = (await api.call("GET", "/api/segments")).json()
    assert (listed["items"], listed["total"]) == ([segment | {"used_by": 0}], 1)
    replaced = (await api.call("PUT", path, json={"name": "All", "text": "everyone"})).json()
    assert (replaced["name"], replaced["count"], replaced["id"]) == ("All", 3, segment["id"])
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.call("GET", path)).status_code == 404


def segment_body(name: str) -> dict[str, str]:
    return {"name": name, "text": "everyone"}


async def test_segment_says_which_campaigns_use_it(api: CampaignsApiFixture) -> None:
    """Before it is changed or deleted, the manager sees whom that concerns."""
    await api.customers()
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "visits < 3"})).json()
    campaign = (await api.campaign(text=None, segment_id=segment["id"])).json()
    await api.campaign()
    read = (await api.call("GET", f"/api/segments/{segment['id']}")).json()
    assert (read["used_by"], read["count_now"]) == (1, 2)
    assert read["campaigns"] == [{"id": campaign["id"], "name": "Diwali", "state": "draft"}]
    assert [one["used_by"] for one in (await api.call("GET", "/api/segments")).json()["items"]] == [1]


async def test_rule_is_described_in_the_language_of_the_request(api: CampaignsApiFixture) -> None:
    """Lists and pages in Hindi have rules in Hindi; without a language, they are in English."""
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "visits < 3"})).json()
    campaign = (await api.campaign(text="visits < 3")).json()
    hindi = {"language": "hi"}
    [listed] = (await api.call("GET", "/api/segments", params=hindi)).json()["items"]
    details = (await api.call("GET", f"/api/segments/{segment['id']}", params=hindi)).json()
    read = (await api.call("GET", f"/api/campaigns/{campaign['id']}", params=hindi)).json()
    assert {one["rule"]["description"] for one in (listed, details, read)} == {
        describe(parse("visits < 3"), "INR", "hi")
    }
    [english] = (await api.call("GET", "/api/segments")).json()["items"]
    assert english["rule"]["description"] == segment["rule"]["description"] == describe(parse("visits < 3"), "INR")


async def test_segment_with_taken_name_is_refused(api: CampaignsApiFixture) -> None:
    """Rules refer to segments by name, regardless of case, so the name is unique."""
    requests = [api.call("POST", "/api/segments", json=segment_body(name)) for name in ("Lapsed", "LAPSED", "lapsed")]
    responses = sorted(await asyncio.gather(*requests), key=lambda response: response.status_code)
    assert [response.status_code for response in responses] == [201, 409, 409]
    [error] = responses[1].json()["errors"]
    assert (error["field"], error["code"]) == ("name", "taken")
    [first] = (await api.call("GET", "/api/segments")).json()["items"]
    other = (await api.call("POST", "/api/segments", json=segment_body("Other"))).json()
    path = f"/api/segments/{other['id']}"
    assert (await api.call("PUT", path, json=segment_body("lapseD"))).status_code == 409
    assert (await api.call("GET", path)).json()["name"] == "Other"
    assert (await api.call("PUT", path, json=segment_body("OTHER"))).json()["name"] == "OTHER"
    assert (await api.call("PUT", f"/api/segments/{first['id']}", json=segment_body("New"))).status_code == 200
    assert (await api.call("PUT", path, json=segment_body("Lapsed"))).json()["name"] == "Lapsed"
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.call("POST", "/api/segments", json=segment_body("Lapsed"))).status_code == 201


async def test_create_segment_with_lost_commit_response_succeeds_once(api: CampaignsApiFixture) -> None:
    """The commit is recognized as its own, and the segment is there once."""
    api.documents.lost = 1
    assert (await api.call("POST", "/api/segments", json=segment_body("Lapsed"))).status_code == 201
    assert len((await api.call("GET", "/api/segments")).json()["items"]) == 1


async def test_create_campaign_makes_a_draft_that_can_be_changed(api: CampaignsApiFixture) -> None:
    """Defaults are filled in; a change of the rule changes all of its forms."""
    created = await api.campaign()
    campaign = created.json()
    assert (created.status_code, campaign["state"], campaign["rule"]["text"]) == (201, "draft", RULE)
    assert (campaign["channel"], campaign["vendor"], campaign["personalization"]) == ("email", "simulator", "gemini")
    path = f"/api/campaigns/{campaign['id']}"
    changed = await api.call("PATCH", path, json={"text": "everyone", "personalization": "template"})
    assert changed.json() == campaign | {
        "rule": {"text": "everyone", "tree": {"op": "everyone"}, "description": "all customers"},
        "personalization": "template",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"message": {"subject": "Hi", "body": "{{ nmae }}"}}, "message.body"),
        ({"message": {"subject": "x" * 201, "body": "x"}}, "message.subject"),
        ({"text": "spend >"}, "text"),
        ({"segment_id": "0", "text": None}, "segment_id"),
        ({"segment_id": "0"}, "segment_id"),
        ({"vendor": "pigeon"}, "vendor"),
        ({"name": "x" * 201}, "name"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_create_campaign_with_invalid_field_names_it(api: CampaignsApiFixture, changes: Any, field: str) -> None:
    """The response is 422 with the field that is wrong."""
    response = await api.campaign(**changes)
    assert response.status_code == 422
    assert [one["field"] for one in response.json()["errors"]] == [field]


async def test_launch_freezes_the_segment_and_plans_all_buckets(api: CampaignsApiFixture) -> None:
    """The rule is that of the segment at the launch. Planning leads to one command for each bucket."""
    await api.customers()
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "visits < 3"})).json()
    campaign = (await api.campaign(text=None, segment_id=segment["id"])).json()
    await api.call("PUT", f"/api/segments/{segment['id']}", json={"name": "S", "text": "visits < 5"})
    launched = await api.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    assert launched.status_code == 202
    assert (launched.json()["state"], launched.json()["rule"]["text"]) == ("running", "visits < 5")
    assert launched.json()["launched_by"] == "admin@example.com"
    await api.fan_out()
    commands = [event for event in api.publisher.events if isinstance(event, FanOut)]
    assert sorted(command.bucket for command in commands) == list(range(BUCKETS))
    [entry] = await logged_actions(api.documents, "launch")
    assert (entry["by"], entry["what"], entry["campaign"]) == ("admin@example.com", "launch", campaign["id"])


async def test_concurrent_launches_by_several_members_succeed_once(api: CampaignsApiFixture) -> None:
    """One launch succeeds, the others get 409; after it, a change is refused."""
    await api.customers()
    campaign = (await api.campaign()).json()
    path = f"/api/campaigns/{campaign['id']}"
    managers = [f"m{number}@example.com" for number in range(4)]
    await api.access.commit([Create(f"members/{one}", {"email": one, "role": "manager"}) for one in managers])
    responses = await asyncio.gather(*(api.call("POST", f"{path}/launch", by=one) for one in managers))
    assert sorted(response.status_code for response in responses) == [202, 409, 409, 409]
    assert {response.json()["detail"] for response in responses if response.status_code == 409} == {
        "The campaign is running; only one that is draft or scheduled can be launched."
    }
    assert len(api.publisher.events) == 1
    assert (await api.call("PATCH", path, json={"name": "x"})).status_code == 409


async def test_repeated_launch_by_same_member_launches_once(api: CampaignsApiFixture) -> None:
    """The first response may have been lost: repeated requests publish the commands again, and succeed."""
    await api.customers()
    path = f"/api/campaigns/{(await api.campaign()).json()['id']}/launch"
    at_once = await asyncio.gather(*(api.call("POST", path) for _ in range(3)))
    later = await api.call("POST", path)
    assert {response.status_code for response in (*at_once, later)} == {202}
    assert len({response.json()["launched_at"] for response in (*at_once, later)}) == 1
    assert len(await logged_actions(api.documents, "launch")) == 1
    assert len(api.publisher.events) == 4


@pytest.mark.parametrize(
    ("action", "state", "after"),
    [
        ("pause", "running", "paused"),
        ("resume", "paused", "running"),
        ("cancel", "running", "cancelled"),
        ("retry", "finished", "running"),
    ],
)
async def test_action_with_unrelated_concurrent_change_succeeds(
    api: CampaignsApiFixture, action: str, state: str, after: str
) -> None:
    """A change in the meantime that still allows the action does not refuse it."""
    campaign = (await api.campaign()).json()
    stored = f"campaigns/{campaign['id']}"
    await api.documents.commit([Update(stored, {"state": state, "launched_at": NOW})])
    api.documents.before_commit = lambda: api.documents.commit([Update(stored, {"discrepancy": None})])
    response = await api.call("POST", f"/api/campaigns/{campaign['id']}/{action}")
    assert (response.is_success, response.json()["state"]) == (True, after)
    assert len(await logged_actions(api.documents, action)) == 1


async def test_action_forbidden_by_concurrent_change_is_refused(api: CampaignsApiFixture) -> None:
    """The message names the state that the campaign has in the meantime."""
    campaign = (await api.campaign()).json()
    stored = f"campaigns/{campaign['id']}"
    await api.documents.commit([Update(stored, {"state": "running", "launched_at": NOW})])
    api.documents.before_commit = lambda: api.documents.commit([Update(stored, {"state": "cancelled"})])
    response = await api.call("POST", f"/api/campaigns/{campaign['id']}/pause")
    assert (response.status_code, response.json()["detail"]) == (
        409,
        "The campaign is cancelled; only one that is running can be paused.",
    )


async def test_launch_of_concurrently_changed_campaign_is_refused(api: CampaignsApiFixture) -> None:
    """A manager does not launch a content that they have not seen."""
    await api.customers()
    campaign = (await api.campaign()).json()
    change = Update(f"campaigns/{campaign['id']}", {"message": {"subject": "Another", "body": "Another"}})
    api.documents.before_commit = lambda: api.documents.commit([change])
    response = await api.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    assert (response.status_code, "look at it again" in response.json()["detail"]) == (409, True)
    assert api.publisher.events == []


async def test_launch_at_future_time_is_scheduled_and_past_time_refused(api: CampaignsApiFixture) -> None:
    """A scheduled campaign can still be changed, and launched at once."""
    await api.customers()
    campaign = (await api.campaign()).json()
    path = f"/api/campaigns/{campaign['id']}"
    past = await api.call("POST", f"{path}/launch", json={"at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "at")
    scheduled = await api.call("POST", f"{path}/launch", json={"at": "2026-12-01T10:00:00+05:30"})
    assert (scheduled.json()["state"], scheduled.json()["start_at"]) == ("scheduled", "2026-12-01T04:30:00Z")
    assert api.publisher.events == []
    assert (await api.call("PATCH", path, json={"name": "Later"})).json()["state"] == "scheduled"
    assert (await api.call("POST", f"{path}/launch")).json()["state"] == "running"


ACTIONS = ("launch", "pause", "resume", "cancel", "retry")


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("draft", {"launch": "running"}),
        ("scheduled", {"launch": "running", "cancel": "cancelled"}),
        ("running", {"pause": "paused", "resume": "running", "cancel": "cancelled", "retry": "running"}),
        ("paused", {"pause": "paused", "resume": "running", "cancel": "cancelled"}),
        ("finished", {"retry": "running"}),
        ("cancelled", {"cancel": "cancelled"}),
    ],
)
async def test_action_in_each_state_is_allowed_or_refused(
    api: CampaignsApiFixture, state: str, possible: dict[str, str]
) -> None:
    """The response has the new state, or 409 with the current one; a viewer always gets 403."""
    await api.customers()
    for action in ACTIONS:
        campaign = (await api.campaign()).json()
        path = f"/api/campaigns/{campaign['id']}"
        await api.documents.commit([Update(f"campaigns/{campaign['id']}", {"state": state})])
        response = await api.call("POST", f"{path}/{action}")
        if action in possible:
            assert (response.is_success, response.json()["state"]) == (True, possible[action])
        else:
            assert (response.status_code, state in response.json()["detail"]) == (409, True)
        assert (await api.call("POST", f"{path}/{action}", by="viewer@example.com")).status_code == 403


async def test_statistics_contain_deferred_messages_by_reason(api: CampaignsApiFixture) -> None:
    """They also contain the number of failures that can be retried."""
    await create_running_campaign(api)
    waiting = {"campaign": "c", "reason": "vendor", "until": NOW}
    await api.documents.commit([Create(f"deferred/{number}", waiting) for number in range(3)])
    statistics = (await api.call("GET", "/api/campaigns/c/statistics")).json()
    assert (statistics["deferred"], statistics["retryable"]) == ({"vendor": 3}, 1)


async def test_launch_with_deleted_segment_is_refused(api: CampaignsApiFixture) -> None:
    """The response is 422 for the field `segment_id`."""
    segment = (await api.call("POST", "/api/segments", json={"name": "S", "text": "everyone"})).json()
    campaign = (await api.campaign(text=None, segment_id=segment["id"])).json()
    await api.call("DELETE", f"/api/segments/{segment['id']}")
    response = await api.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "segment_id")


async def test_scheduled_launch_that_fails_stores_the_error(api: CampaignsApiFixture) -> None:
    """The error stays until the campaign is changed or started, and is written once."""
    await api.customers()
    herald = InMemoryHerald()
    herald.documents = api.documents
    herald.restart()
    segment = (await api.call("POST", "/api/segments", json=segment_body("S"))).json()
    campaign = (await api.campaign(text=None, segment_id=segment["id"])).json()
    path = f"/api/campaigns/{campaign['id']}"
    await api.call("POST", f"{path}/launch", json={"at": str(NOW + timedelta(hours=1))})
    await api.documents.commit([Delete(f"segments/{segment['id']}")])  # the API refuses it
    herald.now += timedelta(hours=2)
    await herald.scheduler.tick(Tick())
    stopped = (await api.call("GET", path)).json()
    assert (stopped["state"], stopped["start_error"]) == ("scheduled", "The audience does not exist.")
    assert stopped["start_error_code"] == "audience_gone"
    version = (await api.documents.get(f"campaigns/{campaign['id']}")).version
    await herald.scheduler.tick(Tick())
    assert (await api.documents.get(f"campaigns/{campaign['id']}")).version == version
    changed = (await api.call("PATCH", path, json={"text": "everyone"})).json()
    assert (changed["state"], changed["start_error"], changed["start_error_code"]) == ("scheduled", None, None)
    await herald.scheduler.tick(Tick())
    assert (await api.call("GET", path)).json()["state"] == "running"


async def test_list_campaigns_is_newest_first_in_pages(api: CampaignsApiFixture) -> None:
    """The last page has no cursor."""
    for name in "abc":
        await api.campaign(name=name)
    first = (await api.call("GET", "/api/campaigns", params={"limit": 2})).json()
    rest = (await api.call("GET", "/api/campaigns", params={"limit": 2, "after": first["next"]})).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["c", "b", "a"]
    assert rest["next"] is None


@pytest.mark.parametrize("no_id", INVALID_IDS)
async def test_path_with_invalid_id_is_not_found(api: CampaignsApiFixture, no_id: str) -> None:
    """An id that Firestore would reject is a 404 on every route."""
    campaign, segment = f"/api/campaigns/{no_id}", f"/api/segments/{no_id}"
    actions = ("launch", "pause", "resume", "cancel", "retry")
    results = ("", "/statistics", "/messages", "/explanation?customer_id=c", "/summary")
    asked = [("GET", f"{campaign}{one}") for one in results] + [("POST", f"{campaign}/{one}") for one in actions]
    for method, path in [*asked, ("PATCH", campaign), ("GET", segment), ("PUT", segment), ("DELETE", segment)]:
        body: dict[str, Any] = {"json": {"name": "x", "text": "everyone"}} if method in {"PATCH", "PUT"} else {}
        response = await api.call(method, path, **body)
        assert (response.status_code, method, path) == (404, method, path)


@pytest.mark.parametrize("after", INVALID_CURSORS)
@pytest.mark.parametrize("path", ["/api/campaigns", "/api/segments", "/api/campaigns/c/messages"])
async def test_list_with_invalid_cursor_is_refused(api: CampaignsApiFixture, path: str, after: str) -> None:
    """The response is 422 for the field `after`."""
    await create_running_campaign(api)
    response = await api.call("GET", path, params={"after": after})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize("segment", ["__x__", "a/b", "x" * 1_501])
async def test_create_campaign_with_invalid_segment_id_is_refused(api: CampaignsApiFixture, segment: str) -> None:
    """The response is 422 for the field `segment_id`."""
    response = await api.campaign(text=None, segment_id=segment)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "segment_id")


async def create_running_campaign(api: CampaignsApiFixture) -> None:
    campaign = (await api.campaign()).json()
    stored = await api.documents.get(f"campaigns/{campaign['id']}")
    await api.documents.commit([Create("campaigns/c", {**(stored.data or {}), "state": "running"})])
    await api.record({"p": "sent", "q": "failed", "r": "skipped"})


async def test_statistics_equal_the_recorded_receipts(api: CampaignsApiFixture) -> None:
    """Audience = sent + failed + skipped + pending; 404 for an unknown campaign."""
    await create_running_campaign(api)
    statistics = (await api.call("GET", "/api/campaigns/c/statistics")).json()
    assert {name: statistics[name] for name in ("audience", "sent", "failed", "skipped", "pending", "opened")} == {
        "audience": 4, "sent": 1, "failed": 1, "skipped": 1, "pending": 1, "opened": 0,
    }  # fmt: skip
    assert statistics["audience_complete"] is True
    assert statistics["skipped_reasons"] == {"no_consent": 1}
    outcomes = {"sent": 1, "failed": 1, "skipped": 1, "unknown": 0}
    assert statistics["over_time"] == [{"at": "2026-11-23T12:00:00Z"} | outcomes]
    assert statistics["bucket_seconds"] == 1
    assert statistics["failed_reasons"] == [{"code": "rejected", "reason": "rejected", "count": 1}]
    assert (await api.call("GET", "/api/campaigns/none/statistics")).status_code == 404


async def test_list_messages_contains_text_state_and_history(api: CampaignsApiFixture) -> None:
    """Claims and receipts are combined; the history is complete."""
    await create_running_campaign(api)
    claim = {"campaign": "c", "name": "Asha", "to": "a@example.com", "subject": "Hi", "body": "Asha!"}
    claims = [claim | {"customer": who, "personalized_by": "gemini"} for who in ("p", "pending")]
    await api.documents.commit([Create(f"claims/{message_id('c', one['customer'])}", one) for one in claims])
    opened = Receipt(message_id=message_id("c", "p"), campaign_id="c", customer_id="p", kind="opened", at=NOW)
    await api.ledger.record([opened])
    messages = (await api.call("GET", "/api/campaigns/c/messages")).json()
    assert messages["next"] is None
    by_customer = {one["customer_id"]: one for one in messages["items"]}
    assert {who: one["state"] for who, one in by_customer.items()} == {
        "p": "sent", "q": "failed", "r": "skipped", "pending": "pending",
    }  # fmt: skip
    assert (by_customer["p"]["body"], by_customer["p"]["personalized_by"]) == ("Asha!", "gemini")
    assert [one["kind"] for one in by_customer["p"]["history"]] == ["opened", "sent"]
    assert by_customer["r"]["reason"] == "no_consent"


async def explain(api: CampaignsApiFixture, campaign: str, external_id: str, **more: str) -> Any:
    query = {"customer_id": customer_id("external_id", external_id), **more}
    return (
        await api.call("GET", f"/api/campaigns/{campaign}/explanation", params=query, by="viewer@example.com")
    ).json()


async def test_message_explanation_contains_audience_parts_and_exclusion(api: CampaignsApiFixture) -> None:
    """Before fan-out it is not known whether the customer is in the audience."""
    await api.customers()
    draft = await api.campaign(text="spend > 10000 OR visits > 8")
    campaign = draft.json()["id"]
    before = await explain(api, campaign, "big")
    assert (before["in_audience"], before["matches"], before["message"]) == (None, True, None)
    await api.call("POST", f"/api/campaigns/{campaign}/launch")
    assert (await explain(api, campaign, "big"))["in_audience"] is None
    await api.fan_out()
    big, small, lapsed = [await explain(api, campaign, one) for one in ("big", "small", "lapsed")]
    assert [(one["in_audience"], one["excluded"]) for one in (big, small, lapsed)] == [
        (True, None), (False, "no_address"), (True, "no_address"),
    ]  # fmt: skip
    assert [(part["text"], part["matches"], part["value"]) for part in big["parts"]] == [
        ("spend > 10000 OR visits > 8", True, None), ("spend > 10000", True, 20_000.0), ("visits > 8", False, 1),
    ]  # fmt: skip
    assert (big["name"], big["parts"][1]["words"]) == ("Big", "customers who spent more than ₹10,000")


async def test_message_explanation_contains_deferral_and_history(api: CampaignsApiFixture) -> None:
    """A deferred message has its reason and time, a failed one its reason and history."""
    await api.customers()
    campaign = (await api.campaign(text="everyone")).json()["id"]
    await api.call("POST", f"/api/campaigns/{campaign}/launch")
    await api.fan_out()
    big = customer_id("external_id", "big")
    deferred = {"campaign": campaign, "reason": "rate", "until": NOW}
    await api.documents.commit([Create(f"deferred/{message_id(campaign, big)}", deferred)])
    assert (await explain(api, campaign, "big"))["deferred"] == {"reason": "rate", "until": "2026-11-23T12:00:00Z"}
    kinds: tuple[ReceiptKind, ...] = ("failed", "opened")
    ids = {"message_id": message_id(campaign, big), "campaign_id": campaign, "customer_id": big}
    await api.ledger.record([Receipt(**ids, kind=kind, at=NOW, reason="No mailbox") for kind in kinds])
    message = (await explain(api, campaign, "big"))["message"]
    assert (message["state"], message["reason"]) == ("failed", "No mailbox")
    assert {one["kind"]: one["at"] for one in message["history"]} == dict.fromkeys(kinds, "2026-11-23T12:00:00Z")


async def redact_no_imports(customer_ids: Collection[str], words: Collection[str]) -> None:
    """Erasure redacts imports; there are none."""


async def test_message_explanation_after_change_or_erasure_keeps_audience(api: CampaignsApiFixture) -> None:
    """A customer who was selected stays in the audience of the campaign."""
    await api.customers()
    campaign = (await api.campaign(text="spend > 10000")).json()["id"]
    await api.call("POST", f"/api/campaigns/{campaign}/launch")
    await api.fan_out()
    upserts = CustomerUpserts(api.documents, hashes=HASHER)
    await upserts.upsert([CustomerInput(external_id="big", spend=1)])
    changed = await explain(api, campaign, "big", language="hi")
    assert (changed["in_audience"], changed["matches"], changed["parts"][0]["value"]) == (True, False, 1.0)
    assert "₹10,000" in changed["parts"][0]["words"]
    erasure = Erasure(
        api.documents, hashes=HASHER, person_records=PersonRecords(api.documents), redact_imports=redact_no_imports
    )
    await erasure.erase(customer_id("external_id", "big"), by="me")
    erased = await explain(api, campaign, "big")
    assert (erased["in_audience"], erased["matches"], erased["parts"], erased["name"]) == (True, None, [], None)
    assert (await explain(api, campaign, "nobody"))["status"] == 404
    assert (await explain(api, "0", "big"))["detail"] == "Not found: campaign '0'."


async def test_message_explanation_after_a_merge_is_about_the_kept_customer(api: CampaignsApiFixture) -> None:
    """The old id leads to the customer who was kept, with the rule as it is for them."""
    await api.customers()
    await CustomerUpserts(api.documents, hashes=HASHER).upsert([CustomerInput(external_id="kept", name="Kept")])
    campaign = (await api.campaign(text="spend > 10000")).json()["id"]
    kept, big = customer_id("external_id", "kept"), customer_id("external_id", "big")
    await CustomerMerges(api.documents, hashes=HASHER).merge(kept, big, by="me")
    explained = await explain(api, campaign, "big")
    assert (explained["name"], explained["matches"]) == ("Kept", True)


@pytest.mark.parametrize("state", ["sent", "failed", "skipped", "pending"])
async def test_list_messages_with_state_returns_only_that_state(api: CampaignsApiFixture, state: str) -> None:
    """One message of each state exists."""
    await create_running_campaign(api)
    await api.documents.commit(
        [Create(f"claims/{message_id('c', who)}", {"campaign": "c", "customer": who}) for who in "pz"]
    )
    messages = (await api.call("GET", "/api/campaigns/c/messages", params={"state": state})).json()
    assert [one["state"] for one in messages["items"]] == [state]


async def test_list_pending_messages_without_pending_returns_empty_page(api: CampaignsApiFixture) -> None:
    """Otherwise a client would page through every claim of a finished campaign."""
    campaign = (await api.campaign()).json()
    stored = await api.documents.get(f"campaigns/{campaign['id']}")
    await api.documents.commit([Create("campaigns/c", {**(stored.data or {}), "state": "finished"})])
    people: dict[str, ReceiptKind] = dict.fromkeys("pqrs", "sent")
    await api.record(people)
    await api.documents.commit(
        [Create(f"claims/{message_id('c', who)}", {"campaign": "c", "customer": who}) for who in people]
    )
    asked = {"state": "pending", "limit": 1}
    page = (await api.call("GET", "/api/campaigns/c/messages", params=asked)).json()
    assert page == {"items": [], "next": None}


async def test_list_messages_in_pages_returns_each_once(api: CampaignsApiFixture) -> None:
    """Messages with several attempts appear once."""
    campaign = (await api.campaign()).json()
    stored = await api.documents.get(f"campaigns/{campaign['id']}")
    await api.documents.commit([Create("campaigns/c", {**(stored.data or {}), "state": "running"})])
    people = [f"p{number}" for number in range(25)]
    await api.record(dict.fromkeys(people, "failed"))
    for kind in ("retried", "sent"):
        ids = {one: {"message_id": message_id("c", one), "campaign_id": "c", "customer_id": one} for one in people}
        await api.ledger.record([Receipt(**ids[one], attempt=2, kind=kind, at=NOW) for one in people[::2]])
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await api.call("GET", "/api/campaigns/c/messages", params={"limit": 7, **after})).json()
        seen += [one["customer_id"] for one in page["items"]]
        if not page["next"]:
            break
        after = {"after": page["next"]}
    assert sorted(seen) == sorted(f"p{number}" for number in range(25))


@pytest.mark.parametrize("vendor", ["webhook", "unknown"])
async def test_campaign_with_unavailable_vendor_is_refused(api: CampaignsApiFixture, vendor: str) -> None:
    """A vendor that this deployment has no settings for is refused when the campaign is created."""
    refused = await api.campaign(vendor=vendor)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["field"], error["code"]) == ("vendor", "not_available")
    assert vendor in error["message"]
    assert "Available: simulator." in error["message"]


async def test_change_to_unavailable_vendor_or_channel_is_refused(api: CampaignsApiFixture) -> None:
    """The campaign stays as it was. A change of other fields does not check the vendor."""
    path = f"/api/campaigns/{(await api.campaign()).json()['id']}"
    for change, field in [({"vendor": "webhook"}, "vendor"), ({"channel": "whatsapp"}, "channel")]:
        refused = await api.call("PATCH", path, json=change)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    changed = (await api.call("PATCH", path, json={"channel": "sms"})).json()
    assert (changed["vendor"], changed["channel"]) == ("simulator", "sms")
    await api.documents.commit([Update(f"campaigns/{changed['id']}", {"vendor": "webhook"})])
    assert (await api.call("PATCH", path, json={"name": "Later"})).status_code == 200


async def test_campaign_with_channel_that_the_vendor_does_not_have_is_refused(api: CampaignsApiFixture) -> None:
    """The error names the channels that the vendor has. An unknown channel is refused, too."""
    refused = await api.campaign(channel="whatsapp")
    assert (refused.status_code, refused.json()["errors"]) == (
        422,
        [
            {
                "field": "channel",
                "code": "not_available",
                "message": "The vendor 'simulator' does not have the channel 'whatsapp'. Available: email, sms.",
            }
        ],
    )
    unknown = await api.campaign(channel="pigeon")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "channel")
    assert (
        await api.call("POST", "/api/segments/preview", json={"text": "everyone", "channel": "pigeon"})
    ).status_code == 422


async def test_launch_with_vendor_that_is_gone_is_refused(api: CampaignsApiFixture) -> None:
    """The campaign was saved when the deployment still had the vendor. Nothing is sent, now or at a start time."""
    await api.customers()
    campaign = (await api.campaign()).json()
    await api.documents.commit([Update(f"campaigns/{campaign['id']}", {"vendor": "webhook"})])
    for start in (None, {"at": "2026-12-01T10:00:00Z"}):
        refused = await api.call("POST", f"/api/campaigns/{campaign['id']}/launch", json=start)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "vendor")
    await api.documents.commit([Update(f"campaigns/{campaign['id']}", {"state": "finished"})])
    assert (await api.call("POST", f"/api/campaigns/{campaign['id']}/retry")).status_code == 422
    assert api.publisher.events == []


async def test_scheduled_launch_with_vendor_that_is_gone_stores_the_error(api: CampaignsApiFixture) -> None:
    """The campaign stays scheduled, and its page shows why it does not start."""
    await api.customers()
    herald = InMemoryHerald()
    herald.documents = api.documents
    herald.restart()
    campaign = (await api.campaign()).json()
    path = f"/api/campaigns/{campaign['id']}"
    await api.call("POST", f"{path}/launch", json={"at": str(NOW + timedelta(hours=1))})
    await api.documents.commit([Update(f"campaigns/{campaign['id']}", {"vendor": "webhook"})])
    herald.now += timedelta(hours=2)
    await herald.scheduler.tick(Tick())
    stopped = (await api.call("GET", path)).json()
    assert stopped["state"] == "scheduled"
    assert stopped["start_error"].startswith("The vendor 'webhook' is not available")
    assert stopped["start_error_code"] == "vendor"


async def test_vendors_are_listed_with_channels_and_availability(api: CampaignsApiFixture) -> None:
    """Every member sees all vendors, and which of them this deployment has."""
    assert (await api.call("GET", "/api/vendors", by=None)).status_code == 401
    items = (await api.call("GET", "/api/vendors", by="viewer@example.com")).json()["items"]
    assert [(item["name"], item["available"], item["sends_real_messages"]) for item in items] == [
        ("simulator", True, False),
        ("smtp", False, True),
        ("sendgrid", False, True),
        ("twilio", False, True),
        ("webhook", False, True),
    ]
    assert items[0]["channels"] == [
        {"name": "email", "label": "E-mail", "has_subject": True},
        {"name": "sms", "label": "SMS", "has_subject": False},
    ]
    assert items[0]["label"] == "Simulator"
    assert items[0]["hint"].startswith("Sends nothing.")


async def test_create_repeated_with_an_idempotency_key_makes_one_campaign(api: CampaignsApiFixture) -> None:
    """Also at the same moment; the repetitions get the same answer. Without a key, each request makes a campaign."""
    body = {"name": "Diwali", "text": RULE, "message": MESSAGE}
    headers = {"Idempotency-Key": "night-of-2026-11-27"}

    async def create(**changes: Any) -> Any:
        return await api.call("POST", "/api/campaigns", json=body | changes, headers=headers)

    first = await create()
    again = await asyncio.gather(*(create() for _ in range(3)))
    assert [response.status_code for response in (first, *again)] == [201] * 4
    assert {response.text for response in again} == {first.text}
    other = await create(name="Holi")
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert len((await api.call("GET", "/api/campaigns")).json()["items"]) == 1
    api.now += timedelta(hours=25)
    assert (await create(name="Holi")).status_code == 201
    await api.campaign()
    assert len((await api.call("GET", "/api/campaigns")).json()["items"]) == 3


async def test_launch_repeated_with_an_idempotency_key_gets_the_first_answer(api: CampaignsApiFixture) -> None:
    """Although the campaign is finished by now, and could not be launched."""
    await api.customers()
    path = f"/api/campaigns/{(await api.campaign()).json()['id']}"
    headers = {"Idempotency-Key": "launch-1"}
    first = await api.call("POST", f"{path}/launch", headers=headers)
    await api.documents.commit([Update(path.removeprefix("/api/"), {"state": "finished"})])
    again = await api.call("POST", f"{path}/launch", headers=headers)
    assert (first.status_code, again.status_code, again.text) == (202, 202, first.text)
    assert (await api.call("POST", f"{path}/launch")).status_code == 409


async def test_create_that_was_refused_can_be_corrected_under_the_same_key(api: CampaignsApiFixture) -> None:
    """Nothing was created, so that the key is free."""
    headers = {"Idempotency-Key": "k"}
    wrong = {"name": "Diwali", "text": "spend >", "message": MESSAGE}
    assert (await api.call("POST", "/api/campaigns", json=wrong, headers=headers)).status_code == 422
    right = wrong | {"text": RULE}
    assert (await api.call("POST", "/api/campaigns", json=right, headers=headers)).status_code == 201
