"""The vendor that sends real mail, against a real mail server."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
import trustme
from pydantic import SecretStr

from common.addresses.address import AddressHasher, address_on
from common.events import MessageReady
from common.ids import message_id
from common.mail.layout import MailLook
from common.mail.links import MessageLinks
from local.mailbox.server import Mailbox, start_mail_server
from local.ports import free_ports
from vendor.vendor import Accepted, Rejected, VendorMisconfigured, VendorUnavailable
from vendor.vendors.smtp.mail import MailComposer, SenderSettings
from vendor.vendors.smtp.sender import SmtpSettings, SmtpVendor

HOST = "localhost"
KEY = SecretStr("a key of the tests")
CAMPAIGN, CUSTOMER = "5d4c0a", "91ab0c"
Smtp = Callable[..., SmtpVendor]


def message(to: str = "asha@example.com", **fields: Any) -> MessageReady:
    values: dict[str, Any] = {
        "message_id": message_id(CAMPAIGN, CUSTOMER),
        "campaign_id": CAMPAIGN,
        "customer_id": CUSTOMER,
        "channel": "email",
        "vendor": "smtp",
        "to": to,
        "name": "Asha Rao",
        "subject": "Asha, something for you",
        "body": "Dear **Asha**,\n\n[Come in](https://shop.example)",
        "personalized_by": "template",
    }
    return MessageReady(**values | fields)


class MailServers:
    """Starts mail servers, and vendors that use them."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.mailbox = Mailbox()
        self.last_port = 0
        self._stack = stack
        self._authority = trustme.CA()

    async def start(
        self, *, security: str = "none", login: tuple[str, str] | None = None, **settings: Any
    ) -> SmtpVendor:
        [port] = free_ports(1)
        server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(HOST).configure_cert(server_context)
        server = await start_mail_server(
            self.mailbox,
            host=HOST,
            port=port,
            tls_context=server_context if security != "none" else None,
            is_tls_from_start=security == "tls",
            check_login=(lambda name, password: (name, password) == login) if login else None,
        )
        self._stack.callback(server.close)
        self.last_port = port
        return self.vendor(port, security=security, **settings)

    def vendor(
        self, port: int, *, is_trusted: bool = True, public_url: str = "https://herald.example", **settings: Any
    ) -> SmtpVendor:
        context = ssl.create_default_context()
        if is_trusted:
            self._authority.configure_trust(context)
        composer = MailComposer(
            sender=SenderSettings(sender="Rao's Shop <news@shop.example>", reply_to="help@shop.example"),
            look=MailLook(shop_name="Rao's Shop", postal_address="1 Park Street, Pune"),
            links=MessageLinks(KEY, public_url=public_url),
            hasher=AddressHasher(KEY),
        )
        vendor = SmtpVendor(SmtpSettings(host=HOST, port=port, **settings), composer, tls_context=context)
        self._stack.push_async_callback(vendor.close)
        return vendor


@pytest_asyncio.fixture
async def servers() -> AsyncIterator[MailServers]:
    async with AsyncExitStack() as stack:
        yield MailServers(stack)


async def test_mail_has_both_parts_and_the_headers_that_providers_ask_for(servers: MailServers) -> None:
    """The mail comes as it was written: sender, recipient, both texts, one-click unsubscribing, a stable id."""
    vendor = await servers.start()
    assert await vendor.send(message()) == Accepted(final=True)
    [mail] = servers.mailbox.mails
    headers = mail.message
    assert (mail.sender, mail.recipient) == ("news@shop.example", "asha@example.com")
    assert headers["From"] == "Rao's Shop <news@shop.example>"
    assert headers["To"] == "Asha Rao <asha@example.com>"
    assert headers["Reply-To"] == "help@shop.example"
    assert headers["Subject"] == "Asha, something for you"
    assert headers["Message-ID"] == f"<{message().idempotency_key}@shop.example>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    read = MessageLinks(KEY).read(link.rpartition("/")[2])
    assert read
    assert (read.campaign_id, read.customer_id, read.attempt) == (CAMPAIGN, CUSTOMER, 1)
    assert read.address_hash == AddressHasher(KEY).hash(address_on("email", "asha@example.com"))
    assert "asha" not in link
    assert link in mail.part("plain")
    assert link in mail.part("html")
    assert "Dear Asha,\n\nCome in: https://shop.example\n" in mail.part("plain")
    assert "<strong>Asha</strong>" in mail.part("html")
    assert "1 Park Street, Pune" in mail.part("plain")
    assert "1 Park Street, Pune" in mail.part("html")


