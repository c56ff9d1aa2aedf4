"""The `webhook` vendor against the outside vendor of the local stack: real HTTP, real signatures, each fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from common.errors import Misconfigured, Unauthenticated
from common.events import MessagePersonalized, Receipt
from common.ids import message_id
from common.settings import Webhook as Settings
from local.vendor.reports import Habits
from local.vendor.server import Server
from receipts.callbacks.standard_webhooks import standard_webhooks
from vendor.vendor import Accepted, Rejected, VendorDown
from vendor.vendors.webhook.sender import WebhookVendor

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def message(number: int = 0, *, attempt: int = 1, **changes: Any) -> MessagePersonalized:
    given = {
        "message_id": message_id("c", str(number)),
        "attempt": attempt,
        "campaign_id": "c",
        "customer_id": str(number),
        "name": "Zoë",
        "to": "a@example.com",
        "subject": "Grüße",
        "body": "Come",
        "channel": "email",
        "vendor": "webhook",
        "personalized_by": "template",
    }
    return MessagePersonalized.model_validate(given | changes)


@asynccontextmanager
async def vendor_at(url: str, *, seconds: float = 60, secret: str = SECRET) -> AsyncIterator[WebhookVendor]:
    vendor = WebhookVendor(Settings(url=url, secret=SecretStr(secret), timeout_seconds=seconds))
    try:
        yield vendor
    finally:
        await vendor.close()


class Herald:
    """Takes the vendor's callbacks as the receipts function does."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.callbacks = 0
        self.refusals = 0  # how many callbacks are still to be refused
        self._read = standard_webhooks(SecretStr(SECRET))

    async def take(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        self.callbacks += 1
        self.receipts += self._read(await request.read(), request.headers).receipts
        return web.Response(status=202)

    async def wait_for(self, number: int) -> None:
        async with asyncio.timeout(60):
            while len(self.receipts) < number:
                await asyncio.sleep(0.02)


class World:
    """The outside vendor, and whoever it reports to."""

    def __init__(self, herald: Herald, vendor: WebhookVendor, http: httpx.AsyncClient) -> None:
        self.herald = herald
        self.vendor = vendor
        self.url = f"{http.base_url}messages"
        self._http = http

    async def tell(self, **behaviour: Any) -> None:
        (await self._http.post("/control", json=behaviour)).raise_for_status()

    async def book(self, campaign: str = "c") -> Any:
        return (await self._http.get("/book", params={"campaign": campaign})).json()

    async def counts(self) -> Any:
        return (await self._http.get("/control")).json()


@asynccontextmanager
async def world_with(**habits: float) -> AsyncIterator[World]:
    herald, callbacks = Herald(), web.Application()
    callbacks.add_routes([web.post("/api/receipts/webhook", herald.take)])
    async with TestServer(callbacks) as site:
        back = str(site.make_url("/api/receipts/webhook"))
        server = Server(secret=SECRET, callback_url=back, habits=Habits(**{"seconds": 0.05, **habits}))
        async with TestServer(server.application()) as outside:
            url = str(outside.make_url("/"))
            async with vendor_at(f"{url}messages") as vendor, httpx.AsyncClient(base_url=url) as http:
                yield World(herald, vendor, http)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with world_with() as world:
        yield world


async def test_a_message_is_accepted_and_its_outcome_is_reported(world: World) -> None:
    assert await world.vendor.send(message()) == Accepted(final=False)
    await world.herald.wait_for(1)
    [receipt], [entry] = world.herald.receipts, (await world.book()).values()
    assert (receipt.message_id, receipt.kind) == (message().message_id, entry["outcome"])
    assert entry["message"]["body"] == message().body
    assert (entry["accepted"], entry["asked"], entry["changed"]) == (1, 1, 0)


async def test_the_same_message_is_accepted_once_however_often_it_comes(world: World) -> None:
    for _ in range(3):
        assert await world.vendor.send(message()) == Accepted(final=False)
    await world.herald.wait_for(3)  # its outcome is reported again each time
    assert len({receipt.kind for receipt in world.herald.receipts}) == 1
    [entry] = (await world.book()).values()
    assert (entry["accepted"], entry["asked"], entry["changed"]) == (1, 3, 0)


async def test_a_later_attempt_is_another_message_to_the_vendor(world: World) -> None:
    await world.vendor.send(message())
    await world.vendor.send(message(attempt=2))
    await world.herald.wait_for(2)
    assert set(await world.book()) == {message().message_id, f"{message().message_id}.2"}
    assert {receipt.attempt for receipt in world.herald.receipts} == {1, 2}


async def test_a_later_attempt_of_what_it_may_have_taken_is_the_same_message_to_the_vendor(world: World) -> None:
    await world.vendor.send(message())
    await world.vendor.send(message(attempt=2, asked=1))
    [(key, entry)] = (await world.book()).items()
    assert (key, entry["asked"], entry["changed"]) == (message().message_id, 2, 0)


async def test_outcomes_depend_on_the_key_alone_and_one_in_ten_fails(world: World) -> None:
    await asyncio.gather(*(world.vendor.send(message(number)) for number in range(400)))
    await world.herald.wait_for(400)
    book = await world.book()
    assert {receipt.message_id: receipt.kind for receipt in world.herald.receipts} == {
        key: entry["outcome"] for key, entry in book.items()
    }
    failed = [receipt for receipt in world.herald.receipts if receipt.kind == "failed"]
    assert 20 <= len(failed) <= 60
    assert {receipt.permanent for receipt in failed} == {True, False}
    assert all(receipt.reason for receipt in failed)
    assert world.herald.callbacks < 100  # many in one
    async with world_with() as another:
        await asyncio.gather(*(another.vendor.send(message(number)) for number in range(400)))
        again = await another.book()
    assert {key: entry["outcome"] for key, entry in again.items()} == {
        key: entry["outcome"] for key, entry in book.items()
    }


async def test_reports_come_twice_late_and_out_of_order() -> None:
    async with world_with(duplicate_share=0.5, late_share=0.3, late_seconds=0.5) as world:
        for number in range(100):
            await world.vendor.send(message(number))
        await world.herald.wait_for(101)
        async with asyncio.timeout(60):
            while len(ids := [int(one.customer_id) for one in world.herald.receipts]) < len(set(ids)) + 20:
                await asyncio.sleep(0.05)
            while len({one.customer_id for one in world.herald.receipts}) < 100:
                await asyncio.sleep(0.05)
        assert ids != sorted(ids)


async def test_a_callback_that_is_not_taken_is_tried_again(world: World) -> None:
    world.herald.refusals = 3
    await world.vendor.send(message())
    await world.herald.wait_for(1)
    counts = (await world.counts())["callbacks"]
    assert (counts["not taken"], counts["taken"]) == (3, 1)
    [entry] = (await world.book()).values()
    assert entry["reported"] == 1


async def test_a_report_that_is_lost_comes_when_the_message_is_sent_again() -> None:
    async with world_with(lost_share=1) as world:
        await world.vendor.send(message())
        await asyncio.sleep(0.3)
        assert world.herald.receipts == []
        await world.vendor.send(message())
        await world.herald.wait_for(1)


@pytest.mark.parametrize(("mode", "reason"), [("down", "Down for maintenance"), ("throttled", "Slow down")])
async def test_a_vendor_that_cannot_take_it_now(world: World, mode: str, reason: str) -> None:
    await world.tell(mode=mode, seconds=7)
    with pytest.raises(VendorDown, match=reason) as down:
        await world.vendor.send(message())
    assert not down.value.permanent
    assert down.value.retry_after == (7 if mode == "throttled" else None)
    assert await world.book() == {}
    await world.tell(mode="ok")
    assert await world.vendor.send(message()) == Accepted(final=False)


async def test_a_vendor_that_closes_the_connection(world: World) -> None:
    await world.tell(mode="refuse")
    with pytest.raises(VendorDown, match="cannot be reached"):
        await world.vendor.send(message())
    assert await world.book() == {}


async def test_a_vendor_that_nobody_listens_at() -> None:
    async with vendor_at("http://127.0.0.1:1/messages") as vendor:
        with pytest.raises(VendorDown, match="cannot be reached"):
            await vendor.send(message())


async def test_a_vendor_that_hangs_is_left_in_time(world: World) -> None:
    await world.tell(mode="hang", seconds=2)
    async with vendor_at(world.url, seconds=0.2) as impatient:
        with pytest.raises(VendorDown, match="did not answer within"):
            await impatient.send(message())
    assert await world.book() == {}


async def test_a_vendor_that_accepts_and_answers_too_late(world: World) -> None:
    """Nobody knows then whether it has the message; sent again with the same key, it is still accepted once."""
    await world.tell(mode="late", seconds=2)
    async with vendor_at(world.url, seconds=0.3) as impatient:
        with pytest.raises(VendorDown, match="did not answer within"):
            await impatient.send(message())
    await world.herald.wait_for(1)
    await world.tell(mode="ok")
    assert await world.vendor.send(message()) == Accepted(final=False)
    [entry] = (await world.book()).values()
    assert (entry["accepted"], entry["asked"]) == (1, 2)


async def test_a_message_that_is_refused_for_good_stays_refused(world: World) -> None:
    await world.tell(mode="reject")
    refused = Rejected("There is no such address. (422 Unprocessable Entity)", permanent=True)
    assert await world.vendor.send(message()) == refused
    await world.tell(mode="ok")
    assert await world.vendor.send(message()) == refused
    [entry] = (await world.book()).values()
    assert (entry["accepted"], entry["outcome"], entry["permanent"]) == (0, "failed", True)
    assert world.herald.receipts == []


async def test_a_share_misbehaves_the_same_for_each_seed(world: World) -> None:
    async def fates() -> list[bool]:
        await world.tell(mode="reject", share=0.3, seed=5)
        start = len(await world.book())
        answers = [await world.vendor.send(message(number)) for number in range(start, start + 40)]
        return [isinstance(answer, Rejected) for answer in answers]

    first = await fates()
    assert 4 <= sum(first) <= 20
    assert await fates() == first
    modes = (await world.counts())["modes"]
    assert modes == {"ok": 80 - 2 * sum(first), "reject": 2 * sum(first)}


async def test_what_is_not_signed_right_is_not_taken(world: World) -> None:
    async with vendor_at(world.url, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") as stranger:
        answer = await stranger.send(message())
    assert isinstance(answer, Rejected)
    assert "401" in answer.reason
    assert await world.book() == {}
    assert (await world.counts())["refused"] == {"401": 1}


Answer = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def answering(answer: web.Response | Answer) -> AsyncIterator[WebhookVendor]:
    async def fixed(_: web.Request) -> web.Response:
        assert isinstance(answer, web.Response)
        return answer

    app = web.Application()
    app.add_routes([web.post("/", fixed if isinstance(answer, web.Response) else answer)])
    async with TestServer(app) as server, vendor_at(str(server.make_url("/"))) as vendor:
        yield vendor


@pytest.mark.parametrize(("status", "final"), [(200, True), (201, True), (204, True), (202, False)])
async def test_what_counts_as_sent_at_once(status: int, final: bool) -> None:
    async with answering(web.Response(status=status)) as vendor:
        assert await vendor.send(message()) == Accepted(final=final)


@pytest.mark.parametrize("status", [301, 408, 425, 429, 500, 502, 503, 504])
async def test_what_may_work_another_time(status: int) -> None:
    async with answering(web.Response(status=status)) as vendor:
        with pytest.raises(VendorDown, match=f"The vendor answered {status}"):
            await vendor.send(message())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"title": "No", "detail": "Blocked by them"}', "Blocked by them (403 Forbidden)"),
        (b'{"title": "No"}', "No (403 Forbidden)"),
        (b'{"detail": ""}', "The vendor answered 403 Forbidden."),
        (b"[1]", "The vendor answered 403 Forbidden."),
        (b"\xff", "The vendor answered 403 Forbidden."),
        (b"", "The vendor answered 403 Forbidden."),
    ],
)
async def test_why_it_was_refused(body: bytes, reason: str) -> None:
    async with answering(web.Response(status=403, body=body)) as vendor:
        assert await vendor.send(message()) == Rejected(reason, permanent=True)


