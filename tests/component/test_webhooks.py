"""Webhooks to the deployer's own servers: written in the commit that makes it happen, delivered, logged, replayed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook as Verifier

from common.errors import Exists, Unavailable
from common.events import EventTick, Receipt
from common.ids import message_id
from common.messages.ledger import Ledger
from common.storage.documents import Create, Delete, Put, Query, Snapshot, Update, Write
from common.storage.memory import MemoryDocuments, MemoryPublisher
from common.webhooks.event_types import EVENT_TYPES
from common.webhooks.public_hosts import PublicHosts
from common.webhooks.recording import EventRecordingDocuments
from common.webhooks.signing import signed_headers
from common.webhooks.store import MAX_WEBHOOKS, read_events
from members.composition import MembersSettings
from members.composition import compose as compose_members
from tests.support import SETTINGS, ApiClient, identity_from_token, logged_actions
from webhooks.composition import WebhooksSettings
from webhooks.composition import compose as compose_webhooks
from webhooks.deliveries import DELAYS, MAX_FAILURES_IN_A_ROW, PARALLEL_REQUESTS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRIVATE = SETTINGS | {"EVENTS_ALLOW_PRIVATE": "true"}


class CommitMeasuringDocuments(MemoryDocuments):
    """Counts the reads, and keeps the size of each commit."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.sizes: list[int] = []

    async def query(self, query: Query) -> list[Snapshot]:
        self.reads += 1
        return await super().query(query)

    async def commit(self, writes: Sequence[Write]) -> None:
        await super().commit(writes)
        self.sizes.append(len(writes))


class RangeCheckingDocuments(MemoryDocuments):
    """Refuses ids in ranges that Firestore refuses."""

    async def query(self, query: Query) -> list[Snapshot]:
        assert "/" not in f"{query.id_from}{query.id_before}{query.after}"
        return await super().query(query)


class ShopServer:
    """The deployer's server: keeps what it gets, and answers with `status`, or that of an event's id."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.connections: dict[str, set[object]] = {}  # by the header `Host`
        self.status = 204
        self.status_by_id: dict[str, int] = {}
        self.location: str | None = None

    async def receive(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((headers, await request.read()))
        self.connections.setdefault(headers["host"], set()).add(request.transport)
        status = self.status_by_id.get(headers["webhook-id"], self.status)
        return web.Response(status=status, headers={"location": self.location} if self.location else {})

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.requests]


class WebhooksFixture:
    """A shop's server, the members API, and the function that sends events, on one database and one clock."""

    def __init__(self, server: ShopServer, url: str) -> None:
        self.server = server
        self.url = url
        self.now = NOW
        self.documents = RangeCheckingDocuments()
        self.access = MemoryDocuments()
        self.recording = self.recorder()
        self.call = ApiClient(
            compose_members(
                documents=self.documents,
                access=self.access,
                publisher=MemoryPublisher(),
                verify_id_token=identity_from_token,
                settings=MembersSettings(PRIVATE),
                clock=lambda: self.now,
            ).app
        )
        self.function = compose_webhooks(
            documents=self.documents,
            access=self.access,
            publisher=MemoryPublisher(),
            settings=WebhooksSettings(PRIVATE),
            clock=lambda: self.now,
        )

    def recorder(self) -> EventRecordingDocuments:
        """The database as a new instance of a function has it."""
        return EventRecordingDocuments(self.documents, clock=lambda: self.now)

    async def add(self, *events: str, **changes: Any) -> dict[str, Any]:
        body = {"name": "shop", "url": self.url, "events": list(events or EVENT_TYPES), **changes}
        response = await self.call("POST", "/api/webhooks", json=body)
        assert response.status_code == 201, response.text
        webhook: dict[str, Any] = response.json()
        self.recording = self.recorder()
        return webhook

    async def record(self, number: int = 0, kind: Any = "sent", **fields: Any) -> None:
        """Record a receipt of the customer with this number."""
        ids = {"message_id": message_id("c", str(number)), "campaign_id": "c", "customer_id": str(number)}
        receipt = Receipt(**ids, kind=kind, at=self.now, **fields)
        await Ledger(self.recording, shard="00").record([receipt])

    async def tick(self, after: timedelta = timedelta()) -> None:
        self.now += after
        await self.function.event_job.tick(EventTick())

    async def listed(self) -> dict[str, Any]:
        [webhook] = (await self.call("GET", "/api/webhooks")).json()["items"]
        return dict(webhook)

    async def attempts(self, webhook: dict[str, Any], **params: Any) -> Any:
        return (await self.call("GET", f"/api/webhooks/{webhook['id']}/attempts", params=params)).json()