async def test_link_to_unsubscribe_is_readable_in_the_source(servers: MailServers) -> None:
    """Providers do not decode this header: it must stand there as it is, however long the address of the site is."""
    vendor = await servers.start(public_url="https://a-rather-long-name-of-a-shop.web.app")
    ids = {"campaign_id": "c" * 20, "customer_id": "d" * 32}
    await vendor.send(message(**ids, message_id=message_id("c" * 20, "d" * 32)))
    [line] = [line for line in servers.mailbox.mails[0].content.split(b"\r\n") if line.startswith(b"List-Unsubscribe:")]
    assert line.startswith(b"List-Unsubscribe: <https://a-rather-long-name-of-a-shop.web.app/api/unsubscribe/ccc")
    assert line.endswith(b">")


@pytest.mark.parametrize("fields", [{"transactional": True}, {"campaign_id": "test-5d4c0a"}])
async def test_message_that_people_need_has_no_link_to_unsubscribe(
    servers: MailServers, fields: dict[str, Any]
) -> None:
    """Nor has a test message: nothing would come of it."""
    vendor = await servers.start()
    await vendor.send(message(**fields))
    [mail] = servers.mailbox.mails
    assert mail.message["List-Unsubscribe"] is None
    assert "nsubscribe" not in mail.part("plain") + mail.part("html")


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_connection_is_encrypted_and_logged_in(servers: MailServers, security: str) -> None:
    """Both ways of encryption work, with a log-in."""
    login = ("shop", "a password")
    vendor = await servers.start(security=security, login=login, user="shop", password=SecretStr("a password"))
    assert await vendor.send(message()) == Accepted(final=True)
    assert servers.mailbox.mails[0].is_encrypted


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        ("nobody@example.com", Rejected("550 5.1.1 There is no such mailbox", permanent=True, bounced=True)),
        ("moved@example.com", Rejected("550 5.1.6 The mailbox has moved", permanent=True, bounced=True)),
        ("full@example.com", Rejected("552 5.2.2 The mailbox is full", permanent=False)),
        ("spam@example.com", Rejected("554 5.7.1 The mail looks like spam", permanent=True)),
    ],
)
async def test_refusals_are_told_apart(servers: MailServers, to: str, outcome: Rejected) -> None:
    """An address that does not exist bounces; a full mailbox may be tried again; the rest is about the mail."""
    vendor = await servers.start()
    assert await vendor.send(message(to)) == outcome
    assert await vendor.send(message()) == Accepted(final=True)
    assert servers.mailbox.connections == 1  # the connection was kept


async def test_greylisting_makes_only_that_message_wait(servers: MailServers) -> None:
    """The server works: nothing else has to wait, and the message was surely not taken."""
    vendor = await servers.start()
    with pytest.raises(VendorUnavailable) as waiting:
        await vendor.send(message("greylist@example.com"))
    assert (waiting.value.is_about_message, waiting.value.may_have_accepted) == (True, False)
    assert await vendor.send(message("greylist@example.com")) == Accepted(final=True)


@pytest.mark.parametrize("to", ["dropped@example.com", "cut@example.com"])
async def test_connection_that_breaks_after_data_leaves_it_unknown(servers: MailServers, to: str) -> None:
    """Nobody knows whether the server has the mail."""
    vendor = await servers.start()
    with pytest.raises(VendorUnavailable) as broken:
        await vendor.send(message(to))
    assert broken.value.may_have_accepted
    assert await vendor.send(message()) == Accepted(final=True)


