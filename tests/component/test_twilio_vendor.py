"""The vendor for SMS and WhatsApp, with a stand-in for Twilio: real HTTP, real signatures, all faults."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from common.addresses.address import Address
from common.errors import Misconfigured, Unauthenticated
from common.events import MessageReady, OptOut, Receipt, ReceiptsReported
from common.ids import message_id, opt_out_id
from common.storage.documents import Create
from customers.commands.suppress import SuppressionList
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from local.vendor.twilio import TwilioServer
from receipts.callbacks.twilio import KINDS, TwilioCallbacks, create_parser, sign
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER, customer_id, planned_pages
from tests.vendor_campaigns import run_campaign
from vendor.vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from vendor.vendors.twilio.sender import TwilioSettings, TwilioVendor, create_vendor

ACCOUNT, TOKEN = f"AC{'0' * 32}", SecretStr("a token")
CALLBACK_URL = "https://herald.example/api/receipts/twilio"
SERVICE = f"MG{'1' * 32}"
CAMPAIGN = "c"
BASE = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": "+15005550006"}


def message(to: str = "+919876500000", *, customer: str = "0", **changes: Any) -> MessageReady:
    fields: dict[str, Any] = {
        "message_id": message_id(CAMPAIGN, customer),
        "campaign_id": CAMPAIGN,
        "customer_id": customer,
        "to": to,
        "subject": "",
        "body": "Hello Zoë",
        "channel": "sms",
        "vendor": "twilio",
        "personalized_by": "template",
    }
    return MessageReady.model_validate(fields | changes)


class TwilioFixture:
    """The stand-in, a vendor that uses it, and what comes back to Herald."""

    def __init__(self, server: TwilioServer, http: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http
        self.url = str(http.base_url).rstrip("/")
        self.receipts: list[Receipt] = []
        self.opt_outs: list[OptOut] = []
        self.vendors: list[TwilioVendor] = []

    def vendor(self, callback_url: str, **settings: Any) -> TwilioVendor:
        vendor = TwilioVendor(TwilioSettings(**BASE | {"api_url": self.url} | settings), callback_url=callback_url)
        self.vendors.append(vendor)
        return vendor

    async def configure(self, **behaviour: Any) -> None:
        (await self.http.post("/control", json=behaviour)).raise_for_status()

    async def wait_for_reports(self) -> None:
        async with asyncio.timeout(60):
            while self.server.reports.pending:
                await asyncio.sleep(0.02)

    async def collect_reports(self) -> list[Receipt]:
        await self.wait_for_reports()
        reports, self.receipts = self.receipts, []
        return reports


@asynccontextmanager
async def twilio(*, seconds: float = 0.05, duplicate_share: float = 0.0) -> AsyncIterator[tuple[TwilioFixture, str]]:
    """The stand-in, and the URL of its callbacks, which are read as the receipts function does."""
    fixture: TwilioFixture

    async def receive(request: web.Request) -> web.Response:
        parser = create_parser(TOKEN, str(request.url.with_query(None)))
        parser.check_headers(request.headers)
        parsed = parser.parse(await request.read(), request.headers, request.query_string)
        assert not parsed.refused
        fixture.receipts += parsed.receipts
        fixture.opt_outs += parsed.opt_outs
        return web.Response(status=202)

    callbacks = web.Application()
    callbacks.add_routes([web.post("/api/receipts/twilio", receive)])
    async with TestServer(callbacks) as site:
        back = str(site.make_url("/api/receipts/twilio"))
        server = TwilioServer(
            account=ACCOUNT, token=TOKEN, callback_url=back, seconds=seconds, duplicate_share=duplicate_share
        )
        outside = TestServer(server.application())
        async with outside, httpx.AsyncClient() as http:
            http.base_url = httpx.URL(str(outside.make_url("/")))
            fixture = TwilioFixture(server, http)
            yield fixture, back
            for vendor in fixture.vendors:
                await vendor.close()


async def test_message_is_accepted_and_its_reports_have_its_ids() -> None:
    """The reports come in any order; each says what came before it."""
    async with twilio() as (fixture, back):
        vendor = fixture.vendor(back)
        assert await vendor.send(message("+919876500003")) == Accepted(final=False)
        await fixture.wait_for_reports()
        [stored] = fixture.server.messages
        assert (stored.to, stored.sent_from, stored.body) == ("+919876500003", "+15005550006", "Hello Zoë")
        assert {receipt.message_id for receipt in fixture.receipts} == {message().message_id}
        assert {receipt.kind for receipt in fixture.receipts} == {*KINDS[stored.outcome]}


@pytest.mark.parametrize(
    ("channel", "settings", "sent_from", "to"),
    [
        ("sms", {"sender": SERVICE}, SERVICE, "+919876500000"),
        ("whatsapp", {"sender": SERVICE}, SERVICE, "whatsapp:+919876500000"),
        ("whatsapp", {"whatsapp_sender": "+15005550007"}, "whatsapp:+15005550007", "whatsapp:+919876500000"),
    ],
)
async def test_sender_is_a_service_or_a_number_of_the_channel(
    channel: str, settings: dict[str, Any], sent_from: str, to: str
) -> None:
    """WhatsApp numbers have a prefix."""
    async with twilio() as (fixture, back):
        vendor = fixture.vendor(back, **settings)
        assert await vendor.send(message(channel=channel)) == Accepted(final=False)
        [stored] = fixture.server.messages
        assert (stored.sent_from, stored.to) == (sent_from, to)


async def test_whatsapp_without_a_sender_waits_for_the_settings() -> None:
    """No person is at fault."""
    async with twilio() as (fixture, back):
        with pytest.raises(VendorMisconfigured, match="TWILIO_WHATSAPP_SENDER"):
            await fixture.vendor(back).send(message(channel="whatsapp"))
        assert fixture.server.messages == []


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("+15005550001", {"permanent": True, "bounced": True}),
        ("+15005550002", {"permanent": True}),
        ("+15005550004", {"permanent": True, "opted_out": True}),
        ("+15005550009", {"permanent": True, "bounced": True}),
    ],
)
async def test_refusals_are_told_apart(to: str, expected: dict[str, bool]) -> None:
    """A number that is none bounces; a person who answered STOP has opted out; no route is nobody's fault."""
    async with twilio() as (fixture, back):
        outcome = await fixture.vendor(back).send(message(to))
        assert isinstance(outcome, Rejected)
        assert outcome == Rejected(outcome.reason, **expected)
        assert outcome.reason.endswith("(400 Bad Request)")


