"""The `webhook` vendor with the external vendor of the local stack: real HTTP, real signatures, all faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from common.clock import Clock, utc_now
from common.errors import Misconfigured, Unauthenticated
from common.events import MessageReady, Receipt
from common.ids import message_id
from local.vendor.reports import ReportSettings
from local.vendor.server import VendorServer
from receipts.callbacks.standard_webhooks import create_parser
from vendor.vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from vendor.vendors.webhook.sender import WebhookSettings, WebhookVendor, create_vendor

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
UNPROCESSABLE = f"422 {HTTPStatus(422).phrase}"


def message(number: int = 0, *, attempt: int = 1, **changes: Any) -> MessageReady:
    """A message to customer `number`, with `changes` to its fields."""
    fields = {
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
    return MessageReady.model_validate(fields | changes)


@asynccontextmanager
async def vendor_at(
    url: str, *, seconds: float = 60, secret: str = SECRET, clock: Clock = utc_now
) -> AsyncIterator[WebhookVendor]:
    vendor = WebhookVendor(
        WebhookSettings(url=url, secret=SecretStr(secret), timeout_seconds=seconds, allows_private=True), clock=clock
    )
    try:
        yield vendor
    finally:
        await vendor.close()


class CallbackReceiver:
    """Receives the vendor's callbacks as the receipts function does."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.callbacks = 0
        self.refusals = 0  # the number of further callbacks that are refused
        self._read = create_parser(SecretStr(SECRET), "").parse

    async def receive(self, request: web.Request) -> web.Response:
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


class WebhookFixture:
    """The external vendor and the receiver of its callbacks."""

    def __init__(self, receiver: CallbackReceiver, vendor: WebhookVendor, http: httpx.AsyncClient) -> None:
        self.receiver = receiver
        self.vendor = vendor
        self.url = f"{http.base_url}messages"
        self._http = http

    async def configure(self, **behaviour: Any) -> None:
        (await self._http.post("/control", json=behaviour)).raise_for_status()

    async def send_log(self, campaign: str = "c") -> Any:
        return (await self._http.get("/send-log", params={"campaign": campaign})).json()

    async def counts(self) -> Any:
        return (await self._http.get("/control")).json()


@asynccontextmanager
async def webhook_fixture(**settings: float) -> AsyncIterator[WebhookFixture]:
    """The local stack's vendor with these settings, and a receiver of its callbacks."""
    receiver, callbacks = CallbackReceiver(), web.Application()
    callbacks.add_routes([web.post("/api/receipts/webhook", receiver.receive)])
    async with TestServer(callbacks) as site:
        back = str(site.make_url("/api/receipts/webhook"))
        server = VendorServer(
            secret=SECRET, callback_url=back, settings=ReportSettings(**{"seconds": 0.05, **settings})
        )
        async with TestServer(server.application()) as outside:
            url = str(outside.make_url("/"))
            async with vendor_at(f"{url}messages") as vendor, httpx.AsyncClient(base_url=url) as http:
                yield WebhookFixture(receiver, vendor, http)


@pytest.fixture
async def fixture() -> AsyncIterator[WebhookFixture]:
    async with webhook_fixture() as fixture:
        yield fixture


async def test_send_to_the_vendor_is_accepted_and_reported(fixture: WebhookFixture) -> None:
    """The vendor accepts the message and reports its outcome by callback."""
    assert await fixture.vendor.send(message()) == Accepted(final=False)
    await fixture.receiver.wait_for(1)
    [receipt], [entry] = fixture.receiver.receipts, (await fixture.send_log()).values()
    assert (receipt.message_id, receipt.kind) == (message().message_id, entry["outcome"])
    assert entry["message"]["body"] == message().body
    assert (entry["accepted"], entry["requests"], entry["content_changes"]) == (1, 1, 0)


async def test_send_of_the_same_message_again_is_accepted_once(fixture: WebhookFixture) -> None:
    """The vendor recognizes the idempotency key."""
    for _ in range(3):
        assert await fixture.vendor.send(message()) == Accepted(final=False)
    await fixture.receiver.wait_for(3)  # each request is reported
    assert len({receipt.kind for receipt in fixture.receiver.receipts}) == 1
    [entry] = (await fixture.send_log()).values()
    assert (entry["accepted"], entry["requests"], entry["content_changes"]) == (1, 3, 0)


