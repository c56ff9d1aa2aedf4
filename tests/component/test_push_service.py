"""The push service between the Pub/Sub emulator and a function, as Pub/Sub behaves in the cloud."""

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

from common.pubsub.oidc import Tokens
from common.settings import Push
from local import topology
from local.ports import free_ports
from local.push.__main__ import application
from local.push.broker import Broker
from local.push.connections import Connections
from local.push.issuer import Issuer
from local.push.subscription import Subscription
from local.topology import ROOT, Topology

IDENTITY = "pubsub@project.iam.gserviceaccount.com"
LEASE_SECONDS = 2
WAIT_SECONDS = 20
Answer = Callable[[dict[str, Any]], int | Awaitable[int]]


def defined(**changes: Any) -> Topology:
    """One topic, one subscription, one function."""
    subscription = {
        "topic": "orders",
        "function": "work",
        "dead_letter_topic": "dead-letters",
        "max_delivery_attempts": 3,
        "ack_deadline_seconds": 10,
        "minimum_backoff_seconds": 0,
        "maximum_backoff_seconds": 1,
    }
    dead = subscription | {"topic": "dead-letters", "function": "bury", "dead_letter_topic": None}
    return Topology.model_validate(
        {
            "functions": {"work": {"folder": "work", "trigger": "pubsub"}},
            "topics": ["orders", "dead-letters"],
            "subscriptions": {"orders": subscription | changes, "dead-letters": dead},
            "rewrites": [],
        }
    )


@dataclass
class Function:
    """Answers as told, and remembers what it was sent."""

    answer: Answer
    envelopes: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        envelope = await request.json()
        self.envelopes.append(envelope)
        self.headers.append(request.headers)
        status = self.answer(envelope)
        return web.Response(status=status if isinstance(status, int) else await status)

    @property
    def data(self) -> list[bytes]:
        return [b64decode(envelope["message"]["data"]) for envelope in self.envelopes]

    @property
    def attempts(self) -> list[int]:
        return [envelope["deliveryAttempt"] for envelope in self.envelopes]


@dataclass
class World:
    """A subscription with a function at its end."""

    pubsub: str
    project: str
    function: Function
    subscription: Subscription
    issuer: Issuer

    async def publish(self, *data: bytes, attributes: Mapping[str, str] | None = None) -> None:
        messages = [{"data": b64encode(one).decode(), "attributes": dict(attributes or {})} for one in data]
        await self.call("topics/orders:publish", {"messages": messages})

    async def call(self, path: str, body: Any) -> Any:
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.post(f"http://{self.pubsub}/v1/projects/{self.project}/{path}", json=body)
            return answer.raise_for_status().json()

    async def waiting(self, subscription: str) -> list[dict[str, Any]]:
        """What can be pulled there now."""
        pulled = await self.call(f"subscriptions/{subscription}:pull", {"maxMessages": 100, "returnImmediately": True})
        return [received["message"] for received in pulled.get("receivedMessages", [])]

    async def until(self, **counts: int) -> None:
        """Until the subscription has counted so many."""
        async with asyncio.timeout(WAIT_SECONDS):
            while any(getattr(self.subscription.counts, name) < number for name, number in counts.items()):
                await asyncio.sleep(0.01)


@pytest.fixture
def world(pubsub: str, project: str) -> Callable[..., Any]:
    """Opens a world: `async with world(answer, …) as it`."""

    @asynccontextmanager
    async def open_world(answer: Answer, *, duplicates: float = 0.0, **changes: Any) -> AsyncIterator[World]:
        definition = defined(**changes)
        await topology.create(definition, pubsub=pubsub, project=project, lease_seconds=LEASE_SECONDS)
        async with _function(answer) as function, _subscribed(definition, pubsub, project, function, duplicates) as it:
            yield it

    return open_world


@asynccontextmanager
async def _function(answer: Answer) -> AsyncIterator[Function]:
    function = Function(answer)
    async with TestServer(_application(function)) as server:
        function.url = str(server.make_url("")).rstrip("/")
        yield function


def _application(function: Function) -> web.Application:
    app = web.Application()
    app.add_routes([web.post("/", function.handle)])
    return app


@asynccontextmanager
async def _subscribed(
    definition: Topology, pubsub: str, project: str, function: Function, duplicates: float
) -> AsyncIterator[World]:
    issuer, broker = Issuer("http://issuer.local", IDENTITY), Broker(pubsub)
    subscription = Subscription(
        "orders",
        definition.subscriptions["orders"],
        project=project,
        broker=broker,
        connections=Connections(function.url),
        token=lambda: issuer.token(function.url),
        duplicate_share=duplicates,
        lease_seconds=LEASE_SECONDS,
    )
    pump = asyncio.create_task(subscription.run())
    try:
        yield World(pubsub, project, function, subscription, issuer)
    finally:
        await _stopped(pump)
        await subscription.close()
        await broker.close()