@asynccontextmanager
async def answering(
    status: int, body: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None
) -> AsyncIterator[TwilioVendor]:
    """The vendor, with a server that always gives this answer."""

    async def answer(_: web.Request) -> web.Response:
        if isinstance(body, str):
            return web.Response(status=status, text=body, headers=headers)
        return web.json_response(body, status=status, headers=headers)

    app = web.Application()
    app.add_routes([web.post("/{path:.*}", answer)])
    async with TestServer(app) as server:
        settings = TwilioSettings(**BASE | {"api_url": str(server.make_url("/"))})
        vendor = TwilioVendor(settings, callback_url=CALLBACK_URL)
        yield vendor
        await vendor.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, {"code": 20003}), (403, "no"), (404, {"code": 20404}), (400, {"code": 21606}), (302, "")],
)
async def test_wrong_settings_are_nobodys_fault(status: int, body: Mapping[str, Any] | str) -> None:
    """All messages wait until they are right."""
    async with answering(status, body) as vendor:
        with pytest.raises(VendorMisconfigured):
            await vendor.send(message())


@pytest.mark.parametrize(
    ("status", "body", "may_have_it"),
    [
        (429, {"code": 20429}, False),
        (400, {"code": 21611}, False),
        (500, {"code": 20500}, True),
        (503, "<html>", True),
    ],
)
async def test_busy_vendor_surely_has_nothing_and_a_broken_one_may(
    status: int, body: Mapping[str, Any] | str, may_have_it: bool
) -> None:
    """After an error of the server nobody knows, and the message is not sent again."""
    async with answering(status, body, {"Retry-After": "7"}) as vendor:
        with pytest.raises(VendorUnavailable) as error:
            await vendor.send(message())
        assert error.value.may_have_accepted is may_have_it


