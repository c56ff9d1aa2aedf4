"""The vendor for mail through SendGrid, with a stand-in for it: real HTTP, real signatures, all faults."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from common.addresses.address import AddressHasher
from common.errors import Misconfigured, Unauthenticated
from common.events import MessageReady, OptOut, Receipt
from common.ids import message_id
from common.mail.layout import MailLook
from common.mail.links import MessageLinks
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from local.vendor.sendgrid import SendGridServer, event_key
from receipts.callbacks.sendgrid import SIGNATURE, TIMESTAMP, SendGridEvent, SendGridEvents, create_parser, opt_out_of
from receipts.vendor_receipts import ParsedReceipts
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER
from tests.vendor_campaigns import run_campaign
from vendor.vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from vendor.vendors.sendgrid.sender import SendGridSettings, SendGridVendor, create_vendor
from vendor.vendors.smtp.mail import MailComposer, SenderSettings

SECRET = SecretStr("SG.a key of the tests")
KEY = SecretStr("a key of the tests")
CAMPAIGN, CUSTOMER = "c", "91ab0c"


def message(to: str = "asha@example.com", **fields: Any) -> MessageReady:
    values: dict[str, Any] = {
        "message_id": message_id(CAMPAIGN, CUSTOMER),
        "campaign_id": CAMPAIGN,
        "customer_id": CUSTOMER,
        "channel": "email",
        "vendor": "sendgrid",
        "to": to,
        "name": "Asha Rao",
        "subject": "Asha, something for you",
        "body": "Dear **Asha**,\n\n[Come in](https://shop.example)",
        "personalized_by": "template",
    }
    return MessageReady(**values | fields)


def vendor_at(url: str, **settings: Any) -> SendGridVendor:
    composer = MailComposer(
        sender=SenderSettings(sender="Rao's Shop <news@shop.example>", reply_to="help@shop.example"),
        look=MailLook(shop_name="Rao's Shop", postal_address="1 Park Street, Pune"),
        links=MessageLinks(KEY, public_url="https://herald.example"),
        hasher=AddressHasher(KEY),
    )
    base: dict[str, Any] = {"api_key": SECRET, "event_key": SecretStr("-"), "api_url": url.rstrip("/")}
    return SendGridVendor(SendGridSettings(**base | settings), composer)


class SendGridFixture:
    """The stand-in, a vendor that uses it, and what comes back to Herald."""

    def __init__(self, server: SendGridServer, vendor: SendGridVendor, http: httpx.AsyncClient) -> None:
        self.server = server
        self.vendor = vendor
        self.receipts: list[Receipt] = []
        self.opt_outs: list[OptOut] = []
        self._http = http

    async def configure(self, **behaviour: Any) -> None:
        (await self._http.post("/control", json=behaviour)).raise_for_status()

    async def collect_reports(self) -> list[Receipt]:
        async with asyncio.timeout(60):
            while self.server.reports.pending:
                await asyncio.sleep(0.02)
        reports, self.receipts = self.receipts, []
        return reports


@asynccontextmanager
async def sendgrid(*, duplicate_share: float = 0.0) -> AsyncIterator[SendGridFixture]:
    """The stand-in; its events are read as the receipts function does."""
    fixture: SendGridFixture
    parser = create_parser(SecretStr(event_key(SECRET)), "")

    async def receive(request: web.Request) -> web.Response:
        parser.check_headers(request.headers)
        parsed = parser.parse(await request.read(), request.headers)
        assert not parsed.refused
        fixture.receipts += parsed.receipts
        fixture.opt_outs += parsed.opt_outs
        return web.Response(status=202)

    callbacks = web.Application()
    callbacks.add_routes([web.post("/", receive)])
    async with TestServer(callbacks) as site:
        server = SendGridServer(
            secret=SECRET, callback_url=str(site.make_url("/")), seconds=0.05, duplicate_share=duplicate_share
        )
        async with TestServer(server.application()) as outside, httpx.AsyncClient() as http:
            http.base_url = httpx.URL(str(outside.make_url("/")))
            vendor = vendor_at(str(http.base_url), timeout_seconds=5)
            fixture = SendGridFixture(server, vendor, http)
            yield fixture
            await vendor.close()


async def test_mail_has_both_parts_the_headers_and_its_ids() -> None:
    """It is the mail that `smtp` would send; the events have the ids of the message."""
    async with sendgrid() as fixture:
        assert await fixture.vendor.send(message()) == Accepted(final=False)
        [stored] = fixture.server.mails
        mail = stored.request
        assert mail["personalizations"] == [{"to": [{"email": "asha@example.com", "name": "Asha Rao"}]}]
        assert mail["from"] == {"email": "news@shop.example", "name": "Rao's Shop"}
        assert mail["reply_to"] == {"email": "help@shop.example"}
        assert mail["subject"] == "Asha, something for you"
        assert [part["type"] for part in mail["content"]] == ["text/plain", "text/html"]
        plain, html = (part["value"] for part in mail["content"])
        assert "Dear Asha,\n\nCome in: https://shop.example\n" in plain
        assert "<strong>Asha</strong>" in html
        link = mail["headers"]["List-Unsubscribe"].strip("<>")
        assert link.startswith("https://herald.example/api/unsubscribe/c.91ab0c.1.")
        assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert {setting["enable"] for setting in mail["tracking_settings"].values()} == {False}  # only Herald tracks
        assert link in plain
        assert link in html
        reports = await fixture.collect_reports()
        assert {(one.message_id, one.attempt) for one in reports} == {(message().message_id, 1)}
        assert {one.kind for one in reports} == {"sent", "delivered"}


@asynccontextmanager
async def answering(status: int, body: Any, headers: Mapping[str, str] | None = None) -> AsyncIterator[SendGridVendor]:
    """The vendor, with a server that always gives this answer."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    app = web.Application()
    app.add_routes([web.post("/v3/mail/send", answer)])
    async with TestServer(app) as server:
        vendor = vendor_at(str(server.make_url("/")))
        yield vendor
        await vendor.close()