@pytest.fixture
async def shop() -> AsyncIterator[WebhooksFixture]:
    server, application = ShopServer(), web.Application()
    application.add_routes([web.post("/herald", server.receive), web.post("/elsewhere", server.receive)])
    async with TestServer(application) as test_server:
        fixture = WebhooksFixture(server, str(test_server.make_url("/herald")))
        yield fixture
        await fixture.function.event_sender.close()


async def test_commits_stay_as_they_are_while_there_is_no_webhook() -> None:
    """No write more, and one read in half a minute for each instance, whatever it commits."""
    documents, seconds = CommitMeasuringDocuments(), [0.0]
    recording = EventRecordingDocuments(documents, monotonic=lambda: seconds[0])
    for number in range(20):
        await recording.commit([Create(f"receipts/{number}", {"kind": "sent"})])
        await recording.commit([Create(f"claims/{number}", {})])
    assert documents.reads == 1
    assert set(documents.sizes) == {1}
    seconds[0] = 31
    await recording.commit([Create("receipts/x", {"kind": "sent"})])
    assert documents.reads == 2


async def test_event_is_written_with_what_it_tells_of_or_not_at_all(shop: WebhooksFixture) -> None:
    """A receipt that was recorded before makes no second event; a refused commit makes none."""
    await shop.add("message.sent")
    await shop.record()
    await shop.record()
    with pytest.raises(Exists):
        await shop.recording.commit([Create(f"receipts/{message_id('c', '0')}.outcome", {"kind": "sent"})])
    [batch] = shop.documents.stored("outgoing_events")
    [event] = read_events(batch)
    assert event["type"] == "message.sent"
    ids = {"message_id": message_id("c", "0"), "campaign_id": "c", "customer_id": "0", "attempt": 1}
    assert event["data"] == ids
    assert datetime.fromisoformat(event["timestamp"]) == NOW


async def test_customer_and_campaign_changes_are_events(shop: WebhooksFixture) -> None:
    """With the names of what changed, never the values; notes about a customer without a new version are no change."""
    await shop.add("customer.changed", "campaign.finished")
    customer = {"version": 1, "email": "a@example.com", "city": "Pune", "created_at": NOW}
    await shop.recording.commit([Create("customers/1", customer), Create("customers/2", customer)])
    await shop.recording.commit([Update("customers/1", {"version": 2, "updated_at": NOW, "city": "Goa"})])
    await shop.recording.commit([Update("customers/1", {"version": 3, "updated_at": NOW})])
    await shop.recording.commit([Update("customers/1", {"noted": 1})])
    await shop.recording.commit([Put("customers/2", {"merged_into": "1", "version": 4})])
    await shop.recording.commit([Delete("customers/1")])
    await shop.documents.commit([Create("campaigns/c", {"state": "running"})])
    await shop.recording.commit([Update("campaigns/c", {"state": "paused"})])
    await shop.recording.commit([Update("campaigns/c", {"state": "finished", "totals": {"sent": 3}})])
    batches = sorted(shop.documents.stored("outgoing_events"), key=lambda batch: batch.version or NOW)
    data = [event["data"] for batch in batches for event in read_events(batch)]
    assert data == [
        {"customer_id": "1", "change": "created", "fields": ["city", "email"]},
        {"customer_id": "2", "change": "created", "fields": ["city", "email"]},
        {"customer_id": "1", "change": "changed", "fields": ["city"]},
        {"customer_id": "2", "change": "merged", "fields": []},
        {"customer_id": "1", "change": "erased", "fields": []},
        {"campaign_id": "c", "sent": 3},
    ]
    assert "Pune" not in str([read_events(batch) for batch in batches])