async def test_refusal_with_an_unknown_code_can_be_retried() -> None:
    """When in doubt, nobody is suppressed and nothing is final."""
    async with answering(400, {"code": 99999, "message": "New rule"}) as vendor:
        assert await vendor.send(message()) == Rejected("New rule [99999] (400 Bad Request)", permanent=False)


async def test_text_of_too_many_sms_is_not_sent() -> None:
    """Each segment is paid for. On WhatsApp a message is one."""
    async with twilio() as (fixture, back):
        vendor = fixture.vendor(back, sender=SERVICE)
        outcome = await vendor.send(message(body="न" * 671))
        assert outcome == Rejected("The text is too long: 11 SMS, and at most 10 are allowed.", permanent=True)
        assert await vendor.send(message(body="न" * 670)) == Accepted(final=False)
        assert await vendor.send(message(body="न" * 671, channel="whatsapp")) == Accepted(final=False)


PUBLISHED_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PUBLISHED = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


@pytest.mark.parametrize(
    ("parameters", "signature"),
    [
        ([*PUBLISHED.items()], "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")],
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
    ],
)
def test_signature_is_that_of_twilios_own_examples(parameters: list[tuple[str, str]], signature: str) -> None:
    """The examples of twilio-python's tests, with the token 12345."""
    assert sign(SecretStr("12345"), PUBLISHED_URL, parameters) == signature


def callback(form: Mapping[str, str], query: str = "", *, token: SecretStr = TOKEN) -> tuple[bytes, dict[str, str]]:
    url = f"{CALLBACK_URL}?{query}" if query else CALLBACK_URL
    return urlencode(form).encode(), {"x-twilio-signature": sign(token, url, form.items())}


def test_callback_that_is_changed_or_signed_by_others_is_refused() -> None:
    """Its form, the ids in its URL, or the token."""
    parser, form, ids = TwilioCallbacks(TOKEN, CALLBACK_URL), {"MessageStatus": "sent"}, "campaign=c&customer=0"
    body, headers = callback(form, ids)
    assert parser.parse(body, headers, ids).receipts
    for wrong in ((body + b"&To=1", headers, ids), (body, headers, "campaign=c&customer=1"), (body, headers, "")):
        with pytest.raises(Unauthenticated):
            parser.parse(*wrong)
    with pytest.raises(Unauthenticated):
        parser.parse(*callback(form, ids, token=SecretStr("another")), ids)
    with pytest.raises(Unauthenticated, match="not signed"):
        parser.check_headers({})


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("queued", None, []),
        ("sent", None, [("sent", False, True)]),
        ("delivered", None, [("sent", False, True), ("delivered", False, True)]),
        ("read", None, [("sent", False, True), ("delivered", False, True), ("opened", False, True)]),
        ("failed", "30008", [("failed", False, False)]),
        ("failed", "9" * 5_000, [("failed", False, False)]),
        ("failed", "30007", [("failed", True, False)]),
        ("failed", "30005", [("failed", True, True), ("bounced", True, True)]),
        ("undelivered", "30005", [("sent", False, True), ("bounced", True, True)]),
        ("undelivered", "30007", [("sent", False, False), ("bounced", False, False)]),
    ],
)
def test_status_says_what_happened_and_whose_fault_it_was(
    status: str, code: str | None, expected: list[tuple[str, bool, bool]]
) -> None:
    """The kinds, with whether they are for good and whether the address is at fault, where that matters."""
    form = {"MessageStatus": status, "To": "+919876500000"} | ({"ErrorCode": code} if code else {})
    receipts = TwilioCallbacks(TOKEN, CALLBACK_URL).parse(
        *callback(form, "campaign=c&customer=0&attempt=2"), "campaign=c&customer=0&attempt=2"
    ).receipts  # fmt: skip
    assert [(one.kind, one.permanent) for one in receipts] == [(kind, permanent) for kind, permanent, _ in expected]
    assert {one.attempt for one in receipts} <= {2}
    blamed = [blames for kind, _, blames in expected if kind == "bounced"]
    assert [one.blames_address for one in receipts if one.kind == "bounced"] == blamed