def errors(text: str, field: str | None = None) -> Any:
    return {"errors": [{"message": text, "field": field}]}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (
            400,
            errors("No valid address.", "personalizations.0.to.0.email"),
            Rejected("No valid address. (400 Bad Request)", permanent=True, bounced=True),
        ),
        (400, errors("A new rule"), Rejected("A new rule (400 Bad Request)", permanent=False)),
        (400, "no", Rejected("The vendor answered 400 Bad Request.", permanent=False)),
    ],
)
async def test_refusals_are_told_apart(status: int, body: Any, outcome: Rejected) -> None:
    """An address that is none bounces; when in doubt, nobody is suppressed and the message can be sent again."""
    async with answering(status, body) as vendor:
        assert await vendor.send(message()) == outcome


@pytest.mark.parametrize(
    ("status", "body"), [(401, errors("key")), (403, errors("sender")), (404, {}), (400, errors("x", "from.email"))]
)
async def test_wrong_settings_are_nobodys_fault(status: int, body: Any) -> None:
    """The key, the right to send as this sender, the address of the API."""
    async with answering(status, body) as vendor:
        with pytest.raises(VendorMisconfigured):
            await vendor.send(message())


@pytest.mark.parametrize(("status", "may_have_it"), [(429, False), (500, True), (503, True)])
async def test_busy_vendor_surely_has_nothing_and_a_broken_one_may(status: int, may_have_it: bool) -> None:
    """SendGrid says at which second it counts anew."""
    reset = datetime.now(UTC) + timedelta(seconds=30)
    async with answering(status, {}, {"X-RateLimit-Reset": str(int(reset.timestamp()))}) as vendor:
        with pytest.raises(VendorUnavailable) as error:
            await vendor.send(message())
        assert error.value.may_have_accepted is may_have_it
        assert (error.value.retry_after or 0) > 20 or may_have_it


PUBLISHED_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eN"
    "Ec6wEA3F+g=="
)
PUBLISHED_SIGNATURE = "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
PUBLISHED_EVENT = {
    "email": "hello@world.com",
    "event": "dropped",
    "reason": "Bounced Address",
    "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
    "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
    "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
    "timestamp": 1600112492,
}
PUBLISHED_BODY = json.dumps([PUBLISHED_EVENT], sort_keys=True, separators=(",", ":")).encode() + b"\r\n"
PUBLISHED_HEADERS = {SIGNATURE: PUBLISHED_SIGNATURE, TIMESTAMP: "1600112502"}