async def test_send_of_a_later_attempt_has_another_key(fixture: WebhookFixture) -> None:
    """To the vendor, a retry is a new message."""
    await fixture.vendor.send(message())
    await fixture.vendor.send(message(attempt=2))
    await fixture.receiver.wait_for(2)
    assert set(await fixture.send_log()) == {message().message_id, f"{message().message_id}.2"}
    assert {receipt.attempt for receipt in fixture.receiver.receipts} == {1, 2}


async def test_send_of_a_later_attempt_after_an_unknown_outcome_has_the_same_key(fixture: WebhookFixture) -> None:
    """The vendor may have accepted the earlier attempt, so it must recognize the retry."""
    await fixture.vendor.send(message())
    await fixture.vendor.send(message(attempt=2, retry_of_attempt=1))
    [(key, entry)] = (await fixture.send_log()).items()
    assert (key, entry["requests"], entry["content_changes"]) == (message().message_id, 2, 0)


async def test_outcome_of_a_message_depends_only_on_its_key(fixture: WebhookFixture) -> None:
    """About one of ten messages fails, and another vendor instance decides the same."""
    await asyncio.gather(*(fixture.vendor.send(message(number)) for number in range(400)))
    await fixture.receiver.wait_for(400)
    entries = await fixture.send_log()
    assert {receipt.message_id: receipt.kind for receipt in fixture.receiver.receipts} == {
        key: entry["outcome"] for key, entry in entries.items()
    }
    failed = [receipt for receipt in fixture.receiver.receipts if receipt.kind == "failed"]
    assert 20 <= len(failed) <= 60
    assert {receipt.permanent for receipt in failed} == {True, False}
    assert all(receipt.reason for receipt in failed)
    assert fixture.receiver.callbacks < 100  # a callback has many receipts
    async with webhook_fixture() as another:
        await asyncio.gather(*(another.vendor.send(message(number)) for number in range(400)))
        other_entries = await another.send_log()
    assert {key: entry["outcome"] for key, entry in other_entries.items()} == {
        key: entry["outcome"] for key, entry in entries.items()
    }


async def test_reports_of_the_vendor_are_duplicated_late_and_unordered() -> None:
    """The local vendor has these faults for tests."""
    async with webhook_fixture(duplicate_share=0.5, late_share=0.3, late_seconds=0.5) as fixture:
        for number in range(100):
            await fixture.vendor.send(message(number))
        await fixture.receiver.wait_for(101)
        async with asyncio.timeout(60):
            while len(ids := [int(receipt.customer_id) for receipt in fixture.receiver.receipts]) < len(set(ids)) + 20:
                await asyncio.sleep(0.05)
            while len({receipt.customer_id for receipt in fixture.receiver.receipts}) < 100:
                await asyncio.sleep(0.05)
        assert ids != sorted(ids)


async def test_vendor_that_contradicts_itself_reports_the_opposite_later() -> None:
    """For tests: first what is true, then once the opposite."""
    async with webhook_fixture(contradicted_share=1) as fixture:
        await fixture.vendor.send(message())
        await fixture.receiver.wait_for(2)
        kinds = [receipt.kind for receipt in fixture.receiver.receipts]
        [entry] = (await fixture.send_log()).values()
        assert (set(kinds), kinds[0]) == ({"sent", "failed"}, entry["outcome"])
        assert entry["contradicted"]
        assert (await fixture.counts())["callbacks"]["contradicted"] == 1


async def test_callback_that_is_not_accepted_is_retried(fixture: WebhookFixture) -> None:
    """The vendor repeats the callback until it is accepted."""
    fixture.receiver.refusals = 3
    await fixture.vendor.send(message())
    await fixture.receiver.wait_for(1)
    counts = (await fixture.counts())["callbacks"]
    assert (counts["not accepted"], counts["accepted"]) == (3, 1)
    [entry] = (await fixture.send_log()).values()
    assert entry["reports_delivered"] == 1


async def test_report_that_is_lost_arrives_after_the_message_is_sent_again() -> None:
    """The vendor reports the outcome once for each request."""
    async with webhook_fixture(lost_share=1) as fixture:
        await fixture.vendor.send(message())
        counts = await fixture.counts()
        assert (counts["callbacks"], counts["pending"], fixture.receiver.receipts) == ({"lost": 1}, 0, [])
        await fixture.vendor.send(message())
        await fixture.receiver.wait_for(1)