async def test_each_webhook_gets_the_events_that_it_wants_signed(shop: WebhooksFixture) -> None:
    """A library of Standard Webhooks accepts the signature; what nobody wants is not stored."""
    shop.now = datetime.now(UTC)
    webhook = await shop.add("message.failed", "message.unsubscribed")
    await shop.record(1, "sent")
    await shop.record(2, "failed", reason="No such mailbox.", permanent=True)
    await shop.record(1, "unsubscribed")
    await shop.record(1, "delivered")
    await shop.tick()
    bodies = [Verifier(webhook["secret"]).verify(body, headers) for headers, body in shop.server.requests]
    assert sorted(body["type"] for body in bodies) == ["message.failed", "message.unsubscribed"]
    [failed] = [body["data"] for body in bodies if body["type"] == "message.failed"]
    assert (failed["reason"], failed["permanent"]) == ("No such mailbox.", True)
    assert len(set(shop.server.ids)) == 2
    await shop.tick()
    assert len(shop.server.requests) == 2


def is_signed_with(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether one of the signatures is of this secret. The library itself only accepts requests of now."""
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=UTC)
    signature = Verifier(secret).sign(headers["webhook-id"], at, body.decode())
    return signature in headers["webhook-signature"].split(" ")


async def test_failed_event_is_sent_again_with_growing_delays_for_a_day(shop: WebhooksFixture) -> None:
    """Under the same id each time; then it is given up, and a replay sends it after all."""
    webhook = await shop.add("message.sent")
    shop.server.status = 500
    await shop.record()
    await shop.tick()
    for delay in DELAYS:
        await shop.tick(delay - timedelta(seconds=1))
        count = len(shop.server.requests)
        await shop.tick(timedelta(seconds=1))
        assert len(shop.server.requests) == count + 1
    assert timedelta(hours=20) < sum(DELAYS, timedelta()) < timedelta(hours=28)
    await shop.tick(timedelta(hours=12))
    assert len(shop.server.requests) == len(DELAYS) + 1
    assert len(set(shop.server.ids)) == 1
    shop.server.status = 200
    replay = await shop.call("POST", f"/api/webhooks/{webhook['id']}/replay", json={"event": shop.server.ids[0]})
    assert (replay.status_code, replay.json()["events"]) == (202, 1)
    await shop.tick()
    assert len(shop.server.requests) == len(DELAYS) + 2
    assert len(set(shop.server.ids)) == 1
    assert (await shop.listed())["failing_since"] is None


async def test_one_event_that_fails_holds_up_no_other(shop: WebhooksFixture) -> None:
    """Only what was not accepted is sent again."""
    await shop.add("customer.changed")
    await shop.recording.commit([Create(f"customers/{n}", {"version": 1, "city": "Pune"}) for n in range(10)])
    [batch] = shop.documents.stored("outgoing_events")
    poison = f"{batch.id}-4"
    shop.server.status_by_id[poison] = 422
    await shop.tick()
    assert len(shop.server.requests) == 10
    await shop.tick(timedelta(minutes=2))
    assert shop.server.ids[10:] == [poison]
    assert (await shop.listed())["enabled"]


async def test_broken_server_gets_a_few_requests_a_tick(shop: WebhooksFixture) -> None:
    """After some failures in a row the rest waits, and comes when the server works again."""
    await shop.add("customer.changed")
    for part in range(3):
        writes = [Create(f"customers/{part}-{n}", {"version": 1, "city": "Pune"}) for n in range(30)]
        await shop.recording.commit(writes)
    shop.server.status = 503
    await shop.tick()
    assert MAX_FAILURES_IN_A_ROW <= len(shop.server.requests) <= MAX_FAILURES_IN_A_ROW + 10
    shop.server.status, shop.server.requests = 200, []
    await shop.tick(timedelta(minutes=2))
    assert len(set(shop.server.ids)) == 90


async def test_webhook_that_fails_for_days_is_switched_off_and_says_so(shop: WebhooksFixture) -> None:
    """It gets nothing more; switched on again, it gets what it missed by a replay."""
    webhook = await shop.add("message.sent")
    shop.server.status = 500
    for day in range(4):
        await shop.record(day)
        await shop.tick(timedelta(days=1, minutes=1))
    listed = await shop.listed()
    assert (listed["enabled"], listed["needs_attention"]) == (False, "failing")
    count = len(shop.server.requests)
    shop.server.status = 200
    shop.recording = shop.recorder()
    await shop.record(9)
    await shop.tick(timedelta(minutes=2))
    assert len(shop.server.requests) == count
    path = f"/api/webhooks/{webhook['id']}"
    changed = (await shop.call("PATCH", path, json={"enabled": True})).json()
    assert (changed["enabled"], changed["needs_attention"], changed["failing_since"]) == (True, None, None)
    since = (shop.now - timedelta(days=6)).isoformat()
    replay = (await shop.call("POST", f"{path}/replay", json={"since": since})).json()
    assert replay == {"events": 4, "until": None}  # while it was off, nobody wanted the fifth
    shop.server.requests = []
    await shop.tick()
    assert len(set(shop.server.ids)) == 4


async def test_server_that_is_gone_is_never_asked_again(shop: WebhooksFixture) -> None:
    """410 switches the webhook off at once."""
    await shop.add("message.sent")
    shop.server.status = 410
    await shop.record()
    await shop.tick()
    listed = await shop.listed()
    assert (listed["enabled"], listed["needs_attention"]) == (False, "gone")
    await shop.tick(timedelta(hours=1))
    assert len(shop.server.requests) == 1


async def test_redirect_is_not_followed(shop: WebhooksFixture) -> None:
    """It is a failure: it could lead anywhere."""
    webhook = await shop.add("message.sent")
    shop.server.status, shop.server.location = 307, "/elsewhere"
    await shop.record()
    await shop.tick()
    [attempt] = (await shop.attempts(webhook))["items"]
    assert [event["status"] for event in attempt["events"]] == [307]
    assert len(shop.server.requests) == 1


async def test_host_with_a_private_address_is_not_asked(shop: WebhooksFixture) -> None:
    """Although the name says nothing of it. The log says why."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["8.8.8.8", "169.254.169.254"]

    function = compose_webhooks(
        documents=shop.documents,
        access=shop.access,
        publisher=MemoryPublisher(),
        settings=WebhooksSettings(SETTINGS),
        hosts=PublicHosts(resolve=resolve),
        clock=lambda: shop.now,
    )
    webhook = await shop.add("message.sent", url="https://shop.example/herald")
    await shop.record()
    await function.event_job.tick(EventTick())
    await function.event_sender.close()
    [attempt] = (await shop.attempts(webhook))["items"]
    [event] = attempt["events"]
    assert event["status"] is None
    assert "169.254.169.254" in event["error"]
    assert attempt["next_at"] is not None


async def test_webhook_by_http_is_refused_once_private_networks_are_not_allowed(shop: WebhooksFixture) -> None:
    """It was added while they were allowed. The log says why, and what to do; the server gets nothing."""
    function = compose_webhooks(
        documents=shop.documents,
        access=shop.access,
        publisher=MemoryPublisher(),
        settings=WebhooksSettings(SETTINGS),
        clock=lambda: shop.now,
    )
    webhook = await shop.add("message.sent", url="http://shop.example/herald")
    await shop.record()
    await function.event_job.tick(EventTick())
    await function.event_sender.close()
    [attempt] = (await shop.attempts(webhook))["items"]
    [event] = attempt["events"]
    assert event["status"] is None
    assert event["error"] == (
        "The address is not allowed: it begins with http://, which is allowed in private networks only; write https://"
    )
    assert shop.server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://shop.example/x", "https://10.0.0.1/x", "https://[::1]/x", "https://localhost/x"),
        *("https://metadata.google.internal/", "https://user:word@shop.example/", "https://shop.example/#x"),
        *("ftp://shop.example/", "https://", "https://shop.example:port/", "shop.example", "https://a b.example/"),
    ],
)
async def test_address_that_cannot_be_used_is_refused_at_once(url: str) -> None:
    """The error is at the field `url`."""
    members = compose_members(
        documents=MemoryDocuments(),
        access=MemoryDocuments(),
        publisher=MemoryPublisher(),
        verify_id_token=identity_from_token,
        settings=MembersSettings(SETTINGS),
    )
    body = {"name": "shop", "url": url, "events": ["message.sent"]}
    response = await ApiClient(members.app)("POST", "/api/webhooks", json=body)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["url"]