def test_signature_of_sendgrids_own_example_is_valid() -> None:
    """The example of sendgrid-python's tests; the event is none of Herald's, so that nothing follows from it."""
    clock = lambda: datetime.fromtimestamp(1600112600, UTC)  # noqa: E731
    parser = SendGridEvents(SecretStr(PUBLISHED_KEY), clock=clock)
    parser.check_headers(PUBLISHED_HEADERS)
    parsed = parser.parse(PUBLISHED_BODY, PUBLISHED_HEADERS)
    assert (parsed.receipts, parsed.refused, parsed.opt_outs) == ([], [], [])


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (PUBLISHED_BODY.replace(b"dropped", b"clicked"), {}),
        (PUBLISHED_BODY.rstrip(), {}),
        (PUBLISHED_BODY, {TIMESTAMP: "1600112503"}),
        (PUBLISHED_BODY, {SIGNATURE: "bm8="}),
    ],
)
def test_callback_that_is_changed_is_refused(body: bytes, headers: dict[str, str]) -> None:
    """Its body, its time or its signature."""
    with pytest.raises(Unauthenticated):
        SendGridEvents(SecretStr(PUBLISHED_KEY)).parse(body, PUBLISHED_HEADERS | headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {SIGNATURE: "x"},
        *({SIGNATURE: "x", TIMESTAMP: time} for time in ("now", "nan", "inf", "9" * 400, "9" * 5_000)),
        PUBLISHED_HEADERS,
    ],
)
def test_callback_without_a_signature_or_with_an_old_one_is_refused(headers: dict[str, str]) -> None:
    """Before its body is read."""
    with pytest.raises(Unauthenticated):
        SendGridEvents(SecretStr(PUBLISHED_KEY)).check_headers(headers)


SIGNING_KEY = generate_private_key(SECP256R1())


def parse_events(*events: Any) -> ParsedReceipts:
    """What is read from a batch of events that is signed now."""
    body, now = json.dumps(events).encode(), str(int(datetime.now(UTC).timestamp()))
    signature = SIGNING_KEY.sign(now.encode() + body, ECDSA(SHA256()))
    key = SIGNING_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    headers = {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: now}
    return create_parser(SecretStr(base64.b64encode(key).decode()), "").parse(body, headers)


EVENT = {
    "event": "processed", "timestamp": 1_700_000_000, "email": "asha@example.com", "herald_campaign": CAMPAIGN,
    "herald_customer": CUSTOMER, "herald_attempt": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    "odd",
    [
        {"status": None}, {"email": None}, {"reason": None, "type": None}, {"sg_machine_open": None},
        {"herald_attempt": None}, {"herald_attempt": 1}, {"timestamp": 1_700_000_000.5},
        {"timestamp": "1700000000"}, {"timestamp": "1700000000.5"}, {"status": 5},
    ],
)  # fmt: skip
def test_odd_event_is_read_where_its_meaning_is_clear(odd: dict[str, Any]) -> None:
    """Null is the same as missing, and a number may be text or have a fraction."""
    parsed = parse_events(EVENT | odd)
    assert not parsed.refused
    [receipt] = parsed.receipts
    assert (receipt.kind, int(receipt.at.timestamp()), receipt.attempt) == ("sent", 1_700_000_000, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": None}, "timestamp"),
        ({"timestamp": 1e300}, "timestamp"),
        ({"timestamp": 0}, "at"),
        ({"event": None}, "event"),
        ({"event": ["open"]}, "event"),
        ({"herald_attempt": "x"}, "attempt"),
        ({"event": "dropped", "reason": "Unsubscribed Address", "email": "a" * 501}, "to"),
    ],
)
def test_wrong_event_is_refused_alone(wrong: dict[str, Any], field: str) -> None:
    """Once, with its place in SendGrid's batch; the others count, and those of other senders need not be valid."""
    delivered = EVENT | {"event": "delivered"}
    parsed = parse_events({"event": None}, "x", EVENT, delivered | wrong, delivered)
    assert [error.field for error in parsed.refused] == [f"events.3.{field}"]
    assert [receipt.kind for receipt in parsed.receipts] == ["sent", "sent", "delivered"]