@pytest.mark.parametrize(("mode", "reason"), [("down", "Down for maintenance"), ("throttled", "Slow down")])
async def test_send_to_an_overloaded_vendor_raises_vendor_unavailable(
    fixture: WebhookFixture, mode: str, reason: str
) -> None:
    """The error has the vendor's wait, if it is set."""
    await fixture.configure(mode=mode, seconds=7)
    with pytest.raises(VendorUnavailable, match=reason) as error:
        await fixture.vendor.send(message())
    assert not error.value.permanent
    assert error.value.retry_after == (7 if mode == "throttled" else None)
    assert await fixture.send_log() == {}
    await fixture.configure(mode="ok")
    assert await fixture.vendor.send(message()) == Accepted(final=False)


async def test_send_with_a_closed_connection_raises_vendor_unavailable(fixture: WebhookFixture) -> None:
    """The vendor has not accepted the message."""
    await fixture.configure(mode="refuse")
    with pytest.raises(VendorUnavailable, match="cannot be reached"):
        await fixture.vendor.send(message())
    assert await fixture.send_log() == {}


async def test_send_to_a_closed_port_raises_vendor_unavailable() -> None:
    """No server listens at the URL."""
    async with vendor_at("http://127.0.0.1:1/messages") as vendor:
        with pytest.raises(VendorUnavailable, match="cannot be reached"):
            await vendor.send(message())


async def test_send_to_a_hanging_vendor_raises_vendor_unavailable_after_the_timeout(fixture: WebhookFixture) -> None:
    """The vendor has not accepted the message."""
    await fixture.configure(mode="hang", seconds=2)
    async with vendor_at(fixture.url, seconds=0.2) as impatient:
        with pytest.raises(VendorUnavailable, match="did not answer within"):
            await impatient.send(message())
    assert await fixture.send_log() == {}


async def test_send_with_a_late_answer_is_accepted_once_when_repeated(fixture: WebhookFixture) -> None:
    """It is unknown whether the vendor has accepted the message; the repetition has the same key."""
    await fixture.configure(mode="late", seconds=2)
    async with vendor_at(fixture.url, seconds=0.3) as impatient:
        with pytest.raises(VendorUnavailable, match="did not answer within"):
            await impatient.send(message())
    await fixture.receiver.wait_for(1)
    await fixture.configure(mode="ok")
    assert await fixture.vendor.send(message()) == Accepted(final=False)
    [entry] = (await fixture.send_log()).values()
    assert (entry["accepted"], entry["requests"]) == (1, 2)


async def test_send_of_a_rejected_message_stays_rejected(fixture: WebhookFixture) -> None:
    """The vendor gives the same answer for the same key."""
    await fixture.configure(mode="reject")
    rejected = Rejected(f"Unknown address. (422 {HTTPStatus(422).phrase})", permanent=True)
    assert await fixture.vendor.send(message()) == rejected
    await fixture.configure(mode="ok")
    assert await fixture.vendor.send(message()) == rejected
    [entry] = (await fixture.send_log()).values()
    assert (entry["accepted"], entry["outcome"], entry["permanent"]) == (0, "failed", True)
    assert fixture.receiver.receipts == []


async def test_vendor_with_a_seed_selects_the_same_requests(fixture: WebhookFixture) -> None:
    """The share of faulty answers is the same in each run with that seed."""

    async def rejections() -> list[bool]:
        await fixture.configure(mode="reject", share=0.3, seed=5)
        start = len(await fixture.send_log())
        answers = [await fixture.vendor.send(message(number)) for number in range(start, start + 40)]
        return [isinstance(answer, Rejected) for answer in answers]

    first = await rejections()
    assert 4 <= sum(first) <= 20
    assert await rejections() == first
    modes = (await fixture.counts())["modes"]
    assert modes == {"ok": 80 - 2 * sum(first), "reject": 2 * sum(first)}


async def test_send_with_a_wrong_secret_blames_the_settings(fixture: WebhookFixture) -> None:
    """The vendor answers 401 and does not accept the message, which is not at fault."""
    async with vendor_at(fixture.url, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") as impostor:
        with pytest.raises(VendorMisconfigured, match="401"):
            await impostor.send(message())
    assert await fixture.send_log() == {}
    assert (await fixture.counts())["refused"] == {"401": 1}


RequestHandler = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def answering(answer: web.Response | RequestHandler, *, clock: Clock = utc_now) -> AsyncIterator[WebhookVendor]:
    """The `webhook` vendor at a server that always gives this answer, or calls this handler."""

    async def fixed(_: web.Request) -> web.Response:
        assert isinstance(answer, web.Response)
        return answer

    app = web.Application()
    app.add_routes([web.post("/", fixed if isinstance(answer, web.Response) else answer)])
    async with TestServer(app) as server, vendor_at(str(server.make_url("/")), clock=clock) as vendor:
        yield vendor


@pytest.mark.parametrize(("status", "final"), [(200, True), (201, True), (204, True), (202, False)])
async def test_send_with_a_success_status_is_final_except_202(status: int, final: bool) -> None:
    """With 202, the outcome is reported by callback."""
    async with answering(web.Response(status=status)) as vendor:
        assert await vendor.send(message()) == Accepted(final=final)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504])