SID = f"SM{'2' * 32}"


@pytest.mark.parametrize(
    ("form", "channel"),
    [
        ({"From": "+919876500000", "Body": " Stop. "}, "sms"),
        ({"From": "whatsapp:+919876500000", "Body": "STOPALL"}, "whatsapp"),
        ({"From": "rcs:+919876500000", "Body": "stop"}, "sms"),
        ({"From": "messenger:1234567", "Body": "stop"}, None),
        ({"From": "+919876500000", "Body": "arrêt", "OptOutType": "STOP"}, "sms"),
        ({"From": "+919876500000", "Body": "Don't stop"}, None),
        ({"From": "+919876500000", "Body": "START", "OptOutType": "START"}, None),
    ],
)
def test_answer_of_stop_is_an_opt_out(form: dict[str, str], channel: str | None) -> None:
    """On the channel that it came by; any other answer is none."""
    parsed = TwilioCallbacks(TOKEN, CALLBACK_URL).parse(*callback(form | {"MessageSid": SID}))
    shared = {"to": "+919876500000", "vendor": "twilio", "id": opt_out_id("twilio", SID)}
    expected = [OptOut(channel=channel, **shared)] if channel else []
    assert (parsed.receipts, parsed.opt_outs) == ([], expected)


def test_answer_of_stop_on_a_channel_that_is_not_known_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Without the address: nobody has it, so nothing can be suppressed."""
    TwilioCallbacks(TOKEN, CALLBACK_URL).parse(*callback({"From": "messenger:1234567", "Body": "stop"}))
    [record] = caplog.records
    assert (getattr(record, "event", ""), getattr(record, "message_sid", "")) == ("opt_out_channel_unknown", "")
    assert "1234567" not in caplog.text


async def test_opt_out_suppresses_the_number_on_its_channel_only() -> None:
    """With the flag of everybody who has it, however often it is said."""
    herald = InMemoryHerald()
    await herald.add_customers(1, phone="+919876500000")
    opt_out = OptOut(channel="sms", to="+919876500000", vendor="twilio")
    await herald.publisher.publish([ReceiptsReported(receipts=[], opt_outs=[opt_out])] * 3)
    await herald.work()
    customer = await herald.documents.get(f"customers/{customer_id('external_id', '0')}")
    assert customer["suppressed"] == ["sms"]


async def test_opt_out_that_comes_again_does_not_undo_the_lifting_of_a_suppression() -> None:
    """Twilio's signature has no time: a callback can be repeated for ever. A new answer is heard."""
    herald = InMemoryHerald()
    await herald.add_customers(1, phone="+919876500000")
    phone = Address(kind="phone", value="+919876500000")
    suppressions = SuppressionList(herald.documents, hashes=HASHER, clock=lambda: herald.now)
    flags = []
    for sid in (SID, SID, f"SM{'3' * 32}"):
        body, headers = callback({"From": phone.value, "Body": "STOP", "MessageSid": sid})
        opt_outs = TwilioCallbacks(TOKEN, CALLBACK_URL).parse(body, headers).opt_outs
        await herald.publisher.publish([ReceiptsReported(receipts=[], opt_outs=opt_outs * 2)])
        await herald.work()
        customer = await herald.documents.get(f"customers/{customer_id('external_id', '0')}")
        flags.append(customer["suppressed"])
        if customer["suppressed"]:
            await suppressions.lift(phone, reason="asked by phone", by="admin@example.com")
    assert flags == [["sms"], [], ["sms"]]


