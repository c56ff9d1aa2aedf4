"""Vendors are reached through the proxy of a network that lets requests out only through one."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from common.clock import utc_now
from common.errors import Misconfigured
from common.webhooks.event_types import WebhookEvent
from common.webhooks.public_hosts import PublicHosts
from common.webhooks.store import WebhookState
from tests.component.test_webhook_vendor import message
from vendor.proxy import ProxySettings
from vendor.vendor import Accepted, VendorMisconfigured, VendorUnavailable
from vendor.vendor_requests import VendorRequests
from vendor.vendors.webhook.sender import create_vendor
from webhooks.event_sender import EventSender
from webhooks.webhook_target import WebhookTarget

VENDOR = "https://vendor.example/messages"
SECRET = f"whsec_{base64.b64encode(b'0' * 32).decode()}"


class ConnectProxy:
    """A small proxy: it leads every CONNECT to one server, or answers with `refusal`."""

    def __init__(self, port: int) -> None:
        self.targets: list[str] = []
        self.log_ins: list[str | None] = []
        self.refusal: str | None = None
        self._port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            self.targets.append(" ".join(first.split(" ")[:2]))
            self.log_ins.append(headers.get("proxy-authorization"))
            if self.refusal:
                writer.write(f"HTTP/1.1 {self.refusal}\r\ncontent-length: 0\r\n\r\n".encode())
                return
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_copy(reader, to_server), _copy(from_server, writer))
        finally:
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Network:
    """A vendor's server that is known by its name to the proxy alone."""

    def __init__(self, proxy: ConnectProxy, address: str, hosts: list[str]) -> None:
        self.proxy = proxy
        self.address = address
        self.hosts = hosts  # the header `Host` of each request that has reached the vendor

    def requests(self, **settings: Any) -> VendorRequests:
        proxy = ProxySettings.read({"HTTPS_PROXY": f"http://{self.address}", **settings})
        return VendorRequests(timeout_seconds=10, proxy=proxy)


@asynccontextmanager
async def running(certificate: trustme.LeafCert) -> AsyncIterator[Network]:
    hosts: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        hosts.append(request.headers["host"])
        return web.Response(body=await request.read())

    app = web.Application()
    app.router.add_post("/messages", answer)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    server = TestServer(app)
    await server.start_server(ssl=context)
    proxy = ConnectProxy(server.port or 0)
    try:
        yield Network(proxy, await proxy.start(), hosts)
    finally:
        await proxy.stop()
        await server.close()


@pytest.fixture
async def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Network]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with running(authority.issue_cert("vendor.example")) as network:
        yield network


async def test_requests_go_through_the_proxy_and_keep_their_connection(network: Network) -> None:
    """The proxy is told the vendor's name, and sees nothing else: the certificate is checked behind it."""
    requests = network.requests()
    answers = [await requests.post(VENDOR, content=text) for text in (b"one", b"two")]
    await requests.close()
    assert [answer.content for answer in answers] == [b"one", b"two"]
    assert network.hosts == ["vendor.example", "vendor.example"]
    assert network.proxy.targets == ["CONNECT vendor.example:443"]
    assert network.proxy.log_ins == [None]


async def test_proxy_gets_the_log_in_of_its_address_and_the_vendor_does_not(network: Network) -> None:
    """It is no part of what is shown of the settings."""
    url = f"http://herald:pass%20word@{network.address}"
    requests = network.requests(HTTPS_PROXY=url)
    assert (await requests.post(VENDOR, content=b"x")).status_code == 200
    await requests.close()
    assert network.proxy.log_ins == [f"Basic {base64.b64encode(b'herald:pass word').decode()}"]
    assert "pass" not in repr(ProxySettings.read({"HTTPS_PROXY": url}))


async def test_vendor_takes_the_proxy_from_the_settings(network: Network) -> None:
    """As a deployment gives them to the function."""
    environ = {"WEBHOOK_URL": VENDOR, "WEBHOOK_SECRET": SECRET, "HTTPS_PROXY": f"http://{network.address}"}
    vendor = create_vendor(environ)
    assert await vendor.send(message()) == Accepted(final=True)
    await vendor.close()
    assert network.proxy.targets == ["CONNECT vendor.example:443"]


