"""A vendor's URL cannot lead into a private network."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest
from pydantic import SecretStr

from common.errors import Misconfigured
from common.webhooks.public_addresses import is_public
from common.webhooks.public_hosts import AddressRefused, PublicHosts
from tests.component.test_webhook_vendor import SECRET, message
from vendor.vendor import VendorMisconfigured
from vendor.vendors.webhook.sender import WebhookSettings, WebhookVendor, create_vendor

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    *("::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "2002:7f00:1::"),
    *("::127.0.0.1", "::ffff:0:10.0.0.1", "fec0::1"),
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_no_public_one(address: str) -> None:
    """Also one that stands in an IPv6 address."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_one(address: str) -> None:
    """Of both versions."""
    assert is_public(address)


def hosts(*addresses: str) -> PublicHosts:
    """Each name has these addresses."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return PublicHosts(resolve=resolve)


@pytest.mark.parametrize("address", PRIVATE)
async def test_name_with_a_private_address_is_refused(address: str) -> None:
    """Also if it has a public address besides."""
    with pytest.raises(AddressRefused):
        await hosts("8.8.8.8", address).pin(httpx.Request("POST", "https://vendor.example/"))


async def test_request_goes_to_the_address_that_was_checked() -> None:
    """The DNS cannot answer differently the second time; the server still sees the name."""
    request = httpx.Request("POST", "https://vendor.example:8443/messages?a=b")
    await hosts("8.8.8.8").pin(request)
    assert str(request.url) == "https://8.8.8.8:8443/messages?a=b"
    assert request.headers["host"] == "vendor.example:8443"
    assert request.extensions["sni_hostname"] == "vendor.example"


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://localhost/"),
        *("https://169.254.169.254/computeMetadata/v1/", "https://[::ffff:169.254.169.254]/"),
    ],
)
async def test_message_is_not_posted_into_a_private_network(url: str) -> None:
    """The settings are wrong, so all messages wait and an alert is sent."""
    vendor = WebhookVendor(WebhookSettings(url=url, secret=SecretStr(SECRET)))
    with pytest.raises(VendorMisconfigured, match="not a public host"):
        await vendor.send(message())
    await vendor.close()


@pytest.mark.parametrize(
    ("url", "secret", "error"),
    [
        ("http://vendor.example", SECRET, "must begin with https"),
        ("https://vendor.example", "whsec_AA==", "at least 24"),
        ("https://vendor.example", "abc", "base64|at least 24"),
        ("ftp://vendor.example", SECRET, "WEBHOOK_URL"),
    ],
)
def test_unsafe_settings_are_refused(url: str, secret: str, error: str) -> None:
    """When the function starts, and not at the first message."""
    with pytest.raises(Misconfigured, match=error):
        create_vendor({"WEBHOOK_URL": url, "WEBHOOK_SECRET": secret})
