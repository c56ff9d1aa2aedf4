"""The push service between the Pub/Sub emulator and a function behaves like Pub/Sub in the cloud."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from common.pubsub.oidc import PushTokenVerifier
from common.settings import PushSettings
from local import topology
from local.ports import free_ports
from local.push.__main__ import application
from local.push.broker import Broker
from local.push.connections import Connections
from local.push.issuer import Issuer
from local.push.subscription import DeliveryCounts, PushSubscription
from local.topology import ROOT, Topology

IDENTITY = "pubsub@project.iam.gserviceaccount.com"
LEASE_SECONDS = 2
WAIT_SECONDS = 20
Respond = Callable[[dict[str, Any]], int | Awaitable[int]]


def topology_with(**changes: Any) -> Topology:
    """Return a topology with one topic, one subscription and one function."""
    subscription = {
        "topic": "orders",
        "function": "work",
        "dead_letter_topic": "dead-letters",
        "max_delivery_attempts": 3,
        "ack_deadline_seconds": 10,
        "minimum_backoff_seconds": 0,
        "maximum_backoff_seconds": 1,
    }
    dead_letters = subscription | {"topic": "dead-letters", "function": "dead_letter", "dead_letter_topic": None}
    return Topology.model_validate(
        {
            "functions": {"work": {"folder": "work", "trigger": "pubsub"}},
            "topics": ["orders", "dead-letters"],
            "subscriptions": {"orders": subscription | changes, "dead-letters": dead_letters},
            "rewrites": [],
        }
    )


@dataclass
class FakeFunction:
    """A function that responds with a configured status and records its requests."""

    respond: Respond
    envelopes: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        envelope = await request.json()
        self.envelopes.append(envelope)
        self.headers.append(request.headers)
        status = self.respond(envelope)
        return web.Response(status=status if isinstance(status, int) else await status)

    @property
    def data(self) -> list[bytes]:
        return [b64decode(envelope["message"]["data"]) for envelope in self.envelopes]

    @property
    def attempts(self) -> list[int]:
        return [envelope["deliveryAttempt"] for envelope in self.envelopes]


class RecordingBroker(Broker):
    """Records the leases that were acknowledged and extended."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.acknowledged: list[str] = []
        self.extended: list[str] = []

    async def acknowledge(self, subscription: str, leases: Sequence[str]) -> None:
        await super().acknowledge(subscription, leases)
        self.acknowledged += leases

    async def extend(self, subscription: str, leases: Sequence[str], seconds: int) -> None:
        await super().extend(subscription, leases, seconds)
        self.extended += leases


@dataclass
class PushFixture:
    """A subscription and the function that it pushes to."""

    pubsub: str
    project: str
    function: FakeFunction
    subscription: PushSubscription
    issuer: Issuer
    broker: RecordingBroker

    async def publish(self, *data: bytes, attributes: Mapping[str, str] | None = None) -> None:
        messages = [{"data": b64encode(item).decode(), "attributes": dict(attributes or {})} for item in data]
        await self.call("topics/orders:publish", {"messages": messages})

    async def call(self, path: str, body: Any) -> Any:
        async with httpx.AsyncClient(timeout=30) as client:
            response = await client.post(f"http://{self.pubsub}/v1/projects/{self.project}/{path}", json=body)
            return response.raise_for_status().json()

    async def pull_messages(self, subscription: str) -> list[dict[str, Any]]:
        """Pull the messages that are available now."""
        pulled = await self.call(f"subscriptions/{subscription}:pull", {"maxMessages": 100, "returnImmediately": True})
        return [received["message"] for received in pulled.get("receivedMessages", [])]

    async def wait_for_counts(self, **counts: int) -> None:
        """Wait until the counters of the subscription have these values."""
        await wait_until(
            lambda: all(getattr(self.subscription.counts, name) >= number for name, number in counts.items())
        )

    async def release_acknowledged_leases(self, count: int) -> None:
        """Wait for `count` acknowledgements, and then end their leases.

        The emulator ignores this for a message that is really acknowledged. Otherwise it delivers the message again.
        """
        await wait_until(lambda: len(self.broker.acknowledged) >= count)
        await self.broker.extend(self.subscription.path, self.broker.acknowledged, 0)