async def test_a_long_reason_is_cut_so_that_a_receipt_can_hold_it() -> None:
    async with answering(web.json_response({"detail": "x" * 5000}, status=400)) as vendor:
        answer = await vendor.send(message())
    assert isinstance(answer, Rejected)
    assert len(answer.reason) == 500


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("3601", 3600),
        ("9" * 400, 3600),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Mon, 23 Nov 2026 12:00:00 +99999999999999999999", None),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
async def test_retry_after_in_both_forms(given: str, seconds: float | None) -> None:
    async with answering(web.Response(status=503, headers={"Retry-After": given})) as vendor:
        vendor._clock = lambda: NOW
        with pytest.raises(VendorDown) as down:
            await vendor.send(message())
    assert down.value.retry_after == seconds


async def test_a_post_is_signed_as_standard_webhooks_are() -> None:
    seen: dict[str, Any] = {}

    async def keep(request: web.Request) -> web.Response:
        seen.update(Webhook(SECRET).verify(await request.read(), dict(request.headers)))
        seen["id"] = request.headers["webhook-id"]
        return web.Response()

    async with answering(keep) as vendor:
        await vendor.send(message(attempt=3, name=None))
    assert seen["id"] == f"{message().message_id}.3"
    assert seen["type"] == "message.send"
    assert seen["data"] == {
        "message_id": message().message_id,
        "campaign_id": "c",
        "customer_id": "0",
        "attempt": 3,
        "channel": "email",
        "to": "a@example.com",
        "name": None,
        "subject": "Grüße",
        "body": "Come",
    }


def test_without_a_url_it_is_not_offered() -> None:
    assert Settings.where_given({}) is None
    with pytest.raises(Misconfigured, match="WEBHOOK_SECRET"):
        Settings.where_given({"WEBHOOK_URL": "https://vendor.example"})
    with pytest.raises(Misconfigured, match="WEBHOOK_URL"):
        Settings.where_given({"WEBHOOK_URL": "vendor.example", "WEBHOOK_SECRET": SECRET})


def test_each_vendors_callbacks_are_told_by_its_own_secret() -> None:
    body = b'{"events":[]}'
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").sign("msg_1", at, body.decode()),
    }
    with pytest.raises(Unauthenticated):
        standard_webhooks(SecretStr(SECRET))(body, headers)