@pytest.mark.parametrize(
    ("url", "exceptions", "is_used"),
    [
        ("https://vendor.example", "", True),
        ("https://vendor.example", "vendor.example", False),
        ("https://api.vendor.example", ".vendor.example", False),
        ("https://api.vendor.example", "other.example, vendor.example", False),
        ("https://vendor.example:8443", "vendor.example:8443", False),
        ("https://vendor.example:8443", "vendor.example:443", True),
        ("https://myvendor.example", "vendor.example", True),
        ("https://vendor.example", "*", False),
        ("http://vendor.example", "", False),
    ],
)
def test_some_hosts_are_reached_without_the_proxy(url: str, exceptions: str, is_used: bool) -> None:
    """As other programs read `NO_PROXY`. Only https goes through the proxy."""
    settings = ProxySettings.read({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": exceptions})
    assert settings.is_used_for(httpx.URL(url)) is is_used
    assert not ProxySettings.read({"NO_PROXY": exceptions}).is_used_for(httpx.URL(url))


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "https://169.254.169.254/", "https://localhost/", "https://[::1]/"]
)
@pytest.mark.parametrize("exceptions", ["", "*"])
async def test_private_address_is_refused_with_a_proxy_as_without(network: Network, url: str, exceptions: str) -> None:
    """The proxy is not asked: it may be able to reach them."""
    requests = network.requests(NO_PROXY=exceptions)
    with pytest.raises(VendorMisconfigured, match="is not a public host"):
        await requests.post(url, content=b"x")
    await requests.close()
    assert network.proxy.targets == []


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("407 Proxy Authentication Required", VendorMisconfigured),
        ("403 Forbidden", VendorMisconfigured),
        ("502 Bad Gateway", VendorUnavailable),
    ],
)
async def test_vendor_surely_has_nothing_that_the_proxy_refuses(
    network: Network, refusal: str, error: type[VendorUnavailable]
) -> None:
    """So the message can be sent again. If the proxy does not want it at all, the settings are wrong."""
    network.proxy.refusal = refusal
    requests = network.requests()
    with pytest.raises(VendorUnavailable, match=refusal) as raised:
        await requests.post(VENDOR, content=b"x")
    await requests.close()
    assert type(raised.value) is error
    assert not raised.value.may_have_accepted


async def test_proxy_that_is_not_there_has_nothing(network: Network) -> None:
    """As a vendor that cannot be reached."""
    requests = network.requests(HTTPS_PROXY="http://127.0.0.1:1")
    with pytest.raises(VendorUnavailable, match="cannot be reached") as raised:
        await requests.post(VENDOR, content=b"x")
    await requests.close()
    assert not raised.value.may_have_accepted


@pytest.mark.parametrize("url", ["proxy.example:3128", "socks5://proxy.example", "http://proxy.example/path"])
def test_address_that_is_no_proxy_is_named(url: str) -> None:
    """When the function starts."""
    with pytest.raises(Misconfigured, match="HTTPS_PROXY"):
        ProxySettings.read({"HTTPS_PROXY": url})


async def test_webhooks_of_admins_never_go_through_the_proxy(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their addresses are an admin's: they are connected to only as they were checked, whatever the settings say."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://{network.address}")
    sender = EventSender(hosts=PublicHosts(), clock=utc_now)
    event = WebhookEvent(type="webhook.test", timestamp=datetime.now(UTC).isoformat(), data={})
    for url in (VENDOR, "https://169.254.169.254/", "https://localhost/"):
        target = WebhookTarget(
            id="w",
            url=url,
            secret=SecretStr(SECRET),
            previous_secret=None,
            previous_until=None,
            state=WebhookState(types=("webhook.test",)),
        )
        answer = await sender.send(target, "0-0", event)
        assert (answer.status, answer.is_success) == (None, False)
    await sender.close()
    assert network.proxy.targets == []