async def test_slow_server_is_not_waited_for_longer_than_the_setting(servers: MailServers) -> None:
    """It may have taken the mail."""
    vendor = await servers.start(timeout_seconds=0.5)
    with pytest.raises(VendorUnavailable) as late:
        await vendor.send(message("slow@example.com"))
    assert late.value.may_have_accepted


async def test_server_that_is_not_there_surely_has_no_mail(servers: MailServers) -> None:
    """Everything waits until it is there."""
    [port] = free_ports(1)
    with pytest.raises(VendorUnavailable) as missing:
        await servers.vendor(port, security="none").send(message())
    assert (missing.value.may_have_accepted, missing.value.is_about_message) == (False, False)


async def test_wrong_settings_are_not_the_messages_fault(servers: MailServers) -> None:
    """A wrong password, a certificate that nobody knows, and encryption that the server does not have."""
    vendor = await servers.start(security="starttls", login=("a", "b"), user="a", password=SecretStr("wrong"))
    with pytest.raises(VendorMisconfigured):
        await vendor.send(message())
    for security in ("tls", "starttls"):
        stranger = await servers.start(security=security, is_trusted=False)
        with pytest.raises(VendorMisconfigured):
            await stranger.send(message())
    await servers.start(security="none")
    with pytest.raises(VendorMisconfigured):
        await servers.vendor(servers.last_port, security="starttls").send(message())


async def test_connection_that_the_server_closed_meanwhile_costs_nothing(servers: MailServers) -> None:
    """The next mail goes over a new one."""
    vendor = await servers.start()
    await vendor.send(message())
    servers.mailbox.close_connections()
    assert await vendor.send(message("ben@example.com")) == Accepted(final=True)
    assert servers.mailbox.connections == 2


@pytest.mark.parametrize("name", ["Evil\r\nBcc: all@example.com", "A\x00B", 'Quote " <x@y.example>', "आशा राव"])
async def test_values_cannot_add_headers(servers: MailServers, name: str) -> None:
    """Whatever stands in a name or a subject, the mail has the recipient that it is for."""
    vendor = await servers.start()
    await vendor.send(message(name=name, subject=f"Hi {name}"))
    [mail] = servers.mailbox.mails
    assert mail.message["Bcc"] is None
    assert [address.addr_spec for address in mail.message["To"].addresses] == ["asha@example.com"]
    assert "\n" not in mail.message["Subject"]


@pytest.mark.parametrize("to", ["no address", "a b@example.com", "a@exa mple.com", "a@example..com", "@example.com"])
async def test_address_that_is_none_bounces(servers: MailServers, to: str) -> None:
    """The server is not asked."""
    vendor = await servers.start()
    outcome = await vendor.send(message(to))
    assert isinstance(outcome, Rejected)
    assert outcome.permanent
    assert outcome.bounced
    assert servers.mailbox.connections == 0


async def test_addresses_in_other_scripts_arrive(servers: MailServers) -> None:
    """The domain in the form that every server knows, the first part as it is if the server takes it."""
    vendor = await servers.start()
    assert await vendor.send(message("asha@bücher.example")) == Accepted(final=True)
    assert await vendor.send(message("आशा@bücher.example")) == Accepted(final=True)
    assert [mail.recipient for mail in servers.mailbox.mails] == [
        "आशा@xn--bcher-kva.example",
        "asha@xn--bcher-kva.example",
    ]


async def test_german_sharp_s_is_another_domain_than_ss(servers: MailServers) -> None:
    """`strasse.de` belongs to somebody else."""
    vendor = await servers.start()
    await vendor.send(message("joe@straße.de"))
    assert servers.mailbox.mails[0].recipient == "joe@xn--strae-oqa.de"