async def _stopped(pump: asyncio.Task[None]) -> None:
    pump.cancel()
    with suppress(asyncio.CancelledError):
        await pump


async def test_posts_the_raw_envelope(world: Callable[..., Any]) -> None:
    async with world(lambda envelope: 204) as it:
        await it.publish(b"{}", attributes={"colour": "blue"})
        await it.until(accepted=1)
        [envelope] = it.function.envelopes
        message = envelope["message"]
        assert envelope["subscription"] == f"projects/{it.project}/subscriptions/orders"
        assert envelope["deliveryAttempt"] == 1
        assert (b64decode(message["data"]), message["attributes"]) == (b"{}", {"colour": "blue"})
        assert message["messageId"] == message["message_id"] != ""
        assert message["publishTime"] == message["publish_time"] != ""
        assert it.function.headers[0]["Content-Type"] == "application/json"


async def test_no_delivery_attempt_without_a_dead_letter_topic(world: Callable[..., Any]) -> None:
    """In the cloud it is only counted there."""
    async with world(lambda envelope: 204, dead_letter_topic=None, max_delivery_attempts=None) as it:
        await it.publish(b"{}")
        await it.until(accepted=1)
        assert "deliveryAttempt" not in it.function.envelopes[0]


async def test_token_is_accepted_by_the_functions_own_check(world: Callable[..., Any]) -> None:
    """With the certificates as they are served, and only for this audience and identity."""
    async with world(lambda envelope: 204) as it:
        await it.publish(b"{}")
        await it.until(accepted=1)
        authorization = it.function.headers[0]["Authorization"]
        async with TestServer(application(it.issuer, {})) as server:
            settings = Push(
                audience=it.function.url,
                identity=IDENTITY,
                issuer="http://issuer.local",
                certs_url=str(server.make_url("/certs")),
            )
            await Tokens(settings).check(authorization)
            with pytest.raises(Exception, match="audience"):
                await Tokens(settings.model_copy(update={"audience": "http://other"})).check(authorization)


async def test_acknowledges(world: Callable[..., Any]) -> None:
    """After any of these answers the message is gone for good."""
    async with world(lambda envelope: int(b64decode(envelope["message"]["data"]))) as it:
        await it.publish(b"200", b"201", b"202", b"204")
        await it.until(accepted=4)
        await asyncio.sleep(LEASE_SECONDS + 0.5)
        assert sorted(it.function.data) == [b"200", b"201", b"202", b"204"]


async def test_dead_letters_after_the_last_attempt(world: Callable[..., Any]) -> None:
    """With the original's data and attributes, and where it comes from."""
    async with world(lambda envelope: 503) as it:
        await it.publish(b"poison", attributes={"colour": "red"})
        await it.until(dead_lettered=1)
        assert it.function.attempts == [1, 2, 3]
        [dead] = await it.waiting("dead-letters")
        published = dead["attributes"].pop("CloudPubSubDeadLetterSourceTopicPublishTime")
        assert published == it.function.envelopes[0]["message"]["publishTime"]
        assert b64decode(dead["data"]) == b"poison"
        assert dead["attributes"] == {
            "colour": "red",
            "CloudPubSubDeadLetterSourceDeliveryCount": "3",
            "CloudPubSubDeadLetterSourceSubscription": "orders",
            "CloudPubSubDeadLetterSourceSubscriptionProject": it.project,
        }
        await asyncio.sleep(LEASE_SECONDS + 0.5)
        assert len(it.function.envelopes) == 3


async def test_backs_off(world: Callable[..., Any]) -> None:
    """A refused message comes again after the minimum, then after twice that, but never after more than the maximum."""
    times: list[float] = []

    def refuse(envelope: dict[str, Any]) -> int:
        times.append(asyncio.get_running_loop().time())
        return 503

    async with world(refuse, minimum_backoff_seconds=1, maximum_backoff_seconds=2, max_delivery_attempts=4) as it:
        await it.publish(b"1")
        await it.until(dead_lettered=1)
        waits = [later - earlier for earlier, later in pairwise(times)]
        assert [round(wait - 0.3) for wait in waits] == [1, 2, 2]


async def test_too_late_is_a_refusal(world: Callable[..., Any]) -> None:
    """The acknowledgement deadline is the time-out of a post."""

    async def late_at_first(envelope: dict[str, Any]) -> int:
        await asyncio.sleep(5 if envelope["deliveryAttempt"] == 1 else 0)
        return 204

    async with world(late_at_first, ack_deadline_seconds=1) as it:
        await it.publish(b"1")
        await it.until(accepted=1)
        assert it.function.attempts == [1, 2]
        assert it.subscription.counts.refused == 1