async def test_send_with_a_temporary_status_raises_vendor_unavailable(status: int) -> None:
    """These statuses may change in a retry. Only with 429 the vendor surely has not accepted the message."""
    async with answering(web.Response(status=status)) as vendor:
        with pytest.raises(VendorUnavailable, match=f"The vendor answered {status}") as error:
            await vendor.send(message())
    assert not isinstance(error.value, VendorMisconfigured)
    assert error.value.may_have_accepted == (status != 429)


@pytest.mark.parametrize("status", [301, 401, 402, 403, 404, 405, 407])
async def test_send_with_a_status_about_the_settings_blames_no_message(status: int) -> None:
    """A rotated secret or a wrong URL fails nobody."""
    async with answering(web.Response(status=status)) as vendor:
        with pytest.raises(VendorMisconfigured, match=f"The vendor answered {status}") as error:
            await vendor.send(message())
    assert not error.value.may_have_accepted


@pytest.mark.parametrize("status", [400, 410, 413, 422])
async def test_send_with_a_status_about_the_message_is_rejected_permanently(status: int) -> None:
    """A retry does not help."""
    async with answering(web.Response(status=status)) as vendor:
        answer = await vendor.send(message())
    assert isinstance(answer, Rejected)
    assert answer.permanent


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"title": "No", "detail": "Blocked by them"}', f"Blocked by them ({UNPROCESSABLE})"),
        (b'{"title": "No"}', f"No ({UNPROCESSABLE})"),
        (b'{"detail": ""}', f"The vendor answered {UNPROCESSABLE}."),
        (b"[1]", f"The vendor answered {UNPROCESSABLE}."),
        (b"\xff", f"The vendor answered {UNPROCESSABLE}."),
        (b"", f"The vendor answered {UNPROCESSABLE}."),
    ],
)
async def test_rejection_reason_is_the_problem_detail_or_the_status(body: bytes, reason: str) -> None:
    """The body may be a problem document or anything else."""
    async with answering(web.Response(status=422, body=body)) as vendor:
        assert await vendor.send(message()) == Rejected(reason, permanent=True)


async def test_rejection_reason_that_is_long_is_cut() -> None:
    """A receipt limits the length of the reason."""
    async with answering(web.json_response({"detail": "x" * 5000}, status=400)) as vendor:
        answer = await vendor.send(message())
    assert isinstance(answer, Rejected)
    assert len(answer.reason) == 500


@pytest.mark.parametrize(
    ("header", "seconds"),
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
async def test_retry_after_in_seconds_or_as_date_is_limited_to_an_hour(header: str, seconds: float | None) -> None:
    """An invalid value counts as none."""
    async with answering(web.Response(status=503, headers={"Retry-After": header}), clock=lambda: NOW) as vendor:
        with pytest.raises(VendorUnavailable) as error:
            await vendor.send(message())
    assert error.value.retry_after == seconds


async def test_send_posts_a_request_signed_by_standard_webhooks() -> None:
    """The request has the id, the type and the data of the message."""
    seen: dict[str, Any] = {}

    async def store_request(request: web.Request) -> web.Response:
        seen.update(Webhook(SECRET).verify(await request.read(), dict(request.headers)))
        seen["id"] = request.headers["webhook-id"]
        return web.Response()

    async with answering(store_request) as vendor:
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


def test_webhook_settings_require_a_valid_url_and_a_secret() -> None:
    """The error names the variable."""
    with pytest.raises(Misconfigured, match="WEBHOOK_SECRET"):
        create_vendor({"WEBHOOK_URL": "https://vendor.example"})
    with pytest.raises(Misconfigured, match="WEBHOOK_URL"):
        create_vendor({"WEBHOOK_URL": "vendor.example", "WEBHOOK_SECRET": SECRET})


def test_callback_with_another_vendors_secret_is_refused() -> None:
    """The secret identifies the vendor."""
    body = b'{"events":[]}'
    at = datetime.now(UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").sign("msg_1", at, body.decode()),
    }
    with pytest.raises(Unauthenticated):
        create_parser(SecretStr(SECRET), "").parse(body, headers)