async def wait_until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def start_push(pubsub: str, project: str) -> Callable[..., Any]:
    """Start a subscription: `async with start_push(respond, …) as push`."""

    @asynccontextmanager
    async def open_fixture(
        respond: Respond, *, duplicates: float = 0.0, late_copies: float = 0.0, **changes: Any
    ) -> AsyncIterator[PushFixture]:
        definition = topology_with(**changes)
        await topology.create_resources(definition, pubsub=pubsub, project=project, lease_seconds=LEASE_SECONDS)
        async with (
            _serve_function(respond) as function,
            _run_subscription(definition, pubsub, project, function, duplicates, late_copies) as push,
        ):
            yield push

    return open_fixture


@asynccontextmanager
async def _serve_function(respond: Respond) -> AsyncIterator[FakeFunction]:
    function = FakeFunction(respond)
    async with TestServer(_application(function)) as server:
        function.url = str(server.make_url("")).rstrip("/")
        yield function


def _application(function: FakeFunction) -> web.Application:
    app = web.Application()
    app.add_routes([web.post("/", function.handle)])
    return app


@asynccontextmanager
async def _run_subscription(
    definition: Topology, pubsub: str, project: str, function: FakeFunction, duplicates: float, late_copies: float = 0
) -> AsyncIterator[PushFixture]:
    """Run a subscription inside the context."""
    issuer, broker = Issuer("http://issuer.local", IDENTITY), RecordingBroker(pubsub)
    subscription = PushSubscription(
        "orders",
        definition.subscriptions["orders"],
        project=project,
        broker=broker,
        connections=Connections(function.url),
        token=lambda: issuer.token(function.url),
        duplicate_share=duplicates,
        late_copy_share=late_copies,
        lease_seconds=LEASE_SECONDS,
    )
    pump = asyncio.create_task(subscription.run())
    try:
        yield PushFixture(pubsub, project, function, subscription, issuer, broker)
    finally:
        await _cancel(pump)
        await subscription.close()
        await broker.close()


async def _cancel(pump: asyncio.Task[None]) -> None:
    pump.cancel()
    with suppress(asyncio.CancelledError):
        await pump


async def test_push_posts_raw_envelope(start_push: Callable[..., Any]) -> None:
    """The body has the fields of a Pub/Sub push, in both spellings."""
    async with start_push(lambda envelope: 204) as push:
        await push.publish(b"{}", attributes={"colour": "blue"})
        await push.wait_for_counts(accepted=1)
        [envelope] = push.function.envelopes
        message = envelope["message"]
        assert envelope["subscription"] == f"projects/{push.project}/subscriptions/orders"
        assert envelope["deliveryAttempt"] == 1
        assert (b64decode(message["data"]), message["attributes"]) == (b"{}", {"colour": "blue"})
        assert message["messageId"] == message["message_id"] != ""
        assert message["publishTime"] == message["publish_time"] != ""
        assert push.function.headers[0]["Content-Type"] == "application/json"


async def test_push_without_dead_letter_topic_has_no_delivery_attempt(start_push: Callable[..., Any]) -> None:
    """The cloud counts attempts only with a dead-letter topic."""
    async with start_push(lambda envelope: 204, dead_letter_topic=None, max_delivery_attempts=None) as push:
        await push.publish(b"{}")
        await push.wait_for_counts(accepted=1)
        assert "deliveryAttempt" not in push.function.envelopes[0]


async def test_push_token_is_accepted_by_verifier(start_push: Callable[..., Any]) -> None:
    """The functions' verifier accepts the token with the served certificates, and only for its audience."""
    async with start_push(lambda envelope: 204) as push:
        await push.publish(b"{}")
        await push.wait_for_counts(accepted=1)
        authorization = push.function.headers[0]["Authorization"]
        async with TestServer(application(push.issuer, {})) as server:
            settings = PushSettings(
                audience=push.function.url,
                identity=IDENTITY,
                issuer="http://issuer.local",
                certs_url=str(server.make_url("/certs")),
            )
            await PushTokenVerifier(settings).verify(authorization)
            with pytest.raises(Exception, match="audience"):
                await PushTokenVerifier(settings.model_copy(update={"audience": "http://other"})).verify(authorization)


async def test_success_status_acknowledges_message(start_push: Callable[..., Any]) -> None:
    """After each of these statuses the message is not delivered again."""
    async with start_push(lambda envelope: int(b64decode(envelope["message"]["data"]))) as push:
        await push.publish(b"200", b"201", b"202", b"204")
        await push.wait_for_counts(accepted=4)
        await push.release_acknowledged_leases(4)
        await push.publish(b"204")  # a message that is delivered again would arrive before this one
        await push.wait_for_counts(accepted=5)
        assert sorted(push.function.data) == [b"200", b"201", b"202", b"204", b"204"]