async def test_log_shows_the_newest_attempts_first_in_pages(shop: WebhooksFixture) -> None:
    """With the status and the duration of each request, and when the failed ones are sent again."""
    webhook = await shop.add("message.sent")
    for number, status in enumerate((200, 500)):
        shop.server.status = status
        await shop.record(number)
        await shop.tick(timedelta(seconds=5))
    first = await shop.attempts(webhook, limit=1)
    second = await shop.attempts(webhook, limit=1, after=first["next"])
    [failed], [accepted] = first["items"], second["items"]
    assert (failed["events"][0]["status"], accepted["events"][0]["status"]) == (500, 200)
    assert (failed["attempt"], accepted["next_at"], second["next"]) == (1, None, None)
    assert datetime.fromisoformat(failed["next_at"]) == shop.now + DELAYS[0]
    assert failed["events"][0]["milliseconds"] >= 0
    assert failed["events"][0]["id"] == shop.server.ids[1]


async def test_both_secrets_sign_for_a_day_after_a_change(shop: WebhooksFixture) -> None:
    """A server that still has the old one accepts the request; after a day only the new one signs."""
    webhook = await shop.add("message.sent")
    rotated = (await shop.call("POST", f"/api/webhooks/{webhook['id']}/secret")).json()
    assert rotated["secret"] != webhook["secret"]
    await shop.record(1)
    await shop.tick()
    await shop.record(2)
    await shop.tick(timedelta(days=1))
    first, second = shop.server.requests
    assert is_signed_with(webhook["secret"], *first)
    assert is_signed_with(rotated["secret"], *first)
    assert not is_signed_with(webhook["secret"], *second)
    assert is_signed_with(rotated["secret"], *second)