@pytest.mark.parametrize("key", ["no key", "", "bm8="])
def test_key_that_is_none_is_reported(key: str) -> None:
    """The error names the setting."""
    with pytest.raises(Misconfigured, match="SENDGRID_EVENT_KEY"):
        SendGridEvents(SecretStr(key))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("person", {"sent": 1, "delivered": 1}),
        ("nobody", {"sent": 1, "bounced": 1, "permanent": 1}),
        ("full", {"sent": 1, "bounced": 1}),
        ("blocked", {"sent": 1, "bounced": 1, "blames nobody": 1}),
        ("dropped", {"failed": 1, "bounced": 1, "permanent": 2}),
        ("unsubscribed", {"failed": 1, "permanent": 1, "opted out": 1}),
        ("spam", {"sent": 1, "delivered": 1, "complained": 1}),
        ("opens", {"sent": 1, "delivered": 1, "opened": 1}),
        ("clicks", {"sent": 1, "delivered": 1, "clicked": 1}),
    ],
)
async def test_events_say_what_happened_and_whose_fault_it_was(kind: str, expected: dict[str, int]) -> None:
    """What a machine opened is no person's; what a provider blocked is not the address's fault."""
    async with sendgrid() as fixture:
        await fixture.vendor.send(message(f"{kind}@example.com"))
        reports = {(one.kind, one.permanent, one.blames_address) for one in await fixture.collect_reports()}
        found = Counter(kind for kind, _, _ in reports) + Counter({"opted out": len(fixture.opt_outs)})
        found["permanent"] = sum(permanent for _, permanent, _ in reports)
        found["blames nobody"] = sum(not blames for _, _, blames in reports)
        assert +found == expected


def test_opt_out_has_the_id_of_its_event() -> None:
    """By which one that comes again is known; without an id, the address and the time stand for it."""
    event = SendGridEvent.model_validate(PUBLISHED_EVENT | {"reason": "Unsubscribed Address"})
    [first, again, other] = [
        opt_out_of(one).id for one in (event, event, event.model_copy(update={"sg_event_id": "x"}))
    ]
    assert first == again != other
    unnamed = event.model_copy(update={"sg_event_id": ""})
    later = unnamed.model_copy(update={"timestamp": event.timestamp + 1})
    assert opt_out_of(unnamed).id not in {None, opt_out_of(later).id}


PEOPLE: Mapping[str, int] = {
    "person": 120, "nobody": 20, "full": 10, "blocked": 10, "dropped": 10, "spam": 10, "opens": 10, "clicks": 10,
}  # fmt: skip


async def test_two_hundred_mails_reach_nobody_twice_and_the_numbers_are_true() -> None:
    """SendGrid throttles, breaks off after it accepted, is down and late; events come twice and in any order.

    What broke off is `unknown` until an event tells; what SendGrid surely does not have is sent later.
    """
    async with sendgrid(duplicate_share=0.3) as fixture:
        herald = InMemoryHerald(vendor_name="sendgrid")
        herald.vendor = fixture.vendor
        herald.restart()
        addresses = [f"{kind}.{number}@example.com" for kind, people in PEOPLE.items() for number in range(people)]
        rows = [CustomerInput(external_id=to, email=to, name="Asha") for to in addresses]
        await CustomerUpserts(herald.documents, hashes=HASHER, clock=lambda: herald.now).upsert(rows)
        kinds = await run_campaign(
            herald, channel="email", configure=fixture.configure, collect_reports=fixture.collect_reports
        )
        accepted = Counter(mail.to for mail in fixture.server.mails)
        assert set(accepted.values()) == {1}
        of_kind = Counter(mail.kind for mail in fixture.server.mails)
        assert (kinds["failed"], kinds["sent"]) == (of_kind["dropped"], len(accepted) - of_kind["dropped"])
        assert kinds["unknown"] == len(addresses) - len(accepted)
        assert kinds["bounced"] == sum(of_kind[kind] for kind in ("nobody", "full", "blocked", "dropped"))
        assert (kinds["opened"], kinds["clicked"]) == (of_kind["opens"], of_kind["clicks"])
        assert kinds["complained"] == of_kind["spam"]
        assert 0 < kinds["unknown"] < 100  # nobody knows about those whose request was refused without an answer


def test_settings_that_are_wrong_are_named() -> None:
    """The key goes to the API's address: it must be encrypted."""
    settings = {
        "PUBLIC_URL": "https://herald.example",
        "SUPPRESSION_KEY": "a key for the tests",
        "MAIL_FROM": "news@shop.example",
        "SENDGRID_API_KEY": "SG.key",
        "SENDGRID_EVENT_KEY": PUBLISHED_KEY,
    }
    create_vendor(settings)
    with pytest.raises(Misconfigured, match="SENDGRID_API_URL"):
        create_vendor(settings | {"SENDGRID_API_URL": "http://api.sendgrid.com"})