async def test_message_after_last_attempt_is_dead_lettered(start_push: Callable[..., Any]) -> None:
    """The dead letter has the data and attributes of the message, and its source."""
    async with start_push(lambda envelope: 503) as push:
        await push.publish(b"poison", attributes={"colour": "red"})
        await push.wait_for_counts(dead_lettered=1)
        assert push.function.attempts == [1, 2, 3]
        [dead_letter] = await push.pull_messages("dead-letters")
        published = dead_letter["attributes"].pop("CloudPubSubDeadLetterSourceTopicPublishTime")
        assert published == push.function.envelopes[0]["message"]["publishTime"]
        assert b64decode(dead_letter["data"]) == b"poison"
        assert dead_letter["attributes"] == {
            "colour": "red",
            "CloudPubSubDeadLetterSourceDeliveryCount": "3",
            "CloudPubSubDeadLetterSourceSubscription": "orders",
            "CloudPubSubDeadLetterSourceSubscriptionProject": push.project,
        }
        await push.release_acknowledged_leases(1)
        await push.publish(b"next")  # the poisoned message would arrive before this one
        await push.wait_for_counts(dead_lettered=2)
        assert push.function.data == [b"poison"] * 3 + [b"next"] * 3


async def test_refused_message_is_retried_with_backoff(start_push: Callable[..., Any]) -> None:
    """The backoff doubles from the minimum up to the maximum."""
    times: list[float] = []

    def refuse_all(envelope: dict[str, Any]) -> int:
        times.append(asyncio.get_running_loop().time())
        return 503

    async with start_push(
        refuse_all, minimum_backoff_seconds=1, maximum_backoff_seconds=2, max_delivery_attempts=4
    ) as push:
        await push.publish(b"1")
        await push.wait_for_counts(dead_lettered=1)
        intervals = [later - earlier for earlier, later in pairwise(times)]
        assert [low for low, wait in zip([1, 2, 2], intervals, strict=True) if not low - 0.2 < wait < low + 1.8] == []


async def test_late_response_is_a_refusal(start_push: Callable[..., Any]) -> None:
    """The acknowledgement deadline is the timeout of a post."""

    delivered_again = asyncio.Event()

    async def late_at_first(envelope: dict[str, Any]) -> int:
        if envelope["deliveryAttempt"] == 1:
            await delivered_again.wait()
        delivered_again.set()
        return 204

    async with start_push(late_at_first, ack_deadline_seconds=1) as push:
        await push.publish(b"1")
        await push.wait_for_counts(accepted=1)
        assert push.function.attempts == [1, 2]
        assert push.subscription.counts.refused == 1


async def test_slow_response_keeps_the_lease(start_push: Callable[..., Any]) -> None:
    """The lease is extended as long as a post may take."""

    async def slow(envelope: dict[str, Any]) -> int:
        await asyncio.sleep(2.5 * LEASE_SECONDS)
        return 204

    async with start_push(slow) as push:
        await push.publish(b"1")
        await push.wait_for_counts(accepted=1)
        assert push.function.data == [b"1"]


async def test_message_waits_for_unreachable_function(pubsub: str, project: str) -> None:
    """The message is delivered when the function listens again."""
    definition = topology_with(max_delivery_attempts=50)
    await topology.create_resources(definition, pubsub=pubsub, project=project)
    [port] = free_ports(1)
    function = FakeFunction(lambda envelope: 204, url=f"http://127.0.0.1:{port}")
    async with _run_subscription(definition, pubsub, project, function, duplicates=0) as push:
        await push.publish(b"1")
        await push.wait_for_counts(refused=2)
        async with TestServer(_application(function), port=port):
            await push.wait_for_counts(accepted=1)
        assert function.attempts[0] > 2


async def test_stopped_service_loses_no_message(start_push: Callable[..., Any], pubsub: str, project: str) -> None:
    """An unfinished message is delivered by the next service when its lease has expired."""

    async def never(envelope: dict[str, Any]) -> int:
        await asyncio.sleep(3600)
        return 204

    async with start_push(never) as push:
        await push.publish(b"1")
        await wait_until(lambda: push.function.envelopes)
        await wait_until(lambda: push.broker.extended)  # the lease is extended, so that the message is in progress
    async with start_push(lambda envelope: 204) as push:
        await push.wait_for_counts(accepted=1)
        assert push.function.data == [b"1"]