async def test_signatures_of_both_secrets_are_about_the_same_second(shop: WebhooksFixture) -> None:
    """The header has one time, also if a second passes while the request is made."""
    webhook = await shop.add("message.sent")
    await shop.call("POST", f"/api/webhooks/{webhook['id']}/secret")
    await shop.record()
    seconds = count()
    shop.function = compose_webhooks(
        documents=shop.documents,
        access=shop.access,
        publisher=MemoryPublisher(),
        settings=WebhooksSettings(PRIVATE),
        clock=lambda: shop.now + timedelta(seconds=next(seconds)),
    )
    await shop.tick()
    [request] = shop.server.requests
    assert is_signed_with(webhook["secret"], *request)


async def test_hosts_with_the_same_address_share_no_connection(shop: WebhooksFixture) -> None:
    """The certificate of a connection was checked for one name only."""

    class OneAddress(PublicHosts):
        """Each name leads to the server of the test."""

        async def pin(self, request: httpx.Request) -> None:
            request.url = request.url.copy_with(host="127.0.0.1", port=httpx.URL(shop.url).port)

    function = compose_webhooks(
        documents=shop.documents,
        access=shop.access,
        publisher=MemoryPublisher(),
        settings=WebhooksSettings(PRIVATE),
        hosts=OneAddress(),
        clock=lambda: shop.now,
    )
    for host in ("a.example", "b.example"):
        await shop.add("message.sent", url=f"http://{host}/herald")
    for number in range(3):
        await shop.record(number)
        await function.event_job.tick(EventTick())
    await function.event_sender.close()
    first, second = (shop.server.connections[host] for host in ("a.example", "b.example"))
    assert not first & second


async def test_slow_servers_leave_connections_for_the_others(shop: WebhooksFixture) -> None:
    """All requests to as many webhooks as there may be are under way at the same time."""
    expected, arrived, all_here = MAX_WEBHOOKS * PARALLEL_REQUESTS, count(1), asyncio.Event()

    async def wait_for_all(request: web.Request) -> web.Response:
        if next(arrived) == expected:
            all_here.set()
        await asyncio.wait_for(all_here.wait(), 10)
        return await shop.server.receive(request)

    application = web.Application()
    application.add_routes([web.post("/slow", wait_for_all)])
    async with TestServer(application) as server:
        for _ in range(MAX_WEBHOOKS):
            await shop.add("message.sent", url=str(server.make_url("/slow")))
        ids = [{"message_id": message_id("c", str(number)), "customer_id": str(number)} for number in range(10)]
        receipts = [Receipt(**one, campaign_id="c", kind="sent", at=shop.now) for one in ids]
        await Ledger(shop.recording, shard="00").record(receipts)
        await shop.tick()
        await shop.function.event_sender.close()
    assert len(shop.server.requests) == expected