async def test_slow_is_no_reason_to_deliver_again(world: Callable[..., Any]) -> None:
    """The lease is kept for as long as a post may take."""

    async def slow(envelope: dict[str, Any]) -> int:
        await asyncio.sleep(2.5 * LEASE_SECONDS)
        return 204

    async with world(slow) as it:
        await it.publish(b"1")
        await it.until(accepted=1)
        assert it.function.data == [b"1"]


async def test_function_that_is_down_for_a_while(pubsub: str, project: str) -> None:
    """Nobody listens, later somebody does: the message waits."""
    definition = defined(max_delivery_attempts=50)
    await topology.create(definition, pubsub=pubsub, project=project)
    [port] = free_ports(1)
    function = Function(lambda envelope: 204, url=f"http://127.0.0.1:{port}")
    async with _subscribed(definition, pubsub, project, function, duplicates=0) as it:
        await it.publish(b"1")
        await it.until(refused=2)
        async with TestServer(_application(function), port=port):
            await it.until(accepted=1)
        assert function.attempts[0] > 2


async def test_nothing_is_lost_when_the_service_dies(world: Callable[..., Any], pubsub: str, project: str) -> None:
    """A message that was being handled is delivered again by the next one, once the lease is over."""

    async def never(envelope: dict[str, Any]) -> int:
        await asyncio.sleep(3600)
        return 204

    async with world(never) as it:
        await it.publish(b"1")
        async with asyncio.timeout(WAIT_SECONDS):
            while not it.function.envelopes:
                await asyncio.sleep(0.01)
        await asyncio.sleep(LEASE_SECONDS)  # the first lease is the subscription's; from now on they are short
    async with world(lambda envelope: 204) as it:
        await it.until(accepted=1)
        assert it.function.data == [b"1"]


async def test_everything_arrives_through_a_flaky_function(world: Callable[..., Any]) -> None:
    """1,000 messages, of which every seventh post fails."""
    posts = 0

    def flaky(envelope: dict[str, Any]) -> int:
        nonlocal posts
        posts += 1
        return 503 if posts % 7 == 0 else 204

    expected = [f"{number}".encode() for number in range(1000)]
    async with world(flaky, max_delivery_attempts=50) as it:
        await it.publish(*expected)
        await it.until(accepted=1000)
        assert Counter(it.function.data) >= Counter(expected)
        assert it.subscription.counts.posts == posts
        assert it.subscription.counts.refused == posts // 7


async def test_duplicates_on_purpose(world: Callable[..., Any]) -> None:
    """Each message is posted twice, and acknowledged when both copies were accepted."""
    async with world(lambda envelope: 204, duplicates=1.0) as it:
        await it.publish(*(f"{number}".encode() for number in range(50)))
        await it.until(accepted=50)
        assert set(Counter(it.function.data).values()) == {2}


async def test_a_refused_copy_refuses_the_message(world: Callable[..., Any]) -> None:
    seen: set[int] = set()

    def refuse_one_copy(envelope: dict[str, Any]) -> int:
        first = envelope["deliveryAttempt"] == 1 and not seen
        seen.add(envelope["deliveryAttempt"])
        return 503 if first else 204

    async with world(refuse_one_copy, duplicates=1.0) as it:
        await it.publish(b"1")
        await it.until(accepted=1)
        assert it.subscription.counts.refused == 1
        assert len(it.function.envelopes) == 4


async def test_window_grows(world: Callable[..., Any]) -> None:
    async with world(lambda envelope: 204) as it:
        before = it.subscription.status()["window"]
        await it.publish(*[b"1"] * 200)
        await it.until(accepted=200)
        assert it.subscription.status()["window"] > before


async def test_as_a_process(pubsub: str, project: str, tmp_path: Path) -> None:
    """`python -m local.push`: posts, says what it did, and stops at SIGTERM."""
    definition = defined()
    file = tmp_path / "topology.json"
    file.write_text(definition.model_dump_json())
    await topology.create(definition, pubsub=pubsub, project=project)
    [port] = free_ports(1)
    async with _function(lambda envelope: 204) as function:
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
                await _published(pubsub, project)
                assert await _accepted(client) == 1
        finally:
            process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        assert function.data == [b"1"]


async def _published(pubsub: str, project: str) -> None:
    messages: Sequence[Any] = [{"data": b64encode(b"1").decode()}]
    async with httpx.AsyncClient() as client:
        url = f"http://{pubsub}/v1/projects/{project}/topics/orders:publish"
        (await client.post(url, json={"messages": messages})).raise_for_status()


async def _accepted(client: httpx.AsyncClient) -> int:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                status = (await client.get("/")).json()["orders"]
                if status["accepted"]:
                    return int(status["accepted"])
            await asyncio.sleep(0.05)
