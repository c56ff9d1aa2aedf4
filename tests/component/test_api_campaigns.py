"""The campaigns API, on documents in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.types import Message

from campaigns.app import Services, create_campaigns_app
from campaigns.lifecycle.lifecycle import Conductor
from campaigns.sending.fan_out import FanOutWorker, page_path
from common.audience import Audience
from common.audience.index.reconciliation import Comparison
from common.events import FanOut, Receipt, ReceiptKind, Tick
from common.ids import BUCKETS, customer_id, message_id
from common.messages.deferred import DeferredMessages
from common.messages.ledger import Ledger
from common.rules.fields import FIELDS
from common.storage.documents import Create, Delete, Query, Update, Write
from common.storage.memory import MemoryPublisher
from customers.commands.erase import Erasure
from customers.commands.upsert import Ingestion
from customers.model.customer import CustomerIn
from customers.records.person_records import Traces
from tests.in_memory_herald import Herald
from tests.support import HASHES, NO_CURSORS, NO_IDS, Caller, ForgetfulDocuments, Model, Wary, access

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RULE = "spend > 10000 AND visits < 3 OR inactive for 90 days"
MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Come back, {{ name }}"}


class SharedDocuments(Wary, ForgetfulDocuments):
    """Somebody else writes right before the next commit."""

    between: Callable[[], Awaitable[None]] | None = None

    async def commit(self, writes: Sequence[Write]) -> None:
        between, self.between = self.between, None
        if between:
            await between()
        await super().commit(writes)


class World:
    def __init__(self) -> None:
        self.documents = SharedDocuments()
        self.publisher = MemoryPublisher()
        self.model = Model()
        self.now = NOW
        self.ledger = Ledger(self.documents, shard="one")
        services = Services(
            documents=self.documents,
            publisher=self.publisher,
            audience=Audience(self.documents),
            ledger=self.ledger,
            model=self.model,
            conductor=Conductor(documents=self.documents, publisher=self.publisher, currency="INR", clock=self._tick),
            held=DeferredMessages(self.documents, self.publisher),
            currency="INR",
            clock=self._tick,
        )
        self.app = create_campaigns_app(access=access(self.documents), services=services)
        self.call = Caller(self.app)

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    async def customers(self) -> None:
        rows = [
            CustomerIn(external_id="big", spend=20_000, visits=1, email="big@example.com", name="Big"),
            CustomerIn(external_id="small", spend=5, visits=1, last_active_at=NOW),
            CustomerIn(external_id="lapsed", spend=5, visits=9, last_active_at=NOW - timedelta(days=91)),
        ]
        await Ingestion(self.documents, hashes=HASHES).upsert(rows)

    async def campaign(self, **changes: Any) -> Any:
        body = {"name": "Diwali", "text": RULE, "message": MESSAGE} | changes
        return await self.call("POST", "/api/campaigns", json=body)

    async def fan_out(self) -> None:
        """Works off the commands that were published."""
        worker = FanOutWorker(
            documents=self.documents,
            audience=Audience(self.documents),
            publisher=self.publisher,
            held=DeferredMessages(self.documents, self.publisher),
            currency="INR",
            rates={},
        )
        for command in [event for event in self.publisher.events if isinstance(event, FanOut)]:
            await worker.run(command)

    async def record(self, kinds: dict[str, ReceiptKind]) -> None:
        """What happened to each of these customers of campaign `c`; fan-out is over, and found 4 people."""
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
async def world() -> World:
    world = World()
    member = {"email": "viewer@example.com", "role": "viewer"}
    await world.documents.commit([Create("members/viewer@example.com", member)])
    return world


async def test_who_is_signed_in(world: World) -> None:
    viewer = await world.call("GET", "/api/me", by="viewer@example.com")
    assert viewer.json() == {"email": "viewer@example.com", "role": "viewer", "currency": "INR"}
    assert (await world.call("GET", "/api/me")).json()["role"] == "admin"
    assert (await world.call("GET", "/api/me", by=None)).status_code == 401
    assert (await world.call("GET", "/api/me", by="stranger@example.com")).status_code == 403


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
async def test_a_viewer_changes_nothing(world: World, method: str, path: str) -> None:
    body = {"name": "x", "text": "everyone", "message": MESSAGE}
    answer = await world.call(method, path, by="viewer@example.com", json=body)
    assert answer.status_code == 403


async def test_preview_of_a_text_and_of_its_tree_agree(world: World) -> None:
    await world.customers()
    by_text = (await world.call("POST", "/api/segments/preview", json={"text": RULE})).json()
    by_tree = (await world.call("POST", "/api/segments/preview", json={"rules": by_text["rules"]})).json()
    assert by_text == by_tree
    assert (by_text["text"], by_text["count"]) == (RULE, 2)
    assert {one["name"] for one in by_text["samples"]} == {"Big", None}
    assert "₹10,000" in by_text["words"]


async def test_a_preview_says_what_each_part_matches_and_who_would_be_left_out(world: World) -> None:
    await world.customers()
    body = {"text": "spend > 10000 OR inactive for 90 days", "channel": "email", "language": "hi"}
    preview = (await world.call("POST", "/api/segments/preview", json=body)).json()
    assert [(one["path"], one["count"]) for one in preview["parts"]] == [
        ("rules", 2),
        ("rules.of.0", 1),
        ("rules.of.1", 1),
    ]
    assert preview["left_out"] == {"no_address": 1}
    assert preview["words"] == "वे ग्राहक जिनका कुल ख़र्च ₹10,000 से अधिक है, या जो 90 दिन या उससे अधिक समय से निष्क्रिय हैं"


async def test_a_preview_that_nobody_waits_for_is_given_up(world: World) -> None:
    """The caller hangs up while the audience is being read: the answer is never made."""
    await world.customers()
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
    await world.app(scope, receive, send)
    assert sent[0]["status"] == 499


async def test_why_somebody_is_found_or_not(world: World) -> None:
    await world.customers()
    big = customer_id("external_id", "big")
    why = (await world.call("POST", "/api/segments/why", json={"text": RULE, "customer_id": big})).json()
    assert why["matches"] is True
    assert [(one["text"], one["matches"], one["value"]) for one in why["parts"][2:]] == [
        ("spend > 10000", True, 20_000.0),
        ("visits < 3", True, 1),
        ("inactive for 90 days", False, None),
    ]
    nobody = await world.call("POST", "/api/segments/why", json={"text": RULE, "customer_id": "x"})
    assert nobody.status_code == 404


async def test_an_admin_has_the_index_rebuilt(world: World) -> None:
    await world.customers()
    asked = await world.call("GET", "/api/audience", by="viewer@example.com")
    assert asked.json() == {"customers": 3, "waiting": 1, "compared_on": None, "left": 0, "rebuilding": False}
    await world.documents.commit(
        [Delete(one.path) for one in await world.documents.query(Query(collection="audience"))]
    )
    begun = await world.call("POST", "/api/audience/rebuild")
    assert (begun.status_code, begun.json()["rebuilding"], begun.json()["left"]) == (202, True, BUCKETS)
    await Comparison(world.documents, clock=lambda: world.now).go_on(float("inf"))
    rebuilt = (await world.call("GET", "/api/audience")).json()
    assert rebuilt == {"customers": 3, "waiting": 3, "compared_on": "2026-11-23", "left": 0, "rebuilding": False}
    [logged] = await world.documents.query(Query(collection="audit"))
    assert (logged["what"], logged["by"]) == ("audience index rebuilt", "admin@example.com")


async def test_a_histogram_of_a_field(world: World) -> None:
    await world.customers()
    body = {"text": "everyone", "field": "visits", "bins": 2}
    found = (await world.call("POST", "/api/segments/histogram", json=body)).json()
    assert found["bins"] == [{"low": 0, "high": 5, "count": 2}, {"low": 5, "high": 10, "count": 1}]
    wrong = await world.call("POST", "/api/segments/histogram", json=body | {"field": "visists"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "field")


@pytest.mark.parametrize("field", [*FIELDS, "attributes.plan", "consent.email"])
async def test_any_field_has_a_histogram(world: World, field: str) -> None:
    await world.customers()
    asked = await world.call("POST", "/api/segments/histogram", json={"text": "everyone", "field": field})
    found = asked.json()
    assert (asked.status_code, found["count"]) == (200, 3)
    counted = sum(one["count"] for one in [*found["bins"], *found["values"]]) + found["others"] + found["missing"]
    assert counted == 3


async def test_segments_within_segments(world: World) -> None:
    await world.customers()
    for name, text in (("Lapsed", "inactive for 90 days"), ("Both", "in segment 'Lapsed' OR spend > 10000")):
        segment = (await world.call("POST", "/api/segments", json={"name": name, "text": text})).json()
    assert (segment["text"], segment["count"]) == ('in segment "Lapsed" OR spend > 10000', 2)
    [lapsed] = [one for one in (await world.call("GET", "/api/segments")).json()["items"] if one["name"] == "Lapsed"]
    circle = {"name": "Lapsed", "text": "in segment 'Both'"}
    refused = await world.call("PUT", f"/api/segments/{lapsed['id']}", json=circle)
    assert refused.status_code == 422
    assert "Lapsed → Both → Lapsed" in refused.json()["detail"]


async def test_a_launch_freezes_the_segments_within_the_rule(world: World) -> None:
    segment = (await world.call("POST", "/api/segments", json={"name": "S", "text": "visits < 3"})).json()
    campaign = (await world.campaign(text="in segment 'S'")).json()
    await world.call("PUT", f"/api/segments/{segment['id']}", json={"name": "S", "text": "visits < 5"})
    launched = (await world.call("POST", f"/api/campaigns/{campaign['id']}/launch")).json()
    await world.call("PUT", f"/api/segments/{segment['id']}", json={"name": "S", "text": "everyone"})
    assert launched["rules"]["rule"] == {"op": "<", "field": "visits", "value": 5}


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
async def test_a_wrong_rule_is_a_problem_naming_the_field(world: World, body: Any, field: str) -> None:
    answer = await world.call("POST", "/api/segments/preview", json=body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_a_segments_life(world: World) -> None:
    await world.customers()
    created = await world.call("POST", "/api/segments", json={"name": "Lapsed", "text": "inactive for 90 days"})
    segment = created.json()
    assert (created.status_code, segment["count"]) == (201, 1)
    path = f"/api/segments/{segment['id']}"
    assert (await world.call("GET", path)).json() == segment
    assert (await world.call("GET", "/api/segments")).json()["items"] == [segment]
    replaced = (await world.call("PUT", path, json={"name": "All", "text": "everyone"})).json()
    assert (replaced["name"], replaced["count"], replaced["id"]) == ("All", 3, segment["id"])
    assert (await world.call("DELETE", path)).status_code == 204
    assert (await world.call("GET", path)).status_code == 404


def named(name: str) -> dict[str, str]:
    return {"name": name, "text": "everyone"}


async def test_no_two_segments_have_the_same_name(world: World) -> None:
    """Rules call them by it, in whatever case."""
    made = [world.call("POST", "/api/segments", json=named(name)) for name in ("Lapsed", "LAPSED", "lapsed")]
    answers = sorted(await asyncio.gather(*made), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [201, 409, 409]
    [error] = answers[1].json()["errors"]
    assert (error["field"], error["code"]) == ("name", "taken")
    [first] = (await world.call("GET", "/api/segments")).json()["items"]
    other = (await world.call("POST", "/api/segments", json=named("Other"))).json()
    path = f"/api/segments/{other['id']}"
    assert (await world.call("PUT", path, json=named("lapseD"))).status_code == 409
    assert (await world.call("GET", path)).json()["name"] == "Other"
    assert (await world.call("PUT", path, json=named("OTHER"))).json()["name"] == "OTHER"
    assert (await world.call("PUT", f"/api/segments/{first['id']}", json=named("New"))).status_code == 200
    assert (await world.call("PUT", path, json=named("Lapsed"))).json()["name"] == "Lapsed"
    assert (await world.call("DELETE", path)).status_code == 204
    assert (await world.call("POST", "/api/segments", json=named("Lapsed"))).status_code == 201


async def test_a_segment_whose_answer_was_lost_is_there_once(world: World) -> None:
    world.documents.lost = 1
    assert (await world.call("POST", "/api/segments", json=named("Lapsed"))).status_code == 201
    assert len((await world.call("GET", "/api/segments")).json()["items"]) == 1


async def test_a_campaign_starts_as_a_draft_and_can_be_changed(world: World) -> None:
    created = await world.campaign()
    campaign = created.json()
    assert (created.status_code, campaign["state"], campaign["text"]) == (201, "draft", RULE)
    assert (campaign["channel"], campaign["vendor"], campaign["personalization"]) == ("email", "simulator", "gemini")
    path = f"/api/campaigns/{campaign['id']}"
    changed = await world.call("PATCH", path, json={"text": "everyone", "personalization": "template"})
    assert changed.json() == campaign | {
        "text": "everyone", "rules": {"op": "everyone"}, "words": "all customers", "personalization": "template",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"message": {"subject": "Hi", "body": "{{ nmae }}"}}, "message.body"),
        ({"message": {"subject": "", "body": "x"}}, "message.subject"),
        ({"text": "spend >"}, "text"),
        ({"text": None}, "text"),
        ({"segment_id": "0", "text": None}, "segment_id"),
        ({"segment_id": "0"}, "segment_id"),
        ({"vendor": "pigeon"}, "vendor"),
        ({"name": ""}, "name"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_wrong_campaign_is_a_problem_naming_the_field(world: World, changes: Any, field: str) -> None:
    answer = await world.campaign(**changes)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_launching_freezes_the_rule_and_starts_every_bucket(world: World) -> None:
    segment = (await world.call("POST", "/api/segments", json={"name": "S", "text": "visits < 3"})).json()
    campaign = (await world.campaign(text=None, segment_id=segment["id"])).json()
    await world.call("PUT", f"/api/segments/{segment['id']}", json={"name": "S", "text": "visits < 5"})
    launched = await world.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    assert launched.status_code == 202
    assert (launched.json()["state"], launched.json()["text"]) == ("running", "visits < 5")
    assert launched.json()["launched_by"] == "admin@example.com"
    commands = [event for event in world.publisher.events if isinstance(event, FanOut)]
    assert sorted(command.bucket for command in commands) == list(range(BUCKETS))
    [entry] = await world.documents.query(Query(collection="audit"))
    assert (entry["who"], entry["what"], entry["campaign"]) == ("admin@example.com", "launch", campaign["id"])


async def test_of_several_launches_one_happens(world: World) -> None:
    campaign = (await world.campaign()).json()
    path = f"/api/campaigns/{campaign['id']}"
    managers = [f"m{number}@example.com" for number in range(4)]
    await world.documents.commit([Create(f"members/{one}", {"email": one, "role": "manager"}) for one in managers])
    answers = await asyncio.gather(*(world.call("POST", f"{path}/launch", by=one) for one in managers))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    assert {answer.json()["detail"] for answer in answers if answer.status_code == 409} == {
        "The campaign is running; only one that is draft or scheduled can be launched."
    }
    assert len(world.publisher.events) == BUCKETS
    assert (await world.call("PATCH", path, json={"name": "x"})).status_code == 409


async def test_who_launches_twice_has_launched_once(world: World) -> None:
    """Their first press may have had no answer: the second starts what the first has not."""
    path = f"/api/campaigns/{(await world.campaign()).json()['id']}/launch"
    at_once = await asyncio.gather(*(world.call("POST", path) for _ in range(3)))
    later = await world.call("POST", path)
    assert {answer.status_code for answer in (*at_once, later)} == {202}
    assert len({answer.json()["launched_at"] for answer in (*at_once, later)}) == 1
    assert len(await world.documents.query(Query(collection="audit"))) == 1
    assert len(world.publisher.events) == 4 * BUCKETS


@pytest.mark.parametrize(
    ("action", "state", "after"),
    [
        ("pause", "running", "paused"),
        ("resume", "paused", "running"),
        ("cancel", "running", "cancelled"),
        ("retry", "finished", "running"),
    ],
)
async def test_what_else_is_written_meanwhile_is_no_reason_to_refuse(
    world: World, action: str, state: str, after: str
) -> None:
    campaign = (await world.campaign()).json()
    stored = f"campaigns/{campaign['id']}"
    await world.documents.commit([Update(stored, {"state": state, "launched_at": NOW})])
    world.documents.between = lambda: world.documents.commit([Update(stored, {"discrepancy": None})])
    answer = await world.call("POST", f"/api/campaigns/{campaign['id']}/{action}")
    assert (answer.is_success, answer.json()["state"]) == (True, after)
    assert len(await world.documents.query(Query(collection="audit"))) == 1


async def test_what_forbids_it_meanwhile_is_the_reason_of_the_refusal(world: World) -> None:
    campaign = (await world.campaign()).json()
    stored = f"campaigns/{campaign['id']}"
    await world.documents.commit([Update(stored, {"state": "running", "launched_at": NOW})])
    world.documents.between = lambda: world.documents.commit([Update(stored, {"state": "cancelled"})])
    answer = await world.call("POST", f"/api/campaigns/{campaign['id']}/pause")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "The campaign is cancelled; only one that is running can be paused.",
    )


async def test_what_was_changed_meanwhile_is_not_launched_unseen(world: World) -> None:
    campaign = (await world.campaign()).json()
    change = Update(f"campaigns/{campaign['id']}", {"message": {"subject": "Another", "body": "Another"}})
    world.documents.between = lambda: world.documents.commit([change])
    answer = await world.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    assert (answer.status_code, "look at it again" in answer.json()["detail"]) == (409, True)
    assert world.publisher.events == []


async def test_a_summary_of_numbers_that_are_history_is_not_kept(world: World) -> None:
    """It was tried again while the summary was written."""
    await running(world)
    world.model.content = {"text": "Of 4 people, 1 was sent the message."}
    await world.documents.commit([Update("campaigns/c", {"state": "finished"})])
    world.documents.between = lambda: world.documents.commit([Update("campaigns/c", {"state": "running"})])
    assert (await world.call("GET", "/api/campaigns/c/summary")).json()["by"] == "gemini"
    assert (await world.documents.get("campaigns/c")).get("summary") is None


async def test_a_start_in_the_future_is_scheduled_and_one_in_the_past_refused(world: World) -> None:
    campaign = (await world.campaign()).json()
    path = f"/api/campaigns/{campaign['id']}"
    past = await world.call("POST", f"{path}/launch", json={"at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "at")
    scheduled = await world.call("POST", f"{path}/launch", json={"at": "2026-12-01T10:00:00+05:30"})
    assert (scheduled.json()["state"], scheduled.json()["start_at"]) == ("scheduled", "2026-12-01T04:30:00Z")
    assert world.publisher.events == []
    assert (await world.call("PATCH", path, json={"name": "Later"})).json()["state"] == "scheduled"
    assert (await world.call("POST", f"{path}/launch")).json()["state"] == "running"


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
async def test_what_can_be_done_in_each_state(world: World, state: str, possible: dict[str, str]) -> None:
    for action in ACTIONS:
        campaign = (await world.campaign()).json()
        path = f"/api/campaigns/{campaign['id']}"
        await world.documents.commit([Update(f"campaigns/{campaign['id']}", {"state": state})])
        answer = await world.call("POST", f"{path}/{action}")
        if action in possible:
            assert (answer.is_success, answer.json()["state"]) == (True, possible[action])
        else:
            assert (answer.status_code, state in answer.json()["detail"]) == (409, True)
        assert (await world.call("POST", f"{path}/{action}", by="viewer@example.com")).status_code == 403


async def test_statistics_say_how_many_wait_and_why(world: World) -> None:
    await running(world)
    waiting = {"campaign": "c", "reason": "vendor", "until": NOW}
    await world.documents.commit([Create(f"held/{number}", waiting) for number in range(3)])
    statistics = (await world.call("GET", "/api/campaigns/c/statistics")).json()
    assert (statistics["held"], statistics["retryable"]) == ({"vendor": 3}, 1)


async def test_a_campaign_whose_segment_is_gone_is_not_launched(world: World) -> None:
    segment = (await world.call("POST", "/api/segments", json={"name": "S", "text": "everyone"})).json()
    campaign = (await world.campaign(text=None, segment_id=segment["id"])).json()
    await world.call("DELETE", f"/api/segments/{segment['id']}")
    answer = await world.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "segment_id")


async def test_a_scheduled_campaign_that_cannot_be_started_says_why(world: World) -> None:
    """Until it is started, or somebody changes it."""
    herald = Herald()
    herald.documents = world.documents
    herald.begin()
    segment = (await world.call("POST", "/api/segments", json=named("S"))).json()
    campaign = (await world.campaign(text=None, segment_id=segment["id"])).json()
    path = f"/api/campaigns/{campaign['id']}"
    await world.call("POST", f"{path}/launch", json={"at": str(NOW + timedelta(hours=1))})
    await world.call("DELETE", f"/api/segments/{segment['id']}")
    herald.now += timedelta(hours=2)
    await herald.ticker.tick(Tick())
    stopped = (await world.call("GET", path)).json()
    assert (stopped["state"], stopped["start_problem"]) == ("scheduled", "The audience does not exist.")
    version = (await world.documents.get(f"campaigns/{campaign['id']}")).version
    await herald.ticker.tick(Tick())
    assert (await world.documents.get(f"campaigns/{campaign['id']}")).version == version
    changed = (await world.call("PATCH", path, json={"text": "everyone"})).json()
    assert (changed["state"], changed["start_problem"]) == ("scheduled", None)
    await herald.ticker.tick(Tick())
    assert (await world.call("GET", path)).json()["state"] == "running"


async def test_campaigns_are_listed_newest_first(world: World) -> None:
    for name in "abc":
        await world.campaign(name=name)
    first = (await world.call("GET", "/api/campaigns", params={"limit": 2})).json()
    rest = (await world.call("GET", "/api/campaigns", params={"limit": 2, "after": first["next"]})).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["c", "b", "a"]
    assert rest["next"] is None


@pytest.mark.parametrize("no_id", NO_IDS)
async def test_what_is_no_id_is_not_found_and_not_asked_for(world: World, no_id: str) -> None:
    campaign, segment = f"/api/campaigns/{no_id}", f"/api/segments/{no_id}"
    actions = ("launch", "pause", "resume", "cancel", "retry")
    results = ("", "/statistics", "/messages", "/why?customer_id=c", "/summary")
    asked = [("GET", f"{campaign}{one}") for one in results] + [("POST", f"{campaign}/{one}") for one in actions]
    for method, path in [*asked, ("PATCH", campaign), ("GET", segment), ("PUT", segment), ("DELETE", segment)]:
        body: dict[str, Any] = {"json": {"name": "x", "text": "everyone"}} if method in {"PATCH", "PUT"} else {}
        answer = await world.call(method, path, **body)
        assert (answer.status_code, method, path) == (404, method, path)


@pytest.mark.parametrize("after", NO_CURSORS)
@pytest.mark.parametrize("path", ["/api/campaigns", "/api/segments", "/api/campaigns/c/messages"])
async def test_a_place_that_is_in_no_list_is_a_problem(world: World, path: str, after: str) -> None:
    await running(world)
    answer = await world.call("GET", path, params={"after": after})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize("segment", ["__x__", "a/b", "x" * 1_501])
async def test_an_audience_that_is_no_id_is_a_problem(world: World, segment: str) -> None:
    answer = await world.campaign(text=None, segment_id=segment)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "segment_id")


async def running(world: World) -> None:
    campaign = (await world.campaign()).json()
    stored = await world.documents.get(f"campaigns/{campaign['id']}")
    await world.documents.commit([Create("campaigns/c", {**(stored.data or {}), "state": "running"})])
    await world.record({"p": "sent", "q": "failed", "r": "skipped"})


async def test_statistics_add_up(world: World) -> None:
    await running(world)
    statistics = (await world.call("GET", "/api/campaigns/c/statistics")).json()
    assert {name: statistics[name] for name in ("audience", "sent", "failed", "skipped", "pending", "opened")} == {
        "audience": 4, "sent": 1, "failed": 1, "skipped": 1, "pending": 1, "opened": 0,
    }  # fmt: skip
    assert statistics["complete"] is True
    assert statistics["skipped_reasons"] == {"no_consent": 1}
    assert statistics["over_time"] == [{"at": "2026-11-23T12:00:00Z", "sent": 1, "failed": 1, "skipped": 1}]
    assert (await world.call("GET", "/api/campaigns/none/statistics")).status_code == 404


async def test_each_persons_message_with_its_text_state_and_history(world: World) -> None:
    await running(world)
    claim = {"campaign": "c", "name": "Asha", "to": "a@example.com", "subject": "Hi", "body": "Asha!"}
    claims = [claim | {"customer": who, "personalized_by": "gemini"} for who in ("p", "pending")]
    await world.documents.commit([Create(f"claims/{message_id('c', one['customer'])}", one) for one in claims])
    opened = Receipt(message_id=message_id("c", "p"), campaign_id="c", customer_id="p", kind="opened", at=NOW)
    await world.ledger.record([opened])
    messages = (await world.call("GET", "/api/campaigns/c/messages")).json()
    assert messages["next"] is None
    by_customer = {one["customer_id"]: one for one in messages["items"]}
    assert {who: one["state"] for who, one in by_customer.items()} == {
        "p": "sent", "q": "failed", "r": "skipped", "pending": "pending",
    }  # fmt: skip
    assert (by_customer["p"]["body"], by_customer["p"]["personalized_by"]) == ("Asha!", "gemini")
    assert [one["kind"] for one in by_customer["p"]["history"]] == ["opened", "sent"]
    assert by_customer["r"]["reason"] == "no_consent"


async def explained(world: World, campaign: str, external_id: str, **more: str) -> Any:
    query = {"customer_id": customer_id("external_id", external_id), **more}
    return (await world.call("GET", f"/api/campaigns/{campaign}/why", params=query, by="viewer@example.com")).json()


async def test_why_somebody_got_a_message_or_did_not(world: World) -> None:
    await world.customers()
    draft = await world.campaign(text="spend > 10000 OR visits > 8")
    campaign = draft.json()["id"]
    before = await explained(world, campaign, "big")
    assert (before["in_audience"], before["matches"], before["message"]) == (None, True, None)
    await world.call("POST", f"/api/campaigns/{campaign}/launch")
    assert (await explained(world, campaign, "big"))["in_audience"] is None
    await world.fan_out()
    big, small, lapsed = [await explained(world, campaign, one) for one in ("big", "small", "lapsed")]
    assert [(one["in_audience"], one["left_out"]) for one in (big, small, lapsed)] == [
        (True, None), (False, "no_address"), (True, "no_address"),
    ]  # fmt: skip
    assert [(part["text"], part["matches"], part["value"]) for part in big["parts"]] == [
        ("spend > 10000 OR visits > 8", True, None), ("spend > 10000", True, 20_000.0), ("visits > 8", False, 1),
    ]  # fmt: skip
    assert (big["name"], big["parts"][1]["words"]) == ("Big", "customers who spent more than ₹10,000")


async def test_why_tells_what_happened_to_the_message_and_what_it_waits_for(world: World) -> None:
    await world.customers()
    campaign = (await world.campaign(text="everyone")).json()["id"]
    await world.call("POST", f"/api/campaigns/{campaign}/launch")
    await world.fan_out()
    big = customer_id("external_id", "big")
    held = {"campaign": campaign, "reason": "rate", "until": NOW}
    await world.documents.commit([Create(f"held/{message_id(campaign, big)}", held)])
    assert (await explained(world, campaign, "big"))["waits"] == {"reason": "rate", "until": "2026-11-23T12:00:00Z"}
    kinds: tuple[ReceiptKind, ...] = ("failed", "opened")
    ids = {"message_id": message_id(campaign, big), "campaign_id": campaign, "customer_id": big}
    await world.ledger.record([Receipt(**ids, kind=kind, at=NOW, reason="No mailbox") for kind in kinds])
    message = (await explained(world, campaign, "big"))["message"]
    assert (message["state"], message["reason"]) == ("failed", "No mailbox")
    assert {one["kind"]: one["at"] for one in message["history"]} == dict.fromkeys(kinds, "2026-11-23T12:00:00Z")


async def no_imports(customer_id: str, words: Collection[str]) -> None:
    """There are none to take anybody out of."""


async def test_who_was_found_stays_so_whatever_is_known_of_them_today(world: World) -> None:
    """Changed or erased since."""
    await world.customers()
    campaign = (await world.campaign(text="spend > 10000")).json()["id"]
    await world.call("POST", f"/api/campaigns/{campaign}/launch")
    await world.fan_out()
    ingestion = Ingestion(world.documents, hashes=HASHES)
    await ingestion.upsert([CustomerIn(external_id="big", spend=1)])
    changed = await explained(world, campaign, "big", language="hi")
    assert (changed["in_audience"], changed["matches"], changed["parts"][0]["value"]) == (True, False, 1.0)
    assert "₹10,000" in changed["parts"][0]["words"]
    erasure = Erasure(world.documents, hashes=HASHES, traces=Traces(world.documents), forget=no_imports)
    await erasure.erase(customer_id("external_id", "big"), by="me")
    erased = await explained(world, campaign, "big")
    assert (erased["in_audience"], erased["matches"], erased["parts"], erased["name"]) == (True, None, [], None)
    assert (await explained(world, campaign, "nobody"))["status"] == 404
    assert (await explained(world, "0", "big"))["detail"] == "There is no such campaign."


@pytest.mark.parametrize("state", ["sent", "failed", "skipped", "pending"])
async def test_messages_of_one_state(world: World, state: str) -> None:
    await running(world)
    await world.documents.commit(
        [Create(f"claims/{message_id('c', who)}", {"campaign": "c", "customer": who}) for who in "pz"]
    )
    messages = (await world.call("GET", "/api/campaigns/c/messages", params={"state": state})).json()
    assert [one["state"] for one in messages["items"]] == [state]


async def test_where_nobody_is_pending_nobody_is_looked_for(world: World) -> None:
    """Else whoever asks would walk through every claim of a campaign that is long over."""
    campaign = (await world.campaign()).json()
    stored = await world.documents.get(f"campaigns/{campaign['id']}")
    await world.documents.commit([Create("campaigns/c", {**(stored.data or {}), "state": "finished"})])
    people: dict[str, ReceiptKind] = dict.fromkeys("pqrs", "sent")
    await world.record(people)
    await world.documents.commit(
        [Create(f"claims/{message_id('c', who)}", {"campaign": "c", "customer": who}) for who in people]
    )
    asked = {"state": "pending", "limit": 1}
    page = (await world.call("GET", "/api/campaigns/c/messages", params=asked)).json()
    assert page == {"items": [], "next": None}


async def test_messages_come_in_pages_without_gaps(world: World) -> None:
    campaign = (await world.campaign()).json()
    stored = await world.documents.get(f"campaigns/{campaign['id']}")
    await world.documents.commit([Create("campaigns/c", {**(stored.data or {}), "state": "running"})])
    people = [f"p{number}" for number in range(25)]
    await world.record(dict.fromkeys(people, "failed"))
    for kind in ("retried", "sent"):
        ids = {one: {"message_id": message_id("c", one), "campaign_id": "c", "customer_id": one} for one in people}
        await world.ledger.record([Receipt(**ids[one], attempt=2, kind=kind, at=NOW) for one in people[::2]])
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await world.call("GET", "/api/campaigns/c/messages", params={"limit": 7, **after})).json()
        seen += [one["customer_id"] for one in page["items"]]
        if not page["next"]:
            break
        after = {"after": page["next"]}
    assert sorted(seen) == sorted(f"p{number}" for number in range(25))


async def test_the_summary_is_geminis_if_it_uses_only_our_numbers(world: World) -> None:
    await running(world)
    world.model.content = {"text": "Of 4 people, 1 was sent the message; 50.0% of those attempted."}
    summary = (await world.call("GET", "/api/campaigns/c/summary")).json()
    assert summary == {"text": world.model.content["text"], "by": "gemini"}
    [prompt] = world.model.prompts
    assert prompt.data["statistics"]["audience"] == 4


@pytest.mark.parametrize(
    "content", [None, {"text": "A success: 99 were sent."}, {"text": ""}, {}, "x", {"text": "a" * 2000}]
)
async def test_else_it_is_a_plain_sentence_of_ours(world: World, content: Any) -> None:
    await running(world)
    world.model.content = content
    summary = (await world.call("GET", "/api/campaigns/c/summary")).json()
    assert summary["by"] == "template"
    assert "Of 4 people in the audience, 1 were sent" in summary["text"]


async def test_a_finished_campaigns_summary_is_written_once(world: World) -> None:
    await running(world)
    world.model.content = {"text": "Of 4 people, 1 was sent the message."}
    await world.documents.commit([Update("campaigns/c", {"state": "finished"})])
    first = (await world.call("GET", "/api/campaigns/c/summary")).json()
    second = (await world.call("GET", "/api/campaigns/c/summary")).json()
    assert first == second
    assert len(world.model.prompts) == 1