def test_signature_is_the_published_one() -> None:
    """The example of the Standard Webhooks documentation."""
    signer, now = Verifier("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers(signer, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', now=now)
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_reason_of_a_vendor_is_kept_without_addresses(shop: WebhooksFixture) -> None:
    """What is stored of the events is not changed when a person is erased."""
    await shop.add("message.failed")
    await shop.record(kind="failed", reason="550 no mailbox for anna@shop.example, +14155550123")
    [batch] = await shop.documents.query(Query(collection="outgoing_events"))
    [event] = read_events(batch)
    assert event["data"]["reason"].startswith("550 no mailbox for ")
    assert "anna" not in event["data"]["reason"]
    assert "4155550123" not in event["data"]["reason"]


async def test_batch_that_cannot_be_divided_holds_up_no_other(
    shop: WebhooksFixture, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and tried again at the next tick."""
    await shop.add("message.sent")
    await shop.record(0)
    await shop.record(1)
    poison = min(batch.id for batch in await shop.documents.query(Query(collection="outgoing_events")))

    class Refusing(MemoryDocuments):
        async def commit(self, writes: Sequence[Write]) -> None:
            if any(write.path.endswith(poison) for write in writes):
                raise Unavailable("try again")
            await super().commit(writes)

    shop.documents.__class__ = type("RefusingDocuments", (Refusing, RangeCheckingDocuments), {})
    await shop.tick()
    assert [id_.partition("-")[0] == poison for id_ in shop.server.ids] == [False]
    assert "tick_duty_failed" in [getattr(record, "event", "") for record in caplog.records]
    shop.documents.__class__ = RangeCheckingDocuments
    await shop.tick()
    assert len(shop.server.ids) == 2


async def test_events_are_sent_also_while_more_happen_than_can_be_divided(shop: WebhooksFixture) -> None:
    """Dividing takes half of a tick at most."""
    await shop.add("message.sent")
    for number in range(60):
        await shop.record(number)
    seconds = [0.0]

    class Slow(RangeCheckingDocuments):
        async def commit(self, writes: Sequence[Write]) -> None:
            seconds[0] += 1
            await super().commit(writes)

    shop.documents.__class__ = Slow
    function = compose_webhooks(
        documents=shop.documents,
        access=shop.access,
        publisher=MemoryPublisher(),
        settings=WebhooksSettings(PRIVATE),
        clock=lambda: shop.now,
        monotonic=lambda: seconds[0],
    )
    await function.event_job.tick(EventTick())
    await function.event_sender.close()
    assert shop.server.requests


async def test_secret_is_shown_once_and_every_change_is_in_the_audit_log(shop: WebhooksFixture) -> None:
    """Neither the list nor the log has it."""
    webhook = await shop.add("message.sent")
    path = f"/api/webhooks/{webhook['id']}"
    assert "secret" not in await shop.listed()
    await shop.call("PATCH", path, json={"name": "the shop", "enabled": False})
    await shop.call("POST", f"{path}/secret")
    assert (await shop.call("DELETE", path)).status_code == 204
    assert (await shop.call("DELETE", path)).status_code == 404
    assert (await shop.call("GET", f"{path}/attempts")).status_code == 404
    logged = {entry["what"]: entry for entry in shop.access.stored("audit")}
    assert logged.keys() == {"webhook created", "webhook changed", "webhook secret changed", "webhook deleted"}
    [switched] = await logged_actions(shop.documents, "webhook changed")
    assert (switched["before"], switched["after"]) == ({"enabled": True}, {"enabled": False})
    assert webhook["secret"] not in str([entry.data for entry in logged.values()])
    assert shop.documents.stored("webhook_states") == []


class SlowDocuments(MemoryDocuments):
    """Others go on between a query and the commit that follows it."""

    async def query(self, query: Query) -> list[Snapshot]:
        found = await super().query(query)
        for _ in range(20):
            await asyncio.sleep(0)
        return found


async def test_webhooks_that_are_added_at_once_are_never_too_many(shop: WebhooksFixture) -> None:
    """Each request counts what there is; two that count the same cannot both add one."""
    for number in range(MAX_WEBHOOKS - 2):
        await shop.add("message.sent", name=f"shop {number}")
    slow = SlowDocuments()
    await slow.commit(
        [Create(one.path, one.data or {}) for one in await shop.access.query(Query(collection="webhooks"))]
    )
    call = ApiClient(
        compose_members(
            documents=shop.documents,
            access=slow,
            publisher=MemoryPublisher(),
            verify_id_token=identity_from_token,
            settings=MembersSettings(PRIVATE),
            clock=lambda: shop.now,
        ).app
    )
    body = {"name": "one more", "url": shop.url, "events": ["message.sent"]}
    answers = await asyncio.gather(*(call("POST", "/api/webhooks", json=body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422, 422]
    assert len(await slow.query(Query(collection="webhooks"))) == MAX_WEBHOOKS


async def test_webhook_that_is_added_or_deleted_by_half_is_seen_and_gets_nothing(shop: WebhooksFixture) -> None:
    """It is in one database, what it wants in the other: a process can die in between. Nothing is written down for a
    webhook that is not in the list, and what is in the list can be deleted, or switched on."""
    commit = shop.documents.commit
    webhook = await shop.add("message.sent")

    async def fail(writes: Sequence[Write]) -> None:
        if any(write.path.startswith("webhook_states/") for write in writes):
            raise Unavailable("The database is down.")
        await commit(writes)

    shop.documents.commit = fail  # type: ignore[method-assign]
    body = {"name": "half", "url": shop.url, "events": ["message.sent"]}
    assert (await shop.call("POST", "/api/webhooks", json=body)).status_code == 503
    assert (await shop.call("DELETE", f"/api/webhooks/{webhook['id']}")).status_code == 503
    shop.documents.commit = commit  # type: ignore[method-assign]
    items = {one["name"]: one for one in (await shop.call("GET", "/api/webhooks")).json()["items"]}
    assert {name: one["enabled"] for name, one in items.items()} == {"shop": True, "half": False}
    half = f"/api/webhooks/{items['half']['id']}"
    changed = await shop.call("PATCH", half, json={"enabled": True, "events": ["message.failed"]})
    assert (changed.json()["enabled"], changed.json()["events"]) == (True, ["message.failed"])
    for path in (half, f"/api/webhooks/{webhook['id']}"):
        assert (await shop.call("DELETE", path)).status_code == 204
    assert shop.documents.stored("webhook_states") == []


async def test_deletion_that_dies_by_half_writes_nothing_down_any_more(shop: WebhooksFixture) -> None:
    """What it wants is deleted first; the list shows it until it is deleted itself."""
    webhook = await shop.add("message.sent")
    commit = shop.access.commit

    async def fail(writes: Sequence[Write]) -> None:
        raise Unavailable("The database is down.")

    shop.access.commit = fail  # type: ignore[method-assign]
    assert (await shop.call("DELETE", f"/api/webhooks/{webhook['id']}")).status_code == 503
    shop.access.commit = commit  # type: ignore[method-assign]
    shop.recording = shop.recorder()
    await shop.record()
    assert shop.documents.stored("outgoing_events") == []
    assert (await shop.listed())["enabled"] is False
    assert (await shop.call("DELETE", f"/api/webhooks/{webhook['id']}")).status_code == 204
    assert (await shop.call("GET", "/api/webhooks")).json()["items"] == []


async def test_test_event_and_unknown_events(shop: WebhooksFixture) -> None:
    """A test goes to this webhook only, whatever it wants. An event that nobody knows cannot be replayed."""
    webhook = await shop.add("message.sent")
    path = f"/api/webhooks/{webhook['id']}"
    assert (await shop.call("POST", f"{path}/test")).json()["events"] == 1
    await shop.tick()
    [(headers, body)] = shop.server.requests
    assert is_signed_with(webhook["secret"], headers, body)
    assert json.loads(body)["type"] == "webhook.test"
    for event in ("no-id", "0-1", f"{'0' * 20}-0", headers["webhook-id"].replace("-0", "-1")):
        assert (await shop.call("POST", f"{path}/replay", json={"event": event})).status_code == 404, event
    for body_ in ({}, {"event": "x", "since": NOW.isoformat()}):
        assert (await shop.call("POST", f"{path}/replay", json=body_)).status_code == 422


async def test_two_ticks_at_a_time_send_each_event_once(shop: WebhooksFixture) -> None:
    """A delivery is leased before it is sent."""
    await shop.add("message.sent")
    for number in range(5):
        await shop.record(number)
    other = compose_webhooks(
        documents=shop.documents,
        access=shop.access,
        publisher=MemoryPublisher(),
        settings=WebhooksSettings(PRIVATE),
        clock=lambda: shop.now,
    )
    await asyncio.gather(shop.tick(), other.event_job.tick(EventTick()))
    await other.event_sender.close()
    assert len(shop.server.ids) == len(set(shop.server.ids)) == 5