async def test_bounce_that_is_not_the_numbers_fault_suppresses_nobody() -> None:
    """Texts that a filter refused, three in a row."""
    herald = InMemoryHerald()
    await herald.add_customers(1, phone="+919876500000")
    person = customer_id("external_id", "0")
    for campaign in ("c0", "c1", "c2"):
        sent = {"campaign": campaign, "customer": person, "to": "+919876500000", "channel": "sms", "vendor": "twilio"}
        await herald.documents.commit(
            [
                Create(f"campaigns/{campaign}", {"state": "running"}),
                Create(f"claims/{message_id(campaign, person)}", {**sent, "at": herald.now}),
                *planned_pages(campaign, [person]),
            ]
        )
        ids = {"campaign_id": campaign, "customer_id": person, "message_id": message_id(campaign, person)}
        bounce = Receipt(**ids, kind="bounced", at=herald.now, blames_address=False)
        await herald.publisher.publish([ReceiptsReported(receipts=[bounce])])
        await herald.work()
    assert (await herald.documents.get(f"customers/{person}"))["suppressed"] == []
    assert not (await herald.documents.get(HASHER.path(Address(kind="phone", value="+919876500000")))).exists


@pytest.mark.parametrize(
    "wrong",
    [
        {"TWILIO_ACCOUNT_SID": "1"},
        {"TWILIO_SENDER": "call me maybe at five"},
        {"TWILIO_API_URL": "http://api.twilio.com"},
        {"TWILIO_API_URL": "http://169.254.169.254"},
    ],
)
def test_settings_that_are_wrong_are_named(wrong: dict[str, str]) -> None:
    """The password goes to the API's address: it must be encrypted."""
    settings = {
        "PUBLIC_URL": "https://herald.example",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "a token",
        "TWILIO_SENDER": SERVICE,
    }
    create_vendor(settings)
    with pytest.raises(Misconfigured, match=next(iter(wrong))):
        create_vendor(settings | wrong)


PEOPLE = 200
LANDLINES = 5


async def test_two_hundred_messages_reach_nobody_twice_and_the_numbers_are_true() -> None:
    """The vendor throttles, breaks off after it accepted, is down and late; reports come twice and in any order.

    What broke off is `unknown` until the report tells; what the vendor surely does not have is sent later.
    """
    async with twilio(duplicate_share=0.3) as (fixture, back):
        herald = InMemoryHerald(settings={"UNKNOWN_CONSENT": "email,sms"}, vendor_name="twilio")
        herald.vendor = fixture.vendor(back, timeout_seconds=5)
        herald.restart()
        numbers = [f"+9198765{number:05}" for number in range(PEOPLE)]
        landlines = [f"+91222778{number:04}" for number in range(LANDLINES)]
        rows = [CustomerInput(external_id=phone, phone=phone, name="Asha") for phone in numbers + landlines]
        await CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now).upsert(rows)
        kinds = await run_campaign(
            herald, channel="sms", configure=fixture.configure, collect_reports=fixture.collect_reports
        )
        accepted = Counter(stored.to for stored in fixture.server.messages)
        assert set(accepted.values()) == {1}
        assert not accepted.keys() & set(landlines)
        outcomes = Counter(stored.outcome for stored in fixture.server.messages)
        assert kinds["skipped"] == LANDLINES
        assert kinds["sent"] == len(accepted) - outcomes["failed"]
        assert kinds["failed"] == outcomes["failed"]
        assert kinds["unknown"] == PEOPLE - len(accepted)
        assert (kinds["delivered"], kinds["bounced"]) == (outcomes["delivered"], outcomes["undelivered"])
        assert 0 < PEOPLE - len(accepted) < 100  # nobody knows about those whose request was refused without an answer