async def test_all_messages_arrive_at_flaky_function(start_push: Callable[..., Any]) -> None:
    """1,000 messages arrive although every seventh post fails."""
    posts = 0

    def flaky(envelope: dict[str, Any]) -> int:
        nonlocal posts
        posts += 1
        return 503 if posts % 7 == 0 else 204

    expected = [f"{number}".encode() for number in range(1000)]
    async with start_push(flaky, max_delivery_attempts=50) as push:
        await push.publish(*expected)
        await push.wait_for_counts(accepted=1000)
        assert Counter(push.function.data) >= Counter(expected)
        assert push.subscription.counts.posts == posts
        assert push.subscription.counts.refused == posts // 7


async def test_duplicate_share_posts_messages_twice(start_push: Callable[..., Any]) -> None:
    """Each message is posted twice and acknowledged when both copies are accepted."""
    async with start_push(lambda envelope: 204, duplicates=1.0) as push:
        await push.publish(*(f"{number}".encode() for number in range(50)))
        await push.wait_for_counts(accepted=50)
        assert set(Counter(push.function.data).values()) == {2}


async def test_late_copy_is_posted_after_the_acknowledgement(start_push: Callable[..., Any]) -> None:
    """Pub/Sub may deliver a message again at any time. What the function answers then changes nothing."""
    statuses = [204, 503]
    async with start_push(lambda envelope: statuses.pop(0), late_copies=1.0) as push:
        await push.publish(b"1")
        await wait_until(lambda: len(push.function.data) == 2)
        await wait_until(lambda: push.subscription.status()["outstanding"] == 0)
        assert push.function.data == [b"1", b"1"]
        assert push.subscription.counts == DeliveryCounts(posts=1, accepted=1, late_copies=1)


async def test_refused_copy_refuses_the_message(start_push: Callable[..., Any]) -> None:
    """If one copy is refused, the message is delivered again."""
    attempts_seen: set[int] = set()

    def refuse_one_copy(envelope: dict[str, Any]) -> int:
        first = envelope["deliveryAttempt"] == 1 and not attempts_seen
        attempts_seen.add(envelope["deliveryAttempt"])
        return 503 if first else 204

    async with start_push(refuse_one_copy, duplicates=1.0) as push:
        await push.publish(b"1")
        await push.wait_for_counts(accepted=1)
        assert push.subscription.counts.refused == 1
        assert len(push.function.envelopes) == 4


async def test_accepted_messages_grow_the_window(start_push: Callable[..., Any]) -> None:
    """The window is larger after 200 accepted messages."""
    async with start_push(lambda envelope: 204) as push:
        window_before = push.subscription.status()["window"]
        await push.publish(*[b"1"] * 200)
        await push.wait_for_counts(accepted=200)
        assert push.subscription.status()["window"] > window_before


async def test_push_service_runs_as_a_process(pubsub: str, project: str, tmp_path: Path) -> None:
    """`python -m local.push` posts, serves its counters, and stops at SIGTERM."""
    definition = topology_with()
    file = tmp_path / "topology.json"
    file.write_text(definition.model_dump_json())
    await topology.create_resources(definition, pubsub=pubsub, project=project)
    [port] = free_ports(1)
    async with _serve_function(lambda envelope: 204) as function:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "local.push"),
            cwd=ROOT,
            env=os.environ
            | {
                "PYTHONPATH": f"{ROOT}:{ROOT / 'functions'}",
                "PORT": str(port),
                "GOOGLE_CLOUD_PROJECT": project,
                "PUBSUB_EMULATOR_HOST": pubsub,
                "PUSH_ISSUER": "http://issuer.local",
                "PUSH_IDENTITY": IDENTITY,
                "FUNCTIONS": json.dumps({"work": function.url}),
                "TOPOLOGY": str(file),
            },
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                await _publish_one(pubsub, project)
                assert await _wait_for_accepted(client) == 1
        finally:
            process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert function.data == [b"1"]


async def _publish_one(pubsub: str, project: str) -> None:
    messages: Sequence[Any] = [{"data": b64encode(b"1").decode()}]
    async with httpx.AsyncClient(timeout=60) as client:
        url = f"http://{pubsub}/v1/projects/{project}/topics/orders:publish"
        (await client.post(url, json={"messages": messages})).raise_for_status()


async def _wait_for_accepted(client: httpx.AsyncClient) -> int:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                status = (await client.get("/")).json()["orders"]
                if status["accepted"]:
                    return int(status["accepted"])
            await asyncio.sleep(0.05)
